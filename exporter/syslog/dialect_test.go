package syslog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// describeDialect returns the contents of a line of another dialect: host, severity,
// subject, count and text after the id.
func describeDialect(line string) string {
	_, h, r := parse(line)
	if r != OK {
		return r.String()
	}
	subject := "-"
	if h.Subject != nil {
		subject = string(h.Subject)
	}
	host := "-"
	if h.Origin.Host() != nil {
		host = string(h.Origin.Host())
	}
	return fmt.Sprintf("%s %s %s %d about %s x%d %q", host, h.Product, h.ID, h.Severity, subject, h.Count, h.Text)
}

func checkDialect(t *testing.T) func(line, want string) {
	return func(line, want string) {
		t.Helper()
		if got := describeDialect(line); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", line, got, want)
		}
	}
}

func TestHealthAlerts(t *testing.T) {
	f := checkDialect(t)
	f(`<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Memory Usage (Sensor fw-a.example.net): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)`,
		`fmc1 FMC HMNOTIFY 6 about fw-a.example.net x1 "Memory Usage (Sensor fw-a.example.net): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)"`)
	f(`<129>Jan 25 19:44:22 fmc1 FromFMC: HMNOTIFY: Power Supply (Sensor fw-b): Severity: critical: Power supply 2 requires attention`,
		`fmc1 FMC HMNOTIFY 1 about fw-b x1 "Power Supply (Sensor fw-b): Severity: critical: Power supply 2 requires attention"`)
	f(`Jan 25 19:44:22 fmc1 : HMNOTIFY: Hardware Alarms (Sensor fw-b): Severity: normal: Hardware is functioning correctly`,
		`fmc1 FMC HMNOTIFY 6 about fw-b x1 "Hardware Alarms (Sensor fw-b): Severity: normal: Hardware is functioning correctly"`)
	// Relays, with and without the word as the name of a program.
	f(`<46>1 2026-01-25T19:44:22.000Z fmc1.example.net - - - - : HMNOTIFY: Process Status (Sensor fw-b): Severity: critical: a process exited`,
		`fmc1.example.net FMC HMNOTIFY 6 about fw-b x1 "Process Status (Sensor fw-b): Severity: critical: a process exited"`)
	f(`<46>1 2026-01-25T19:44:22.000Z fmc1.example.net HMNOTIFY - - - Process Status (Sensor fw-b): Severity: normal: all processes run`,
		`fmc1.example.net FMC HMNOTIFY 6 about fw-b x1 "Process Status (Sensor fw-b): Severity: normal: all processes run"`)
	f(`<13>Jan 25 20:44:22 relay <46>Jan 25 19:44:22 fmc1 SF-IMS[12]: HMNOTIFY: Disk Usage (Sensor a): Severity: warning: x`,
		`fmc1 FMC HMNOTIFY 5 about a x1 "Disk Usage (Sensor a): Severity: warning: x"`)
	f(`2026-01-25T19:44:22+01:00 fmc1 HMNOTIFY[77]: Disk Usage (Sensor a): Severity: warning: x`,
		`fmc1 FMC HMNOTIFY 6 about a x1 "Disk Usage (Sensor a): Severity: warning: x"`)
	f(`<46>Jan 25 19:44:22 fmc1 message repeated 3 times: [ HMNOTIFY: Disk Usage (Sensor a): Severity: warning: x]`,
		`fmc1 FMC HMNOTIFY 6 about a x3 "Disk Usage (Sensor a): Severity: warning: x"`)
	// Names with spaces and parentheses, domains, other kinds of subjects.
	f(`<46>Jan 25 19:44:22 192.0.2.10 : HMNOTIFY: Disk Usage: Severity: warning: / using 88%`,
		`192.0.2.10 FMC HMNOTIFY 6 about - x1 "Disk Usage: Severity: warning: / using 88%"`)
	for subject, want := range map[string]string{
		"(Sensor fw-c, domain Global/Branch)": "fw-c", "(Sensor HQ Firewall (Unit 1))": "HQ Firewall (Unit 1)", "(Sensor a) (Sensor b)": "b",
		"(per core) (Sensor fw-a)": "fw-a", "(Split-brain check) (Appliance fmc2)": "fmc2", "(Device b)": "b",
		"(per core)": "-", "(Sensor  a b )": "a b", "(Sensors a)": "-",
	} {
		line := "<46>Jan 25 19:44:22 fmc1 T: HMNOTIFY: CPU Usage " + subject + ": Severity: critical: 99"
		_, h, r := parse(line)
		got := "-"
		if h.Subject != nil {
			got = string(h.Subject)
		}
		if r != OK || h.ID != catalog.HealthAlert || got != want {
			t.Errorf("%q: %s %s %q, want %q", line, r, h.ID, got, want)
		}
	}
	// What trails.
	for _, junk := range []string{".x0a.x00", "\n\x00", "#012", " #012#000 ", ".x0a\r\n"} {
		f("<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Database (Sensor a): Severity: error: the test did not run"+junk,
			`fmc1 FMC HMNOTIFY 6 about a x1 "Database (Sensor a): Severity: error: the test did not run"`)
	}
	// A fault and the tag of a firewall in the text are part of the text.
	f(`<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Platform Faults (Sensor fw-d): Severity: critical: [F0378][warning][equipment-missing][sys/chassis-1/psu-2] Power supply 2 in chassis 1 presence: missing`,
		`fmc1 FMC HMNOTIFY 6 about fw-d x1 "Platform Faults (Sensor fw-d): Severity: critical: [F0378][warning][equipment-missing][sys/chassis-1/psu-2] Power supply 2 in chassis 1 presence: missing"`)
	f(`<146>Jan 25 19:44:22 fmc1 : HMNOTIFY: Database: Severity: error: %FTD-1-735004: Power Supply 1: Failure Detected and more`,
		`fmc1 FMC HMNOTIFY 2 about - x1 "Database: Severity: error: %FTD-1-735004: Power Supply 1: Failure Detected and more"`)
	f(`<146>1 2026-01-25T19:44:22Z fmc1 HMNOTIFY - - - Database: Severity: error: %FTD-1-735004: Power Supply 1: Failure Detected`,
		`fmc1 FMC HMNOTIFY 2 about - x1 "Database: Severity: error: %FTD-1-735004: Power Supply 1: Failure Detected"`)
	// A test message and what cannot be read have the id, and a text that no template
	// matches.
	f(`<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Test`, `fmc1 FMC HMNOTIFY 6 about - x1 "Test"`)
	for _, left := range []string{"Disk Usage (Sensor )", "Disk Usage (Sensor)", "Disk (Sensor , domain Global)", "", " (Sensor a)", strings.Repeat("m", 65), "Disk Usage (Sensor " + strings.Repeat("n", 129) + ")", "Disk Usage (Sensor a\x01b)"} {
		f(`<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: `+left+`: Severity: critical: x`, `fmc1 FMC HMNOTIFY 6 about - x1 ""`)
	}
}

