package state

import (
	"fmt"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Devices that come and go leave nothing behind in the index.
func TestTextIndexIsBounded(t *testing.T) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(c, collectors.All(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().UnixNano()
	for round := range 50 {
		for i := range 100 {
			var records []Record
			for unit := range 20 {
				records = append(records, Record{Key: RecordKey("ftd_component_ok", "fan", fmt.Sprint(unit)), Set: at, Began: at})
			}
			s.Restore(fmt.Sprintf("fw%d.%d", i, round), records)
		}
		s.Expose().Release()
		for i := range 100 {
			// One in ten stays, so that chunks do not empty.
			if i%10 != 0 {
				s.Forget(fmt.Sprintf("fw%d.%d", i, round))
			}
		}
		s.Expose().Release()
	}
	// Each round adds 100 devices for a while, of which 10 stay.
	series := s.Stats().Series
	if most := series + 100*series/500 + 1; int(s.index.slots) > most {
		t.Errorf("%d slots for %d series, want at most %d", s.index.slots, series, most)
	}
	for round := range 50 {
		for i := range 100 {
			if round%10 != 0 {
				s.Forget(fmt.Sprintf("fw%d.%d", i, round))
			}
		}
	}
	s.Expose().Release()
	series, lines, chunks := s.Stats().Series, 0, 0
	for i := range s.index.families {
		for _, c := range s.index.families[i].chunks {
			lines += len(c.lines)
			chunks++
		}
	}
	if lines != series {
		t.Errorf("%d lines for %d series", lines, series)
	}
	if most := 4*(lines/maxChunk+1) + len(s.metrics); chunks > most {
		t.Errorf("%d chunks for %d lines, want at most %d", chunks, lines, most)
	}
	if len(s.index.buried) != 0 || len(s.index.free)+series+1 != int(s.index.slots) {
		t.Errorf("%d slots: %d free, %d buried, %d series", s.index.slots, len(s.index.free), len(s.index.buried), series)
	}
}
