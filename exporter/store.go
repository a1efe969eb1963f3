package exporter

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// A Store keeps the table in a file, so that what a device has said once
// outlives the process.
//
// A change of the state of hardware is written at once, whatever else has
// changed within [StoreInterval], or when a scrape has shown it. Changes that
// arrive during a write wait for the next, so a slow disk costs delay and never
// blocks a listener. If the file cannot be used, the exporter works without
// and keeps trying.
//
// The file is a bbolt database with three buckets: meta, with the version of
// the format; messages, with the ids ever seen; devices, with a bucket for
// each device that holds 24 bytes for each series. Series that this version
// does not know are left alone.
type Store struct {
	path   string
	state  *collectors.Table
	logger *slog.Logger

	// Only Run uses what follows.
	db     *bbolt.DB
	update func(func(*bbolt.Tx) error) error // db.Update, or a test's.
	seen   map[uint32]bool                   // Message ids in the file.
	broken string                            // Why the file cannot be used, as last logged.

	mu        sync.Mutex
	committed uint64        // Version of the table that is in the file.
	failing   bool          // Whether the last write failed or no file is open.
	wake      chan struct{} // Closed and replaced after each write.
	hurry     chan struct{} // Receives when a scrape waits for a write.

	commits, failures         atomic.Uint64
	restored, skipped         atomic.Int64
	restoreSuccess            atomic.Bool
	commitsDesc, failuresDesc *prometheus.Desc
	restoredDesc, skippedDesc *prometheus.Desc
	successDesc               *prometheus.Desc
}

// StoreInterval is how often changes that are not urgent are written, and how
// often an unusable file is tried again.
const StoreInterval = 5 * time.Second

// The format of the file, and its parts.
const (
	storeFile    = "state.db"
	storeVersion = 1
	lockTimeout  = time.Second
)

var (
	bucketMeta     = []byte("meta")
	bucketMessages = []byte("messages")
	bucketDevices  = []byte("devices")
	keyVersion     = []byte("version")
)

// NewStore returns a Store that keeps state in a file in dir. The state must
// have been made with Persist. Nothing is opened before [Store.Open].
func NewStore(dir string, state *collectors.Table, logger *slog.Logger) *Store {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("ftd_exporter_state_"+name, help, nil, nil)
	}
	return &Store{
		path:   filepath.Join(dir, storeFile),
		state:  state,
		logger: logger,
		seen:   map[uint32]bool{},
		wake:   make(chan struct{}),
		hurry:  make(chan struct{}, 1),

		commitsDesc:  desc("commits_total", "Writes of changed series to the state file."),
		failuresDesc: desc("commit_failures_total", "Writes to the state file that failed; the changes are kept and written later."),
		restoredDesc: desc("restored_series", "Series that were read from the state file."),
		skippedDesc:  desc("skipped_series", "Series in the state file that this version does not know or has no room for."),
		successDesc:  desc("restore_successful", "Whether the state file could be read (1) or the state of earlier runs is missing (0)."),
	}
}

// Path returns the name of the file.
func (s *Store) Path() string { return s.path }

// Open opens the file and puts what it holds into the table. A file that is
// damaged, or was written by a later version, is set aside under another name.
// After any other error the Store keeps nothing until [Store.Run] succeeds in
// opening it.
func (s *Store) Open() error {
	err := s.open()
	if err == nil {
		s.broken = ""
		s.restoreSuccess.Store(true)
		return nil
	}
	if aside := s.setAside(err); aside != "" {
		s.logger.Error("State file cannot be read; starting without the state of earlier runs", "file", s.path, "kept_as", aside, "err", err)
		if err = s.open(); err == nil {
			return nil // The state is lost all the same: restoreSuccess stays false.
		}
	}
	s.setFailing(true)
	if s.broken != err.Error() {
		s.broken = err.Error()
		s.logger.Error("State file cannot be used; keeping state in memory and trying again", "file", s.path, "err", err, "interval", StoreInterval)
	}
	return err
}

// errUnreadable marks a file that will not get better.
type errUnreadable struct {
	suffix string
	error
}

func (e errUnreadable) Unwrap() error { return e.error }

