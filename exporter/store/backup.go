package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// ErrBusy is what [Store.Backup] returns while another one is being made.
var ErrBusy = errors.New("another backup is being made; try again later")

// backupWait bounds how long a backup waits for what is not written yet.
const backupWait = 5 * time.Second

// Backup writes a consistent copy of the file to w, with everything that the
// table shows at the time of the call. The copy is a state file. If it cannot be
// made, which needs room for it beside the file, nothing has been written to w;
// otherwise the error is that of w. It may be called at any time.
func (s *Store) Backup(w io.Writer) error {
	if !s.backup.TryLock() {
		return ErrBusy
	}
	defer s.backup.Unlock()
	if !s.WaitStored(backupWait) {
		return errors.New("the state file cannot be written now; the log has the reason")
	}
	// A slow reader must not hold a transaction: the file could not grow. So the
	// copy is made first. What a process left that was killed goes with it.
	pattern := s.path + ".backup-*"
	left, _ := filepath.Glob(pattern)
	for _, name := range left {
		_ = os.Remove(name)
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(pattern))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := s.copyTo(f); err != nil {
		return fmt.Errorf("the state file could not be copied: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// copyTo copies the file to f and checks the copy.
func (s *Store) copyTo(f *os.File) error {
	s.mu.Lock()
	db := s.live
	s.mu.Unlock()
	if db == nil {
		return errors.New("it is not open")
	}
	var size int64
	err := guard(func() error {
		return db.View(func(tx *bbolt.Tx) (err error) {
			size, err = tx.WriteTo(f)
			return err
		})
	})
	if err != nil {
		return err
	}
	result, err := check(f, size)
	if err != nil {
		return err
	}
	return result.unwritable
}
