package store_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A rawFile is a state file, to be damaged. Its pages have 4096 bytes.
type rawFile []byte

const pageSize = 4096

func readRaw(t testing.TB, path string) rawFile {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if binary.NativeEndian.Uint32(b[24:]) != pageSize {
		t.Skip("the pages of this machine have another size")
	}
	return b
}

func (f rawFile) u64(at int) uint64       { return binary.NativeEndian.Uint64(f[at:]) }
func (f rawFile) set(at int, v uint64)    { binary.NativeEndian.PutUint64(f[at:], v) }
func (f rawFile) u16(at int) int          { return int(binary.NativeEndian.Uint16(f[at:])) }
func (f rawFile) set16(at int, v uint16)  { binary.NativeEndian.PutUint16(f[at:], v) }
func (f rawFile) set32(at int, v uint32)  { binary.NativeEndian.PutUint32(f[at:], v) }
func (f rawFile) kind(page uint64) int    { return f.u16(int(page)*pageSize + 8) }
func (f rawFile) child(page, n int) int   { return page*pageSize + 16 + 16*n + 8 } // Where its number stands.
func (f rawFile) clone() rawFile          { return slices.Clone(f) }
func (f rawFile) high() uint64            { return f.u64(f.meta() + 40) }
func (f rawFile) freeList() (page uint64) { return f.u64(f.meta() + 32) }

// meta returns where the last transaction's head is.
func (f rawFile) meta() int {
	if f.u64(16+48) > f.u64(pageSize+16+48) {
		return 16
	}
	return pageSize + 16
}

// sum makes the checksum of the last head right again.
func (f rawFile) sum() {
	h := fnv.New64a()
	h.Write(f[f.meta() : f.meta()+56])
	f.set(f.meta()+56, h.Sum64())
}

// find returns the number of a page in use of a kind: 1 branch, 2 leaf.
func (f rawFile) find(t testing.TB, kind int) int {
	t.Helper()
	free := map[uint64]bool{}
	at := int(f.freeList()) * pageSize
	for i := range f.u16(at + 10) {
		free[f.u64(at+16+8*i)] = true
	}
	for id := uint64(2); id < f.high(); id++ {
		if !free[id] && f.kind(id) == kind && f.u16(int(id)*pageSize+10) > 1 {
			return int(id)
		}
	}
	t.Fatal("no such page")
	return 0
}

// bucketRoot returns where the number of the root page of a bucket stands, which
// is named in a leaf.
func (f rawFile) bucketRoot(t testing.TB, name string) int {
	t.Helper()
	root := int(f.u64(f.meta()+16)) * pageSize
	i := strings.Index(string(f[root:root+pageSize]), name)
	if i < 0 {
		t.Fatal("no such bucket")
	}
	return root + i + len(name)
}

// bigFile writes a file whose trees have branches, and returns it.
func bigFile(t testing.TB) rawFile {
	t.Helper()
	l := begin(t, t.TempDir())
	for i := range 40 {
		for j := range 20 {
			l.say(fmt.Sprintf("firewall-number-%05d.example.com : %%FTD-1-735001: Cooling Fan %d: OK", i, j))
		}
		l.store.WaitStored(time.Minute)
	}
	l.stop()
	return readRaw(t, l.path())
}

