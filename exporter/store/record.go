package store

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// The form of the file, version 1, which is a bbolt database with these buckets:
//
//	meta      "version" → the version of the form, in decimal digits
//	          "checksums" → the number of the last transaction that kept the sums of
//	          the buckets below, in decimal digits
//	messages  an id ever received, as text → its checksum
//	devices   the name of a device → a bucket: key of a series → value and times
//	events    the number of an event, 8 bytes, big endian → its checksum and data
//
// A key is what [state.Record] has; for the store it is bytes. A value has 28
// bytes, big endian: the value as float64, then the times Set and Began as int64
// nanoseconds since 1970, then a checksum of the device, the key and these 24
// bytes. More bytes may follow in later versions. The buckets of devices, devices
// itself and messages have a sum of what is in them as sequence, see [bucketSum].
//
// The bucket of events is made with the first one; its checksums are of key and
// data, and it does not have a sum.
//
// Versions before the checksums wrote the first 24 bytes only, and nothing for an
// id. They leave "checksums" as it is, so that it is behind, and the sums do not
// count any more. Keys and buckets that a version does not support are left
// alone, so that versions read each other's files.
const (
	fileName      = "state.db"
	formatVersion = 1
	recordSize    = 24 // Without the checksum.
	checksumSize  = 4
)

var (
	bucketMeta     = []byte("meta")
	bucketMessages = []byte("messages")
	bucketDevices  = []byte("devices")
	bucketEvents   = []byte("events")
	keyVersion     = []byte("version")
	keyChecksums   = []byte("checksums")
)

// buckets returns the names of the buckets that every file has.
func buckets() [][]byte { return [][]byte{bucketMeta, bucketMessages, bucketDevices} }

// prepare creates the parts of a file that it does not have, and drops sums that
// do not count any more.
func prepare(tx *bbolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	if meta.Get(keyVersion) == nil {
		if err := meta.Put(keyVersion, []byte(strconv.Itoa(formatVersion))); err != nil {
			return err
		}
	}
	if !sumsKept(tx) {
		if err := dropSums(tx); err != nil {
			return err
		}
	}
	return keepSums(tx)
}

// isPrepared reports whether a file has all its parts and sums that count.
func isPrepared(tx *bbolt.Tx) bool {
	meta := tx.Bucket(bucketMeta)
	return meta != nil && meta.Get(keyVersion) != nil && sumsKept(tx) && tx.Bucket(bucketMessages) != nil && tx.Bucket(bucketDevices) != nil
}

// maxPart is how many records a transaction writes, or those of one device. It
// bounds the memory of a write, and how long one takes on a disk that works.
const maxPart = 50_000

// inParts calls write with changes in parts of about maxPart records. They are in
// the order of changes, and each device is in one part.
func inParts(changes *state.Changes, write func(part *state.Changes) error) error {
	part := state.Changes{Forgotten: changes.Forgotten}
	for devices := changes.Devices; ; {
		n, records := 0, 0
		for n < len(devices) && (n == 0 || records+len(devices[n].Records) <= maxPart) {
			records += len(devices[n].Records)
			n++
		}
		part.Devices, devices = devices[:n], devices[n:]
		if len(devices) == 0 {
			part.Seen, part.Events, part.FirstEvent = changes.Seen, changes.Events, changes.FirstEvent
			return write(&part)
		}
		if err := write(&part); err != nil {
			return err
		}
		part.Forgotten = nil
	}
}

// writeChanges writes changes, but for the message ids in seen, which the file
// has.
func writeChanges(tx *bbolt.Tx, changes *state.Changes, seen map[catalog.ID]bool) error {
	all := tx.Bucket(bucketDevices)
	sum := newDevicesSum()
	if err := sum.loadDevices(all); err != nil {
		return err
	}
	for _, name := range changes.Forgotten {
		if _, err := forget(all, []byte(name), &sum); err != nil {
			return err
		}
	}
	for i := range changes.Devices {
		if err := writeDevice(all, &changes.Devices[i], &sum); err != nil {
			return err
		}
	}
	if err := all.SetSequence(sum.sequence()); err != nil {
		return err
	}
	messages := tx.Bucket(bucketMessages)
	var ids []catalog.ID
	for _, id := range changes.Seen {
		if !seen[id] {
			ids = append(ids, id)
		}
	}
	if err := writeMessages(messages, ids); err != nil {
		return err
	}
	if err := writeEvents(tx, changes); err != nil {
		return err
	}
	return keepSums(tx)
}

