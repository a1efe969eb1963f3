package syslog

import (
	"bytes"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// FuzzHealthAlert checks that an alert is read as what it was made of, and that
// one in the text of another message is part of that text.
func FuzzHealthAlert(f *testing.F) {
	f.Add("Memory Usage", "fw-a.example.net", "normal", "Used 4628.16MB of 11367.89MB (Physical + Swap)")
	f.Add("CPU Usage (per core)", "HQ Firewall (Unit 1)", "critical", "HMNOTIFY: x (Sensor b): Severity: y")
	f.Add("Cluster/HA Failover Status", "", "purple", "[F0378][warning][c][d] %FTD-1-735004: x")
	f.Add("a (Sensor b", "c)", "", ".x0a.x00")
	f.Fuzz(func(t *testing.T, module, name, word, text string) {
		line := "HMNOTIFY: " + module + " (Sensor " + name + "): Severity: " + word + ": " + text
		_, h, r := parse("<46>Jan 25 19:44:22 fmc1 : " + line)
		if r != OK || h.ID != catalog.HealthAlert || string(h.Origin.Host()) != "fmc1" {
			t.Fatalf("%q: %s %s", line, r, h.ID)
		}
		if h.Subject != nil && (len(h.Subject) == 0 || len(h.Subject) > maxSubject || bytes.ContainsFunc(h.Subject, isControl) || len(h.Text) == 0) {
			t.Fatalf("%q is about %q, text %q", line, h.Subject, h.Text)
		}
		plain := func(s string) bool {
			for _, c := range []byte(s) {
				if !isLetter(c) && !isDigit(c) {
					return false
				}
			}
			return s != "" && len(s) <= maxModule
		}
		if plain(module) && plain(name) && string(h.Subject) != name {
			t.Fatalf("%q is about %q", line, h.Subject)
		}
		if _, h, r := parse("<189>Jan 25 2026 19:44:22 fw-a : %FTD-5-111008: " + line); r != OK || h.ID != 111008 || h.Subject != nil {
			t.Fatalf("quoted by a command, %q is %s %s about %q", line, r, h.ID, h.Subject)
		}
	})
}

// FuzzFault checks that a fault is the same with any header that may precede it,
// and none where it is quoted.
func FuzzFault(f *testing.F) {
	f.Add("[F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2")
	f.Add("%FPRM-2-X: [F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2")
	f.Add("<<%FPRM-2-X>> [F1][cleared][][")
	f.Add("%UCSM-6-EVENT: [E4195921][8743116][transition][][] [FSM:BEGIN]: [F0374][major][c][d]")
	f.Add("[F0110][soaking][node-failed][critical][topology/pod-1] x")
	f.Fuzz(func(t *testing.T, line string) {
		_, plain, r := parse(line)
		isFault := r == OK && plain.ID.IsFault() && plain.Product == FXOS
		if isFault && !bytes.HasPrefix(plain.Text, []byte("[F")) {
			t.Fatalf("%q: text %q", line, plain.Text)
		}
		for _, before := range []string{"<187>Jul 16 2026 12:23:19 fp1 FPRM: ", "%FTD-2-199014: ", "%FTD-2-199014: Jul 16 12:23:19 FPRM: "} {
			_, h, r := parse(before + line)
			if isFault && line[0] == plain.Text[0] && (r != OK || h.ID != plain.ID || !bytes.Equal(h.Text, plain.Text) || h.Count != plain.Count) {
				t.Fatalf("%q is %s %q, with %q before it %s %s %q", line, plain.ID, plain.Text, before, r, h.ID, h.Text)
			}
		}
		if _, h, r := parse("<189>Jan 25 2026 19:44:22 fw-a : %FTD-5-111008: User 'a' executed '" + line); r != OK || h.ID != 111008 {
			t.Fatalf("quoted by a command, %q is %s %s", line, r, h.ID)
		}
	})
}
