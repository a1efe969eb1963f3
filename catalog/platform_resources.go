package catalog

// platformResources lists the checks of a virtual firewall against the CPUs and memory
// that its platform allows, 770001 to 770003, and the check at boot whether there
// is memory for jumbo frames, 736001.
//
// The guide misprints "list of" for "limit of", and only some editions name the
// limit and the platform.
func platformResources() []Entry {
	const (
		family = "platform_resources"
		shrink = "Give the virtual machine the CPUs and memory that its template from cisco.com has."
	)
	return []Entry{
		{
			ID: 736001, Severity: 2, Family: family,
			Summary:   "Jumbo frames disabled for lack of memory",
			Templates: []string{"Unable to allocate enough memory at boot for jumbo-frame reservation. Jumbo-frame support has been disabled."},
			Samples:   []string{"Unable to allocate enough memory at boot for jumbo-frame reservation. Jumbo-frame support has been disabled."},
			Meaning:   "At boot there was not enough memory to reserve for jumbo frames, so the device does not support them now.",
			Action:    "Enable them again with jumbo-frame reservation, save the configuration and reboot in a maintenance window. If that does not help, save the message and contact Cisco TAC.",
		},
		{
			ID: 770001, Severity: 4, Family: family,
			Summary: "Virtual machine exceeds its platform limit",
			Templates: []string{
				"{part:text} resource allocation is more than the permitted limit of {limit:text} for this platform. If this condition persists, the {system:text} will be rebooted.",
				"{part:text} resource allocation is more than the permitted list of {limit:text} for this platform. If this condition persists, the {system:text} will be rebooted.",
				"{part:text} resource allocation is more than the permitted limit for this platform. If this condition persists, the {system:text} will be rebooted.",
				"{part:text} resource allocation is more than the permitted limit of {limit:text}. If this condition persists, the {system:text} will be rebooted.",
			},
			Samples: []string{
				"Memory resource allocation is more than the permitted limit of 8192 MB for this platform. If this condition persists, the ASA will be rebooted.",
				"vCPU resource allocation is more than the permitted limit of 4 for this platform. If this condition persists, the FTD will be rebooted.",
				"CPU resource allocation is more than the permitted list of 4 for this platform. If this condition persists, the ASA will be rebooted.",
				"Memory resource allocation is more than the permitted limit for this platform. If this condition persists, the device will be rebooted.",
				"Memory resource allocation is more than the permitted limit of 8192 MB. If this condition persists, the device will be rebooted.",
			},
			Meaning: "The virtual firewall has more CPUs or memory than its platform permits, which happens only if someone changed the virtual machine. It will reboot itself unless that is undone.",
			Action:  shrink + " Do it before the device reboots at a bad moment.",
		},
		{
			ID: 770002, Severity: 1, Family: family,
			Summary: "Rebooting: virtual machine exceeds its platform limit",
			Templates: []string{
				"{part:text} resource allocation is more than the permitted limit for this platform. {system:text} will be rebooted.",
				"{part:text} resource allocation is more than the permitted limit of {limit:text} for this platform. {system:text} will be rebooted.",
				"{part:text} resource allocation is more than the permitted limit of {limit:text}, {system:text} will be rebooted",
			},
			Samples: []string{
				"CPU resource allocation is more than the permitted limit for this platform. ASA will be rebooted.",
				"vCPU resource allocation is more than the permitted limit of 4 for this platform. FTD will be rebooted.",
				"Memory resource allocation is more than the permitted limit of 8192 MB, Device will be rebooted",
			},
			Meaning: "The virtual firewall has more CPUs or memory than its platform permits and is rebooting for that reason. It will reboot again and again until the allocation is changed.",
			Action:  shrink + " Until then the firewall does not stay up.",
		},
		{
			ID: 770003, Severity: 4, Family: family,
			Summary: "Virtual machine is below its platform minimum",
			Templates: []string{
				"{part:text} resource allocation is less than the minimum requirement of {minimum:text} for this platform. If this condition persists, performance will be lower than normal.",
				"{part:text} resource allocation is less than the minimum requirement of {minimum:text}. If this condition persists, performance will be lower than normal.",
			},
			Samples: []string{
				"Memory resource allocation is less than the minimum requirement of 8192 MB for this platform. If this condition persists, performance will be lower than normal.",
				"vCPU resource allocation is less than the minimum requirement of 4. If this condition persists, performance will be lower than normal.",
			},
			Meaning: "The virtual firewall has fewer CPUs or less memory than its platform needs, and will be slow under load.",
			Action:  "Give the virtual machine the CPUs and memory that its template from Cisco has.",
		},
	}
}
