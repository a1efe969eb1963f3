package catalog

// environment lists the messages of the hardware environment monitor, 735001 to
// 735029.
//
// Some editions of the guide print the texts of 735022 to 735029 under each
// other's ids, so each of them may carry any of the others. Elsewhere the OK
// and failed messages of one component may carry each other's texts. Those
// editions also print 735024 to 735026 without a state; the id then decides.
func environment() []Entry {
	const (
		family = "environment"
		none   = "None; the component works again. If it fails repeatedly, replace it."
		tac    = "Save the message and the output of show environment, then contact Cisco TAC."
		last   = " If that does not help, save the message and contact Cisco TAC."
		off    = "Contact Cisco TAC, and keep the device powered off until the fault is cured."
		vent   = "Inspect the chassis at once for blocked vents, failed fans and a hot room."
		watch  = "Check room temperature, air flow and fans now, and watch the sensor so that it does not become critical."
	)
	// An IO hub's temperature without its state.
	var (
		stateless = []string{
			"IO Hub {unit}: Temp: {value:celsius}",
			"IO Hub {unit}: Temp: {value:celsius},",
			"IO Hub {unit}: Temp: {reading} C",
			"IO Hub {unit}: Temp: {reading} F",
			"IO Hub {unit}: Temp: {reading:number}",
			"IO Hub {unit}: Temp: N/A",
		}
		unreadable = []string{"IO Hub 1: Temp: 65535 C", "IO Hub 1: Temp: -512 F", "IO Hub 1: Temp: 63", "IO Hub 1: Temp: N/A"}
	)
	others := func(self ID) []ID {
		var ids []ID
		for id := ID(735022); id <= 735029; id++ {
			if id != self {
				ids = append(ids, id)
			}
		}
		return ids
	}
	return []Entry{
		{
			ID: 735001, Severity: 1, Family: family, MayCarry: []ID{735002},
			Summary:   "Cooling fan works again",
			Templates: []string{"Cooling Fan {unit}: OK", "Cooling Fan {unit:name}: OK"},
			Samples:   []string{"IPMI: Cooling Fan 1 : OK", "Cooling Fan 2: OK.", "Cooling Fan module 1: OK"},
			Meaning:   "A cooling fan that had failed runs normally again.",
			Action:    none,
		},
		{
			ID: 735002, Severity: 1, Family: family, MayCarry: []ID{735001},
			Summary:   "Cooling fan failed",
			Templates: []string{"Cooling Fan {unit}: Failure Detected", "Cooling Fan {unit:name}: Failure Detected"},
			Samples:   []string{"IPMI: Cooling Fan 1 : Failure Detected", "Cooling Fan KS-Y84-AH1-J1 : Failure Detected", "Cooling Fan 3: Failure Detected.", "Cooling Fan module 1: Failure Detected"},
			Meaning:   "A cooling fan has failed.",
			Action:    "Look for something that blocks the fan, then replace it; the remaining fans may not be able to cool the device." + last,
		},
		{
			ID: 735003, Severity: 1, Family: family, MayCarry: []ID{735004},
			Summary:   "Power supply works again",
			Templates: []string{"Power Supply {unit}: OK", "Power Supply {unit:name}: OK"},
			Samples:   []string{"IPMI: Power Supply 1 : OK", "Power Supply 2: OK.", "Power Supply module 1: OK"},
			Meaning:   "A power supply that had failed delivers power again.",
			Action:    none,
		},
		{
			ID: 735004, Severity: 1, Family: family, MayCarry: []ID{735003},
			Summary:   "Power supply failed",
			Templates: []string{"Power Supply {unit}: Failure Detected", "Power Supply {unit:name}: Failure Detected"},
			Samples:   []string{"IPMI: Power Supply 1 : Failure Detected", "Power Supply 2: Failure Detected.", "Power Supply module 1: Failure Detected"},
			Meaning:   "A power supply has failed or has lost its mains feed.",
			Action:    "Check the mains feed, cable and breaker of this supply first. If they are fine, replace the supply." + last,
		},
		{
			ID: 735005, Severity: 1, Family: family, MayCarry: []ID{735006},
			Summary:   "Power supply redundancy restored",
			Templates: []string{"Power Supply Unit Redundancy OK"},
			Samples:   []string{"IPMI: Power Supply Unit Redundancy OK", "Power Supply Unit Redundancy OK."},
			Meaning:   "Enough power supplies work that the device can lose one.",
			Action:    none,
		},
		{
			ID: 735006, Severity: 1, Family: family, MayCarry: []ID{735005},
			Summary:   "Power supply redundancy lost",
			Templates: []string{"Power Supply Unit Redundancy Lost"},
			Samples:   []string{"IPMI: Power Supply Unit Redundancy Lost", "Power Supply Unit Redundancy Lost."},
			Meaning:   "A supply has failed. The device works normally with as few as it needs, and one more failure will switch it off.",
			Action:    "Restore the failed supply: check its mains feed, then replace it." + last,
		},
		{
			ID: 735007, Severity: 1, Family: family, MayCarry: []ID{735015, 735020},
			Summary:   "CPU temperature critical",
			Templates: temperatures("Critical", "CPU"),
			Samples:   readings("Critical", []string{"CPU"}, "IPMI: CPU 1 : Temp: 93 C , Critical", "CPU 0: Temp: 199.4 F, Critical."),
			Meaning:   "A CPU has reached a critical temperature.",
			Action:    tac + " Meanwhile look for blocked vents, failed fans and a hot room.",
		},
		{
			ID: 735008, Severity: 1, Family: family, MayCarry: []ID{735016, 735021},
			Summary:   "Chassis temperature critical",
			Templates: temperatures("Critical", "Chassis Ambient", "Chassis"),
			Samples:   readings("Critical", []string{"Chassis Ambient", "Chassis"}, "IPMI: Chassis Ambient 1 : Temp: 65 C , Critical", "Chassis 1: Temp: 148 F, Critical"),
			Meaning:   "An ambient sensor of the chassis has reached a critical level.",
			Action:    tac + " Meanwhile look for blocked vents, failed fans and a hot room.",
		},
		{
			ID: 735009, Severity: 2, Family: family,
			Summary:   "Environment monitoring did not start",
			Templates: []string{"Environment Monitoring has failed initialization and configuration. Environment Monitoring is not running.", "Environment Monitoring has failed initialization {rest:text}"}, Own: 1,
			Samples: []string{"IPMI: Environment Monitoring has failed initialization and configuration. Environment Monitoring is not running.", "Environment Monitoring has failed initialization and configuration"},
			Meaning: "The environment monitor failed to start. From now on the device reports no fan, supply, voltage or temperature fault.",
			Action:  "Treat every hardware state of this device as unknown. Collect show environment and debug ipmi, then contact Cisco TAC.",
		},
		{
			ID: 735010, Severity: 3, Family: family,
			Summary:   "Environment monitoring missed an update",
			Templates: []string{"Environment Monitoring has failed to update one or more of its records.", "Environment Monitoring has failed to update {rest:text}"}, Own: 1,
			Samples: []string{"IPMI: Environment Monitoring has failed to update one or more of its records.", "Environment Monitoring has failed to update 3 records."},
			Meaning: "The environment monitor could not read some of its sensors this time, so some states may be out of date.",
			Action:  "If it keeps coming, collect show environment driver and debug ipmi, then contact Cisco TAC.",
		},
		{
			ID: 735011, Severity: 1, Family: family, MayCarry: []ID{735012},
			Summary:   "Power supply fan works again",
			Templates: []string{"Power Supply {unit}: Fan OK", "Power Supply {unit:name}: Fan OK"},
			Samples:   []string{"Power Supply 1 : Fan OK", "IPMI: Power Supply 2: Fan OK", "Power Supply module 1: Fan OK"},
			Meaning:   "The fan of a power supply runs normally again.",
			Action:    none,
		},
		{
			ID: 735012, Severity: 1, Family: family, MayCarry: []ID{735011},
			Summary:   "Power supply fan failed",
			Templates: []string{"Power Supply {unit}: Fan Failure Detected", "Power Supply {unit:name}: Fan Failure Detected"},
			Samples:   []string{"Power Supply 1 : Fan Failure Detected", "Power Supply module 1: Fan Failure Detected"},
			Meaning:   "The fan of a power supply has failed.",
			Action:    off,
		},
		{
			ID: 735013, Severity: 1, Family: family, MayCarry: []ID{735014},
			Summary:   "Voltage back to normal",
			Templates: []string{"Voltage Channel {unit}: Voltage OK", "Voltage Channel {unit:name}: Voltage OK"},
			Samples:   []string{"Voltage Channel 1 : Voltage OK", "Voltage Channel module 1: Voltage OK"},
			Meaning:   "A voltage channel is back within its normal range.",
			Action:    none,
		},
		{
			ID: 735014, Severity: 1, Family: family, MayCarry: []ID{735013},
			Summary:   "Voltage critical",
			Templates: []string{"Voltage Channel {unit}: Voltage Critical", "Voltage Channel {unit:name}: Voltage Critical"},
			Samples:   []string{"Voltage Channel 1: Voltage Critical", "Voltage Channel module 1: Voltage Critical"},
			Meaning:   "A voltage channel has reached a critical level.",
			Action:    off,
		},
		{
			ID: 735015, Severity: 4, Family: family, MayCarry: []ID{735007, 735020},
			Summary:   "CPU warm",
			Templates: temperatures("Warm", "CPU"),
			Samples:   readings("Warm", []string{"CPU"}, "CPU 1 : Temp: 78 C , Warm", "IPMI: CPU 0: Temp: 172.4 F, Warm"),
			Meaning:   "A CPU is warmer than its normal range.",
			Action:    watch,
		},
		{
			ID: 735016, Severity: 4, Family: family, MayCarry: []ID{735008, 735021},
			Summary:   "Chassis warm",
			Templates: temperatures("Warm", "Chassis Ambient", "Chassis"),
			Samples:   readings("Warm", []string{"Chassis Ambient", "Chassis"}, "Chassis Ambient 1 : Temp: 46 C , Warm", "Chassis 2: Temp: 46 C, Warm"),
			Meaning:   "An ambient sensor of the chassis is above its normal range.",
			Action:    watch,
		},
		{
			ID: 735017, Severity: 1, Family: family, MayCarry: []ID{735018, 735019},
			Summary:   "Power supply temperature back to normal",
			Templates: temperatures("OK", "Power Supply"),
			Samples:   readings("OK", []string{"Power Supply"}, "Power Supply 1 : Temp: 41 C , OK", "Power Supply 2: Temp: 41 C OK"),
			Meaning:   "The temperature of a power supply is back within its normal range.",
			Action:    "None.",
		},
		{
			ID: 735018, Severity: 4, Family: family, MayCarry: []ID{735017, 735019},
			Summary:   "Power supply temperature critical",
			Templates: temperatures("Critical", "Power Supply"),
			Samples:   readings("Critical", []string{"Power Supply"}, "Power Supply 1 : Temp: 88 C , Critical"),
			Meaning:   "A power supply has reached a critical temperature. The guide gives this message severity 4 although it is an emergency.",
			Action:    off,
		},
		{
			ID: 735019, Severity: 4, Family: family, MayCarry: []ID{735017, 735018},
			Summary:   "Power supply warm",
			Templates: temperatures("Warm", "Power Supply"),
			Samples:   readings("Warm", []string{"Power Supply"}, "Power Supply 1 : Temp: 61 C , Warm"),
			Meaning:   "A power supply is warmer than its normal range.",
			Action:    watch,
		},
		{
			ID: 735020, Severity: 1, Family: family, MayCarry: []ID{735007, 735015},
			Summary:   "CPU temperature back to normal",
			Templates: temperatures("OK", "CPU"),
			Samples:   readings("OK", []string{"CPU"}, "CPU 1: Temp: 58 C, OK", "CPU 0: Temp: 136.4 F OK"),
			Meaning:   "The temperature of a CPU is back within its normal range.",
			Action:    "None.",
		},
		{
			ID: 735021, Severity: 1, Family: family, MayCarry: []ID{735008, 735016},
			Summary:   "Chassis temperature back to normal",
			Templates: temperatures("OK", "Chassis", "Chassis Ambient"),
			Samples:   readings("OK", []string{"Chassis", "Chassis Ambient"}, "Chassis 1: Temp: 31 C OK", "Chassis 1: Temp: 31 C , OK", "Chassis Ambient 1: Temp: 31 C OK", "Chassis Ambient 1: Temp: 87.8 F, OK"),
			Meaning:   "An ambient sensor of the chassis is back within its normal range.",
			Action:    "None.",
		},
		{
			ID: 735022, Severity: 1, Family: family, MayCarry: others(735022),
			Summary: "Shutting down now: CPU too hot",
			Templates: []string{
				"CPU{cpu} is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU.",
				"CPU is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU.",
				"CPU{cpu} is running beyond {rest:text}",
			},
			Samples: []string{
				"CPU# is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU.",
				"CPU 1 is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU",
				"CPU is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the CPU",
				"CPU 1 is running beyond the maximum thermal operating temperature",
			},
			Meaning: "A CPU is above its maximum temperature; the device is switching itself off at this moment.",
			Action:  vent,
		},
		{
			ID: 735023, Severity: 2, Family: family, MayCarry: others(735023),
			Summary: "Booted after a shutdown: CPU was too hot",
			Templates: []string{
				"{system:text} was previously shutdown due to the CPU complex running beyond the maximum thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.",
				"{system:text} was previously shutdown due to the CPU complex running beyond the max thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.",
				"{system:text} was previously shutdown due to the CPU {rest:text}",
			},
			Samples: []string{
				"ASA was previously shutdown due to the CPU complex running beyond the maximum thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.",
				"FTD was previously shutdown due to the CPU complex running beyond the max thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.",
				"ASA was previously shutdown due to the CPU complex running too hot",
			},
			Meaning: "The device has booted and found that it had switched itself off because a CPU was too hot. The output of show environment also shows it.",
			Action:  vent,
		},
		{
			ID: 735024, Severity: 1, Family: family, MayCarry: others(735024),
			Summary:   "IO hub temperature back to normal",
			Templates: append(temperatures("OK", "IO Hub"), stateless...), Own: len(stateless),
			Samples: readings("OK", []string{"IO Hub"}, append([]string{"IO Hub 1 : Temp: 52 C , OK", "IO Hub 1: Temp: 52 C", "IO Hub 1: Temp: 52 C,"}, unreadable...)...),
			Meaning: "The temperature of an IO hub is back within its normal range.",
			Action:  "None.",
		},
		{
			ID: 735025, Severity: 1, Family: family, MayCarry: others(735025),
			Summary:   "IO hub temperature critical",
			Templates: append(temperatures("Critical", "IO Hub"), stateless...), Own: len(stateless),
			Samples: readings("Critical", []string{"IO Hub"}, append([]string{"IO Hub 1 : Temp: 98 C , Critical", "IO Hub 1: Temp: 98 C", "IO Hub 1: Temp: 98 C,"}, unreadable...)...),
			Meaning: "An IO hub has reached a critical temperature.",
			Action:  tac + " Meanwhile look for blocked vents, failed fans and a hot room.",
		},
		{
			ID: 735026, Severity: 4, Family: family, MayCarry: others(735026),
			Summary:   "IO hub warm",
			Templates: append(temperatures("Warm", "IO Hub"), stateless...), Own: len(stateless),
			Samples: readings("Warm", []string{"IO Hub"}, append([]string{"IO Hub 1 : Temp: 74 C , Warm", "IO Hub 1: Temp: 74 C", "IO Hub 1: Temp: 74 C,"}, unreadable...)...),
			Meaning: "An IO hub is warmer than its normal range.",
			Action:  watch,
		},
		{
			ID: 735027, Severity: 1, Family: family, MayCarry: others(735027),
			Summary: "Shutting down now: CPU voltage regulator too hot",
			Templates: []string{
				"CPU{cpu} Voltage Regulator is running beyond the max thermal operating temperature and the device will be shutting down immediately. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"CPU{cpu} Voltage Regulator is running beyond {rest:text}",
			},
			Samples: []string{
				"CPU 0 Voltage Regulator is running beyond the max thermal operating temperature and the device will be shutting down immediately. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"CPU 0 Voltage Regulator is running beyond the maximum thermal operating temperature",
			},
			Meaning: "The voltage regulator of a CPU is above its maximum temperature; the device is switching itself off at this moment.",
			Action:  vent,
		},
		{
			ID: 735028, Severity: 2, Family: family, MayCarry: others(735028),
			Summary: "Booted after a shutdown: CPU voltage regulator was too hot",
			Templates: []string{
				"{system:text} was previously shutdown due to a CPU Voltage Regulator running beyond the max thermal operating temperature. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"{system:text} was previously shutdown due to a CPU Voltage Regulator running beyond the maximum thermal operating temperature. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"{system:text} was previously shutdown due to a CPU Voltage Regulator {rest:text}",
			},
			Samples: []string{
				"ASA was previously shutdown due to a CPU Voltage Regulator running beyond the max thermal operating temperature. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"FTD was previously shutdown due to a CPU Voltage Regulator running beyond the maximum thermal operating temperature. The chassis and CPU need to be inspected immediately for ventilation issues.",
				"ASA was previously shutdown due to a CPU Voltage Regulator running too hot",
			},
			Meaning: "The device has booted and found that it had switched itself off because the voltage regulator of a CPU was too hot. The output of show environment also shows it.",
			Action:  vent,
		},
		{
			ID: 735029, Severity: 1, Family: family, MayCarry: others(735029),
			Summary: "Shutting down now: IO hub too hot",
			Templates: []string{
				"IO Hub is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the circuit.",
				"IO Hub{hub:text} is running beyond {rest:text}",
			},
			Samples: []string{
				"IO Hub is running beyond the max thermal operating temperature and the device will be shutting down immediately to prevent permanent damage to the circuit.",
				"IO Hub 1 is running beyond the max thermal operating temperature",
			},
			Meaning: "The IO hub is above its maximum temperature; the device is switching itself off at this moment.",
			Action:  vent,
		},
	}
}

