package fleet

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// What every device of the fleet is built of; Boot reports these parts, and no
// incident happens to another.
const (
	fans     = 3
	supplies = 2
	sensor   = "Chassis 1"
	cpu      = "CPU 0"
)

// An Incident is a kind of fault. Its story ends with the recovery.
type Incident struct {
	Name string
	// Weight says how often it happens, compared with the others.
	Weight int
	// At is a part of the names of the devices that it prefers.
	At string

	story func(*Fleet, *Device) []Step
}

// Incidents returns all kinds.
func Incidents() []Incident {
	return []Incident{
		{"fan", 3, "", (*Fleet).fan},
		{"power supply", 3, "", (*Fleet).powerSupply},
		{"CPU temperature", 3, "", (*Fleet).cpuTemperature},
		{"chassis temperature", 2, "", (*Fleet).chassisTemperature},
		{"quota", 2, "-vpn-", (*Fleet).quota},
		{"threat rate", 3, "-edge-", (*Fleet).threatRate},
		{"cluster load", 2, "-clu-", (*Fleet).clusterLoad},
		{"self-test", 1, "", (*Fleet).selfTest},
		{"PCI link", 1, "", (*Fleet).pciLink},
		{"PCI device", 1, "", (*Fleet).pciDevice},
	}
}

// Story returns what d says when the incident happens to it.
func (i Incident) Story(f *Fleet, d *Device) []Step { return i.story(f, d) }

// Boot returns what d says when it starts, with a report of each part that
// works.
func (f *Fleet) Boot(d *Device) []Step { return f.boot(d) }

// boot has the faults that d finds when it starts.
func (f *Fleet) boot(d *Device, faults ...Message) []Step {
	steps := one(6, 199005, "Startup begin")
	for i, m := range faults {
		after := time.Second
		if i == 0 {
			after = 20 * time.Second
		}
		steps = append(steps, Step{after, m})
	}
	report := func(after time.Duration, m Message) { steps = append(steps, Step{after, m}) }
	for n := range fans {
		report(time.Second, d.part(735001, fan(n), "OK"))
	}
	for n := range supplies {
		report(time.Second, d.part(735003, supply(n), "OK"))
	}
	report(time.Second, d.part(735005, "Power Supply Unit Redundancy OK", ""))
	report(time.Second, d.celsius(735020, cpu, 44+f.Rand.IntN(14), "OK"))
	report(time.Second, d.celsius(735021, sensor, 24+f.Rand.IntN(9), "OK"))
	return append(steps, say(10*time.Second, 6, 199002, "Startup completed. Beginning operation."))
}

func fan(n int) string    { return fmt.Sprintf("Cooling Fan %d", n+1) }
func supply(n int) string { return fmt.Sprintf("Power Supply %d", n+1) }

// part is a report of the environment monitor, whose wording depends on the
// product.
func (d *Device) part(id int, part, state string) Message {
	severity := 1
	if strings.HasSuffix(state, "Warm") {
		severity = 4
	}
	switch {
	case d.Product == "FTD" && state != "":
		part = "IPMI: " + part + " : " + state
	case d.Product == "FTD":
		part = "IPMI: " + part
	case state != "":
		part += ": " + state
	}
	return Message{severity, id, part}
}

func (d *Device) celsius(id int, part string, celsius int, state string) Message {
	return d.part(id, part, fmt.Sprintf("Temp: %d C, %s", celsius, state))
}

// A fan fails, works for another minute, and is replaced some time later.
func (f *Fleet) fan(d *Device) []Step {
	name := fan(f.Rand.IntN(fans))
	failed, ok := d.part(735002, name, "Failure Detected"), d.part(735001, name, "OK")
	steps := []Step{{0, failed}, {time.Minute, ok}, {40 * time.Second, failed}}
	for range 1 + f.Rand.IntN(3) {
		steps = append(steps, Step{10 * time.Minute, failed})
	}
	return append(steps, Step{f.minutes(3, 9), ok})
}

// A supply loses its feed, and with it the device its redundancy.
func (f *Fleet) powerSupply(d *Device) []Step {
	name := supply(f.Rand.IntN(supplies))
	failed := d.part(735004, name, "Failure Detected")
	steps := []Step{{0, failed}, {time.Second, d.part(735006, "Power Supply Unit Redundancy Lost", "")}}
	for range f.Rand.IntN(3) {
		steps = append(steps, Step{10 * time.Minute, failed})
	}
	return append(steps,
		Step{f.minutes(5, 10), d.part(735003, name, "OK")},
		Step{time.Second, d.part(735005, "Power Supply Unit Redundancy OK", "")})
}

// heat is the story of a sensor: its readings rise to a peak and fall again.
func (f *Fleet) heat(d *Device, part string, warm, critical, peak, step int, ids [3]int) []Step {
	var steps []Step
	report := func(celsius int) {
		id, state := ids[1], "Warm"
		switch {
		case celsius < warm:
			id, state = ids[0], "OK"
		case celsius >= critical:
			id, state = ids[2], "Critical"
		}
		after := f.minutes(1, 3)
		if steps == nil {
			after = 0
		}
		steps = append(steps, Step{after, d.celsius(id, part, celsius, state)})
	}
	for c := warm + f.Rand.IntN(2); c < peak; c += step {
		report(c)
	}
	for c := peak; c >= warm; c -= step {
		report(c)
	}
	report(warm - 6 - f.Rand.IntN(5))
	return steps
}

