package simulator_test

import (
	"bytes"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/simulator"
)

func contents(t *testing.T, w simulator.Workload) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := w.Generate().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkloadDependsOnItsSeed(t *testing.T) {
	w := simulator.Workload{Lines: 20_000, Devices: 200, Seed: 7}
	first := contents(t, w)
	if !bytes.Equal(first, contents(t, w)) {
		t.Error("equal workloads give unequal lines")
	}
	w.Seed++
	if bytes.Equal(first, contents(t, w)) {
		t.Error("unequal seeds give equal lines")
	}
}

// A tenth of the lines feed metrics, the average line has 205 bytes, every
// device sends some, and an exporter reads each line as one message of its
// device, with a timestamp.
func TestWorkloadMix(t *testing.T) {
	r := newReader(t, compile(t))
	feeds := map[string]bool{}
	for _, collector := range collectors.All() {
		for _, rule := range collector.Rules {
			feeds[rule.ID.String()] = true
		}
	}

	const n = 50_000
	lines := simulator.Workload{Lines: n, Devices: 200, Seed: 1}.Generate()
	if lines.Len() != n {
		t.Errorf("%d lines, want %d", lines.Len(), n)
	}
	names := map[int]string{}
	tracked, sent, families := 0, map[string]int{}, map[string]int{}
	for i := range n {
		line := lines.Line(i)
		number := lines.Device(i)
		x := r.explain(string(line), names[number])
		if x.Count != 1 || x.Timestamp == "" || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("%q is a message that came %d times, with the timestamp %q", line, x.Count, x.Timestamp)
		}
		names[number] = x.Device
		sent[x.Device]++
		families[x.MessageID[:3]]++
		if feeds[x.MessageID] {
			tracked++
		}
	}
	if share := float64(tracked) / n; share < 0.09 || share > 0.11 {
		t.Errorf("%.3f of the lines feed metrics, want 0.10", share)
	}
	if mean := float64(lines.Size()) / n; mean < 202 || mean > 208 {
		t.Errorf("%.1f bytes a line, want 205", mean)
	}
	if len(sent) != 200 {
		t.Errorf("%d devices, want 200", len(sent))
	}
	for name, count := range sent {
		if count < n/400 || count > n/100 {
			t.Errorf("%s sends %d of %d lines", name, count, n)
		}
	}
	for _, family := range []string{"106", "111", "302", "305", "430", "725", "733", "735", "743", "748", "768"} {
		if families[family] == 0 {
			t.Errorf("no line of %s000 to %s999", family, family)
		}
	}
}

func TestWorkloadOfAnyNumberOfDevices(t *testing.T) {
	for _, n := range []int{1, 2, 16, 29, 31, 10_000} {
		w := simulator.Workload{Lines: 100, Devices: n, Seed: 1}
		if got := w.Generate().Len(); got != 100 {
			t.Errorf("%d lines of %d devices", got, n)
		}
	}
}

// After the reports of all parts, each report of a fan gives a device the same
// number of series.
func TestSeriesFiller(t *testing.T) {
	r := newReader(t, compile(t))
	added := func(lines *simulator.Lines) int {
		before := len(r.series())
		for i := range lines.Len() {
			r.apply(string(lines.Line(i)))
		}
		return len(r.series()) - before
	}
	filler := simulator.NewSeriesFiller(3, 1)
	added(filler.Boot())
	one := added(filler.Fans(1))
	if four := added(filler.Fans(4)); one < 1 || four != 4*one {
		t.Errorf("one fan has %d series, the next four have %d", one, four)
	}
}
