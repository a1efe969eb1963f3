package store

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// Bbolt trusts its file: with a wrong number in it, it goes in circles, takes
// all memory, or panics in a goroutine where nobody can recover. So this file
// goes through all pages that are in use before bbolt does. It reads each page
// once, with memory for one path through the tree and a bit for each page.
const (
	maxDepth  = 20      // Of trees within trees. 20 branch pages would hold more than any disk.
	maxPages  = 1 << 28 // Of a file.
	maxPage   = 1 << 24 // Bytes of a branch or leaf page with its overflow.
	maxDevice = 1 << 20 // Records of a device: as many series as a whole table has by default.
)

// A checker goes through the pages of a file.
type checker struct {
	f     io.ReaderAt
	meta  meta
	used  []uint64 // A bit for each page.
	pages [maxDepth + 1]page
	known int // How many buckets of this version there are.
	// unwritable is why bbolt must not write the file although it can read it.
	unwritable error
}

// A checkResult states how a file without damage in its tree is.
type checkResult struct {
	meta meta
	// whole is false if one of the two meta pages is not valid.
	whole bool
	// unwritable is a [damageError] if bbolt can read the file, but not write it,
	// mostly because of the list of free pages.
	unwritable error
}

// check goes through a file of size bytes. It returns a [damageError] if bbolt
// must not read it, and other errors if the file could not be read now.
func check(f io.ReaderAt, size int64) (checkResult, error) {
	m, whole, err := readMeta(f)
	if err != nil {
		return checkResult{}, err
	}
	if m.high < 3 || m.high > maxPages || m.high > uint64(size/m.pageSize) {
		return checkResult{}, damage("it should have %d pages of %d bytes, but has %d bytes", m.high, m.pageSize, size)
	}
	c := checker{f: f, meta: m, used: make([]uint64, m.high/64+1)}
	c.take(0, 1)
	c.take(1, 1)
	switch n, err := c.walk(m.root, 0, rootTree, nil, nil); {
	case err != nil:
		return checkResult{}, err
	case n > 0 && c.known != len(buckets()): // Without any, a crash has left it before the first write.
		return checkResult{}, damage("a part is missing")
	}
	if err := c.freeList(); errors.As(err, new(damageError)) {
		c.unwritable = err
	} else if err != nil {
		return checkResult{}, err
	}
	return checkResult{m, whole, c.unwritable}, nil
}

// take marks n pages as used. It returns false if one is, or does not exist.
func (c *checker) take(id, n uint64) bool {
	if id >= c.meta.high || n > c.meta.high-id {
		return false
	}
	for ; n > 0; id, n = id+1, n-1 {
		if c.used[id/64]&(1<<(id%64)) != 0 {
			return false
		}
		c.used[id/64] |= 1 << (id % 64)
	}
	return true
}

// read reads b from a page on; the end of the file is damage.
func (c *checker) read(b []byte, at int64) error {
	_, err := c.f.ReadAt(b, at)
	if errors.Is(err, io.EOF) {
		return damage("it ends within its pages")
	}
	return err
}

// load reads a page into the memory of a depth.
func (c *checker) load(id uint64, depth int) (page, error) {
	at := int64(id) * c.meta.pageSize
	if id >= c.meta.high {
		return nil, damage("page %d is beyond the last", id)
	}
	p := c.pages[depth]
	if p = p[:min(int64(cap(p)), c.meta.pageSize)]; int64(len(p)) < c.meta.pageSize {
		p = make(page, c.meta.pageSize)
	}
	if err := c.read(p, at); err != nil {
		return nil, err
	}
	size := (1 + int64(p.overflow())) * c.meta.pageSize
	switch {
	case p.id() != id:
		return nil, damage("page %d has the number %d", id, p.id())
	case p.flags() != flagBranch && p.flags() != flagLeaf:
		return nil, damage("page %d of a tree has the flags %#x", id, p.flags())
	case size > max(maxPage, c.meta.pageSize):
		return nil, damage("page %d takes %d bytes", id, size)
	case !c.take(id, 1+uint64(p.overflow())):
		return nil, damage("page %d is used twice", id)
	}
	if size > c.meta.pageSize {
		if int64(cap(p)) < size {
			p = append(make(page, 0, size), p...)
		}
		p = p[:size]
		if err := c.read(p[c.meta.pageSize:], at+c.meta.pageSize); err != nil {
			return nil, err
		}
	}
	c.pages[depth] = p
	return p, nil
}

// A tree is what a tree of pages must hold.
type tree int

const (
	rootTree    tree = iota // The buckets of the file.
	devicesTree             // Buckets only, one for each device.
	deviceTree              // Records of a device or the like, of which there is a limit.
	anyTree
)

