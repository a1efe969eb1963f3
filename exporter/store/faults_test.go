package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// goodFile writes a state file and returns its name.
func goodFile(t *testing.T) (path string) {
	t.Helper()
	l := begin(t, t.TempDir())
	l.say(fleetLog(t)...)
	l.stop()
	return l.path()
}

func overwrite(t *testing.T, path string, offset, n int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(n)), offset); err != nil {
		t.Fatal(err)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func writeText(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database\n"), 9999), 0o600); err != nil {
		t.Fatal(err)
	}
}

func setVersion(t *testing.T, path, version string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte(version)) }); err != nil {
		t.Fatal(err)
	}
}

// A file that does not become readable by waiting is kept under another name.
func TestUnreadableFilesAreSetAside(t *testing.T) {
	for _, tc := range []struct {
		name   string
		damage func(t *testing.T, path string)
		suffix string
	}{
		{"text", writeText, "damaged"},
		{"cut in half", func(t *testing.T, path string) { truncate(t, path, fileSize(t, path)/2) }, "damaged"},
		{"cut to a page", func(t *testing.T, path string) { truncate(t, path, 4096) }, "damaged"},
		{"head overwritten", func(t *testing.T, path string) { overwrite(t, path, 0, 8192) }, "damaged"},
		{"body overwritten", func(t *testing.T, path string) { overwrite(t, path, 8192, fileSize(t, path)-8192) }, "damaged"},
		{"later version", func(t *testing.T, path string) { setVersion(t, path, "2") }, "version2"},
		{"not a version", func(t *testing.T, path string) { setVersion(t, path, "x") }, "damaged"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := goodFile(t)
			tc.damage(t, path)
			l := begin(t, filepath.Dir(path))
			aside, err := filepath.Glob(path + "." + tc.suffix + "-*")
			if err != nil || len(aside) != 1 {
				t.Errorf("kept: %v, %v\n%s", aside, err, l.log)
			}
			if !strings.Contains(l.log.String(), "starting without the state of earlier runs") {
				t.Errorf("log: %s", l.log)
			}
			l.say(fanFailed)
			l.store.WaitStored(time.Minute)
			l.expect("after it", map[string]float64{"restore_successful": 0, "commit_failures_total": 0})
			want := l.devices()
			l.stop()
			next := begin(t, filepath.Dir(path))
			if got := next.devices(); got != want {
				t.Error(testutil.FirstDifference(got, want))
			}
			next.expect("next life", map[string]float64{"restore_successful": 1})
		})
	}
}

// While the name that the file would get is taken, the exporter works in memory;
// the log has that once.
func TestUnreadableFileThatCannotBeSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // In it, the clock stands still.
		path := filepath.Join(t.TempDir(), fileName)
		writeText(t, path)
		taken := path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000Z")
		if err := os.MkdirAll(filepath.Join(taken, "not", "empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		l := prepare(t, filepath.Dir(path))
		for range 3 {
			err := l.store.Open(context.Background())
			if err == nil || !strings.Contains(err.Error(), "cannot be renamed either") || !strings.Contains(err.Error(), "remove it") {
				t.Fatal(err)
			}
		}
		if st := l.store.Status(); !st.Degraded || st.DegradedSince.IsZero() || st.LastError == "" || st.RestoreSuccessful {
			t.Errorf("%+v", st)
		}
		l.say(fanFailed)
		l.store.WaitStored(time.Hour) // Does not wait for what cannot come.
		if n := strings.Count(l.log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d errors logged:\n%s", n, l.log)
		}
		if size := fileSize(t, path); size != 9999*15 {
			t.Errorf("the file has %d bytes now", size)
		}
		// Later it would get another name.
		l.run()
		time.Sleep(time.Minute)
		l.store.WaitStored(time.Minute)
		if st := l.store.Status(); st.Degraded || st.Commits != 1 || st.RestoreSuccessful {
			t.Errorf("%+v\n%s", st, l.log)
		}
		l.stop()
		next := begin(t, filepath.Dir(path))
		if got, want := next.devices(), l.devices(); got != want {
			t.Error(testutil.FirstDifference(got, want))
		}
		next.stop()
	})
}

