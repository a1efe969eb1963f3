package catalog

// ikev2 lists the messages of the IKEv2 daemon, 750001 to 751027: negotiation,
// setup and end of tunnels, and the reasons for refusing them. It includes
// 753001, an IKEv2 packet that a cluster in distributed VPN mode dropped.
//
// Devices print "IKEv2" after the user name, the guide mostly does not. The
// templates with that word come first, because the user name may contain
// spaces and would otherwise include it. The messages that may lack the ports
// have addresses of kind address.
func ikev2() []Entry {
	const (
		family = "ikev2"

		ends  = "Local:{local}:{local_port:int} Remote:{remote}:{remote_port:int} Username:{user:text} "
		ike   = ends + "IKEv2 "
		bare  = "Local:{local}:{local_port:int} Remote {remote}:{remote_port:int} Username:{user:text} "
		hosts = "Local:{local} Remote:{remote} Username:{user:text} "
		ports = "Local:{local:address}:{local_port:int} Remote:{remote:address}:{remote_port:int} Username:{user:text} "

		weak      = "Selected IKEv2 encryption algorithm ({ike_cipher:text}) is not strong enough to secure proposed IPSEC encryption algorithm ({ipsec_cipher:text})."
		selectors = "Tunnel rejected: Crypto Map Policy not found for remote traffic selector {remote_first}/{remote_last}/{remote_first_port:int}/{remote_last_port:int}/{remote_protocol} local traffic selector {local_first}/{local_last}/{local_first_port:int}/{local_last_port:int}/{local_protocol}!"
		oldClient = " encryption is not supported with this version of the AnyConnect Client. Please upgrade to the latest Anyconnect Client."
		license   = "Failed to obtain an {license:text} license. Maximum license limit {limit:int} exceeded."
		throttle  = "local throttle-request queue depth threshold of {threshold:int} reached; increase the window size on peer {peer} for better performance"
		filter    = "IPv6 User Filter {filter:text} configured. This setting has been deprecated, terminating connection"

		none     = "None."
		cac      = "Compare the IKEv2 admission limits (crypto ikev2 limit) with the load. If the limits are right and it goes on, find out where the requests come from."
		stronger = "Give the IKEv2 policy a cipher at least as strong as the IPsec proposal's cipher, on both peers."
		debug    = "Act on the error in the text. If it explains nothing, reproduce the failure with debug crypto ikev2 limited to this peer."
	)
	return []Entry{
		{
			ID: 750001, Severity: 5, Family: family,
			Summary: "Operation on an IPsec tunnel requested",
			Templates: []string{
				ike + "Received request to {operation} an IPsec tunnel; local traffic selector = {local_selector:text}; remote traffic selector = {remote_selector:text}",
				ends + "Received request to {operation} an IPsec tunnel; local traffic selector = {local_selector:text}; remote traffic selector = {remote_selector:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Received request to establish an IPsec tunnel; local traffic selector = Address Range: 10.1.0.0-10.1.0.255 Protocol: 0 Port Range: 0-65535 ; remote traffic selector = Address Range: 10.2.0.0-10.2.0.255 Protocol: 0 Port Range: 0-65535",
				"Local:2001:db8::1:500 Remote:2001:db8:ffff::9:500 Username:branch-9 IKEv2 Received request to rekey an IPsec tunnel; local traffic selector = Address Range: 2001:db8:1::-2001:db8:1::ffff Protocol: 0 Port Range: 0-65535 ; remote traffic selector = Address Range: 2001:db8:2::-2001:db8:2::ffff Protocol: 0 Port Range: 0-65535",
				"Local:192.0.2.1 :500 Remote:203.0.113.9 : 500 Username: 203.0.113.9 Received request to request an IPsec tunnel; local traffic selector = 10.1.0.0-10.1.0.255, 0, 0-65535; remote traffic selector = 10.2.0.0-10.2.0.255, 0, 0-65535",
			},
			Meaning: "Something asks for an IPsec tunnel to be established or rekeyed between the given traffic selectors.",
			Action:  none,
		},
		{
			ID: 750002, Severity: 5, Family: family,
			Summary:   "Peer starts an IKE negotiation",
			Templates: []string{ike + "Received a IKE_INIT_SA request", ends + "Received a IKE_INIT_SA request"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Received a IKE_INIT_SA request",
				"Local:2001:db8::1:500 Remote:2001:db8:ffff::9:500 Username:Unknown IKEv2 Received a IKE_INIT_SA request",
				"Local:192.0.2.1 :500 Remote: 203.0.113.9 : 500 Username: branch-9 Received a IKE_INIT_SA request",
			},
			Meaning: "The first packet of an incoming tunnel has arrived: a peer wants to set up an IKE SA.",
			Action:  none,
		},
		{
			ID: 750003, Severity: 4, Family: family,
			Summary:   "IKEv2 negotiation aborted",
			Templates: []string{ike + "Negotiation aborted due to ERROR: {error:text}", ends + "Negotiation aborted due to ERROR: {error:text}"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Username IKEv2 Negotiation aborted due to ERROR: Failed to authenticate the IKE SA",
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown \nIKEv2 Negotiation aborted due to ERROR: Failed to receive the AUTH msg before the timer expired",
				"Local:2001:db8::1:500 Remote:2001:db8:ffff::9:4500 Username:user one IKEv2 Negotiation aborted due to ERROR: There was no IPSEC policy found for received TS",
				"Local: 192.0.2.1:500 Remote: 203.0.113.9:500 Username: branch-9 Negotiation aborted due to ERROR: Received no proposal chosen notify",
			},
			Meaning: "The negotiation of an SA with this peer was given up for the stated error. It may be final, or only one step: a peer that guessed the wrong Diffie-Hellman group learns the right one and tries again.",
			Action:  "See whether 750006 for the same peer follows. If not, act on the error: compare pre-shared key or certificate, proposals and traffic selectors on both sides.",
		},
		{
			ID: 750004, Severity: 5, Family: family,
			Summary:   "Cookie challenge sent to throttle a possible DoS",
			Templates: []string{ike + "Sending COOKIE challenge to throttle possible DoS", ends + "Sending COOKIE challenge to throttle possible DoS"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Sending COOKIE challenge to throttle possible DoS",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: Unknown Sending COOKIE challenge to throttle possible DoS",
			},
			Meaning: "So many SAs are in negotiation that the cookie challenge threshold is crossed; the peer must now prove its address before the device spends work on it.",
			Action:  "None for a few. A steady stream, or one from many unknown addresses, is a flood or a reconnect storm: look at who is connecting.",
		},
		{
			ID: 750005, Severity: 5, Family: family,
			Summary: "Rekey collision resolved, one SA deleted",
			Templates: []string{
				ike + "IPsec rekey collision detected. I am lowest nonce initiator, deleting SA with inbound SPI {spi:hex}",
				ends + "IPsec rekey collision detected. I am lowest nonce initiator, deleting SA with inbound SPI {spi:hex}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 IPsec rekey collision detected. I am lowest nonce initiator, deleting SA with inbound SPI 0x4F1A22C9",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: branch-9 IPsec rekey collision detected. I am lowest nonce initiator, deleting SA with inbound SPI 4F1A22C9",
			},
			Meaning: "Both peers started to rekey at the same time. This device holds the lowest nonce, so the collision was settled and the redundant SA deleted.",
			Action:  none,
		},
		{
			ID: 750006, Severity: 5, Family: family,
			Summary:   "IKEv2 SA is up",
			Templates: []string{ike + "SA UP. Reason: {reason:text}", ends + "SA UP. Reason: {reason:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:admin IKEv2 SA UP. Reason: New Connection Established",
				"Local:2001:db8::1:500 Remote:2001:db8:ffff::9:500 Username:2001:db8:ffff::9 IKEv2 SA UP. Reason: New Connection Established",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: branch-9 SA UP. Reason: Rekey",
			},
			Meaning: "An SA with this peer came up, as a new connection or by a rekey.",
			Action:  none,
		},
		{
			ID: 750007, Severity: 5, Family: family,
			Summary:   "IKEv2 SA is down",
			Templates: []string{ike + "SA DOWN. Reason: {reason:text}", ends + "SA DOWN. Reason: {reason:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:admin IKEv2 SA DOWN. Reason: peer lost",
				"Local:2001:db8:a:b:c:d:e:f:500 Remote:2001:db8:1:2:3:4:5:6:4500 Username:branch-9 IKEv2 SA DOWN. Reason: application initiated",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: branch-9 SA DOWN. Reason: peer request",
			},
			Meaning: "An SA with this peer was torn down: by the peer, by an administrator, by a rekey, or because the peer no longer answers.",
			Action:  "None after a rekey or a logout. If a site-to-site tunnel goes down and 750006 does not follow, check the path to the peer and the peer itself.",
		},
		{
			ID: 750008, Severity: 5, Family: family,
			Summary:   "SA rejected, system resources low",
			Templates: []string{ike + "SA rejected due to system resource low", ends + "SA rejected due to system resource low"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 SA rejected due to system resource low",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: Unknown SA rejected due to system resource low",
			},
			Meaning: "The device is short of resources and refused an SA to protect itself. The peer does not have a tunnel.",
			Action:  "Check memory and CPU. " + cac,
		},
		{
			ID: 750009, Severity: 5, Family: family,
			Summary: "SA rejected, admission limit reached",
			Templates: []string{
				ike + "SA request rejected due to CAC limit reached: Rejection reason: {reason:text}",
				ends + "SA request rejected due to CAC limit reached: Rejection reason: {reason:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 SA request rejected due to CAC limit reached: Rejection reason: Maximum number of SAs in negotiation",
				"Local: 192.0.2.1: 500 Remote: 203.0.113.9: 500 Username: Unknown SA request rejected due to CAC limit reached: Rejection reason: Maximum number of SAs",
			},
			Meaning: "Connection admission control refused an SA because a limit is reached. The peer does not have a tunnel.",
			Action:  cac,
		},
		{
			ID: 750010, Severity: 5, Family: family,
			Summary:   "Request queue to a slow peer overflows",
			Templates: []string{ports + "IKEv2 " + throttle, hosts + "IKEv2 " + throttle},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 local throttle-request queue depth threshold of 60 reached; increase the window size on peer 203.0.113.9 for better performance",
				"Local: 192.0.2.1 Remote: 203.0.113.9 Username:branch-9 IKEv2 local throttle-request queue depth threshold of 60 reached; increase the window size on peer 203.0.113.9 for better performance",
			},
			Meaning: "The peer answers IKEv2 requests too slowly: its window is full, and the queue of requests that wait for it has reached its threshold.",
			Action:  "Enlarge the IKEv2 window on the peer if it can do that; this device cannot change its own. Check the peer's load.",
		},
		{
			ID: 750011, Severity: 3, Family: family,
			Summary:   "Tunnel rejected, IKEv2 cipher too weak",
			Templates: []string{"Tunnel Rejected: " + weak},
			Samples:   []string{"Tunnel Rejected: Selected IKEv2 encryption algorithm (AES-CBC-128) is not strong enough to secure proposed IPSEC encryption algorithm (AES-GCM-256)."},
			Meaning:   "A tunnel was refused because the cipher of the IKE SA is weaker than the cipher of the IPsec SA it would protect.",
			Action:    stronger,
		},
		{
			ID: 750012, Severity: 4, Family: family,
			Summary:   "IKEv2 cipher weaker than the IPsec cipher",
			Templates: []string{weak},
			Samples:   []string{"Selected IKEv2 encryption algorithm (DES ) is not strong enough to secure proposed IPSEC encryption algorithm (AES-CBC-256 )."},
			Meaning:   "The cipher of the IKE SA is weaker than the cipher of the IPsec SA it protects.",
			Action:    stronger,
		},
		{
			ID: 750013, Severity: 5, Family: family,
			Summary: "Peer has moved to another address",
			Templates: []string{
				"IKEv2 SA (iSPI {initiator_spi:hex} rRSP {responder_spi:hex}) Peer Moved: Previous {previous_remote}:{previous_remote_port:int}/{previous_local}:{previous_local_port:int}. Updated {remote}:{remote_port:int}/{local}:{local_port:int}",
				"IKEv2 SA (iSPI {initiator_spi:hex} rSPI {responder_spi:hex}) Peer Moved: Previous {previous_remote}:{previous_remote_port:int}/{previous_local}:{previous_local_port:int}. Updated {remote}:{remote_port:int}/{local}:{local_port:int}",
				"IKEv2 SA (iSPI <{initiator_spi:hex}> rRSP <{responder_spi:hex}>) Peer Moved: Previous <{previous_remote}>:<{previous_remote_port:int}>/<{previous_local}>:<{previous_local_port:int}>. Updated <{remote}>:<{remote_port:int}>/<{local}>:<{local_port:int}>",
			},
			Samples: []string{
				"IKEv2 SA (iSPI 0xA1B2C3D4E5F60718 rRSP 0x18070F5E4D3C2B1A) Peer Moved: Previous 203.0.113.9:4500/192.0.2.1:4500. Updated 198.51.100.77:61200/192.0.2.1:4500",
				"IKEv2 SA (iSPI A1B2C3D4E5F60718 rSPI 18070F5E4D3C2B1A) Peer Moved: Previous 2001:db8::9:4500/2001:db8::1:4500. Updated 2001:db8:ffff::77:4500/2001:db8::1:4500",
				"IKEv2 SA (iSPI <0xA1B2C3D4E5F60718> rRSP <0x18070F5E4D3C2B1A>) Peer Moved: Previous <203.0.113.9>:<4500>/<192.0.2.1>:<4500>. Updated <198.51.100.77>:<61200>/<192.0.2.1>:<4500>",
			},
			Meaning: "A client with MOBIKE has changed its network, and the tunnel has followed it to the new address and port.",
			Action:  "None for roaming clients, for which MOBIKE exists. If a peer with a fixed address moves, contact Cisco TAC; the guide asks for that in any case.",
		},
		{
			ID: 751001, Severity: 3, Family: family,
			Summary:   "Diffie-Hellman operation failed",
			Templates: []string{ike + "Failed to complete Diffie-Hellman operation. Error: {error:text}", ends + "Failed to complete Diffie-Hellman operation. Error: {error:text}"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Failed to complete Diffie-Hellman operation. Error: Memory allocation failure",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: branch-9 Failed to complete Diffie-Hellman operation. Error: Internal error",
			},
			Meaning: "A key exchange could not be computed, because memory is short or for another internal error.",
			Action:  "Check free memory. If it goes on, track what uses it up (show memory detail) and contact Cisco TAC.",
		},
		{
			ID: 751002, Severity: 3, Family: family,
			Summary: "No own credentials in the tunnel group",
			Templates: []string{
				ike + "No preshared key or trustpoint configured for self in tunnel group {tunnel_group:text}",
				ike + "No pre-shared key or trustpoint configured for self in tunnel group {tunnel_group:text}",
				ends + "No preshared key or trustpoint configured for self in tunnel group {tunnel_group:text}",
				ends + "No pre-shared key or trustpoint configured for self in tunnel group {tunnel_group:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 No preshared key or trustpoint configured for self in tunnel group 203.0.113.9",
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 No pre-shared key or trustpoint configured for self in tunnel group DefaultL2LGroup",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown No preshared key or trustpoint configured for self in tunnel group Branch offices",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown No pre-shared key or trustpoint configured for self in tunnel group branch-9",
			},
			Meaning: "The tunnel group does not have credentials with which this device could authenticate to the peer, so the tunnel is not built.",
			Action:  "Configure a local pre-shared key or certificate in the named tunnel group. If it is a default group, the peer was not mapped to the group meant for it.",
		},
		{
			ID: 751003, Severity: 7, Family: family,
			Summary:   "Dead peer detection starts",
			Templates: []string{ike + "Need to send a DPD message to peer", ends + "Need to send a DPD message to peer"},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 Need to send a DPD message to peer",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: branch-9 Need to send a DPD message to peer",
			},
			Meaning: "The device checks whether the peer is still there; the connection may already be lost.",
			Action:  none,
		},
		{
			ID: 751004, Severity: 3, Family: family,
			Summary: "No method to authenticate the peer",
			Templates: []string{
				ike + "No remote authentication method configured for peer in tunnel group {tunnel_group:text}",
				ends + "No remote authentication method configured for peer in tunnel group {tunnel_group:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 No remote authentication method configured for peer in tunnel group 203.0.113.9",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown No remote authentication method configured for peer in tunnel group Branch offices",
			},
			Meaning: "The tunnel group does not define how the peer must authenticate, so the peer is refused.",
			Action:  "Configure remote authentication, a pre-shared key or a certificate, in the named tunnel group.",
		},
		{
			ID: 751005, Severity: 3, Family: family,
			Summary: "AnyConnect client could not reconnect",
			Templates: []string{
				ike + "AnyConnect client reconnect authentication failed. Session ID: {session}, Error: {error:text}",
				ends + "AnyConnect client reconnect authentication failed. Session ID: {session}, Error: {error:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 AnyConnect client reconnect authentication failed. Session ID: 151552, Error: Session not found",
				"Local: 192.0.2.1:4500 Remote:203.0.113.9:55543 Username: jdoe AnyConnect client reconnect authentication failed. Session ID: 151552 , Error: Invalid session token",
			},
			Meaning: "A client tried to resume its session with a token and was refused. Often the session is simply gone: it was cleared here, or the device had noticed the disconnect and did not keep it.",
			Action:  "None for single clients, which can log in again. If it happens to many, act on the error and compare with the event log of a client.",
		},
		{
			ID: 751006, Severity: 3, Family: family,
			Summary:   "Certificate authentication failed",
			Templates: []string{ike + "Certificate authentication failed. Error: {error:text}", ends + "Certificate authentication failed. Error: {error:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:Unknown IKEv2 Certificate authentication failed. Error: Certificate chain could not be validated",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: branch-9 Certificate authentication failed. Error: Certificate is expired",
			},
			Meaning: "The certificate of the peer was not accepted, or could not be checked.",
			Action:  "Check that the trustpoints hold every CA of the peer's chain, and that clock, expiry and revocation are in order. debug crypto ca shows where validation stops.",
		},
		{
			ID: 751007, Severity: 5, Family: family,
			Summary:   "Configured attribute not supported by IKEv2",
			Templates: []string{ike + "Configured attribute not supported for IKEv2. Attribute: {attribute:text}", ends + "Configured attribute not supported for IKEv2. Attribute: {attribute:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Configured attribute not supported for IKEv2. Attribute: Re-XAUTH",
				"Local: 192.0.2.1:4500 Remote:203.0.113.9:55543 Username: jdoe Configured attribute not supported for IKEv2. Attribute: IP compression",
			},
			Meaning: "An attribute of the user or group was left out for this connection because IKEv2 does not support it.",
			Action:  "None. To silence the message, remove the attribute from what applies to IKEv2 connections.",
		},
		{
			ID: 751008, Severity: 3, Family: family,
			Summary: "Tunnel rejected, group does not allow IKEv2",
			Templates: []string{
				ike + "Group={tunnel_group:text}, Tunnel rejected: IKEv2 not enabled in group policy",
				ends + "Group={tunnel_group:text}, Tunnel rejected: IKEv2 not enabled in group policy",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Group=203.0.113.9, Tunnel rejected: IKEv2 not enabled in group policy",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown Group=<Branch offices> , Tunnel rejected: IKEv2 not enabled in group policy",
			},
			Meaning: "The connection was mapped to a group whose policy does not list IKEv2 among its tunnel protocols.",
			Action:  "If the peer should use IKEv2, add ikev2 to vpn-tunnel-protocol of the group policy, or correct the mapping to the group.",
		},
		{
			ID: 751009, Severity: 3, Family: family,
			Summary:   "No tunnel group for the peer",
			Templates: []string{ike + "Unable to find tunnel group for peer.", ends + "Unable to find tunnel group for peer."},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Unable to find tunnel group for peer.",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown Unable to find tunnel group for peer.",
			},
			Meaning: "A peer wants to connect and matches no tunnel group.",
			Action:  "For a peer you know, add a tunnel group or correct the mapping rules; a changed peer address is the usual cause. Unknown addresses are mostly scanners.",
		},
		{
			ID: 751010, Severity: 3, Family: family,
			Summary: "No method for own authentication found",
			Templates: []string{
				ike + "Unable to determine self-authentication method. No crypto map setting or tunnel group found.",
				ends + "Unable to determine self-authentication method. No crypto map setting or tunnel group found.",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Unable to determine self-authentication method. No crypto map setting or tunnel group found.",
				"Local: 192.0.2.1:500 Remote:203.0.113.9:500 Username: Unknown Unable to determine self-authentication method. No crypto map setting or tunnel group found.",
			},
			Meaning: "Neither the crypto map nor a tunnel group defines how this device authenticates to the peer, so the tunnel is not built.",
			Action:  "Configure local authentication: in the crypto map entry if this side initiates a site-to-site tunnel, else in the tunnel group of the peer.",
		},
		{
			ID: 751011, Severity: 3, Family: family,
			Summary:   "User authentication failed",
			Templates: []string{ike + "Failed user authentication. Error: {error:text}", ends + "Failed user authentication. Error: {error:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Failed user authentication. Error: AAA user authentication failed",
				"Local: 192.0.2.1:4500 Remote:203.0.113.9:55543 Username: Jane Doe Failed user authentication. Error: Invalid password",
			},
			Meaning: "A remote access user failed to authenticate over EAP.",
			Action:  "A single failure is a mistyped password. If many users fail, check the AAA server; if one address tries many users, treat it as an attack.",
		},
		{
			ID: 751012, Severity: 3, Family: family,
			Summary:   "Settings could not be applied to a connection",
			Templates: []string{ike + "Failure occurred during Configuration Mode processing. Error: {error:text}", ends + "Failure occurred during Configuration Mode processing. Error: {error:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Failure occurred during Configuration Mode processing. Error: Failed to allocate an IP address",
				"Local: 192.0.2.1:4500 Remote:203.0.113.9:55543 Username: jdoe Failure occurred during Configuration Mode processing. Error: No address pool configured",
			},
			Meaning: "Configuration mode, which gives a client its address and settings, failed for this connection.",
			Action:  debug,
		},
		{
			ID: 751013, Severity: 3, Family: family,
			Summary: "Attribute requested by a peer could not be answered",
			Templates: []string{
				ike + "Failed to process Configuration Payload request for attribute {attribute:text}. Error: {error:text}",
				ends + "Failed to process Configuration Payload request for attribute {attribute:text}. Error: {error:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Failed to process Configuration Payload request for attribute 1. Error: No address available",
				"Local: 192.0.2.1:4500 Remote:203.0.113.9:55543 Username: jdoe Failed to process Configuration Payload request for attribute 0x7006 . Error: Memory allocation failure",
			},
			Meaning: "The peer asked for an attribute and the device could not build the answer, for lack of memory, a configuration mistake or another error.",
			Action:  debug,
		},
		{
			ID: 751014, Severity: 4, Family: family,
			Summary: "Attribute requested by a peer was not processed",
			Templates: []string{
				ike + "Warning Configuration Payload request for attribute {attribute:text} could not be processed. Error: {error:text}",
				bare + "IKEv2 Warning Configuration Payload request for attribute {attribute:text} could not be processed. Error: {error:text}",
				ends + "Warning Configuration Payload request for attribute {attribute:text} could not be processed. Error: {error:text}",
				bare + "Warning Configuration Payload request for attribute {attribute:text} could not be processed. Error: {error:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Warning Configuration Payload request for attribute 28695 could not be processed. Error: Unknown attribute",
				"Local:192.0.2.1:4500 Remote 203.0.113.9:55543 Username:jdoe IKEv2 Warning Configuration Payload request for attribute 28695 could not be processed. Error: Unknown attribute",
				"Local: 192.0.2.1:4500 Remote: 203.0.113.9:55543 Username: jdoe Warning Configuration Payload request for attribute 28695 could not be processed. Error: Unknown attribute",
				"Local: 192.0.2.1:4500 Remote 203.0.113.9:55543 Username: jdoe Warning Configuration Payload request for attribute 28695 could not be processed. Error: Unknown attribute",
			},
			Meaning: "The peer asked for an attribute that this device does not handle, for instance a new client that asks an old software release.",
			Action:  "None if the connection works. If clients need the attribute, upgrade the device software.",
		},
		{
			ID: 751015, Severity: 4, Family: family,
			Summary: "SA request rejected by admission control",
			Templates: []string{
				ike + "SA request rejected by CAC. Reason: {reason:text}",
				bare + "IKEv2 SA request rejected by CAC. Reason: {reason:text}",
				ends + "SA request rejected by CAC. Reason: {reason:text}",
				bare + "SA request rejected by CAC. Reason: {reason:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 SA request rejected by CAC. Reason: Maximum SA limit reached",
				"Local:192.0.2.1:500 Remote 203.0.113.9:500 Username:Unknown IKEv2 SA request rejected by CAC. Reason: Maximum SA limit reached",
				"Local: 192.0.2.1:500 Remote: 203.0.113.9:500 Username: Unknown SA request rejected by CAC. Reason: In-negotiation SA limit reached",
				"Local: 192.0.2.1:500 Remote 203.0.113.9:500 Username: Unknown SA request rejected by CAC. Reason: System resources low",
			},
			Meaning: "Call admission control refused an SA to protect the device, for the stated limit or condition. The peer does not have a tunnel.",
			Action:  cac,
		},
		{
			ID: 751016, Severity: 4, Family: family,
			Summary: "Peer proposes identical outer and inner addresses",
			Templates: []string{
				ike + "L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				bare + "IKEv2 L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				ends + "L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				bare + "L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				"Local:192.0.2.1:500 Remote 203.0.113.9:500 Username:203.0.113.9 IKEv2 L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				"Local: 192.0.2.1:500 Remote: 203.0.113.9:500 Username: branch-9 L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
				"Local: 192.0.2.1:500 Remote 203.0.113.9:500 Username: branch-9 L2L peer initiated a tunnel with the same outer and inner addresses. Peer could be Originate only - Possible misconfiguration!",
			},
			Meaning: "A site-to-site peer asks for a tunnel whose inner addresses equal the outer ones. It is probably configured as originate-only.",
			Action:  "Check the connection type and the crypto ACL on the peer.",
		},
		{
			ID: 751017, Severity: 3, Family: family,
			Summary: "Configuration error prevents a connection",
			Templates: []string{
				ike + "Configuration Error: {error:text}",
				ike + "Configuration Error {error:text}",
				bare + "IKEv2 Configuration Error {error:text}",
				ends + "Configuration Error: {error:text}",
				ends + "Configuration Error {error:text}",
				bare + "Configuration Error {error:text}",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Configuration Error: No IPsec proposal in crypto map",
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:Unknown IKEv2 Configuration Error No IPsec proposal in crypto map",
				"Local:192.0.2.1:500 Remote 203.0.113.9:500 Username:Unknown IKEv2 Configuration Error No IPsec proposal in crypto map",
				"Local: 192.0.2.1:500 Remote: 203.0.113.9:500 Username: branch-9 Configuration Error: Trustpoint not found",
				"Local: 192.0.2.1:500 Remote: 203.0.113.9:500 Username: branch-9 Configuration Error Trustpoint not found",
				"Local: 192.0.2.1:500 Remote 203.0.113.9:500 Username: branch-9 Configuration Error Trustpoint not found",
			},
			Meaning: "A mistake in the configuration of this device makes the connection impossible.",
			Action:  "Correct the configuration by the error; retrying does not help.",
		},
		{
			ID: 751018, Severity: 3, Family: family,
			Summary:   "Connection rejected by group lock",
			Templates: []string{"Terminating the VPN connection attempt from {tunnel_group:text}. Reason: This connection is group locked to {locked_group:text}."},
			Samples: []string{
				"Terminating the VPN connection attempt from Contractors . Reason: This connection is group locked to Staff .",
				"Terminating the VPN connection attempt from <Contractors>. Reason: This connection is group locked to <Staff VPN>.",
			},
			Meaning: "The user connected through another tunnel group than the group lock allows.",
			Action:  "Let the user choose the right group. If the lock is wrong, change group-lock in the group policy or the user attributes.",
		},
		{
			ID: 751019, Severity: 4, Family: family,
			Summary:   "Session refused, license limit exceeded",
			Templates: []string{ports + "IKEv2 " + license, ports + license, hosts + "IKEv2 " + license, hosts + license},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:branch-9 IKEv2 Failed to obtain an Other VPN license. Maximum license limit 250 exceeded.",
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe Failed to obtain an AnyConnect Premium license. Maximum license limit 100 exceeded.",
				"Local:192.0.2.1 Remote:203.0.113.9 Username:jdoe IKEv2 Failed to obtain an AnyConnect Essentials license. Maximum license limit 100 exceeded.",
				"Local:192.0.2.1 Remote:203.0.113.9 Username:jdoe Failed to obtain an AnyConnect Premium license. Maximum license limit 100 exceeded.",
			},
			Meaning: "All sessions that the license allows are in use, so a tunnel could not be started or answered.",
			Action:  "End stale sessions (show vpn-sessiondb), then get more licenses. In multiple context mode give this context a larger share.",
		},
		{
			ID: 751020, Severity: 3, Family: family,
			Summary: "Suite B connection refused, no Premium license",
			Templates: []string{
				ike + "An {connection:text} remote access connection failed. Attempting to use an NSA Suite B crypto algorithm ({algorithm:text}) without an AnyConnect Premium license.",
				ends + "An {connection:text} remote access connection failed. Attempting to use an NSA Suite B crypto algorithm ({algorithm:text}) without an AnyConnect Premium license.",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 An AnyConnect remote access connection failed. Attempting to use an NSA Suite B crypto algorithm (AES-GCM-256) without an AnyConnect Premium license.",
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe An IKEv2 remote access connection failed. Attempting to use an NSA Suite B crypto algorithm (SHA-384) without an AnyConnect Premium license.",
			},
			Meaning: "A remote access tunnel with Suite B algorithms was refused because no AnyConnect Premium license is in effect. An installed license does not have an effect while anyconnect-essentials is set under webvpn.",
			Action:  "Check that the Premium license is installed and not switched off by anyconnect-essentials, or offer remote access users a policy without Suite B algorithms.",
		},
		{
			ID: 751021, Severity: 4, Family: family,
			Summary:   "AnyConnect client too old for AES-GCM",
			Templates: []string{ends + "IKEv{ike_version:int} with {cipher:text}" + oldClient},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:Unknown IKEv2 with AES-GCM-256 encryption is not supported with this version of the AnyConnect Client. Please upgrade to the latest Anyconnect Client.",
				"Local:192.0.2.1 :4500 Remote:203.0.113.9 :55543 Username:jdoe IKEv2 with AES-GCM encryption is not supported with this version of the AnyConnect Client. Please upgrade to the latest Anyconnect Client.",
			},
			Meaning: "An old AnyConnect client tried to connect although the IKEv2 policy asks for AES-GCM, which that client does not support. The user name may not be known yet.",
			Action:  "Upgrade the client.",
		},
		{
			ID: 751022, Severity: 3, Family: family,
			Summary:   "Tunnel rejected, traffic matches no crypto ACL",
			Templates: []string{ports + "IKEv2 " + selectors, ports + selectors, hosts + "IKEv2 " + selectors, hosts + selectors},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 10.2.0.0/10.2.0.255/0/65535/0 local traffic selector 10.1.0.0/10.1.0.255/0/65535/0!",
				"Local:2001:db8::1:500 Remote:2001:db8:1:2:3:4:5:6:500 Username:branch-9 IKEv2 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 2001:db8:2::/2001:db8:2::ffff/0/65535/0 local traffic selector 2001:db8:1::/2001:db8:1::ffff/0/65535/0!",
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 10.2.0.0/10.2.0.255/0/65535/0 local traffic selector 10.1.0.0/10.1.0.255/0/65535/0!",
				"Local:192.0.2.1 Remote:203.0.113.9 Username:203.0.113.9 IKEv2 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 10.2.0.0/10.2.0.255/0/65535/17 local traffic selector 10.1.0.0/10.1.0.255/0/65535/17!",
				"Local: 192.0.2.1 Remote: 203.0.113.9 Username:branch-9 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 10.2.0.0 /10.2.0.255 /0 /65535 /0 local traffic selector 10.1.0.0 /10.1.0.255 /0 /65535 /0 !",
			},
			Meaning: "The peer asked for a tunnel between networks that no crypto ACL of this device covers. Nearly always the two sides are configured differently.",
			Action:  "Compare the crypto ACLs of both sides: each must be the mirror image of the other, masks included. Other vendors call them proxy IDs or protected networks.",
		},
		{
			ID: 751023, Severity: 6, Family: family,
			Summary: "Unknown IKEv2 client has connected",
			Templates: []string{
				ike + "Unknown client connection",
				ends + "Unknown client connection",
				"Local {local}:{local_port:int} Remote:{remote}:{remote_port:int} Username:{user:text} IKEv2 Unknown client connection",
				"Local {local}:{local_port:int} Remote:{remote}:{remote_port:int} Username:{user:text} Unknown client connection",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:Unknown IKEv2 Unknown client connection",
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe Unknown client connection",
				"Local 192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 Unknown client connection",
				"Local 192.0.2.1 :4500 Remote: 203.0.113.9 :55543 Username:jdoe Unknown client connection",
			},
			Meaning: "A client that is not known, or not made by Cisco, has connected over IKEv2.",
			Action:  "None if such clients are expected. Otherwise move the user to a client that Cisco supports.",
		},
		{
			ID: 751024, Severity: 3, Family: family,
			Summary:   "Connection ended by deprecated IPv6 VPN filter",
			Templates: []string{ports + "IKEv2 " + filter, ports + filter, hosts + "IKEv2 " + filter, hosts + filter},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IKEv2 IPv6 User Filter vpn6-acl configured. This setting has been deprecated, terminating connection",
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:jdoe IPv6 User Filter vpn6-acl configured. This setting has been deprecated, terminating connection",
				"Local:192.0.2.1 Remote:203.0.113.9 Username:jdoe IKEv2 IPv6 User Filter vpn6-acl configured. This setting has been deprecated, terminating connection",
				"Local:192.0.2.1 Remote:203.0.113.9 Username:jdoe IPv6 User Filter vpn6-acl configured. This setting has been deprecated, terminating connection",
			},
			Meaning: "The user has a separate IPv6 VPN filter, which this software no longer supports, so the connection is ended.",
			Action:  "Put the IPv6 rules into a unified access list and assign it with vpn-filter; remove the IPv6 filter from the user and the group policy.",
		},
		{
			ID: 751025, Severity: 5, Family: family,
			Summary: "Addresses assigned to a session",
			Templates: []string{
				ike + "Group:{group_policy:text} IPv4 Address={ipv4_address} IPv6 address={ipv6_address} assigned to session.",
				ends + "Group:{group_policy:text} IPv4 Address={ipv4_address} IPv6 address={ipv6_address} assigned to session.",
			},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:6107 Username:jdoe IKEv2 Group:AnyConnect_IPSec_policy IPv4 Address=10.79.103.60 IPv6 address=:: assigned to session",
				"Local:2001:db8::1:4500 Remote:2001:db8:ffff::9:6107 Username:jdoe IKEv2 Group:<Staff VPN> IPv4 Address=10.79.103.60 IPv6 address=2001:db8:1::60 assigned to session.",
				"Local: 192.0.2.1 :4500 Remote: 203.0.113.9 :6107 Username:jdoe Group:Staff IPv4 Address=10.79.103.60 IPv6 address=2001:db8:1::60 assigned to session.",
			},
			Meaning: "A client connected over IKEv2 and was given these inner addresses.",
			Action:  none,
		},
		{
			ID: 751026, Severity: 6, Family: family,
			Summary:   "IKEv2 client names its system and version",
			Templates: []string{ike + "Client OS: {client_os:text} Client: {client} {client_version}", ike + "Client OS: {client_os:text} Client: {client:text}"},
			Samples: []string{
				"Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:Unknown IKEv2 Client OS: Windows Client: AnyConnect 4.10.07061",
				"Local: 192.0.2.1:4500 Remote: 203.0.113.9:55543 Username: jdoe IKEv2 Client OS: Mac OS X Client: Cisco Secure Client 5.1.2.42",
			},
			Meaning: "A user is connecting with this operating system and this client.",
			Action:  none,
		},
		{
			ID: 751027, Severity: 4, Family: family,
			Summary: "Peer received a packet outside the agreed selectors",
			Templates: []string{
				ike + "Received INVALID_SELECTORS Notification from peer. Peer received a packet (SPI={spi:hex}). The decapsulated inner packet didn't match the negotiated policy in the SA. Packet destination {destination}, port {destination_port:int}, source {source}, port {source_port:int}, protocol {protocol}.",
				ike + "Received INVALID_SELECTORS Notification from peer. Peer received a packet (SPI={spi:hex}). The decapsulated inner packet didn’t match the negotiated policy in the SA. Packet destination {destination}, port {destination_port:int}, source {source}, port {source_port:int}, protocol {protocol}.",
			},
			Samples: []string{
				"Local:192.0.2.1:500 Remote:203.0.113.9:500 Username:203.0.113.9 IKEv2 Received INVALID_SELECTORS Notification from peer. Peer received a packet (SPI=0x4F1A22C9). The decapsulated inner packet didn't match the negotiated policy in the SA. Packet destination 10.2.0.7, port 443, source 10.1.9.4, port 51515, protocol 6.",
				"Local:2001:db8::1:500 Remote:2001:db8:ffff::9:500 Username:branch-9 IKEv2 Received INVALID_SELECTORS Notification from peer. Peer received a packet (SPI=0x4F1A22C9). The decapsulated inner packet didn't match the negotiated policy in the SA. Packet destination 2001:db8:2::7, port 53, source 2001:db8:1::4, port 51515, protocol udp.",
				"Local:192.0.2.1 :500 Remote:203.0.113.9 :500 Username:branch-9 IKEv2 Received INVALID_SELECTORS Notification from peer. Peer received a packet (SPI=4F1A22C9 ). The decapsulated inner packet didn’t match the negotiated policy in the SA. Packet destination 10.2.0.7 , port 443 , source 10.1.9.4 , port 51515 , protocol tcp .",
			},
			Meaning: "The peer reports that this device sent a packet through the tunnel that lies outside the traffic selectors agreed for that SA.",
			Action:  "Compare the crypto ACLs of both sides for the addresses in the text. Save the message and the configuration for Cisco TAC if they agree.",
		},
		{
			ID: 753001, Severity: 4, Family: family,
			Summary: "Cluster dropped an unexpected IKEv2 packet",
			Templates: []string{
				"Unexpected IKEv2 packet received from <{remote}>:<{remote_port:int}>. Error: {error:text}",
				"Unexpected IKEv2 packet received from {remote}:{remote_port:int}. Error: {error:text}",
			},
			Samples: []string{
				"Unexpected IKEv2 packet received from <203.0.113.9>:<500>. Error: <Corrupted SPI detected>",
				"Unexpected IKEv2 packet received from 203.0.113.9:500. Error: Corrupted SPI detected",
				"Unexpected IKEv2 packet received from 2001:db8::9:4500. Error: Expired SPI received",
			},
			Meaning: "In a cluster in distributed VPN mode an IKEv2 packet failed the first checks of the data path. Its SPI is corrupted, or belongs to an SA that no longer exists.",
			Action:  "None for single packets, for example after a failover. If one peer keeps sending them, clear the tunnel on both sides; from unknown addresses they are probes.",
		},
	}
}
