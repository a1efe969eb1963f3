package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long another process may take to let go of the file.
const lockTimeout = time.Second

// errLocked is the error for a file that another process has open.
var errLocked = errors.New("another process has locked it; stop that process, or use another --storage.path")

// A panicError is what bbolt panicked with. Its locks are held for ever, so the
// database must not be used again, not even to close it.
type panicError struct{ value any }

func (e panicError) Error() string { return fmt.Sprintf("damaged: %v", e.value) }

// guard calls f, which uses bbolt, and returns an error if it panics. Bbolt reads
// the file as memory and trusts it; damage in the file becomes a memory fault or
// a panic.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = panicError{r}
		}
	}()
	return f()
}

// isOfSystem reports whether an error of a write comes from the operating system
// and will pass: a full or broken disk, a file system that cannot be written.
// Every other means that the file or the database is not as it must be.
func isOfSystem(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) || errors.As(err, new(systemError))
}

// A systemError is an error of the system that bbolt has turned into text.
type systemError struct{ error }

// A boltFile is an open file, as a database and as a file.
type boltFile struct {
	db   *bbolt.DB
	file *os.File
}

// openBolt opens a file with bbolt. For reading it is not looked at more than for
// its heads; before it is opened for writing, it must have been checked. A new
// file is made only if create is set.
func openBolt(path string, readOnly, create bool) (b boltFile, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return b, errors.New("it is not a regular file; remove it, or use another --storage.path")
	} else if err != nil && !create {
		return b, err
	}
	err = guard(func() (err error) {
		b.db, err = bbolt.Open(path, 0o640, &bbolt.Options{
			Timeout:      lockTimeout,
			ReadOnly:     readOnly,
			FreelistType: bbolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				if !create {
					flag &^= os.O_CREATE
				}
				f, err := os.OpenFile(name, flag, mode)
				b.file = f
				return f, err
			},
		})
		return err
	})
	if err == nil {
		return b, nil
	}
	if b.file != nil {
		b.file.Close() // Bbolt has not, if it panicked. That ends the lock.
	}
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		err = errLocked
	case !isOfSystem(err):
		err = damage("%s", strings.TrimPrefix(err.Error(), "damaged: "))
	}
	return boltFile{}, err
}

// openChecked opens a file for reading and checks it. It returns a [damageError]
// if bbolt must not read it. No other process can write the file while it is open.
func openChecked(path string) (b boltFile, result checkResult, err error) {
	if b, err = openBolt(path, true, false); err != nil {
		return b, result, err
	}
	info, err := b.file.Stat()
	if err == nil {
		result, err = check(b.file, info.Size())
	}
	if err != nil {
		b.close()
		return boltFile{}, result, err
	}
	return b, result, nil
}

// close closes a file whose database has not panicked.
func (b boltFile) close() { closeDatabase(b.db) }

// closeDatabase closes a database that may be damaged.
func closeDatabase(db database) { _ = guard(db.Close) }

// update commits a transaction.
func update(db database, f func(*bbolt.Tx) error) error {
	err := guard(func() error { return db.Update(f) })
	var errno syscall.Errno
	if err == nil || errors.As(err, &errno) {
		return err
	}
	// Bbolt keeps only the text of these.
	for _, prefix := range []string{"file resize error: ", "file sync error: ", "mmap allocate error: ", "truncate: "} {
		if strings.HasPrefix(err.Error(), prefix) {
			return systemError{err}
		}
	}
	return err
}

// setAside gives what is at path another name, which it returns; the content
// stays. If replacement is a name, that file takes its place in the same moment,
// where the system can do so.
func setAside(path, suffix, replacement string) (aside string, err error) {
	aside = fmt.Sprintf("%s.%s-%s", path, suffix, time.Now().UTC().Format("20060102T150405.000Z"))
	linked := replacement != "" && os.Link(path, aside) == nil
	if !linked {
		err = os.Rename(path, aside)
	}
	if err == nil && replacement != "" {
		if err = os.Rename(replacement, path); err != nil && linked {
			_ = os.Remove(aside)
		}
	}
	syncDirectory(path)
	// The log has an error once: without the new name, it is the same each time.
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		err = link.Err
	}
	return aside, err
}

// syncDirectory makes the names in the directory of a file survive a power cut.
// Some systems cannot, so it does what it can.
func syncDirectory(path string) {
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// isMissing reports whether there is no file.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
