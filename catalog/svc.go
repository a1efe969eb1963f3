package catalog

// svc lists the messages about VPN client sessions over SSL, 722001 to 722056.
// SVC, the SSL VPN Client, is Cisco's old name for AnyConnect, which is now
// called Secure Client.
//
// Devices print group, user and address in angle brackets, the guide does not;
// the fields accept both. 722007 to 722014 are one message for each level from
// EMERGENCY to DEBUG. The guide prints all of them except 722013 with another
// level's word, so their templates have the word that devices print first and
// the guide's word after it.
func svc() []Entry {
	const (
		family = "svc"

		session = "Group {group:text} User {user:text} IP {client} "
		tunnel  = "TunnelGroup {tunnel_group:text} GroupPolicy {group_policy:text} User {user:text} IP {client} "
		said    = session + "SVC Message: {message_type:int}/"
		ended   = session + "SVC Session Termination: "
		traffic = " {data_bytes:int} (+{control_bytes:int}) bytes, {data_packets:int} (+{control_packets:int}) packets, {dropped_packets:int} drops."

		types   = " Type 0 is normal, 16 a logout, 17 a close because of an error, 18 a close for rekeying."
		memory  = "Compare show memory with the number of VPN sessions. Take load off the device or give it more memory."
		version = "Find out which client version this user runs and update it if the device does not support it."
		image   = "Check that the VPN client service is enabled on the interface, then upload the client image again and check its version and checksum."
		allow   = "Allow the VPN client in this user's group policy or user attributes, if the user is meant to have it."
		tac     = "Save the message and the messages around it, then contact Cisco TAC; this is a software defect."
		reports = "None for a single user. If many clients report the same, read the text and collect a DART bundle from one of them."
	)
	return []Entry{
		{
			ID: 722001, Severity: 4, Family: family,
			Summary:   "VPN client request could not be parsed",
			Templates: []string{"IP {client} Error parsing SVC connect request."},
			Samples:   []string{"IP 203.0.113.24 Error parsing SVC connect request.", "IP <203.0.113.24> Error parsing SVC connect request."},
			Meaning:   "A host sent a connect request that is not valid. The client may be defective or incompatible, or somebody is probing the VPN port.",
			Action:    "Look up the address. Check the client version if it belongs to a user; treat repeated requests from strangers as an attack.",
		},
		{
			ID: 722002, Severity: 4, Family: family,
			Summary:   "No memory to assemble a VPN client request",
			Templates: []string{"IP {client} Error consolidating SVC connect request."},
			Samples:   []string{"IP 203.0.113.24 Error consolidating SVC connect request.", "IP <203.0.113.24> Error consolidating SVC connect request."},
			Meaning:   "The device ran short of memory while it put a connect request together, so the client cannot connect.",
			Action:    memory,
		},
		{
			ID: 722003, Severity: 4, Family: family,
			Summary:   "VPN client took too long to connect",
			Templates: []string{"IP {client} Error authenticating SVC connect request."},
			Samples:   []string{"IP 203.0.113.24 Error authenticating SVC connect request.", "IP <203.0.113.24> Error authenticating SVC connect request."},
			Meaning:   "The user took too long to download the client and connect with it.",
			Action:    "Raise the idle timeout and the maximum connect time of VPN sessions. Slow client downloads point to a poor line.",
		},
		{
			ID: 722004, Severity: 4, Family: family,
			Summary:   "No memory to answer a VPN client request",
			Templates: []string{session + "Error responding to SVC connect request."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Error responding to SVC connect request.",
				"Group GP-Staff User jdoe IP 203.0.113.24 Error responding to SVC connect request.",
			},
			Meaning: "The device ran short of memory while it answered a connect request, so this user cannot connect.",
			Action:  memory,
		},
		{
			ID: 722005, Severity: 5, Family: family,
			Summary:   "No memory to update a VPN session",
			Templates: []string{session + "Unable to update session information for SVC connection."},
			Samples:   []string{"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Unable to update session information for SVC connection."},
			Meaning:   "The device ran short of memory while it recorded a client connection in its session.",
			Action:    memory,
		},
		{
			ID: 722006, Severity: 5, Family: family,
			Summary:   "VPN client got an invalid address",
			Templates: []string{session + "Invalid address {assigned_address} assigned to SVC connection."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Invalid address <0.0.0.0> assigned to SVC connection.",
				"Group GP-Staff User jdoe IP 203.0.113.24 Invalid address 192.0.2.255 assigned to SVC connection.",
			},
			Meaning: "The address that this user was given inside the tunnel is not a valid one.",
			Action:  "Check where the address comes from (local pool, DHCP or RADIUS) and correct it there. Contact Cisco TAC if the source is right.",
		},
		{
			ID: 722007, Severity: 3, Family: family,
			Summary:   "VPN client reports an emergency",
			Templates: []string{said + "EMERGENCY: {message:text}", said + "ERROR: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 17/EMERGENCY: The VPN agent has stopped..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 17 /ERROR: The VPN agent has stopped",
			},
			Meaning: "The client on the user's computer sent a message of its highest level." + types,
			Action:  reports,
		},
		{
			ID: 722008, Severity: 3, Family: family,
			Summary:   "VPN client reports an alert",
			Templates: []string{said + "ALERT: {message:text}", said + "ERROR: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 17/ALERT: The virtual adapter has failed..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 17 /ERROR: The virtual adapter has failed",
			},
			Meaning: "The client on the user's computer sent a message of level alert." + types,
			Action:  reports,
		},
		{
			ID: 722009, Severity: 3, Family: family,
			Summary:   "VPN client reports a critical condition",
			Templates: []string{said + "CRITICAL: {message:text}", said + "ERROR: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 17/CRITICAL: The routing table could not be changed..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 17 /ERROR: The routing table could not be changed",
			},
			Meaning: "The client on the user's computer sent a message of level critical." + types,
			Action:  reports,
		},
		{
			ID: 722010, Severity: 5, Family: family,
			Summary:   "VPN client reports an error",
			Templates: []string{said + "ERROR: {message:text}", said + "NOTICE: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 17/ERROR: Termination reason unavailable..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 17 /NOTICE: Termination reason unavailable",
			},
			Meaning: "The client on the user's computer sent a message of level error." + types,
			Action:  reports,
		},
		{
			ID: 722011, Severity: 5, Family: family,
			Summary:   "VPN client reports a warning",
			Templates: []string{said + "WARNING: {message:text}", said + "NOTICE: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 17/WARNING: Reconnecting the VPN tunnel..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 17 /NOTICE: Reconnecting the VPN tunnel",
			},
			Meaning: "The client on the user's computer sent a warning, often that it is setting up its tunnel again." + types,
			Action:  "None for a single user. If many users reconnect at the same time, look at the internet line and at the device's load.",
		},
		{
			ID: 722012, Severity: 5, Family: family,
			Summary:   "VPN client reports a notice",
			Templates: []string{said + "NOTICE: {message:text}", said + "INFO: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jane doe> IP <203.0.113.24> SVC Message: 16/NOTICE: Client PC is going into suspend mode (Sleep, Hibernate, etc)..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 16 /INFO: User Requested",
			},
			Meaning: "The client on the user's computer sent a notice, often that the user disconnects or that the computer goes to sleep." + types,
			Action:  "None.",
		},
		{
			ID: 722013, Severity: 6, Family: family,
			Summary:   "VPN client sends information",
			Templates: []string{said + "INFO: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 0/INFO: Client PC has resumed..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 0 /INFO: Client PC has resumed",
			},
			Meaning: "The client on the user's computer sent a message of level information." + types,
			Action:  "None.",
		},
		{
			ID: 722014, Severity: 6, Family: family,
			Summary:   "VPN client sends a debug message",
			Templates: []string{said + "DEBUG: {message:text}", said + "INFO: {message:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Message: 0/DEBUG: MTU probe done..",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Message: 0 /INFO: MTU probe done",
			},
			Meaning: "The client on the user's computer sent a debug message." + types,
			Action:  "None.",
		},
		{
			ID: 722015, Severity: 4, Family: family,
			Summary:   "Unknown frame type from VPN client",
			Templates: []string{session + "Unknown SVC frame type: {frame_type}"},
			Samples:   []string{"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Unknown SVC frame type: 11"},
			Meaning:   "A client sent a frame of an unknown type, probably because the two versions are incompatible.",
			Action:    version,
		},
		{
			ID: 722016, Severity: 4, Family: family,
			Summary:   "Wrong frame length from VPN client",
			Templates: []string{session + "Bad SVC frame length: {length:int} expected: {expected_length:int}"},
			Samples:   []string{"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Bad SVC frame length: 512 expected: 1406"},
			Meaning:   "A frame from a client was not as long as given in its header, probably because the two versions are incompatible.",
			Action:    version,
		},
		{
			ID: 722017, Severity: 4, Family: family,
			Summary:   "Badly framed data from VPN client",
			Templates: []string{session + "Bad SVC framing: {framing}, reserved: {reserved:hex}"},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 Bad SVC framing: 525446, reserved: 0",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Bad SVC framing: <17030A>, reserved: 01",
			},
			Meaning: "Data from a client did not begin as a frame must, probably because the two versions are incompatible.",
			Action:  version,
		},
		{
			ID: 722018, Severity: 4, Family: family,
			Summary:   "Unknown protocol version from VPN client",
			Templates: []string{session + "Bad SVC protocol version: {protocol_version}, expected: {expected_version}"},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 Bad SVC protocol version: 2 , expected: 1",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Bad SVC protocol version: 0, expected: 1",
			},
			Meaning: "A client uses a version of the tunnel protocol that the device does not support.",
			Action:  version,
		},
		{
			ID: 722019, Severity: 4, Family: family,
			Summary:   "Frame from VPN client too short for its header",
			Templates: []string{session + "Not enough data for an SVC header: {length:int}"},
			Samples:   []string{"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Not enough data for an SVC header: 5"},
			Meaning:   "A client sent less data than a frame header takes, probably because the two versions are incompatible.",
			Action:    version,
		},
		{
			ID: 722020, Severity: 3, Family: family,
			Summary:   "No address left for a VPN client",
			Templates: []string{tunnel + "No address available for SVC connection"},
			Samples: []string{
				"TunnelGroup <TG-Staff> GroupPolicy <GP-Staff> User <jdoe> IP <203.0.113.24> No address available for SVC connection",
				"TunnelGroup TG-Staff GroupPolicy GP-Staff User jdoe IP 203.0.113.24 No address available for SVC connection.",
			},
			Meaning: "A user logged in but could not be given an address for the tunnel, so the session failed. Others will fail too while the pool is empty.",
			Action:  "Compare the sessions with the size of the pools of this tunnel group and group policy (show ip local pool), and check the DHCP server if addresses come from there. The 737xxx messages give the reason of a failed assignment.",
		},
		{
			ID: 722028, Severity: 5, Family: family,
			Summary:   "Unused VPN client connection closed",
			Templates: []string{session + "Stale SVC connection closed."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Stale SVC connection closed.",
				"Group GP-Staff User jdoe IP 203.0.113.24 Stale SVC connection closed.",
			},
			Meaning: "The device closed a connection that its session no longer used, typically after the client had opened a new one.",
			Action:  "None. If it keeps happening to a user, the client has trouble staying connected; read the client's log.",
		},
		{
			ID: 722029, Severity: 7, Family: family,
			Summary:   "VPN session ended: connection statistics",
			Templates: []string{ended + "Conns: {connections:int}, DPD Conns: {dpd_connections:int}, Comp resets: {compression_resets:int}, Dcmp resets: {decompression_resets:int}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Session Termination: Conns: 3, DPD Conns: 1, Comp resets: 0, Dcmp resets: 0.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Session Termination: Conns: 1 , DPD Conns: 0 , Comp resets: 0 , Dcmp resets: 0",
			},
			Meaning: "Counts the connections, the reconnects after dead peer detection (DPD) and the compression resets of a session that ended. More than one connection, or any other count above zero, may point to an unreliable network path, which the administrator of the firewall often cannot change.",
			Action:  "None for a single user. If many sessions have high counts, look for loss on the internet line and read a client's log.",
		},
		{
			ID: 722030, Severity: 7, Family: family,
			Summary:   "VPN session ended: inbound traffic statistics",
			Templates: []string{ended + "In:" + traffic},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC Session Termination: In: 57125392 (+2252) bytes, 132427 (+105) packets, 46 drops.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Session Termination: In: 632880 (+2252 ) bytes, 32427 (+105 ) packets, 0 drops",
			},
			Meaning: "Counts the data that a session received from the client until it ended. Control traffic is counted apart, after the plus sign.",
			Action:  "None.",
		},
		{
			ID: 722031, Severity: 7, Family: family,
			Summary:   "VPN session ended: outbound traffic statistics",
			Templates: []string{ended + "Out:" + traffic},
			Samples: []string{
				"Group <GP-Staff> User <jdoe@example.com> IP <203.0.113.24> SVC Session Termination: Out: 800808 (+32) bytes, 1957 (+4) packets, 3358 drops.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC Session Termination: Out: 632880 (+2252 ) bytes, 32427 (+105 ) packets, 46 drops.",
			},
			Meaning: "Counts the data that a session sent to the client until it ended. Control traffic is counted apart, after the plus sign; there can be more drops than packets.",
			Action:  "None.",
		},
		{
			ID: 722032, Severity: 5, Family: family,
			Summary: "VPN client connection replaces an older one",
			Templates: []string{
				session + "New SVC connection replacing old connection.",
				session + "New {transport} SVC connection replacing old connection.",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 New SVC connection replacing old connection.",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> New UDP SVC connection replacing old connection.",
			},
			Meaning: "A client opened a new connection while its old one still existed, which happens when the network under it changes or fails.",
			Action:  "None for a single user. If it repeats, read the client's log.",
		},
		{
			ID: 722033, Severity: 5, Family: family,
			Summary: "First connection of a VPN session established",
			Templates: []string{
				session + "First SVC connection established for SVC session.",
				session + "First {transport} SVC connection established for SVC session.",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 First SVC connection established for SVC session.",
				"Group <GP-Staff> User <EXAMPLE\\jdoe> IP <2001:db8::24> First TCP SVC connection established for SVC session.",
			},
			Meaning: "The first connection of a session over this transport is up.",
			Action:  "None.",
		},
		{
			ID: 722034, Severity: 5, Family: family,
			Summary: "VPN client reconnected after its connection was lost",
			Templates: []string{
				session + "New SVC connection, no existing connection.",
				session + "New {transport} SVC connection, no existing connection.",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 New SVC connection, no existing connection.",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> New TCP SVC connection, no existing connection.",
			},
			Meaning: "A client opened a new connection for a session after one of the two sides had dropped the old connection.",
			Action:  "None for a single user. If it repeats, compare the messages of the device with the client's log.",
		},
		{
			ID: 722035, Severity: 3, Family: family,
			Summary:   "Large packet received from VPN client",
			Templates: []string{session + "Received large packet {length:int} (threshold {threshold:int}).", session + "Received large packet {length:int} threshold {threshold:int})."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Received large packet 1472 (threshold 1406).",
				"Group GP-Staff User jdoe IP 203.0.113.24 Received large packet 1472 (threshold 1406 ).",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Received large packet 1500 threshold 1400).",
			},
			Meaning: "A packet from a client was larger than the threshold of its tunnel.",
			Action:  "If users see stalls, let the device fragment packets that have the DF bit set: anyconnect ssl df-bit-ignore enable in the group policy.",
		},
		{
			ID: 722036, Severity: 3, Family: family,
			Summary:   "Large packet sent to VPN client",
			Templates: []string{session + "Transmitting large packet {length:int} (threshold {threshold:int})."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Transmitting large packet 1418 (threshold 1347).",
				"Group GP-Staff User jdoe IP 203.0.113.24 Transmitting large packet 1418 (threshold 1347 ).",
			},
			Meaning: "A packet to a client was larger than the threshold of its tunnel: the sender ignores the client's MTU, or the data grew when it was compressed.",
			Action:  "Switch compression of the VPN client off if it is on. Otherwise act only if users see stalls, and then check that DTLS gets through.",
		},
		{
			ID: 722037, Severity: 5, Family: family,
			Summary:   "VPN client connection closed",
			Templates: []string{session + "SVC closing connection: {reason:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC closing connection: DPD failure.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC closing connection: Transport closing .",
			},
			Meaning: "One connection of a session ended for the reason given. That may be normal or a sign of network trouble.",
			Action:  "None for a single user. Many DPD failures at once point to the internet line; otherwise read the client's log.",
		},
		{
			ID: 722038, Severity: 5, Family: family,
			Summary:   "VPN client session ended by the device",
			Templates: []string{session + "SVC terminating session: {reason:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC terminating session: Administrator Reset.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC terminating session: Idle Timeout .",
			},
			Meaning: "A whole session ended for the reason given. That may be normal or a sign of trouble.",
			Action:  "None if the reason is expected; otherwise read the client's log.",
		},
		{
			ID: 722041, Severity: 4, Family: family,
			Summary:   "No IPv6 address for a VPN client",
			Templates: []string{tunnel + "No IPv6 address available for SVC connection."},
			Samples: []string{
				"TunnelGroup <TG-Staff> GroupPolicy <GP-Staff> User <jdoe> IP <203.0.113.24> No IPv6 address available for SVC connection",
				"TunnelGroup TG-Staff GroupPolicy GP-Staff User jdoe IP 203.0.113.24 No IPv6 address available for SVC connection.",
			},
			Meaning: "There was no IPv6 address to give to a client. Devices without an IPv6 pool print this too.",
			Action:  "None if the tunnels are meant to carry IPv4 only. Otherwise create an IPv6 address pool or enlarge it.",
		},
		{
			ID: 722042, Severity: 4, Family: family,
			Summary:   "Invalid tunnel protocol version from VPN client",
			Templates: []string{session + "Invalid Cisco SSL Tunneling Protocol version."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Invalid Cisco SSL Tunneling Protocol version",
				"Group GP-Staff User jdoe IP 203.0.113.24 Invalid Cisco SSL Tunneling Protocol version.",
			},
			Meaning: "A client that the device does not accept tries to connect.",
			Action:  version,
		},
		{
			ID: 722043, Severity: 5, Family: family,
			Summary:   "DTLS off: no common cipher",
			Templates: []string{session + "DTLS disabled: unable to negotiate cipher."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> DTLS disabled: unable to negotiate cipher",
				"Group GP-Staff User jdoe IP 203.0.113.24 DTLS disabled: unable to negotiate cipher.",
			},
			Meaning: "Device and client found no cipher for DTLS, so this session does not have UDP transport. Probably the SSL cipher settings were changed.",
			Action:  "Undo the last change of the SSL cipher settings. They must contain at least one block cipher, such as AES.",
		},
		{
			ID: 722044, Severity: 5, Family: family,
			Summary:   "No memory to request a VPN client address",
			Templates: []string{session + "Unable to request {ip_version} address for SSL tunnel."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Unable to request IPv4 address for SSL tunnel",
				"Group GP-Staff User jdoe IP 203.0.113.24 Unable to request IPv6 address for SSL tunnel.",
			},
			Meaning: "The device ran short of memory while it asked for an address for a client.",
			Action:  memory,
		},
		{
			ID: 722045, Severity: 3, Family: family,
			Summary:   "Connection ended: no tunnel initialization data",
			Templates: []string{"Connection terminated: no SSL tunnel initialization data."},
			Samples:   []string{"Connection terminated: no SSL tunnel initialization data", "Connection terminated: no SSL tunnel initialization data."},
			Meaning:   "The device lacked the data that it needs to set a connection up, and dropped the connection.",
			Action:    tac,
		},
		{
			ID: 722046, Severity: 3, Family: family,
			Summary: "VPN session ended: tunnel could not be set up",
			Templates: []string{
				session + "Session terminated: unable to establish tunnel.",
				session + "Session terminated: Unable to establish tunnel.",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 Session terminated: unable to establish tunnel.",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Session terminated: Unable to establish tunnel",
			},
			Meaning: "The device could not set the parameters of a connection and ended the session.",
			Action:  tac,
		},
		{
			ID: 722047, Severity: 4, Family: family,
			Summary:   "Tunnel ended: VPN client service off or image bad",
			Templates: []string{session + "Tunnel terminated: SVC not enabled or invalid SVC image on the {system:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Tunnel terminated: SVC not enabled or invalid SVC image on the ASA",
				"Group GP-Staff User jdoe IP 203.0.113.24 Tunnel terminated: SVC not enabled or invalid SVC image on the FTD.",
			},
			Meaning: "A user logged in with a browser and started the VPN client, but the service is off on this device or its client image is missing or damaged. The browser session stays.",
			Action:  image,
		},
		{
			ID: 722048, Severity: 4, Family: family,
			Summary:   "Tunnel ended: user may not use the VPN client",
			Templates: []string{session + "Tunnel terminated: SVC not enabled for the user."},
			Samples: []string{
				"Group <GP-Guests> User <jdoe> IP <203.0.113.24> Tunnel terminated: SVC not enabled for the user",
				"Group GP-Guests User jdoe IP 203.0.113.24 Tunnel terminated: SVC not enabled for the user.",
			},
			Meaning: "A user logged in with a browser and started the VPN client, which is not enabled for this user. The browser session stays.",
			Action:  allow,
		},
		{
			ID: 722049, Severity: 4, Family: family,
			Summary: "Session ended: VPN client service off or image bad",
			Templates: []string{
				session + "Session terminated: SVC not enabled or invalid image on the {system:text}",
				session + "Session terminated: SVC not enabled or invalid SVC image on the {system:text}",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 Session terminated: SVC not enabled or invalid image on the ASA.",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Session terminated: SVC not enabled or invalid SVC image on the FTD",
			},
			Meaning: "A user logged in with the VPN client, but the service is off on this device or its client image is missing or damaged. The session has ended.",
			Action:  image,
		},
		{
			ID: 722050, Severity: 4, Family: family,
			Summary:   "Session ended: user may not use the VPN client",
			Templates: []string{session + "Session terminated: SVC not enabled for the user."},
			Samples: []string{
				"Group <GP-Guests> User <jdoe> IP <203.0.113.24> Session terminated: SVC not enabled for the user",
				"Group GP-Guests User jdoe IP 203.0.113.24 Session terminated: SVC not enabled for the user.",
			},
			Meaning: "A user logged in with the VPN client, which is not enabled for this user. The session has ended.",
			Action:  allow,
		},
		{
			ID: 722051, Severity: 6, Family: family,
			Summary: "VPN client got its addresses",
			Templates: []string{
				session + "IPv4 Address {assigned_ipv4} IPv6 Address {assigned_ipv6} assigned to session",
				session + "IPv4 Address {assigned_ipv4} IPv6 address {assigned_ipv6} assigned to session",
				session + "Address {assigned_address} assigned to session",
			},
			Samples: []string{
				"Group GP-Staff User jdoe IP 203.0.113.24 IPv4 Address 192.0.2.37 IPv6 Address 2001:db8::37 assigned to session",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> IPv4 Address <192.0.2.37> IPv6 address <::> assigned to session",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> IPv4 Address <> IPv6 address <2001:db8::37> assigned to session",
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Address <192.0.2.37> assigned to session",
			},
			Meaning: "A session got the addresses that the client uses inside the tunnel. An empty value or :: means none of that kind.",
			Action:  "None.",
		},
		{
			ID: 722053, Severity: 6, Family: family,
			Summary:   "Unknown VPN client connected",
			Templates: []string{session + "Unknown client {user_agent:text} connection."},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Unknown client Cisco AnyConnect VPN Client 2.2.0140 connection",
				"Group GP-Staff User jdoe IP 203.0.113.24 Unknown client Mozilla/5.0 (X11; Linux x86_64) connection.",
			},
			Meaning: "A client connected that is unknown to the device or no longer supported, such as the old SVC or AnyConnect before 2.3.1.",
			Action:  "Have the user install a supported client. If the user agent is not a Cisco client, identify the user.",
		},
		{
			ID: 722054, Severity: 4, Family: family,
			Summary:   "VPN client refused: redirect ACL does not exist",
			Templates: []string{session + "SVC terminating connection: Failed to install Redirect URL: {redirect_url} Redirect ACL: {redirect_acl} for {assigned_address}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> SVC terminating connection: Failed to install Redirect URL: https://ise.example.com:8443/portal/gateway?action=cpp Redirect ACL: POSTURE_REDIRECT for 192.0.2.37.",
				"Group GP-Staff User jdoe IP 203.0.113.24 SVC terminating connection: Failed to install Redirect URL: https://ise.example.com:8443/portal Redirect ACL: non_exist for 192.0.2.37",
			},
			Meaning: "The ISE server named a redirect URL and a redirect ACL for this user, but the device does not have such an ACL, so the connection ends.",
			Action:  "Create the redirect ACL on the device under exactly the name that ISE sends, or correct the name in the ISE authorization profile.",
		},
		{
			ID: 722055, Severity: 6, Family: family, MayCarry: []ID{722056},
			Summary:   "VPN client identified itself",
			Templates: []string{session + "Client Type: {user_agent:text}"},
			Samples: []string{
				"Group <GP-Staff> User <jdoe> IP <203.0.113.24> Client Type: Cisco AnyConnect VPN Agent for Windows 4.10.07061",
				"Group GP-Staff User jdoe IP 203.0.113.24 Client Type: AnyConnect Darwin_i386 3.1.05160",
			},
			Meaning: "A user connects with the client named by this user agent, which usually includes client version and operating system.",
			Action:  "None.",
		},
		{
			ID: 722056, Severity: 4, Family: family,
			Summary:   "Unsupported VPN client rejected",
			Templates: []string{"Unsupported AnyConnect client connection rejected from {client}. Client info: {user_agent:text}. Reason: {reason:text}"},
			Samples: []string{
				"Unsupported AnyConnect client connection rejected from 203.0.113.24. Client info: Cisco AnyConnect VPN Agent for Windows 2.2.0140. Reason: Unsupported client version",
				"Unsupported AnyConnect client connection rejected from <203.0.113.24>. Client info: AnyConnect Linux_64 3.1.05160. Reason: Client is too old.",
			},
			Meaning: "The device rejected a client; client and reason are in the text.",
			Action:  "Act on the reason given: usually the user must install a newer client.",
		},
	}
}
