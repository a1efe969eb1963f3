package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"go.etcd.io/bbolt"
)

// ErrOpening is what [Store.Open] returns when it has not ended in time.
var ErrOpening = errors.New("the state file is still being opened; does the disk hang?")

// Open opens the file, which is created if there is none, and puts what it holds
// into the table. A file that is damaged, or that a later version has written,
// is set aside under another name, and an empty one takes its place. After any
// other error the Store keeps nothing until [Store.Run], which tries again every
// five seconds, succeeds in opening it. Open logs its error.
//
// If ctx ends before that, Open returns [ErrOpening] and goes on in the
// background; what the file has joins the table when it has been read. Run waits
// for it, and nothing is written until then.
//
// Call it once, before Run. What the table has already is newer than the file.
func (s *Store) Open(ctx context.Context) error {
	result := make(chan error, 1)
	s.opening = make(chan struct{})
	go func() {
		defer close(s.opening)
		result <- s.open()
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case err := <-result: // It has ended in this moment, and set the status.
		return err
	default:
	}
	s.logger.Error("State file has not been opened yet; keeping state in memory until it is", "file", s.path)
	s.status.Failures++
	s.status.degrade(ErrOpening)
	s.wake()
	return ErrOpening
}

// open opens the file and logs the error.
func (s *Store) open() error {
	var err error
	if s.restored {
		err = s.reopen()
	} else {
		err = s.restore()
	}
	if err != nil {
		if s.isNew(err) {
			s.logger.Error("State file cannot be used; keeping state in memory and trying again", "file", s.path, "err", err, "interval", interval)
		}
		s.setStatus(func(st *Status) {
			st.Failures++
			st.degrade(err)
		})
		return err
	}
	s.logged = ""
	s.setStatus((*Status).heal)
	return nil
}

// An unreadableError is about a file that will not become readable by waiting.
type unreadableError struct {
	suffix string // Added to its name when it is set aside.
	error
}

// restore reads the file into the table, once in the life of a Store, and opens
// it for writing.
func (s *Store) restore() error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	lost := false
	err := s.read()
	if unreadable := (unreadableError{}); errors.As(err, &unreadable) {
		aside, renameErr := setAside(s.path, unreadable.suffix, "")
		if renameErr != nil {
			return fmt.Errorf("%w; it cannot be renamed either (%w): remove it", err, renameErr)
		}
		s.logger.Error("State file cannot be read; starting without the state of earlier runs", "file", s.path, "kept_as", aside, "err", err)
		lost, err = true, fs.ErrNotExist
	}
	missing := isMissing(err)
	if missing {
		err = s.create()
	}
	if err != nil {
		return err
	}
	s.restored = true
	s.setStatus(func(st *Status) { st.RestoreSuccessful = !lost })
	if missing {
		return nil
	}
	return s.reopen()
}

// read checks the file and puts what it holds into the table. It returns a
// [fs.ErrNotExist] if there is nothing in it yet.
func (s *Store) read() error {
	switch info, err := os.Stat(s.path); {
	case err != nil:
		return err
	case info.Mode().IsRegular() && info.Size() == 0: // A crash at the very first start.
		return fs.ErrNotExist
	}
	b, result, err := openChecked(s.path)
	if errors.As(err, new(damageError)) {
		return unreadableError{"damaged", err}
	}
	if err != nil {
		return err
	}
	defer b.close()
	if s.known, err = b.file.Stat(); err != nil {
		return err
	}
	s.meta, s.size = result.meta, s.known.Size()
	var r restored
	err = guard(func() error {
		return b.db.View(func(tx *bbolt.Tx) (err error) {
			if err := checkVersion(tx); err != nil {
				return err
			}
			s.restored = true // Even if only a part: a second time, counters would be added again.
			r, err = restore(tx, s.table)
			return err
		})
	})
	if err != nil {
		if !s.restored {
			return err
		}
		s.broken = err // The disk has failed since: what has been read is all there is.
	}
	for _, id := range r.seen {
		s.seen[id] = true
	}
	s.setStatus(func(st *Status) {
		st.Restored, st.Skipped, st.Damaged = r.series, r.skipped, r.damaged
		st.FileBytes = s.size
	})
	if r.skipped > 0 {
		s.logger.Warn("State file has series that this version does not support or does not have room for; they are left alone", "file", s.path, "series", r.skipped)
	}
	switch {
	case s.broken != nil:
		s.logger.Error("State file could be read only in part", "file", s.path, "err", s.broken)
	case r.damaged > 0:
		s.logger.Warn("State file has lost series or events, or their checksum is wrong; they are left out", "file", s.path, "records", r.damaged)
		s.broken = damage("%d series or events are missing or have a wrong checksum", r.damaged)
	case result.unwritable != nil:
		s.broken = result.unwritable
	case !result.whole:
		s.logger.Warn("The last write to the state file was cut off, or is damaged; using the one before", "file", s.path)
	}
	return nil
}

// checkVersion returns an [unreadableError] if this version cannot read a file.
func checkVersion(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil && tx.Bucket(bucketDevices) == nil {
		return nil // A crash has left it before anything was written.
	}
	var v []byte
	if meta != nil {
		v = meta.Get(keyVersion)
	}
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return unreadableError{"damaged", damage("its format version is %q", v)}
	}
	if n > formatVersion {
		return unreadableError{fmt.Sprintf("version%d", n), fmt.Errorf("its format is version %d, this exporter supports up to %d", n, formatVersion)}
	}
	return nil
}
