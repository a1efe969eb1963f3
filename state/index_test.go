package state

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// checkIndex checks the invariants of the index: a list has few tombstones, and
// each slot belongs to one series, to one tombstone, or is free.
func checkIndex(t *testing.T, table *Table) {
	t.Helper()
	x := &table.index
	entries, dead := 0, 0
	used := map[uint32]bool{}
	for i := range x.families {
		f := &x.families[i]
		size := 0
		for block := range f.blocks {
			size += len(block.entries)
			for _, e := range block.entries {
				if used[e.slot] {
					t.Errorf("slot %d is used twice", e.slot)
				}
				used[e.slot] = true
			}
		}
		if size != f.size || f.dead > size/4 {
			t.Errorf("%s: %d entries, counted %d, with %d tombstones", table.metrics[i].Name, size, f.size, f.dead)
		}
		entries += size
		dead += f.dead
	}
	if series := table.Stats().Series; entries-dead != series || entries+len(x.free)+1 != int(x.slots) {
		t.Errorf("%d entries of which %d are dead for %d series, %d slots of which %d are free", entries, dead, series, x.slots, len(x.free))
	}
}

// Devices that come and go leave little behind in the index, whether anything
// scrapes the table or not.
func TestTextIndexIsBounded(t *testing.T) {
	for _, scraped := range []bool{false, true} {
		t.Run(fmt.Sprintf("scraped=%t", scraped), func(t *testing.T) { testIndexIsBounded(t, scraped) })
	}
}

func testIndexIsBounded(t *testing.T, scraped bool) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	table, err := New(c, collectors.All(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().UnixNano()
	scrape := func() {
		if scraped {
			table.Expose(false).Release()
		}
		checkIndex(t, table)
	}
	most := 0
	for round := range 50 {
		for i := range 100 {
			var records []Record
			for unit := range 20 {
				records = append(records, Record{Key: RecordKey("ftd_component_ok", "fan", fmt.Sprint(unit)), Set: at, Began: at})
			}
			table.Restore(fmt.Sprintf("fw%d.%d", i, round), records)
		}
		most = table.Stats().Series
		scrape()
		for i := range 100 {
			if i%10 != 0 { // One in ten stays.
				table.Forget(fmt.Sprintf("fw%d.%d", i, round))
			}
		}
		scrape()
	}
	if limit := most*4/3 + len(table.metrics)*4; int(table.index.slots) > limit {
		t.Errorf("%d slots for %d series, want at most %d", table.index.slots, most, limit)
	}
	for round := range 50 {
		for i := range 100 {
			table.Forget(fmt.Sprintf("fw%d.%d", i, round))
		}
	}
	scrape()
}

// A slot never changes hands while an exposition copies values, and what it has
// is there until it is released.
func TestSlotsStayDuringAnExposition(t *testing.T) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	table, err := New(c, collectors.All(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().UnixNano()
	restore := func(device string, value float64) {
		table.Restore(device, []Record{{Key: RecordKey("ftd_component_ok", "fan", "1"), Value: value, Set: at, Began: at}})
	}
	restore("old", 1)
	e := table.index.begin(false)
	table.copyValues(e, table.devices["old"], at)
	table.Forget("old")
	restore("new", 0)
	table.end(e, true)
	checkIndex(t, table)
	restore("newest", 0) // May take the slots of old.
	defer e.Release()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	for i := range e.Len() {
		if e.Name(i) == "ftd_component_ok" {
			if err := e.WriteFamily(w, i, Text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := table.byName["ftd_component_ok"].layout.headers[Text] + `ftd_component_ok{component="fan",device="old",unit="1"} 1` + "\n"; b.String() != want {
		t.Errorf("got %s want %s", b.String(), want)
	}
}
