package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// What others do to the file while it is in use, and under which name what they
// leave is kept.
var changes = []struct {
	name   string
	change func(t *testing.T, path, old string) // Old is the file as it was earlier.
	suffix string
}{
	{"removed", func(t *testing.T, path, _ string) { remove(t, path) }, ""},
	{"renamed", func(t *testing.T, path, _ string) { rename(t, path, path+".moved") }, ""},
	{"directory renamed", func(t *testing.T, path, _ string) {
		rename(t, filepath.Dir(path), filepath.Join(filepath.Dir(filepath.Dir(path)), "moved"))
	}, ""},
	{"directory removed", func(t *testing.T, path, _ string) {
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
	}, ""},
	{"replaced by an older copy", func(t *testing.T, path, old string) { rename(t, old, path) }, "replaced"},
	{"replaced by text", func(t *testing.T, path, _ string) {
		writeText(t, path+".text")
		rename(t, path+".text", path)
	}, "replaced"},
	{"overwritten by an older copy", func(t *testing.T, path, old string) {
		content, err := os.ReadFile(old)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}, "damaged"},
	{"cut in half", func(t *testing.T, path, _ string) { truncate(t, path, fileSize(t, path)/2) }, "damaged"},
	{"cut to nothing", func(t *testing.T, path, _ string) { truncate(t, path, 0) }, "damaged"},
	{"zeros", func(t *testing.T, path, _ string) {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt(make([]byte, fileSize(t, path)), 0); err != nil {
			t.Fatal(err)
		}
	}, "damaged"},
	{"body overwritten", func(t *testing.T, path, _ string) { overwrite(t, path, 8192, fileSize(t, path)-8192) }, "damaged"},
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, path, to string) {
	t.Helper()
	if err := os.Rename(path, to); err != nil {
		t.Fatal(err)
	}
}

// Whatever is done to the file, everything is in a new one after a tick, or with
// the next write, and nobody is told that it could not be written.
func TestFileThatChangesIsWrittenAnew(t *testing.T) {
	for _, tc := range changes {
		for _, quiet := range []bool{true, false} {
			if quiet && tc.name == "body overwritten" {
				continue // A write meets it, and so does the next start.
			}
			t.Run(fmt.Sprintf("%s, quiet %t", tc.name, quiet), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					dir := filepath.Join(t.TempDir(), "state")
					l := begin(t, dir)
					l.say(fanFailed)
					l.store.WaitStored(time.Minute)
					copyFile(t, l.path(), t.TempDir())
					old := filepath.Join(t.TempDir(), fileName)
					copyFile(t, l.path(), filepath.Dir(old))
					l.say(fleetLog(t)...)
					l.store.WaitStored(time.Minute)

					tc.change(t, l.path(), old)
					if quiet {
						time.Sleep(6 * time.Second)
						synctest.Wait()
					} else {
						l.say(fanAlternates(1), fanAlternates(0))
						time.Sleep(2 * time.Second)
						if !l.store.WaitStored(time.Second) {
							t.Error("not stored")
						}
					}
					if st := l.store.Status(); st.Rewrites != 1 || st.Degraded {
						t.Fatalf("%+v\n%s", st, l.log)
					}
					if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
						t.Error(testutil.FirstDifference(got, want))
					}
					aside, err := filepath.Glob(l.path() + ".*-*")
					if err != nil || tc.suffix == "" && len(aside) > 0 || tc.suffix != "" && (len(aside) != 1 || !strings.HasPrefix(aside[0], l.path()+"."+tc.suffix+"-")) {
						t.Errorf("kept: %q, %v", aside, err)
					}
					if n := strings.Count(l.log.String(), "written anew from memory"); n != 1 {
						t.Errorf("logged %d times:\n%s", n, l.log)
					}
					l.stop()
					if l.ended != nil {
						t.Error(l.ended)
					}
				})
			})
		}
	}
}

// A file that is damaged again and again does not fill the disk with what is set
// aside.
func TestFileThatIsDamagedAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := begin(t, t.TempDir())
		start := time.Now()
		for i := 0; time.Since(start) < 20*time.Minute; i++ {
			if info, err := os.Stat(l.path()); err == nil && info.Size() > 0 {
				truncate(t, l.path(), 0)
			}
			l.say(fanAlternates(i))
			time.Sleep(time.Second)
		}
		aside, err := filepath.Glob(l.path() + ".damaged-*")
		if err != nil || len(aside) < 5 || len(aside) > 12 {
			t.Errorf("%d files set aside, %v", len(aside), err)
		}
		time.Sleep(10 * time.Minute)
		if !l.store.WaitStored(time.Second) {
			t.Error("not stored")
		}
		l.expect("in the end", map[string]float64{"writable": 1})
		l.stop()
	})
}

// What another process has open in the place of the file stays where it is.
func TestFileOfAnotherProcessIsLeftAlone(t *testing.T) {
	l := begin(t, t.TempDir())
	l.say(fanFailed)
	l.store.WaitStored(time.Minute)
	path := filepath.Join(t.TempDir(), fileName)
	other, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	want, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rename(t, path, l.path())
	l.say(fanWorks)
	testutil.Eventually(t, "locked", func() bool {
		return strings.HasPrefix(l.store.Status().LastError, "another process has locked it")
	})
	l.stop()
	if got, err := os.Stat(l.path()); err != nil || !os.SameFile(got, want) || !errors.Is(l.ended, store.ErrUnwritten) {
		t.Error(got, err, l.ended)
	}
}

