package catalog

// ssl lists the messages of the SSL and TLS handshake, 725001 to 725017, of the
// VPN portal, the management interface and the device's own client connections.
//
// Early releases name only the peer, later ones also the other end, so most
// entries have two templates.
func ssl() []Entry {
	const (
		family  = "ssl"
		peer    = "{peer} {interface}:{source}/{source_port:int}"
		both    = peer + " to {destination}/{destination_port:int}"
		quiet   = "None. It belongs to every handshake; turn the message off if it floods the log."
		ciphers = "None. If handshakes fail, compare this list with the other side's list: they need one cipher in common."
	)
	return []Entry{
		{
			ID: 725001, Severity: 6, Family: family,
			Summary: "SSL handshake started",
			Templates: []string{
				"Starting SSL handshake with " + both + " for {protocol} session.",
				"Starting SSL handshake with " + peer + " for {protocol} session.",
			},
			Samples: []string{
				"Starting SSL handshake with client outside:192.0.2.10/49243 to 198.51.100.1/443 for TLSv1.2 session",
				"Starting SSL handshake with client outside:2001:db8::10/49243 to 2001:db8:1::1/443 for TLSv1.3 session",
				"Starting SSL handshake with server inside :192.0.2.10 /636 to 198.51.100.1 /40112 for DTLSv1 session.",
				"Starting SSL handshake with client outside:192.0.2.10/49238 for TLS session.",
			},
			Meaning: "An SSL or TLS handshake with a remote client or server has begun.",
			Action:  quiet,
		},
		{
			ID: 725002, Severity: 6, Family: family,
			Summary: "SSL handshake completed",
			Templates: []string{
				"Device completed SSL handshake with " + both + " for {protocol} session",
				"Device completed SSL handshake with " + both,
				"Device completed SSL handshake with " + peer,
			},
			Samples: []string{
				"Device completed SSL handshake with client outside:192.0.2.10/49243 to 198.51.100.1/443 for TLSv1.2 session",
				"Device completed SSL handshake with client outside:192.0.2.10/49243 to 198.51.100.1/443",
				"Device completed SSL handshake with client outside:192.0.2.10/65531",
			},
			Meaning: "An SSL or TLS handshake with a remote device has succeeded.",
			Action:  "None.",
		},
		{
			ID: 725003, Severity: 6, Family: family,
			Summary: "Peer asks to resume an SSL session",
			Templates: []string{
				"SSL " + both + " request to resume previous session.",
				"SSL " + peer + " request to resume previous session.",
			},
			Samples: []string{
				"SSL client outside:192.0.2.10/49243 to 198.51.100.1/443 request to resume previous session",
				"SSL client outside:192.0.2.10/49243 request to resume previous session.",
			},
			Meaning: "A remote device wants to pick up an earlier SSL session instead of negotiating a new one.",
			Action:  "None.",
		},
		{
			ID: 725004, Severity: 6, Family: family,
			Summary: "Device asks the peer for a certificate",
			Templates: []string{
				"Device requesting certificate from SSL " + both + " for authentication.",
				"Device requesting certificate from SSL " + peer + " for authentication.",
			},
			Samples: []string{
				"Device requesting certificate from SSL client outside:192.0.2.10/49243 to 198.51.100.1/443 for authentication",
				"Device requesting certificate from SSL client outside:192.0.2.10/49243 for authentication.",
			},
			Meaning: "The firewall has asked a client to authenticate itself with a certificate.",
			Action:  "None.",
		},
		{
			ID: 725005, Severity: 6, Family: family,
			Summary: "Server asks for the device's certificate",
			Templates: []string{
				"SSL " + both + " requesting our device certificate for authentication.",
				"SSL " + peer + " requesting our device certificate for authentication.",
			},
			Samples: []string{
				"SSL server inside:192.0.2.20/636 to 198.51.100.1/40112 requesting our device certificate for authentication",
				"SSL server inside:192.0.2.20/636 requesting our device certificate for authentication.",
			},
			Meaning: "A server to which the firewall connects wants the firewall to authenticate itself with its certificate.",
			Action:  "None.",
		},
		{
			ID: 725006, Severity: 6, Family: family,
			Summary: "SSL handshake failed",
			Templates: []string{
				"Device failed SSL handshake with " + both,
				"Device failed SSL handshake with " + peer,
			},
			Samples: []string{
				"Device failed SSL handshake with client outside:192.0.2.10/49699 to 198.51.100.1/443",
				"Device failed SSL handshake with client outside:192.0.2.10/49699",
			},
			Meaning: "An SSL or TLS handshake with a remote device has failed.",
			Action:  "Look for a 725014 message at the same time, which names the reason. A few of these from scanners are normal on an interface that faces the Internet.",
		},
		{
			ID: 725007, Severity: 6, Family: family,
			Summary: "SSL session ended",
			Templates: []string{
				"SSL session with " + both + " terminated.",
				"SSL session with " + peer + " terminated.",
			},
			Samples: []string{
				"SSL session with client outside:192.0.2.10/49243 to 198.51.100.1/443 terminated",
				"SSL session with client outside:192.0.2.10/49486 terminated.",
			},
			Meaning: "An SSL session with a remote device has come to its end.",
			Action:  "None.",
		},
		{
			ID: 725008, Severity: 7, Family: family,
			Summary: "Peer proposes ciphers",
			Templates: []string{
				"SSL " + both + " proposes the following {ciphers:int} cipher(s).",
				"SSL " + peer + " proposes the following {ciphers:int} cipher(s).",
			},
			Samples: []string{
				"SSL client outside:192.0.2.10/49243 to 198.51.100.1/443 proposes the following 16 cipher(s)",
				"SSL client outside:192.0.2.10/58911 proposes the following 8 cipher(s).",
			},
			Meaning: "A remote device has offered this many ciphers; 725011 messages with their names follow.",
			Action:  ciphers,
		},
		{
			ID: 725009, Severity: 7, Family: family,
			Summary: "Device proposes ciphers to a server",
			Templates: []string{
				"Device proposes the following {ciphers:int} cipher(s) to " + both,
				"Device proposes the following {ciphers:int} cipher(s) to " + peer,
				"Device proposes the following {ciphers:int} cipher(s) " + both,
			},
			Samples: []string{
				"Device proposes the following 12 cipher(s) to server inside:192.0.2.20/636 to 198.51.100.1/40112",
				"Device proposes the following 4 cipher(s) to server inside:192.0.2.20/636.",
				"Device proposes the following 12 cipher(s) server inside :192.0.2.20 /636 to 198.51.100.1 /40112 .",
			},
			Meaning: "The firewall has offered this many ciphers to a server; 725011 messages with their names follow.",
			Action:  ciphers,
		},
		{
			ID: 725010, Severity: 7, Family: family,
			Summary:   "Number of ciphers that the device supports",
			Templates: []string{"Device supports the following {ciphers:int} cipher(s)."},
			Samples:   []string{"Device supports the following 1 cipher(s).", "Device supports the following 20 cipher(s)"},
			Meaning:   "The firewall accepts this many ciphers for an SSL session; 725011 messages with their names follow.",
			Action:    ciphers,
		},
		{
			ID: 725011, Severity: 7, Family: family,
			Summary:   "Name and rank of one cipher",
			Templates: []string{"Cipher[{order:int}]: {cipher}"},
			Samples:   []string{"Cipher[1] : ECDHE-RSA-AES256-GCM-SHA384", "Cipher[2 ]: AES256-SHA"},
			Meaning:   "One line of a cipher list that 725008, 725009 or 725010 has announced, with its place in the order of preference.",
			Action:    "None.",
		},
		{
			ID: 725012, Severity: 7, Family: family,
			Summary: "Device chose a cipher",
			Templates: []string{
				"Device chooses cipher: {cipher} for the SSL session with " + both,
				"Device chooses cipher: {cipher} for the SSL session with " + peer,
				"Device chooses cipher {cipher} for the SSL session with " + both,
				"Device chooses cipher {cipher} for the SSL session with " + peer,
			},
			Samples: []string{
				"Device chooses cipher : ECDHE-RSA-AES256-GCM-SHA384 for the SSL session with client outside:192.0.2.10/49243 to 198.51.100.1/443",
				"Device chooses cipher : AES128-SHA for the SSL session with client outside:192.0.2.10/61132",
				"Device chooses cipher ECDHE-RSA-AES256-GCM-SHA384 for the SSL session with client outside:192.0.2.10/49243 to 198.51.100.1/443",
				"Device chooses cipher AES128-SHA for the SSL session with client outside:192.0.2.10/61132",
			},
			Meaning: "The firewall has selected the cipher of this SSL session.",
			Action:  "None. Use it to find clients that still depend on a weak cipher.",
		},
		{
			ID: 725013, Severity: 7, Family: family,
			Summary: "Server chose a cipher",
			Templates: []string{
				"SSL " + both + " chooses cipher: {cipher}",
				"SSL " + peer + " chooses cipher: {cipher}",
				"SSL " + both + " chooses cipher {cipher}",
				"SSL " + peer + " chooses cipher {cipher}",
			},
			Samples: []string{
				"SSL server inside:192.0.2.20/636 to 198.51.100.1/40112 chooses cipher : ECDHE-RSA-AES256-GCM-SHA384",
				"SSL server inside:192.0.2.20/636 chooses cipher : AES128-SHA",
				"SSL server inside:192.0.2.20/636 to 198.51.100.1/40112 chooses cipher ECDHE-RSA-AES256-GCM-SHA384",
				"SSL Server inside:192.0.2.20/636 chooses cipher AES128-SHA",
			},
			Meaning: "The server to which the firewall connects has selected the cipher of the SSL session.",
			Action:  "None. Use it to find servers that still depend on a weak cipher.",
		},
		{
			ID: 725014, Severity: 7, Family: family,
			Summary:   "Reason of a failed SSL handshake",
			Templates: []string{"SSL lib error. Function: {function} Reason: {reason:text}"},
			Samples: []string{
				"SSL lib error. Function: SSL3_GET_CLIENT_HELLO Reason: no shared cipher",
				"SSL lib error. Function: tls_process_client_hello Reason: unsupported protocol",
			},
			Meaning: "The SSL library reports in which function and why a handshake failed.",
			Action:  "Read the reason: with no shared cipher or an unsupported protocol, align the SSL settings of both sides. Quote this message if you open a case with Cisco TAC.",
		},
		{
			ID: 725015, Severity: 3, Family: family,
			Summary: "Client certificate rejected: key too large",
			Templates: []string{
				"Error verifying client certificate. Public key size in client certificate exceeds the maximum supported key size.",
				"Error verifying client certificate. Public key size in client certificate ({key_bits:int} bits) exceeds the maximum supported key size of {limit_bits:int} bits.",
			},
			Samples: []string{
				"Error verifying client certificate. Public key size in client certificate exceeds the maximum supported key size.",
				"Error verifying client certificate. Public key size in client certificate (8192 bits) exceeds the maximum supported key size of 4096 bits",
			},
			Meaning: "A client presented a certificate whose public key is larger than the firewall can verify, so it could not authenticate.",
			Action:  "Issue that client a certificate with a key of 4096 bits or fewer.",
		},
		{
			ID: 725016, Severity: 6, Family: family,
			Summary:   "Device selected a trustpoint",
			Templates: []string{"Device selects trust-point {trustpoint} for " + both},
			Samples: []string{
				"Device selects trust-point VPN_TRUSTPOINT for client outside:192.0.2.10/49243 to 198.51.100.1/443",
				"Device selects trust-point VPN_TRUSTPOINT for client outside:2001:db8::10/49243 to 2001:db8:1::1/443",
			},
			Meaning: "The firewall reports which trustpoint, and so which certificate, serves this connection. With server name indication it can differ from the trustpoint configured on the interface.",
			Action:  "None. If clients complain about the certificate, check whether this is the expected trustpoint.",
		},
		{
			ID: 725017, Severity: 7, Family: family,
			Summary:   "Peer sent no certificate",
			Templates: []string{"No certificates received during the handshake with " + both + " for {protocol} session"},
			Samples: []string{
				"No certificates received during the handshake with client outside:192.0.2.10/49243 to 198.51.100.1/443 for TLSv1.2 session",
				"No certificates received during the handshake with client outside :192.0.2.10 /49243 to 198.51.100.1 /443 for DTLSv1 session",
			},
			Meaning: "A remote client sent no valid certificate during the handshake.",
			Action:  "None unless that client should authenticate with a certificate; then check that it has one installed and not expired.",
		},
	}
}
