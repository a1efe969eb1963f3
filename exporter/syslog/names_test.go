package syslog

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

const fanFailed = "%ASA-1-735002: Cooling Fan 1: Failure Detected"

// nameOf returns what a line calls its sender, with addresses in their usual form as
// package identity makes it.
func nameOf(t *testing.T, line string) string {
	t.Helper()
	_, h, r := parse(line)
	if r != OK {
		t.Errorf("%q: %s", line, r)
		return ""
	}
	name := string(h.Origin.Host())
	if a, err := netip.ParseAddr(name); err == nil {
		name = a.Unmap().String()
	}
	if name == "" {
		return "-"
	}
	return strings.TrimSuffix(name, ".")
}

func TestNamesOfHeaders(t *testing.T) {
	for _, c := range testutil.HeaderCases() {
		line := fmt.Sprintf(c.Line, fanFailed)
		if got := nameOf(t, line); got != c.Name {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.Kind, line, got, c.Name)
		}
		// The Parser that has read it returns the same.
		p, h, _ := parse(line)
		first := contents(p, h, OK)
		if r := p.Parse([]byte(line), netip.Addr{}, h); contents(p, h, r) != first {
			t.Errorf("%s: %s is remembered as %s", c.Kind, line, contents(p, h, r))
		}
	}
}

// zonePositions are the places where a header has the name of a time zone; the name
// of the device is fw1 or there is none.
var zonePositions = []string{
	"<161>Feb 21 2026 09:15:22 %s: ", "<161>Feb 21 2026 09:15:22 %s fw1 : ", "<161>Feb 21 09:15:22 %s fw1: ", "<161>:Feb 21 09:15:22 %s: ",
	"<161>: 2026 Feb 21 09:15:22 %s fw1 : ", "<161>Feb 21 09:15:22 fw1 : Feb 21 09:15:21 %s: ", "<161>Feb 21 09:15:22 fw1 <161>Feb 21 2026 09:15:21 %s: ",
	"<161>Feb 21 2026 09:15:22 %s :", "<161>1 2026-02-21T09:15:22Z fw1 - - - - Feb 21 2026 09:15:22 %s: ", "%s: ", "<161>Feb 21 2026 09:15:22 PM %s: ",
	"<161>Feb 21 2026 09:15:22 %s %%ASA-1-735002: x",
}

// No abbreviation that the database of the toolchain has is ever a device.
func TestEveryAbbreviation(t *testing.T) {
	names := abbreviations(t)
	if len(names) < 150 {
		t.Fatalf("only %d names", len(names))
	}
	for name := range names {
		for _, position := range zonePositions {
			line := strings.Replace(position, "%s", name, 1) + fanFailed
			want := "-"
			if strings.Contains(line, "fw1") {
				want = "fw1"
			}
			if got := nameOf(t, line); got != want {
				t.Errorf("%s: got %s, want %s", line, got, want)
			}
		}
	}
}

// abbreviations returns the abbreviations in the time zone database that comes with
// Go, those of numbers too.
func abbreviations(t *testing.T) map[string]bool {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("there is no Go toolchain")
	}
	r, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skip(err)
	}
	defer r.Close()
	names := map[string]bool{}
	for _, f := range r.File {
		file, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b, []byte("TZif")) {
			continue
		}
		// The names stand after so many times and types (RFC 9636 section 3.2),
		// in blocks of times with 4 and with 8 bytes.
		number := func(at int) int { return int(b[at])<<24 | int(b[at+1])<<16 | int(b[at+2])<<8 | int(b[at+3]) }
		for _, size := range []int{4, 8} {
			isUT, isStd, leap, times, types, chars := number(20), number(24), number(28), number(32), number(36), number(40)
			at := 44 + times*(size+1) + types*6
			for name := range strings.SplitSeq(strings.Trim(string(b[at:at+chars]), "\x00"), "\x00") {
				names[name] = true
			}
			b = b[at+chars+leap*(size+4)+isStd+isUT:]
		}
	}
	return names
}

