package catalog

// inspection lists the drop of IPv6 and translated packets by an inspection
// that cannot handle them, 767001.
func inspection() []Entry {
	const family = "inspection"
	return []Entry{
		{
			ID: 767001, Severity: 6, Family: family,
			Summary: "Inspection dropped an unsupported IPv6 packet",
			Templates: []string{
				"{inspection:text}: Dropping an unsupported {protocol} packet from {source_interface}:{source} to {destination_interface}:{destination} (fail-close)",
			},
			Samples: []string{
				"inspect-name : Dropping an unsupported IPv6/IP46/IP64 packet from inside :2001:db8::10 to outside :2001:db8:1::20 (fail-close)",
				"SKINNY: Dropping an unsupported IP64 packet from inside:2001:db8::10 to outside:198.51.100.20 (fail-close)",
			},
			Meaning: "An inspection that cannot handle IPv6, or IPv6 translated to or from IPv4, received such a packet. Its service policy is set to fail-close, so the packet was dropped.",
			Action:  "None if the drop is intended. To let this traffic pass without inspection, remove fail-close from the service policy or take the traffic out of its class.",
		},
	}
}
