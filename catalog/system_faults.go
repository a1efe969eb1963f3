package catalog

// systemFaults lists the messages about the software and the boards of a device:
// assertions, 115000 to 115002, crashes, 199010 to 199012, memory that could not
// be allocated, 211001 to 217001, and boards, 218001 to 219002.
func systemFaults() []Entry {
	const (
		family = "system_faults"

		tac    = "Collect show tech-support and show crashinfo for Cisco TAC."
		memory = "See show memory and show processes memory. Reduce the load of the device; if usage only ever grows, contact Cisco TAC."
		board  = "Contact Cisco TAC for a replacement."
		task   = "{process:text} fiber: {fiber:text}, component: {component:text}, subcomponent: {subcomponent:text}, file: {file:text}, line: {line:text}, cond: {condition:text}"
	)
	return []Entry{
		{
			ID: 115000, Severity: 2, Family: family,
			Summary:   "Critical assertion in a process",
			Templates: []string{"Critical assertion in process: " + task, "Critical assertion in process: {rest:text}"},
			Samples: []string{
				"Critical assertion in process: Unicorn Proxy Thread fiber: 0x1, component: 12, subcomponent: 3, file: aware.c, line: 512, cond: ptr != 0",
				"Critical assertion in process: Logger fiber: main",
			},
			Meaning: "A condition that must always hold does not; the process may be restarted.",
			Action:  tac,
		},
		{
			ID: 115001, Severity: 3, Family: family,
			Summary:   "Error in a process",
			Templates: []string{"Error in process: {rest:text}"},
			Samples:   []string{"Error in process: Logger fiber: main, component: 12, subcomponent: 3, file: aware.c, line: 512, cond: ptr != 0"},
			Meaning:   "A condition that should hold does not.",
			Action:    tac,
		},
		{
			ID: 115002, Severity: 4, Family: family,
			Summary:   "Warning in a process",
			Templates: []string{"Warning in process: {rest:text}"},
			Samples:   []string{"Warning in process: Logger fiber: main, component: 12, subcomponent: 3, file: aware.c, line: 512, cond: ptr != 0"},
			Meaning:   "A process has found something that it did not expect.",
			Action:    "None for a single message.",
		},
		{
			ID: 199010, Severity: 1, Family: family,
			Summary:   "Process crashed",
			Templates: []string{"Signal {signal:int} caught in process/fiber({process:text})/({fiber:text}) at address {address}, {rest:text}", "Signal {signal:int} caught in {rest:text}"},
			Samples: []string{
				"Signal 11 caught in process/fiber(rtcli async executor process)/(rtcli async executor) at address 0xf132e03b, corrective action at 0xca1961a0",
				"Signal 11 caught in process/fiber(Logger)/(main) at address 0xf132e03b",
			},
			Meaning: "A process has accessed memory that is not its own. The device may reload.",
			Action:  tac,
		},
		{
			ID: 199011, Severity: 2, Family: family,
			Summary:   "Channel closed twice in a process",
			Templates: []string{"Close on bad channel in process/fiber {process:text}, channel ID {channel}, channel state {rest:text}", "Close on bad channel in {rest:text}"},
			Samples: []string{
				"Close on bad channel in process/fiber Logger/main, channel ID 0x1, channel state 4 process/fiber name of the owner",
				"Close on bad channel in process/fiber Logger/main",
			},
			Meaning: "A process has closed a channel that was not open: a fault in the software.",
			Action:  tac,
		},
		{
			ID: 199012, Severity: 1, Family: family,
			Summary:   "Stack of a process damaged",
			Templates: []string{"Stack {fault:smash|overflow} during new_stack_call in process/fiber {process:text}", "Stack {fault:smash|overflow} during {rest:text}"},
			Samples:   []string{"Stack smash during new_stack_call in process/fiber Logger/main, call target 0xf132e03b", "Stack overflow during an interrupt"},
			Meaning:   "A process has written beyond its stack. The device may reload.",
			Action:    tac,
		},
		{
			ID: 211001, Severity: 3, Family: family,
			Summary:   "Memory not allocated",
			Templates: []string{"Memory allocation Error", "Memory allocation error"},
			Samples:   []string{"Memory allocation Error", "Memory allocation error."},
			Meaning:   "The device did not have memory for an operation.",
			Action:    memory,
		},
		{
			ID: 211003, Severity: 3, Family: family,
			Summary:   "CPU usage not computed",
			Templates: []string{"Error in computed percentage CPU usage value", "CPU utilization for {seconds:int} seconds = {used:ratio}"},
			Samples:   []string{"Error in computed percentage CPU usage value", "CPU utilization for 300 seconds = 97%"},
			Meaning:   "The device has computed a CPU usage of more than 100 percent. Old releases report the usage with this id.",
			Action:    "None for a single message.",
		},
		{
			ID: 211004, Severity: 1, Family: family,
			Summary:   "Too little memory for the software version",
			Templates: []string{"WARNING: Minimum Memory Requirement for {system:text} version {version:text} not met for {image:text}. {minimum:int} MB required, {actual:int} MB found.", "WARNING: Minimum Memory Requirement for {rest:text}"},
			Samples: []string{
				"WARNING: Minimum Memory Requirement for ASA version 9.1(4) not met for ASA image. 1024 MB required, 512 MB found.",
				"WARNING: Minimum Memory Requirement for ASA version 9.1(4) not met.",
			},
			Meaning: "The device has less memory than its software needs.",
			Action:  "Install more memory or another version.",
		},
		{
			ID: 216001, Severity: 3, Family: family,
			Summary:   "Internal error",
			Templates: []string{"internal error in: {function:text}: {error:text}", "internal error in {rest:text}"},
			Samples:   []string{"internal error in: channel_put: buffer overflow", "internal error in channel_put"},
			Meaning:   "The software has found an error in itself.",
			Action:    tac,
		},
		{
			ID: 216004, Severity: 4, Family: family,
			Summary:   "Internal error prevented",
			Templates: []string{"prevented: {error:text} in {function:text} at {rest:text}", "prevented: {rest:text}"},
			Samples:   []string{"prevented: null pointer in channel_put at channel.c(512) - stack 0x1 0x2", "prevented: null pointer"},
			Meaning:   "The software has found an error in itself and has gone around it.",
			Action:    "None for a single message; send it to Cisco TAC if it repeats.",
		},
		{
			ID: 216005, Severity: 1, Family: family,
			Summary:   "Port stuck after a duplex mismatch",
			Templates: []string{"ERROR: Duplex-mismatch on {interface} resulted in transmitter lockup. {rest:text}"},
			Samples:   []string{"ERROR: Duplex-mismatch on Ethernet0/1 resulted in transmitter lockup. A soft reset of the switch was performed."},
			Meaning:   "A port and its peer use different duplex modes, so the port could no longer send; the built-in switch was reset.",
			Action:    "Set the same speed and duplex mode at both ends.",
		},
		{
			ID: 217001, Severity: 2, Family: family,
			Summary:   "No memory for an object",
			Templates: []string{"No memory for {object:text} in {function:text}"},
			Samples:   []string{"No memory for connection in tcp_listen"},
			Meaning:   "The device did not have memory for an operation that it needs.",
			Action:    memory,
		},
		{
			ID: 218001, Severity: 2, Family: family, MayCarry: []ID{218004},
			Summary:   "Module not identified as Cisco's",
			Templates: []string{"Failed Identification Test in {slot} {result:text}"},
			Samples:   []string{"Failed Identification Test in slot1 [1/2]."},
			Meaning:   "A module has failed the test that it is a genuine one.",
			Action:    board,
		},
		{
			ID: 218002, Severity: 2, Family: family,
			Summary:   "Module is a prototype",
			Templates: []string{"Module ({slot:text}) is a registered proto-type for Cisco Lab use only, and not certified for live network operation.", "Module ({slot:text}) is a registered proto-type {rest:text}"},
			Samples: []string{
				"Module (slot1) is a registered proto-type for Cisco Lab use only, and not certified for live network operation.",
				"Module (slot1) is a registered proto-type for Cisco Lab use only",
			},
			Meaning: "A module was never meant to be sold.",
			Action:  board,
		},
		{
			ID: 218003, Severity: 2, Family: family,
			Summary:   "Module is obsolete",
			Templates: []string{"Module Version in {slot} is obsolete. {rest:text}"},
			Samples:   []string{"Module Version in slot1 is obsolete. The module in slot = slot1 is obsolete and must be returned via RMA to Cisco Manufacturing."},
			Meaning:   "A module is an early version that must be replaced.",
			Action:    board,
		},
		{
			ID: 218004, Severity: 2, Family: family, MayCarry: []ID{218001},
			Summary:   "Module not identified, no other test possible",
			Templates: []string{"Failed Identification Test in {slot} {result:text}"},
			Samples:   []string{"Failed Identification Test in slot1 [1/2]"},
			Meaning:   "A module has failed the test that it is a genuine one.",
			Action:    board,
		},
		{
			ID: 218005, Severity: 2, Family: family,
			Summary:   "Identity in non-volatile memory inconsistent",
			Templates: []string{"Inconsistency detected in the system information programmed in non-volatile memory"},
			Samples:   []string{"Inconsistency detected in the system information programmed in non-volatile memory"},
			Meaning:   "The device does not find its own identity as it was programmed.",
			Action:    board,
		},
		{
			ID: 219002, Severity: 3, Family: family,
			Summary:   "I2C bus error",
			Templates: []string{"{function} error, slot = {slot}, device = {bus_device}, {rest:text}", "{function} error{rest:text}"},
			Samples: []string{
				"I2C_API_read error, slot = 1, device = 2, address = 80, byte count = 4. Reason: timeout",
				"I2C_API_read error",
			},
			Meaning: "The device could not read a sensor or the memory of a module.",
			Action:  "None for a single message. If it repeats, contact Cisco TAC.",
		},
		{
			ID: 713176, Severity: 2, Family: family,
			Summary:   "No memory for an IKE negotiation",
			Templates: []string{"{memory:text} memory resources are critical, IKE key acquire message on interface {interface}, for Peer {peer} ignored", "{memory:text} memory resources are critical{rest:text}"},
			Samples: []string{
				"System memory resources are critical, IKE key acquire message on interface 2, for Peer 198.51.100.7 ignored",
				"System memory resources are critical",
			},
			Meaning: "Memory is so short that no VPN tunnel is set up.",
			Action:  memory,
		},
	}
}
