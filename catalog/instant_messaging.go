package catalog

// instantMessaging lists the one message of the instant messaging inspection,
// 726001.
//
// The protocol is printed as "MSN IM" or "Yahoo IM" and the service may contain
// spaces as well, so the word IM separates the two where it is present. One
// edition of the guide omits the second client and the class.
func instantMessaging() []Entry {
	const (
		family  = "instant_messaging"
		flow    = "Packet flow from {source_interface}:/{source}/{source_port:int} to {destination_interface}:/{destination}/{destination_port:int} Action: {action:text}"
		between = "Session between Client {client_1:text} and {client_2:text} "
		class   = " Matched Class {class_id} {class}"
	)
	return []Entry{
		{
			ID: 726001, Severity: 6, Family: family,
			Summary: "Instant message matched an inspection rule",
			Templates: []string{
				"Inspected {protocol} IM {service:text} " + between + flow + class,
				"Inspected {protocol} {service:text} " + between + flow + class,
				"Inspected {protocol} IM {service:text} Session between Client {client_1:text} " + flow,
			},
			Samples: []string{
				"Inspected MSN IM chat Session between Client alice@example.com and bob@example.com Packet flow from inside:/192.0.2.10/49152 to outside:/198.51.100.20/1863 Action: reset connection Matched Class 21 IM_BLOCK",
				"Inspected Yahoo IM file transfer Session between Client alice and ? Packet flow from inside :/192.0.2.10 /49152 to outside :/198.51.100.20 /5050 Action: dropped connection Matched Class 22 IM_FILES",
				"Inspected MSN voice Session between Client alice and ? Packet flow from inside:/2001:db8::10/49152 to outside:/2001:db8:1::20/1863 Action: received Matched Class 23 IM_LOG",
				"Inspected MSN IM games Session between Client alice@example.com Packet flow from inside:/192.0.2.10/49152 to outside:/198.51.100.20/1863 Action: reset connection",
			},
			Meaning: "The inspection of MSN or Yahoo messenger traffic found a message that meets the configured criteria and took the configured action.",
			Action:  "None. If users complain about dropped messages, review the class map that is named.",
		},
	}
}
