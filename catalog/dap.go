package catalog

// dap lists the messages of dynamic access policies, 734001 to 734004: which
// policy records applied to a remote access connection, and why.
func dap() []Entry {
	const (
		family  = "dap"
		session = "DAP: User {user:text}, Addr {address}"
	)
	return []Entry{
		{
			ID: 734001, Severity: 6, Family: family,
			Summary:   "Access policy records selected for a connection",
			Templates: []string{session + ", Connection {connection:text}: The following DAP records were selected for this connection: {records:text}"},
			Samples: []string{
				"DAP: User alice@example.com, Addr 192.0.2.10, Connection AnyConnect: The following DAP records were selected for this connection: dap_1, dap_2",
				"DAP: User alice, Addr 2001:db8::10 , Connection Clientless : The following DAP records were selected for this connection: DfltAccessPolicy",
			},
			Meaning: "The listed dynamic access policy records apply to a user's connection.",
			Action:  "None. Look here when a user has more or fewer rights than expected.",
		},
		{
			ID: 734002, Severity: 5, Family: family,
			Summary: "Connection terminated by access policy",
			Templates: []string{
				session + ": Connection terminated by the following DAP records: {records:text}",
				session + ": Connection terrminated by the following DAP records: {records:text}",
			},
			Samples: []string{
				"DAP: User alice, Addr 192.0.2.10: Connection terminated by the following DAP records: no_antivirus, old_client",
				"DAP: User alice, Addr 192.0.2.10 : Connection terrminated by the following DAP records: no_antivirus",
			},
			Meaning: "The listed records of dynamic access policy refused a user's connection.",
			Action:  "None if that is the intention. Otherwise compare the criteria of the named records with the user's attributes in the 734003 messages.",
		},
		{
			ID: 734003, Severity: 7, Family: family,
			Summary: "Attribute of a session seen by access policy",
			Templates: []string{
				session + ": Session Attribute {attribute} = {value:text}",
				session + ": Session Attribute: {attribute} = {value:text}",
				session + ": Session Attribute: {attribute:text}",
				session + ": Session Attribute {attribute:text}",
			},
			Samples: []string{
				`DAP: User alice, Addr 192.0.2.10: Session Attribute endpoint.anyconnect.platform = "win"`,
				"DAP: User alice, Addr 192.0.2.10: Session Attribute aaa.cisco.grouppolicy = Branch Staff",
				"DAP: User alice , Addr 192.0.2.10 : Session Attribute: aaa.cisco.tunnelgroup = Staff",
				"DAP: User alice , Addr 192.0.2.10 : Session Attribute: aaa.cisco.tunnelgroup/Staff",
				"DAP: User alice, Addr 2001:db8::10: Session Attribute aaa.cisco.tunnelgroup/Staff",
			},
			Meaning: "One attribute that AAA or the endpoint check contributed to a session and that dynamic access policy evaluates.",
			Action:  "None. An unexpected tunnel group here may be worth a look, because attackers try the default ones.",
		},
		{
			ID: 734004, Severity: 3, Family: family,
			Summary:   "Access policy processing failed",
			Templates: []string{"DAP: Processing error: Code {error:text}", "DAP: Processing error: {error:text}"},
			Samples:   []string{"DAP: Processing error: Code 3106", "DAP: Processing error: internal error 3106"},
			Meaning:   "An internal error occurred while dynamic access policy was evaluated, so the user concerned may be unable to connect.",
			Action:    "Turn on debug dap errors and have the connection tried again. If that does not explain it, give the error code and the circumstances to Cisco TAC.",
		},
	}
}