// forget removes a device and reports whether there was one.
func forget(all *bbolt.Bucket, name []byte, devices *bucketSum) (bool, error) {
	b := all.Bucket(name)
	if b == nil {
		return false, nil
	}
	devices.removeDevice(name, b)
	return true, all.DeleteBucket(name)
}

// writeDevice writes the changed records of a device.
func writeDevice(all *bbolt.Bucket, d *state.DeviceChanges, devices *bucketSum) (err error) {
	name := []byte(d.Device)
	b := all.Bucket(name)
	if b != nil {
		devices.removeDevice(name, b)
	} else if b, err = all.CreateBucket(name); err != nil {
		return err
	}
	sum := newDeviceSum(d.Device)
	if err := sum.load(b); err != nil {
		return err
	}
	c := b.Cursor()
	var key []byte // Bbolt copies keys, and keeps values until the end of the transaction.
	values := make([]byte, 0, len(d.Records)*(recordSize+checksumSize))
	for i := range d.Records {
		r := &d.Records[i]
		key = append(key[:0], r.Key...)
		if k, v := c.Seek(key); v != nil && bytes.Equal(k, key) {
			sum.remove(k, v)
		}
		if r.Deleted {
			err = b.Delete(key)
		} else {
			start := len(values)
			values = appendRecord(values, r, &sum, key)
			value := values[start:len(values):len(values)]
			sum.add(key, value)
			err = b.Put(key, value)
		}
		if err != nil {
			return err
		}
	}
	if err := b.SetSequence(sum.sequence()); err != nil {
		return err
	}
	devices.addDevice(name, b)
	return nil
}

// writeMessages writes message ids that the file does not have.
func writeMessages(b *bbolt.Bucket, ids []catalog.ID) error {
	if len(ids) == 0 {
		return nil
	}
	sum := newMessagesSum()
	if err := sum.load(b); err != nil {
		return err
	}
	for _, id := range ids {
		key := id.Append(nil)
		if v := b.Get(key); v != nil {
			sum.remove(key, v)
		}
		sum.add(key, nil)
		if err := b.Put(key, binary.BigEndian.AppendUint32(nil, sum.checksum(key, nil))); err != nil {
			return err
		}
	}
	return b.SetSequence(sum.sequence())
}

// writeEvents writes events, and deletes those that are no longer kept.
func writeEvents(tx *bbolt.Tx, changes *state.Changes) error {
	if len(changes.Events) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(bucketEvents)
	if err != nil {
		return err
	}
	c := b.Cursor()
	for k, v := c.First(); k != nil && v != nil && bytes.Compare(k, eventKey(changes.FirstEvent)) < 0; k, v = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	for i := range changes.Events {
		e := &changes.Events[i]
		key := eventKey(e.Number)
		if e.Data == nil {
			err = b.Delete(key)
		} else {
			err = b.Put(key, append(binary.BigEndian.AppendUint32(nil, eventSum(key, e.Data)), e.Data...))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eventKey returns the key of an event.
func eventKey(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

// eventSum returns the checksum of an event.
func eventSum(key, data []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, data)
}

// appendRecord appends the value of a record, with its checksum.
func appendRecord(b []byte, r *state.Record, sum *bucketSum, key []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(r.Value))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Set))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Began))
	return binary.BigEndian.AppendUint32(b, sum.checksum(key, b[start:]))
}

// decodeRecord sets all of r but its key. b has at least recordSize bytes.
func decodeRecord(b []byte, r *state.Record) {
	r.Value = math.Float64frombits(binary.BigEndian.Uint64(b))
	r.Set = int64(binary.BigEndian.Uint64(b[8:]))
	r.Began = int64(binary.BigEndian.Uint64(b[16:]))
}
