package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestAnonymize(t *testing.T) {
	a := newAnonymizer()
	for _, tc := range []struct{ line, want string }{
		{
			`<161>Jul 10 2025 19:57:21 ams-edge-1.corp.net : %FTD-1-735004: Power Supply 1: Failure Detected`,
			`<161>Jul 10 2025 19:57:21 fw-1 : %FTD-1-735004: Power Supply 1: Failure Detected`,
		},
		{
			`<46>Jan 25 19:44:22 fmc-a : HMNOTIFY: Memory Usage (Sensor HQ Firewall (Unit 1)): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)`,
			`<46>Jan 25 19:44:22 fw-2 : HMNOTIFY: Memory Usage (Sensor fw-3): Severity: normal: Used 4628.16MB of 11367.89MB (Physical + Swap)`,
		},
		{
			`<189>Jan 25 2026 19:44:22 ams-edge-1.corp.net : %FTD-5-111008: User 'j.smith' executed the 'ssh 10.1.2.3 key 0x5b03aa01bb' command.`,
			`<189>Jan 25 2026 19:44:22 fw-1 : %FTD-5-111008: User 'text-1' executed the 'text-2' command.`,
		},
		{
			`Jul 16 12:23:19 fp-9300 FPRM: <<%FPRM-2-X>> [F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 (JAD2034V0AB) inoperable at fe80::12:34ff:fe56:7890 and 10.1.2.3, 10.1.2.4, 00:1b:2c:3d:4e:5f`,
			`Jul 16 12:23:19 fw-4 FPRM: <<%FPRM-2-X>> [F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 (ABC00000001) inoperable at 2001:db8::1 and 192.0.2.1, 192.0.2.2, 00:00:5e:00:53:01`,
		},
		{
			`%ASA-4-444005: Timebased license key 0x5b03aa01 0x55b9bb02 will expire in 127 days for user jane@corp.net`,
			`%ASA-4-444005: Timebased license key 0x00000001 0x00000002 will expire in 127 days for user user-1@example.com`,
		},
		{
			`AMS-EDGE-1.CORP.NET : %FTD-6-605005: Login permitted from 10.1.2.4/5000 to inside:10.1.2.3/ssh for user jane`,
			`fw-1 : %FTD-6-605005: Login permitted from 192.0.2.2/5000 to inside:192.0.2.1/ssh for user user-2`,
		},
	} {
		if got := a.line(tc.line); got != tc.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tc.line, got, tc.want)
		}
	}
}

// A line is read in the same way without its names, and has none of them.
func TestAnonymizedLinesAreReadTheSameWay(t *testing.T) {
	var p syslog.Parser
	for _, l := range testutil.Corpus(t) {
		var before, after syslog.Header
		first := p.Parse([]byte(l.Text), netip.Addr{}, &before)
		var host string
		if first == syslog.OK {
			host = string(before.Origin.Host())
		}
		line := newAnonymizer().line(l.Text)
		if r := p.Parse([]byte(line), netip.Addr{}, &after); r != first || after.ID != before.ID || after.Severity != before.Severity || after.Count != before.Count {
			t.Errorf("%q\nbecomes %q:\n%s %s, was %s %s", l.Text, line, r, after.ID, first, before.ID)
		}
		if len(host) > 3 && strings.Contains(strings.ToLower(line), strings.ToLower(host)) && !strings.HasPrefix(host, "192.0.2.") && !strings.HasPrefix(host, "fw-") {
			t.Errorf("%q still has %q", line, host)
		}
	}
	// Hostile lines do no harm, and take no time.
	for _, s := range []string{strings.Repeat("a", 8000), strings.Repeat("a.", 4000), strings.Repeat(":", 8000), strings.Repeat("user ", 1600), "\xff\xfe\x00", fmt.Sprint(strings.Repeat("İ", 100), " : %FTD-1-735004: x")} {
		_ = newAnonymizer().line(s)
	}
}