// An empty file is what a crash at the very first start leaves.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	begin(t, dir).expect("empty file", map[string]float64{"restore_successful": 1, "restored_series": 0})
}

// While another process has the file, metrics are kept in memory; when it lets
// go, the state of the file joins them.
func TestLockedFile(t *testing.T) {
	dir := t.TempDir()
	old := begin(t, dir)
	old.say(fanFailed)

	l := prepare(t, dir)
	if err := l.store.Open(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "another process has locked it") {
		t.Fatal(err)
	}
	l.expect("locked", map[string]float64{"restore_successful": 0})
	l.say(strings.Replace(fanFailed, "fw1", "fw2", 1), fanWorks)
	l.store.WaitStored(time.Hour) // Does not wait for what cannot come.
	l.shows(`ftd_component_ok{component="fan",device="fw2",unit="1"} 0`)
	old.stop()
	if err := l.store.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.run()
	l.shows(
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 1`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 1`,
		`ftd_component_ok{component="fan",device="fw2",unit="1"} 0`,
	)
	if n := strings.Count(l.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors logged:\n%s", n, l.log)
	}
}

func TestUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := begin(t, filepath.Join(file, "below"))
	l.say(fanFailed)
	l.store.WaitStored(time.Hour)
	l.expect("no directory", map[string]float64{"restore_successful": 0, "commits_total": 0})
	l.shows(`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`)
	if !strings.Contains(l.log.String(), "keeping state in memory and trying again") {
		t.Errorf("log: %s", l.log)
	}
}

// A faultyDatabase calls update before each write, which fails if that does.
type faultyDatabase struct {
	store.Database
	update func() error
}

func (d *faultyDatabase) Update(f func(*bbolt.Tx) error) error {
	if err := d.update(); err != nil {
		return err
	}
	return d.Database.Update(f)
}

// beginFaulty starts a life whose writes call update first.
func beginFaulty(t *testing.T, dir string, update func() error) *life {
	t.Helper()
	l := prepare(t, dir)
	if err := l.store.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	store.SetDatabase(l.store, func(db store.Database) store.Database { return &faultyDatabase{db, update} })
	l.run()
	return l
}

// A full disk costs durability, not metrics, is logged once, and heals.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	var free atomic.Bool
	l := beginFaulty(t, dir, func() error {
		if free.Load() {
			return nil
		}
		return &os.PathError{Op: "write", Path: filepath.Join(dir, fileName), Err: syscall.ENOSPC}
	})
	var since time.Time
	for i := range 5 {
		l.say(fanAlternates(i))
		testutil.Eventually(t, "a failed write", func() bool { return l.store.Status().Failures > uint64(i) })
		st := l.store.Status()
		if !st.Degraded || !strings.Contains(st.LastError, "no space left on device") || i > 0 && st.DegradedSince != since {
			t.Errorf("%+v", st)
		}
		since = st.DegradedSince
	}
	l.shows(`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`)
	if n := strings.Count(l.log.String(), "no space left on device"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, l.log)
	}
	free.Store(true)
	l.say(fanWorks)
	testutil.Eventually(t, "a write", func() bool { return l.store.Status().Commits > 0 })
	if st := l.store.Status(); st.Degraded || st.LastError != "" || !st.DegradedSince.IsZero() {
		t.Errorf("%+v", st)
	}
	want := l.devices()
	l.stop()
	if !strings.Contains(l.log.String(), "works again") {
		t.Errorf("log: %s", l.log)
	}
	if got := begin(t, dir).devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

