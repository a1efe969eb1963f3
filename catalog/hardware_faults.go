package catalog

// hardwareFaults lists the messages about single parts of a device: the 4GE SSM
// card, 114001 to 114023, storage devices, 341003 to 341011, crypto accelerators,
// 402123 to 402127, and the bypass of Snort, 850001 and 850002.
func hardwareFaults() []Entry {
	const (
		family = "hardware_faults"

		card    = "Note the error, reload the device in a maintenance window, and contact Cisco TAC if it repeats."
		drive   = "Install or replace the storage device, then reload the module."
		crypto  = "None for a single message. If it repeats, contact Cisco TAC: the crypto accelerator may be faulty."
		bypass  = "Look for elephant flows and expensive rules. Traffic that is bypassed is not inspected."
		onCard  = "The device could not carry out an operation on its 4GE SSM card."
		ofCard  = " in 4GE SSM I/O card"
		because = " (error {error:text})."
	)
	cardEntry := func(id ID, severity int, summary, operation string) Entry {
		return Entry{
			ID: id, Severity: severity, Family: family, Summary: summary, Meaning: onCard, Action: card,
			Templates: []string{"Failed to " + operation + ofCard + because, "Failed to " + operation + ofCard + "{rest:text}"},
			Samples:   []string{"Failed to " + operation + " in 4GE SSM I/O card (error 5).", "Failed to " + operation + " in 4GE SSM I/O card due to timeout."},
		}
	}
	storage := func(id ID, summary, text, sample string) Entry {
		return Entry{
			ID: id, Severity: 3, Family: family, Summary: summary, Templates: []string{text}, Samples: []string{sample},
			Meaning: "A module needs a storage device, and it is missing or faulty.", Action: drive,
		}
	}
	return []Entry{
		{
			ID: 114001, Severity: 1, Family: family,
			Summary:   "4GE SSM card does not start",
			Templates: []string{"Failed to initialize 4GE SSM I/O card (error {error:text}).", "Failed to initialize 4GE SSM I/O card{rest:text}"},
			Samples:   []string{"Failed to initialize 4GE SSM I/O card (error 5).", "Failed to initialize 4GE SSM I/O card"},
			Meaning:   onCard, Action: card,
		},
		cardEntry(114002, 1, "Transceiver of the 4GE SSM card does not start", "initialize SFP"),
		cardEntry(114003, 1, "Commands for the 4GE SSM card failed", "run cached commands"),
		cardEntry(114006, 3, "Port statistics of the 4GE SSM card not read", "get port statistics"),
		cardEntry(114007, 3, "Register of the 4GE SSM card not read", "get current msr"),
		{
			ID: 114008, Severity: 3, Family: family,
			Summary:   "Port of the 4GE SSM card not enabled",
			Templates: []string{"Failed to enable port after link is up in 4GE SSM I/O card{rest:text}"},
			Samples:   []string{"Failed to enable port after link is up in 4GE SSM I/O card due to either I2C serial bus access error or switch access error."},
			Meaning:   onCard, Action: card,
		},
		cardEntry(114009, 3, "Multicast address of the 4GE SSM card not set", "set multicast address"),
		cardEntry(114010, 3, "Multicast hardware address of the 4GE SSM card not set", "set multicast hardware address"),
		cardEntry(114011, 3, "Multicast address of the 4GE SSM card not deleted", "delete multicast address"),
		cardEntry(114012, 3, "Multicast hardware address of the card not deleted", "delete multicast hardware address"),
		cardEntry(114013, 3, "Address table of the 4GE SSM card not set", "set mac address table"),
		cardEntry(114014, 3, "Address of the 4GE SSM card not set", "set mac address"),
		cardEntry(114015, 3, "Mode of the 4GE SSM card not set", "set mode"),
		cardEntry(114016, 3, "Multicast mode of the 4GE SSM card not set", "set multicast mode"),
		cardEntry(114017, 3, "Link status of the 4GE SSM card not read", "get link status"),
		cardEntry(114018, 3, "Port speed of the 4GE SSM card not set", "set port speed"),
		cardEntry(114019, 3, "Media type of the 4GE SSM card not set", "set media type"),
		{
			ID: 114020, Severity: 3, Family: family,
			Summary:   "Port speed of the 4GE SSM card unknown",
			Templates: []string{"Port link speed is unknown in 4GE SSM I/O card."},
			Samples:   []string{"Port link speed is unknown in 4GE SSM I/O card."},
			Meaning:   onCard, Action: card,
		},
		cardEntry(114021, 3, "Multicast table of the 4GE SSM card not set", "set multicast address table"),
		cardEntry(114022, 3, "Broadcasts not passed by the 4GE SSM card", "pass broadcast traffic"),
		cardEntry(114023, 3, "Address table of the 4GE SSM card not flushed", "cache/flush mac table"),
		storage(341004, "Storage device missing, module not shut down", "Storage device not available: Attempt to shutdown module {module} failed.", "Storage device not available: Attempt to shutdown module cxsc failed."),
		storage(341005, "Storage device missing, module shut down", "Storage device not available. Shutdown issued for module {module}.", "Storage device not available. Shutdown issued for module cxsc."),
		storage(341006, "Storage device missing, recovery not stopped", "Storage device not available. Failed to stop recovery of module {module}.", "Storage device not available. Failed to stop recovery of module cxsc ."),
		storage(341007, "Storage device missing, recovery stopped", "Storage device not available. Further recovery of module {module} was stopped. This may take several minutes to complete.", "Storage device not available. Further recovery of module cxsc was stopped. This may take several minutes to complete."),
		storage(341008, "Storage device missing, module not booted", "Storage device not found. Auto-boot of module {module} cancelled. Install drive and reload to try again.", "Storage device not found. Auto-boot of module cxsc cancelled. Install drive and reload to try again."),
		storage(341011, "Storage device faulty", "Storage device with serial number {serial} in bay {bay} faulty.", "Storage device with serial number MSA1234 in bay 0 faulty."),
		{
			ID: 402123, Severity: 3, Family: family,
			Summary:   "Crypto accelerator command failed",
			Templates: []string{"CRYPTO: The {accelerator:text} hardware accelerator encountered an error ({error:text}) while executing command {command:text}", "CRYPTO: The {accelerator:text} hardware accelerator encountered an error{rest:text}"},
			Samples:   []string{"CRYPTO: The ASA hardware accelerator encountered an error (HW error= 5) while executing command 12.", "CRYPTO: The ASA hardware accelerator encountered an error"},
			Meaning:   "A command of the crypto accelerator has failed; some sessions may be lost.",
			Action:    crypto,
		},
		{
			ID: 402124, Severity: 4, Family: family,
			Summary:   "Crypto accelerator error",
			Templates: []string{"CRYPTO: The {accelerator:text} hardware accelerator encountered an error{rest:text}"},
			Samples:   []string{"CRYPTO: The ASA hardware accelerator encountered an error (Hardware error address= 0x1, Core= 0, IstatReg= 0x8)"},
			Meaning:   "The crypto accelerator has reported an error and is reset.",
			Action:    crypto,
		},
		{
			ID: 402125, Severity: 4, Family: family,
			Summary:   "Crypto accelerator timeout",
			Templates: []string{"CRYPTO: The {accelerator:text} hardware accelerator {ring:text} ring timed out{rest:text}"},
			Samples:   []string{"CRYPTO: The ASA hardware accelerator IPSec ring timed out (Desc= 0x1, CtrlStat= 0x2)"},
			Meaning:   "The crypto accelerator did not answer in time and is reset.",
			Action:    crypto,
		},
		{
			ID: 402126, Severity: 4, Family: family,
			Summary:   "Crypto error archive written",
			Templates: []string{"CRYPTO: The {system:text} created Crypto Archive File {file:text} as a Soft Reset was necessary. {rest:text}", "CRYPTO: The {system:text} created Crypto Archive File {file:text}"},
			Samples:   []string{"CRYPTO: The ASA created Crypto Archive File disk0:/crypto_archive/crypto_eng0_arch_1.bin as a Soft Reset was necessary. Please forward this archived information to Cisco.", "CRYPTO: The ASA created Crypto Archive File disk0:/crypto_archive/crypto_eng0_arch_1.bin"},
			Meaning:   "The crypto accelerator was reset, and its state was saved.",
			Action:    crypto,
		},
		{
			ID: 402127, Severity: 4, Family: family,
			Summary:   "Crypto error archive not written",
			Templates: []string{"CRYPTO: The {system:text} is skipping the writing of latest Crypto Archive File{rest:text}"},
			Samples:   []string{"CRYPTO: The ASA is skipping the writing of latest Crypto Archive File as the maximum # of files, 2, allowed have been written to disk0:/crypto_archive."},
			Meaning:   "The crypto accelerator was reset again, and there are enough saved states already.",
			Action:    crypto,
		},
		{
			ID: 850001, Severity: 3, Family: family,
			Summary:   "Snort bypassed: it delayed traffic",
			Templates: []string{"SNORT {instance} ({process:text}) Automatic-Application-Bypass due to delay of {delay:text} (threshold {threshold:text}) with {connection:text}", "SNORT {instance} ({process:text}) Automatic-Application-Bypass{rest:text}"},
			Samples: []string{
				"SNORT 1 (2/4711) Automatic-Application-Bypass due to delay of 3100ms (threshold 3000ms) with TCP connection from inside:10.0.0.1/50000 to outside:198.51.100.7/443",
				"SNORT 1 (2/4711) Automatic-Application-Bypass",
			},
			Meaning: "An inspection process took too long for a packet, and was restarted; traffic passed it meanwhile.",
			Action:  bypass,
		},
		{
			ID: 850002, Severity: 3, Family: family,
			Summary:   "Snort bypassed: it used too much",
			Templates: []string{"SNORT {instance} ({process:text}) Automatic-Application-Bypass{rest:text}"},
			Samples:   []string{"SNORT 1 (2/4711) Automatic-Application-Bypass due to memory"},
			Meaning:   "An inspection process used too much of a resource, and was restarted; traffic passed it meanwhile.",
			Action:    bypass,
		},
	}
}