func (s *Store) open() (err error) {
	var db *bbolt.DB
	// Bbolt reads the file as memory and trusts it. What damage makes of that
	// is a fault or a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = errUnreadable{"damaged", fmt.Errorf("damaged: %v", r)}
		}
		if err != nil && db != nil {
			closeQuietly(db)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	if info, err := os.Stat(s.path); err == nil && info.Size() > 0 && info.Size() < int64(2*os.Getpagesize()) {
		return errUnreadable{"damaged", fmt.Errorf("damaged: only %d bytes are left", info.Size())}
	}
	// The list of free pages is kept in the file: without it, bbolt looks for
	// them in a goroutine whose panic nobody can catch.
	db, err = bbolt.Open(s.path, 0o640, &bbolt.Options{
		Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType,
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return errors.New("another process has locked it")
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return errUnreadable{"damaged", err}
	case err != nil:
		return err
	}
	if err := s.prepare(db); err != nil {
		return err
	}
	restored, skipped, err := s.restore(db)
	if err != nil {
		return err
	}
	s.restored.Store(int64(restored))
	s.skipped.Store(int64(skipped))
	if skipped > 0 {
		s.logger.Warn("State file has series that this version does not know or has no room for; they are left alone", "file", s.path, "series", skipped)
	}
	s.db, s.update = db, db.Update
	s.setFailing(false)
	return nil
}

// closeQuietly closes a database that may be damaged.
func closeQuietly(db *bbolt.DB) {
	defer func() { _ = recover() }()
	_ = db.Close()
}

// prepare makes the buckets of a new file and checks the version of an old one.
func (s *Store) prepare(db *bbolt.DB) error {
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketMessages, bucketDevices} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		v := meta.Get(keyVersion)
		if v == nil {
			return meta.Put(keyVersion, []byte(strconv.Itoa(storeVersion)))
		}
		n, err := strconv.Atoi(string(v))
		if err != nil {
			return errUnreadable{"damaged", fmt.Errorf("format version %q", v)}
		}
		if n > storeVersion {
			return errUnreadable{fmt.Sprintf("version%d", n), fmt.Errorf("its format is version %d, this exporter knows up to %d", n, storeVersion)}
		}
		return nil
	})
}

// restore reads the whole file before it touches the table, so that a damaged
// one leaves no half of a state.
func (s *Store) restore(db *bbolt.DB) (restored, skipped int, err error) {
	devices, ids, err := readStore(db)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range devices {
		r, n := s.state.Restore(d.Device, d.Records)
		restored += r
		skipped += n
	}
	s.state.RestoreSeen(ids)
	clear(s.seen)
	for _, id := range ids {
		s.seen[id] = true
	}
	return restored, skipped, nil
}

// readStore returns what a file holds.
func readStore(db *bbolt.DB) (devices []collectors.DeviceChanges, ids []uint32, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(bucketMessages); b != nil {
			err := b.ForEach(func(k, _ []byte) error {
				if id, err := strconv.ParseUint(string(k), 10, 32); err == nil {
					ids = append(ids, uint32(id))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		all := tx.Bucket(bucketDevices)
		if all == nil {
			return nil
		}
		return all.ForEachBucket(func(name []byte) error {
			d := collectors.DeviceChanges{Device: string(name)}
			err := all.Bucket(name).ForEach(func(k, v []byte) error {
				r := collectors.Record{Key: string(k)}
				if len(v) >= recordSize {
					decodeRecord(v, &r)
				}
				d.Records = append(d.Records, r)
				return nil
			})
			devices = append(devices, d)
			return err
		})
	})
	return devices, ids, err
}

// recordSize is the size of a stored series: the value and two times.
const recordSize = 24

func encodeRecord(r *collectors.Record) []byte {
	b := make([]byte, 0, recordSize)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.Value))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Set))
	return binary.BigEndian.AppendUint64(b, uint64(r.Began))
}

func decodeRecord(b []byte, r *collectors.Record) {
	r.Value = math.Float64frombits(binary.BigEndian.Uint64(b))
	r.Set = int64(binary.BigEndian.Uint64(b[8:]))
	r.Began = int64(binary.BigEndian.Uint64(b[16:]))
}

// setAside renames the file if it will not get better, and returns its new
// name, or "".
func (s *Store) setAside(err error) string {
	var unreadable errUnreadable
	if !errors.As(err, &unreadable) {
		return ""
	}
	aside := fmt.Sprintf("%s.%s-%s", s.path, unreadable.suffix, time.Now().UTC().Format("20060102T150405.000Z"))
	if err := os.Rename(s.path, aside); err != nil {
		s.logger.Error("State file cannot be set aside", "file", s.path, "err", err)
		return ""
	}
	return aside
}

// Run writes changes until ctx is done, then once more, and closes the file. If
// the disk hangs at the end, it gives up after five seconds.
func (s *Store) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	<-ctx.Done()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		s.logger.Error("The last write to the state file does not end; leaving it", "file", s.path)
	}
}

// After a write, Run rests for restFactor times as long as it took, maxRest at
// most, unless it has to write everything. A part that fails is written at once;
// thousands that fail all the time do not keep a core busy with writing.
const (
	restFactor = 100
	maxRest    = time.Second
)