func TestFaults(t *testing.T) {
	f := checkDialect(t)
	const body = `[F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 in chassis 1 operability: inoperable`
	want := func(head string) string { return fmt.Sprintf("%s about - x1 %q", head, body) }
	// As a Firepower 1010 writes it, and as other systems with the same faults do.
	f(`Jul 16 12:23:19 firepower-1010 FPRM: <<%FPRM-2-EQUIPMENT_INOPERABLE>> `+body, want("firepower-1010 FXOS F0374 2"))
	f(`<187>Jul 16 12:23:19 firepower-1010 FPRM: %FPRM-3-EQUIPMENT_INOPERABLE: `+body, want("firepower-1010 FXOS F0374 3"))
	f(`: 2026 May  4 23:04:53 IST: %UCSM-3-LINK_DOWN: `+body, want("- FXOS F0374 3"))
	f(`<187>: 2026 Feb  9 21:07:45 GMT: %FPRM-3-LINK_DOWN:`+body, want("- FXOS F0374 3"))
	f(`<189>Apr 19 17:11:12 UTC: %CIMC-6-LOG_CAPACITY: `+body, want("- FXOS F0374 6"))
	f(`2:2026 April 02 14:12:04:BMC:fault-engined:-: %CIMC-2-EQUIPMENT_INOPERABLE:`+body, want("- FXOS F0374 2"))
	f(`<187>1 2026-05-04T23:04:53Z fp1 FPRM - - - %FPRM-3-X: `+body, want("fp1 FXOS F0374 3"))
	f(`<187>1 2026-05-04T23:04:53Z fp1 %FPRM-3-X - - - `+body, want("fp1 FXOS F0374 3"))
	// The tag is lost; the word states how bad it is.
	f(`<187>Jul 16 12:23:19 fp1 FPRM: `+body, want("fp1 FXOS F0374 3"))
	f(`<187>Jul 16 12:23:19 fp1 FPRM[12]: `+body, want("fp1 FXOS F0374 3"))
	f(`<187>Jul 16 12:23:19 fp1: FPRM: `+body, want("fp1 FXOS F0374 3"))
	f(body, want("- FXOS F0374 3"))
	for word, severity := range map[string]int{"critical": 2, "Major": 3, "minor": 4, "warning": 5, "info": 6, "condition": 6, "CLEARED": 6} {
		f("[F1]["+word+"][c][d] x", fmt.Sprintf("- FXOS F0001 %d about - x1 %q", severity, "[F1]["+word+"][c][d] x"))
	}
	f(`[F4530206][info][c][d]`, `- FXOS F4530206 6 about - x1 "[F4530206][info][c][d]"`)
	f(`Jul 16 12:23:19 fp1 FPRM: message repeated 2 times: [ [F0374][major][c][d] x]`, `fp1 FXOS F0374 3 about - x2 "[F0374][major][c][d] x"`)
	f(`<187>Jul 16 12:23:19 fp1 FPRM: %FPRM-3-X: [F0374][major][c][d] an FTD says %FTD-1-735004: x`,
		`fp1 FXOS F0374 3 about - x1 "[F0374][major][c][d] an FTD says %FTD-1-735004: x"`)
	f(`<187>Jul 16 12:23:19 fp1 FPRM: %FPRM-3-X: [F0374][major][c][d] HMNOTIFY: Disk (Sensor a): Severity: critical: x`,
		`fp1 FXOS F0374 3 about - x1 "[F0374][major][c][d] HMNOTIFY: Disk (Sensor a): Severity: critical: x"`)

	// In the text of a carrier.
	for id := 199013; id <= 199019; id++ {
		for _, inner := range []string{"", "Jul 16 12:23:19 firepower FPRM: <<%FPRM-2-X>> ", "Jul 16 12:23:19 FPRM[9]: %FPRM-2-X: ", "Jul 16 12:23:19 FPRM: ", "%FPRM-2-X: "} {
			f(fmt.Sprintf("<162>Jul 16 2026 12:23:20 fw1 : %%FTD-4-%d: %s%s#012", id, inner, body), want("fw1 FTD F0374 4"))
		}
	}
	f(`%ASA-7-199019: Mar  6 21:58:53 Ipc[1234]: func return 1#012`, `- ASA 199019 7 about - x1 "Mar  6 21:58:53 Ipc[1234]: func return 1"`)
	f(`%FTD-1-199012: `+body, `- FTD 199012 1 about - x1 `+fmt.Sprintf("%q", body))
	f(`%FTD-1-199020: `+body, `- FTD 199020 1 about - x1 `+fmt.Sprintf("%q", body))
}

