package syslog

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// Every line of the corpus has the id that it should have.
func TestCorpus(t *testing.T) {
	for _, l := range testutil.Corpus(t) {
		var p Parser
		var h Header
		r := p.Parse([]byte(l.Text), netip.Addr{}, &h)
		got, want := fmt.Sprintf("%s %s", r, h.ID), " "+l.ID
		switch {
		case l.ID == "-":
			want = "no_tag 000000"
		case l.ID == "999999" && strings.Contains(l.Text, "-8-"):
			want = "no_tag 999999" // A severity that does not exist.
		case strings.HasPrefix(l.Text, "[ Scanning] drop rate-1"):
			want = "no_tag 000000" // A text without its tag.
		}
		if got != want {
			t.Errorf("%s: got %q, want %q: %s", l.Source, got, want, l.Text)
		}
	}
}
