package catalog

// interfaces lists the messages about links and ports: 411001 to 411005, and the
// members of redundant interfaces and port channels, 425005 to 426004. Some
// releases print a comma after the interface, and "Interface" or "interface".
func interfaces() []Entry {
	const (
		family = "interfaces"
		line   = "Line protocol on {noun:interface|ifc} {interface}"
		admin  = "Configuration status on {noun:interface|ifc} {interface}"
		to     = "changed state to "

		check  = "Check the cable, the transceiver and the port at the other end. A failover or a reload of the other end also takes links down."
		bundle = "Compare the settings of the member ports at both ends: speed, duplex, VLANs, LACP mode."
	)
	return []Entry{
		{
			ID: 411001, Severity: 4, Family: family, MayCarry: []ID{411002},
			Summary:   "Interface is up",
			Templates: []string{line + ", " + to + "{line:up|'up'}", line + " " + to + "{line:up|'up'}"},
			Samples: []string{
				"Line protocol on Interface GigabitEthernet0/0, changed state to up",
				"Line protocol on interface outside changed state to up",
			},
			Meaning: "The link of an interface has come up.",
			Action:  "None.",
		},
		{
			ID: 411002, Severity: 4, Family: family, MayCarry: []ID{411001},
			Summary:   "Interface is down",
			Templates: []string{line + ", " + to + "{line:down|'down'}", line + " " + to + "{line:down|'down'}"},
			Samples: []string{
				"Line protocol on Interface GigabitEthernet0/0, changed state to down",
				"Line protocol on interface outside changed state to down",
			},
			Meaning: "The link of an interface has gone down.",
			Action:  check,
		},
		{
			ID: 411003, Severity: 4, Family: family, MayCarry: []ID{411004},
			Summary:   "Interface shut down by its configuration",
			Templates: []string{admin + ", " + to + "{status:downup|down}", admin + " " + to + "{status:downup|down}"},
			Samples: []string{
				"Configuration status on interface GigabitEthernet0/1, changed state to down",
				"Configuration status on interface outside changed state to downup",
			},
			Meaning: "Somebody has shut an interface down.",
			Action:  "None if it was planned.",
		},
		{
			ID: 411004, Severity: 4, Family: family, MayCarry: []ID{411003},
			Summary:   "Interface enabled by its configuration",
			Templates: []string{admin + ", " + to + "{status:up|'up'}", admin + " " + to + "{status:up|'up'}"},
			Samples: []string{
				"Configuration status on interface GigabitEthernet0/1, changed state to up",
				"Configuration status on interface outside changed state to up",
			},
			Meaning: "Somebody has enabled an interface.",
			Action:  "None.",
		},
		{
			ID: 411005, Severity: 4, Family: family,
			Summary: "Interface reset: its hardware hung",
			Templates: []string{
				"{noun:interface|ifc} {interface} experienced a hardware transmit hang. The interface has been reset.",
				"{noun:interface|ifc} {interface} experienced a hardware transmit hang",
			},
			Samples: []string{
				"Interface GigabitEthernet0/0 experienced a hardware transmit hang. The interface has been reset.",
				"Interface GigabitEthernet0/0 experienced a hardware transmit hang.",
			},
			Meaning: "The network chip of an interface stopped sending, and the device has reset it.",
			Action:  "None for a single message. If it repeats, contact Cisco TAC: the chip or its driver is at fault.",
		},
		{
			ID: 425005, Severity: 5, Family: family,
			Summary:   "Other member of a redundant interface is active",
			Templates: []string{"Interface {member} become active in redundant interface {interface}", "Interface {member} became active in redundant interface {interface}"},
			Samples:   []string{"Interface GigabitEthernet0/1 become active in redundant interface Redundant1.", "Interface GigabitEthernet0/1 became active in redundant interface Redundant1"},
			Meaning:   "A redundant interface has switched to another port.",
			Action:    "Check the port that was active before.",
		},
		{
			ID: 425006, Severity: 3, Family: family,
			Summary:   "Redundant interface could not switch its port",
			Templates: []string{"Redundant interface {interface} switch active member to {member} failed."},
			Samples:   []string{"Redundant interface Redundant1 switch active member to GigabitEthernet0/1 failed."},
			Meaning:   "A redundant interface should switch to another port and could not.",
			Action:    "Look at both ports with show interface. If both are well, remove the redundant interface and create it again.",
		},
		{
			ID: 426001, Severity: 6, Family: family,
			Summary:   "Port joined a port channel",
			Templates: []string{"PORT-CHANNEL: Interface {member} bundled into EtherChannel interface {interface:text}", "PORT-CHANNEL:Interface {member} bundled into EtherChannel interface {interface:text}"},
			Samples:   []string{"PORT-CHANNEL: Interface GigabitEthernet0/2 bundled into EtherChannel interface Port-channel 1", "PORT-CHANNEL:Interface GigabitEthernet0/2 bundled into EtherChannel interface Port-channel 1"},
			Meaning:   "A port carries traffic of a port channel.",
			Action:    "None.",
		},
		{
			ID: 426002, Severity: 6, Family: family,
			Summary:   "Port left a port channel",
			Templates: []string{"PORT-CHANNEL: Interface {member} unbundled from EtherChannel interface {interface:text}", "PORT-CHANNEL:Interface {member} unbundled from EtherChannel interface {interface:text}"},
			Samples:   []string{"PORT-CHANNEL: Interface GigabitEthernet0/2 unbundled from EtherChannel interface Port-channel 1", "PORT-CHANNEL:Interface GigabitEthernet0/2 unbundled from EtherChannel interface Port-channel 1"},
			Meaning:   "A port no longer carries traffic of a port channel.",
			Action:    check,
		},
		{
			ID: 426003, Severity: 6, Family: family,
			Summary:   "Port of a port channel stands by",
			Templates: []string{"PORT-CHANNEL: Interface {member} has become standby in EtherChannel interface {interface:text}"},
			Samples:   []string{"PORT-CHANNEL: Interface GigabitEthernet0/3 has become standby in EtherChannel interface Port-channel 1"},
			Meaning:   "A port channel has more ports than it uses; this one waits.",
			Action:    "None.",
		},
		{
			ID: 426004, Severity: 4, Family: family,
			Summary:   "Port suspended from a port channel",
			Templates: []string{"PORT-CHANNEL: Interface {member} is not compatible with {other} and will be suspended ({cause:text})"},
			Samples:   []string{"PORT-CHANNEL: Interface GigabitEthernet0/2 is not compatible with GigabitEthernet0/1 and will be suspended (speed of GigabitEthernet0/2 is 100 Mbps, GigabitEthernet0/1 is 1000 Mbps)"},
			Meaning:   "A port does not match the others of its port channel and is not used.",
			Action:    bundle,
		},
	}
}
