package catalog

// password lists the logins with an expired password, 772002 to 772004, and the
// authentication that is required to change a password, 772005 and 772006.
// Some releases put the user name in quotes.
func password() []Entry {
	const (
		family = "password"
		expire = "If the user is entitled to log in, have an administrator set a new password. If not, somebody is trying old credentials: block the address and look for further attempts."
	)
	return []Entry{
		{
			ID: 772002, Severity: 3, Family: family,
			Summary: "Console login with an expired password",
			Templates: []string{
				"PASSWORD: {session} login warning, user '{user:text}', cause: password expired",
				"PASSWORD: {session} login warning, user {user:text}, cause: password expired",
			},
			Samples: []string{
				"PASSWORD: console login warning, user 'admin', cause: password expired",
				"PASSWORD: console login warning, user admin , cause: password expired",
			},
			Meaning: "A user logged in at the system console with an expired password. The console allows it so that nobody is locked out for good.",
			Action:  "Have the user change the password now; over the network it no longer works.",
		},
		{
			ID: 772003, Severity: 2, Family: family,
			Summary: "SSH or Telnet login refused: password expired",
			Templates: []string{
				"PASSWORD: {session} login failed, user '{user:text}', IP {address}, cause: password expired",
				"PASSWORD: {session} login failed, user {user:text}, IP {address}, cause: password expired",
			},
			Samples: []string{
				"PASSWORD: SSH login failed, user 'admin', IP 192.0.2.15, cause: password expired",
				"PASSWORD: Telnet login failed, user admin , IP 2001:db8::15 , cause: password expired",
			},
			Meaning: "A user tried to log in over SSH or Telnet with an expired password and was refused.",
			Action:  expire,
		},
		{
			ID: 772004, Severity: 3, Family: family,
			Summary: "ASDM login refused: password expired",
			Templates: []string{
				"PASSWORD: {session} login failed, user '{user:text}', IP {address}, cause: password expired",
				"PASSWORD: {session} login failed, user {user:text}, IP {address}, cause: password expired",
			},
			Samples: []string{
				"PASSWORD: ASDM login failed, user 'admin', IP 192.0.2.15, cause: password expired",
				"PASSWORD: ASDM login failed, user admin , IP 192.0.2.15 , cause: password expired",
			},
			Meaning: "A user tried to log in with ASDM and an expired password and was refused.",
			Action:  expire,
		},
		{
			ID: 772005, Severity: 6, Family: family,
			Summary: "User authenticated after a password change",
			Templates: []string{
				"REAUTH: user '{user:text}' passed authentication",
				"REAUTH: user {user:text} passed authentication",
			},
			Samples: []string{
				"REAUTH: user 'admin' passed authentication",
				"REAUTH: user admin passed authentication",
			},
			Meaning: "A user has changed the password and authenticated successfully.",
			Action:  "None.",
		},
		{
			ID: 772006, Severity: 2, Family: family,
			Summary: "Password not changed: wrong password given",
			Templates: []string{
				"REAUTH: user '{user:text}' failed authentication",
				"REAUTH: user {user:text} failed authentication",
			},
			Samples: []string{
				"REAUTH: user 'admin' failed authentication",
				"REAUTH: user admin failed authentication",
			},
			Meaning: "A user wanted to change the password but entered a wrong one, so the password is still the old one.",
			Action:  "The user can try again with the change-password command. If the user did not try this, somebody else is using an open session: end it.",
		},
	}
}
