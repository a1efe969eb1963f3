package catalog

// hardware lists the messages about PCI devices, the backplane and the
// out-of-band channel between service module and chassis, 743000 to 743011.
func hardware() []Entry {
	const (
		family = "hardware"
		pci    = "Collect show controller pci detail and contact Cisco TAC."
		link   = "The PCI device with vendor ID: {pci_vendor:hex} device ID: {pci_device:hex} "
		is     = " has a link {attribute:text} of {actual:text} when it should have a link {expected_attribute:text} of {expected:text}"
		gone   = "System is not fully operational - "
	)
	return []Entry{
		{
			ID: 743000, Severity: 1, Family: family,
			Summary: "PCI device has the wrong link",
			Templates: []string{
				link + "located at bus:device.function {pci_address:pci}" + is,
				link + "located at bus:device.function (hex) {pci_address:pci}" + is,
				link + "located at {place:text} has a link {attribute} of {rest:text}",
				link + "has a link {attribute} of {rest:text}",
				link + "{rest:text}",
				"The PCI device with {rest:text}",
			},
			Own: 4,
			Samples: []string{
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0, 1 has a link width of 4 when it should have a link width of 8 .",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function (hex) 3:0.1 has a link speed of 2.5GT/s when it should have a link speed of 5GT/s",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 0000:03:00.1 has a link width of 4 when it should have a link width of 8",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at slot 3 has a link width of 4 when it should have a link width of 8",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 has a link width of 4",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0.1",
				"The PCI device with an unknown vendor has a link width of 4",
			},
			Meaning: "A PCI device does not have the link width or speed that it should have: it is not set up properly, and the system may not perform at its best.",
			Action:  pci,
		},
		{
			ID: 743001, Severity: 1, Family: family, MayCarry: []ID{743002},
			Summary:   "Backplane link failed",
			Templates: []string{"Backplane health monitoring detected link failure"},
			Samples:   []string{"Backplane health monitoring detected link failure", "Backplane health monitoring detected link failure."},
			Meaning:   "A link between the service module and the switch chassis may have failed.",
			Action:    "Contact Cisco TAC. The state of the module's ports on the switch helps to narrow it down.",
		},
		{
			ID: 743002, Severity: 1, Family: family, MayCarry: []ID{743001},
			Summary:   "Backplane link works again",
			Templates: []string{"Backplane health monitoring detected link OK"},
			Samples:   []string{"Backplane health monitoring detected link OK", "Backplane health monitoring detected link OK."},
			Meaning:   "A failed link between the service module and the switch chassis is up again.",
			Action:    "Contact Cisco TAC even so: a backplane link that comes and goes points to failing hardware.",
		},
		{
			ID: 743004, Severity: 1, Family: family,
			Summary: "PCI device missing",
			Templates: []string{
				gone + "PCI device with vendor ID {pci_vendor:hex} ({vendor_name:text}), device ID {pci_device:hex} ({device_name:text}) not found",
				gone + "PCI device with vendor ID {pci_vendor:hex} ({vendor_name:text}), device ID {pci_device:hex} ({device_name:text}) could not be found in the system",
				gone + "The PCI device with vendor ID: {pci_vendor:hex} ({vendor_name:text}) device ID: {pci_device:hex} ({device_name:text}) could not be found in the system",
				gone + "{subject:text} vendor ID: {pci_vendor:hex} {vendor_name:text} device ID: {pci_device:hex} {rest:text}",
				gone + "{subject:text} vendor ID {pci_vendor:hex} {vendor_name:text} device ID {pci_device:hex} {rest:text}",
				gone + "{subject:text} vendor ID {pci_vendor:hex}, device ID {pci_device:hex} {rest:text}",
				"System is not fully operational{rest:text}",
			},
			Own: 4,
			Samples: []string{
				"System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) not found",
				"System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) could not be found in the system.",
				"System is not fully operational - The PCI device with vendor ID: 0x8086 (Intel) device ID: 0x10c9 (82576 NIC) could not be found in the system.",
				"System is not fully operational - The PCI device with vendor ID: 0x8086 Intel device ID: 0x10c9 82576 NIC could not be found in the system.",
				"System is not fully operational - The PCI device with vendor ID: 0x8086 device ID: 0x10c9 could not be found in the system.",
				"System is not fully operational - PCI device with vendor ID 0x177d (Cavium), device ID 0x0010 not found",
				"System is not fully operational - PCI device with vendor ID 0x177d, device ID 0x0010 not found",
				"System is not fully operational - PCI device with vendor ID 0x177d device ID 0x0010 not found",
				"System is not fully operational - a PCI device was not found",
			},
			Meaning: "A PCI device that the system needs to be fully operational was not found.",
			Action:  pci,
		},
		{
			ID: 743010, Severity: 3, Family: family,
			Summary:   "EOBC server did not start",
			Templates: []string{"EOBC RPC server failed to start for client module {module:text}", "EOBC RPC server failed to start {rest:text}"}, Own: 1,
			Samples: []string{"EOBC RPC server failed to start for client module oir .", "EOBC RPC server failed to start"},
			Meaning: "The service that connects a client module to the chassis over the out-of-band channel did not start.",
			Action:  "Contact Cisco TAC.",
		},
		{
			ID: 743011, Severity: 3, Family: family,
			Summary:   "EOBC call failed",
			Templates: []string{"EOBC RPC call failed, return code {code:text}", "EOBC RPC call failed{rest:text}"}, Own: 1,
			Samples: []string{"EOBC RPC call failed, return code 5 timed out.", "EOBC RPC call failed"},
			Meaning: "A call over the out-of-band channel to the chassis failed.",
			Action:  "If it repeats, contact Cisco TAC.",
		},
	}
}
