package catalog

// licenses lists the messages about licenses: keys that expire, 444004 to 444009,
// shared licenses, 444101 to 444111, and Smart Licensing, 444302 to 444307. The
// latter carry the text of another process behind a tag of its own, which names the
// event. No key ever becomes a label.
func licenses() []Entry {
	const (
		family = "licenses"
		keys   = "{kind:Timebased|Temporary|Time-based} {what:license|activation} key {key:text} "
		agent  = "%SMART_LIC-{level:int}-{event}:{text:text}"
		other  = "SMART_LIC-{level:int}-{event}:{text:text}"

		renew  = "Order and install a new key, or the features of this one stop."
		shared = "Check the license server and the route to it."
		smart  = "See show license all. Check the route and the name resolution to the license server, the time of the device, and the account in Smart Software Manager."
	)
	smartEntry := func(id ID, severity int, summary, event, text, action string) Entry {
		return Entry{
			ID: id, Severity: severity, Family: family, Summary: summary,
			Templates: []string{agent, other},
			Samples:   []string{"%SMART_LIC-" + event + ":" + text, "SMART_LIC-" + event + ": " + text},
			Meaning:   "Smart Licensing reports an event at this severity; the text names it.",
			Action:    action,
		}
	}
	return []Entry{
		{
			ID: 444004, Severity: 2, Family: family,
			Summary:   "License key has expired",
			Templates: []string{keys + "has expired. {consequence:text}", keys + "has expired"},
			Samples: []string{
				"Temporary license key 0x00000001 0x00000002 has expired. Applying permanent license key 0x00000003",
				"Timebased activation key 0x00000001 0x00000002 has expired",
			},
			Meaning: "A key for a limited time has expired, and its features have stopped.",
			Action:  renew,
		},
		{
			ID: 444005, Severity: 4, Family: family,
			Summary:   "License key expires soon",
			Templates: []string{keys + "will expire in {days:int} days.", keys + "will expire in {days:int} days{rest:text}"},
			Samples: []string{
				"Timebased license key 0x00000001 0x00000002 0x00000003 will expire in 127 days.",
				"Timebased activation key 0x00000001 will expire in 7 days unless renewed",
			},
			Meaning: "A key for a limited time expires soon; the device warns once a day.",
			Action:  renew,
		},
		{
			ID: 444007, Severity: 2, Family: family, MayCarry: []ID{444004},
			Summary:   "License key has expired, features affected",
			Templates: []string{keys + "has expired. Reverting to {consequence:text} The following features will be affected: {features:text}"},
			Samples:   []string{"Timebased activation key 0x00000001 0x00000002 has expired. Reverting to permanent license key. The following features will be affected: AnyConnect Premium Peers"},
			Meaning:   "A key for a limited time has expired, and its features have stopped.",
			Action:    renew,
		},
		{
			ID: 444008, Severity: 4, Family: family,
			Summary:   "License has expired, reload scheduled",
			Templates: []string{"{license:text} license has expired, and the system is scheduled to reload in {days:int} days. {rest:text}", "{license:text} license has expired, and the system is scheduled to reload in {days:int} days"},
			Samples: []string{
				"Encryption-3DES-AES license has expired, and the system is scheduled to reload in 12 days. Apply a new activation key to enable the license and prevent the automatic reload.",
				"Botnet license has expired, and the system is scheduled to reload in 12 days",
			},
			Meaning: "A license has expired, and the device will reload without it.",
			Action:  renew,
		},
		{
			ID: 444009, Severity: 2, Family: family,
			Summary:   "Reloading: license has expired",
			Templates: []string{"{license:text} license has expired {days:int} days ago. The system will now reload."},
			Samples:   []string{"Encryption-3DES-AES license has expired 30 days ago. The system will now reload."},
			Meaning:   "A license has been expired for 30 days, and the device restarts at this moment.",
			Action:    renew,
		},
		{
			ID: 444101, Severity: 5, Family: family, MayCarry: []ID{444102},
			Summary:   "Shared license service works",
			Templates: []string{"Shared license service is active. License server address: {address:text}", "Shared license service is active"},
			Samples:   []string{"Shared license service is active. License server address: 192.0.2.20", "Shared license service is active."},
			Meaning:   "The device gets its licenses from the server.",
			Action:    "None.",
		},
		{
			ID: 444102, Severity: 2, Family: family, MayCarry: []ID{444101},
			Summary:   "Shared license server does not answer",
			Templates: []string{"Shared license service inactive. License server is not responding.", "Shared license service inactive"},
			Samples:   []string{"Shared license service inactive. License server is not responding.", "Shared license service inactive."},
			Meaning:   "The server that shares licenses among devices does not answer.",
			Action:    shared,
		},
		{
			ID: 444105, Severity: 2, Family: family,
			Summary:   "Shared licenses released: server gone for a day",
			Templates: []string{"Released {count:int} shared {license:text} license(s). License server has been unreachable for {hours:int} hours"},
			Samples:   []string{"Released 50 shared AnyConnect Premium license(s). License server has been unreachable for 24 hours"},
			Meaning:   "The device gives up its shared licenses, because it could not renew them for a day.",
			Action:    shared,
		},
		{
			ID: 444106, Severity: 4, Family: family,
			Summary:   "Backup of the shared license server not available",
			Templates: []string{"Shared license backup server {address} is not available"},
			Samples:   []string{"Shared license backup server 192.0.2.21 is not available"},
			Meaning:   "The backup server for shared licenses does not answer.",
			Action:    shared,
		},
		{
			ID: 444110, Severity: 4, Family: family,
			Summary:   "Backup license server active for a limited time",
			Templates: []string{"Shared license server backup has {days:int} days remaining as active license server.", "Shared license server backup has {days:int} remaining as active license server"},
			Samples:   []string{"Shared license server backup has 28 days remaining as active license server.", "Shared license server backup has 28 remaining as active license server"},
			Meaning:   "The backup server has taken over, and may do so for a limited number of days.",
			Action:    shared,
		},
		{
			ID: 444111, Severity: 2, Family: family,
			Summary:   "Backup license server has stopped",
			Templates: []string{"Shared license backup service has been terminated due to the primary license server {address} being unavailable for more than {days:int} days. {rest:text}", "Shared license backup service has been terminated {rest:text}"},
			Samples: []string{
				"Shared license backup service has been terminated due to the primary license server 192.0.2.20 being unavailable for more than 30 days. The license server needs to be brought back online to continue using shared licensing.",
				"Shared license backup service has been terminated due to the primary license server being unavailable",
			},
			Meaning: "The backup server no longer shares licenses, because the primary server has been gone for too long.",
			Action:  shared,
		},
		smartEntry(444302, 2, "Smart Licensing: critical event", "2-PLATFORM_ERROR", "Platform error.", "Contact Cisco TAC if it repeats."),
		smartEntry(444303, 3, "Smart Licensing: error", "3-OUT_OF_COMPLIANCE", "One or more entitlements are out of compliance", smart),
		smartEntry(444304, 4, "Smart Licensing: warning", "4-EVAL_WILL_EXPIRE_WARNING", "Evaluation period will expire in 30 days", smart),
		smartEntry(444305, 5, "Smart Licensing: notification", "5-COMM_RESTORED", "Communications with the license server restored", "None."),
		smartEntry(444306, 6, "Smart Licensing: information", "6-AGENT_REG_SUCCESS", "Registration succeeded", "None."),
		smartEntry(444307, 7, "Smart Licensing: debugging", "7-DAILY_JOB_TIMER_RESET", "Daily job timer reset", "None."),
	}
}
