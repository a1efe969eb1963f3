package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestLoadAndWrite(t *testing.T) {
	forgotten := state.Changes{Forgotten: []string{"fw1"}}
	dir := t.TempDir()
	if _, err := store.Load(dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	l := begin(t, dir)
	l.say(fanFailed)
	l.store.WaitStored(time.Minute)
	if err := store.Write(dir, forgotten); err == nil || !strings.Contains(err.Error(), "is in use; stop the exporter first, or use its API: GET /api/v1/state/backup") {
		t.Errorf("in use: %v", err)
	}
	want := l.devices()
	l.stop()
	copied := newFeeder(t)
	if result, err := store.Load(dir, copied.table); err != nil || result != (store.LoadResult{}) {
		t.Errorf("%+v, %v", result, err)
	}
	if got := exposition(t, copied.table); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	// A part of a device goes alone.
	persistent := newFeeder(t)
	if _, err := store.Load(dir, persistent.table); err != nil {
		t.Fatal(err)
	}
	persistent.table.TakeChanges()
	if removed, _, err := persistent.table.ForgetPart("fw1", map[string]string{"component": "fan", "unit": "1"}); err != nil || len(removed) == 0 {
		t.Fatal(removed, err)
	}
	if err := store.Write(dir, persistent.table.TakeChanges()); err != nil {
		t.Fatal(err)
	}
	without := newFeeder(t)
	if result, err := store.Load(dir, without.table); err != nil || result != (store.LoadResult{}) {
		t.Errorf("%+v, %v", result, err)
	}
	if got := exposition(t, without.table); strings.Contains(got, `component="fan"`) || !strings.Contains(got, `device="fw1"`) {
		t.Error(got)
	}
	if err := store.Write(dir, forgotten); err != nil {
		t.Error(err)
	}
	if got := begin(t, dir).table.Stats().Devices; got != 0 {
		t.Errorf("%d devices left", got)
	}
}

// A damaged file is an error, not a crash, and is left as it is.
func TestLoadOfADamagedFile(t *testing.T) {
	path := goodFile(t)
	size := fileSize(t, path)
	overwrite(t, path, 8192, size-8192)
	dir := strings.TrimSuffix(path, fileName)
	forgotten := state.Changes{Forgotten: []string{"fw1"}}
	if _, err := store.Load(dir, newFeeder(t).table); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("load: %v", err)
	}
	if err := store.Write(dir, forgotten); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("forget: %v", err)
	}
	if fileSize(t, path) != size {
		t.Error("the file has another size")
	}
}

// copyFile copies a state file into a directory.
func copyFile(t *testing.T, path, dir string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
