package simulator

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The parts of every device. Boot reports all of them, and incidents affect
// them only.
const (
	fans     = 3
	supplies = 2
	sensor   = "Chassis 1"
	cpu      = "CPU 0"
)

// An Incident is a kind of fault. Its steps end with the recovery.
type Incident struct {
	Name string
	// Weight is its frequency relative to the other kinds.
	Weight int
	// Prefers is a substring of the names of the devices that it prefers.
	Prefers string

	steps func(*Fleet, *Device) []Step
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
		{"failover", 2, "-edge-", (*Fleet).failover},
		{"failover link", 1, "-dc-", (*Fleet).failoverLink},
		{"link", 2, "-branch-", (*Fleet).link},
		{"module", 1, "-sm", (*Fleet).module},
		{"cluster member", 2, "-clu-", (*Fleet).clusterMember},
		{"exhaustion", 2, "", (*Fleet).exhaustion},
		{"memory", 1, "", (*Fleet).memory},
		{"syslog server", 1, "-vpn-", (*Fleet).syslogServer},
		{"health", 2, "-edge-", (*Fleet).health},
		{"chassis fault", 2, "-branch-", (*Fleet).chassisFault},
	}
}

// Steps returns the messages of d during the incident.
func (i Incident) Steps(f *Fleet, d *Device) []Step { return i.steps(f, d) }

// Boot returns the messages of d when it starts, with a report of each working
// part.
func (f *Fleet) Boot(d *Device) []Step { return f.boot(d) }

// boot returns the messages of d when it starts and detects these faults.
func (f *Fleet) boot(d *Device, faults ...Message) []Step {
	steps := single(6, 199005, "Startup begin")
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
	return append(steps, newStep(10*time.Second, 6, 199002, "Startup completed. Beginning operation."))
}

func fan(n int) string    { return fmt.Sprintf("Cooling Fan %d", n+1) }
func supply(n int) string { return fmt.Sprintf("Power Supply %d", n+1) }

// part returns a report of the environment monitor. Its template depends on the
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
	return Message{Severity: severity, ID: id, Text: part}
}

func (d *Device) celsius(id int, part string, celsius int, state string) Message {
	return d.part(id, part, fmt.Sprintf("Temp: %d C, %s", celsius, state))
}

// fan fails a fan, which recovers for less than a minute and is replaced some
// time later.
func (f *Fleet) fan(d *Device) []Step {
	name := fan(f.Rand.IntN(fans))
	failed, ok := d.part(735002, name, "Failure Detected"), d.part(735001, name, "OK")
	steps := []Step{{0, failed}, {time.Minute, ok}, {40 * time.Second, failed}}
	for range 1 + f.Rand.IntN(3) {
		steps = append(steps, Step{10 * time.Minute, failed})
	}
	return append(steps, Step{f.minutes(3, 9), ok})
}

// powerSupply fails a supply, and with it the redundancy.
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

// heat returns the readings of a sensor, in degrees Celsius, which rise to a peak
// and fall again. The ids are the message ids of the states OK, warm and critical.
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

// chassisTemperature heats the chassis, sometimes until it is critical.
func (f *Fleet) chassisTemperature(d *Device) []Step {
	return f.heat(d, sensor, 45, 56, 50+f.Rand.IntN(12), 3, [3]int{735021, 735016, 735008})
}

// quota simulates a script that opens management sessions without closing them.
// The device does not report when they are closed.
func (f *Fleet) quota(*Device) []Step {
	const limit, warning = 15, 13
	var steps []Step
	for used := warning; used < limit; used++ {
		steps = append(steps, newStep(f.minutes(2, 4), 3, 768001, "QUOTA: management session utilization is high: requested 1, current %d, warning level %d", used, warning))
	}
	if f.Rand.IntN(2) == 0 {
		steps = append(steps, newStep(time.Minute, 3, 768004, "QUOTA: management session quota exceeded for ssh protocol: current 5, protocol limit 5"))
	}
	for range 2 + f.Rand.IntN(5) {
		steps = append(steps, newStep(f.minutes(1, 3), 3, 768002, "QUOTA: management session quota exceeded: requested 1, current %d, limit %d", limit, limit))
	}
	return steps
}

// threatRate simulates a host that scans the device for a while: the rates rise
// and fall, the total only rises. In the last report the average is below its
// threshold.
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
		steps = append(steps, newStep(time.Minute, 4, 733100, "[%s] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is %d; Current average rate is %d per second, max configured rate is %d; Cumulative total count is %d",
			object.name, burst, object.burst, average, object.average, total))
	}
	return append(steps, newStep(time.Minute, 4, 733100, "[%s] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is %d; Current average rate is %d per second, max configured rate is %d; Cumulative total count is %d",
		object.name, object.burst, object.burst, object.average/2, object.average, total+30*object.average))
}

// clusterLoad loads a member so much that the cluster could not lose it.
func (f *Fleet) clusterLoad(d *Device) []Step {
	chassis := d.Name[len(d.Name)-1:]
	var steps []Step
	load := func(after time.Duration, resource string, percent, threshold int) {
		steps = append(steps, newStep(after, 6, 748008, "%s load %d%% of module 1 in chassis %s (unit-1-%s) exceeds overflow protection threshold %s %d%%. System may be oversubscribed on member failure.",
			resource, percent, chassis, chassis, resource, threshold))
	}
	for range 6 + f.Rand.IntN(6) {
		load(f.minutes(1, 3), "CPU", 81+f.Rand.IntN(15), 80)
		if f.Rand.IntN(2) == 0 {
			load(time.Second, "memory", 86+f.Rand.IntN(6), 85)
		}
	}
	return append(steps, newStep(time.Second, 6, 748009, "CPU load %d%% of chassis %s exceeds overflow protection threshold CPU 80%%. System may be oversubscribed on chassis failure.",
		81+f.Rand.IntN(9), chassis))
}

// selfTest restarts the device, whose crypto engine fails its test.
func (f *Fleet) selfTest(d *Device) []Step {
	return f.boot(d,
		NewMessage(2, 774002, "POST: error 'mismatch', func 'aes_known_answer', engine NPX, algorithm AES, mode CBC, dir encryption, key len %d", 128<<f.Rand.IntN(2)),
		NewMessage(2, 774001, "POST: unspecified error"))
}

// pciLink restarts the device, with a card whose link is too slow.
func (f *Fleet) pciLink(d *Device) []Step {
	return f.boot(d, NewMessage(1, 743000, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function %d:0.1 has a link width of 4 when it should have a link width of 8.",
		2+f.Rand.IntN(3)))
}

// pciDevice restarts the device, without its crypto accelerator.
func (f *Fleet) pciDevice(d *Device) []Step {
	return f.boot(d, NewMessage(1, 743004, "System is not fully operational - PCI device with vendor ID 0x177d (Cavium Networks), device ID 0x0010 (CN1620) not found"))
}

// minutes returns a random duration between two numbers of minutes.
func (f *Fleet) minutes(minimum, maximum int) time.Duration {
	return time.Duration(minimum)*time.Minute + time.Duration(f.Rand.Int64N(int64(maximum-minimum)*int64(time.Minute)))
}

// seconds returns a random duration between two numbers of seconds.
func (f *Fleet) seconds(minimum, maximum int) time.Duration {
	return time.Duration(minimum)*time.Second + time.Duration(f.Rand.Int64N(int64(maximum-minimum)*int64(time.Second)))
}
