package catalog

import "bytes"

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
