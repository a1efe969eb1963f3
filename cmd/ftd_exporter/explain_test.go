package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// explainJSON returns the explanations of lines by their JSON keys.
func explainJSON(t *testing.T, lines ...string) []map[string]any {
	t.Helper()
	status, out, stderr := call(t, strings.Join(lines, "\n")+"\n", "explain", "--output=json", "--default-device=192.0.2.7")
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var all []map[string]any
	for line := range strings.Lines(out) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, x)
	}
	return all
}

func TestExplainJSON(t *testing.T) {
	lines := []string{
		"<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735015: CPU 1: Temp: 78 C, Warm",
		"%ASA-4-735002: message repeated 3 times: [ Cooling Fan 1: Failure Detected]",
		"%ASA-4-735001: Cooling Fan 1: Failure Detected",
		"%FTD-1-735002: Cooling Fan 1 burns",
		`<161>fw1 : %ASA-1-735002: Cooling Fan 1: Failure Detected\0x0a`,
		"%FTD-1-735007: CPU 1: Temp: N/A, Critical",
		"%ASA-4-768003: SSH: connection timed out: username jdoe, IP 192.0.2.5",
		"%FTD<Up>-4-735002: Cooling Fan 1: OKAY",
		"%FTD-6-302013: Built",
		"%ASA-8-999999: x",
		"[ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7 per second, max configured rate is 5; Cumulative total count is 4400",
		"hello",
	}
	got := explainJSON(t, lines...)
	if len(got) != len(lines) {
		t.Fatalf("%d explanations of %d lines", len(got), len(lines))
	}
	for i, want := range []string{
		"outcome=matched device=fw1 product=FTD severity=1 message_id=735015 count=1 timestamp=2026-03-17T12:00:00Z fields=map[unit:1 value:78] updates=7",
		"outcome=matched device=192.0.2.7 product=ASA severity=4 message_id=735002 count=3 fields=map[unit:1] updates=5",
		"outcome=matched device=192.0.2.7 product=ASA severity=4 message_id=735001 read_as=735002 count=1 fields=map[unit:1] updates=5",
		"outcome=unmatched reason=the text does not match any template of 735002 device=192.0.2.7 product=FTD severity=1 message_id=735002 count=1 fields=map[] updates=0",
		"outcome=matched device=fw1 product=ASA severity=1 message_id=735002 count=1 fields=map[unit:1] updates=5",
		"outcome=matched device=192.0.2.7 product=FTD severity=1 message_id=735007 count=1 fields=map[reading:N/A unit:1] updates=6",
		"outcome=matched device=192.0.2.7 product=ASA severity=4 message_id=768003 read_as=315009 count=1 fields=map[address:192.0.2.5 user:jdoe] updates=0",
		"outcome=unmatched reason=the text does not match any template of 735002 device=192.0.2.7 product=FTD severity=4 message_id=735002 count=1 fields=map[] updates=0",
		"outcome=uncatalogued reason=the catalog does not have message 302013 device=192.0.2.7 product=FTD severity=6 message_id=302013 count=1 fields=map[] updates=0",
		"outcome=rejected reason=no_tag message_id=999999 fields=map[] updates=0",
		"outcome=rejected reason=no_tag message_id=733100 fields=map[] updates=0",
		"outcome=rejected reason=no_tag fields=map[] updates=0",
	} {
		var parts []string
		for _, key := range []string{"outcome", "reason", "device", "product", "severity", "message_id", "read_as", "count", "timestamp", "fields"} {
			if v, ok := got[i][key]; ok {
				parts = append(parts, fmt.Sprintf("%s=%v", key, v))
			}
		}
		parts = append(parts, fmt.Sprintf("updates=%d", len(got[i]["updates"].([]any))))
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", lines[i], got, want)
		}
	}
	first := got[1]["updates"].([]any)[0].(map[string]any)
	if fmt.Sprint(first) != "map[labels:map[component:fan device:192.0.2.7 unit:1] metric:ftd_component_ok value:0]" {
		t.Errorf("first update: %v", first)
	}
	if added := got[1]["updates"].([]any)[1].(map[string]any); added["value"] != 3.0 {
		t.Errorf("a repeated message adds: %v", added)
	}
}

