package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Load reads the file in dir into a table without changing the file, which must
// not be in use. It returns how many series the table does not support or has no
// room for.
func Load(dir string, t Table) (skipped int, err error) {
	var content fileContent
	err = withFile(dir, true, func(db *bbolt.DB) error { return db.View(content.read) })
	if err != nil {
		return 0, err
	}
	_, skipped = content.restore(t)
	return skipped, nil
}

// Forget removes a device from the file in dir, which must not be in use. It is
// an error if the file does not have the device.
func Forget(dir, device string) error {
	return withFile(dir, false, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketDevices)
			if b == nil || b.DeleteBucket([]byte(device)) != nil {
				return fmt.Errorf("there is no device %q", device)
			}
			return nil
		})
	})
}

// withFile opens the file in dir, calls f and closes it. Its errors name the
// file.
func withFile(dir string, readOnly bool, f func(*bbolt.DB) error) error {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); err != nil {
		return err
	}
	err := guard(func() error {
		db, err := openFile(path, readOnly)
		if err != nil {
			return err
		}
		defer closeDamaged(db)
		return f(db)
	})
	if errors.Is(err, errLocked) {
		return fmt.Errorf("%s is in use; stop the exporter first", path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
