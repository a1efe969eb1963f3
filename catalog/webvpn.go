package catalog

// webvpn lists the messages of clientless VPN sessions: the Citrix ICA relay,
// 723001 to 723014, and the Secure Desktop check at login, 724001 and 724002.
//
// Editions of the guide write the session either as "Group g, User u, IP a: "
// or as "Group g User u IP a ", so entries with a session have both forms.
func webvpn() []Entry {
	const (
		family   = "webvpn"
		listed   = "Group {group:text}, User {user:text}, IP {address}: "
		unlisted = "Group {group:text} User {user:text} IP {address} "
		load     = "Check memory and buffer usage of the firewall and shed load or add memory if it is short. Contact Cisco TAC if it persists."
		client   = "Check that the Citrix ICA client works and look for packet loss between it and the firewall. Contact Cisco TAC if it continues on a clean path."
	)
	return []Entry{
		{
			ID: 723001, Severity: 6, Family: family,
			Summary: "Citrix ICA connection is up",
			Templates: []string{
				listed + "WebVPN Citrix ICA connection {connection} is up.",
				unlisted + "WebVPN Citrix ICA connection {connection} is up.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix ICA connection 17 is up.",
				"Group Staff , User alice , IP 192.0.2.10 : WebVPN Citrix ICA connection 17 is up.",
				"Group <Branch Staff> User <alice> IP <192.0.2.10> WebVPN Citrix ICA connection 17 is up.",
			},
			Meaning: "A Citrix ICA connection inside a clientless VPN session has been established.",
			Action:  "None.",
		},
		{
			ID: 723002, Severity: 6, Family: family,
			Summary: "Citrix ICA connection is down",
			Templates: []string{
				listed + "WebVPN Citrix ICA connection {connection} is down.",
				unlisted + "WebVPN Citrix ICA connection {connection} is down.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix ICA connection 17 is down.",
				"Group <Staff> User <alice> IP <2001:db8::10> WebVPN Citrix ICA connection 17 is down.",
			},
			Meaning: "A Citrix ICA connection inside a clientless VPN session has ended.",
			Action:  "None if the user, the server or an administrator closed it, or if the VPN session itself has ended. Otherwise look for errors on the ICA client and the Citrix server, and for delay and packet loss between them and the firewall. If it goes on, contact Cisco TAC with the network topology, delay and loss, the configuration of server and client, the steps that lead to it, and the full texts of all messages.",
		},
		{
			ID: 723003, Severity: 7, Family: family,
			Summary:   "Citrix ICA connection refused for lack of memory",
			Templates: []string{"No memory for WebVPN Citrix ICA connection {connection}."},
			Samples:   []string{"No memory for WebVPN Citrix ICA connection 17."},
			Meaning:   "The firewall did not have memory left for a Citrix ICA connection and refused it.",
			Action:    load,
		},
		{
			ID: 723004, Severity: 7, Family: family,
			Summary:   "Citrix relay met a flow control mismatch",
			Templates: []string{"WebVPN Citrix encountered bad flow control {flow:text}."},
			Samples:   []string{"WebVPN Citrix encountered bad flow control 3."},
			Meaning:   "The firewall's own flow control for Citrix got out of step, typically under a very high data rate or with very many ICA connections.",
			Action:    "Reduce the number of ICA connections through this firewall. Contact Cisco TAC if it persists.",
		},
		{
			ID: 723005, Severity: 7, Family: family,
			Summary:   "No channel for a Citrix ICA connection",
			Templates: []string{"No channel to set up WebVPN Citrix ICA connection."},
			Samples:   []string{"No channel to set up WebVPN Citrix ICA connection."},
			Meaning:   "The firewall could not create the channel that a new Citrix ICA connection needs.",
			Action:    "Check that the ICA client and the Citrix server are both running. " + load,
		},
		{
			ID: 723006, Severity: 7, Family: family,
			Summary:   "Internal SOCKS error in the Citrix relay",
			Templates: []string{"WebVPN Citrix SOCKS errors."},
			Samples:   []string{"WebVPN Citrix SOCKS errors."},
			Meaning:   "The Citrix relay of the firewall ran into an internal SOCKS error.",
			Action:    client,
		},
		{
			ID: 723007, Severity: 7, Family: family,
			Summary:   "Citrix connection list is corrupt",
			Templates: []string{"WebVPN Citrix ICA connection {connection} list is broken."},
			Samples:   []string{"WebVPN Citrix ICA connection 17 list is broken."},
			Meaning:   "The firewall's internal list of Citrix connections is damaged.",
			Action:    load,
		},
		{
			ID: 723008, Severity: 7, Family: family,
			Summary:   "Citrix SOCKS server does not exist",
			Templates: []string{"WebVPN Citrix ICA SOCKS Server {server} is invalid."},
			Samples:   []string{"WebVPN Citrix ICA SOCKS Server 198.51.100.20 is invalid."},
			Meaning:   "Something tried to reach a Citrix SOCKS server that does not exist on the firewall.",
			Action:    "Check that the user's VPN session is still up and watch the firewall for memory or buffer leaks. If it is frequent, note memory usage, topology and circumstances for Cisco TAC.",
		},
		{
			ID: 723009, Severity: 7, Family: family,
			Summary: "Data for a Citrix connection that does not exist",
			Templates: []string{
				listed + "WebVPN Citrix received data on invalid connection {connection}.",
				unlisted + "WebVPN Citrix received data on invalid connection {connection}.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix received data on invalid connection 17.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix received data on invalid connection 17.",
			},
			Meaning: "Data arrived for a Citrix connection that is gone, usually because closing the first published application also closed the connection of the others.",
			Action:  "Have the user restart all published applications so that a new ICA tunnel is built. If many users are affected, check the load and memory of the firewall.",
		},
		{
			ID: 723010, Severity: 7, Family: family, MayCarry: []ID{723009},
			Summary: "Channel close for a Citrix connection that does not exist",
			Templates: []string{
				listed + "WebVPN Citrix received closing channel {channel} for invalid connection {connection}.",
				unlisted + "WebVPN Citrix received closing channel {channel} for invalid connection {connection}.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix received closing channel 4 for invalid connection 17.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix received closing channel 4 for invalid connection 17.",
			},
			Meaning: "An abort arrived for a Citrix connection that is gone. Very high data rates or many ICA connections cause this, above all on a slow or lossy network.",
			Action:  "Reduce the number of ICA connections, add memory, or cure the delay and packet loss.",
		},
		{
			ID: 723011, Severity: 7, Family: family,
			Summary: "Citrix SOCKS message of wrong length",
			Templates: []string{
				listed + "WebVPN Citrix receives bad SOCKS {socks:text} message length {length:int}. Expected length is {expected_length:int}.",
				listed + "WebVPN Citrix received bad SOCKS {socks:text} message length {length:int}. Expected length is {expected_length:int}.",
				unlisted + "WebVPN Citrix receives bad SOCKS {socks:text} message length {length:int}. Expected length is {expected_length:int}.",
				unlisted + "WebVPN Citrix received bad SOCKS {socks:text} message length {length:int}. Expected length is {expected_length:int}.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix receives bad SOCKS CONNECT message length 12. Expected length is 10.",
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix received bad SOCKS CONNECT message length 12. Expected length is 10.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix receives bad SOCKS CONNECT message length 12. Expected length is 10.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix received bad SOCKS CONNECT message length 12. Expected length is 10.",
			},
			Meaning: "A Citrix client sent a SOCKS message whose length is not the expected one.",
			Action:  client,
		},
		{
			ID: 723012, Severity: 7, Family: family,
			Summary: "Citrix SOCKS message of wrong format",
			Templates: []string{
				listed + "WebVPN Citrix received bad SOCKS {socks:text} message format.",
				unlisted + "WebVPN Citrix received bad SOCKS {socks:text} message format.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix received bad SOCKS CONNECT message format.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix received bad SOCKS CONNECT message format.",
			},
			Meaning: "A Citrix client sent a SOCKS message that the firewall could not parse.",
			Action:  client,
		},
		{
			ID: 723013, Severity: 7, Family: family,
			Summary:   "Citrix timer found an invalid connection",
			Templates: []string{"WebVPN Citrix encountered invalid connection {connection} during periodic timeout."},
			Samples:   []string{"WebVPN Citrix encountered invalid connection 17 during periodic timeout."},
			Meaning:   "A periodic timer of the Citrix relay ran out and the connection it belongs to was no longer valid.",
			Action:    "Look for delay and packet loss from the ICA client to the firewall and from there to the Citrix server. " + load,
		},
		{
			ID: 723014, Severity: 7, Family: family,
			Summary: "Connection to a Citrix server opened",
			Templates: []string{
				listed + "WebVPN Citrix TCP connection {connection} to server {server} on channel {channel:hex} initiated.",
				unlisted + "WebVPN Citrix TCP connection {connection} to server {server} on channel {channel:hex} initiated.",
			},
			Samples: []string{
				"Group Staff, User alice, IP 192.0.2.10: WebVPN Citrix TCP connection 17 to server 198.51.100.20 on channel 0x1a initiated.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN Citrix TCP connection 17 to server 198.51.100.20 on channel 1a initiated.",
			},
			Meaning: "The firewall's internal Citrix gateway has connected to a Citrix server for this user.",
			Action:  "None.",
		},
		{
			ID: 724001, Severity: 4, Family: family,
			Summary: "Session refused: Secure Desktop result unreadable",
			Templates: []string{
				unlisted + "WebVPN session not allowed. Unable to determine if Cisco Secure Desktop was running on the client's workstation.",
				unlisted + "WebVPN session not allowed. Unable to determine if Secure Desktop software was running on the client's workstation.",
			},
			Samples: []string{
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN session not allowed. Unable to determine if Cisco Secure Desktop was running on the client's workstation.",
				"Group Staff User alice IP 192.0.2.10 WebVPN session not allowed. Unable to determine if Cisco Secure Desktop was running on the client's workstation.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN session not allowed. Unable to determine if Secure Desktop software was running on the client's workstation.",
			},
			Meaning: "The firewall failed to process the host check results of Secure Desktop and refused the session.",
			Action:  "Find out whether a firewall on the client's side truncates long URLs. Otherwise uninstall Secure Desktop on the client and connect again.",
		},
		{
			ID: 724002, Severity: 4, Family: family,
			Summary: "Session kept although Secure Desktop was not running",
			Templates: []string{
				unlisted + "WebVPN session not terminated. Cisco Secure Desktop was not running on the client's workstation.",
				unlisted + "WebVPN session not terminated. Secure Desktop was not running on the client's workstation.",
			},
			Samples: []string{
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN session not terminated. Cisco Secure Desktop was not running on the client's workstation.",
				"Group <Staff> User <alice> IP <192.0.2.10> WebVPN session not terminated. Secure Desktop was not running on the client's workstation.",
			},
			Meaning: "A client without a running Secure Desktop has a session, and the firewall has left the session open.",
			Action:  "Make sure that the user is able to install and run Secure Desktop on that machine.",
		},
	}
}
