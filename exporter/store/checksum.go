package store

import (
	"encoding/binary"
	"hash/crc32"
	"strconv"

	"go.etcd.io/bbolt"
)

// castagnoli is the table of CRC-32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the checksum of a record: CRC-32C of the device's name, 0xff,
// the key, 0xff, and the value without its checksum. A message id has no device
// and no value.
func checksum(device string, key, value []byte) uint32 {
	var space [320]byte // A name has 255 bytes at most, a key that or little more.
	b := append(append(space[:0], device...), 0xff)
	b = append(append(b, key...), 0xff)
	return crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, value)
}

// storedChecksum returns the checksum that stands in a stored value behind size
// bytes, and false for the value of a version without checksums.
func storedChecksum(value []byte, size int) (sum uint32, ok bool) {
	if len(value) < size+checksumSize {
		return 0, false
	}
	return binary.BigEndian.Uint32(value[size:]), true
}

// A bucketSum is how many records a bucket has, and the sum of their checksums.
// It tells whether one is missing, and costs a write only what it changes.
type bucketSum struct{ records, sum uint32 }

// hasSum marks the sequence of a bucket that is a sum. The sequence of others is
// zero.
const hasSum = 1 << 63

func (s bucketSum) sequence() uint64 { return hasSum | uint64(s.records&(1<<31-1))<<32 | uint64(s.sum) }

// add counts a record of a bucket in, remove counts one out if there is a value.
// The empty device stands for message ids.
func (s *bucketSum) add(device string, key, value []byte) {
	s.records++
	s.sum += checksum(device, key, summed(device, value))
}

func (s *bucketSum) remove(device string, key, value []byte) {
	if value != nil {
		s.records--
		s.sum -= checksum(device, key, summed(device, value))
	}
}

// summed returns the part of a stored value that its checksum is of.
func summed(device string, value []byte) []byte {
	if device == "" {
		return nil
	}
	return value[:min(recordSize, len(value))]
}

// sumOf returns the sum of a bucket: the stored one, or that of its records if a
// version without sums has written it.
func sumOf(b *bbolt.Bucket, device string) (bucketSum, error) {
	if seq := b.Sequence(); seq&hasSum != 0 {
		return bucketSum{uint32(seq>>32) &^ (1 << 31), uint32(seq)}, nil
	}
	var s bucketSum
	return s, b.ForEach(func(k, v []byte) error {
		if v != nil {
			s.add(device, k, v)
		}
		return nil
	})
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
	if err := reset(messages); err != nil {
		return err
	}
	return all.ForEachBucket(func(name []byte) error { return reset(all.Bucket(name)) })
}
