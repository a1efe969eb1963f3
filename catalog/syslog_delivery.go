package catalog

// syslogDelivery lists the messages about the device's own syslog: 414001 to
// 414008, and 201008, which refuses all new connections for its sake.
func syslogDelivery() []Entry {
	const (
		family = "syslog_delivery"
		server = "TCP Syslog Server {server} "
		policy = "New connections are {policy:permitted|denied} based on logging permit-hostdown policy."

		down  = "Check that the syslog server or the exporter listens and can be reached. Set logging permit-hostdown, so that the device does not refuse traffic when a server is down."
		queue = "Raise logging queue, send fewer messages (logging list, no logging message), and check the receiver."
		none  = "None."
	)
	return []Entry{
		{
			ID: 201008, Severity: 3, Family: family,
			Summary:   "All new connections refused for lack of logging",
			Templates: []string{"Disallowing new connections.", "The {system:text} is disallowing new connections."},
			Samples:   []string{"Disallowing new connections.", "The ASA is disallowing new connections."},
			Meaning:   "A TCP syslog server cannot be reached and the device is not allowed to work without it: it refuses every new connection.",
			Action:    down,
		},
		{
			ID: 414001, Severity: 3, Family: family,
			Summary:   "Log not saved to an FTP server",
			Templates: []string{"Failed to save logging buffer using file name {file} to FTP server {address} on interface {interface}: {cause:text}", "Failed to save logging buffer using file name {rest:text}"},
			Samples:   []string{"Failed to save logging buffer using file name LOG-2026-03-17 to FTP server 192.0.2.30 on interface inside: [timeout]", "Failed to save logging buffer using file name LOG-2026-03-17"},
			Meaning:   "The log in memory was full and could not be saved.",
			Action:    "Check the FTP server, the account and the route.",
		},
		{
			ID: 414002, Severity: 3, Family: family,
			Summary:   "Log not saved to flash memory",
			Templates: []string{"Failed to save logging buffer to flash:/syslog directory using file name: {file}: {cause:text}", "Failed to save logging buffer to flash{rest:text}"},
			Samples:   []string{"Failed to save logging buffer to flash:/syslog directory using file name: LOG-2026-03-17: [no space]", "Failed to save logging buffer to flash"},
			Meaning:   "The log in memory was full and could not be saved.",
			Action:    "Make room on the flash memory.",
		},
		{
			ID: 414003, Severity: 3, Family: family, MayCarry: []ID{414005},
			Summary:   "TCP syslog server does not answer",
			Templates: []string{server + "not responding. " + policy, server + "not responding{rest:text}", server + "not connected, " + policy, server + "not connected{rest:text}"},
			Samples: []string{
				"TCP Syslog Server inside:192.0.2.10/5514 not responding. New connections are denied based on logging permit-hostdown policy.",
				"TCP Syslog Server inside:192.0.2.10/5514 not responding",
				"TCP Syslog Server inside:192.0.2.10/5514 not connected, New connections are denied based on logging permit-hostdown policy.",
				"TCP Syslog Server inside:192.0.2.10/5514 not connected",
			},
			Meaning: "The device has lost its connection to a syslog server; the text has whether it refuses traffic for that.",
			Action:  down,
		},
		{
			ID: 414004, Severity: 6, Family: family,
			Summary:   "TCP syslog server connected again",
			Templates: []string{server + "- Connection restored", server + "Connection restored"},
			Samples:   []string{"TCP Syslog Server inside:192.0.2.10/5514 - Connection restored", "TCP Syslog Server inside:192.0.2.10/5514 Connection restored"},
			Meaning:   "The device sends to its syslog server again.",
			Action:    none,
		},
		{
			ID: 414005, Severity: 3, Family: family, MayCarry: []ID{414003},
			Summary:   "TCP syslog server connected",
			Templates: []string{server + "connected, " + policy, server + "connected{rest:text}"},
			Samples: []string{
				"TCP Syslog Server inside:192.0.2.10/5514 connected, New connections are permitted based on logging permit-hostdown policy.",
				"TCP Syslog Server inside:192.0.2.10/5514 connected",
			},
			Meaning: "The device has connected to a syslog server.",
			Action:  none,
		},
		{
			ID: 414006, Severity: 3, Family: family,
			Summary:   "Logging queue full, new connections refused",
			Templates: []string{"TCP {what:Syslog Server|syslog} configured and logging queue is full. New connections denied based on logging permit-hostdown policy.", "TCP {what:Syslog Server|syslog} configured and logging queue is full{rest:text}"},
			Samples: []string{
				"TCP Syslog Server configured and logging queue is full. New connections denied based on logging permit-hostdown policy.",
				"TCP syslog server configured and logging queue is full",
			},
			Meaning: "Messages come faster than the syslog server takes them; the device refuses new connections and may lose messages.",
			Action:  queue,
		},
		{
			ID: 414007, Severity: 6, Family: family,
			Summary:   "TCP syslog server works, connections allowed again",
			Templates: []string{"TCP Syslog Server connection restored. New connections are allowed.", "TCP Syslog Server connection restored{rest:text}"},
			Samples:   []string{"TCP Syslog Server connection restored. New connections are allowed.", "TCP Syslog Server connection restored, new connections are permitted"},
			Meaning:   "The device sends to its syslog server again, and accepts traffic.",
			Action:    none,
		},
		{
			ID: 414008, Severity: 6, Family: family,
			Summary:   "Connections allowed after a change of the logging policy",
			Templates: []string{"New connections are now allowed due to change of logging permit-hostdown policy."},
			Samples:   []string{"New connections are now allowed due to change of logging permit-hostdown policy."},
			Meaning:   "Somebody has set logging permit-hostdown, and the device accepts traffic again.",
			Action:    none,
		},
	}
}
