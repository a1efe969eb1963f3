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
)

func TestLoadAndForget(t *testing.T) {
	dir := t.TempDir()
	if _, err := store.Load(dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	l := begin(t, dir)
	l.say(fanFailed)
	l.store.WaitStored(time.Minute)
	if err := store.Forget(dir, "fw1"); err == nil || !strings.Contains(err.Error(), "is in use; stop the exporter first") {
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
	if err := store.Forget(dir, "fw9"); err == nil || !strings.Contains(err.Error(), `there is no device "fw9"`) {
		t.Errorf("unknown device: %v", err)
	}
	if err := store.Forget(dir, "fw1"); err != nil {
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
	if _, err := store.Load(dir, newFeeder(t).table); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("load: %v", err)
	}
	if err := store.Forget(dir, "fw1"); err == nil || !strings.Contains(err.Error(), path) {
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
