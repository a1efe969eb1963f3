package bench_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/bench"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

func contents(t *testing.T, w bench.Workload) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := w.Generate().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEqualSeedsGiveEqualLines(t *testing.T) {
	w := bench.Workload{Lines: 20_000, Devices: 200, Seed: 7}
	first := contents(t, w)
	if !bytes.Equal(first, contents(t, w)) {
		t.Error("the same workload gives other lines")
	}
	w.Seed++
	if bytes.Equal(first, contents(t, w)) {
		t.Error("another seed gives the same lines")
	}
}

// A tenth of the lines feed metrics, the average line has 205 bytes, every
// device speaks, and the exporter reads each line as one message of its device.
func TestMix(t *testing.T) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	decoder := exporter.NewDecoder(c)
	feeds := map[uint32]bool{}
	for _, collector := range families.All() {
		for _, rule := range collector.Rules {
			feeds[rule.ID] = true
		}
	}

	const n = 100_000
	lines := bench.Workload{Lines: n, Devices: 200, Seed: 1}.Generate()
	if lines.Len() != n {
		t.Errorf("%d lines, want %d", lines.Len(), n)
	}
	var size, inScope int
	devices, families := map[string]int{}, map[uint32]int{}
	for i := range lines.Len() {
		line := lines.Line(i)
		size += len(line)
		decoder.Decode(line, nil)
		h := &decoder.Header
		switch {
		case decoder.Reason != syslog.OK || decoder.Outcome == catalog.Unmatched || h.Count != 1 || bytes.IndexByte(line, '\n') != len(line)-1:
			t.Fatalf("%s, %v, stands for %d: %q", decoder.Reason, decoder.Outcome, h.Count, line)
		case feeds[h.ID]:
			inScope++
		}
		if _, _, ok := decoder.Parser.Time(h, time.Now()); !ok {
			t.Fatalf("no stamp: %q", line)
		}
		devices[string(decoder.Device)]++
		families[h.ID/1000]++
	}
	if share := float64(inScope) / n; share < 0.09 || share > 0.11 {
		t.Errorf("%.3f of the lines feed metrics, want 0.10", share)
	}
	if mean := float64(size) / n; mean < 202 || mean > 208 {
		t.Errorf("%.1f bytes a line, want 205", mean)
	}
	if len(devices) != 200 {
		t.Errorf("%d devices, want 200", len(devices))
	}
	for name, said := range devices {
		if said < n/400 || said > n/100 {
			t.Errorf("%s says %d of %d lines", name, said, n)
		}
	}
	for _, family := range []uint32{106, 111, 302, 305, 430, 725, 733, 735, 743, 748, 768} {
		if families[family] == 0 {
			t.Errorf("no line of %d000 to %d999", family, family)
		}
	}
}

func TestAnyNumberOfDevices(t *testing.T) {
	for _, n := range []int{1, 2, 16, 29, 31, 10_000} {
		w := bench.Workload{Lines: 100, Devices: n, Seed: 1}
		if got := w.Generate().Len(); got != 100 {
			t.Errorf("%d lines of %d devices", got, n)
		}
	}
}
