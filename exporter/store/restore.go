package store

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A restored shows what was in a file.
type restored struct {
	// series were put into the table, skipped were not, because this version
	// does not support them or does not have room for them.
	series, skipped int
	// damaged series or events are missing, or were left out because their
	// checksum is wrong.
	damaged int
	events  int          // Put into the table.
	seen    []catalog.ID // Message ids.
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
	// If there is no room for all, devices without states of hardware wait: they
	// are read again in the end.
	sum, later := newDevicesSum(), map[string]*bbolt.Bucket{}
	err := all.ForEachBucket(func(name []byte) error {
		b := all.Bucket(name)
		sum.addDevice(name, b)
		records, err := r.device(b, string(name), kept)
		if t.Priority(string(name), records) == 0 {
			later[string(name)] = b
		} else {
			r.put(string(name), records, t)
		}
		return err
	})
	r.damaged += missing(all, &sum, kept)
	if err != nil {
		return r, err
	}
	again := restored{} // Damage has been counted.
	for _, name := range slices.Sorted(maps.Keys(later)) {
		records, err := again.device(later[name], name, kept)
		if err != nil {
			return r, err
		}
		r.put(name, records, t)
	}
	r.restoreEvents(tx, t)
	return r, nil
}

// maxEvents is how many events are read at most, the last ones. A table keeps
// fewer.
const maxEvents = 10_000

// restoreEvents puts the events of a file into a table. Those that this version does
// not support are left alone, like their series, which have been counted.
func (r *restored) restoreEvents(tx *bbolt.Tx, t Table) {
	b := tx.Bucket(bucketEvents)
	if b == nil {
		return // No event so far, or the file of a version without them.
	}
	var records []state.EventRecord
	c := b.Cursor()
	for k, v := c.Last(); k != nil && len(records) < maxEvents; k, v = c.Prev() {
		if v == nil {
			continue // A bucket of a later version.
		}
		if len(k) != 8 || len(v) < checksumSize || binary.BigEndian.Uint32(v) != eventSum(k, v[checksumSize:]) {
			r.damaged++
			continue
		}
		records = append(records, state.EventRecord{Number: binary.BigEndian.Uint64(k), Data: bytes.Clone(v[checksumSize:])})
	}
	r.events = t.RestoreEvents(records)
}

// put puts the records of a device into the table.
func (r *restored) put(name string, records []state.Record, t Table) {
	series, skipped := t.Restore(name, records)
	r.series += series
	r.skipped += skipped
}

// messages reads the message ids.
func (r *restored) messages(b *bbolt.Bucket, kept bool) error {
	sum, wrong := newMessagesSum(), 0
	err := b.ForEach(func(k, v []byte) error {
		sum.add(k, v)
		id, err := catalog.ParseID(string(k))
		switch {
		case !sum.isRight(k, v):
			wrong++
		case err == nil:
			r.seen = append(r.seen, id)
		}
		return nil
	})
	r.damaged += max(wrong, missing(b, &sum, kept))
	return err
}

// device reads the records of a device, and counts what is damaged.
func (r *restored) device(b *bbolt.Bucket, name string, kept bool) (records []state.Record, err error) {
	sum, wrong := newDeviceSum(name), 0
	err = b.ForEach(func(k, v []byte) error {
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
	r.damaged += max(wrong, missing(b, &sum, kept))
	return records, err
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
