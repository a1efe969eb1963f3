package catalog

// certificates lists the messages about the device's own certificates, 717002 to
// 717069. Some releases print angle brackets around the type of a certificate and
// the name of its trustpoint.
func certificates() []Entry {
	const (
		family  = "certificates"
		whose   = "The {kind:text} certificate in the trustpoint {trustpoint} "
		details = " Expiration {expiration:text} Subject Name {subject:text} Issuer Name {issuer:text} Serial Number {serial:text}"
		sample  = " Expiration 12:00:00 UTC Mar 31 2026 Subject Name cn=vpn.example.com Issuer Name cn=Example CA Serial Number 4A3F21"

		renew  = "Enroll the certificate again with crypto ca enroll, or install a new one, before peers refuse it."
		enroll = "Check the address of the certification authority, the route to it and the time of the device."
	)
	return []Entry{
		{
			ID: 717002, Severity: 3, Family: family,
			Summary:   "Certificate enrollment failed",
			Templates: []string{"Certificate enrollment failed for trustpoint {trustpoint}. Reason: {cause:text}", "Certificate enrollment failed for trustpoint {trustpoint}"},
			Samples:   []string{"Certificate enrollment failed for trustpoint vpn-tp. Reason: connection timed out", "Certificate enrollment failed for trustpoint vpn-tp"},
			Meaning:   "The device did not get a certificate.",
			Action:    enroll,
		},
		{
			ID: 717003, Severity: 6, Family: family,
			Summary:   "Certificate received",
			Templates: []string{"Certificate received from Certificate Authority for trustpoint {trustpoint}."},
			Samples:   []string{"Certificate received from Certificate Authority for trustpoint vpn-tp."},
			Meaning:   "The certification authority has issued a certificate.",
			Action:    "None.",
		},
		{
			ID: 717008, Severity: 2, Family: family,
			Summary:   "No memory for an operation with certificates",
			Templates: []string{"Insufficient memory to {operation:text}"},
			Samples:   []string{"Insufficient memory to create a certificate chain."},
			Meaning:   "The device did not have memory to work with a certificate.",
			Action:    "See show memory, and reduce the load of the device.",
		},
		{
			ID: 717049, Severity: 1, Family: family,
			Summary:   "Certificate of the local authority expires soon",
			Templates: []string{"Local CA Server certificate is due to expire in {days:int} days and a replacement certificate is available for export.", "Local CA Server certificate is due to expire in {days:int} days"},
			Samples: []string{
				"Local CA Server certificate is due to expire in 29 days and a replacement certificate is available for export.",
				"Local CA Server certificate is due to expire in 29 days",
			},
			Meaning: "The certificate of the certification authority on this device expires soon.",
			Action:  "Export the replacement with show crypto ca server certificate and give it to the clients.",
		},
		{
			ID: 717054, Severity: 1, Family: family, MayCarry: []ID{717055},
			Summary:   "Certificate expires soon",
			Templates: []string{whose + "is due to expire in {days:int} days." + details, whose + "is due to expire in {days:int} days{rest:text}"},
			Samples: []string{
				"The ID certificate in the trustpoint vpn-tp is due to expire in 21 days." + sample,
				"The <CA> certificate in the trustpoint <vpn-tp> is due to expire in 21 days.",
			},
			Meaning: "A certificate expires within the time in which the device warns of it, once a day.",
			Action:  renew,
		},
		{
			ID: 717055, Severity: 1, Family: family, MayCarry: []ID{717054},
			Summary:   "Certificate has expired",
			Templates: []string{whose + "has expired." + details, whose + "has expired{rest:text}"},
			Samples: []string{
				"The ID certificate in the trustpoint vpn-tp has expired." + sample,
				"The <CA> certificate in the trustpoint <vpn-tp> has expired.",
			},
			Meaning: "A certificate is no longer valid.",
			Action:  renew,
		},
		{
			ID: 717057, Severity: 3, Family: family,
			Summary:   "Trusted certificates not updated",
			Templates: []string{"Automatic import of trustpool certificate bundle has failed. {cause:text}", "Automatic import of trustpool certificate bundle has failed"},
			Samples:   []string{"Automatic import of trustpool certificate bundle has failed. <Maximum retry attempts reached. Failed to reach CA server>", "Automatic import of trustpool certificate bundle has failed."},
			Meaning:   "The device could not get the current list of trusted certification authorities.",
			Action:    enroll,
		},
		{
			ID: 717058, Severity: 5, Family: family,
			Summary:   "Trusted certificates updated",
			Templates: []string{"Automatic import of trustpool certificate bundle is successful: {result:text}", "Automatic import of trustpool certificate bundle is successful"},
			Samples:   []string{"Automatic import of trustpool certificate bundle is successful: <No change in trustpool bundle>", "Automatic import of trustpool certificate bundle is successful."},
			Meaning:   "The device has the current list of trusted certification authorities.",
			Action:    "None.",
		},
		{
			ID: 717069, Severity: 3, Family: family,
			Summary:   "Certificate enrollment with ACME failed",
			Templates: []string{"ACME {text:text}"},
			Samples:   []string{"ACME Certificate enrollment failed for trustpoint vpn-tp. Reason: challenge failed"},
			Meaning:   "The device did not get a certificate by ACME.",
			Action:    enroll,
		},
	}
}
