package catalog

// threatDetection lists the messages of the threat detection engine, 733100 to
// 733105, and 733201, which later releases add.
func threatDetection() []Entry {
	const (
		family = "threat_detection"

		// Parts of 733100; devices and editions of the guide combine them
		// differently.
		object    = "[{object:text}] drop rate"
		rates     = "{rate_id:int} exceeded. Current burst rate is {burst:int} per second, max configured rate is {burst_threshold:int}"
		averages  = "; Current average rate is {average:int} per second, max configured rate is {average_threshold:int}; Cumulative total count is {total:int}"
		ratesU    = "{rate_id:int} exceeded. Current burst rate is {burst:int} per second_max configured rate is {burst_threshold:int}"
		averagesU = "; Current average rate is {average:int} per second_max configured rate is {average_threshold:int}; Cumulative total count is {total:int}"
		tail      = ". Current burst rate is {burst:int} per second, max configured rate is {burst_threshold:int}" + averages
		shun      = "Check with show threat-detection statistics host whether the address is a real attacker. If it is not, remove it with clear threat-detection shun and raise the scanning rates."
		flood     = "Find the sources with show threat-detection statistics top tcp-intercept, block them upstream or with an access list, and check that the server still answers."
		burstText = "Current burst rate is 10 per second, max configured rate is 10"
		avgText   = "; Current average rate is 245 per second, max configured rate is 5; Cumulative total count is 147409"
	)
	return []Entry{
		{
			ID: 733100, Severity: 4, Family: family,
			Summary: "Threat detection rate exceeded",
			Templates: []string{
				object + "-" + rates + averages,
				object + " " + rates + averages,
				object + "-" + ratesU + averagesU,
				object + " " + ratesU + averagesU,
				object + "-" + rates,
				object + " " + rates,
				"{object:text} drop rate-" + rates + averages,
				"{object:text} drop rate " + rates + averages,
				"drop rate-" + rates + averages,
			},
			Samples: []string{
				"[ Scanning] drop rate-1 exceeded. " + burstText + avgText,
				"[   192.0.2.44] drop rate-2 exceeded. Current burst rate is 0 per second, max configured rate is -4 ; Current average rate is 5 per second, max configured rate is -5 ; Cumulative total count is 13253349.",
				"[     Port-5432 5432] drop rate-1 exceeded. " + burstText + avgText,
				"[   LOCAL\\jane.doe\n                      ] drop rate-1 exceeded. " + burstText + avgText,
				"[] drop rate-1 exceeded. " + burstText + avgText,
				"[Bad pkts] drop rate 1 exceeded. " + burstText + avgText,
				"[ ACL drop] drop rate-3 exceeded. " + burstText + avgText + `"`,
				"[Interface] drop rate 1 exceeded. " + burstText + avgText + `"`,
				"[Interface] drop rate-1 exceeded. " + burstText + avgText + ".”",
				"[Interface] drop rate 1 exceeded. " + burstText + avgText + ".”",
				"[Scanning] drop rate-1 exceeded. Current burst rate is 10 per second_max configured rate is 10; Current average rate is 245 per second_max configured rate is 5; Cumulative total count is 147409",
				"[Scanning] drop rate 1 exceeded. Current burst rate is 10 per second_max configured rate is 10; Current average rate is 245 per second_max configured rate is 5; Cumulative total count is 147409",
				"[ Firewall] drop rate-1 exceeded. " + burstText,
				"[Firewall] drop rate 2 exceeded. " + burstText,
				"Scanning drop rate-1 exceeded. " + burstText + avgText,
				"Object drop rate 15 exceeded. " + burstText + avgText,
				"drop rate-1 exceeded. " + burstText + avgText,
			},
			Meaning: "Drops of one kind, or drops that concern one host or port, came faster than the configured burst or average rate. It may be an attack, a scan, a broken client or a limit that is set too low.",
			Action:  "Compare the rates with the thresholds over time. If they are normal for this site, adjust threat-detection rate for this object; otherwise find the source with show threat-detection statistics and block it. Drops of Interface come from the limits of CPU and bus: they show a lack of capacity, not an attack. To turn these reports off, use no threat-detection basic-threat.",
		},
		{
			ID: 733101, Severity: 4, Family: family,
			Summary: "Host or subnet scans or is scanned",
			Templates: []string{
				"{scope:host|subnet} {address} is {role:attacking|targeted}" + tail,
				"{scope:host|subnet} {address} is {role:attacking|targeted}",
			},
			Samples: []string{
				"Subnet 192.0.2.0 is targeted. Current burst rate is 200 per second, max configured rate is 0; Current average rate is 0 per second, max configured rate is 0; Cumulative total count is 2028.",
				"Host 198.51.100.7 is attacking. Current burst rate is 200 per second, max configured rate is 0; Current average rate is 0 per second, max configured rate is 0; Cumulative total count is 2024",
				"Subnet 192.0.2.0 is targeted.",
				"Host 198.51.100.7 is attacking.",
			},
			Meaning: "The device sees a scan and names the host that scans or is scanned, or the subnet of 1024 nodes that has several such hosts.",
			Action:  "Look at show threat-detection statistics host for the address. If it is an attacker, shun it, which works for hosts and not for subnets; if it is a monitoring system, raise the scanning rates.",
		},
		{
			ID: 733102, Severity: 4, Family: family,
			Summary:   "Host shunned",
			Templates: []string{"Threat-detection adds host {address} to shun list", "Threat-detection add host {address} to shun list"},
			Samples:   []string{"Threat-detection adds host 198.51.100.7 to shun list", "Threat-detection add host 198.51.100.7 to shun list"},
			Meaning:   "Threat detection classified a host as an attacker and now drops all its traffic.",
			Action:    shun,
		},
		{
			ID: 733103, Severity: 4, Family: family,
			Summary:   "Host no longer shunned",
			Templates: []string{"Threat-detection removes host {address} from shun list"},
			Samples:   []string{"Threat-detection removes host 198.51.100.7 from shun list"},
			Meaning:   "A host has been taken off the shun list.",
			Action:    "None.",
		},
		{
			ID: 733104, Severity: 4, Family: family,
			Summary:   "SYN flood: average rate exceeded",
			Templates: []string{"TCP Intercept SYN flood attack detected to {server}/{port} ({real_server}/{real_port}). Average rate of {average:int} SYNs/sec exceeded the threshold of {average_threshold:int}"},
			Samples:   []string{"TCP Intercept SYN flood attack detected to 192.0.2.80/443 (10.1.2.80/8443). Average rate of 312 SYNs/sec exceeded the threshold of 200."},
			Meaning:   "TCP intercept shields a server from a SYN flood whose average rate is above the threshold.",
			Action:    flood,
		},
		{
			ID: 733105, Severity: 4, Family: family,
			Summary:   "SYN flood: burst rate exceeded",
			Templates: []string{"TCP Intercept SYN flood attack detected to {server}/{port} ({real_server}/{real_port}). Burst rate of {burst:int} SYNs/sec exceeded the threshold of {burst_threshold:int}"},
			Samples:   []string{"TCP Intercept SYN flood attack detected to 192.0.2.80/443 (10.1.2.80/8443). Burst rate of 912 SYNs/sec exceeded the threshold of 400."},
			Meaning:   "TCP intercept shields a server from a SYN flood whose burst rate is above the threshold.",
			Action:    flood,
		},
		{
			ID: 733201, Severity: 4, Family: family,
			Summary:   "VPN service attacked, peer shunned",
			Templates: []string{"Threat-detection: Service[{service:text}] Peer[{address}]: failure threshold of {threshold:int} exceeded: adding shun to interface {interface}. {reason:text}", "Threat-detection: Service[{service:text}] Peer[{address}]: failure threshold of {threshold:int} exceeded: adding shun to interface {interface}"},
			Samples: []string{
				"Threat-detection: Service[remote-access-authentication] Peer[198.51.100.7]: failure threshold of 20 exceeded: adding shun to interface outside. SSL: RA authentication failures",
				"Threat-detection: Service[invalid-vpn-access] Peer[198.51.100.7]: failure threshold of 10 exceeded: adding shun to interface outside.",
			},
			Meaning: "A peer failed to use a VPN service so often that the device now drops its traffic on that interface.",
			Action:  "Check with show threat-detection service that the peer is not a group of legitimate users behind one address. Remove a wrong shun with no shun and raise the threshold.",
		},
	}
}
