package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// mapped returns how many KiB of a file are in memory because this process has
// mapped them.
func mapped(t *testing.T, path string) (kib int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	found, in := false, false
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); !strings.HasSuffix(fields[0], ":") {
			in = strings.HasSuffix(strings.TrimSpace(line), path)
			found = found || in
		} else if in && fields[0] == "Rss:" {
			n := 0
			if _, err := fmt.Sscan(fields[1], &n); err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	if !found {
		t.Fatalf("%s is not mapped", path)
	}
	return kib
}

// After a write of many records, the file is not in the memory of the process, and
// the table can still be read from it.
func TestMappedFileIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := begin(t, filepath.Join(t.TempDir(), "state"))
		defer l.stop()
		for d := range 1000 {
			for fan := range 20 {
				l.say(fmt.Sprintf("fw%d : %%FTD-1-735001: Cooling Fan %d: OK", d, fan))
			}
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if size, kib := fileSize(t, l.path()), mapped(t, l.path()); int64(kib) > size>>10/8 {
			t.Errorf("%d of %d KiB of the file are in memory", kib, size>>10)
		}
		l.say(fanFailed)
		l.store.WaitStored(time.Minute)
		if got, want := leftByACrash(t, l).devices(), l.devices(); got != want {
			t.Error("the file does not have what the table has")
		}
	})
}