func (f *Fleet) cpuTemperature(d *Device) []Step {
	return f.heat(d, cpu, 76, 90, 93+f.Rand.IntN(5), 4, [3]int{735020, 735015, 735007})
}

// A chassis does not always become critical.
func (f *Fleet) chassisTemperature(d *Device) []Step {
	return f.heat(d, sensor, 45, 56, 50+f.Rand.IntN(12), 3, [3]int{735021, 735016, 735008})
}

// A script opens management sessions and closes none, until somebody does. The
// device says nothing of that.
func (f *Fleet) quota(*Device) []Step {
	const limit, warning = 15, 13
	var steps []Step
	for used := warning; used < limit; used++ {
		steps = append(steps, say(f.minutes(2, 4), 3, 768001, "QUOTA: management session utilization is high: requested 1, current %d, warning level %d", used, warning))
	}
	if f.Rand.IntN(2) == 0 {
		steps = append(steps, say(time.Minute, 3, 768004, "QUOTA: management session quota exceeded for ssh protocol: current 5, protocol limit 5"))
	}
	for range 2 + f.Rand.IntN(5) {
		steps = append(steps, say(f.minutes(1, 3), 3, 768002, "QUOTA: management session quota exceeded: requested 1, current %d, limit %d", limit, limit))
	}
	return steps
}

// A host scans the device for a while; the rates rise and fall, the total only
// rises. The last report is below the threshold of the average.
func (f *Fleet) threatRate(*Device) []Step {
	object := []struct {
		name           string
		burst, average int // Thresholds, per second.
	}{
		{" Scanning", 10, 5},
		{" Firewall", 1600, 400},
		{" ACL drop", 800, 400},
		{" SYN attck", 200, 100},
	}[f.Rand.IntN(4)]
	reports, peak := 18+f.Rand.IntN(12), 4+8*f.Rand.Float64()
	var steps []Step
	total := 0
	for i := range reports {
		average := int(float64(object.average) * peak * math.Sin(math.Pi*float64(i+1)/float64(reports+1)))
		total += 60 * average
		burst := max(object.burst, average) + f.Rand.IntN(object.burst)
		steps = append(steps, say(time.Minute, 4, 733100, "[%s] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is %d; Current average rate is %d per second, max configured rate is %d; Cumulative total count is %d",
			object.name, burst, object.burst, average, object.average, total))
	}
	return append(steps, say(time.Minute, 4, 733100, "[%s] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is %d; Current average rate is %d per second, max configured rate is %d; Cumulative total count is %d",
		object.name, object.burst, object.burst, object.average/2, object.average, total+30*object.average))
}

// A member carries so much that the cluster could not do without it.
func (f *Fleet) clusterLoad(d *Device) []Step {
	chassis := d.Name[len(d.Name)-1:]
	var steps []Step
	load := func(after time.Duration, resource string, percent, threshold int) {
		steps = append(steps, say(after, 6, 748008, "%s load %d%% of module 1 in chassis %s (unit-1-%s) exceeds overflow protection threshold %s %d%%. System may be oversubscribed on member failure.",
			resource, percent, chassis, chassis, resource, threshold))
	}
	for range 6 + f.Rand.IntN(6) {
		load(f.minutes(1, 3), "CPU", 81+f.Rand.IntN(15), 80)
		if f.Rand.IntN(2) == 0 {
			load(time.Second, "memory", 86+f.Rand.IntN(6), 85)
		}
	}
	return append(steps, say(time.Second, 6, 748009, "CPU load %d%% of chassis %s exceeds overflow protection threshold CPU 80%%. System may be oversubscribed on chassis failure.",
		81+f.Rand.IntN(9), chassis))
}

// The device starts again, and its crypto engine fails the test.
func (f *Fleet) selfTest(d *Device) []Step {
	return f.boot(d,
		Say(2, 774002, "POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm AES, mode CBC, dir encryption, key len %d", 128<<f.Rand.IntN(2)),
		Say(2, 774001, "POST: unspecified error"))
}

// The device starts again, with a card that has too slow a link.
func (f *Fleet) pciLink(d *Device) []Step {
	return f.boot(d, Say(1, 743000, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function %d:0.1 has a link width of 4 when it should have a link width of 8.",
		2+f.Rand.IntN(3)))
}

// The device starts again, without its crypto accelerator.
func (f *Fleet) pciDevice(d *Device) []Step {
	return f.boot(d, Say(1, 743004, "System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) not found"))
}

// minutes returns a duration of so many minutes.
func (f *Fleet) minutes(least, most int) time.Duration {
	return time.Duration(least)*time.Minute + time.Duration(f.Rand.Int64N(int64(most-least)*int64(time.Minute)))
}