func (s *Store) run(ctx context.Context) {
	ticker := time.NewTicker(StoreInterval)
	defer ticker.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	take := s.state.TakeChanges
	for {
		start := time.Now()
		s.commit(take)
		rest.Reset(min(restFactor*time.Since(start), maxRest))
		var urgent <-chan struct{} // Nil during the rest.
		for take = nil; take == nil; {
			select {
			case <-rest.C:
				urgent = s.state.Urgent()
			case <-urgent:
				take = s.state.TakeUrgent
			case <-s.hurry:
				take = s.state.TakeChanges
			case <-ticker.C:
				take = s.state.TakeChanges
				if s.db == nil && s.update == nil {
					_ = s.Open()
				}
			case <-ctx.Done():
				s.commit(s.state.TakeChanges)
				if s.db != nil {
					closeQuietly(s.db)
				}
				return
			}
		}
	}
}

// commit writes the changes that take returns.
func (s *Store) commit(take func() collectors.Changes) {
	if s.update == nil {
		return // The changes stay in the table until there is a file.
	}
	changes := take()
	if len(changes.Devices) > 0 || len(changes.Forgotten) > 0 {
		if err := s.write(changes); err != nil {
			s.state.PutBack(changes)
			s.failures.Add(1)
			if s.broken != err.Error() {
				s.broken = err.Error()
				s.logger.Error("Writing the state file failed; the changes are kept and written later", "file", s.path, "err", err)
			}
			s.setFailing(true)
			return
		}
		s.commits.Add(1)
	}
	if s.broken != "" {
		s.broken = ""
		s.logger.Info("Writing the state file works again", "file", s.path)
	}
	s.mu.Lock()
	s.committed, s.failing = max(s.committed, changes.Version), false
	s.mu.Unlock()
	s.wakeAll()
}

func (s *Store) write(changes collectors.Changes) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	err = s.update(func(tx *bbolt.Tx) error {
		all := tx.Bucket(bucketDevices)
		for _, name := range changes.Forgotten {
			if err := all.DeleteBucket([]byte(name)); err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
				return err
			}
		}
		for _, d := range changes.Devices {
			b, err := all.CreateBucketIfNotExists([]byte(d.Device))
			if err != nil {
				return err
			}
			for i := range d.Records {
				r := &d.Records[i]
				if r.Deleted {
					err = b.Delete([]byte(r.Key))
				} else {
					err = b.Put([]byte(r.Key), encodeRecord(r))
				}
				if err != nil {
					return err
				}
			}
		}
		messages := tx.Bucket(bucketMessages)
		for _, id := range changes.Seen {
			if !s.seen[id] {
				if err := messages.Put([]byte(formatID(id)), nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		for _, id := range changes.Seen {
			s.seen[id] = true
		}
	}
	return err
}

func (s *Store) setFailing(failing bool) {
	s.mu.Lock()
	s.failing = failing
	s.mu.Unlock()
	s.wakeAll()
}

func (s *Store) wakeAll() {
	s.mu.Lock()
	close(s.wake)
	s.wake = make(chan struct{})
	s.mu.Unlock()
}

// Wait returns when all that the table shows is in the file, after limit, or when
// it is known that it cannot be written now.
func (s *Store) Wait(limit time.Duration) {
	version := s.state.Version()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		done, wake := s.committed >= version || s.failing, s.wake
		s.mu.Unlock()
		if done {
			return
		}
		select {
		case s.hurry <- struct{}{}:
		default: // It has been told.
		}
		select {
		case <-wake:
		case <-timer.C:
			return
		}
	}
}

// scrapeWait bounds how long a scrape waits for the disk.
const scrapeWait = time.Second

// Describe implements [prometheus.Collector].
func (s *Store) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.commitsDesc, s.failuresDesc, s.restoredDesc, s.skippedDesc, s.successDesc} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (s *Store) Collect(ch chan<- prometheus.Metric) {
	success := 0.0
	if s.restoreSuccess.Load() {
		success = 1
	}
	ch <- prometheus.MustNewConstMetric(s.commitsDesc, prometheus.CounterValue, float64(s.commits.Load()))
	ch <- prometheus.MustNewConstMetric(s.failuresDesc, prometheus.CounterValue, float64(s.failures.Load()))
	ch <- prometheus.MustNewConstMetric(s.restoredDesc, prometheus.GaugeValue, float64(s.restored.Load()))
	ch <- prometheus.MustNewConstMetric(s.skippedDesc, prometheus.GaugeValue, float64(s.skipped.Load()))
	ch <- prometheus.MustNewConstMetric(s.successDesc, prometheus.GaugeValue, success)
}
