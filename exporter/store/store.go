// Package store keeps the table in a file, so that what a device has reported
// once survives a restart, a crash and kill -9.
//
// The composition makes a [Store] with [New], has it read the file with
// [Store.Open] when the listeners are open, and runs [Store.Run] until they are
// closed. Package web calls [Store.WaitStored] and [Store.Backup],
// through functions that it is given, before it answers, and shows
// [Store.Status]. The commands for a stopped exporter use [Load] and [Write].
//
// The table has everything that the file has, so the file is replaced by a new
// one whenever it turns out not to be what was written: it is checked before it
// is used (check.go), looked at before each write (heal.go), and its records have
// checksums (checksum.go).
//
// The package imports state for the form of the changes, and client_golang for
// its metrics; it is the only one that imports bbolt. It treats the keys of
// series as bytes and never looks into one.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
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
	// TakeSome is TakeChanges for about so many records at a time. The last part
	// has a Version.
	TakeSome(records int) state.Changes
	// PutBack returns changes to the table that could not be stored, so that
	// they are taken again. The table owns them from then on.
	PutBack(changes state.Changes)
	// MarkAll makes the next TakeChanges return all that the table holds.
	MarkAll()
	// Priority returns how much a stored device needs its place: more than 0 if
	// it is to be restored before the others.
	Priority(device string, records []state.Record) int
	// Restore puts stored series of a device into the table and returns how
	// many, and how many it left out because it does not support them or does not have
	// room for them.
	Restore(device string, records []state.Record) (restored, skipped int)
	// RestoreSeen notes message ids that were received in earlier runs.
	RestoreSeen(ids []catalog.ID)
	// RestoreEvents puts the events of earlier runs before those of this one, and
	// returns how many it supports. It is called after all devices are restored.
	RestoreEvents(records []state.EventRecord) (restored int)
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

	opening chan struct{} // Closed when Open has ended, also in the background.

	// Open and Run only, which are never at work at the same time.
	db        database            // Nil as long as no file is open.
	file      *os.File            // The file of db; nil for the database of a test.
	known     os.FileInfo         // Which file that is or was,
	meta      meta                // its head as it was written last,
	size      int64               // and its size.
	restored  bool                // The file has been read, if there was one. It never is again.
	broken    error               // Why the file must be written anew, or nil.
	anewAt    time.Time           // It may not be set aside before,
	anewPause time.Duration       // which was so long after the last time.
	seen      map[catalog.ID]bool // Message ids in the file.
	logged    string              // The error that was logged last, "" if it is over.

	unreleased int           // Records written since the last release.
	releaseAt  time.Time     // The earliest time of the next.
	releasing  chan struct{} // Holds one while it is at work.

	duration prometheus.Histogram
	backup   sync.Mutex // Held by Backup.

	flush chan struct{} // Receives when Wait needs a write.

	mu        sync.Mutex    // Held for moments, never during a write.
	status    Status        // Counts and times since New.
	committed uint64        // The version of the table that is in the file.
	written   chan struct{} // Closed and replaced after each change of the two above.
	live      *bbolt.DB     // The open database, for Backup; nil if there is none.
}

// A database is what a Store needs of a [bbolt.DB] that is open.
type database interface {
	View(f func(*bbolt.Tx) error) error
	// Update commits what f writes, all of it or nothing.
	Update(f func(*bbolt.Tx) error) error
	Close() error
}

const (
	// interval is how often changes that are not urgent are written, and how
	// often an unusable file is tried again.
	interval = 5 * time.Second
	// writeLimit is how long a write may take before it counts as failed. The
	// disk hangs then; it is waited for all the same.
	writeLimit = 5 * time.Second
	// stopTimeout bounds the last write, on the way out.
	stopTimeout = 5 * time.Second
	// After a write, Run pauses for pauseFactor times as long as it took, for
	// maxPause at most, unless it has to write everything. A part that fails is
	// written at once; thousands that fail all the time do not keep a core busy
	// with writing.
	pauseFactor = 100
	maxPause    = time.Second
)

// ErrUnwritten is what [Store.Run] returns if not all of the table is in the file
// at the end.
var ErrUnwritten = errors.New("the state was not written; the changes since the last write are lost")

// errHangs is why a Store is degraded whose write does not end.
var errHangs = fmt.Errorf("a write has not ended within %s; does the disk hang?", writeLimit)

