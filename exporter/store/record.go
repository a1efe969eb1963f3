package store

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// The form of the file, version 1, which is a bbolt database with three buckets:
//
//	meta      "version" → the version of the form, in decimal digits
//	messages  an id ever received, in decimal digits → nothing
//	devices   the name of a device → a bucket: key of a series → value and times
//
// A key is what [state.Record] has; for the store it is bytes. A value has 24
// bytes, big endian: the value as float64, then the times Set and Began as int64
// nanoseconds since 1970. More bytes may follow in later versions. Keys and
// buckets that a version does not support are left alone, so that versions read
// each other's files.
const (
	fileName      = "state.db"
	formatVersion = 1
	recordSize    = 24
)

var (
	bucketMeta     = []byte("meta")
	bucketMessages = []byte("messages")
	bucketDevices  = []byte("devices")
	keyVersion     = []byte("version")
)

// createBuckets creates the parts of a file that it does not have.
func createBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketMeta, bucketMessages, bucketDevices} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	if meta.Get(keyVersion) == nil {
		return meta.Put(keyVersion, []byte(strconv.Itoa(formatVersion)))
	}
	return nil
}

// fileContent is what a file holds, in memory of its own.
type fileContent struct {
	devices []state.DeviceChanges
	seen    []uint32 // Message ids.
}

// read reads the whole file.
func (c *fileContent) read(tx *bbolt.Tx) error {
	if b := tx.Bucket(bucketMessages); b != nil {
		err := b.ForEach(func(k, _ []byte) error {
			if id, err := strconv.ParseUint(string(k), 10, 32); err == nil {
				c.seen = append(c.seen, uint32(id))
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
		d := state.DeviceChanges{Device: string(name)}
		err := all.Bucket(name).ForEach(func(k, v []byte) error {
			r := state.Record{Key: string(k)}
			if len(v) >= recordSize {
				decodeRecord(v, &r)
			}
			d.Records = append(d.Records, r)
			return nil
		})
		c.devices = append(c.devices, d)
		return err
	})
}

// restore puts what a file holds into a table.
func (c *fileContent) restore(t Table) (restored, skipped int) {
	for _, d := range c.devices {
		r, n := t.Restore(d.Device, d.Records)
		restored += r
		skipped += n
	}
	t.RestoreSeen(c.seen)
	return restored, skipped
}

// writeChanges writes changes, but for the message ids in seen, which the file
// has.
func writeChanges(tx *bbolt.Tx, changes *state.Changes, seen map[uint32]bool) error {
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
		if !seen[id] {
			if err := messages.Put(strconv.AppendUint(nil, uint64(id), 10), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func encodeRecord(r *state.Record) []byte {
	b := make([]byte, 0, recordSize)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.Value))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Set))
	return binary.BigEndian.AppendUint64(b, uint64(r.Began))
}

// decodeRecord sets all of r but its key. b has at least recordSize bytes.
func decodeRecord(b []byte, r *state.Record) {
	r.Value = math.Float64frombits(binary.BigEndian.Uint64(b))
	r.Set = int64(binary.BigEndian.Uint64(b[8:]))
	r.Began = int64(binary.BigEndian.Uint64(b[16:]))
}
