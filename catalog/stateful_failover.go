package catalog

// statefulFailover lists the messages about connections that are not replicated to
// the standby unit, 210001 to 210022 (LU stands for logical update), and those of
// VPN sessions, 720007 to 720044, 840001, 8300003 and 8300005.
func statefulFailover() []Entry {
	const (
		family = "stateful_failover"
		vpn    = "(VPN-{failover_unit:Primary|Secondary|unit}) "

		lost   = "A connection is missing on the standby unit and would not survive a failover."
		once   = "None for a few of them. If they go on, check the load of the stateful failover link with show failover, and compare the configurations of the units."
		memory = "See show memory and show blocks on the unit that sends the message, and reduce its load."
	)
	return []Entry{
		{
			ID: 210001, Severity: 3, Family: family,
			Summary:   "Connection replication error",
			Templates: []string{"LU {module:text} error = {code}"},
			Samples:   []string{"LU SW_Module_Name error = 3"},
			Meaning:   "The replication of connections has failed with an internal error.",
			Action:    "None for a single message. If it repeats, contact Cisco TAC.",
		},
		{
			ID: 210002, Severity: 3, Family: family,
			Summary:   "No memory to replicate connections",
			Templates: []string{"LU allocate block ({bytes:text}) failed."},
			Samples:   []string{"LU allocate block (1550) failed."},
			Meaning:   "The unit did not have a memory block for a replication message.",
			Action:    memory,
		},
		{
			ID: 210003, Severity: 3, Family: family,
			Summary:   "Unknown replication message from the peer",
			Templates: []string{"Unknown LU Object {object}"},
			Samples:   []string{"Unknown LU Object 42"},
			Meaning:   "The peer has replicated something that this unit does not support: different versions or a disturbed link.",
			Action:    "Install the same version on both units, and check the stateful failover link.",
		},
		{
			ID: 210005, Severity: 3, Family: family,
			Summary: "Connection not created on the standby unit",
			Templates: []string{
				"LU allocate secondary(optional) connection failed for {connection:text}",
				"LU allocate secondary connection failed",
				"LU allocate connection failed for {connection:text}",
				"LU allocate connection failed",
			},
			Samples: []string{
				"LU allocate secondary(optional) connection failed for TCP connection from outside:198.51.100.7/50000 to inside:10.0.0.1/443",
				"LU allocate secondary connection failed",
				"LU allocate connection failed for UDP connection from outside:198.51.100.7/50000 to inside:10.0.0.1/53",
				"LU allocate connection failed",
			},
			Meaning: lost,
			Action:  once,
		},
		{
			ID: 210006, Severity: 3, Family: family,
			Summary:   "Address translation not found on the standby unit",
			Templates: []string{"LU look NAT for {address} failed"},
			Samples:   []string{"LU look NAT for 10.0.0.1 failed"},
			Meaning:   lost + " The standby unit does not have a rule for the address.",
			Action:    once,
		},
		{
			ID: 210007, Severity: 3, Family: family,
			Summary:   "Address translation not created on the standby unit",
			Templates: []string{"LU allocate xlate failed for {translation:text}", "LU allocate xlate failed"},
			Samples: []string{
				"LU allocate xlate failed for dynamic PAT translation from inside:10.0.0.1/50000 (10.0.0.1/50000) to outside:192.0.2.1/50000 (192.0.2.1/50000)",
				"LU allocate xlate failed",
			},
			Meaning: lost + " The standby unit could not create its translation.",
			Action:  memory,
		},
		{
			ID: 210008, Severity: 3, Family: family,
			Summary:   "Connection without a translation on the standby unit",
			Templates: []string{"LU no xlate for {inside} {outside}", "LU no xlate for {addresses:text}"},
			Samples:   []string{"LU no xlate for 10.0.0.1/443 198.51.100.7/50000", "LU no xlate for inside:10.0.0.1/443 to outside:198.51.100.7/50000"},
			Meaning:   lost + " The standby unit does not have its translation.",
			Action:    once,
		},
		{
			ID: 210010, Severity: 3, Family: family,
			Summary:   "UDP connection not created on the standby unit",
			Templates: []string{"LU make UDP connection for {addresses:text} failed"},
			Samples:   []string{"LU make UDP connection for 198.51.100.7:50000 10.0.0.1:53 failed"},
			Meaning:   lost,
			Action:    memory,
		},
		{
			ID: 210011, Severity: 3, Family: family,
			Summary:   "Connection limit reached on the standby unit",
			Templates: []string{"Connection limit exceeded {count:int}/{limit:int} for {packet:text}"},
			Samples:   []string{"Connection limit exceeded 1000/1000 for inbound packet from 198.51.100.7/50000 to 10.0.0.1/443 on interface outside"},
			Meaning:   lost + " The connection limit of the standby unit was reached.",
			Action:    once,
		},
		{
			ID: 210020, Severity: 3, Family: family,
			Summary:   "Port of a translation not reserved on the standby unit",
			Templates: []string{"LU PAT port {port} reserve failed"},
			Samples:   []string{"LU PAT port 50000 reserve failed"},
			Meaning:   lost + " The port of its translation is taken there.",
			Action:    once,
		},
		{
			ID: 210021, Severity: 3, Family: family,
			Summary:   "Static translation not created on the standby unit",
			Templates: []string{"LU create static xlate {address} ifc {interface} failed"},
			Samples:   []string{"LU create static xlate 192.0.2.80 ifc outside failed"},
			Meaning:   lost + " The standby unit could not create its static translation.",
			Action:    once,
		},
		{
			ID: 210022, Severity: 6, Family: family,
			Summary:   "Replication messages missed",
			Templates: []string{"LU missed {count:int} updates"},
			Samples:   []string{"LU missed 240 updates"},
			Meaning:   "The standby unit found a gap in the sequence of replication messages.",
			Action:    once,
		},
		{
			ID: 720007, Severity: 4, Family: family,
			Summary:   "No memory to replicate VPN sessions",
			Templates: []string{vpn + "Failed to allocate chunk from {pool:text}", vpn + "Failed to allocate a chunk{rest:text}"},
			Samples:   []string{"(VPN-Primary) Failed to allocate chunk from chunk manager", "(VPN-unit) Failed to allocate a chunk of 512 bytes"},
			Meaning:   "The replication of VPN sessions has run out of its memory.",
			Action:    memory,
		},
		{
			ID: 720033, Severity: 4, Family: family,
			Summary:   "VPN replication message not queued",
			Templates: []string{vpn + "Failed to queue {message:text}"},
			Samples:   []string{"(VPN-Secondary) Failed to queue add to message queue."},
			Meaning:   "The replication of VPN sessions could not queue a message; memory may be low.",
			Action:    memory,
		},
		{
			ID: 720043, Severity: 4, Family: family,
			Summary:   "VPN replication message not sent",
			Templates: []string{vpn + "Failed to send type {message:text} to {peer:text}"},
			Samples:   []string{"(VPN-Primary) Failed to send type SESSION message id 12 to standby unit"},
			Meaning:   "A VPN session is missing on the standby unit.",
			Action:    "Check the failover link with show failover.",
		},
		{
			ID: 720044, Severity: 4, Family: family,
			Summary:   "VPN replication message not received",
			Templates: []string{vpn + "Failed to receive message from {peer:text}"},
			Samples:   []string{"(VPN-Secondary) Failed to receive message from active unit"},
			Meaning:   "The standby unit could not read a message about VPN sessions.",
			Action:    "Check the failover link with show failover.",
		},
		{
			ID: 840001, Severity: 3, Family: family,
			Summary:   "IKEv2 session not backed up",
			Templates: []string{"Failed to create the backup for an IKEv2 session {addresses:text}"},
			Samples:   []string{"Failed to create the backup for an IKEv2 session <192.0.2.11>, <198.51.100.7>"},
			Meaning:   "A cluster member did not get the copy of a VPN session of another one, so the session would not survive its failure.",
			Action:    "Check the cluster control link, and the memory of the members.",
		},
		{
			ID: 8300003, Severity: 3, Family: family,
			Summary:   "VPN sessions not redistributed: message not sent",
			Templates: []string{"Failed to send session redistribution message to {member:text}"},
			Samples:   []string{"Failed to send session redistribution message to <unit-2-1>"},
			Meaning:   "The control unit could not order a member to move VPN sessions.",
			Action:    "Check the cluster control link. Order the redistribution again.",
		},
		{
			ID: 8300005, Severity: 3, Family: family,
			Summary:   "VPN sessions not redistributed: no answer",
			Templates: []string{"Failed to receive session move response from {member:text}"},
			Samples:   []string{"Failed to receive session move response from <unit-2-1>"},
			Meaning:   "A member did not confirm that it has moved VPN sessions.",
			Action:    "Check the cluster control link. Order the redistribution again.",
		},
	}
}
