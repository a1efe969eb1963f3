package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// This file defines how a page of a bbolt database is laid out, version 2 of its
// format, as package internal/common of go.etcd.io/bbolt v1.5 declares it: Page,
// Meta, InBucket, branchPageElement, leafPageElement. All numbers are in the byte
// order of the machine.
//
//	page     id uint64, flags uint16, count uint16, overflow uint32, then
//	  meta      magic, version, page size, flags uint32; the root bucket; the page
//	            of the free list, the first page number never used, the number of
//	            the transaction, a checksum: uint64
//	  branch    count elements: position of the key, its size uint32; page uint64
//	  leaf      count elements: flags, position of the key, sizes of key and value
//	            uint32
//	  free list count page numbers; if count is 65535, it is the first number
//	bucket   root page, sequence uint64; without a root, one leaf page follows
//
// A page takes 1 + overflow pages of the file. A position counts from its
// element. Keys and values lie in the order of their elements, without gaps.
const (
	pageHeaderSize   = 16
	elementSize      = 16
	bucketHeaderSize = 16
	metaSize         = 64

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreeList = 0x10

	elementIsBucket = 0x01

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	noFreeList  = ^uint64(0)

	minPageSize = 1 << 10
	maxPageSize = 1 << 24 // Up to here bbolt looks for the second meta page.
)

var order = binary.NativeEndian

// A meta states where everything is, as of one transaction.
type meta struct {
	pageSize int64
	root     uint64
	freeList uint64
	high     uint64 // Pages from here on have never been used.
	txid     uint64
}

// A damageError states what is wrong with the content of a file.
type damageError struct{ reason string }

func (e damageError) Error() string { return "damaged: " + e.reason }

func damage(format string, args ...any) error { return damageError{fmt.Sprintf(format, args...)} }

// parseMeta parses a page and reports whether it is a valid meta page.
func parseMeta(page []byte) (m meta, ok bool) {
	if len(page) < pageHeaderSize+metaSize {
		return m, false
	}
	b := page[pageHeaderSize:]
	m = meta{
		pageSize: int64(order.Uint32(b[8:])),
		root:     order.Uint64(b[16:]),
		freeList: order.Uint64(b[32:]),
		high:     order.Uint64(b[40:]),
		txid:     order.Uint64(b[48:]),
	}
	sum := fnv.New64a()
	sum.Write(b[:56])
	ok = order.Uint32(b) == metaMagic && order.Uint32(b[4:]) == metaVersion && order.Uint64(b[56:]) == sum.Sum64() &&
		m.pageSize >= minPageSize && m.pageSize <= maxPageSize && m.pageSize&(m.pageSize-1) == 0
	return m, ok
}

// readMeta returns the meta page of the last transaction, or a [damageError]. It
// is whole unless the other one is not valid, because a write was cut off, or by
// damage.
func readMeta(f io.ReaderAt) (last meta, whole bool, err error) {
	first, firstOK, err := readMetaAt(f, 0)
	if err != nil {
		return meta{}, false, err
	}
	if firstOK {
		second, secondOK, err := readMetaAt(f, first.pageSize)
		if secondOK = secondOK && second.pageSize == first.pageSize; secondOK && second.txid > first.txid {
			first = second
		}
		return first, secondOK, err
	}
	for size := int64(minPageSize); size <= maxPageSize; size *= 2 {
		second, ok, err := readMetaAt(f, size)
		if err != nil {
			return meta{}, false, err
		}
		if ok && second.pageSize == size {
			return second, false, nil
		}
	}
	return meta{}, false, damage("neither of its two heads is valid")
}

// readMetaAt reads the meta page at a position, which may be beyond the end of
// the file.
func readMetaAt(f io.ReaderAt, at int64) (m meta, ok bool, err error) {
	var b [pageHeaderSize + metaSize]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		if err == io.EOF {
			err = nil
		}
		return m, false, err
	}
	m, ok = parseMeta(b[:])
	return m, ok, nil
}

// A page is one page of a tree, with all that belongs to it.
type page []byte

func (p page) id() uint64       { return order.Uint64(p) }
func (p page) flags() uint16    { return order.Uint16(p[8:]) }
func (p page) count() int       { return int(order.Uint16(p[10:])) }
func (p page) overflow() uint32 { return order.Uint32(p[12:]) }

// An element is a key of a page, with a child or a value. Its slices belong to
// the page.
type element struct {
	key, value []byte
	child      uint64
	isBucket   bool
}

// elements calls f with each element of a branch or leaf page, in order, and
// returns its error. It is a [damageError] if one does not lie where it must.
func (p page) elements(f func(i int, e element) error) error {
	leaf := p.flags() == flagLeaf
	next := int64(pageHeaderSize + elementSize*p.count()) // Where the next key must be.
	for i := range p.count() {
		at := int64(pageHeaderSize + elementSize*i)
		if at+elementSize > int64(len(p)) {
			return damage("page %d has %d elements, more than fit", p.id(), p.count())
		}
		b := p[at:]
		var e element
		var pos, keySize, valueSize int64
		if leaf {
			flags := order.Uint32(b)
			if flags > elementIsBucket {
				return damage("element %d of page %d has the flags %#x", i, p.id(), flags)
			}
			e.isBucket = flags == elementIsBucket
			pos, keySize, valueSize = int64(order.Uint32(b[4:])), int64(order.Uint32(b[8:])), int64(order.Uint32(b[12:]))
		} else {
			pos, keySize = int64(order.Uint32(b)), int64(order.Uint32(b[4:]))
			e.child = order.Uint64(b[8:])
		}
		start, end := at+pos, at+pos+keySize+valueSize
		if start != next || keySize == 0 || end > int64(len(p)) {
			return damage("element %d of page %d is not where it must be", i, p.id())
		}
		e.key, e.value = p[start:start+keySize], p[start+keySize:end]
		next = end
		if err := f(i, e); err != nil {
			return err
		}
	}
	return nil
}