// With one wrong number in the file, bbolt goes in circles, takes all memory, or
// panics where nobody can recover. All of that is found before it begins.
func TestDamagedTreesAreFoundBeforeUse(t *testing.T) {
	good := bigFile(t)
	branch, leaf := good.find(t, 1), good.find(t, 2)
	for _, tc := range []struct {
		name   string
		damage func(f rawFile)
		// restored is set if all of the state can be read: the file only cannot
		// be written as it is.
		restored bool
	}{
		{"first child is the page itself", func(f rawFile) { f.set(f.child(branch, 0), uint64(branch)) }, false},
		{"a child is the page itself", func(f rawFile) { f.set(f.child(branch, 1), uint64(branch)) }, false},
		{"two children alike", func(f rawFile) { f.set(f.child(branch, 1), f.u64(f.child(branch, 0))) }, false},
		{"a child beyond the end", func(f rawFile) { f.set(f.child(branch, 1), 1<<40) }, false},
		{"a child is a head", func(f rawFile) { f.set(f.child(branch, 1), 0) }, false},
		{"a child is the list of free pages", func(f rawFile) { f.set(f.child(branch, 1), f.freeList()) }, false},
		{"root of devices is the root", func(f rawFile) { f.set(f.bucketRoot(t, "devices"), f.u64(f.meta()+16)) }, false},
		{"devices have another name", func(f rawFile) { f[f.bucketRoot(t, "devices")-1]++ }, false},
		{"pages that all name the next", func(f rawFile) {
			for page := 2; page < 8; page++ {
				at := page * pageSize
				f.set(at, uint64(page))
				f.set16(at+8, 1)
				f.set16(at+10, 200)
				f.set32(at+12, 0)
				for i := range 200 {
					f.set32(at+16+16*i, uint32(16*(200-i)+i))
					f.set32(at+20+16*i, 1)
					f.set(f.child(page, i), uint64(page+1))
				}
			}
			f.set(f.bucketRoot(t, "devices"), 2)
		}, false},
		{"a page with too many elements", func(f rawFile) { f.set16(leaf*pageSize+10, 0xffff) }, false},
		{"a page with an element less", func(f rawFile) { f.set16(leaf*pageSize+10, uint16(f.u16(leaf*pageSize+10)-1)) }, false},
		{"a branch with an element less", func(f rawFile) { f.set16(branch*pageSize+10, uint16(f.u16(branch*pageSize+10)-1)) }, false},
		{"a page of 16 TB", func(f rawFile) { f.set32(leaf*pageSize+12, 0xffffffff) }, false},
		{"a page of no kind", func(f rawFile) { f.set16(leaf*pageSize+8, 0) }, false},
		{"a page with another number", func(f rawFile) { f.set(leaf*pageSize, 3) }, false},
		{"a key elsewhere", func(f rawFile) { f.set32(leaf*pageSize+16+4, 8000) }, false},
		{"a key too long", func(f rawFile) { f.set32(leaf*pageSize+16+8, 0xffffffff) }, false},
		{"absurd number of pages", func(f rawFile) { f.set(f.meta()+40, 1<<60); f.sum() }, false},
		{"no list of free pages", func(f rawFile) { f.set(f.meta()+32, 1<<64-1); f.sum() }, true},
		{"no list of free pages, and an absurd child", func(f rawFile) {
			f.set(f.meta()+32, 1<<64-1)
			f.sum()
			f.set(f.child(branch, 1), 1<<50)
		}, false},
		{"a branch with a lower first key", func(f rawFile) { f[branch*pageSize+16+16*f.u16(branch*pageSize+10)]-- }, true},
		{"list of free pages beyond the end", func(f rawFile) { f.set(f.meta()+32, 1<<50); f.sum() }, true},
		{"list of free pages is a leaf", func(f rawFile) { f.set(f.meta()+32, uint64(leaf)); f.sum() }, true},
		{"a list of free pages that is too long", func(f rawFile) { f.set16(int(f.freeList())*pageSize+10, 0xffff) }, true},
		{"a page in use in the list of free pages", func(f rawFile) { f.set(int(f.freeList())*pageSize+16, uint64(leaf)) }, true},
		{"a page in the list of free pages twice", func(f rawFile) {
			at := int(f.freeList())*pageSize + 16
			f.set(at, f.u64(at+8))
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := good.clone()
			tc.damage(f)
			path := filepath.Join(t.TempDir(), fileName)
			if err := os.WriteFile(path, f, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := store.Load(path, newFeeder(t).table)
			if (err == nil) != tc.restored {
				t.Errorf("load: %v", err)
			}
			if err := store.Write(filepath.Dir(path), state.Changes{Forgotten: []string{"fw1"}}); err == nil || !strings.Contains(err.Error(), "damaged: ") {
				t.Errorf("forget: %v", err)
			}
			l := begin(t, filepath.Dir(path))
			series := l.table.Stats().Series
			if tc.restored != (series > 1000) || tc.restored != l.store.Status().RestoreSuccessful {
				t.Errorf("%d series\n%s", series, l.log)
			}
			if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != 1 {
				t.Errorf("kept: %q", aside)
			}
			l.say(fanFailed)
			if !l.store.WaitStored(time.Minute) {
				t.Errorf("not stored\n%s", l.log)
			}
			if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
				t.Error(testutil.FirstDifference(got, want))
			}
		})
	}
}

// A tableOfRecords keeps what is restored into it.
type tableOfRecords struct {
	store.Table
	content []string
}

