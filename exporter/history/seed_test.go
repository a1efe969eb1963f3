package history

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A seeded is a table that logs are read into, as at each start of an exporter.
type seeded struct {
	testing.TB
	pipeline *ingest.Pipeline
	table    *state.Table
	seed     *Seed // Of the present start.
}

func newSeeded(t testing.TB) *seeded {
	p, table := newPipeline(t, newCatalog(t), nil)
	s := &seeded{TB: t, pipeline: p, table: table}
	s.restart()
	return s
}

func (s *seeded) restart() {
	s.seed = NewSeed(s.pipeline, s.table, func() (*state.Table, error) {
		return state.New(newCatalog(s), collectors.All(), state.Options{Persist: true})
	})
}

// read reads a log that was last changed at a time.
func (s *seeded) read(modified time.Time, lines ...string) {
	s.Helper()
	log := &Log{Reader: strings.NewReader(strings.Join(lines, "\n")), Size: 1, Modified: modified}
	if err := s.seed.Read(s.Context(), log); err != nil {
		s.Fatal(err)
	}
}

// live applies a message that is received at a time.
func (s *seeded) live(at time.Time, line string) {
	feed := s.pipeline.NewFeed(ingest.Source{Name: "test", Default: "nobody"})
	feed.Begin(at)
	feed.Frame([]byte(line), len(line), netip.MustParseAddr("192.0.2.1"), 0)
	feed.End()
}

const (
	fan1Failed = " fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	fan1OK     = " fw1 : %FTD-1-735001: Cooling Fan 1: OK"
	fan2Failed = " fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected"
)

const fw1 = `device="fw1",unit="1"} `

// A log that has been read changes nothing when it is read again, whatever has come
// in between.
func TestSeedTwice(t *testing.T) {
	s := newSeeded(t)
	log := []string{
		"<161>2026-03-17T10:00:00Z" + fan1Failed,
		"<161>2026-03-17T10:00:00Z" + fan2Failed,
		"<161>2026-03-17T11:00:00Z" + fan1OK,
		"<161>2026-03-17T10:59:00Z fw2 : %FTD-1-735002: Cooling Fan 1: Failure Detected", // Too late in the log.
		"<161> fw2 : %FTD-1-735002: Cooling Fan 2: Failure Detected",                     // As the line before.
	}
	written := epoch.Add(time.Hour)
	s.read(written, log...)
	want := []string{
		`ftd_component_ok{component="fan",` + fw1 + "1",
		`ftd_component_failures_total{component="fan",` + fw1 + "1",
		`ftd_component_state_changed_timestamp_seconds{component="fan",` + fw1 + "1.7737452e+09",
		`ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737452e+09`,
		`ftd_device_last_message_timestamp_seconds{device="fw2"} 1.77374514e+09`,
		`ftd_syslog_messages_total{device="fw1",severity="1"} 3`,
		`ftd_syslog_messages_total{device="fw2",severity="1"} 2`,
	}
	shows(t, text(t, s.table), want...)
	if n := len(s.table.Events(time.Time{}, 10)); n != 5 {
		t.Errorf("%d events, want 5, as the devices would have sent them", n)
	}

	first := text(t, s.table)
	s.restart()
	s.read(written.AddDate(0, 0, 1), log...) // The file was touched.
	if got := text(t, s.table); got != first {
		t.Errorf("after the second time:\n%s\nwant\n%s", got, first)
	}
	if s.seed.Known != 5 || s.seed.Summary.Lines.Load() != 5 {
		t.Errorf("%d lines are known of %d", s.seed.Known, s.seed.Summary.Lines.Load())
	}

	s.live(epoch.Add(2*time.Hour), "<161>"+fan1Failed)
	s.restart()
	s.read(written, log...)
	shows(t, text(t, s.table), `ftd_component_ok{component="fan",`+fw1+"0", `ftd_component_failures_total{component="fan",`+fw1+"2")
}

// What the exporter has received is newer than a log from before, which adds what
// is missing.
func TestSeedUnderNewerState(t *testing.T) {
	s := newSeeded(t)
	s.live(epoch, "<161>"+fan1OK)
	log := []string{
		"<161>2026-03-16T10:00:00Z" + fan1Failed,
		"<161>2026-03-16T11:00:00Z" + fan2Failed,
	}
	for range 2 {
		s.restart()
		s.read(epoch, log...)
		shows(t, text(t, s.table),
			`ftd_component_ok{component="fan",`+fw1+"1",
			`ftd_component_ok{component="fan",device="fw1",unit="2"} 0`,
			`ftd_component_failures_total{component="fan",`+fw1+"1",
			`ftd_component_state_changed_timestamp_seconds{component="fan",`+fw1+"1.7737488e+09",
			`ftd_component_state_changed_timestamp_seconds{component="fan",device="fw1",unit="2"} 1.7736588e+09`,
			`ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737488e+09`,
			`ftd_syslog_messages_total{device="fw1",severity="1"} 3`,
		)
	}
	if changes := s.table.Version(); changes != 0 { // This table does not persist.
		t.Error(changes)
	}
}

