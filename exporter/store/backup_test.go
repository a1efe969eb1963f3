package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A backup has all that the table shows, and is a state file.
func TestBackup(t *testing.T) {
	l := begin(t, t.TempDir())
	l.say(fleetLog(t)...)
	want := l.devices()
	var copied bytes.Buffer
	if err := l.store.Backup(&copied); err != nil {
		t.Fatal(err)
	}
	l.say(fanFailed)
	dir := t.TempDir()
	path := filepath.Join(dir, "a backup.db")
	if err := os.WriteFile(path, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := newFeeder(t)
	if result, err := store.Load(path, loaded.table); err != nil || result != (store.LoadResult{}) {
		t.Fatalf("%+v, %v", result, err)
	}
	if got := exposition(t, loaded.table); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	rename(t, path, filepath.Join(dir, fileName))
	after := begin(t, dir)
	if got := after.devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	if left, _ := filepath.Glob(l.path() + ".*"); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

// A slow reader of a backup does not keep the file from growing, and a second one
// is refused.
func TestSlowBackup(t *testing.T) {
	l := begin(t, t.TempDir())
	l.say(fanFailed)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- l.store.Backup(w) }()
	var b [1]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		t.Fatal(err)
	}
	if err := l.store.Backup(io.Discard); !errors.Is(err, store.ErrBusy) {
		t.Error(err)
	}
	size := fileSize(t, l.path())
	for i := range 400 {
		l.say(fmt.Sprintf("fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
	}
	if !l.store.WaitStored(time.Minute) || fileSize(t, l.path()) <= size {
		t.Errorf("the file does not grow: %d bytes", fileSize(t, l.path()))
	}
	r.CloseWithError(io.ErrClosedPipe)
	if err := <-done; !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// Without a file there is nothing to copy, and nothing is written.
func TestBackupWithoutAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := begin(t, filepath.Join(file, "below"))
	l.say(fanFailed)
	var copied bytes.Buffer
	if err := l.store.Backup(&copied); err == nil || copied.Len() > 0 {
		t.Errorf("%v, %d bytes", err, copied.Len())
	}
}
