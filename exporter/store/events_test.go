package store_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Events are in the file with the changes that they are about, as many as are kept,
// and survive kill -9 and a file that is written anew.
func TestEventsAreKept(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	l.say(fanFailed, fanWorks, fanFailed)
	if !l.store.WaitStored(time.Minute) {
		t.Fatal("not stored")
	}
	want := l.table.Events(time.Time{}, 10)
	copied := t.TempDir()
	if err := os.WriteFile(filepath.Join(copied, fileName), readRaw(t, l.path()), 0o600); err != nil { // As kill -9 would leave it.
		t.Fatal(err)
	}
	l.stop()
	next := begin(t, copied)
	if got := next.table.Events(time.Time{}, 10); len(got) != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if d, _ := next.table.Snapshot("fw1"); d.Components[0].Text == "" {
		t.Error("the text of the failure is gone")
	}
	if err := os.Remove(next.path()); err != nil {
		t.Fatal(err)
	}
	next.say(strings.Replace(fanFailed, "fw1", "fw2", 1))
	if !next.store.WaitStored(time.Minute) {
		t.Fatal("not stored")
	}
	next.stop()
	last := begin(t, copied)
	if got := last.table.Events(time.Time{}, 10); len(got) != 4 || got[3].Device != "fw2" {
		t.Errorf("after the file was written anew: %+v", got)
	}
	for range 600 {
		last.say(fanWorks, fanFailed)
	}
	last.stop()
	end := begin(t, copied)
	if got := end.table.Events(time.Time{}, 10_000); len(got) != 1000 || got[0].Device != "fw1" {
		t.Errorf("%d events are kept, want 1000", len(got))
	}
}
