package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"

	"go.etcd.io/bbolt"
)

// castagnoli is the table of CRC-32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// storedChecksum returns the checksum that stands in a stored value behind size
// bytes, and false for the value of a version without checksums.
func storedChecksum(value []byte, size int) (sum uint32, ok bool) {
	if len(value) < size+checksumSize {
		return 0, false
	}
	return binary.BigEndian.Uint32(value[size:]), true
}

// A bucketSum is how many records a bucket has, and the sum of their checksums.
// It shows whether one is missing, and costs a write only what it changes.
type bucketSum struct {
	records, sum uint32
	device       uint32 // The CRC-32C of the device's name and 0xff.
	size         int    // Bytes of a value without its checksum.
}

// newDeviceSum returns the sum of a device without records.
func newDeviceSum(device string) bucketSum {
	return bucketSum{device: crc32.Checksum(append([]byte(device), 0xff), castagnoli), size: recordSize}
}

// newMessagesSum returns the sum of no message ids, which have neither a device
// nor values.
func newMessagesSum() bucketSum { return bucketSum{} }

// newDevicesSum returns the sum of no devices, whose values are the sequences of
// their buckets. It shows a device that is missing or older than the rest.
func newDevicesSum() bucketSum { return bucketSum{size: 8} }

// addDevice counts a device in, removeDevice counts one out.
func (s *bucketSum) addDevice(name []byte, b *bbolt.Bucket) {
	s.add(name, binary.BigEndian.AppendUint64(nil, b.Sequence()))
}

func (s *bucketSum) removeDevice(name []byte, b *bbolt.Bucket) {
	s.remove(name, binary.BigEndian.AppendUint64(nil, b.Sequence()))
}

// loadDevices is load for the bucket of all devices.
func (s *bucketSum) loadDevices(all *bbolt.Bucket) error {
	if s.loadStored(all) {
		return nil
	}
	return all.ForEachBucket(func(name []byte) error {
		s.addDevice(name, all.Bucket(name))
		return nil
	})
}

// checksum returns the checksum of a record: the CRC-32C of the device's name,
// 0xff, the key and the value, of which what follows its checksum is not looked
// at.
func (s *bucketSum) checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Update(s.device, castagnoli, key), castagnoli, value[:min(s.size, len(value))])
}

// isRight reports whether a stored value has the checksum that it should have,
// or none.
func (s *bucketSum) isRight(key, value []byte) bool {
	sum, ok := storedChecksum(value, s.size)
	return !ok || sum == s.checksum(key, value)
}

// add counts a record of the bucket in, remove counts one out. Either counts the
// checksum that stands in the record, right or wrong, and makes one only for a
// record without.
func (s *bucketSum) add(key, value []byte) {
	s.records++
	s.sum += s.sumOf(key, value)
}

func (s *bucketSum) remove(key, value []byte) {
	s.records--
	s.sum -= s.sumOf(key, value)
}

func (s *bucketSum) sumOf(key, value []byte) uint32 {
	if sum, ok := storedChecksum(value, s.size); ok {
		return sum
	}
	return s.checksum(key, value)
}

// hasSum marks the sequence of a bucket that is a sum. The sequence of others is
// zero.
const hasSum = 1 << 63

func (s *bucketSum) sequence() uint64 {
	return hasSum | uint64(s.records&(1<<31-1))<<32 | uint64(s.sum)
}

// load makes s the sum of a bucket: the stored one, or that of its records if a
// version without sums has written it.
func (s *bucketSum) load(b *bbolt.Bucket) error {
	if s.loadStored(b) {
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		if v != nil {
			s.add(k, v)
		}
		return nil
	})
}

// loadStored makes s the stored sum of a bucket, if it has one.
func (s *bucketSum) loadStored(b *bbolt.Bucket) bool {
	seq := b.Sequence()
	if seq&hasSum == 0 {
		return false
	}
	s.records, s.sum = uint32(seq>>32)&^(1<<31), uint32(seq)
	return true
}

// sumsKept reports whether the sums of the buckets are as of the last
// transaction.
func sumsKept(tx *bbolt.Tx) bool {
	last := tx.ID()
	if tx.Writable() {
		last-- // That of tx itself is in the file when it ends.
	}
	b := tx.Bucket(bucketMeta)
	return b != nil && string(b.Get(keyChecksums)) == strconv.Itoa(last)
}

// keepSums notes that tx keeps the sums.
func keepSums(tx *bbolt.Tx) error {
	return tx.Bucket(bucketMeta).Put(keyChecksums, strconv.AppendInt(nil, int64(tx.ID()), 10))
}

// dropSums makes sums that a version without them has left behind be made anew,
// with the next write of each bucket.
func dropSums(tx *bbolt.Tx) error {
	all, messages := tx.Bucket(bucketDevices), tx.Bucket(bucketMessages)
	reset := func(b *bbolt.Bucket) error {
		if b.Sequence() == 0 {
			return nil
		}
		return b.SetSequence(0)
	}
	if err := errors.Join(reset(messages), reset(all)); err != nil {
		return err
	}
	return all.ForEachBucket(func(name []byte) error { return reset(all.Bucket(name)) })
}
