package exporter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// LoadStateFile reads the state file in dir into state without changing it. It
// returns how many series state did not know. The file must not be in use.
func LoadStateFile(dir string, state *collectors.Table) (skipped int, err error) {
	db, err := openStateFile(dir, true)
	if err != nil {
		return 0, err
	}
	defer closeQuietly(db)
	devices, ids, err := readStore(db)
	if err != nil {
		return 0, err
	}
	for _, d := range devices {
		_, n := state.Restore(d.Device, d.Records)
		skipped += n
	}
	state.RestoreSeen(ids)
	return skipped, nil
}

// ForgetInStateFile removes a device from the state file in dir, which must not
// be in use.
func ForgetInStateFile(dir, device string) error {
	db, err := openStateFile(dir, false)
	if err != nil {
		return err
	}
	defer closeQuietly(db)
	return db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketDevices)
		if b == nil || b.DeleteBucket([]byte(device)) != nil {
			return fmt.Errorf("%s has no device %q", db.Path(), device)
		}
		return nil
	})
}

func openStateFile(dir string, readOnly bool) (*bbolt.DB, error) {
	path := filepath.Join(dir, storeFile)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o640, &bbolt.Options{Timeout: lockTimeout, ReadOnly: readOnly})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use; stop the exporter first", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}
