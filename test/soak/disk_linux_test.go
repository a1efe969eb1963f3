package soak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// diskSize is the size of the file system that holds the state, in bytes.
const diskSize = 96 << 20

// mountDisk makes dir a file system of its own that can be filled, and reports
// whether it could, for which it must be root.
func mountDisk(t *testing.T, dir string) bool {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprint("size=", diskSize))
	if err != nil {
		t.Logf("the disk is never full, because a file system cannot be mounted (run as root): %v", err)
		return false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return true
}

// asidePause is longer than the program waits before it sets another file aside.
const asidePause = 6 * time.Minute

// trouble forgets a device, removes the state file, and fills its disk, in turn,
// and now and then damages the file. It ends when the program has recovered from
// the last trouble.
func (s *soak) trouble(ctx context.Context) error {
	kinds := []func(context.Context) error{s.forget, s.damage(os.Remove)}
	if s.fills {
		kinds = append(kinds, s.fillDisk)
	}
	return pace(ctx, 1, func(n int) error {
		if time.Since(s.aside) < asidePause {
			return kinds[n%len(kinds)](ctx)
		}
		s.aside = time.Now()
		return s.damage([]func(string) error{empty, replaced}[s.damages%2])(ctx)
	})
}

// within waits until a reading is as expected.
func (s *soak) within(what string, done func(r reading) bool) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		switch r, err := s.tryRead(); {
		case err != nil:
			return err
		case done(r):
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("within a minute: %s", what)
		}
	}
}

// forget sends messages of a device that nobody else sends, and has the program
// forget it. The inventory keeps its place in the table.
func (s *soak) forget(context.Context) error {
	const messages = 20
	conn, err := s.dial("tcp")
	if err != nil {
		return err
	}
	defer conn.Close()
	before, err := s.tryRead()
	if err != nil {
		return err
	}
	for range messages {
		if err := s.send(conn, "tcp", fate{device: forgotten}, "<161>"+forgotten+" : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"); err != nil {
			return err
		}
	}
	want := before.messages()[forgotten] + messages
	if err := s.within("messages before forgetting", func(r reading) bool { return r.messages()[forgotten] == want }); err != nil {
		return err
	}
	resp, err := s.http.Post("http://"+s.web+"/api/v1/forget?device="+url.QueryEscape(forgotten), "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("forget: %s", resp.Status)
	}
	s.forgotten += want
	s.forgets++
	return s.within("a device is forgotten", func(r reading) bool { return r.messages()[forgotten] == 0 })
}

// damage returns a function that does something to the state file, and waits
// until it is written anew.
func (s *soak) damage(do func(file string) error) func(context.Context) error {
	return func(context.Context) error {
		const rewrites = "ftd_exporter_state_rewrites_total"
		before, err := s.tryRead()
		if err != nil {
			return err
		}
		if err := do(filepath.Join(s.dir, "data", "state.db")); err != nil {
			return err
		}
		s.damages++
		err = s.within("a new state file", func(r reading) bool {
			return r.sum(rewrites) > before.sum(rewrites) && r.sum("ftd_exporter_state_writable") == 1
		})
		return errors.Join(err, s.removeOldFiles())
	}
}

// removeOldFiles removes the state files that were set aside.
func (s *soak) removeOldFiles() error {
	files, err := filepath.Glob(filepath.Join(s.dir, "data", "*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasPrefix(filepath.Base(f), "state.db.") && !strings.HasSuffix(f, ".new") {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func empty(file string) error { return os.Truncate(file, 0) }

// replaced puts a copy in the place of the file.
func replaced(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".copy", b, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".copy", file)
}

// fillDisk fills the disk until a write has failed or, because the file has room
// within, none fails for some time. Then it makes room and waits until the state is
// written again.
func (s *soak) fillDisk(ctx context.Context) error {
	name := filepath.Join(s.dir, "data", "filler")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer f.Close()
	fill := func() error {
		for b := make([]byte, 64<<10); len(b) > 0; {
			if _, err := f.Write(b); errors.Is(err, syscall.ENOSPC) {
				b = b[:len(b)/2]
			} else if err != nil {
				return err
			}
		}
		return nil
	}
	began := time.Now()
	err = s.within("the state cannot be written", func(r reading) bool {
		if err := fill(); err != nil {
			return false
		}
		if r.sum("ftd_exporter_state_writable") == 0 {
			s.refused++
			return true
		}
		return ctx.Err() != nil || time.Since(began) > 20*time.Second
	})
	if err != nil {
		return err
	}
	s.full++
	if err := os.Remove(name); err != nil {
		return err
	}
	return s.within("the state is written again", func(r reading) bool { return r.sum("ftd_exporter_state_writable") == 1 })
}