// What looks like one of the dialects and is none.
func TestNoDialect(t *testing.T) {
	const health = "HMNOTIFY: Memory Usage (Sensor fw-z): Severity: critical: x"
	const fault = "[F0374][critical][equipment-inoperable][sys/chassis-1/psu-2] x"
	for _, line := range []string{
		// Events, audits and the short form of UCS Manager, faults of ACI.
		`: 2026 May  3 00:05:36 IST: %UCSM-6-EVENT: [E4195921][8743116][transition][ucs-A][] [FSM:BEGIN]: Soft shutdown of server`,
		`<190>: 2026 Oct 26 10:33:18 CET: %UCSM-6-AUDIT: [session][internal][creation][internal][3852391][sys/user-ext/x][id:a, name:b][] Web B: user logged in`,
		`%FPRM-6-AUDIT: [admin][admin][modification][web_1_A][1385040][sys/svc-ext/syslog][adminState(Old:disabled, New:enabled)][] modified`,
		`%FPRM-6-AUDIT: [admin][admin][modification][web_1_A][1385040][sys/x][descr(Old:, New:` + fault + `)][] modified`,
		`%FPRM-6-EVENT: [E4195921][` + fault + `]`,
		`2026 Feb  9 21:07:45 GMT: %UCSM-3-LINK_DOWN: [link-down][sys/chassis-4/blade-7/fabric-A/path-3/vc-1518]`,
		`%LOG_LOCAL0-2-SYSTEM_MSG [F0110][soaking][node-failed][critical][topology/pod-1/node-102/fault-F0110] Node 102 not reachable. unknown`,
		`[F0110][soaking][node-failed][critical][topology/pod-1] x`,
		`[F][critical][c][d] x`, `[F12345678][critical][c][d] x`, `[F0374] [critical][c][d] x`, `[E0374][critical][c][d] x`, `[F0374][critical`,
		`%FPRM-9-X: ` + fault, `%FPRM-2-: ` + fault, `%FP-2-x: [x]`,
		// Audit, discovery and correlation of a management center.
		`<14>Jan 25 20:09:03 IPRep.pl: [FMC1] fmc1.example.net: admin@Default User IP, Login, Login Success.x0a.x00`,
		`<190>Jan 25 19:43:26 fmc1 SFIMS: <*- Client Update From "fw-a" at Wed Jan 25 19:43:26 2026 UTC -*>   IP Address: 198.51.100.7 Office Mobile`,
		`<190>Jan 25 19:43:26 fmc1 SFIMS: Correlation Event: x`, `<190>Jan 25 19:43:26 fmc1 SFIMS: Protocol: TCP, SrcIP: 192.0.2.1`,
		`<14>Jan 25 20:09:03 sfdccsm: [FMC1] fmc1: admin@192.0.2.1, banner, ` + health,
		`<14>Jan 25 20:09:03 fmc1 sudo: admin : TTY=pts/0 ; COMMAND=/bin/echo ` + health,
		`<14>Jan 25 20:09:03 fmc1 sshd[22]: Invalid user ` + health,
		`<14>Jan 25 20:09:03 fmc1 sshd[22]: Invalid user ` + fault,
		`<14>Jan 25 20:09:03 fmc1 cli: "` + health + `"`, `<14>Jan 25 20:09:03 fmc1 cli: '` + fault + `'`,
		`<14>Jan 25 20:09:03 fmc1 cli: set text=` + health, `the administrator wrote a note about ` + health,
		`<14>Jan 25 20:09:03 fmc1 HMNOTIFY`, `<14>Jan 25 20:09:03 fmc1 HMNOTIFY - x`, `HMNOTIFY[]: x`, `HMNOTIFY[a]: x`, `HMNOTIFY[1: x`, `hmnotify: Disk: Severity: critical: x`,
		`<14>` + strings.Repeat("Jan 25 20:09:03 ", 70) + health,
	} {
		if got := describeDialect(line); got != "no_tag" {
			t.Errorf("%q: %s", line, got)
		}
	}
	// A tag before them.
	for line, id := range map[string]catalog.ID{
		`<189>Jan 25 2026 19:44:22 fw-a : %FTD-5-111008: User 'admin' executed the 'banner motd ` + health + `' command.`: 111008,
		`<189>Jan 25 2026 19:44:22 fw-a : %FTD-5-111008: User 'admin' executed the '` + fault + `' command.`:              111008,
		`%FTD-5-111010: ` + health: 111010, `%FTD-5-111010: ` + fault: 111010,
		`%FTD-5-199017: Mar  6 21:58:53 sudo: admin : COMMAND=/bin/echo ` + fault:                                           199017,
		`%FTD-5-199017: Mar  6 21:58:53 sshd[22]: Invalid user ` + fault:                                                    199017,
		`%FTD-5-199017: Mar  6 21:58:53 FPRM: <<%FPRM-6-AUDIT>> [admin] ` + fault:                                           199017,
		`%FTD-5-199017: Mar  6 21:58:53 x: ` + health:                                                                       199017,
		`<189>Jan 25 2026 19:44:22 a-very-long-name-of-a-host.of.a.very-long-domain.example.com : %FTD-5-111008: ` + health: 111008,
	} {
		if _, h, r := parse(line); r != OK || h.ID != id || h.Subject != nil || h.Product != FTD {
			t.Errorf("%q: %s %s %q", line, r, h.ID, h.Subject)
		}
	}
}