// A slowTable takes its time to restore, as a disk that hangs does.
type slowTable struct {
	*state.Table
	gate chan struct{}
}

func (t *slowTable) Restore(device string, records []state.Record) (restored, skipped int) {
	<-t.gate
	return t.Table.Restore(device, records)
}

// A start does not wait for a disk that hangs; what the file has comes later.
func TestFileThatIsOpenedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := begin(t, t.TempDir())
		first.say(fanFailed)
		first.stop()

		l := prepare(t, filepath.Dir(first.path()))
		slow := &slowTable{l.table, make(chan struct{})}
		l.store = store.New(filepath.Dir(first.path()), slow, newLogger(l.log))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		if err := l.store.Open(ctx); !errors.Is(err, store.ErrOpening) || time.Since(start) != 10*time.Second {
			t.Fatalf("%v after %s", err, time.Since(start))
		}
		l.expect("opening", map[string]float64{"writable": 0, "commit_failures_total": 1, "restore_successful": 0})
		l.run()
		l.say(strings.Replace(fanFailed, "fw1", "fw2", 1), fanWorks)
		if l.store.WaitStored(time.Minute) || time.Since(start) != 10*time.Second {
			t.Error("waited for what does not come")
		}
		close(slow.gate)
		time.Sleep(10 * time.Second)
		if !l.store.WaitStored(time.Minute) {
			t.Error("not stored")
		}
		l.expect("open", map[string]float64{"writable": 1, "restore_successful": 1})
		l.shows(`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 1`, `ftd_component_ok{component="fan",device="fw1",unit="1"} 1`)
		l.stop()
		if got, want := leftByACrash(t, l).devices(), l.devices(); got != want || l.ended != nil {
			t.Error(l.ended, testutil.FirstDifference(got, want))
		}
	})
}

// A stop does not wait for such a disk either, and shows whether anything is lost.
func TestStopBeforeTheFileIsOpen(t *testing.T) {
	for _, said := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			first := begin(t, t.TempDir())
			first.say(fanFailed)
			first.stop()

			l := prepare(t, filepath.Dir(first.path()))
			slow := &slowTable{l.table, make(chan struct{})}
			l.store = store.New(filepath.Dir(first.path()), slow, newLogger(l.log))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := l.store.Open(ctx); !errors.Is(err, store.ErrOpening) {
				t.Fatal(err)
			}
			l.run()
			if said {
				l.say(fanWorks)
			}
			l.stop()
			if (l.ended != nil) != said {
				t.Errorf("said %t: %v", said, l.ended)
			}
			close(slow.gate)
		})
	}
}

// What could not be written at the end is told.
func TestUnwrittenStateIsTold(t *testing.T) {
	l := beginFaulty(t, t.TempDir(), func() error { return &os.PathError{Op: "write", Path: fileName, Err: syscall.ENOSPC} })
	l.say(fanFailed)
	l.stop()
	if !errors.Is(l.ended, store.ErrUnwritten) || !strings.Contains(l.ended.Error(), "no space left on device") {
		t.Error(l.ended)
	}
}

// A partsTable notes the largest part of the table that is taken at a time.
type partsTable struct {
	*state.Table
	largest atomic.Int64
}

func (p *partsTable) note(c state.Changes) state.Changes {
	n := 0
	for _, d := range c.Devices {
		n += len(d.Records)
	}
	p.largest.Store(max(p.largest.Load(), int64(n)))
	return c
}

func (p *partsTable) TakeChanges() state.Changes         { return p.note(p.Table.TakeChanges()) }
func (p *partsTable) TakeSome(records int) state.Changes { return p.note(p.Table.TakeSome(records)) }

// A file is written anew in parts, so that the table is not in memory twice. If
// that fails, everything is written later, and what was forgotten stays away.
func TestFileIsWrittenAnewInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &life{feeder: newFeeder(t), log: &testutil.Buffer{}}
		table := &partsTable{Table: l.table}
		l.store = store.New(filepath.Join(t.TempDir(), "state"), table, newLogger(l.log))
		_ = l.store.Open(t.Context())
		l.run()
		defer l.stop()
		for d := range 1700 {
			for fan := range 20 {
				l.say(fmt.Sprintf("fw%d : %%FTD-1-735001: Cooling Fan %d: OK", d, fan))
			}
		}
		if !l.store.WaitStored(time.Minute) {
			t.Fatal("not stored")
		}
		remove(t, l.path())
		// Nothing can be written there for a while.
		blocked := filepath.Join(l.path()+".new", "in the way")
		if err := os.MkdirAll(blocked, 0o755); err != nil {
			t.Fatal(err)
		}
		l.table.Forget("fw7")
		time.Sleep(12 * time.Second)
		if st := l.store.Status(); st.Rewrites != 0 || !st.Degraded {
			t.Fatalf("%+v", st)
		}
		if err := os.RemoveAll(filepath.Dir(blocked)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(12 * time.Second)
		if st := l.store.Status(); st.Rewrites != 1 || st.Degraded {
			t.Fatalf("%+v\n%s", st, l.log)
		}
		if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
			t.Error(testutil.FirstDifference(got, want))
		}
		if n := table.largest.Load(); n < 40_000 || n > 51_000 {
			t.Errorf("%d series at a time", n)
		}
	})
}
