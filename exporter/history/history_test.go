package history

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func newCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tables returns a function that makes tables.
func tables(c *catalog.Catalog, expiry map[string]time.Duration) func(state.Options) (*state.Table, error) {
	return func(o state.Options) (*state.Table, error) {
		table, err := state.New(c, collectors.All(), o)
		if err != nil {
			return nil, err
		}
		return table, table.SetExpiry(expiry)
	}
}

// newPipeline returns a pipeline with an empty table.
func newPipeline(t testing.TB, c *catalog.Catalog, now func() time.Time) (*ingest.Pipeline, *state.Table) {
	t.Helper()
	table, err := tables(c, nil)(state.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ingest.New(c, table, ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p, table
}

// text returns what a table shows.
func text(t testing.TB, table *state.Table) string {
	t.Helper()
	var b strings.Builder
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func shows(t testing.TB, got string, lines ...string) {
	t.Helper()
	for _, want := range lines {
		if !strings.Contains("\n"+got, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// A device has the name in its history that it has in the live metrics.
func TestDevicesHaveTheNamesOfTheConfiguration(t *testing.T) {
	config := ingest.Config{Identity: identity.Config{
		LowerCase: true, StripDomain: true, Aliases: map[string]string{"old-fw": "core-fw"},
	}}
	const log = "2026-03-17T12:00:00Z FW1.example.com : %FTD-1-735002: Cooling Fan 1: Failure Detected\n" +
		"2026-03-17T12:00:01Z old-fw : %FTD-1-735002: Cooling Fan 1: Failure Detected\n" +
		"%FTD-1-735002: Cooling Fan 1: Failure Detected\n"
	c := newCatalog(t)
	var clock Clock
	p, table := newPipeline(t, c, clock.Now)
	p.Configure(config)
	r := NewReplay(p, table, "nobody", &clock)
	if err := r.Read(t.Context(), strings.NewReader(log)); err != nil {
		t.Fatal(err)
	}
	b := newBackfill(t, BackfillOptions{Config: config, DefaultDevice: "nobody"})
	backfilled := backfill(t, b, epoch, log)
	for _, device := range []string{"fw1", "core-fw", "nobody"} {
		series := `ftd_component_ok{component="fan",device="` + device + `",unit="1"} 0`
		shows(t, text(t, table), series)
		if !strings.Contains(backfilled, series) {
			t.Errorf("no %s in\n%s", series, backfilled)
		}
	}
	if n := table.Stats().Devices; n != 3 {
		t.Errorf("%d devices", n)
	}
}

// Lines of senders that the configuration refuses are not in the history.
func TestUnknownDevicesAreRefused(t *testing.T) {
	config := ingest.Config{
		Identity: identity.Config{Unknown: identity.UnknownReject},
		Devices:  []identity.Device{{Name: "fw1"}},
	}
	const log = "2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n" +
		"2026-03-17T12:00:01Z fw2 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"
	p, table := newPipeline(t, newCatalog(t), nil)
	p.Configure(config)
	r := NewReplay(p, table, "nobody", &Clock{})
	if err := r.Read(t.Context(), strings.NewReader(log)); err != nil {
		t.Fatal(err)
	}
	b := newBackfill(t, BackfillOptions{Config: config})
	backfilled := backfill(t, b, epoch, log)
	for _, got := range []string{text(t, table), backfilled} {
		if !strings.Contains(got, `device="fw1"`) || strings.Contains(got, `device="fw2"`) {
			t.Error(got)
		}
	}
	for _, s := range []*Summary{&r.Summary, &b.Summary.Summary} {
		if s.Lines.Load() != 2 || s.Matched.Load() != 1 || s.Rejected[syslog.NotAllowed].Load() != 1 {
			t.Errorf("%d lines, %d matched", s.Lines.Load(), s.Matched.Load())
		}
	}
}