// temperatures returns the templates of a state of sensors. If the reading is not
// a temperature, such as N/A or 65535 C, the message still has the state. Before
// an OK without a comma only a few readings are accepted, so that "not OK" is not
// read as OK.
func temperatures(state string, sensors ...string) []string {
	var all []string
	for _, sensor := range sensors {
		temp := sensor + " {unit}: Temp: "
		all = append(all, temp+"{value:celsius}, "+state, temp+"{value:celsius} "+state, temp+"{reading:text}, "+state)
		if state == "OK" {
			all = append(all, temp+"{reading} C "+state, temp+"{reading} F "+state, temp+"{reading:number} "+state, temp+"N/A "+state)
		} else {
			all = append(all, temp+"{reading:text} "+state)
		}
	}
	return all
}

// readings returns samples of the templates of temperatures, after some others.
func readings(state string, sensors []string, samples ...string) []string {
	for _, sensor := range sensors {
		temp := sensor + " 1: Temp: "
		samples = append(samples, temp+"149 F, "+state, temp+"149 F "+state, temp+"N/A, "+state)
		if state == "OK" {
			samples = append(samples, temp+"65535 C "+state, temp+"65535 F "+state, temp+"63 "+state)
		}
		samples = append(samples, temp+"N/A "+state)
	}
	return samples
}
