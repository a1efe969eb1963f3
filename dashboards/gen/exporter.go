package main

// exporter is the board about the exporters themselves: whether the data on the
// other boards is complete and current.
func exporter() board {
	each := func(expr string) query { return query{expr: expr, legend: "{{instance}}"} }
	byListener := func(metric, legend string) query {
		return query{expr: sumBy("instance, listener", rate(own(metric))), legend: "{{listener}}" + legend + " {{instance}}"}
	}
	counted := func(metric, legend string) query {
		return query{expr: sumBy("instance, listener", eventsOf(own(metric))), legend: "{{listener}}" + legend + " {{instance}}"}
	}
	bad := thresholds(idle, step{0.5, broken})

	up := stat(4, "Exporter", "Whether Prometheus reaches the exporter.", "none", each(maxBy("instance", exportersOf()))).with("mappings", upOrDown()).with("noValue", "none known")
	reload := stat(4, "Configuration", "Whether the last attempts to load the configuration and to read the files of devices_files succeeded. If not, the last valid configuration or inventory is in use.", "none",
		each(maxBy("instance", own("ftd_exporter_config_last_reload_successful"))+" * "+maxBy("instance", own("ftd_exporter_devices_files_last_read_successful")))).with("mappings", okOrFailed())
	restore := stat(4, "State of earlier runs", "Whether the state file could be read at the start. FAILED: everything that devices reported before the start is missing.", "none",
		each(maxBy("instance", own("ftd_exporter_state_restore_successful")))).with("mappings", okOrFailed()).with("noValue", "unknown")
	dropped := stat(4, "Datagrams lost", "Datagrams that the kernel dropped in the time shown because the receive buffer was full.", "short",
		query{expr: sumBy("instance", inAllTime(own("ftd_exporter_syslog_dropped_total"))), legend: "{{instance}}", instant: true}).with("thresholds", bad).with("noValue", "unknown")
	lastFrame := stat(8, "Last frame", "How long ago each listener last received something; a listener that has never received anything is left out.", "s",
		query{expr: "time() - (" + maxBy("instance, listener", own("ftd_exporter_listener_last_frame_timestamp_seconds")) + " > 0)", legend: "{{listener}} {{instance}}"}).
		with("decimals", 0).with("thresholds", colors(good, step{600, warned}, step{3600, absent})).with("noValue", "unknown")
	silence := stat(4, "Devices silent", "Devices that have sent nothing for a day, management centers for a week, or never.", "none",
		query{expr: "count(" + silentFor("86400") + ") or 0 * count(" + lastMessage() + ")"}).
		with("thresholds", thresholds(idle, step{1, absent})).with("decimals", 0).with("noValue", "no device known")
	alerts := alertTable(12, "Alerts of exporters", "Alerts about exporters that fire now, the most severe first. Click a name for its runbook.", `device=""`).with("noValue", "no alert fires")
	devices := stat(4, "Devices", "Devices in the table.", "none", each(maxBy("instance", own("ftd_exporter_devices"))))
	series := stat(4, "Series", "Series in the table.", "short", each(maxBy("instance", own("ftd_exporter_series"))))
	for _, p := range []*panel{&up, &reload, &restore, &dropped, &devices, &series} {
		*p = p.named()
	}
	lastFrame.options["textMode"], lastFrame.options["orientation"] = "value_and_name", "horizontal"

	frames := chart(8, "Frames received", "Datagrams and stream frames, whatever they contain.", "suffix:/s", byListener("ftd_exporter_syslog_frames_total", ""))
	bytes := chart(8, "Bytes received", "Bytes in these frames.", "Bps", byListener("ftd_exporter_syslog_bytes_total", ""))
	connections := chart(8, "TCP connections", "Open syslog connections, and how many were closed because the limit was reached.", "none",
		query{expr: sumBy("instance, listener", own("ftd_exporter_tcp_connections")), legend: "{{instance}} {{listener}}"},
		counted("ftd_exporter_tcp_connections_evicted_total", " closed"),
	)

	drops := chart(8, "Lost in the kernel", "Datagrams that the kernel dropped because the receive buffer was full. Raise net.core.rmem_max and restart the exporter.", "none",
		counted("ftd_exporter_syslog_dropped_total", "")).events()
	rejects := chart(8, "Frames rejected", "Frames that are not a message of a firewall, by reason.", "none",
		query{expr: sumBy("instance, listener, reason", eventsOf(own("ftd_exporter_syslog_rejected_total"))), legend: "{{reason}} {{listener}} {{instance}}"}).events()
	caps := chart(8, "Refused by limits", "Series and devices that the table refused because a limit was reached, by reason.", "none",
		query{expr: sumBy("instance, reason", eventsOf(own("ftd_exporter_series_rejected_total"))), legend: "{{reason}} {{instance}}"}).events()

	use := bars(12, "Limits in use", "How much of each limit of the table is in use, and of the connections that one listener and the web server can have.", "percentunit",
		query{expr: ofLimit("instance", own("ftd_exporter_devices"), "devices"), legend: "{{instance}} devices", instant: true},
		query{expr: ofLimit("instance", own("ftd_exporter_series"), "series"), legend: "{{instance}} series", instant: true},
		query{expr: ofLimit("instance", own("ftd_exporter_label_bytes"), "label_bytes"), legend: "{{instance}} label bytes", instant: true},
		query{expr: ofLimit("instance, listener", own("ftd_exporter_tcp_connections"), "tcp_connections"), legend: "{{instance}} {{listener}}", instant: true},
		query{expr: ofLimit("instance", own("ftd_exporter_http_connections"), "http_connections"), legend: "{{instance}} HTTP", instant: true},
	).with("max", 1).with("thresholds", colors("semi-dark-blue", step{0.8, warned}, step{1, broken})).namesAbove()
	evicted := chart(8, "Devices that made room", "Devices without hardware states that were forgotten because a device of the inventory needed the place, and lines of the log that were dropped because nobody read them.", "none",
		query{expr: sumBy("instance", eventsOf(own("ftd_exporter_devices_evicted_total"))), legend: "devices {{instance}}"},
		query{expr: sumBy("instance", eventsOf(own("ftd_exporter_log_lines_dropped_total"))), legend: "log lines {{instance}}"}).events()
	silent := table(8, "Last frame of each listener", "When each listener last received something.",
		[]string{"instance", "listener"}, "received",
		column{"received", milliseconds(maxBy("instance, listener", own("ftd_exporter_listener_last_frame_timestamp_seconds")) + " > 0"), ago()}).rising().with("noValue", "unknown")

	refused := chart(24, "Connections that never began", "Connections that ended in the TLS handshake, or because a trusted proxy did not send a valid PROXY header, and client certificates with a name that cannot name a device.", "none",
		counted("ftd_exporter_tls_handshake_failures_total", " TLS"),
		counted("ftd_exporter_tls_client_names_refused_total", " name"),
		counted("ftd_exporter_proxy_header_failures_total", " PROXY")).events()
	lifetimes := stat(6, "Certificates", "How long the certificate of each TLS listener is still valid.", "suffix: days",
		query{expr: "(" + minBy("instance, listener", own("ftd_exporter_tls_certificate_not_after_timestamp_seconds")) + " - time()) / 86400", legend: "{{instance}} {{listener}}"}).
		with("thresholds", colors(broken, step{7, warned}, step{21, good})).with("decimals", 0).with("noValue", "none known")
	files := stat(6, "Certificate files", "Whether the files of the certificate could be used when they were last read. If not, the last valid files are in use.", "none",
		query{expr: minBy("instance, listener", own("ftd_exporter_tls_certificate_reload_successful")), legend: "{{instance}} {{listener}}"}).
		with("mappings", okOrFailed()).with("noValue", "none known")
	lifetimes, files = lifetimes.named(), files.named()

	outcomes := chart(8, "Messages that change nothing", "Messages with an id that is not in the catalog, which are most of the traffic, and messages that the configuration ignores.", "mps",
		query{expr: sumBy("instance", rate(own("ftd_exporter_messages_uncatalogued_total"))), legend: "{{instance}} not in the catalog"},
		query{expr: sumBy("instance", rate(own("ftd_exporter_messages_ignored_total"))), legend: "{{instance}} ignored"},
	)
	unmatched := table(8, "Unmatched texts", "Messages whose id is in the catalog, but whose text matches no template; they changed nothing. Please report the line.",
		[]string{"instance", "message_id"}, "messages",
		column{"messages", maxBy("instance, message_id", own("ftd_exporter_messages_unmatched_total")), nil})
	contradicted := table(8, "Text of another id", "Messages that carry the text of another id than the printed id; the text decided.",
		[]string{"instance", "message_id"}, "messages",
		column{"messages", maxBy("instance, message_id", own("ftd_exporter_messages_contradicted_total")), nil})

	for _, p := range []*panel{&unmatched, &contradicted} {
		p.overrides = append(p.overrides, override("byName", "message_id", "links", []object{{
			"title": "Meaning of ${__value.text}", "url": "http://${__data.fields.instance}/messages#${__value.raw}", "targetBlank": true,
		}}))
	}

	senders := bars(12, "Busiest devices", "Devices that send the most messages per second now.", "mps",
		query{expr: top(10, sumBy("device", maxBy("device, severity", rate(of("ftd_syslog_messages_total"))))), legend: "{{device}}", instant: true})
	clocks := bars(12, "Clocks furthest off", "Devices whose clock differs most from the exporter's clock, in either direction.", "s",
		query{expr: top(10, maxBy("device", "abs("+of("ftd_device_clock_skew_seconds")+")")), legend: "{{device}}", instant: true}).
		with("thresholds", colors("semi-dark-blue", step{60, warned}, step{3600, broken}))
	buffers := chart(8, "Receive buffers", "Size of the kernel's buffer of each UDP listener. The exporter asks for 8 MiB.", "bytes",
		query{expr: maxBy("instance, listener", own("ftd_exporter_syslog_receive_buffer_bytes")), legend: "{{instance}} {{listener}}"})

	commits := chart(8, "Writes to the state file", "Number of writes, and of those that failed, in red. Changes of a failed write are kept and written later.", "none",
		query{expr: sumBy("instance", eventsOf(own("ftd_exporter_state_commits_total"))), legend: "written {{instance}}"},
		query{expr: sumBy("instance", eventsOf(own("ftd_exporter_state_commit_failures_total"))), legend: "failed {{instance}}"},
	).events()
	commits.overrides = append(commits.overrides, override("byFrameRefID", "B", "color", fixed("red")))
	writes := chart(8, "Duration of writes", "How long 99 of 100 writes to the state file take at most, and half of them.", "s",
		query{expr: quantile(0.99, "instance", own("ftd_exporter_state_commit_duration_seconds_bucket")), legend: "{{instance}} 99%"},
		query{expr: quantile(0.5, "instance", own("ftd_exporter_state_commit_duration_seconds_bucket")), legend: "{{instance}} 50%"})
	size := chart(8, "Size of the state file", "Bytes that the file takes.", "bytes", each(maxBy("instance", own("ftd_exporter_state_file_bytes"))))
	written := table(8, "State file", "Whether the file can be written, when it was written last, and how often it was written anew because it was removed, replaced or damaged.",
		[]string{"instance"}, "written",
		column{"writable", minBy("instance", own("ftd_exporter_state_writable")), []any{"mappings", okOrFailed()}},
		column{"written", milliseconds(maxBy("instance", own("ftd_exporter_state_last_commit_timestamp_seconds")) + " > 0"), ago()},
		column{"anew", maxBy("instance", own("ftd_exporter_state_rewrites_total")), nil})
	restored := table(8, "Restored at the start", "Series that were read from the state file, series that this version does not support, and those that were damaged or missing.",
		[]string{"instance"}, "restored",
		column{"restored", maxBy("instance", own("ftd_exporter_state_restored_series")), nil},
		column{"skipped", maxBy("instance", own("ftd_exporter_state_skipped_series")), nil},
		column{"damaged", maxBy("instance", own("ftd_exporter_state_damaged_series")), nil})
	versions := table(8, "Versions", "Version of each exporter, when it started and when it last loaded its configuration.",
		[]string{"instance", "version"}, "started",
		column{"started", milliseconds(maxBy("instance, version", own("process_start_time_seconds")+" * on (job, instance) group_left (version) "+own("ftd_exporter_build_info"))), ago()},
		column{"configured", milliseconds(maxBy("instance, version", own("ftd_exporter_config_last_reload_success_timestamp_seconds")+" * on (job, instance) group_left (version) "+own("ftd_exporter_build_info"))), ago()})

	duration := chart(8, "Duration of scrapes", "How long Prometheus takes to scrape the exporter.", "s", each(maxBy("instance", ours(own("scrape_duration_seconds")))))
	samples := chart(8, "Samples for each scrape", "Number of samples in a scrape.", "short", each(maxBy("instance", ours(own("scrape_samples_scraped")))))
	answers := chart(12, "Scrapes by result", "Answers to scrapes: refused because too many were being answered, failed because metrics could not be gathered, aborted because the client left or read too slowly.", "none",
		query{expr: sumBy("instance, result", eventsOf(own("ftd_exporter_scrapes_total"))), legend: "{{result}} {{instance}}"}).events()
	clients := chart(12, "HTTP connections", "Open HTTP connections, and how many were closed because the limit was reached.", "none",
		query{expr: maxBy("instance", own("ftd_exporter_http_connections")), legend: "{{instance}}"},
		query{expr: sumBy("instance", eventsOf(own("ftd_exporter_http_connections_evicted_total"))), legend: "{{instance}} closed"},
	)
	memory := chart(8, "Memory", "Resident memory of the process, and heap memory in use.", "bytes",
		query{expr: maxBy("instance", ours(own("process_resident_memory_bytes"))), legend: "{{instance}} resident"},
		query{expr: maxBy("instance", ours(own("go_memory_classes_heap_objects_bytes"))), legend: "{{instance}} heap"},
	)
	cpu := chart(8, "CPU", "Processor time, in cores.", "none", each(maxBy("instance", ours(rate(own("process_cpu_seconds_total"))))))
	descriptors := chart(8, "Open files", "Open files and connections, and their limit.", "none",
		query{expr: maxBy("instance", ours(own("process_open_fds"))), legend: "{{instance}}"},
		query{expr: maxBy("instance", ours(own("process_max_fds"))), legend: "{{instance}} limit"},
	).dashed("B", "red")
	routines := chart(8, "Goroutines", "Goroutines of the process; a steady rise is a bug.", "none", each(maxBy("instance", ours(own("go_goroutines")))))

	for _, p := range []*panel{&frames, &bytes, &connections, &outcomes, &writes, &size, &duration, &samples, &clients, &memory, &cpu, &descriptors, &routines, &buffers} {
		p.options["legend"] = object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{"lastNotNull"}}
	}

	return board{
		uid: "ftd-exporter", title: "FTD / Exporter",
		description: "The exporters themselves: incoming traffic, losses and their causes, and whether state is stored.",
		from:        "now-6h", refresh: "1m",
		variables: []object{datasourceVariable(), jobVariable(), instanceVariable(), anyDeviceVariable()},
		rows: []row{
			{height: 4, panels: []panel{up, reload, restore, dropped, silence, devices}},
			{height: 7, panels: []panel{alerts, use}},
			{height: 4, panels: []panel{lastFrame, series, files, lifetimes}},
			{title: "Intake", height: 7, panels: []panel{frames, bytes, connections}},
			{title: "Losses", height: 7, panels: []panel{drops, rejects, caps}},
			{height: 7, panels: []panel{evicted, silent, buffers}},
			{title: "TLS and proxies", folded: true, height: 5, panels: []panel{refused}},
			{title: "Messages", height: 7, panels: []panel{outcomes, unmatched, contradicted}},
			{height: 7, panels: []panel{senders, clocks}},
			{title: "State and configuration", folded: true, height: 7, panels: []panel{commits, writes, size}},
			{height: 7, panels: []panel{written, restored, versions}},
			{title: "Cost", folded: true, height: 7, panels: []panel{duration, samples, memory}},
			{height: 7, panels: []panel{cpu, descriptors, routines}},
			{height: 7, panels: []panel{answers, clients}},
		},
	}
}
