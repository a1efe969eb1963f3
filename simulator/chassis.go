package simulator

import (
	"fmt"
	"time"
)

// The reports of a management center about its sensors, and the faults of the
// chassis under a firewall. Like other incidents they end with the recovery.

// NewHealthAlert returns a health alert that a management center sends about the
// device d.
func NewHealthAlert(manager string, d *Device, module, severity, text string) Message {
	return Message{Severity: 6, Manager: manager, Text: fmt.Sprintf("HMNOTIFY: %s (Sensor %s): Severity: %s: %s", module, d.Name, severity, text)}
}

// manager returns the name of the management center of a device, one for each site.
func (d *Device) manager() string { return d.Name[:3] + "-fmc1" }

// healthAlert is the line of a management center, with the usual settings of a
// syslog alert: no tag, facility syslog.
func healthAlert(at time.Time, m Message) string {
	return fmt.Sprintf("<46>%s %s : %s", at.Format(time.Stamp), m.Manager, m.Text)
}

// health makes a management center report a part of a device as bad, and then its
// recovery.
func (f *Fleet) health(d *Device) []Step {
	module, text := f.pick("Power Supply", "Hardware Alarms", "Chassis Environment Status"), "the part needs attention"
	at := func(after time.Duration, module, severity, text string) Step {
		return Step{after, NewHealthAlert(d.manager(), d, module, severity, text)}
	}
	return []Step{
		at(0, "Memory Usage", "normal", fmt.Sprintf("Used %d.16MB of 11367.89MB (Physical + Swap)", 4000+f.Rand.IntN(4000))),
		at(f.seconds(1, 3), "Power Supply", "critical", "Power supply 2 requires attention"),
		at(f.seconds(1, 3), module, "warning", text),
		at(5*time.Minute, "Power Supply", "critical", "Power supply 2 requires attention"),
		at(5*time.Minute, "Power Supply", "recovered", "Power supplies work"),
		at(f.seconds(1, 3), module, "normal", "all parts work"),
	}
}

// NewFault returns a fault of the chassis under a firewall, as the firewall passes
// it on.
func NewFault(at time.Time, code int, severity, cause, object, text string) Message {
	id, level := 199015, 3
	switch severity {
	case "critical":
		id, level = 199014, 2
	case "minor":
		id, level = 199016, 4
	case "warning":
		id, level = 199017, 5
	}
	return NewMessage(level, id, "%s firepower FPRM: <<%%FPRM-%d-FAULT>> [F%04d][%s][%s][%s] %s", at.Format(time.Stamp), level, code, severity, cause, object, text)
}

// chassisFault fails a power supply and a fan of the chassis; the text of a cleared
// fault still reports the failure.
func (f *Fleet) chassisFault(*Device) []Step {
	at := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	n := 1 + f.Rand.IntN(2)
	supply := func(severity string) Message {
		return NewFault(at, 374, severity, "equipment-inoperable", fmt.Sprintf("sys/chassis-1/psu-%d", n), fmt.Sprintf("Power supply %d in chassis 1 operability: inoperable", n))
	}
	fan := func(severity string) Message {
		return NewFault(at, 371, severity, "equipment-degraded", fmt.Sprintf("sys/chassis-1/fan-module-1-%d/fan-1", n), fmt.Sprintf("Fan 1 in Fan Module 1-%d under chassis 1 operability: degraded", n))
	}
	return []Step{
		{0, supply("major")},
		{f.seconds(5, 30), fan("minor")},
		{f.minutes(1, 4), fan("major")},
		{f.minutes(3, 9), fan("cleared")},
		{f.minutes(1, 4), supply("cleared")},
	}
}