func (t *tableOfRecords) Restore(device string, records []state.Record) (restored, skipped int) {
	for _, r := range records {
		t.content = append(t.content, fmt.Sprintf("%s %q %x %d %d", device, r.Key, r.Value, r.Set, r.Began))
	}
	return len(records), 0
}

func (*tableOfRecords) Priority(string, []state.Record) int { return 1 }

func (t *tableOfRecords) RestoreEvents(records []state.EventRecord) (restored int) {
	t.content = append(t.content, fmt.Sprintf("%v", records))
	return len(records)
}

func (t *tableOfRecords) RestoreSeen(ids []catalog.ID) {
	t.content = append(t.content, fmt.Sprint(ids))
}

// load returns what a file holds.
func load(path string) (content string, result store.LoadResult, err error) {
	var table tableOfRecords
	result, err = store.Load(path, &table)
	return strings.Join(table.content, "\n"), result, err
}

// Whatever bit is another one, the same state is read, or it is told.
func TestFlippedBitsAreNoticed(t *testing.T) {
	good := bigFile(t)
	path := filepath.Join(t.TempDir(), fileName)
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	want, result, err := load(path)
	if err != nil || result != (store.LoadResult{}) {
		t.Fatal(result, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(1, seed))
	// Each kind of byte: heads, heads of pages, elements, what they are of.
	classes := map[string]func() int{
		"head":    func() int { return random.IntN(2)*pageSize + random.IntN(80) },
		"page":    func() int { return random.IntN(int(good.high()))*pageSize + random.IntN(16) },
		"element": func() int { return random.IntN(int(good.high()))*pageSize + 16 + random.IntN(16*8) },
		"page number": func() int {
			if branch := good.find(t, 1); random.IntN(2) == 0 {
				return good.child(branch, random.IntN(2)) + random.IntN(2)
			}
			return good.bucketRoot(t, []string{"devices", "messages"}[random.IntN(2)]) + random.IntN(2)
		},
		"free list": func() int { return int(good.freeList())*pageSize + random.IntN(pageSize) },
		"anywhere":  func() int { return random.IntN(int(good.high()) * pageSize) },
	}
	for name, at := range classes {
		counts := map[string]int{}
		for range 120 {
			i, bit := at(), byte(1)<<random.IntN(8)
			if _, err := f.WriteAt([]byte{good[i] ^ bit}, int64(i)); err != nil {
				t.Fatal(err)
			}
			got, result, err := load(path)
			switch {
			case err != nil:
				counts["refused"]++
			case result != (store.LoadResult{}):
				counts["told"]++
			case got == want:
				counts["same"]++
			default:
				t.Errorf("%s: bit %#x of byte %d of page %d changes the state without a word (seed %d)", name, bit, i%pageSize, i/pageSize, seed)
			}
			if _, err := f.WriteAt(good[i:i+1], int64(i)); err != nil {
				t.Fatal(err)
			}
		}
		t.Log(name, counts)
	}
}

// A record that is damaged costs itself only. It is counted, and the file is
// written anew without it.
func TestDamagedRecord(t *testing.T) {
	l := begin(t, t.TempDir())
	l.say(fanFailed, strings.Replace(fanFailed, "fw1", "fw2", 1))
	l.stop()
	f := readRaw(t, l.path())
	series := l.table.Stats().Series
	for i := range f { // In each page.
		if key := "ftd_component_failures_total\xfffan\xff1\xff"; strings.HasPrefix(string(f[i:min(i+len(key), len(f))]), key) {
			f[i+len(key)+3] ^= 1
		}
	}
	if err := os.WriteFile(l.path(), f, 0o600); err != nil {
		t.Fatal(err)
	}
	next := begin(t, filepath.Dir(l.path()))
	damaged := next.store.Status().Damaged
	if got := next.table.Stats().Series; damaged != 2 || got != series-2 {
		t.Errorf("%d of %d series restored, %d damaged", got, series, damaged)
	}
	next.expect("damaged", map[string]float64{"damaged_series": 2, "restore_successful": 1, "rewrites_total": 1, "writable": 1})
	if !strings.Contains(next.log.String(), "records=2") {
		t.Errorf("log: %s", next.log)
	}
	if aside, _ := filepath.Glob(l.path() + ".damaged-*"); len(aside) != 1 {
		t.Errorf("kept: %q", aside)
	}
	next.stop()
	last := begin(t, filepath.Dir(l.path()))
	last.expect("next life", map[string]float64{"damaged_series": 0, "rewrites_total": 0})
}
