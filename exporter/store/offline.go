package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A LoadResult shows what [Load] has left out.
type LoadResult struct {
	// Skipped series are those that the table does not support or does not have room
	// for.
	Skipped int
	// Damaged series are missing, or were left out because of a wrong checksum.
	Damaged int
	// CutOff is set if the last write to the file was cut off, or is damaged. What
	// was read is the state before it.
	CutOff bool
}

// Load reads a state file into a table without changing the file, which must not
// be in use. path is the file, or the directory that it is in. It is an error if
// the file is damaged so that nothing can be trusted.
func Load(path string, t Table) (LoadResult, error) {
	var (
		r     restored
		whole bool
	)
	err := inFile(path, func(path string) error {
		b, result, err := openChecked(path)
		if err != nil {
			return err
		}
		defer b.close()
		whole = result.whole
		return guard(func() error {
			return b.db.View(func(tx *bbolt.Tx) (err error) {
				r, err = restore(tx, t)
				return err
			})
		})
	})
	return LoadResult{r.skipped, r.damaged, err == nil && !whole}, err
}

// Write writes changes into the file in dir, which must not be in use and must be
// whole. They are those of a table that has been filled by [Load] and then changed.
func Write(dir string, changes state.Changes) error {
	return inFile(filepath.Join(dir, fileName), func(path string) error {
		b, result, err := openChecked(path)
		if err != nil {
			return err
		}
		b.close()
		if result.unwritable != nil {
			return fmt.Errorf("%w; start the exporter, which writes the file anew", result.unwritable)
		}
		if b, err = openBolt(path, false, false); err != nil {
			return err
		}
		defer b.close()
		return update(b.db, func(tx *bbolt.Tx) error {
			if err := prepare(tx); err != nil {
				return err
			}
			return writeChanges(tx, &changes, nil)
		})
	})
}

// inFile calls f with the path of a file, given that or its directory. Its errors
// name the file.
func inFile(path string, f func(path string) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fileName)
	}
	if _, err := os.Stat(path); isMissing(err) {
		return fmt.Errorf("%w; name the exporter's directory by --storage.path, which is /var/lib/ftd_exporter for the packages, or a file that exists", err)
	} else if err != nil {
		return err
	}
	err := f(path)
	if errors.Is(err, errLocked) {
		return fmt.Errorf("%s is in use; stop the exporter first, or use its API: GET /api/v1/state/backup copies the file, POST /api/v1/forget removes a device or a part of it", path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