// A write that fails for another reason than the system's is about the file, so
// everything is written into a new one. A panic leaves the locks of bbolt held, so
// the database must not be touched again.
func TestWriteThatFailsBecauseOfTheFile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		update func() error
	}{
		{"panic", func() error { panic("page 3 already freed") }},
		{"error", func() error { return berrors.ErrIncompatibleValue }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := beginFaulty(t, t.TempDir(), tc.update)
			l.say(fleetLog(t)...)
			testutil.Eventually(t, "a new file", func() bool { return l.store.Status().Rewrites == 1 })
			l.say(fanFailed)
			if !l.store.WaitStored(time.Minute) {
				t.Fatal("not stored")
			}
			if st := l.store.Status(); st.Degraded || st.Failures != 1 {
				t.Errorf("%+v", st)
			}
			if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
				t.Error(testutil.FirstDifference(got, want))
			}
			if aside, _ := filepath.Glob(l.path() + ".damaged-*"); len(aside) != 1 {
				t.Errorf("kept: %q", aside)
			}
		})
	}
}

// A database that is not there any more, as after a failed mapping, is opened
// again; the file is as it was.
func TestLostDatabase(t *testing.T) {
	l := beginFaulty(t, t.TempDir(), func() error { return berrors.ErrInvalidMapping })
	l.say(fanFailed)
	testutil.Eventually(t, "a failed write", func() bool { return l.store.Status().Failures == 1 })
	testutil.Eventually(t, "a write", func() bool { return l.store.WaitStored(time.Minute) })
	if st := l.store.Status(); st.Degraded || st.Rewrites != 0 {
		t.Errorf("%+v", st)
	}
	if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

// A disk that hangs delays a scrape by its limit and does not block messages.
// After five seconds the write counts as failed, until it ends.
func TestHungDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung, writing := make(chan struct{}), make(chan struct{}, 100)
		l := beginFaulty(t, t.TempDir(), func() error {
			writing <- struct{}{}
			<-hung
			return nil
		})
		l.say(fanFailed)
		<-writing
		for i := range 1000 {
			l.say(fanAlternates(i))
		}
		start := time.Now()
		if l.store.WaitStored(time.Second) || time.Since(start) != time.Second {
			t.Errorf("waited for %s", time.Since(start))
		}
		l.shows(`ftd_messages_total{device="fw1",message_id="735002"} 501`)
		l.expect("at once", map[string]float64{"writable": 1, "commit_failures_total": 0})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		l.expect("after five seconds", map[string]float64{"writable": 0, "commit_failures_total": 1})
		start = time.Now()
		if l.store.WaitStored(time.Minute) || time.Since(start) != 0 {
			t.Errorf("waited for %s for what does not come", time.Since(start))
		}
		if st := l.store.Status(); !strings.Contains(st.LastError, "does the disk hang?") {
			t.Errorf("%+v", st)
		}
		close(hung)
		time.Sleep(10 * time.Second)
		if !l.store.WaitStored(time.Minute) {
			t.Error("not stored")
		}
		l.expect("after it", map[string]float64{"writable": 1, "commit_failures_total": 1})
		if n := strings.Count(l.log.String(), "works again"); n != 1 {
			t.Errorf("logged %d times:\n%s", n, l.log)
		}
		l.stop()
		if l.ended != nil {
			t.Error(l.ended)
		}
	})
}

// Run ends although the last write does not.
func TestHungDiskAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := prepare(t, t.TempDir())
		hung := make(chan struct{})
		db := &faultyDatabase{&slowDatabase{}, func() error {
			<-hung
			return nil
		}}
		store.SetDatabase(l.store, func(store.Database) store.Database { return db })
		l.say(fanFailed)
		l.run()
		synctest.Wait()
		start := time.Now()
		l.stop()
		if d := time.Since(start); d != 5*time.Second || !strings.Contains(l.log.String(), "does not end") {
			t.Errorf("after %s, log: %s", d, l.log)
		}
		if !errors.Is(l.ended, store.ErrUnwritten) {
			t.Errorf("ended with %v", l.ended)
		}
		close(hung)
	})
}
