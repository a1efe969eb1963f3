package catalog

// modules lists the messages about service modules and their applications: 323001
// to 323007, 413001 to 413008 and 505001 to 505016. Editions of the guide and
// releases name a module by its name, its slot, or its model and slot.
func modules() []Entry {
	const (
		family = "modules"

		slot  = "Module in slot {module} "
		model = "Module {model} in slot {module} "
		name  = "Module {module} "
		order = "{model} Module in slot {module}, " // As the model SSP-IPS prints it.

		slotComma = "Module in slot {module}, "
		nameComma = "Module {module}, "

		none    = "None."
		planned = "None if somebody ordered it; otherwise look at the console of the module."
		module  = "See show module details and the console of the module. If it does not come back, use hw-module module reset, then contact Cisco TAC."
	)
	named := func(text string) []string {
		return []string{slotComma + text, nameComma + text, slot + text, model + text, name + text}
	}
	samples := func(text string) []string {
		return []string{
			"Module in slot 1, " + text, "Module ips, " + text,
			"Module in slot 1 " + text, "Module ASA-SSM-10 in slot 1 " + text, "Module ips " + text,
		}
	}
	entry := func(id ID, severity int, summary, text, sample, meaning, action string) Entry {
		return Entry{
			ID: id, Severity: severity, Family: family, Summary: summary, Meaning: meaning, Action: action,
			Templates: named(text), Samples: samples(sample),
		}
	}
	// One text for each way to name the module and to quote the application.
	application := func(event string) (templates []string) {
		for _, module := range []string{slotComma, nameComma, order, slot, model, name} {
			for _, rest := range []string{
				`application ` + event + ` "{application:text}", version "{version:text}" {cause:text}`,
				`application ` + event + ` "{application:text}" version "{version:text}" {cause:text}`,
				`application ` + event + ` {application}, version {version:text}`,
			} {
				templates = append(templates, module+rest)
			}
		}
		return templates
	}
	applicationSamples := func(event string) (samples []string) {
		for _, module := range []string{"Module in slot 1, ", "Module ips, ", "ASA5585-SSP-IPS20 Module in slot 1, ", "Module in slot 1 ", "Module ASA-SSM-10 in slot 1 ", "Module ips "} {
			for _, rest := range []string{
				`application ` + event + ` "IPS", version "7.2(2)E4" Normal Operation`,
				`application ` + event + ` "IPS" version "7.2(2)E4" Config Change`,
				`application ` + event + ` IPS, version 7.2(2)E4`,
			} {
				samples = append(samples, module+rest)
			}
		}
		return samples
	}
	with := func(e Entry, ids ...ID) Entry { e.MayCarry = ids; return e }

	return []Entry{
		entry(323001, 3, "Module does not answer on its control channel",
			"experienced a control channel communications failure.", "experienced a control channel communications failure.",
			"The device cannot communicate with a module over the backplane.", module),
		entry(323002, 3, "Module did not shut down",
			"is not able to shut down, shut down request not answered.", "is not able to shut down, shut down request not answered.",
			"A module has not answered the request to shut down.", module),
		entry(323003, 3, "Module did not reload",
			"is not able to reload, reload request not answered.", "is not able to reload, reload request not answered.",
			"A module has not answered the request to reload.", module),
		entry(323004, 3, "Module could not write its software",
			"failed to write software {new_version:text} (currently {version:text}), {cause:text}. Hw-module reset is required before further use.",
			"failed to write software v7.2(2)E4 (currently v7.1(1)E4), write error. Hw-module reset is required before further use.",
			"An update of a module has failed, and the module is unusable until it is reset.", module),
		entry(323005, 3, "Module does not start",
			"can not be started completely", "can not be started completely",
			"A module has not started within its time.", module),
		with(entry(323006, 1, "Data channel of a module is down",
			"experienced a data channel communication failure, data channel is DOWN.", "experienced a data channel communication failure, data channel is DOWN.",
			"The device cannot send traffic to a module. Whether traffic passes uninspected or is dropped depends on the policy (fail-open, fail-close).", module), 505011),
		entry(323007, 3, "Firmware of a module failed, it recovers",
			"experienced a {what:firware|firmware} failure and the recovery is in progress.", "experienced a firware failure and the recovery is in progress.",
			"The firmware of a module has failed, and the module is being recovered.", module),
		entry(413001, 4, "Module refused to shut down",
			"is not able to shut down. Module Error: {error:text}", "is not able to shut down. Module Error: 5 busy",
			"A module has answered the request to shut down with an error.", module),
		entry(413002, 4, "Module refused to reload",
			"is not able to reload. Module Error: {error:text}", "is not able to reload. Module Error: 5 busy",
			"A module has answered the request to reload with an error.", module),
		entry(413003, 4, "Module is of an unknown type",
			"is not a recognized type", "is not a recognized type",
			"The software of the device does not support this module.", "Install a software version that supports the module."),
		entry(413004, 4, "Module writes its software again",
			"failed to write software {new_version:text} (currently {version:text}), {cause:text}. Trying again.",
			"failed to write software v7.2(2)E4 (currently v7.1(1)E4), write error. Trying again.",
			"An update of a module has failed and is tried again.", none),
		{
			ID: 413007, Severity: 1, Family: family,
			Summary:   "Combination of device and module not supported",
			Templates: []string{"An unsupported ASA and IPS configuration is installed. {model} with {module:text} is not supported."},
			Samples:   []string{"An unsupported ASA and IPS configuration is installed. ASA5585-SSP-10 with ASA5585-SSP-IPS40 is not supported."},
			Meaning:   "The module does not suit the device.",
			Action:    "Replace the module.",
		},
		{
			ID: 413008, Severity: 1, Family: family,
			Summary:   "Backplane of a module failed",
			Templates: []string{"There was a backplane PCI communications failure with module {model:text} in slot {module}"},
			Samples:   []string{"There was a backplane PCI communications failure with module ASA5585-SSP-IPS10 in slot 1."},
			Meaning:   "The device cannot communicate with a module over the backplane.",
			Action:    module,
		},
		entry(505001, 5, "Module shuts down",
			"is shutting down. Please wait...", "is shutting down. Please wait...",
			"A module is shutting down.", planned),
		entry(505002, 5, "Module reloads",
			"is reloading. Please wait...", "is reloading. Please wait...",
			"A module is reloading.", planned),
		entry(505003, 5, "Module is reset",
			"is resetting. Please wait...", "is resetting. Please wait...",
			"A module is being reset.", planned),
		entry(505004, 5, "Module is shut down",
			"shutdown is complete.", "shutdown is complete.",
			"A module has shut down.", planned),
		entry(505005, 5, "Module starts its control channel",
			"is initializing control communication. Please wait...", "is initializing control communication. Please wait...",
			"A module was found and starts to communicate.", none),
		entry(505006, 5, "Module is up",
			"is Up.", "is Up.",
			"A module has started and works.", none),
		entry(505007, 5, "Module is being recovered",
			"is recovering. Please wait...", "is recovering. Please wait...",
			"A module is being recovered with the hw-module recover command.", planned),
		entry(505008, 5, "Software of a module is being updated",
			"software is being updated to {new_version:text} (currently {version:text})", "software is being updated to v7.2(2)E4 (currently v7.1(1)E4)",
			"The software of a module is being updated.", none),
		entry(505009, 5, "Software of a module was updated",
			"software was updated to {version:text}", "software was updated to v7.2(2)E4",
			"The software of a module has been updated.", none),
		{
			ID: 505010, Severity: 5, Family: family,
			Summary:   "Module removed",
			Templates: []string{"Module in slot {module} removed.", "Module {module} removed."},
			Samples:   []string{"Module in slot 1 removed.", "Module ips removed."},
			Meaning:   "A module has been taken out of the device.",
			Action:    planned,
		},
		with(entry(505011, 1, "Data channel of a module is up",
			"data channel communication is UP.", "data channel communication is UP.",
			"The device can send traffic to a module again.", none), 323006),
		{
			ID: 505013, Severity: 5, Family: family,
			Summary: "Application of a module changed",
			Templates: append([]string{
				"Module {module}, application changed from: {from:text} to: {to:text}",
				"Module {module} application changed from: {from:text} to: {to:text}",
			}, application("reloading")...),
			Samples: append([]string{
				"Module ips, application changed from: IPS version 7.1(1)E4 to: IPS version 7.2(2)E4.",
				"Module ips application changed from: IPS version 7.1(1)E4 to: IPS version 7.2(2)E4.",
			}, applicationSamples("reloading")...),
			Meaning: "An application on a module has another version, or reloads to use another configuration.",
			Action:  none,
		},
		{
			ID: 505012, Severity: 5, Family: family,
			Summary:   "Application of a module stopped",
			Templates: []string{"Module {module}, application stopped {application:text}, version {version:text}", "Module {module} application stopped {application:text}, version {version:text}"},
			Samples:   []string{`Module ips, application stopped "IPS", version "7.2(2)E4"`, `Module ips application stopped "IPS", version "7.2(2)E4"`},
			Meaning:   "An application on a module, such as IPS, has been stopped or removed.",
			Action:    planned,
		},
		{
			ID: 505014, Severity: 1, Family: family, MayCarry: []ID{505015},
			Summary:   "Application of a module is down",
			Templates: application("down"),
			Samples:   applicationSamples("down"),
			Meaning:   "An application on a module, such as IPS, no longer runs.",
			Action:    module,
		},
		{
			ID: 505015, Severity: 1, Family: family, MayCarry: []ID{505014},
			Summary:   "Application of a module is up",
			Templates: application("up"),
			Samples:   applicationSamples("up"),
			Meaning:   "An application on a module, such as IPS, runs.",
			Action:    none,
		},
		{
			ID: 505016, Severity: 3, Family: family,
			Summary:   "Application of a module changed its version or state",
			Templates: []string{"Module {module}, application changed from: {from:text} to: {to:text}", "Module {module} application changed from: {from:text} to: {to:text}"},
			Samples: []string{
				"Module ips, application changed from: IPS version 7.1(1)E4 state up to: IPS version 7.2(2)E4 state up.",
				"Module ips application changed from: IPS version 7.1(1)E4 state up to: IPS version 7.2(2)E4 state up.",
			},
			Meaning: "An application on a module has another version or state.",
			Action:  planned,
		},
	}
}
