package catalog

// userIdentity lists the name resolution messages of the identity firewall,
// 746014 to 746016.
//
// One edition of the guide omits the bracket that opens [FQDN], and one omits
// the name that could not be looked up.
func userIdentity() []Entry {
	const family = "user_identity"
	return []Entry{
		{
			ID: 746014, Severity: 5, Family: family,
			Summary: "Address no longer belongs to a domain name",
			Templates: []string{
				"user-identity: [FQDN] {fqdn} address {address} obsolete.",
				"user-identity: FQDN] {fqdn} address {address} obsolete.",
			},
			Samples: []string{
				"user-identity: [FQDN] www.example.com address 192.0.2.80 obsolete.",
				"user-identity: [FQDN] cdn.example.net address 2001:db8::80 obsolete",
				"user-identity: FQDN] www.example.com address 192.0.2.80 obsolete.",
			},
			Meaning: "DNS no longer returns this address for a fully qualified name that access rules use, so the rules stop applying to the address.",
			Action:  "None. If users lose access to a site whose addresses change often, compare the DNS answers of the firewall and of the clients.",
		},
		{
			ID: 746015, Severity: 5, Family: family,
			Summary: "Domain name resolved",
			Templates: []string{
				"user-identity: [FQDN] {fqdn} resolved {address}.",
				"user-identity: FQDN] {fqdn} resolved {address}.",
			},
			Samples: []string{
				"user-identity: [FQDN] www.example.com resolved 192.0.2.80",
				"user-identity: [FQDN] www.example.com resolved 2001:db8::80",
				"user-identity: FQDN] www.example.com resolved 192.0.2.80 .",
			},
			Meaning: "A DNS lookup of a fully qualified name that access rules use gave this address.",
			Action:  "None.",
		},
		{
			ID: 746016, Severity: 3, Family: family,
			Summary: "DNS lookup of a domain name failed",
			Templates: []string{
				"user-identity: DNS lookup for {fqdn} failed, reason:{reason:text}",
				"user-identity: DNS lookup failed, reason:{reason:text}",
			},
			Samples: []string{
				"user-identity: DNS lookup for www.example.com failed, reason: Timeout or unresolvable",
				"user-identity: DNS lookup for www.example.com failed, reason:Timeout",
				"user-identity: DNS lookup failed, reason: No memory",
			},
			Meaning: "The firewall could not look up a name that access rules use: the DNS server did not answer, the name does not exist, or memory ran out. Rules with this name may not match.",
			Action:  "Check that the name exists and that the firewall reaches its DNS servers, by ping and by show dns. If the reason is memory or it persists, contact Cisco TAC.",
		},
	}
}
