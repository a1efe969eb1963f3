package catalog

import (
	"bytes"
)

// HealthWords are the severities of a health alert, by the words that a management
// center prints (cisco.com, health monitor alerts; 7.7 adds major, minor and info).
const HealthWords = "normal|recovered|info|warning|minor|critical|major|error|disabled"

// healthAlerts lists the message that a management center sends for each module of
// its health monitor. What follows the severity depends on the module and on the
// release; only the text of one module is known.
func healthAlerts() []Entry {
	const severity = HealthSeverity + "{severity:" + HealthWords + "}"
	return []Entry{{
		ID: HealthAlert, Severity: 6, Family: "health_alerts",
		Summary: "Health of a device as its management center sees it",
		Templates: []string{
			"Memory Usage ({subject:text})" + severity + ": Used {used:number}MB of {total:number}MB{rest:text}",
			"Memory Usage" + severity + ": Used {used:number}MB of {total:number}MB{rest:text}",
			"{module:text}" + severity + ":{text:text}",
			"{module:text}" + severity,
		},
		Samples: []string{
			"Memory Usage (Sensor fw-a.example.net): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)",
			"Memory Usage: Severity: warning: Used 9628.5MB of 11367.89MB (Physical + Swap)",
			"Power Supply (Sensor fw-b): Severity: critical: Power supply 2 requires attention",
			"FTD HA (Split-brain check) (Sensor fw-ha-1): Severity: recovered",
		},
		Meaning: "The management center reports the state of one module of its health monitor for one device. It reports a module as a whole, so a second problem of the same module changes nothing.",
		Action:  "Look at the health monitor of the management center and at the device. docs/models.md lists what must be configured there so that recoveries are reported as well.",
	}}
}

// HealthSeverity is what precedes the severity in a health alert.
const HealthSeverity = ": Severity:"

// CutHealthSubject splits what precedes [HealthSeverity] in a health alert into the
// name of the module and the name of the device that it is about:
//
//	CPU Usage (per core) (Sensor HQ Firewall (Unit 1), domain Global/Branch)
//
// Subject is nil if the alert does not name a device. Both may have spaces and
// parentheses, so the last opening of a subject counts. It reports false if one of
// them is empty.
func CutHealthSubject(b []byte) (module, subject []byte, ok bool) {
	b = trimSpace(b)
	n := len(b) - 1
	if n < 0 || b[n] != ')' {
		return b, nil, n >= 0
	}
	at, length := -1, 0
	for _, opening := range [...]string{"(Sensor", "(Appliance", "(Device"} {
		i := bytes.LastIndex(b, []byte(opening))
		if end := i + len(opening); i > at && (i == 0 || b[i-1] == ' ') && (b[end] == ' ' || end == n) {
			at, length = i, len(opening)
		}
	}
	if at < 0 {
		return b, nil, true
	}
	subject = b[at+length : n]
	if i := bytes.LastIndex(subject, []byte(", domain ")); i >= 0 {
		subject = subject[:i]
	}
	module, subject = trimSpace(b[:at]), trimSpace(subject)
	return module, subject, len(module) > 0 && len(subject) > 0
}
