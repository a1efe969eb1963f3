// Package store keeps the table in a file, so that what a device has reported
// once survives a restart, a crash and kill -9.
//
// The composition makes a [Store] with [New], has it read the file with
// [Store.Open] when the listeners are open, and runs [Store.Run] until they are
// closed. Package web calls [Store.Wait], through a function that it is given,
// before it answers a scrape, and shows [Store.Status]. The commands for a
// stopped exporter use [Load] and [Forget].
//
// The package imports state for the form of the changes, and client_golang for
// its metrics; it is the only one that imports bbolt. It treats the keys of
// series as bytes and never looks into one.
package store

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// Table is what a Store needs of the table; see [state.Table] for the methods.
// They may be called while the table is in use.
type Table interface {
	// Version grows with each change that has to be stored. A change is in the
	// file when changes of at least its version are.
	Version() uint64
	// Urgent receives after a change that has to be stored at once.
	Urgent() <-chan struct{}
	// TakeChanges returns all changes since the last call, TakeUrgent the urgent
	// ones. The caller owns the result.
	TakeChanges() state.Changes
	TakeUrgent() state.Changes
	// PutBack returns changes to the table that could not be stored, so that
	// they are taken again. The table owns them from then on.
	PutBack(changes state.Changes)
	// Restore puts stored series of a device into the table and returns how
	// many, and how many it left out because it does not support them or has no
	// room for them.
	Restore(device string, records []state.Record) (restored, skipped int)
	// RestoreSeen notes message ids that were received in earlier runs.
	RestoreSeen(ids []uint32)
}

// A Store keeps a table in a file.
//
// A change of the state of hardware is written at once, together with all that
// has changed so far of that kind. Everything else is written at least every
// five seconds, and when a scrape has shown it. Changes that arrive during a
// write wait for the next, so a slow disk costs delay and never blocks a
// listener. If the file cannot be used, the exporter works without it and keeps
// trying.
type Store struct {
	path   string
	table  Table
	logger *slog.Logger

	// Open and Run only, which are never called at the same time.
	db     database        // Nil as long as no file is open.
	seen   map[uint32]bool // Message ids in the file.
	logged string          // The error that was logged last, "" if it is over.

	flush chan struct{} // Receives when Wait needs a write.

	mu        sync.Mutex    // Held for moments, never during a write.
	status    Status        // Counts and times since New.
	committed uint64        // The version of the table that is in the file.
	written   chan struct{} // Closed and replaced after each change of the two above.
}

// A database is what a Store needs of a [bbolt.DB] that is open.
type database interface {
	View(f func(*bbolt.Tx) error) error
	// Update commits what f writes, all of it or nothing.
	Update(f func(*bbolt.Tx) error) error
	Close() error
}

// A Status describes how a Store is doing.
type Status struct {
	// Path is the name of the file.
	Path string
	// Restored is how many series were read from the file, Skipped how many
	// series of the file this version does not support or has no room for.
	Restored, Skipped int
	// RestoreSuccessful is whether the file could be read, or there was none.
	// After a file was set aside it stays false: the state of earlier runs is
	// missing.
	RestoreSuccessful bool
	// Commits counts writes of changed series, Failures writes that failed.
	Commits, Failures uint64
	// LastCommit is when changes were written last, zero if never.
	LastCommit time.Time
	// Degraded is set while the state is in memory only, because no file is open
	// or the last write failed. DegradedSince and LastError give the time and the
	// reason; they are empty otherwise.
	Degraded      bool
	DegradedSince time.Time
	LastError     string
}

const (
	// interval is how often changes that are not urgent are written, and how
	// often an unusable file is tried again.
	interval = 5 * time.Second
	// stopTimeout bounds the last write, on the way out.
	stopTimeout = 5 * time.Second
	// After a write, Run pauses for pauseFactor times as long as it took, for
	// maxPause at most, unless it has to write everything. A part that fails is
	// written at once; thousands that fail all the time do not keep a core busy
	// with writing.
	pauseFactor = 100
	maxPause    = time.Second
)

