package store

import (
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// A restored tells what was in a file.
type restored struct {
	// series were put into the table, skipped were not, because this version
	// does not support them or has no room for them.
	series, skipped int
	// damaged are missing, or were left out because their checksum is wrong.
	damaged int
	seen    []uint32 // Message ids.
}

// restore puts what a file holds into a table, one device after the other. The
// file has been checked.
func restore(tx *bbolt.Tx, t Table) (restored, error) {
	var r restored
	kept := sumsKept(tx)
	if b := tx.Bucket(bucketMessages); b != nil {
		if err := r.messages(b, kept); err != nil {
			return r, err
		}
		t.RestoreSeen(r.seen)
	}
	all := tx.Bucket(bucketDevices)
	if all == nil {
		return r, nil
	}
	return r, all.ForEachBucket(func(name []byte) error { return r.device(all.Bucket(name), string(name), kept, t) })
}

// messages reads the message ids.
func (r *restored) messages(b *bbolt.Bucket, kept bool) error {
	sum, wrong := newMessagesSum(), 0
	err := b.ForEach(func(k, v []byte) error {
		sum.add(k, v)
		id, err := strconv.ParseUint(string(k), 10, 32)
		switch {
		case !sum.isRight(k, v):
			wrong++
		case err == nil:
			r.seen = append(r.seen, uint32(id))
		}
		return nil
	})
	r.damaged += max(wrong, missing(b, &sum, kept))
	return err
}

// device reads the records of a device.
func (r *restored) device(b *bbolt.Bucket, name string, kept bool, t Table) error {
	var records []state.Record
	sum, wrong := newDeviceSum(name), 0
	err := b.ForEach(func(k, v []byte) error {
		if v == nil {
			return nil // A bucket of a later version.
		}
		sum.add(k, v)
		if len(v) < recordSize || !sum.isRight(k, v) {
			wrong++
			return nil
		}
		records = append(records, state.Record{Key: string(k)})
		decodeRecord(v, &records[len(records)-1])
		return nil
	})
	if err != nil {
		return err
	}
	r.damaged += max(wrong, missing(b, &sum, kept))
	series, skipped := t.Restore(name, records)
	r.series += series
	r.skipped += skipped
	return nil
}

// missing returns how many records are missing in a bucket or too many, at least
// one if their sum is not the stored one. It is 0 if the stored sums do not count.
func missing(b *bbolt.Bucket, found *bucketSum, kept bool) int {
	seq := b.Sequence()
	if !kept || seq&hasSum == 0 || seq == found.sequence() {
		return 0
	}
	want := int64(seq>>32) &^ (1 << 31)
	return int(max(want-int64(found.records), int64(found.records)-want, 1))
}
