package history

import (
	"context"
	"net/netip"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A SeedTable has the methods of a [state.Table] that a Seed uses.
type SeedTable interface {
	Heard
	// Merge puts series of a device, with the times of the records, into the table.
	Merge(device string, records []state.Record) (merged, skipped int)
}

// A Seed reads logs into the table of an exporter that may have state already, from
// a file or from other logs. A line that was written between the first and the last
// message that the table had of its device, when the Seed met the device first, is
// known: it is not applied. Later lines are applied, with all their effects. What
// earlier lines have reported is put under what is there, and is not an event. So a
// newer state is never replaced by an older one, and a log that has been read once
// changes nothing when it is read again.
//
// The time of a line is its timestamp, but within a log the time of a device does
// not go back, and it is not after the last change of the file. A line without a
// timestamp has the time of the line before, and before the first timestamp that of
// the last change of the file.
//
// Its methods must not be called by two goroutines at a time, and nothing else must
// apply messages to the table meanwhile.
type Seed struct {
	Lines
	// Summary counts the lines of all logs. Those that are known are in it.
	Summary Summary
	// Known counts the lines that were not applied.
	Known int64

	pipeline *ingest.Pipeline
	table    SeedTable
	newTable func() (*state.Table, error)
	devices  map[string]*seedDevice
}

// A seedDevice is what a Seed remembers of a device.
type seedDevice struct {
	first, last time.Time // What the table had at first; zero if it had nothing.
	applied     time.Time // The time of the last line in the table.
	log         *seedLog  // The log of the last line,
	at          time.Time // and its time.
}

// NewSeed returns a Seed into table, which is that of p. The metrics of p count the
// lines under the listener "replay". NewTable returns an empty table for the
// messages of p, with the limits that table has, and Persist.
func NewSeed(p *ingest.Pipeline, table SeedTable, newTable func() (*state.Table, error)) *Seed {
	return &Seed{pipeline: p, table: table, newTable: newTable, devices: map[string]*seedDevice{}}
}

const (
	// seedDefault is the device of lines that do not name one.
	seedDefault = "replay"
	// maxSeedDevices bounds the memory that invented names can take. Of further
	// devices nothing is remembered from one line to the next.
	maxSeedDevices = 100_000
)

// Read reads the lines of a log to its end. It ends early, with ctx's error, when
// ctx is done. Whatever its error, what has been read is in the table.
func (s *Seed) Read(ctx context.Context, log *Log) error {
	earlier, err := s.newTable()
	if err != nil {
		return err
	}
	clock := seedLog{seed: s}
	feed := s.pipeline.NewFeed(ingest.Source{
		Name: "replay", Default: seedDefault, Clock: &clock, Earlier: earlier,
		Each: func(result *ingest.Result) { s.count(&s.at, result) },
	})
	begin := func() {
		now := time.Now()
		clock.limit = now
		if log.Size > 0 && log.Modified.Before(now) { // Not of a stream.
			clock.limit = log.Modified
		}
		feed.Begin(now)
	}
	s.Open(log.Name)
	begin()
	err = s.read(ctx, log, func(text []byte, bad syslog.Reason) error {
		feed.Frame(text, len(text), netip.Addr{}, bad)
		return nil
	}, func() {
		feed.End()
		s.counts.addTo(&s.Summary)
		begin()
	})
	for _, d := range earlier.TakeChanges().Devices {
		s.table.Merge(d.Device, d.Records)
	}
	return err
}

// A seedLog is the [ingest.Clock] of one log.
type seedLog struct {
	seed  *Seed
	limit time.Time // No line was written later.
	stamp time.Time // The last timestamp.
}

// Receipt implements [ingest.Clock].
func (l *seedLog) Receipt(device []byte, p *syslog.Parser, h *syslog.Header) (time.Time, ingest.Relation) {
	d := l.seed.device(device)
	if t, ok := ingest.TimestampBefore(p, h, l.limit, l.limit.Add(ingest.MaxClockLead)); ok && t.Year() >= firstYear {
		l.stamp = t
	}
	at := l.stamp
	if at.IsZero() || at.After(l.limit) {
		at = l.limit
	}
	if d.log == l && at.Before(d.at) {
		at = d.at
	}
	d.log, d.at = l, at
	switch {
	case !d.last.IsZero() && !at.Before(d.first) && !at.After(d.last):
		l.seed.Known++
		return at, ingest.Known
	case at.Before(d.applied):
		return at, ingest.Earlier
	}
	d.applied = at
	return at, ingest.Later
}

// device returns the device of that name.
func (s *Seed) device(name []byte) *seedDevice {
	if d := s.devices[string(name)]; d != nil {
		return d
	}
	d := &seedDevice{}
	if first, last, ok := s.table.Heard(string(name)); ok {
		d.first, d.last, d.applied = first, last, last
	}
	if len(s.devices) < maxSeedDevices {
		s.devices[string(name)] = d
	}
	return d
}