// walk goes through the tree of a bucket from a page down, whose keys are from
// low to below high; nil is not a limit. It returns how many elements its leaves
// have.
func (c *checker) walk(id uint64, depth int, kind tree, low, high []byte) (records int, err error) {
	if depth > maxDepth {
		return 0, damage("its tree is deeper than %d pages", maxDepth)
	}
	p, err := c.load(id, depth)
	if err != nil {
		return 0, err
	}
	if p.flags() == flagLeaf {
		return p.count(), c.leaf(p, depth, kind, low, high)
	}
	if p.count() == 0 {
		return 0, damage("branch page %d is empty", id)
	}
	// A child ends where the next begins, so it waits for that.
	var from []byte
	var child uint64
	descend := func(to []byte) error {
		n, err := c.walk(child, depth+1, kind, from, to)
		if records += n; err == nil && kind == deviceTree && records > maxDevice {
			err = damage("a device has more than %d series", maxDevice)
		}
		return err
	}
	err = p.elements(func(i int, e element) error {
		if err := c.keyOrder(p, i, from, e.key, low, high); err != nil {
			return err
		}
		if i > 0 {
			if err := descend(e.key); err != nil {
				return err
			}
		}
		from, child = e.key, e.child
		return nil
	})
	if err == nil {
		err = descend(high)
	}
	return records, err
}

// leaf checks a leaf page and the buckets in it.
func (c *checker) leaf(p page, depth int, kind tree, low, high []byte) error {
	var previous []byte
	return p.elements(func(i int, e element) error {
		if err := c.keyOrder(p, i, previous, e.key, low, high); err != nil {
			return err
		}
		previous = e.key
		if kind == devicesTree && !e.isBucket {
			return damage("%q is not a device", e.key)
		}
		known := kind == rootTree && slices.ContainsFunc(buckets(), func(name []byte) bool { return bytes.Equal(e.key, name) })
		if known {
			c.known++
		}
		if !e.isBucket {
			if known {
				return damage("%q is not a bucket", e.key)
			}
			return nil
		}
		inner := anyTree
		switch {
		case kind == rootTree && bytes.Equal(e.key, bucketDevices):
			inner = devicesTree
		case kind == devicesTree, known:
			inner = deviceTree
		}
		return c.bucket(e.value, depth, inner)
	})
}

// bucket checks a bucket by its value.
func (c *checker) bucket(value []byte, depth int, kind tree) error {
	if len(value) < bucketHeaderSize {
		return damage("a bucket is too short")
	}
	if root := order.Uint64(value); root != 0 {
		if len(value) != bucketHeaderSize {
			return damage("a bucket is too long")
		}
		_, err := c.walk(root, depth+1, kind, nil, nil)
		return err
	}
	p := page(value[bucketHeaderSize:])
	if len(p) < pageHeaderSize || p.flags() != flagLeaf || p.overflow() != 0 {
		return damage("the page in a bucket is not a leaf")
	}
	var previous []byte
	return p.elements(func(i int, e element) error {
		if e.isBucket {
			return damage("there is a bucket within a bucket")
		}
		defer func() { previous = e.key }()
		return c.keyOrder(p, i, previous, e.key, nil, nil)
	})
}

// keyOrder checks a key of a page against the one before it and its limits.
func (c *checker) keyOrder(p page, i int, previous, key, low, high []byte) error {
	if i > 0 && bytes.Compare(previous, key) >= 0 || i == 0 && bytes.Compare(low, key) > 0 || high != nil && bytes.Compare(key, high) >= 0 {
		return damage("key %d of page %d is not in order", i, p.id())
	}
	// When it writes a page, bbolt looks for its first key in the branch above, and
	// adds the page once more if it does not find it.
	if i == 0 && low != nil && !bytes.Equal(low, key) {
		c.unwritable = damage("page %d does not begin with the key that it should", p.id())
	}
	return nil
}

// freeList checks the list of free pages, after all trees.
func (c *checker) freeList() error {
	id := c.meta.freeList
	if id == noFreeList {
		return damage("it does not have a list of free pages")
	}
	if id >= c.meta.high {
		return damage("the list of free pages is beyond the last page")
	}
	at := int64(id) * c.meta.pageSize
	p := make(page, pageHeaderSize+8)
	if err := c.read(p, at); err != nil {
		return err
	}
	if p.id() != id || p.flags() != flagFreeList || !c.take(id, 1+uint64(p.overflow())) {
		return damage("page %d is not a list of free pages", id)
	}
	n, start := uint64(p.count()), int64(pageHeaderSize)
	if n == 0xFFFF {
		n, start = order.Uint64(p[pageHeaderSize:]), pageHeaderSize+8
	}
	if room := (1+int64(p.overflow()))*c.meta.pageSize - start; n > uint64(room)/8 {
		return damage("the list of free pages has %d numbers, more than fit", n)
	}
	b := make([]byte, 1<<16)
	for at += start; n > 0; {
		part := b[:min(n*8, uint64(len(b)))]
		if err := c.read(part, at); err != nil {
			return err
		}
		at += int64(len(part))
		n -= uint64(len(part)) / 8
		for ; len(part) > 0; part = part[8:] {
			if free := order.Uint64(part); !c.take(free, 1) {
				return damage("page %d is in the list of free pages, but is not free", free)
			}
		}
	}
	return nil
}
