package catalog

import (
	"fmt"
	"strings"
)

// A faultRule is a rule by which FXOS raises a fault: CfprConditionRule in
// CISCO-FIREPOWER-TC-MIB, whose numbers are the codes.
type faultRule struct {
	code     uint32
	rule     string
	severity string // The usual first severity; the fault itself states which it has.
	dn       string // The object of the sample.
	summary  string
	meaning  string
}

// A faultGroup has rules for the same component, for which the same has to be done.
type faultGroup struct {
	component string
	action    string
	rules     []faultRule
}

// faultWords are the severities of a fault (CfprConditionSeverity).
const faultWords = "critical|major|minor|warning|info|condition|cleared"

// faultTemplates is the form of every fault. The text after the object, which may
// be missing, still reports the failure when the severity is cleared, so it is not
// evaluated.
func faultTemplates(object string) []string {
	return []string{"[{code}][{severity:" + faultWords + "}][{cause}][{" + object + "}] {description:text}"}
}

// fxosFaults lists the faults of FXOS, the operating system of a chassis, that
// report on hardware, capacity or the parts that run a firewall. Two more entries
// stand for all others.
func fxosFaults() []Entry {
	const family = "fxos_faults"
	entries := Faults()
	return append(
		entries,
		Entry{
			ID: AnyFault, Severity: 3, Family: family,
			Summary:   "Fault of the chassis that this catalog does not describe",
			Templates: faultTemplates("dn"),
			Samples: []string{
				"[F1309][critical][default-infra-version-missing][org-root/fw-infra-pack-default] The version of a firmware package is empty",
				"[F1309][cleared][default-infra-version-missing][org-root/fw-infra-pack-default]",
			},
			Meaning: "FXOS has raised or changed a fault whose code this catalog does not describe. Its severity and its object are exported all the same.",
			Action:  "Look the code up in Cisco's guide to FXOS faults, or run show fault on the chassis, and send us the line.",
		},
		Entry{
			ID: AnyWorkflowFault, Severity: 5, Family: family,
			Summary:   "Failed workflow of the management of the chassis",
			Templates: faultTemplates("dn"),
			Samples: []string{
				"[F16520][warning][discover-failed][sys/chassis-1/blade-1] A step of the discovery of a server failed",
				"[F16520][cleared][discover-failed][sys/chassis-1/blade-1]",
			},
			Meaning: "A step of a task of the chassis manager, such as discovery or an upgrade, failed. FXOS repeats most steps by itself, so such faults are only counted.",
			Action:  "None, unless it comes again and again. Then look at show fault and at the task on the chassis.",
		},
	)
}

// Faults returns the entries of the faults of FXOS that the catalog describes.
func Faults() []Entry {
	severities := map[string]int{critical: 2, major: 3, minor: 4, warning: 5, info: 6}
	var entries []Entry
	for _, g := range faultGroups() {
		for _, r := range g.rules {
			id, cause := Fault(r.code), faultCause(r.rule)
			sample := fmt.Sprintf("[%s][%s][%s][%s]", id, r.severity, cause, r.dn)
			entries = append(entries, Entry{
				ID: id, Severity: severities[r.severity], Family: "fxos_faults", Rule: r.rule, Component: g.component,
				Summary:   r.summary,
				Templates: faultTemplates("object"),
				Samples:   []string{sample + " " + r.summary, sample},
				Meaning:   r.meaning,
				Action:    g.action,
			})
		}
	}
	return entries
}

// faultCause returns a cause for the sample of a rule: the last word of its name.
func faultCause(rule string) string {
	i := strings.LastIndexFunc(rule, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	return strings.ToLower(rule[max(i, 0):])
}

// The usual severities.
const (
	critical = "critical"
	major    = "major"
	minor    = "minor"
	warning  = "warning"
	info     = "info"
)

// The objects of samples.
const (
	dnFan        = "sys/chassis-1/fan-module-1-2/fan-1"
	dnFanModule  = "sys/chassis-1/fan-module-1-2"
	dnSupply     = "sys/chassis-1/psu-1"
	dnChassis    = "sys/chassis-1"
	dnSwitch     = "sys/switch-A"
	dnCPU        = "sys/chassis-1/blade-1/board/cpu-1"
	dnBoard      = "sys/chassis-1/blade-1/board"
	dnBlade      = "sys/chassis-1/blade-1"
	dnMemory     = "sys/chassis-1/blade-1/board/memarray-1/mem-3"
	dnArray      = "sys/chassis-1/blade-1/board/memarray-1"
	dnDisk       = "sys/chassis-1/blade-1/board/storage-SATA-1/disk-1"
	dnController = "sys/chassis-1/blade-1/board/storage-SAS-1"
	dnPartition  = "sys/switch-A/stor-part-workspace"
	dnPort       = "sys/switch-A/slot-1/switch-ether/port-3"
	dnCard       = "sys/switch-A/slot-2"
	dnSlot       = "sec-svc/slot-1"
	dnApp        = "sec-svc/slot-1/app-inst-ftd-ftd1"
)
