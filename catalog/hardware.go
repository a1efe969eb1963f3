package catalog

// hardware lists the messages about PCI devices, the backplane and the
// out-of-band channel between service module and chassis, 743000 to 743011.
func hardware() []Entry {
	const (
		family = "hardware"
		pci    = "Collect show controller pci detail and contact Cisco TAC; the part or its slot is probably defective."
	)
	return []Entry{
		{
			ID: 743000, Severity: 1, Family: family,
			Summary: "PCI device has the wrong link",
			Templates: []string{
				"The PCI device with vendor ID: {pci_vendor:hex} device ID: {pci_device:hex} located at bus:device.function {pci_address:pci} has a link {attribute:text} of {actual:text} when it should have a link {expected_attribute:text} of {expected:text}",
				"The PCI device with vendor ID: {pci_vendor:hex} device ID: {pci_device:hex} located at bus:device.function (hex) {pci_address:pci} has a link {attribute:text} of {actual:text} when it should have a link {expected_attribute:text} of {expected:text}",
			},
			Samples: []string{
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0, 1 has a link width of 4 when it should have a link width of 8 .",
				"The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function (hex) 3:0.1 has a link speed of 2.5GT/s when it should have a link speed of 5GT/s",
			},
			Meaning: "A PCI device came up with a narrower or slower link than it should have, so the device cannot reach its rated throughput.",
			Action:  pci,
		},
		{
			ID: 743001, Severity: 1, Family: family, MayCarry: []ID{743002},
			Summary:   "Backplane link failed",
			Templates: []string{"Backplane health monitoring detected link failure"},
			Samples:   []string{"Backplane health monitoring detected link failure", "Backplane health monitoring detected link failure."},
			Meaning:   "A link between the service module and the switch chassis has failed.",
			Action:    "Check the seating of the module and the state of its ports on the switch, then contact Cisco TAC.",
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
				"System is not fully operational - PCI device with vendor ID {pci_vendor:hex} ({vendor_name:text}), device ID {pci_device:hex} ({device_name:text}) not found",
				"System is not fully operational - PCI device with vendor ID {pci_vendor:hex} ({vendor_name:text}), device ID {pci_device:hex} ({device_name:text}) could not be found in the system",
			},
			Samples: []string{
				"System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) not found",
				"System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) could not be found in the system.",
			},
			Meaning: "A PCI device that the system needs was not there at boot, so a function such as crypto acceleration is missing.",
			Action:  pci,
		},
		{
			ID: 743010, Severity: 3, Family: family,
			Summary:   "EOBC server did not start",
			Templates: []string{"EOBC RPC server failed to start for client module {module:text}"},
			Samples:   []string{"EOBC RPC server failed to start for client module oir ."},
			Meaning:   "The service that connects a client module to the chassis over the out-of-band channel did not start.",
			Action:    "Contact Cisco TAC; the module cannot be managed fully until it is restarted.",
		},
		{
			ID: 743011, Severity: 3, Family: family,
			Summary:   "EOBC call failed",
			Templates: []string{"EOBC RPC call failed, return code {code:text}"},
			Samples:   []string{"EOBC RPC call failed, return code 5 timed out."},
			Meaning:   "A call over the out-of-band channel to the chassis failed.",
			Action:    "If it repeats, contact Cisco TAC.",
		},
	}
}