// New returns a Store that keeps t in a file in dir, which is created when
// needed. A table made by [state.New] must have been made with Persist. Nothing
// is opened before [Store.Open].
func New(dir string, t Table, logger *slog.Logger) *Store {
	path := filepath.Join(dir, fileName)
	return &Store{
		path:    path,
		table:   t,
		logger:  logger,
		seen:    map[uint32]bool{},
		flush:   make(chan struct{}, 1),
		status:  Status{Path: path},
		written: make(chan struct{}),
	}
}

// Status returns how the store is doing now. It may be called at any time.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Run writes changes until ctx is done, then once more, and closes the file. If
// the disk hangs at the end, it gives up after five seconds and leaves the write
// to itself.
func (s *Store) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	<-ctx.Done()
	select {
	case <-done:
	case <-time.After(stopTimeout):
		s.logger.Error("The last write to the state file does not end; stopping without it", "file", s.path)
	}
}

func (s *Store) run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	take := s.table.TakeChanges
	for {
		start := time.Now()
		s.commit(take)
		pause.Reset(min(pauseFactor*time.Since(start), maxPause))
		var urgent <-chan struct{} // Nil during the pause.
		for take = nil; take == nil; {
			select {
			case <-pause.C:
				urgent = s.table.Urgent()
			case <-urgent:
				take = s.table.TakeUrgent
			case <-s.flush:
				take = s.table.TakeChanges
			case <-ticker.C:
				take = s.table.TakeChanges
				if s.db == nil {
					_ = s.Open() // It has logged the error.
				}
			case <-ctx.Done():
				s.commit(s.table.TakeChanges)
				if s.db != nil {
					closeDamaged(s.db)
				}
				return
			}
		}
	}
}

// commit writes the changes that take returns.
func (s *Store) commit(take func() state.Changes) {
	if s.db == nil {
		return // The changes stay in the table until there is a file.
	}
	changes := take()
	empty := len(changes.Devices) == 0 && len(changes.Forgotten) == 0
	if !empty {
		if err := s.write(&changes); err != nil {
			s.table.PutBack(changes)
			if s.isNew(err) {
				s.logger.Error("Writing the state file failed; the changes are kept and written later", "file", s.path, "err", err)
			}
			s.setStatus(func(st *Status) {
				st.Failures++
				st.degrade(err)
			})
			return
		}
	}
	if s.logged != "" {
		s.logged = ""
		s.logger.Info("Writing the state file works again", "file", s.path)
	}
	s.setStatus(func(st *Status) {
		if !empty {
			st.Commits++
			st.LastCommit = time.Now()
		}
		st.heal()
		s.committed = max(s.committed, changes.Version)
	})
}

// write writes changes to the file, all of them or none.
func (s *Store) write(changes *state.Changes) error {
	err := guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error { return writeChanges(tx, changes, s.seen) })
	})
	if err == nil {
		for _, id := range changes.Seen {
			s.seen[id] = true
		}
	}
	return err
}

// isNew reports whether err is not the error that was logged last, and takes it
// for logged.
func (s *Store) isNew(err error) bool {
	last := s.logged
	s.logged = err.Error()
	return last != s.logged
}

// setStatus calls change with the status, under the lock, and wakes all calls of
// Wait.
func (s *Store) setStatus(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
	close(s.written)
	s.written = make(chan struct{})
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

// Wait returns when everything that the table shows at the time of the call is
// in the file, after limit, or as soon as it is known that it cannot be written
// now.
func (s *Store) Wait(limit time.Duration) {
	version := s.table.Version()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		done, written := s.committed >= version || s.status.Degraded, s.written
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case s.flush <- struct{}{}:
		default: // A write has been asked for already.
		}
		select {
		case <-written:
		case <-timer.C:
			return
		}
	}
}
