package ingest_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// lines are one of each way through Frame.
func lines() map[string]string {
	return map[string]string{
		"matched":      "<161>2026-03-17T12:00:00Z fw1 : " + failed,
		"unmatched":    "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1 burns",
		"uncatalogued": "<166>2026-03-17T12:00:00Z fw1 : %FTD-6-302013: Built outbound TCP connection 9 for outside:203.0.113.9/443",
		"counted":      "<164>2026-03-17T12:00:00Z fw1 : %FTD-4-106023: Deny",
		"ignored":      "<166>2026-03-17T12:00:00Z fw1 : %FTD-6-302014: Teardown",
		"no tag":       "<166>2026-03-17T12:00:00Z fw1 : no tag here",
		"several":      "<161>fw1 : " + failed + "<161>fw1 : " + failed + "\n<161>fw1 : " + failed,
		"RFC 5424":     "<161>1 2026-03-17T12:00:00.25Z fw1 asa - - - " + failed,
	}
}

func TestFrameDoesNotAllocate(t *testing.T) {
	f := newFixture(t, ingest.Config{
		Devices:  []identity.Device{{Name: "edge", Hosts: []string{"FW1.example.com"}, Addresses: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/25")}}},
		Identity: identity.Config{LowerCase: true, StripDomain: true, Strict: true},
		Allow:    map[string][]netip.Prefix{"x": {netip.MustParsePrefix("192.0.2.0/24")}},
		Ignore:   []catalog.ID{302014},
		Count:    []catalog.ID{106023},
	})
	feed := f.NewFeed(ingest.Source{Name: "x"})
	for name, line := range lines() {
		frame := []byte(line)
		if n := testing.AllocsPerRun(100, func() {
			feed.Begin(epoch)
			feed.Frame(frame, len(frame), firewall, syslog.OK)
			feed.End()
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if got := f.table.Stats().Devices; got != 1 {
		t.Errorf("%d devices", got)
	}
}

// A sender of ever new names, for which the table does not have room, makes no garbage.
func TestInventedSendersDoNotAllocate(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	f.table.SetLimits(state.Limits{Devices: 1, SeriesPerMetric: 200, Series: 1000})
	feed := f.NewFeed(ingest.Source{Name: "x"})
	frames := make([][]byte, 4*syslog.MaxOrigins)
	next := func(i int) {
		feed.Begin(epoch)
		feed.Frame(frames[i%len(frames)], len(frames[i%len(frames)]), firewall, syslog.OK)
		feed.End()
	}
	for i := range frames {
		frames[i] = fmt.Appendf(nil, "<161>2026-03-17T12:00:00Z firewall-%06d : %s", i, failed)
		next(i)
	}
	i := 0
	if n := testing.AllocsPerRun(2000, func() {
		next(i)
		i += 7
	}); n != 0 {
		t.Errorf("%v allocations for each message", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	for name, line := range lines() {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			f := newFixture(b, ingest.Config{Count: []catalog.ID{106023}, Ignore: []catalog.ID{302014}})
			feed := f.NewFeed(ingest.Source{Name: "x"})
			frame := []byte(line)
			feed.Begin(epoch)
			b.ReportAllocs()
			for b.Loop() {
				feed.Frame(frame, len(frame), firewall, syslog.OK)
			}
			feed.End()
		})
	}
}