// New returns a Store that keeps t in a file in dir, which is created when
// needed. A table made by [state.New] must have been made with Persist. Nothing
// is opened before [Store.Open].
func New(dir string, t Table, logger *slog.Logger) *Store {
	path := filepath.Join(dir, fileName)
	return &Store{
		path:    path,
		table:   t,
		logger:  logger,
		seen:    map[catalog.ID]bool{},
		flush:   make(chan struct{}, 1),
		status:  Status{Path: path},
		written: make(chan struct{}),

		releasing: make(chan struct{}, 1),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ftd_exporter_state_commit_duration_seconds",
			Help:    "How long writes to the state file took, failed ones included.",
			Buckets: []float64{.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
}

// Run writes changes until ctx is done, then once more, and closes the file. If
// the disk hangs at the end, it gives up after five seconds and leaves the write
// to itself. It returns [ErrUnwritten] if the file has not all of the table then.
func (s *Store) Run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()
	<-ctx.Done()
	select {
	case err := <-done:
		return err
	case <-time.After(stopTimeout):
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.committed >= s.table.Version() {
			return nil // It is the opening that has not ended, and nothing has come since.
		}
		s.logger.Error("The last write to the state file does not end; stopping without it", "file", s.path)
		return fmt.Errorf("%w: %w", ErrUnwritten, errHangs)
	}
}

func (s *Store) run(ctx context.Context) error {
	if s.opening != nil {
		<-s.opening
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	commit := s.commitAll
	for {
		start := time.Now()
		commit()
		pause.Reset(min(pauseFactor*time.Since(start), maxPause))
		var urgent <-chan struct{} // Nil during the pause.
		for commit = nil; commit == nil; {
			select {
			case <-pause.C:
				urgent = s.table.Urgent()
			case <-urgent:
				commit = s.commitUrgent
			case <-s.flush:
				commit = s.commitAll
			case <-ticker.C:
				commit = s.commitAll
				if s.db == nil {
					_ = s.open() // It has logged the error.
				}
			case <-ctx.Done():
				return s.end()
			}
		}
	}
}

// end writes what is left, closes the file and returns whether all is written.
func (s *Store) end() error {
	s.commitAll()
	if s.db != nil {
		s.setLive(nil)
		closeDatabase(s.db)
		s.db = nil
	}
	if left := s.table.TakeChanges(); !isEmpty(&left) {
		return fmt.Errorf("%w: %s", ErrUnwritten, s.Status().LastError)
	}
	return nil
}

// commitAll writes all changes, in parts, so that those of a large table need not
// be in memory twice.
func (s *Store) commitAll() {
	some := func() state.Changes { return s.table.TakeSome(maxPart) }
	for s.commit(some) {
	}
	s.release()
}

func (s *Store) commitUrgent() { s.commit(s.table.TakeUrgent) }

// commit writes the changes that take returns, or the whole table if the file is
// not what it was. It reports whether some were written and do not lead to a
// version of the table, because more may follow.
func (s *Store) commit(take func() state.Changes) (more bool) {
	if s.db == nil {
		return false // The changes stay in the table until there is a file.
	}
	changes, err := s.writeTaken(take)
	if err != nil && !isOfSystem(err) {
		s.leave(err)
		if !errors.As(err, new(changedError)) {
			s.failed(err)
		}
		err = s.open()
		if err != nil {
			return false // It has logged and counted the error.
		}
		changes = state.Changes{}
	}
	if err != nil {
		s.failed(err)
		return false
	}
	if s.logged != "" {
		s.logged = ""
		s.logger.Info("Writing the state file works again", "file", s.path)
	}
	s.setStatus(func(st *Status) {
		if !isEmpty(&changes) {
			st.Commits++
			st.LastCommit = time.Now()
			st.FileBytes = s.size
		}
		st.heal()
		s.committed = max(s.committed, changes.Version)
	})
	return changes.Version == 0 && !isEmpty(&changes)
}

func isEmpty(changes *state.Changes) bool {
	return len(changes.Devices) == 0 && len(changes.Forgotten) == 0 && len(changes.Events) == 0
}

// writeTaken writes the changes that take returns if the file is still the same.
func (s *Store) writeTaken(take func() state.Changes) (state.Changes, error) {
	stop := s.watch()
	err := s.look()
	stop()
	if err != nil {
		return state.Changes{}, err
	}
	changes := take()
	if isEmpty(&changes) {
		return changes, nil
	}
	if err = s.write(s.db, &changes, s.seen); err != nil {
		s.table.PutBack(changes)
	}
	if s.file == nil {
		return changes, err
	}
	// A write that failed may have reached the head of the file all the same.
	if m, _, e := readMeta(s.file); e == nil && (err == nil || m.txid == s.meta.txid+1) {
		s.meta = m
	}
	if info, e := s.file.Stat(); e == nil {
		s.size = info.Size()
	}
	return changes, err
}

// failed logs and counts a write that failed.
func (s *Store) failed(err error) {
	if s.isNew(err) {
		s.logger.Error("Writing the state file failed; the changes are kept and written later", "file", s.path, "err", err)
	}
	s.setStatus(func(st *Status) {
		st.Failures++
		st.degrade(err)
	})
}

// write writes changes to a database and adds to the message ids that it has.
func (s *Store) write(db database, changes *state.Changes, seen map[catalog.ID]bool) error {
	return inParts(changes, func(part *state.Changes) error {
		defer s.watch()()
		start := time.Now()
		err := update(db, func(tx *bbolt.Tx) error { return writeChanges(tx, part, seen) })
		s.duration.Observe(time.Since(start).Seconds())
		for i := range part.Devices {
			s.unreleased += len(part.Devices[i].Records)
		}
		if err == nil {
			for _, id := range part.Seen {
				seen[id] = true
			}
		}
		return err
	})
}

// watch counts a write as failed if stop is not called in time.
func (s *Store) watch() (stop func()) {
	timer := time.AfterFunc(writeLimit, func() {
		s.logger.Error("Writing the state file does not end; the changes are in memory until it does", "file", s.path, "err", errHangs)
		s.setStatus(func(st *Status) {
			st.Failures++
			st.degrade(errHangs)
		})
	})
	return func() {
		if !timer.Stop() {
			s.logged = errHangs.Error()
		}
	}
}

// isNew reports whether err is not the error that was logged last, and takes it
// for logged.
func (s *Store) isNew(err error) bool {
	last := s.logged
	s.logged = err.Error()
	return last != s.logged
}
