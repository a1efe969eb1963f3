package ingest_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// newLogged returns a pipeline that logs, and what it has logged.
func newLogged(t testing.TB) (*ingest.Feed, *ingest.Pipeline, *strings.Builder) {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	table, err := state.New(c, collectors.All(), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := &strings.Builder{}
	p, err := ingest.New(c, table, ingest.Options{Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return p.NewFeed(ingest.Source{Name: "x"}), p, log
}

// What a device reports about its hardware in unknown words is in the log and in
// the list, with the device and the text.
func TestUnreadMessages(t *testing.T) {
	feed, p, log := newLogged(t)
	say := func(at time.Time, line string) {
		feed.Begin(at)
		feed.Frame([]byte(line), len(line), firewall, 0)
		feed.End()
	}
	say(epoch, "fw1 : %FTD-1-735004: Power Supply 1 is broken")
	say(epoch, "fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 1") // Not about hardware.
	say(epoch, "fw2 : %FTD-1-743001: Backplane \x1b[31m\u202e gone\xff")
	say(epoch.Add(time.Second), "fw1 : %FTD-1-735004: Power Supply 2 is broken")
	want := []ingest.UnreadMessage{
		{Device: "fw1", MessageID: 735004, Text: "Power Supply 2 is broken", Count: 2, Last: epoch.Add(time.Second)},
		{Device: "fw2", MessageID: 743001, Text: "Backplane ?[31m? gone?", Count: 1, Last: epoch},
	}
	if got := p.Unread(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN msg="A message about the state of the device matches no template and changed nothing; treat it by hand" device=fw1 message_id=735004 text="Power Supply 1 is broken" count=1 not_logged=0`) ||
		!strings.Contains(lines[1], `device=fw2 message_id=743001 text="Backplane ?[31m? gone?"`) {
		t.Errorf("%q", lines)
	}
	say(epoch.Add(time.Minute), "fw1 : %FTD-1-735004: Power Supply 2 is broken")
	if !strings.Contains(log.String(), "count=3 not_logged=1") {
		t.Error(log.String())
	}
}

// However many devices there are, list and log are bounded, and so is a text.
func TestUnreadMessagesAreBounded(t *testing.T) {
	feed, p, log := newLogged(t)
	for i := range 1000 {
		line := fmt.Sprintf("fw%d : %%FTD-1-735004: %s", i, strings.Repeat("é", 1000))
		feed.Begin(epoch.Add(time.Duration(i) * time.Millisecond))
		feed.Frame([]byte(line), len(line), firewall, 0)
		feed.End()
	}
	all := p.Unread()
	if len(all) != 20 || all[0].Device != "fw999" || all[19].Device != "fw980" {
		t.Errorf("%d messages", len(all))
	}
	if text := all[0].Text; len(text) > 256 || !utf8.ValidString(text) || !strings.HasPrefix(text, "éé") {
		t.Errorf("%d bytes", len(text))
	}
	if n := strings.Count(log.String(), "\n"); n != 10 {
		t.Errorf("%d lines", n)
	}
}