// Names that are not in the database are time zones by what stands around them.
func TestZonesByPosition(t *testing.T) {
	for line, want := range map[string]string{
		"<161>Feb 21 2026 09:15:22 Zone fw1 : %ASA-1-735002: x":         "fw1",
		"<161>Feb 21 2026 09:15:22 XYZ 192.0.2.11 : %ASA-1-735002: x":   "192.0.2.11",
		"<161>Feb 21 2026 09:15:22 XYZ: %ASA--1-735002: x":              "-",
		"<161>Feb 21 2026 09:15:22 xyz: %ASA-session-1-735002: x":       "-",
		"<161>Feb 21 2026 09:15:22 Winterzeit: %FTD--1-735002: x":       "-",
		"<161>Feb 21 2026 09:15:22 firepower: %FTD-session-1-735002: x": "firepower",
		"<161>Feb 21 2026 09:15:22 fw1: %ASA--1-735002: x":              "fw1",
		"<161>Feb 21 2026 09:15:22 XYZ: %ASA-1-735002: x":               "XYZ",
		"<161>Feb 21 2026 09:15:22 XYZ : %ASA-1-735002: x":              "XYZ",
		"<161>Feb 21 2026 09:15:22 XYZ %ASA-1-735002: x":                "XYZ",
		"<161>Feb 21 2026 09:15:22 EDGE syslogd: %ASA-1-735002: x":      "EDGE",
		"<161>Feb 21  9:15:22 MET fw1 : %ASA-1-735002: x":               "fw1",
		"<161>21 Feb 2026 9:15:22 PM MET: %ASA-1-735002: x":             "-",
		"<161>02/21/2026 9:15:22 PM fw1 : %ASA-1-735002: x":             "fw1",
		"<161>Sat Feb 21 09:15:22 2026 fw1 : %ASA-1-735002: x":          "fw1",
	} {
		if got := nameOf(t, line); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

// All words that could be the name are offered to the inventory, the nearest to the
// tag first.
func TestCandidates(t *testing.T) {
	for line, want := range map[string]string{
		"Apr 27 14:50:30 relay1 fw1 : ":                           "fw1 relay1 []",
		"Apr 27 14:50:30 fw1 asa: ":                               "fw1 fw1 [asa]",
		"Apr 27 14:50:30 relay2 relay1 fw1 : ":                    "fw1 relay1 [relay2]",
		"Feb 21 09:15:22 kiwi Original Address=192.0.2.11 fw1 : ": "fw1 192.0.2.11 [kiwi]",
		"Feb 21 09:15:22 kiwi Original Address=192.0.2.11 ":       "192.0.2.11 192.0.2.11 [kiwi]",
		// After the colon of a timestamp there is a name only in the form of a device ID.
		"Feb 21 2026 09:15:22: fw1 : ":                                "fw1 fw1 []",
		"Feb 21 2026 09:15:22 EST: fw1 : ":                            "fw1 fw1 [EST]",
		"Feb 21 2026 09:15:22 EST: fw1: ":                             "  [fw1 EST]",
		"Feb 21 2026 09:15:22: fw1 x : ":                              "  [x fw1]",
		"Jul 12 17:30:17 log1 fw1/192.0.2.11/relay1 : ":               "192.0.2.11 192.0.2.11 [relay1 fw1 log1]",
		"Feb 21 2026 09:15:22 MET fw1 : ":                             "fw1 fw1 [MET]",
		"Feb 21 2026 09:15:22 Paris: ":                                "  [Paris]",
		"<161>DummyHost other %":                                      "  [other DummyHost]",
		`1 2026-04-27T14:50:30Z relay1 edge-fw - - - `:                "relay1 relay1 [edge-fw]",
		`1 2026-04-27T14:50:30Z r1 fw1 - - [origin ip="192.0.2.11"] `: "fw1 192.0.2.11 [r1]",
		"a1 b1 c1 d1 e1 f1 g1 : ":                                     "  [g1 f1 e1 d1]",
		"Feb 21 2026 09:15:22 edge1/admin : ":                         "edge1 edge1 [edge1/admin admin]",
		"Feb 21 09:15:22 fw1 : Feb 21 09:15:20: this is a1 sentence of more words than names are kept ": " fw1 [words more of sentence]",
	} {
		_, h, r := parse(strings.TrimSuffix(line, "%") + fanFailed)
		if r != OK {
			t.Fatal(line, r)
		}
		o := h.Origin
		if got := fmt.Sprintf("%s %s %s", o.DeviceID, o.RelayedHost, o.Others); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		rule         Rule
		header, want string
	}{
		{Rule{After: "Firewall="}, "<161>Feb 21 09:15:22 relay1 firewall=fw1 up : ", "fw1"},
		{Rule{After: "from "}, "<161>Feb 21 09:15:22 relay1 received from 192.0.2.11: ", "192.0.2.11"},
		{Rule{After: "name="}, "<161>Feb 21 09:15:22 relay1 x : ", "x"},
		{Rule{After: `addr="`}, `<161>1 2026-04-27T14:50:30Z relay1 - - - [meta addr="192.0.2.11"] `, "192.0.2.11"},
		{Rule{After: "via"}, "<161>Feb 21 09:15:22 relay1 via: ", "relay1"},
		{Rule{Word: 2}, "<161>Feb 21 09:15:22 fw1 relay1 : ", "relay1"},
		{Rule{Word: 1}, "<161>Feb 21 09:15:22 fw1 relay1 : ", "fw1"},
		{Rule{Word: 1}, "<161>Feb 21 09:15:22 fw1 <161>Feb 21 2026 09:15:22 fw2 : ", "fw1"},
		{Rule{Word: -1}, "<161>Feb 21 09:15:22 a b c fw1 : ", "fw1"},
		{Rule{Word: -2}, "<161>Feb 21 09:15:22 a b fw1 c : ", "fw1"},
		{Rule{Word: 2}, "<161>1 2026-04-27T14:50:30Z relay1 edge - - - ", "edge"},
		{Rule{Word: 7}, "<161>Feb 21 09:15:22 fw1 : ", "fw1"},
		{Rule{Word: -2}, `2026-02-21 09:15:22,alert,"fw1",x,`, "fw1"},
		{Rule{Word: 1}, "<161>: ", ""},
	} {
		var p Parser
		var h Header
		p.SetRules([]Rule{c.rule})
		for range 2 {
			if r := p.Parse([]byte(c.header+fanFailed), addr1, &h); r != OK || string(h.Origin.Host()) != c.want {
				t.Errorf("%+v: %s: %s %q, want %q", c.rule, c.header, r, h.Origin.Host(), c.want)
			}
		}
	}
}
