package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// This file keeps a Store at work when its file is not what it was: everything is
// in the table, so it writes the whole table into a new file.

// A changedError states what somebody else has done to the file.
type changedError struct {
	what   string
	suffix string // Of the name under which what is there now is kept, if anything is.
}

func (e changedError) Error() string { return "the file " + e.what }

const (
	// newSuffix is added to the name of a file that is being written anew.
	newSuffix = ".new"
	// firstPause and maxPauseAnew are how long the Store waits between two times
	// that it sets a file aside, so that a disk that damages all that is written
	// to it is not filled with what is kept.
	firstPause   = interval
	maxPauseAnew = 5 * time.Minute
)

// look compares the open file with what is at its path, and its head with what
// was written last. It returns a [changedError] if they are not the same.
func (s *Store) look() error {
	if s.file == nil {
		return nil // The database of a test.
	}
	info, err := os.Stat(s.path)
	switch {
	case isMissing(err):
		return changedError{"has been removed", ""}
	case err != nil:
		return err
	case !os.SameFile(info, s.known):
		return changedError{"has been replaced", "replaced"}
	case info.Size() < s.size:
		return changedError{"has been cut", "damaged"}
	}
	m, _, err := readMeta(s.file)
	if errors.As(err, new(damageError)) || err == nil && m.txid != s.meta.txid {
		return changedError{"has been overwritten", "damaged"}
	}
	return err
}

// leave lets go of the file after an error that is not one of the system, so that
// reopen takes care of it.
func (s *Store) leave(err error) {
	s.setLive(nil)
	if errors.As(err, new(panicError)) {
		if s.file != nil {
			s.file.Close()
		}
	} else {
		closeDatabase(s.db)
	}
	s.db, s.file = nil, nil
	// After these, the file is as it was.
	if !errors.Is(err, berrors.ErrInvalidMapping) && !errors.Is(err, berrors.ErrDatabaseNotOpen) {
		s.broken = err
	}
}

// reopen opens the file of a Store that has restored its table, or writes it
// anew if it is broken or not the same.
func (s *Store) reopen() error {
	if s.broken == nil {
		err := s.attach()
		if !errors.As(err, new(changedError)) && !errors.As(err, new(damageError)) {
			return err
		}
		s.broken = err
	}
	return s.rebuild()
}

// attach opens the file of the Store for writing.
func (s *Store) attach() error {
	b, err := openBolt(s.path, false, false)
	if isMissing(err) {
		return changedError{"has been removed", ""}
	}
	if err != nil {
		return err
	}
	info, err := b.file.Stat()
	if err == nil && s.known != nil && !os.SameFile(info, s.known) {
		err = changedError{"has been replaced", "replaced"}
	}
	var m meta
	if err == nil {
		m, _, err = readMeta(b.file)
	}
	if err == nil && m.txid != s.meta.txid {
		err = changedError{"has been overwritten", "damaged"}
	}
	if err != nil {
		b.close()
		return err
	}
	return s.adopt(b)
}

// create makes a new file.
func (s *Store) create() error {
	b, err := openBolt(s.path, false, true)
	if err != nil {
		return err
	}
	if err := s.adopt(b); err != nil {
		return err
	}
	syncDirectory(s.path)
	return nil
}

// adopt takes a file that has been opened for writing.
func (s *Store) adopt(b boltFile) (err error) {
	if s.known, err = b.file.Stat(); err != nil {
		b.close()
		return err
	}
	prepared := false
	err = guard(func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			prepared = isPrepared(tx)
			return nil
		})
	})
	if err == nil && !prepared {
		err = update(b.db, prepare)
	}
	if err == nil {
		s.meta, _, err = readMeta(b.file)
	}
	if err == nil {
		s.known, err = b.file.Stat()
	}
	if err != nil {
		if errors.As(err, new(panicError)) {
			b.file.Close()
			s.broken = err
		} else {
			b.close()
		}
		return err
	}
	s.db, s.file, s.size = b.db, b.file, s.known.Size()
	s.setLive(b.db)
	s.setStatus(func(st *Status) { st.FileBytes = s.size })
	return nil
}

