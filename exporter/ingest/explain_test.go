package ingest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
)

// Explain names the device and applies the policy as a Feed does, and changes
// nothing.
func TestExplainIsTheSameWay(t *testing.T) {
	f := newFixture(t, ingest.Config{
		Devices:  []identity.Device{{Name: "core", Hosts: []string{"fw2"}}},
		Identity: identity.Config{LowerCase: true, StripDomain: true, Aliases: map[string]string{"old-fw": "core"}, Unknown: identity.UnknownReject},
		Ignore:   []catalog.ID{735001},
	})
	for _, tc := range []struct{ line, outcome, reason, device, id, readAs string }{
		{"FW2.example.com : " + failed, "matched", "", "core", "735002", ""},
		{"old-fw : " + failed, "matched", "", "core", "735002", ""},
		{failed, "matched", "", "archive", "735002", ""},
		{"fw9 : " + failed, "rejected", "not_allowed", "", "735002", ""},
		{"fw2 : %FTD-1-735002: Cooling Fan 1 burns", "unmatched", "the text does not match any template of 735002", "core", "735002", ""},
		{"fw2 : %FTD-6-302013: Built", "uncatalogued", "the catalog does not have message 302013", "core", "302013", ""},
		{"fw2 : %FTD-1-735001: Cooling Fan 1: OK", "matched", "the configuration ignores message 735001", "core", "735001", ""},
		{"fw2 : %FTD-1-735003: Power Supply 1: Failure Detected", "matched", "", "core", "735003", "735004"},
		{"Power Supply 1: Failure Detected", "rejected", "no_tag", "", "735004", ""},
		{"%FTD-9-735004: Power Supply 1: Failure Detected", "rejected", "no_tag", "", "735004", ""},
		{"", "rejected", "empty", "", "", ""},
		{"fw2 : %FTD-1-735002: " + strings.Repeat("x", 9000), "rejected", "too_long", "", "", ""},
	} {
		x := f.Explain([]byte(tc.line), ingest.Source{Default: "archive"})
		if x.Outcome != tc.outcome || x.Reason != tc.reason || x.Device != tc.device || x.MessageID != tc.id || x.ReadAs != tc.readAs {
			t.Errorf("%.60q: %+v", tc.line, x)
		}
		if updates := tc.outcome == "matched" && tc.reason == ""; updates != (len(x.Updates) > 0) {
			t.Errorf("%.60q: updates %v", tc.line, x.Updates)
		}
		if text := x.Text(); !strings.HasPrefix(text, strings.TrimSpace(tc.outcome+" "+tc.id)+"\n") || !strings.Contains(text, tc.reason) {
			t.Errorf("%.60q: %s", tc.line, text)
		}
	}
	if got := f.table.Stats().Devices; got != 0 {
		t.Errorf("%d devices", got)
	}
}

// A reason is explained where it is printed.
func TestReasonsAreExplained(t *testing.T) {
	f := newFixture(t, ingest.Config{Identity: identity.Config{Unknown: identity.UnknownReject}})
	for line, want := range map[string]string{
		"hello":           "  reason     no_tag\n             the line does not have a tag such as %FTD-1-735004:, so it is not a message of a firewall\n",
		" ":               "  reason     empty\n             the line contains only white space\n",
		"fw1 : " + failed: "  reason     not_allowed\n             the line comes from a sender that may not send or is unknown\n",
	} {
		x := f.Explain([]byte(line), ingest.Source{Default: "archive"})
		if text := x.Text(); !strings.Contains(text, want) {
			t.Errorf("%q: no %q in\n%s", line, want, text)
		}
	}
}

// A log does not contain anything that is yet to come: a timestamp without a
// year is of the past.
func TestTimestampsWithoutYearAreOfThePast(t *testing.T) {
	f := newFixture(t, ingest.Config{}) // It is March 17, 2026.
	for line, want := range map[string]string{
		"Feb 26 11:26:52 fw1 : %FTD-6-302013: Built":      "2026-02-26T11:26:52Z",
		"Mar 18 11:26:52 fw1 : %FTD-6-302013: Built":      "2026-03-18T11:26:52Z", // A clock may be ahead by hours.
		"Apr  1 11:26:52 fw1 : %FTD-6-302013: Built":      "2025-04-01T11:26:52Z",
		"Apr  1 2027 11:26:52 fw1 : %FTD-6-302013: Built": "2027-04-01T11:26:52Z",
	} {
		if x := f.Explain([]byte(line), ingest.Source{Default: "archive"}); x.Timestamp != want {
			t.Errorf("%q: %s, want %s", line, x.Timestamp, want)
		}
	}
}

// What a sender writes does nothing to the terminal of the reader.
func TestExplanationsArePrintable(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	for _, hostile := range []string{"\x1b[31m1\x1b[0m", "1\x1b]0;pwn\x07", "1\u202e2", "1\u200b", "1\xff2", "\u009b31m1", "1\a"} {
		for _, line := range []string{
			"fw1 : %FTD-1-735004: Power Supply " + hostile + ": Failure Detected",
			"fw" + hostile + " : " + failed,
			hostile + " " + failed,
			"fw1 : %FTD-1-735004: " + hostile,
		} {
			x := f.Explain([]byte(line), ingest.Source{Default: "archive" + hostile})
			for _, r := range x.Text() {
				if r != '\n' && !strconv.IsPrint(r) {
					t.Errorf("%q: %q is in the text:\n%q", line, r, x.Text())
				}
			}
		}
	}
	x := f.Explain([]byte("fw1 : %FTD-1-735004: Power Supply \x1b[31m1: Failure Detected"), ingest.Source{})
	if want := `field      unit = "\x1b[31m1"`; !strings.Contains(x.Text(), want) || x.Fields["unit"] != "\x1b[31m1" {
		t.Errorf("%v:\n%s\nwant %s", x.Fields, x.Text(), want)
	}
}
