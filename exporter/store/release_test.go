package store_test

import (
	"fmt"
	"path/filepath"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"
)

// forced returns how often the program has collected garbage when it was told to.
func forced() uint64 {
	s := []metrics.Sample{{Name: "/gc/cycles/forced:gc-cycles"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// A write of many records gives memory back, but not all the time; a write of a few
// does not.
func TestMemoryIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := begin(t, filepath.Join(t.TempDir(), "state"))
		defer l.stop()
		// Past the next tick, which writes what there is.
		say := func(devices int) (released uint64) {
			before := forced()
			for d := range devices {
				for fan := range 20 {
					l.say(fmt.Sprintf("fw%d : %%FTD-1-735001: Cooling Fan %d: OK", d, fan))
				}
			}
			time.Sleep(6 * time.Second)
			synctest.Wait()
			return forced() - before
		}
		if n := say(10); n != 0 {
			t.Errorf("released %d times after a few records", n)
		}
		if n := say(1000); n != 1 {
			t.Errorf("released %d times after many", n)
		}
		if n := say(1000); n != 0 {
			t.Errorf("released %d times at once again", n)
		}
		time.Sleep(time.Minute)
		if n := say(2000); n != 1 {
			t.Errorf("released %d times later", n)
		}
	})
}