// rebuild writes the whole table into a new file, which takes the place of a
// broken one. That is set aside.
func (s *Store) rebuild() error {
	suffix := "damaged"
	if changed := (changedError{}); errors.As(s.broken, &changed) {
		suffix = changed.suffix
	}
	if wait := time.Until(s.anewAt).Round(time.Second); wait > 0 && suffix != "" {
		return fmt.Errorf("%w, once more; writing it anew in a while", s.broken)
	}
	// A file that another process writes must stay where it is.
	if info, err := os.Stat(s.path); err == nil && info.Mode().IsRegular() && !os.SameFile(info, s.known) {
		b, err := openBolt(s.path, true, false)
		if errors.Is(err, errLocked) {
			return err
		}
		if err == nil {
			b.close()
		}
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	s.mu.Lock()
	s.committed = 0
	s.mu.Unlock()
	s.table.MarkAll()
	whole := wholeTable{Table: s.table}
	aside, err := s.writeNew(&whole, suffix)
	if err != nil {
		_ = os.Remove(s.path + newSuffix)
		whole.putBack()
		return err
	}
	s.logger.Warn("State file was written anew from memory", "file", s.path, "reason", s.broken, "kept_as", aside)
	s.broken = nil
	if aside != "" {
		s.pauseAnew()
	}
	if err := s.attach(); err != nil {
		whole.putBack()
		return err
	}
	s.setStatus(func(st *Status) {
		st.Rewrites++
		st.Commits++
		st.LastCommit = time.Now()
		s.committed = whole.version
	})
	return nil
}

// A wholeTable takes the whole table, which is marked, in parts, so that it need
// not be in memory twice.
type wholeTable struct {
	Table
	version uint64 // Of the table, once all of it is taken.
	// forgotten are the parts with devices that were forgotten: MarkAll does not
	// bring those back.
	forgotten []state.Changes
}

// each calls write with one part after the other.
func (w *wholeTable) each(write func(*state.Changes) error) error {
	for {
		part := w.TakeSome(maxPart)
		if len(part.Forgotten) > 0 {
			w.forgotten = append(w.forgotten, part)
		}
		if err := write(&part); err != nil {
			return err
		}
		if w.version = part.Version; w.version != 0 || isEmpty(&part) {
			return nil
		}
	}
}

// putBack gives back what was taken, because it could not be stored.
func (w *wholeTable) putBack() {
	for _, part := range slices.Backward(w.forgotten) {
		w.PutBack(part)
	}
	w.MarkAll()
}

// writeNew writes the whole table to a new file and puts it in its place. It
// returns the name under which it has kept what was there, if anything.
func (s *Store) writeNew(whole *wholeTable, suffix string) (aside string, err error) {
	path := s.path + newSuffix
	if err := os.Remove(path); err != nil && !isMissing(err) {
		return "", err
	}
	b, err := openBolt(path, false, true)
	if err != nil {
		return "", err
	}
	seen := map[catalog.ID]bool{}
	if err = update(b.db, prepare); err == nil {
		err = whole.each(func(part *state.Changes) error { return s.write(b.db, part, seen) })
	}
	var (
		m    meta
		info os.FileInfo
	)
	if err == nil {
		m, _, err = readMeta(b.file)
	}
	if err == nil {
		info, err = b.file.Stat()
	}
	if errors.As(err, new(panicError)) {
		b.file.Close()
	} else {
		b.close()
	}
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(s.path); isMissing(err) {
		if err := os.Rename(path, s.path); err != nil {
			return "", err
		}
		syncDirectory(s.path)
	} else if aside, err = setAside(s.path, suffix, path); err != nil {
		return "", err
	}
	s.known, s.meta, s.size, s.seen = info, m, info.Size(), seen
	return aside, nil
}

// pauseAnew makes the next file that is broken wait, longer each time, unless a
// while has passed.
func (s *Store) pauseAnew() {
	if time.Since(s.anewAt) > maxPauseAnew {
		s.anewPause = 0
	}
	s.anewPause = min(max(2*s.anewPause, firstPause), maxPauseAnew)
	s.anewAt = time.Now().Add(s.anewPause)
}
