package history

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

func unread(t *testing.T, l *Lines) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.WriteUnread(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Lines that were not read are shown with their place, a few for each reason.
func TestUnread(t *testing.T) {
	const log = "2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n" +
		"2026-03-17T12:00:05Z fw1 : %FTD-1-735001: A fan of another time\x1b[2J\n" +
		"2026-03-17T12:00:05Z fw1 : %FTD-6-302013: Built\n" +
		"\n" +
		"hello\nhello\nhello\nhello\n" +
		"{\"log\":{\"text\":\"<161>fw1 : %FTD-1-735004: Power Supply 1: Failure Detected\"}}\n"
	p, table := newPipeline(t, newCatalog(t), nil)
	r := NewReplay(p, table, "nobody", &Clock{})
	r.Open("a.log")
	if err := r.Read(t.Context(), strings.NewReader(log)); err != nil {
		t.Fatal(err)
	}
	r.Open("b.log")
	if err := r.Read(t.Context(), strings.NewReader(strings.Repeat("x", 9000)+"\n")); err != nil {
		t.Fatal(err)
	}
	want := `a.log:2: unmatched: 2026-03-17T12:00:05Z fw1 : %FTD-1-735001: A fan of another time\x1b[2J
a.log:5: no_tag: hello
a.log:6: no_tag: hello
a.log:7: no_tag: hello
a.log:9: json: {\"log\":{\"text\":\"<161>fw1 : %FTD-1-735004: Power Supply 1: Failure Detected\"}} (the line is JSON; read the message in it with --json-field=log.text)
b.log:1: too_long: ` + strings.Repeat("x", 160) + "...\n"
	if got := unread(t, &r.Lines); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Lines of JSON are read as the messages in them, by Replay and by Backfill.
func TestJSONLines(t *testing.T) {
	log := `{"log":{"text":"<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"},"filler":"` + strings.Repeat("x", 100_000) + `"}
{"log.text":"<161>2026-03-17T12:00:01Z fw1 : %FTD-1-735004: Power Supply 2: Failure Detected\n<161>fw1 : %FTD-1-735002: Cooling Fan 3: Failure Detected"}
{"text":"x"}
not JSON
`
	want := []string{
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
		`ftd_component_ok{component="power_supply",device="fw1",unit="2"} 0`,
		`ftd_component_ok{component="fan",device="fw1",unit="3"} 0`,
	}
	notRead := `x:3: no_field: {\"text\":\"x\"}
x:4: not_json: not JSON
`
	check := func(l *Lines, s *Summary) {
		t.Helper()
		if got := [...]int64{s.Lines.Load(), s.Matched.Load(), s.NotJSON.Load(), s.NoField.Load(), s.Rejected[syslog.NoTag].Load()}; got != [...]int64{4, 3, 1, 1, 0} {
			t.Errorf("counts %v", got)
		}
		if got := unread(t, l); got != notRead {
			t.Errorf("got\n%swant\n%s", got, notRead)
		}
	}
	p, table := newPipeline(t, newCatalog(t), nil)
	r := NewReplay(p, table, "nobody", &Clock{})
	r.JSONField = "log.text"
	r.Open("x")
	if err := r.Read(t.Context(), strings.NewReader(log)); err != nil {
		t.Fatal(err)
	}
	check(&r.Lines, &r.Summary)
	shows(t, text(t, table), want...)

	b := newBackfill(t, BackfillOptions{DefaultDevice: "nobody"})
	b.JSONField = "log.text"
	b.Open("x")
	out := backfill(t, b, epoch, log)
	check(&b.Lines, &b.Summary.Summary)
	for _, series := range want {
		if !strings.Contains(out, series) {
			t.Errorf("the history lacks %s", series)
		}
	}
}

// Lines that a backfill drops for their time are shown, too.
func TestUnreadByTime(t *testing.T) {
	b := newBackfill(t, BackfillOptions{DefaultDevice: "nobody"})
	b.Open("x")
	const log = "fw1 : %FTD-6-302013: early\n2026-03-17T12:00:00Z fw1 : %FTD-6-302013: x\n2026-03-17T11:00:00Z fw1 : %FTD-6-302013: late\n2026-03-17T12:00:00Z fw1 : %FTD-1-735002: odd\n"
	backfill(t, b, epoch, log)
	want := `x:1: no_time: fw1 : %FTD-6-302013: early
x:3: late: 2026-03-17T11:00:00Z fw1 : %FTD-6-302013: late
x:4: unmatched: 2026-03-17T12:00:00Z fw1 : %FTD-1-735002: odd
`
	if got := unread(t, &b.Lines); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