// A log that goes on while the exporter was away fills the gap.
func TestSeedFillsAGap(t *testing.T) {
	s := newSeeded(t)
	s.live(epoch, "<161>"+fan1OK)
	s.read(epoch.Add(time.Hour),
		"<161>2026-03-17T11:59:59Z"+fan1Failed, // From before the first message.
		"<161>2026-03-17T12:00:00Z"+fan1OK,
		"<161>2026-03-17T12:10:00Z"+fan1Failed,
	)
	shows(t, text(t, s.table), `ftd_component_ok{component="fan",`+fw1+"0", `ftd_component_failures_total{component="fan",`+fw1+"2")
	if s.seed.Known != 1 {
		t.Errorf("%d lines are known", s.seed.Known)
	}
}

// The order of the files does not matter: a shell lists the newest log first.
func TestSeedNewestFirst(t *testing.T) {
	s := newSeeded(t)
	s.read(epoch, "<161>2026-03-17T11:00:00Z"+fan1OK)
	s.read(epoch.AddDate(0, 0, -1), "<161>2026-03-16T11:00:00Z"+fan1Failed, "<161>2026-03-16T11:00:01Z"+fan1Failed)
	shows(t, text(t, s.table),
		`ftd_component_ok{component="fan",`+fw1+"1",
		`ftd_component_failures_total{component="fan",`+fw1+"2",
		`ftd_component_state_changed_timestamp_seconds{component="fan",`+fw1+"1.7737452e+09",
	)
}

// No line is later than the last change of its file, wherever its device believes
// to be in time.
func TestSeedWithWrongClocks(t *testing.T) {
	s := newSeeded(t)
	lines := []string{
		"<161>1993-03-01T00:00:00Z fw0 : %FTD-6-302013: Built",
		"<161>2026-03-17T20:00:00Z" + fan1Failed,
		"<161>" + fan1OK,
		"<161>2036-03-17T20:00:00Z fw2 : %FTD-6-302013: Built",
	}
	s.read(epoch, lines...)
	s.restart()
	s.read(epoch, lines...)
	shows(t, text(t, s.table),
		`ftd_component_ok{component="fan",`+fw1+"1",
		`ftd_component_failures_total{component="fan",`+fw1+"1",
		`ftd_device_last_message_timestamp_seconds{device="fw0"} 1.7737488e+09`,
		`ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737488e+09`,
		`ftd_device_last_message_timestamp_seconds{device="fw2"} 1.7737488e+09`,
	)
}

// A device of the inventory that has never sent anything gets all of a log, once.
func TestSeedOfTheInventory(t *testing.T) {
	s := newSeeded(t)
	s.table.Ensure("fw1")
	for range 2 {
		s.restart()
		s.read(epoch, "<161>2026-03-17T10:00:00Z"+fan1Failed)
		shows(t, text(t, s.table), `ftd_component_failures_total{component="fan",`+fw1+"1", `ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737416e+09`)
	}
}

func TestSeedFailures(t *testing.T) {
	s := newSeeded(t)
	s.live(epoch, "<161>"+fan1OK)
	broken := io.MultiReader(strings.NewReader("2026-03-16T10:00:00Z"+fan2Failed+"\nfw1 : %FTD-6-302013: Cut "), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := s.seed.Read(t.Context(), &Log{Reader: broken}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	shows(t, text(t, s.table), `ftd_component_ok{component="fan",device="fw1",unit="2"} 0`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.seed.Read(ctx, &Log{Reader: strings.NewReader("x\n")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.seed.newTable = func() (*state.Table, error) { return nil, errors.New("no table") }
	if err := s.seed.Read(t.Context(), &Log{Reader: strings.NewReader("x\n")}); err == nil {
		t.Error("no error")
	}
}

// The time of a file is that of its last change, the time of a stream the present.
func TestSeedWithoutTimestamps(t *testing.T) {
	name := filepath.Join(t.TempDir(), "old.log")
	if err := os.WriteFile(name, []byte("<161>"+fan1Failed+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, epoch, epoch); err != nil {
		t.Fatal(err)
	}
	s := newSeeded(t)
	for range 2 {
		s.restart()
		log, err := Open(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if err := s.seed.Read(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		shows(t, text(t, s.table), `ftd_component_failures_total{component="fan",`+fw1+"1", `ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737488e+09`)
	}
	began := time.Now()
	log, err := Open("-", strings.NewReader("<161> fw9 : %FTD-6-302013: Built\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.seed.Read(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	if d, ok := s.table.Snapshot("fw9"); !ok || d.LastMessage.Before(began) {
		t.Errorf("%t, %v", ok, d.LastMessage)
	}
}
