package store_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"go.etcd.io/bbolt"
)

// valueSizes returns how many records of a device have a value of each size.
func valueSizes(t *testing.T, path, device string) map[int]int {
	t.Helper()
	sizes := map[int]int{}
	edit(t, path, device, func(b *bbolt.Bucket) error {
		return b.ForEach(func(_, v []byte) error {
			sizes[len(v)]++
			return nil
		})
	})
	return sizes
}

// A file without checksums gets them record by record, as they are written.
func TestOldFilesGetChecksums(t *testing.T) {
	l := restored(t, "testdata/state-v1.db")
	l.say(fanFailed)
	l.stop()
	sizes := valueSizes(t, l.path(), "fw1")
	if sizes[28] == 0 || sizes[24] == 0 || len(sizes) != 2 {
		t.Errorf("records by size: %v", sizes)
	}
	// All of them count, those without a checksum of their own as well.
	next := begin(t, filepath.Dir(l.path()))
	next.expect("next life", map[string]float64{"damaged_series": 0, "skipped_series": 0, "rewrites_total": 0})
	next.stop()
	edit(t, l.path(), "fw1", func(b *bbolt.Bucket) error {
		k, _ := b.Cursor().First()
		if err := b.Delete(k); err != nil {
			return err
		}
		// As the write of a version with checksums would note.
		return keepChecksums(b.Tx())
	})
	last := begin(t, filepath.Dir(l.path()))
	last.expect("a series is missing", map[string]float64{"damaged_series": 1, "restore_successful": 1})
}

// A version without checksums leaves records as it likes; that is not damage.
func TestVersionsWithoutChecksumsInBetween(t *testing.T) {
	l := begin(t, t.TempDir())
	l.say(fanFailed)
	l.stop()
	edit(t, l.path(), "fw1", func(b *bbolt.Bucket) error {
		k, v := b.Cursor().First()
		if err := b.Put(k, v[:24]); err != nil {
			return err
		}
		k, _ = b.Cursor().Last()
		return b.Delete(k)
	})
	for range 2 {
		next := begin(t, filepath.Dir(l.path()))
		next.expect("next life", map[string]float64{"damaged_series": 0, "skipped_series": 0, "rewrites_total": 0})
		next.say(fanWorks)
		next.stop()
	}
	// What is written from then on counts again.
	edit(t, l.path(), "fw1", func(b *bbolt.Bucket) error {
		k, _ := b.Cursor().First()
		if err := b.Delete(k); err != nil {
			return err
		}
		return keepChecksums(b.Tx())
	})
	begin(t, filepath.Dir(l.path())).expect("a series is missing", map[string]float64{"damaged_series": 1})
}

// keepChecksums notes in a file that the transaction has kept its checksums, as
// versions do that have them.
func keepChecksums(tx *bbolt.Tx) error {
	return tx.Bucket([]byte("meta")).Put([]byte("checksums"), strconv.AppendInt(nil, int64(tx.ID()), 10))
}
