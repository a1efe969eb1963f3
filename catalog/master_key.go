package catalog

// masterKey lists the messages of password encryption with a master key, 742001
// to 742010.
//
// Three of them carry an encrypted password, 742005, 742008 and 742010. The
// field is named encrypted_password in each, so that it is easy to leave out.
func masterKey() []Entry {
	const (
		family  = "master_key"
		reapply = "Configure the command concerned again with the clear text password."
		guarded = "The message contains the encrypted password, so guard the log."
		memory  = "Find out what uses up the memory of the device and free some."
	)
	return []Entry{
		{
			ID: 742001, Severity: 3, Family: family,
			Summary:   "Master key unreadable at boot",
			Templates: []string{"failed to read master key for password encryption from persistent store"},
			Samples:   []string{"failed to read master key for password encryption from persistent store"},
			Meaning:   "After boot the master key could not be read from non-volatile memory, so encrypted passwords in the configuration cannot be decrypted.",
			Action:    "Enter the previous master key with key config-key password encryption, or set a new one if the encrypted passwords can be given up. Ignore it if password encryption is not in use.",
		},
		{
			ID: 742002, Severity: 3, Family: family,
			Summary:   "Master key not set",
			Templates: []string{"failed to set master key for password encryption"},
			Samples:   []string{"failed to set master key for password encryption"},
			Meaning:   "The command key config-key password encryption failed: for example entered over an insecure session such as Telnet, with an unencrypted failover link, together with another user, with a wrong old key or with a key that is too short.",
			Action:    "Read the error that the command itself printed, correct that and repeat the command.",
		},
		{
			ID: 742003, Severity: 3, Family: family,
			Summary: "Master key not saved",
			Templates: []string{
				"failed to save master key for password encryption, reason {reason:text}",
				"failed to save master key for password encryption, reason={reason:text}",
			},
			Samples: []string{
				"failed to save master key for password encryption, reason out of memory",
				"failed to save master key for password encryption, reason=out of memory",
			},
			Meaning: "The master key could not be written to non-volatile memory, for instance because memory is short or the storage is inconsistent. It may be lost with the next reload.",
			Action:  "If it persists, back up the whole configuration, then reformat the storage with write erase, which erases the startup configuration too, and set the key again.",
		},
		{
			ID: 742004, Severity: 3, Family: family,
			Summary: "Master key not synchronized to the peer",
			Templates: []string{
				"failed to sync master key for password encryption, reason {reason:text}",
				"failed to sync master key for password encryption, reason={reason:text}",
			},
			Samples: []string{
				"failed to sync master key for password encryption, reason peer not reachable",
				"failed to sync master key for password encryption, reason=peer not reachable",
			},
			Meaning: "The failover peer did not get the master key, so it may be unable to decrypt passwords when it takes over.",
			Action:  "Correct what the reason names, then check that the peer has the key before the next failover.",
		},
		{
			ID: 742005, Severity: 3, Family: family,
			Summary:   "Encrypted password does not match the master key",
			Templates: []string{"cipher text {encrypted_password:text} is not compatible with the configured master key or the cipher text has been tampered with"},
			Samples:   []string{"cipher text EXAMPLE-NOT-A-PASSWORD is not compatible with the configured master key or the cipher text has been tampered with"},
			Meaning:   "A password could not be decrypted: it was encrypted under another master key, or somebody changed its encrypted form.",
			Action:    "Set the right master key. If the password was altered, find out by whom and configure a new one. " + guarded,
		},
		{
			ID: 742006, Severity: 3, Family: family,
			Summary:   "Password not decrypted for lack of memory",
			Templates: []string{"password decryption failed due to unavailable memory"},
			Samples:   []string{"password decryption failed due to unavailable memory"},
			Meaning:   "There was no memory to decrypt a password; the feature that needs it does not work.",
			Action:    memory,
		},
		{
			ID: 742007, Severity: 3, Family: family,
			Summary:   "Password not encrypted for lack of memory",
			Templates: []string{"password encryption failed due to unavailable memory"},
			Samples:   []string{"password encryption failed due to unavailable memory"},
			Meaning:   "There was no memory to encrypt a password, so the configuration may contain it in clear text.",
			Action:    memory + " Then configure the password again and check that it is stored encrypted.",
		},
		{
			ID: 742008, Severity: 3, Family: family,
			Summary:   "Password not decrypted: decoding error",
			Templates: []string{"password {encrypted_password:text} decryption failed due to decoding error"},
			Samples:   []string{"password EXAMPLE-NOT-A-PASSWORD decryption failed due to decoding error"},
			Meaning:   "An encrypted password could not be decoded, possibly because it was changed after it had been encrypted.",
			Action:    reapply + " " + guarded,
		},
		{
			ID: 742009, Severity: 3, Family: family,
			Summary:   "Password not encrypted: coding error",
			Templates: []string{"password encryption failed due to decoding error", "password encryption failed due to encoding error"},
			Samples:   []string{"password encryption failed due to decoding error", "password encryption failed due to encoding error"},
			Meaning:   "A password could not be encrypted because of what is probably an internal software error.",
			Action:    reapply + " Contact Cisco TAC if it fails again.",
		},
		{
			ID: 742010, Severity: 3, Family: family,
			Summary:   "Encrypted password is malformed",
			Templates: []string{"encrypted password {encrypted_password:text} is not well formed"},
			Samples:   []string{"encrypted password EXAMPLE-NOT-A-PASSWORD is not well formed"},
			Meaning:   "The encrypted password in a command is not valid, or was changed after it had been encrypted.",
			Action:    reapply + " " + guarded,
		},
	}
}
