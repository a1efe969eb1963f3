package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long another process may take to let go of the file.
const lockTimeout = time.Second

// errLocked is the error for a file that another process has open.
var errLocked = errors.New("another process has locked it; stop that process, or use another --storage.path")

// Open opens the file, which is created if there is none, and puts what it holds
// into the table. A file that is damaged, or that a later version has written,
// is set aside under another name, and an empty one takes its place. After any
// other error the Store keeps nothing until [Store.Run], which tries again every
// five seconds, succeeds in opening it. Open logs its error.
//
// Call it once, before Run. What the table has already is newer than the file.
func (s *Store) Open() error {
	db, err := s.open()
	lost := false
	if unreadable := (unreadableError{}); errors.As(err, &unreadable) {
		if aside, renameErr := s.setAside(unreadable.suffix); renameErr != nil {
			err = fmt.Errorf("%w; it cannot be renamed either (%w): remove it", err, renameErr)
		} else {
			s.logger.Error("State file cannot be read; starting without the state of earlier runs", "file", s.path, "kept_as", aside, "err", err)
			lost = true
			db, err = s.open()
		}
	}
	if err != nil {
		if s.isNew(err) {
			s.logger.Error("State file cannot be used; keeping state in memory and trying again", "file", s.path, "err", err, "interval", interval)
		}
		s.setStatus(func(st *Status) { st.degrade(err) })
		return err
	}
	s.db, s.logged = db, ""
	s.setStatus(func(st *Status) {
		st.RestoreSuccessful = !lost
		st.heal()
	})
	return nil
}

// setAside renames the file and returns its new name.
func (s *Store) setAside(suffix string) (aside string, err error) {
	aside = fmt.Sprintf("%s.%s-%s", s.path, suffix, time.Now().UTC().Format("20060102T150405.000Z"))
	err = os.Rename(s.path, aside)
	// The log has an error once: without the new name, it is the same each time.
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		err = link.Err
	}
	return aside, err
}

// An unreadableError is about a file that will not become readable by waiting.
type unreadableError struct {
	suffix string // Added to its name when it is set aside.
	error
}

func (e unreadableError) Unwrap() error { return e.error }

// guard calls f, which uses bbolt, and returns an error if it panics. Bbolt reads
// the file as memory and trusts it; damage in the file becomes a memory fault or
// a panic.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = unreadableError{"damaged", fmt.Errorf("damaged: %v", r)}
		}
	}()
	return f()
}

// closeDamaged closes a database that may be damaged.
func closeDamaged(db database) { _ = guard(db.Close) }

// openFile opens a state file. The caller calls it within [guard], and closes
// the database.
func openFile(path string, readOnly bool) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o640, &bbolt.Options{
		Timeout:  lockTimeout,
		ReadOnly: readOnly,
		// With the list of free pages in the file, which is the default, bbolt
		// does not have to look for them, in a goroutine whose panic nobody could
		// recover.
		FreelistType: bbolt.FreelistMapType,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, errLocked
	}
	return db, err
}

// open opens the file, restores the table and returns the database.
func (s *Store) open() (db *bbolt.DB, err error) {
	err = guard(func() (err error) {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
			return err
		}
		if info, err := os.Stat(s.path); err == nil && info.Size() > 0 && info.Size() < int64(2*os.Getpagesize()) {
			return unreadableError{"damaged", fmt.Errorf("damaged: only %d bytes are left", info.Size())}
		}
		db, err = openFile(s.path, false)
		switch {
		case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
			return unreadableError{"damaged", err}
		case err != nil:
			return err
		}
		if err := db.Update(prepare); err != nil {
			return err
		}
		return s.restore(db)
	})
	if err != nil && db != nil {
		closeDamaged(db)
		db = nil
	}
	return db, err
}

// prepare creates the buckets of a new file and checks the version of an old
// one.
func prepare(tx *bbolt.Tx) error {
	if err := createBuckets(tx); err != nil {
		return err
	}
	v := tx.Bucket(bucketMeta).Get(keyVersion)
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return unreadableError{"damaged", fmt.Errorf("damaged: its format version is %q", v)}
	}
	if n > formatVersion {
		return unreadableError{fmt.Sprintf("version%d", n), fmt.Errorf("its format is version %d, this exporter supports up to %d", n, formatVersion)}
	}
	return nil
}

// restore reads the whole file before it touches the table, so that a damaged
// one does not leave half of a state.
func (s *Store) restore(db database) error {
	var content fileContent
	if err := db.View(content.read); err != nil {
		return err
	}
	restored, skipped := content.restore(s.table)
	clear(s.seen)
	for _, id := range content.seen {
		s.seen[id] = true
	}
	s.setStatus(func(st *Status) { st.Restored, st.Skipped = restored, skipped })
	if skipped > 0 {
		s.logger.Warn("State file has series that this version does not support or has no room for; they are left alone", "file", s.path, "series", skipped)
	}
	return nil
}
