package catalog

// tunnelManager lists the messages of the tunnel manager, 752001 to 752017. It
// starts site-to-site tunnels: traffic that matches a crypto map makes it
// request a tunnel from IKEv2 or IKEv1, and from the other if the first fails.
func tunnelManager() []Entry {
	const (
		family = "tunnel_manager"

		entry  = " Map Tag = {map}. Map Sequence Number = {sequence:int}"
		narrow = " Map Tag= {map}. Map Sequence Number = {sequence:int}"
		flow   = ", SRC Addr:{source} port:{source_port:int} Dst Addr:{destination} port:{destination_port:int}"

		misconfigured = "Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Probable mis-configuration of the crypto map or tunnel-group."
		failed        = "Tunnel Manager has failed to establish an L2L SA. All configured IKE versions failed to establish the tunnel."

		none  = "None."
		retry = "Watch for 752016 with the same map tag and sequence number. If it does not come, check that crypto map entry and read the IKE messages before this one."
	)
	return []Entry{
		{
			ID: 752001, Severity: 2, Family: family,
			Summary:   "Tunnel record could not be removed",
			Templates: []string{"Tunnel Manager received invalid parameter to remove record"},
			Samples:   []string{"Tunnel Manager received invalid parameter to remove record."},
			Meaning:   "A record in the tunnel manager could not be deleted. It may block every later attempt to start a tunnel to the same peer.",
			Action:    "If a tunnel no longer comes up, reload the device, which clears the record. If it happens again, debug the attempts for that tunnel.",
		},
		{
			ID: 752002, Severity: 7, Family: family,
			Summary:   "Tunnel start entry removed",
			Templates: []string{"Tunnel Manager Removed entry." + entry},
			Samples:   []string{"Tunnel Manager Removed entry.  Map Tag = outside_map.  Map Sequence Number = 10.", "Tunnel Manager Removed entry. Map Tag = outside_map . Map Sequence Number = 10 ."},
			Meaning:   "The entry that started a tunnel has been removed as it should be.",
			Action:    none,
		},
		{
			ID: 752003, Severity: 5, Family: family,
			Summary:   "Starting a tunnel with IKEv2",
			Templates: []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv2." + entry},
			Samples:   []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv2.  Map Tag = outside_map.  Map Sequence Number = 10."},
			Meaning:   "The device is about to start an IKEv2 tunnel for this crypto map entry.",
			Action:    none,
		},
		{
			ID: 752004, Severity: 5, Family: family,
			Summary:   "Starting a tunnel with IKEv1",
			Templates: []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv1." + entry},
			Samples:   []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv1.  Map Tag = outside_map.  Map Sequence Number = 10."},
			Meaning:   "The device is about to start an IKEv1 tunnel for this crypto map entry.",
			Action:    none,
		},
		{
			ID: 752005, Severity: 2, Family: family,
			Summary:   "Tunnel not started, memory may be low",
			Templates: []string{"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Memory may be low." + entry},
			Samples:   []string{"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Memory may be low. Map Tag = outside_map. Map Sequence Number = 10."},
			Meaning:   "A tunnel could not be started because of an internal error, most likely a failed memory allocation.",
			Action:    "Check free memory at once (show memory) and find out what uses it up; other functions will fail next.",
		},
		{
			ID: 752006, Severity: 3, Family: family,
			Summary:   "Tunnel not started, configuration wrong",
			Templates: []string{misconfigured + entry + flow, misconfigured + entry, misconfigured + narrow},
			Samples: []string{
				"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Probable mis-configuration of the crypto map or tunnel-group. Map Tag = outside_map . Map Sequence Number = 10, SRC Addr: 10.1.0.7 port: 51515 Dst Addr: 10.2.0.7 port: 443 .",
				"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Probable mis-configuration of the crypto map or tunnel-group.  Map Tag = outside_map.  Map Sequence Number = 10, SRC Addr: 2001:db8:1::7 port: 0 Dst Addr: 2001:db8:2::7 port: 0.",
				"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Probable mis-configuration of the crypto map or tunnel-group.  Map Tag = outside_map.  Map Sequence Number = 10.",
				"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Probable mis-configuration of the crypto map or tunnel-group.  Map Tag= outside_map.  Map Sequence Number = 10.",
			},
			Meaning: "Traffic asks for a tunnel that cannot be started, because the crypto map entry or its tunnel group is incomplete or wrong.",
			Action:  "Check that the crypto map entry has a peer, an ACL and a proposal, and that a tunnel group exists for the peer.",
		},
		{
			ID: 752007, Severity: 3, Family: family,
			Summary:   "Tunnel not started, an attempt is already recorded",
			Templates: []string{"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Entry already in Tunnel Manager." + entry},
			Samples:   []string{"Tunnel Manager failed to dispatch a KEY_ACQUIRE message. Entry already in Tunnel Manager.  Map Tag = outside_map.  Map Sequence Number = 10."},
			Meaning:   "The tunnel manager was asked to start a tunnel for which it already holds an entry. Perhaps the earlier attempt is still under way.",
			Action:    "If it goes on, check that the peer accepts the tunnel, and debug IKEv2 or IKEv1 to see whether entries are removed when an attempt ends.",
		},
		{
			ID: 752008, Severity: 7, Family: family,
			Summary:   "Repeated request to start a tunnel",
			Templates: []string{"Duplicate entry already in Tunnel Manager"},
			Samples:   []string{"Duplicate entry already in Tunnel Manager"},
			Meaning:   "A tunnel was requested that is already being started.",
			Action:    "None. If it goes on, an IKE attempt has neither succeeded nor timed out: debug IKEv2 or IKEv1 for the peer.",
		},
		{
			ID: 752009, Severity: 4, Family: family,
			Summary:   "IKEv2 not used, crypto map has several peers",
			Templates: []string{"IKEv2 Doesn't support Multiple Peers"},
			Samples:   []string{"IKEv2 Doesn't support Multiple Peers"},
			Meaning:   "An IKEv2 tunnel could not be started because the crypto map entry lists more than one peer, which only IKEv1 supports.",
			Action:    "Leave one peer in the crypto map entry, or use IKEv1 for it.",
		},
		{
			ID: 752010, Severity: 4, Family: family,
			Summary:   "IKEv2 not used, no proposal configured",
			Templates: []string{"IKEv2 Doesn't have a proposal specified"},
			Samples:   []string{"IKEv2 Doesn't have a proposal specified"},
			Meaning:   "An IKEv2 tunnel could not be started because the crypto map entry does not have an IKEv2 IPsec proposal.",
			Action:    "Add an IKEv2 IPsec proposal to the crypto map entry if the tunnel should use IKEv2.",
		},
		{
			ID: 752011, Severity: 4, Family: family,
			Summary:   "IKEv1 not used, no transform set configured",
			Templates: []string{"IKEv1 Doesn't have a transform set specified"},
			Samples:   []string{"IKEv1 Doesn't have a transform set specified"},
			Meaning:   "An IKEv1 tunnel could not be started because the crypto map entry does not have an IKEv1 transform set.",
			Action:    "Add an IKEv1 transform set to the crypto map entry if the tunnel should use IKEv1.",
		},
		{
			ID: 752012, Severity: 4, Family: family,
			Summary:   "Tunnel attempt with one IKE version failed",
			Templates: []string{"IKEv{ike_version:int} was unsuccessful at setting up a tunnel." + entry},
			Samples: []string{
				"IKEv2 was unsuccessful at setting up a tunnel.  Map Tag = outside_map.  Map Sequence Number = 10.",
				"IKEv1 was unsuccessful at setting up a tunnel. Map Tag = outside_map . Map Sequence Number = 20 .",
			},
			Meaning: "The stated IKE version could not bring up the tunnel of this crypto map entry. If the other version is configured too, it may be tried next.",
			Action:  "Look for the reason in the IKE messages before this one, then compare the settings of both peers.",
		},
		{
			ID: 752013, Severity: 4, Family: family,
			Summary:   "Trying again with IKEv2 after a failure",
			Templates: []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv2 after a failed attempt." + entry},
			Samples:   []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv2 after a failed attempt.  Map Tag = outside_map.  Map Sequence Number = 10."},
			Meaning:   "After a failed attempt the device starts the tunnel again, with IKEv2.",
			Action:    retry,
		},
		{
			ID: 752014, Severity: 4, Family: family,
			Summary:   "Falling back to IKEv1 after a failure",
			Templates: []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv1 after a failed attempt." + entry},
			Samples:   []string{"Tunnel Manager dispatching a KEY_ACQUIRE message to IKEv1 after a failed attempt.  Map Tag = outside_map.  Map Sequence Number = 10."},
			Meaning:   "After a failed attempt the device falls back and starts the tunnel with IKEv1.",
			Action:    retry,
		},
		{
			ID: 752015, Severity: 3, Family: family,
			Summary:   "Site-to-site tunnel could not be established",
			Templates: []string{failed + entry, failed + narrow},
			Samples: []string{
				"Tunnel Manager has failed to establish an L2L SA.  All configured IKE versions failed to establish the tunnel. Map Tag = outside_map . Map Sequence Number = 10 .",
				"Tunnel Manager has failed to establish an L2L SA.  All configured IKE versions failed to establish the tunnel. Map Tag= outside_map.  Map Sequence Number = 10.",
			},
			Meaning: "Every IKE version configured for this crypto map entry has been tried and none brought up the tunnel. The site is not reachable through it.",
			Action:  "Check that the peer is reachable on UDP 500 and 4500, then compare keys, proposals and crypto ACLs. Debug each IKE version by itself.",
		},
		{
			ID: 752016, Severity: 5, Family: family,
			Summary:   "Site-to-site tunnel established",
			Templates: []string{"IKEv{ike_version:int} was successful at setting up a tunnel." + entry},
			Samples: []string{
				"IKEv2 was successful at setting up a tunnel.  Map Tag = outside_map.  Map Sequence Number = 10.",
				"IKEv1 was successful at setting up a tunnel. Map Tag = outside_map . Map Sequence Number = 20.",
			},
			Meaning: "The stated IKE version has brought up the tunnel of this crypto map entry.",
			Action:  none,
		},
		{
			ID: 752017, Severity: 4, Family: family,
			Summary:   "IKEv2 refused for a backup tunnel",
			Templates: []string{"IKEv2 Backup L2L tunnel initiation denied on interface {interface} matching crypto map {map}, sequence number {sequence:int}. Unsupported configuration."},
			Samples: []string{
				"IKEv2 Backup L2L tunnel initiation denied on interface outside matching crypto map outside_map, sequence number 10. Unsupported configuration.",
				"IKEv2 Backup L2L tunnel initiation denied on interface outside matching crypto map outside_map , sequence number 10 . Unsupported configuration.",
			},
			Meaning: "IKEv2 does not have backup peers for site-to-site tunnels, so the device uses IKEv1 to start this one.",
			Action:  "None if IKEv1 is enabled. If it is not, enable it; the backup feature depends on it.",
		},
	}
}
