package catalog

// system lists messages from other chapters of the guide that report that the
// device as a whole starts, reloads or runs out of CPU or memory: 199001 to
// 199006, 199020 and 199021, 321005 and 321006. It includes 199013 to 199019,
// which carry the text of another process, one for each severity, and 315009,
// whose text an edition of the guide has under 768003.
func system() []Entry {
	const (
		family  = "system"
		carried = "Another process of the device logged a message at this severity; the firewall passes its text on unchanged."
		read    = "Read the text: it decides what to do. Ask Cisco TAC if it names a fault that you cannot identify."
		memory  = "Look for the consumer with show memory and show processes memory. Shed load: fewer connections, inspections and access rules. If usage only ever grows, suspect a leak and contact Cisco TAC."
		reload  = "None if the reload was planned. Otherwise ask the user named in the message, or look for the session that ordered it, and expect traffic to stop until the device is back."
	)
	return []Entry{
		{
			ID: 199001, Severity: 5, Family: family,
			Summary: "Reload ordered",
			Templates: []string{
				"Reload command executed from {session:text} (remote {address}).",
				"Reload command executed from {session:text}.",
				"Reloaded at {time:text} by {user:text}. Reload reason:{cause:text}",
				"Reloaded at {time:text} by {user:text}.",
			},
			Samples: []string{
				"Reload command executed from telnet (remote 192.0.2.15).",
				"Reload command executed from Telnet (remote 192.0.2.15)",
				"Reload command executed from console",
				"Reloaded at 02:14:16 UTC Tue Mar 5 2024 by enable_15 from ssh (remote 192.0.2.15). Reload reason: Upgrade",
				"Reloaded at 02:14:16 UTC Tue Mar 5 2024 by enable_15",
			},
			Meaning: "Somebody gave the reload command; the device restarts.",
			Action:  reload,
		},
		{
			ID: 199002, Severity: 6, Family: family,
			Summary: "Startup completed",
			Templates: []string{
				"Startup completed. Beginning operation.",
				"startup completed. Beginning operation.",
				"{system:text} startup completed. Beginning operation.",
			},
			Samples: []string{
				"Startup completed. Beginning operation.",
				"startup completed.  Beginning operation.",
				"ASA startup completed. Beginning operation.",
			},
			Meaning: "The device has booted, has read its configuration from flash and begins to pass traffic.",
			Action:  "None after a planned restart. After an unplanned one, look for the cause with show version, show crashinfo and the messages before it.",
		},
		{
			ID: 199005, Severity: 6, Family: family,
			Summary: "Startup begun",
			Templates: []string{
				"Startup begin",
				"{system:text} Startup begin",
			},
			Samples: []string{
				"Startup begin",
				"ASA Startup begin",
			},
			Meaning: "The device has started to boot.",
			Action:  "None. 199002 must follow; if it does not, look at the console.",
		},
		{
			ID: 199006, Severity: 5, Family: family,
			Summary: "Orderly reload started",
			Templates: []string{
				"Orderly reload started at {time:text} by {user:text}. Reload reason:{cause:text}",
				"Orderly reload started at {time:text} by {user:text}.",
			},
			Samples: []string{
				"Orderly reload started at 02:14:16 UTC Tue Mar 5 2024 by enable_15 from ssh (remote 192.0.2.15). Reload reason: Upgrade",
				"Orderly reload started at 02:14:16 UTC Tue Mar 5 2024 by admin. Reload reason:unspecified",
				"Orderly reload started at 02:14:16 UTC Tue Mar 5 2024 by admin",
			},
			Meaning: "The device stops its subsystems in order and then restarts, for the reason given.",
			Action:  reload,
		},
		{
			ID: 199013, Severity: 1, Family: family,
			Summary:   "Alert from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 kernel: Machine check events logged"},
			Meaning:   carried,
			Action:    read,
		},
		{
			ID: 199014, Severity: 2, Family: family,
			Summary:   "Critical message from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 kernel: EXT3-fs error (device sda1): ext3_find_entry: reading directory"},
			Meaning:   carried,
			Action:    read,
		},
		{
			ID: 199015, Severity: 3, Family: family,
			Summary:   "Error from another process",
			Templates: []string{"{text:text}"},
			Samples: []string{
				"port-manager: PHYREG debug list for if_index = 7 is empty",
				"port-manager: mrvlGetPortNumFromSrcId: port was not found for src_id 12",
			},
			Meaning: carried,
			Action:  "Read the text: it decides what to do. Messages of port-manager about ports that are not found are harmless.",
		},
		{
			ID: 199016, Severity: 4, Family: family,
			Summary:   "Warning from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 acpid: input device has been disconnected, fd 4"},
			Meaning:   carried,
			Action:    "Read the text: it decides what to do. The acpid message about a disconnected input device is harmless.",
		},
		{
			ID: 199017, Severity: 5, Family: family,
			Summary:   "Notification from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 sshd[1842]: Received signal 15; terminating."},
			Meaning:   carried,
			Action:    "None.",
		},
		{
			ID: 199018, Severity: 6, Family: family,
			Summary:   "Informational message from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 ntpd[977]: kernel time sync status change 2001"},
			Meaning:   carried,
			Action:    "None.",
		},
		{
			ID: 199019, Severity: 7, Family: family,
			Summary:   "Debugging message from another process",
			Templates: []string{"{text:text}"},
			Samples:   []string{"Mar 5 02:14:16 ntpd[977]: peer 192.0.2.123 event 'event_reach'"},
			Meaning:   carried,
			Action:    "None.",
		},
		{
			ID: 199020, Severity: 2, Family: family,
			Summary:   "Memory near the level that reloads the device",
			Templates: []string{"System memory utilization has reached {used:ratio}. System will reload if memory usage reaches the configured trigger level of {limit:ratio}."},
			Samples: []string{
				"System memory utilization has reached 76%. System will reload if memory usage reaches the configured trigger level of 95%.",
				"System memory utilization has reached 76 %. System will reload if memory usage reaches the configured trigger level of 95 %.",
			},
			Meaning: "Memory use has reached 80 percent of the level at which the memory watchdog restarts the device.",
			Action:  memory + " Act before the limit: the device reloads by itself.",
		},
		{
			ID: 199021, Severity: 1, Family: family,
			Summary: "Reloading: memory watchdog level reached",
			Templates: []string{
				"System memory utilization has reached the configured watchdog trigger level of {limit:ratio}. System will now reload.",
				"System memory utilization has reached the configured threshold of {limit:ratio}. System will now reload.",
			},
			Samples: []string{
				"System memory utilization has reached the configured watchdog trigger level of 95%. System will now reload.",
				"System memory utilization has reached the configured threshold of 95%. System will now reload.",
				"System memory utilization has reached the configured threshold of 95%%. System will now reload.",
			},
			Meaning: "Memory use has reached the level set for the memory watchdog, and the device restarts at this moment.",
			Action:  "Check that the peer took over or that the device comes back. " + memory,
		},
		{
			ID: 315009, Severity: 4, Family: family,
			Summary:   "SSH session timed out",
			Templates: []string{"SSH: connection timed out: username {user:text}, IP {address}"},
			Samples:   []string{"SSH: connection timed out: username jdoe, IP 192.0.2.5"},
			Meaning:   "The device closed an SSH session that was idle for too long.",
			Action:    "None.",
		},
		{
			ID: 321005, Severity: 2, Family: family,
			Summary:   "CPU overloaded",
			Templates: []string{"System CPU utilization reached {used:ratio}"},
			Samples:   []string{"System CPU utilization reached 97%", "System CPU utilization reached 97 %"},
			Meaning:   "CPU use has been at 95 percent or more for five minutes. Packets may be dropped.",
			Action:    "Find the load with show processes cpu-usage non-zero, show traffic and show conn count. If it is not an attack and does not pass, remove load or contact Cisco TAC.",
		},
		{
			ID: 321006, Severity: 2, Family: family,
			Summary: "Memory nearly exhausted",
			Templates: []string{
				"System Memory usage reached {used:ratio}",
				"System memory usage reached {used:ratio}",
			},
			Samples: []string{
				"System Memory usage reached 93%",
				"System memory usage reached 81 %",
			},
			Meaning: "Memory use has been at 80 percent or more for five minutes.",
			Action:  memory,
		},
	}
}
