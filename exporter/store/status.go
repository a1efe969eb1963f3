package store

import (
	"time"

	"go.etcd.io/bbolt"
)

// A Status describes how a Store is doing.
type Status struct {
	// Path is the name of the file.
	Path string
	// Restored is how many series were read from the file, Skipped how many
	// series of the file this version does not support or does not have room for.
	Restored, Skipped int
	// Damaged is how many series of the file were left out, because their
	// checksum was wrong, or were missing.
	Damaged int
	// RestoreSuccessful is whether the file could be read, or there was none.
	// After a file was set aside it stays false: the state of earlier runs is
	// missing.
	RestoreSuccessful bool
	// Commits counts writes of changed series. Failures counts writes that failed
	// or did not end in time, and attempts to open the file.
	Commits, Failures uint64
	// Rewrites counts how often the whole table was written into a new file,
	// because the file was removed, replaced or damaged.
	Rewrites uint64
	// FileBytes is the size of the file, 0 if none has been opened.
	FileBytes int64
	// LastCommit is when changes were written last, zero if never.
	LastCommit time.Time
	// Degraded is set while the state is in memory only, because no file is open,
	// the last write failed, or has not ended in time. DegradedSince and LastError give the time and the
	// reason; they are empty otherwise.
	Degraded      bool
	DegradedSince time.Time
	LastError     string
}

// Status returns how the store is doing now. It may be called at any time.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// setStatus calls change with the status, under the lock, and wakes all calls of
// Wait.
func (s *Store) setStatus(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
	s.wake()
}

// wake wakes all calls of Wait. The caller holds the lock.
func (s *Store) wake() {
	close(s.written)
	s.written = make(chan struct{})
}

// setLive notes the open database, nil for none.
func (s *Store) setLive(db *bbolt.DB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = db
}

// degrade notes that the state is in memory only, because of err.
func (st *Status) degrade(err error) {
	if !st.Degraded {
		st.Degraded, st.DegradedSince = true, time.Now()
	}
	st.LastError = err.Error()
}

func (st *Status) heal() {
	st.Degraded, st.DegradedSince, st.LastError = false, time.Time{}, ""
}

// WaitStored returns true when everything that the table shows at the time of the
// call is in the file. It returns false after limit, or as soon as it is known
// that it cannot be written now; it is written later then, if it can.
func (s *Store) WaitStored(limit time.Duration) bool {
	version := s.table.Version()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		stored, degraded, written := s.committed >= version, s.status.Degraded, s.written
		s.mu.Unlock()
		if stored || degraded {
			return stored
		}
		select {
		case s.flush <- struct{}{}:
		default: // A write has been asked for already.
		}
		select {
		case <-written:
		case <-timer.C:
			return false
		}
	}
}