func TestExplainText(t *testing.T) {
	_, out, _ := call(t, "", "explain", "%ASA-4-735001: message repeated 3 times: [ Cooling Fan 1: Failure Detected]")
	for _, want := range []string{
		"matched 735001\n", "device     replay\n", "tag        ASA, severity 4\n", "count      stands for 3 messages\n",
		"read as    735002: the text contradicts the id, and the text decides\n", "field      unit = 1\n",
		`update     ftd_component_ok{component="fan",device="replay",unit="1"} = 0` + "\n",
		`update     ftd_component_failures_total{component="fan",device="replay",unit="1"} += 3` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	_, out, _ = call(t, "", "explain", "%ASA-4-735001: Cooling Fan burns")
	if !strings.Contains(out, "template   Cooling Fan {unit}: OK\n") {
		t.Errorf("no template in\n%s", out)
	}
	_, out, _ = call(t, "", "explain", "IPMI: Power Supply 2 : Failure Detected")
	if !strings.Contains(out, "the text matches 735004, but the tag before it is missing") {
		t.Errorf("no hint in\n%s", out)
	}
}

func TestExplainCorpus(t *testing.T) {
	var ids, lines []string
	for _, l := range testutil.Corpus(t) {
		if !strings.Contains(l.Text, "\n") { // It would be two lines.
			ids, lines = append(ids, l.ID), append(lines, l.Text)
		}
	}
	got := explainJSON(t, lines...)
	if len(got) != len(lines) {
		t.Fatalf("%d explanations of %d lines", len(got), len(lines))
	}
	for i, x := range got {
		if ids[i] == "-" {
			if x["outcome"] != "rejected" {
				t.Errorf("read as %v: %q", x["message_id"], lines[i])
			}
		} else if x["message_id"] != ids[i] {
			t.Errorf("want %s, read as %v: %q", ids[i], x["message_id"], lines[i])
		}
	}
}

// Explain prints all names of a line and why one was chosen, as the configuration
// decides.
func TestExplainNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(file, []byte("devices: [{name: edge, hosts: [fw1]}]\nidentity: {header_names: ['after \"via \"']}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ header, device, chosen string }{
		{"Apr 27 14:50:30 fw1 relay1 : ", "edge", "fw1 from host, chosen"},
		{"Apr 27 14:50:30 relay1 relay2 via fw9 : ", "fw9", "fw9 from header_names, chosen"},
		{"Apr 27 14:50:30 relay1 fw9 : ", "fw9", "fw9 from device_id, chosen"},
		{"Apr 27 14:50:30 relay1 fw9 : ", "fw9", "relay1 from host:"},
	} {
		line := tc.header + "%ASA-1-735002: Cooling Fan 1: Failure Detected"
		status, out, stderr := call(t, "", "explain", "--config.file="+file, line)
		if status != 0 || !strings.Contains(out, "  device     "+tc.device+"\n") || !strings.Contains(out, "  name       "+tc.chosen) {
			t.Errorf("%s: status %d %s\n%s", line, status, stderr, out)
		}
		status, out, _ = call(t, line+"\n", "explain", "--config.file="+file, "--output=json")
		var x struct {
			Device     string
			Candidates []struct {
				Name, Source, Device, Why string
				Chosen                    bool
			}
		}
		if err := json.Unmarshal([]byte(out), &x); err != nil || status != 0 {
			t.Fatalf("%v: %s", err, out)
		}
		chosen := 0
		for _, c := range x.Candidates {
			if c.Chosen {
				chosen++
				if c.Device != x.Device || c.Why == "" {
					t.Errorf("%s: %+v", line, c)
				}
			}
		}
		if x.Device != tc.device || chosen != 1 || len(x.Candidates) < 2 {
			t.Errorf("%s: %+v", line, x)
		}
	}
}
