package collectors

import "github.com/ftd-exporter/ftd_exporter/catalog"

// capacity collects what has run out, or nearly: CPU and memory, 199020, 321005 to
// 321007; memory that could not be allocated; and the limits of many kinds that
// made the device refuse something.
func capacity() Collector {
	var (
		resource = []Label{{Name: "resource", Values: []string{"cpu", "memory"}}}

		used = &Metric{
			Name: "ftd_system_utilization_ratio", Title: "Utilization", Type: Gauge, Unit: Ratio, Labels: resource, Expires: true,
			Help: "CPU or memory use, 0 to 1, when the device last reported it as too high; it does not report the return to normal.",
		}
		warnings = &Metric{
			Name: "ftd_system_utilization_warnings_total", Type: Counter, Labels: resource,
			Help: "Reports that CPU or memory use is too high.",
		}
		reload = &Metric{
			Name: "ftd_memory_reload_threshold_ratio", Title: "Memory use that reloads the device", Type: Gauge, Unit: Ratio, Expires: true,
			Help: "Memory use, 0 to 1, at which the device reloads by itself; reported as the use comes near.",
		}
		blocks = []Label{{Name: "block_size"}}
		free   = &Metric{
			Name: "ftd_memory_blocks_free", Title: "Free memory blocks", Type: Gauge, Labels: blocks, Expires: true,
			Help: "Free memory blocks of a size, in bytes, when the device last reported that few were left.",
		}
		most = &Metric{
			Name: "ftd_memory_blocks_limit", Title: "Memory blocks", Type: Gauge, Labels: blocks, Expires: true,
			Help: "Number of memory blocks of a size, in bytes, that the device has.",
		}
		allocation = &Metric{
			Name: "ftd_memory_allocation_failures_total", Type: Counter,
			Labels: []Label{{Name: "subsystem", Values: []string{"vpn", "clustering", "passwords", "jumbo_frames", Other}}},
			Help:   "Reports that memory could not be allocated, by subsystem.",
		}
		exhausted = &Metric{
			Name: "ftd_resource_exhausted_total", Type: Counter,
			Labels: []Label{{Name: "resource", Values: []string{
				"connections", "embryonic_connections", "nat_pool", "port_blocks", "fragments", "routes", "mac_table", "acl_memory",
				"deny_flows", "address_pool", "ike_sessions", "vpn_license", "tls_proxy", "data_plane_queue", "application_cache",
				"object_group_search", "licensed_hosts", "context_resource", "virtual_platform", "core_disk",
			}}},
			Help: "Reports that a limit was reached and something was refused. One refused request may be in more than one report.",
		}

		cpu    = Labels{"resource": "cpu"}
		memory = Labels{"resource": "memory"}
	)
	rules := []Rule{
		{211003, used, SetField("used"), cpu}, // Of old releases only.
		{321005, used, SetField("used"), cpu},
		{321005, warnings, Add(), cpu},
		{321006, used, SetField("used"), memory},
		{321006, warnings, Add(), memory},
		{199020, used, SetField("used"), memory},
		{199020, warnings, Add(), memory},
		{ID: 199020, Metric: reload, Value: SetField("limit")},
		{ID: 321007, Metric: free, Value: SetField("free")},
		{ID: 321007, Metric: most, Value: SetField("limit")},
	}
	for _, s := range []struct {
		subsystem string
		ids       []catalog.ID
	}{
		{"vpn", []catalog.ID{713176, 722002, 722004, 722005, 722044, 737023, 752005}},
		{"clustering", []catalog.ID{747011}},
		{"passwords", []catalog.ID{742006, 742007}},
		{"jumbo_frames", []catalog.ID{736001}},
		{Other, []catalog.ID{201005, 201006, 211001, 217001, 717008, 723003}},
	} {
		for _, id := range s.ids {
			rules = append(rules, Rule{id, allocation, Add(), Labels{"subsystem": s.subsystem}})
		}
	}
	for _, r := range []struct {
		resource string
		ids      []catalog.ID
	}{
		{"connections", []catalog.ID{201002, 201004, 201009, 201011, 201013, 202011}},
		{"embryonic_connections", []catalog.ID{201003, 201010, 201012, 407002}},
		{"nat_pool", []catalog.ID{202001, 202010}},
		{"port_blocks", []catalog.ID{305016, 305021, 305022, 305023}},
		{"fragments", []catalog.ID{209003, 209005, 209006}},
		{"routes", []catalog.ID{317005}},
		{"mac_table", []catalog.ID{412002}},
		{"acl_memory", []catalog.ID{106024}},
		{"deny_flows", []catalog.ID{106101}},
		{"address_pool", []catalog.ID{722020, 722041, 737019}},
		{"ike_sessions", []catalog.ID{750008, 750009, 750010, 751015}},
		{"vpn_license", []catalog.ID{316001, 751019}},
		{"tls_proxy", []catalog.ID{446001}},
		{"data_plane_queue", []catalog.ID{447001}},
		{"application_cache", []catalog.ID{302311}},
		{"object_group_search", []catalog.ID{815002}},
		{"licensed_hosts", []catalog.ID{407001}},
		{"context_resource", []catalog.ID{321001, 321002}},
		{"virtual_platform", []catalog.ID{770001, 770002, 770003}},
		{"core_disk", []catalog.ID{741006}},
	} {
		for _, id := range r.ids {
			rules = append(rules, Rule{id, exhausted, Add(), Labels{"resource": r.resource}})
		}
	}
	return Collector{
		Name:    "capacity",
		Summary: "limits that were reached",
		Metrics: []*Metric{used, warnings, reload, free, most, allocation, exhausted},
		Rules:   rules,
	}
}
