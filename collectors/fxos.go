package collectors

import (
	"bytes"
	"encoding/hex"
	"hash/fnv"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// fxosFaults collects the faults of FXOS. All of them have the same form, so the
// catalog needs only to say which component a code is about.
func fxosFaults() Collector {
	var (
		words     = []string{"cleared", "info", "condition", "warning", "minor", "major", "critical"}
		component = Label{Name: "component", Field: "dn", Append: appendFaultComponent, Appends: faultComponents()}
		labels    = []Label{{Name: "code", Append: appendFaultCode}, component, {Name: "object", Field: "dn", Append: appendFaultObject}}

		severity = &Metric{
			Name: "ftd_fxos_fault_severity", Title: "Fault", Type: Gauge, Labels: labels, Grace: time.Hour,
			States: []State{{"cleared", OK}, {"info", OK}, {"condition", OK}, {"warning", Warning}, {"minor", Warning}, {"major", Critical}, {"critical", Critical}},
			Help:   "Severity of a fault of the chassis as last reported: 0 cleared, 1 info, 2 condition, 3 warning, 4 minor, 5 major, 6 critical. The series ends an hour after the fault was cleared.",
		}
		changed = &Metric{
			Name: "ftd_fxos_fault_state_changed_timestamp_seconds", Type: Gauge, Labels: labels,
			Help: "Time of receipt of the report that last changed the severity of a fault.",
		}
		reports = &Metric{
			Name: "ftd_fxos_fault_reports_total", Type: Counter, Labels: []Label{component, {Name: "severity", Values: words}}, Quiet: true,
			Help: "Reports of faults, by their severity: raised, changed or cleared.",
		}
	)
	states := Words{}
	for _, w := range words {
		states[w] = w
	}
	var rules []Rule
	add := func(id catalog.ID, labels Labels) {
		rules = append(
			rules,
			Rule{id, severity, StateField("severity", states), labels},
			Rule{id, changed, ChangeOf(severity), labels},
			Rule{id, reports, Add(), labels},
		)
	}
	for _, e := range catalog.Faults() {
		add(e.ID, Labels{"component": e.Component})
	}
	add(catalog.AnyFault, nil)
	rules = append(rules, Rule{ID: catalog.AnyWorkflowFault, Metric: reports, Value: Add()})
	return Collector{
		Name:     "fxos_faults",
		Summary:  "faults of the chassis, from FXOS",
		Hardware: true,
		Metrics:  []*Metric{severity, changed, reports},
		Rules:    rules,
	}
}

// carriedMessages counts what an FTD or ASA passes on from programs of its
// operating system, 199013 to 199019, if it is not a fault.
func carriedMessages() Collector {
	messages := &Metric{
		Name: "ftd_fxos_carrier_messages_total", Type: Counter,
		Labels: []Label{{Name: "process", Field: "text", Append: appendProcess, Appends: processes(), Values: processes()}},
		Help:   "Messages that the device has passed on from a program of its operating system, without the faults of the chassis.",
	}
	var rules []Rule
	for id := catalog.ID(199013); id <= 199019; id++ {
		rules = append(rules, Rule{ID: id, Metric: messages, Value: Add()})
	}
	return Collector{
		Name:    "carried_messages",
		Summary: "faults of the chassis and other messages of its operating system",
		Metrics: []*Metric{messages},
		Rules:   rules,
	}
}

// faultComponents returns every component of a fault.
func faultComponents() []string {
	return []string{
		"fan", "power_supply", "temperature", "voltage", "memory", "cpu", "disk", "port", "module", "chassis", "software", "license", Other,
	}
}

// appendFaultCode appends the code of a fault as the catalog spells it: F and at
// least four digits.
func appendFaultCode(dst, text []byte) []byte {
	digits := bytes.TrimPrefix(text, []byte("F"))
	if !allDigits(digits) || len(digits) > len("9999999") {
		return append(dst, Other...)
	}
	code := uint32(0)
	for _, c := range digits {
		code = code*10 + uint32(c-'0')
	}
	return catalog.Fault(code).Append(dst)
}

// maxFaultObject is the length up to which an object is a label value as it is, in
// bytes. Those of real faults are shorter.
const maxFaultObject = 64

// appendFaultObject appends the object of a fault: the path in the tree of the
// chassis, without sys/ at its start. The end of a long one is replaced by a hash,
// so that two objects never share a series.
func appendFaultObject(dst, text []byte) []byte {
	path := text
	for bytes.HasPrefix(path, []byte("sys/")) {
		path = path[len("sys/"):]
	}
	if len(path) <= maxFaultObject {
		return append(dst, path...)
	}
	hash := fnv.New32a()
	hash.Write(path)
	var sum [4]byte
	dst = append(append(dst, path[:maxFaultObject-1-2*len(sum)]...), '~')
	return hex.AppendEncode(dst, hash.Sum(sum[:0]))
}

// appendFaultComponent appends the component of a fault that the catalog does not
// describe: what the last telling element of its path stands for. An element is a
// name, mostly with a number: psu-1.
func appendFaultComponent(dst, text []byte) []byte {
	for len(text) > 0 {
		i := bytes.LastIndexByte(text, '/')
		if c := elementComponent(text[i+1:]); c != "" {
			return append(dst, c...)
		}
		text = text[:max(i, 0)]
	}
	return append(dst, Other...)
}

// elementComponent returns the component that an element of a path stands for, or
// nothing.
func elementComponent(element []byte) string {
	for _, e := range [...]struct{ prefix, component string }{
		{"fan", "fan"},
		{"psu", "power_supply"},
		{"power", "power_supply"},
		{"budget", "power_supply"},
		{"memarray", "memory"},
		{"mem", "memory"},
		{"memory", "memory"},
		{"cpu", "cpu"},
		{"disk", "disk"},
		{"storage", "disk"},
		{"stor", "disk"},
		{"raid", "disk"},
		{"vd", "disk"},
		{"ssd", "disk"},
		{"port", "port"},
		{"pc", "port"},
		{"ep", "port"},
		{"transceiver", "port"},
		{"xcvr", "port"},
		{"ftw", "port"},
		{"aggr", "port"},
		{"blade", "module"},
		{"app", "module"},
		{"slot", "module"},
		{"card", "module"},
		{"server", "module"},
		{"license", "license"},
		{"fw", "software"},
		{"fpga", "chassis"},
		{"version", "software"},
		{"pki", "software"},
		{"pmon", "software"},
		{"chassis", "chassis"},
		{"switch", "chassis"},
		{"rack", "chassis"},
	} {
		if n := len(e.prefix); len(element) >= n && string(element[:n]) == e.prefix && (len(element) == n || element[n] == '-') {
			return e.component
		}
	}
	return ""
}

// appendProcess appends the name of the program that a carried message begins with,
// after a timestamp or without one: "Mar 5 02:14:16 sshd[1842]: text".
func appendProcess(dst, text []byte) []byte {
	for range 5 { // A month, a day, a time, perhaps a host, and the program.
		word, rest, _ := bytes.Cut(bytes.TrimLeft(text, " "), []byte(" "))
		name, ended := bytes.CutSuffix(word, []byte(":"))
		if text = rest; !ended {
			continue
		}
		name, _, _ = bytes.Cut(name, []byte("["))
		for _, known := range processes() {
			if string(name) == known {
				return append(dst, known...)
			}
		}
		break
	}
	return append(dst, Other...)
}

// processes returns the programs that carried messages are told apart by.
func processes() []string { return []string{"FPRM", "port-manager", "sshd", Other} }
