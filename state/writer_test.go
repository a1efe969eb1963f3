package state_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A caller that writes records itself writes the lines that the table writes.
func TestWriter(t *testing.T) {
	log, err := os.ReadFile("testdata/environment.log")
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, state.Options{})
	for line := range strings.Lines(string(log)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			f.feed(line)
		}
	}
	f.feed(`fw1 : %FTD-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7.5 per second, max configured rate is 5; Cumulative total count is 4400000`)
	f.store()
	var b strings.Builder
	if err := f.state.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := "\n" + b.String()
	lines := 0
	for _, records := range f.disk {
		for _, r := range records {
			line := f.state.AppendHeader(nil, r.Metric(), state.Text)
			if !strings.Contains(want, "\n"+string(line)) {
				t.Errorf("no %s", line)
			}
			line = append(state.AppendValue([]byte("} "), r.Value, state.Text), '\n')
			if !strings.Contains(want, string(line)) {
				t.Errorf("no %s", line)
			}
			lines++
		}
	}
	if lines < 50 {
		t.Errorf("only %d series", lines)
	}
	for metric, expiry := range map[string]time.Duration{"ftd_component_ok": 0, "ftd_quota_used": state.DefaultExpiry} {
		for _, records := range f.disk {
			for _, r := range records {
				want := int64(0)
				if expiry != 0 {
					want = r.Set + int64(expiry)
				}
				if r.Metric() == metric && r.Ends != want {
					t.Errorf("%s ends at %d, want %d", metric, r.Ends, want)
				}
			}
		}
	}
}
