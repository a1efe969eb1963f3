package catalog

// addressAssignment lists the messages of address assignment to VPN clients: 737001 to
// 737038 of the assignment process itself (IPAA), 737200 to 737206 of its
// table of fixed addresses (VPNFIP), 737400 to 737407 of the local pools
// (POOLIP).
//
// Three prefixes occur in IPAA texts. Current releases print the session and a
// space before it, some editions of the guide omit that space from 737025 on,
// and older releases do not print the session. Tunnel groups and message names
// may be quoted. Older releases do not name the local pool, and have other texts
// for 737024, 737025 and 737028 to 737032.
//
// One edition of the guide prints 737036 under the id 737035, another prints
// 737034 under 737030; see MayCarry there.
func addressAssignment() []Entry {
	const (
		family  = "address_assignment"
		session = "IPAA: Session={session:hex}, "
		tight   = "IPAA:Session={session:hex}, "
		bare    = "IPAA: "
		vpnfip  = "VPNFIP: Pool={pool}, "
		poolip  = "POOLIP: Pool={pool}, "

		none     = "None."
		dhcp     = "Check the DHCP servers and the scope set for this tunnel group, and that the servers are up and reachable from the firewall."
		failover = "Check show failover on both units; if they have drifted apart, find out why before relying on a switchover."
		tac      = "Collect the session's earlier messages and report them to Cisco TAC."
		repeats  = "Contact Cisco TAC if it keeps coming."
	)
	return []Entry{
		{
			ID: 737001, Severity: 7, Family: family,
			Summary: "Address assignment received a message",
			Templates: []string{
				session + "Received message '{message:text}'",
				session + "Received message {message:text}",
				bare + "Received message '{message:text}'",
				bare + "Received message {message:text}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Received message 'UTL_IP_[IKE_]ADDR_REQ'",
				"IPAA: Session=0x1122334455667788, Received message UTL_IP_DHCP_ADDR",
				"IPAA: Received message 'UTL_IP_[IKE_]ADDR_REQ'",
				"IPAA: Received message message-type",
			},
			Meaning: "The address assignment process has taken a message from its queue.",
			Action:  none,
		},
		{
			ID: 737002, Severity: 3, Family: family,
			Summary: "Address assignment received an unknown message",
			Templates: []string{
				session + "Received unknown message '{message:text}'",
				session + "Received unknown message {message:text}",
				"IPAA: Session={session:hex},Received unknown message '{message:text}'",
				"IPAA: Session={session:hex},Received unknown message {message:text}",
				bare + "Received unknown message '{message:text}'",
				bare + "Received unknown message {message:text}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Received unknown message '42'",
				"IPAA: Session=0x1122334455667788, Received unknown message 42",
				"IPAA: Session= 0x1122334455667788,Received unknown message '42'",
				"IPAA: Session= 0x1122334455667788,Received unknown message 42 variables",
				"IPAA: Received unknown message '42'",
				"IPAA: Received unknown message 42",
			},
			Meaning: "The address assignment process has received an internal message with an unknown number.",
			Action:  "None for a single one. If clients fail to get addresses at the same time, report the number to Cisco TAC.",
		},
		{
			ID: 737003, Severity: 5, Family: family,
			Summary: "No usable DHCP server for a tunnel group",
			Templates: []string{
				session + "DHCP configured, no viable servers found for tunnel-group '{tunnel_group:text}'",
				session + "DHCP configured, no viable servers found for tunnel-group {tunnel_group:text}",
				bare + "DHCP configured, no viable servers found for tunnel-group '{tunnel_group:text}'",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, DHCP configured, no viable servers found for tunnel-group 'Remote Staff'",
				"IPAA: Session=0x1122334455667788, DHCP configured, no viable servers found for tunnel-group DefaultRAGroup",
				"IPAA: DHCP configured, no viable servers found for tunnel-group 'DefaultRAGroup'",
			},
			Meaning: "A tunnel group takes client addresses from DHCP, but none of its servers can be used.",
			Action:  dhcp,
		},
		{
			ID: 737004, Severity: 5, Family: family,
			Summary: "DHCP request for a tunnel group failed",
			Templates: []string{
				session + "DHCP configured, request failed for tunnel-group '{tunnel_group:text}'",
				session + "DHCP configured, request failed for tunnel-group {tunnel_group:text}",
				bare + "DHCP configured, request failed for tunnel-group '{tunnel_group:text}'",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, DHCP configured, request failed for tunnel-group 'DefaultRAGroup'",
				"IPAA: Session=0x1122334455667788, DHCP configured, request failed for tunnel-group DefaultRAGroup",
				"IPAA: DHCP configured, request failed for tunnel-group 'DefaultRAGroup'",
			},
			Meaning: "A tunnel group takes client addresses from DHCP, and the request for one has failed.",
			Action:  dhcp,
		},
		{
			ID: 737005, Severity: 6, Family: family,
			Summary: "DHCP request for a tunnel group succeeded",
			Templates: []string{
				session + "DHCP configured, request succeeded for tunnel-group '{tunnel_group:text}'",
				session + "DHCP configured, request succeeded for tunnel-group {tunnel_group:text}",
				bare + "DHCP configured, request succeeded for tunnel-group '{tunnel_group:text}'",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, DHCP configured, request succeeded for tunnel-group 'DefaultRAGroup'",
				"IPAA: Session=0x1122334455667788, DHCP configured, request succeeded for tunnel-group DefaultRAGroup",
				"IPAA: DHCP configured, request succeeded for tunnel-group 'DefaultRAGroup'",
			},
			Meaning: "A DHCP server has answered the request for a client address.",
			Action:  none,
		},
		{
			ID: 737006, Severity: 6, Family: family,
			Summary: "Local pool request for a tunnel group succeeded",
			Templates: []string{
				session + "Local pool request succeeded for tunnel-group '{tunnel_group:text}'",
				session + "Local pool request succeeded for tunnel-group {tunnel_group:text}",
				bare + "Local pool request succeeded for tunnel-group '{tunnel_group:text}'",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Local pool request succeeded for tunnel-group 'Remote Staff'",
				"IPAA: Session=0x1122334455667788, Local pool request succeeded for tunnel-group DefaultWEBVPNGroup",
				"IPAA: Local pool request succeeded for tunnel-group 'DefaultWEBVPNGroup'",
			},
			Meaning: "A local pool had an address for a client of this tunnel group.",
			Action:  none,
		},
		{
			ID: 737007, Severity: 5, Family: family,
			Summary: "Local pool request for a tunnel group failed",
			Templates: []string{
				session + "Local pool request failed for tunnel-group '{tunnel_group:text}'",
				session + "Local pool request failed for tunnel-group {tunnel_group:text}",
				bare + "Local pool request failed for tunnel-group '{tunnel_group:text}'",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Local pool request failed for tunnel-group 'DefaultWEBVPNGroup'",
				"IPAA: Session=0x1122334455667788, Local pool request failed for tunnel-group DefaultWEBVPNGroup",
				"IPAA: Local pool request failed for tunnel-group 'DefaultWEBVPNGroup'",
			},
			Meaning: "The local pools did not have an address for a client of this tunnel group. Usually all their addresses are in use.",
			Action:  "Look at free and used addresses with show ip local pool. Enlarge the pool or end stale sessions.",
		},
		{
			ID: 737008, Severity: 5, Family: family,
			Summary: "Tunnel group of a client not found",
			Templates: []string{
				session + "'{tunnel_group:text}' not found",
				session + "tunnel-group '{tunnel_group:text}' not found",
				bare + "'{tunnel_group:text}' not found",
				bare + "tunnel-group '{tunnel_group:text}' not found",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, 'Remote Staff' not found",
				"IPAA: Session=0x1122334455667788, tunnel-group 'Remote Staff' not found",
				"IPAA: 'DefaultRAGroup' not found",
				"IPAA: tunnel-group 'DefaultRAGroup' not found",
			},
			Meaning: "The tunnel group of a connecting client could not be found when an address was wanted. This can be a software defect.",
			Action:  "Check that the tunnel group still exists in the running configuration. If it does, report this to Cisco TAC.",
		},
		{
			ID: 737009, Severity: 6, Family: family,
			Summary: "Address from AAA could not be assigned",
			Templates: []string{
				session + "AAA assigned address {address}, request failed",
				bare + "AAA assigned address {address}, request failed",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, AAA assigned address 192.0.2.17 , request failed",
				"IPAA: AAA assigned address 2001:db8::17, request failed",
			},
			Meaning: "AAA named a particular address for a client, but the request for it failed. Another client may be using the address.",
			Action:  "Find out who holds the address, and check the AAA server and the local pools that may overlap with it.",
		},
		{
			ID: 737010, Severity: 6, Family: family,
			Summary: "Address from AAA assigned",
			Templates: []string{
				session + "AAA assigned address {address}, request succeeded",
				session + "AAA assigned address {address}, succeeded",
				bare + "AAA assigned address {address}, request succeeded",
				bare + "AAA assigned address {address}, succeeded",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, AAA assigned address 192.0.2.17 , request succeeded",
				"IPAA: Session=0x1122334455667788, AAA assigned address 2001:db8::17, succeeded",
				"IPAA: AAA assigned address 192.0.2.17, request succeeded",
				"IPAA: AAA assigned address 192.0.2.17, succeeded",
			},
			Meaning: "AAA named a particular address for a client, and the client got it.",
			Action:  none,
		},
		{
			ID: 737011, Severity: 5, Family: family,
			Summary: "Address from AAA not permitted, trying another way",
			Templates: []string{
				session + "AAA assigned {address}, not permitted, retrying",
				session + "AAA assigned address {address}, not permitted, retrying",
				bare + "AAA assigned {address}, not permitted, retrying",
				bare + "AAA assigned address {address}, not permitted, retrying",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, AAA assigned 192.0.2.17 , not permitted, retrying",
				"IPAA: Session=0x1122334455667788, AAA assigned address 2001:db8::17, not permitted, retrying",
				"IPAA: AAA assigned 192.0.2.17, not permitted, retrying",
				"IPAA: AAA assigned address 192.0.2.17, not permitted, retrying",
			},
			Meaning: "AAA named a particular address for a client, but vpn-addr-assign aaa is not configured. The firewall falls back to the methods that are configured.",
			Action:  "If clients are meant to have their own addresses, enable vpn-addr-assign aaa; otherwise remove the address from the AAA server.",
		},
		{
			ID: 737012, Severity: 4, Family: family,
			Summary: "No address could be assigned to a client",
			Templates: []string{
				session + "Address assignment failed",
				bare + "Address assignment failed",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Address assignment failed",
				"IPAA: Address assignment failed",
			},
			Meaning: "A VPN client asked for a particular address, and the request failed.",
			Action:  "Check the configured methods: local pools for free addresses, the AAA server, the DHCP server. Log at severity 5 or 6 for a while to see the reason in the messages before this one.",
		},
		{
			ID: 737013, Severity: 4, Family: family,
			Summary: "Address to be freed was not on the assigned list",
			Templates: []string{
				session + "Error freeing address {address}, not found",
				bare + "Error freeing address {address}, not found",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Error freeing address 192.0.2.17 , not found",
				"IPAA: Error freeing address 192.0.2.17, not found",
			},
			Meaning: "The firewall wanted to release an address that it did not have on record as assigned, as happens after pools were reconfigured under live sessions.",
			Action:  "Check recent changes to pools and address assignment. If it goes on without any, report it to Cisco TAC as a possible defect.",
		},
		{
			ID: 737014, Severity: 6, Family: family,
			Summary: "Address from AAA freed",
			Templates: []string{
				session + "Freeing AAA address {address}",
				bare + "Freeing AAA address {address}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Freeing AAA address 192.0.2.17",
				"IPAA: Freeing AAA address 2001:db8::17",
			},
			Meaning: "An address that AAA had assigned is free again.",
			Action:  none,
		},
		{
			ID: 737015, Severity: 6, Family: family,
			Summary: "Address from DHCP freed",
			Templates: []string{
				session + "Freeing DHCP address {address}",
				bare + "Freeing DHCP address {address}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Freeing DHCP address 192.0.2.17",
				"IPAA: Freeing DHCP address 192.0.2.17",
			},
			Meaning: "An address that a DHCP server had assigned has been released.",
			Action:  none,
		},
		{
			ID: 737016, Severity: 6, Family: family,
			Summary: "Address from a local pool freed",
			Templates: []string{
				session + "Freeing local pool {pool} address {address}",
				session + "Freeing local pool address {address}",
				bare + "Freeing local pool {pool} address {address}",
				bare + "Freeing local pool address {address}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Freeing local pool VPN-POOL address 192.0.2.17",
				"IPAA: Session=0x1122334455667788, Freeing local pool address 192.0.2.17",
				"IPAA: Freeing local pool VPN-POOL address 2001:db8::17",
				"IPAA: Freeing local pool address 192.0.2.17",
			},
			Meaning: "An address has gone back to its local pool.",
			Action:  none,
		},
		{
			ID: 737017, Severity: 6, Family: family,
			Summary: "DHCP request sent",
			Templates: []string{
				session + "DHCP request attempt {attempt:int} succeeded",
				bare + "DHCP request attempt {attempt:int} succeeded",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, DHCP request attempt 1 succeeded",
				"IPAA: DHCP request attempt 2 succeeded",
			},
			Meaning: "The firewall has sent a request for a client address to a DHCP server.",
			Action:  none,
		},
		{
			ID: 737018, Severity: 5, Family: family,
			Summary: "DHCP request could not be sent",
			Templates: []string{
				session + "DHCP request attempt {attempt:int} failed",
				bare + "DHCP request attempt {attempt:int} failed",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, DHCP request attempt 1 failed",
				"IPAA: DHCP request attempt 2 failed",
			},
			Meaning: "The firewall could not get a request for a client address out to a DHCP server.",
			Action:  "Check the DHCP settings of the tunnel group and the route and interface toward the server.",
		},
		{
			ID: 737019, Severity: 4, Family: family,
			Summary: "No address left in the local pools",
			Templates: []string{
				session + "Unable to get address from group-policy or tunnel-group local pools",
				bare + "Unable to get address from group-policy or tunnel-group local pools",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Unable to get address from group-policy or tunnel-group local pools",
				"IPAA: Unable to get address from group-policy or tunnel-group local pools",
			},
			Meaning: "Neither the group policy's pools nor the tunnel group's pools had a free address. They are probably used up.",
			Action:  "Look at show ip local pool. Then check that the group policy and the tunnel group name the intended pools.",
		},
		{
			ID: 737023, Severity: 5, Family: family,
			Summary: "No memory to record a local pool address",
			Templates: []string{
				session + "Unable to allocate memory to store local pool address {address}",
				bare + "Unable to allocate memory to store local pool address {address}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Unable to allocate memory to store local pool address 192.0.2.17",
				"IPAA: Unable to allocate memory to store local pool address 192.0.2.17",
			},
			Meaning: "The firewall is so short of memory that it cannot record an address that it has just taken from a pool.",
			Action:  "Look at show memory for load or a leak; expect other failures soon. Contact Cisco TAC if memory does not come back.",
		},
		{
			ID: 737024, Severity: 5, Family: family,
			Summary: "Address wanted by a client is in use, trying another",
			Templates: []string{
				session + "Client requested address {address}, already in use, retrying",
				bare + "Client requested address {address}, already in use, retrying",
				session + "Local pool assignment failed for suggested IP {address}, retrying",
				bare + "Local pool assignment failed for suggested IP {address}, retrying",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Client requested address 192.0.2.17 , already in use, retrying",
				"IPAA: Client requested address 192.0.2.17, already in use, retrying",
				"IPAA: Session=0x1122334455667788, Local pool assignment failed for suggested IP 192.0.2.17, retrying",
				"IPAA: Local pool assignment failed for suggested IP 192.0.2.17, retrying",
			},
			Meaning: "The address that a client asked for is taken. The firewall tries to give it a different one.",
			Action:  none,
		},
		{
			ID: 737025, Severity: 5, Family: family,
			Summary: "Duplicate local pool address quarantined",
			Templates: []string{
				tight + "Duplicate local pool address found, {address} in quarantine",
				session + "Duplicate local pool address found, {address} in quarantine",
				bare + "Duplicate local pool address found, {address} in quarantine",
				session + "Not releasing local pool {address}, due to local pool duplicate issue",
				bare + "Not releasing local pool {address}, due to local pool duplicate issue",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Duplicate local pool address found, 192.0.2.17 in quarantine",
				"IPAA: Session=0x1122334455667788, Duplicate local pool address found, 2001:db8::17 in quarantine",
				"IPAA: Duplicate local pool address found, 192.0.2.17 in quarantine",
				"IPAA: Session=0x1122334455667788, Not releasing local pool 192.0.2.17, due to local pool duplicate issue",
				"IPAA: Not releasing local pool 192.0.2.17, due to local pool duplicate issue",
			},
			Meaning: "The address about to be handed out is in use already. The firewall has taken it out of the pool for good, so the pool shrinks by one.",
			Action:  "Look for pools that overlap with each other or with static and DHCP addresses. If there are none, report a possible defect to Cisco TAC.",
		},
		{
			ID: 737026, Severity: 6, Family: family,
			Summary: "Client got an address from a local pool",
			Templates: []string{
				session + "Client assigned {address} from local pool {pool}",
				session + "Client assigned {address} from local pool",
				tight + "Client assigned {address} from local pool {pool}",
				bare + "Client assigned {address} from local pool {pool}",
				bare + "Client assigned {address} from local pool",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Client assigned 192.0.2.17 from local pool VPN-POOL",
				"IPAA: Session=0x1122334455667788, Client assigned 192.0.2.17 from local pool",
				"IPAA:Session= 0x1122334455667788, Client assigned 2001:db8::17 from local pool VPN-POOL",
				"IPAA: Client assigned 192.0.2.17 from local pool VPN-POOL",
				"IPAA: Client assigned 192.0.2.17 from local pool",
			},
			Meaning: "A client has been given this address from a local pool.",
			Action:  none,
		},
		{
			ID: 737027, Severity: 3, Family: family,
			Summary: "Address request without data",
			Templates: []string{
				tight + "No data for address request",
				session + "No data for address request",
				bare + "No data for address request",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, No data for address request",
				"IPAA: Session=0x1122334455667788, No data for address request",
				"IPAA: No data for address request",
			},
			Meaning: "The firewall does not have the data of an address request. This is a software defect.",
			Action:  tac,
		},
		{
			ID: 737028, Severity: 4, Family: family,
			Summary: "Standby not notified of an address: no communication",
			Templates: []string{
				tight + "Unable to send {address} to standby: communication failure",
				session + "Unable to send {address} to standby: communication failure",
				bare + "Unable to send {address} to standby: communication failure",
				session + "Adding {address} to standby: failed",
				bare + "Adding {address} to standby: failed",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Unable to send 192.0.2.17 to standby: communication failure",
				"IPAA: Session=0x1122334455667788, Unable to send 2001:db8::17 to standby: communication failure",
				"IPAA: Unable to send 192.0.2.17 to standby: communication failure",
				"IPAA: Session=0x1122334455667788, Adding 192.0.2.17 to standby: failed",
				"IPAA: Adding 192.0.2.17 to standby: failed",
			},
			Meaning: "The active unit could not reach the standby unit to notify it of an assigned address; the pair may be out of step.",
			Action:  failover,
		},
		{
			ID: 737029, Severity: 6, Family: family,
			Summary: "Standby took over an address assignment",
			Templates: []string{
				tight + "Added {address} to standby",
				session + "Added {address} to standby",
				bare + "Added {address} to standby",
				session + "Adding {address} to standby: succeeded",
				bare + "Adding {address} to standby: succeeded",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Added 192.0.2.17 to standby",
				"IPAA: Session=0x1122334455667788, Added 2001:db8::17 to standby",
				"IPAA: Added 192.0.2.17 to standby",
				"IPAA: Session=0x1122334455667788, Adding 192.0.2.17 to standby: succeeded",
				"IPAA: Adding 192.0.2.17 to standby: succeeded",
			},
			Meaning: "The standby unit has recorded an address that the active unit assigned.",
			Action:  none,
		},
		{
			ID: 737030, Severity: 4, Family: family, MayCarry: []ID{737034},
			Summary: "Standby refused an address: already in use there",
			Templates: []string{
				tight + "Unable to send {address} to standby: address in use",
				session + "Unable to send {address} to standby: address in use",
				bare + "Unable to send {address} to standby: address in use",
				session + "Adding {address} to standby: address already in use",
				bare + "Adding {address} to standby: address already in use",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Unable to send 192.0.2.17 to standby: address in use",
				"IPAA: Session=0x1122334455667788, Unable to send 2001:db8::17 to standby: address in use",
				"IPAA: Unable to send 192.0.2.17 to standby: address in use",
				"IPAA: Session=0x1122334455667788, Adding 192.0.2.17 to standby: address already in use",
				"IPAA: Adding 192.0.2.17 to standby: address already in use",
			},
			Meaning: "The active unit wanted to assign an address that the standby unit already has in use; the pair may be out of step.",
			Action:  failover,
		},
		{
			ID: 737031, Severity: 6, Family: family,
			Summary: "Standby dropped an address assignment",
			Templates: []string{
				tight + "Removed {address} from standby",
				session + "Removed {address} from standby",
				bare + "Removed {address} from standby",
				session + "Removing {address} from standby: succeeded",
				bare + "Removing {address} from standby: succeeded",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Removed 192.0.2.17 from standby",
				"IPAA: Session=0x1122334455667788, Removed 2001:db8::17 from standby",
				"IPAA: Removed 192.0.2.17 from standby",
				"IPAA: Session=0x1122334455667788, Removing 192.0.2.17 from standby: succeeded",
				"IPAA: Removing 192.0.2.17 from standby: succeeded",
			},
			Meaning: "The standby unit has cleared an address that the active unit released.",
			Action:  none,
		},
		{
			ID: 737032, Severity: 4, Family: family,
			Summary: "Standby could not drop an address: not in use there",
			Templates: []string{
				tight + "Unable to remove {address} from standby: address not found",
				session + "Unable to remove {address} from standby: address not found",
				bare + "Unable to remove {address} from standby: address not found",
				session + "Removing {address} from standby: not found",
				bare + "Removing {address} from standby: not found",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Unable to remove 192.0.2.17 from standby: address not found",
				"IPAA: Session=0x1122334455667788, Unable to remove 2001:db8::17 from standby: address not found",
				"IPAA: Unable to remove 192.0.2.17 from standby: address not found",
				"IPAA: Session=0x1122334455667788, Removing 192.0.2.17 from standby: not found",
				"IPAA: Removing 192.0.2.17 from standby: not found",
			},
			Meaning: "The active unit released an address that the standby unit did not have in use; the pair may be out of step.",
			Action:  failover,
		},
		{
			ID: 737033, Severity: 4, Family: family,
			Summary: "Offered address was assigned by another method before",
			Templates: []string{
				tight + "Unable to assign {allocator:text} provided IP address {address} to client. This IP address has already been assigned by {previous_allocator:text}",
				session + "Unable to assign {allocator:text} provided IP address {address} to client. This IP address has already been assigned by {previous_allocator:text}",
				session + "Unable to assign {allocator:text} provided IP address {address} to Client. This IP address has already been assigned by {previous_allocator:text}",
				bare + "Unable to assign {allocator:text} provided IP address {address} to client. This IP address has already been assigned by {previous_allocator:text}",
			},
			Samples: []string{
				"IPAA:Session= 0x1122334455667788, Unable to assign DHCP provided IP address 192.0.2.17 to client. This IP address has already been assigned by local pool",
				"IPAA: Session=0x1122334455667788, Unable to assign local pool provided IP address 192.0.2.17 to client. This IP address has already been assigned by AAA",
				"IPAA: Session=0x1122334455667788 , Unable to assign AAA provided IP address 192.0.2.17 to Client. This IP address has already been assigned by DHCP",
				"IPAA: Unable to assign AAA provided IP address 192.0.2.17 to client. This IP address has already been assigned by Local Pool",
			},
			Meaning: "AAA, DHCP or a local pool offered an address that another of the three has given to a client before.",
			Action:  "Compare the address ranges of AAA, DHCP scopes and local pools, and remove the overlap.",
		},
		{
			ID: 737034, Severity: 5, Family: family,
			Summary: "No address could be provided, with a reason",
			Templates: []string{
				session + "{ip_version} address: {reason:text}",
				tight + "{ip_version} address: {reason:text}",
			},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, IPv4 address: Error explanation.",
				"IPAA: Session=0x1122334455667788, IPv6 address: no IPv6 address available from local pools",
				"IPAA:Session=0x1122334455667788, IPv4 address: callback failed during IPv4 request",
			},
			Meaning: "The firewall cannot provide an address of this IP version to a client; the text gives the reason.",
			Action:  "Act on the reason. A reason that only names IPv6 is harmless if clients need IPv4 only.",
		},
		{
			ID: 737035, Severity: 7, Family: family, MayCarry: []ID{737036},
			Summary:   "Message queued for address assignment",
			Templates: []string{session + "'{message:text}' message queued"},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, 'UTL_IP_[IKE_]ADDR_REQ' message queued",
				"IPAA: Session= 0x1122334455667788, '<IPv4 address request>' message queued",
			},
			Meaning: "A message waits for the address assignment process; 737001 follows when it is taken up. There is no rate limit on this message.",
			Action:  "None. Switch it off with no logging message 737035 if there are too many.",
		},
		{
			ID: 737036, Severity: 6, Family: family,
			Summary:   "Client got an address from DHCP",
			Templates: []string{session + "Client assigned {address} from DHCP"},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, Client assigned 192.0.2.17 from DHCP",
				"IPAA: Session= 0x1122334455667788, Client assigned <192.0.2.17> from DHCP",
			},
			Meaning: "A client has been given an address that came from a DHCP server. There is no rate limit on this message.",
			Action:  none,
		},
		{
			ID: 737038, Severity: 7, Family: family,
			Summary:   "Address set by AAA is in use, asking for another",
			Templates: []string{session + "specified address {address} was in-use, trying to get another."},
			Samples: []string{
				"IPAA: Session=0x1122334455667788, specified address 192.0.2.17 was in-use, trying to get another.",
				"IPAA: Session=0x1122334455667788, specified address 2001:db8::17 was in-use, trying to get another",
			},
			Meaning: "The AAA server named an address for a user, but it is taken. The request goes back into the queue to get another one.",
			Action:  "None for a single one. If one user causes it often, look for a second session of that user or for a pool that holds the address.",
		},
		{
			ID: 737200, Severity: 7, Family: family,
			Summary:   "Address allocated from a local pool (VPNFIP)",
			Templates: []string{vpnfip + "Allocated {address} from pool"},
			Samples: []string{
				"VPNFIP: Pool=VPN-POOL, Allocated 192.0.2.17 from pool",
				"VPNFIP: Pool=VPN-POOL6, Allocated 2001:db8::17 from pool",
			},
			Meaning: "An address has been taken from this local pool.",
			Action:  none,
		},
		{
			ID: 737201, Severity: 7, Family: family,
			Summary:   "Address returned to a local pool (VPNFIP)",
			Templates: []string{vpnfip + "Returned {address} to pool (recycle={recycle})"},
			Samples: []string{
				"VPNFIP: Pool=VPN-POOL, Returned 192.0.2.17 to pool (recycle=TRUE)",
				"VPNFIP: Pool=VPN-POOL, Returned 2001:db8::17 to pool (recycle=FALSE).",
			},
			Meaning: "An address is back in its local pool. With recycle FALSE, after a collision with an address from AAA or DHCP, it is not handed out again soon.",
			Action:  none,
		},
		{
			ID: 737202, Severity: 3, Family: family,
			Summary:   "Error in the VPNFIP database",
			Templates: []string{vpnfip + "ERROR: {message:text}"},
			Samples:   []string{"VPNFIP: Pool=VPN-POOL, ERROR: unable to insert address 192.0.2.17"},
			Meaning:   "Something went wrong in the VPNFIP database for this pool; the text has the details.",
			Action:    repeats,
		},
		{
			ID: 737203, Severity: 4, Family: family,
			Summary:   "Warning from the VPNFIP database",
			Templates: []string{vpnfip + "WARN: {message:text}"},
			Samples:   []string{"VPNFIP: Pool=VPN-POOL, WARN: address 192.0.2.17 not found"},
			Meaning:   "The VPNFIP database warns about this pool; the text has the details.",
			Action:    repeats,
		},
		{
			ID: 737204, Severity: 5, Family: family,
			Summary:   "Notice from the VPNFIP database",
			Templates: []string{vpnfip + "NOTIFY: {message:text}"},
			Samples:   []string{"VPNFIP: Pool=VPN-POOL, NOTIFY: pool has been reconfigured"},
			Meaning:   "The VPNFIP database reports an event worth a notice for this pool.",
			Action:    none,
		},
		{
			ID: 737205, Severity: 6, Family: family,
			Summary:   "Information from the VPNFIP database",
			Templates: []string{vpnfip + "INFO: {message:text}"},
			Samples:   []string{"VPNFIP: Pool=VPN-POOL, INFO: pool created"},
			Meaning:   "The VPNFIP database reports an ordinary event for this pool.",
			Action:    none,
		},
		{
			ID: 737206, Severity: 7, Family: family,
			Summary:   "Debugging output of the VPNFIP database",
			Templates: []string{vpnfip + "DEBUG: {message:text}"},
			Samples:   []string{"VPNFIP: Pool=VPN-POOL, DEBUG: looking up 192.0.2.17"},
			Meaning:   "The VPNFIP database prints internals about this pool for debugging.",
			Action:    none,
		},
		{
			ID: 737400, Severity: 7, Family: family,
			Summary:   "Address allocated from a local pool (POOLIP)",
			Templates: []string{poolip + "Allocated {address} from pool"},
			Samples: []string{
				"POOLIP: Pool=VPN-POOL, Allocated 192.0.2.17 from pool",
				"POOLIP: Pool=VPN-POOL6, Allocated 2001:db8::17 from pool",
			},
			Meaning: "An address has been taken from this local pool.",
			Action:  none,
		},
		{
			ID: 737401, Severity: 7, Family: family,
			Summary:   "Address returned to a local pool (POOLIP)",
			Templates: []string{poolip + "Returned {address} to pool (recycle={recycle})."},
			Samples: []string{
				"POOLIP: Pool=VPN-POOL, Returned 192.0.2.17 to pool (recycle=TRUE).",
				"POOLIP: Pool=VPN-POOL, Returned 2001:db8::17 to pool (recycle=FALSE)",
			},
			Meaning: "An address is back in its local pool. With recycle FALSE, after a collision with an address from AAA or DHCP, it is not handed out again soon.",
			Action:  none,
		},
		{
			ID: 737402, Severity: 4, Family: family,
			Summary:   "Address could not be returned to a local pool",
			Templates: []string{poolip + "Failed to return {address} to pool (recycle={recycle}). Reason: {reason:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, Failed to return 192.0.2.17 to pool (recycle=TRUE). Reason: address not in pool range"},
			Meaning:   "A pool did not take an address back, for instance because the address lies outside its range.",
			Action:    "None for a single one, above all after the pool was changed. If it repeats, compare the pool's range with the address.",
		},
		{
			ID: 737403, Severity: 3, Family: family,
			Summary:   "Error in the local pool database",
			Templates: []string{poolip + "ERROR: {message:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, ERROR: unable to insert address 192.0.2.17"},
			Meaning:   "Something went wrong in the database of this local pool; the text has the details.",
			Action:    repeats,
		},
		{
			ID: 737404, Severity: 4, Family: family,
			Summary:   "Warning from the local pool database",
			Templates: []string{poolip + "WARN: {message:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, WARN: address 192.0.2.17 not found"},
			Meaning:   "The database of this local pool warns of something; the text has the details.",
			Action:    repeats,
		},
		{
			ID: 737405, Severity: 5, Family: family,
			Summary:   "Notice from the local pool database",
			Templates: []string{poolip + "NOTIFY: {message:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, NOTIFY: pool has been reconfigured"},
			Meaning:   "The database of this local pool reports an event worth a notice.",
			Action:    none,
		},
		{
			ID: 737406, Severity: 6, Family: family,
			Summary:   "Information from the local pool database",
			Templates: []string{poolip + "INFO: {message:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, INFO: pool created"},
			Meaning:   "The database of this local pool reports an ordinary event.",
			Action:    none,
		},
		{
			ID: 737407, Severity: 7, Family: family,
			Summary:   "Debugging output of the local pool database",
			Templates: []string{poolip + "DEBUG: {message:text}"},
			Samples:   []string{"POOLIP: Pool=VPN-POOL, DEBUG: looking up 192.0.2.17"},
			Meaning:   "The database of this local pool prints internals for debugging.",
			Action:    none,
		},
	}
}
