package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestSpread(t *testing.T) {
	for _, tc := range []struct {
		runs []float64
		want Spread
		text string
	}{
		{nil, Spread{}, "0"},
		{[]float64{0.25}, Spread{0.25, 0.25, 0.25}, "0.250"},
		{[]float64{3, 1, 2}, Spread{2, 1, 3}, "2.00 (1.00-3.00)"},
		{[]float64{4, 1, 2, 3}, Spread{2.5, 1, 4}, "2.50 (1.00-4.00)"},
		{[]float64{100.2, 99.96, 100}, Spread{100, 99.96, 100.2}, "100 (100.0-100)"},
		{[]float64{200_000, 200_000}, Spread{200_000, 200_000, 200_000}, "200000"},
		{[]float64{0.00002}, Spread{0.00002, 0.00002, 0.00002}, "2e-05"},
	} {
		got := spread(tc.runs)
		if got != tc.want || got.text(1) != tc.text {
			t.Errorf("%v: %v %q, want %v %q", tc.runs, got, got.text(1), tc.want, tc.text)
		}
	}
}

func TestReport(t *testing.T) {
	same := func(f float64) Spread { return Spread{f, f, f} }
	r := Report{
		Machine:  Machine{CPU: "Abacus", Cores: 2, Kernel: "6.1", Go: "go1.26", Exporter: "1.0"},
		Workload: WorkloadReport{Lines: 1000, Devices: 200, Seed: 1, MeanBytes: 205.04},
		Runs:     3,
		Intake: []IntakeRow{
			{Case: "udp, flat out", Subject: "ftd_exporter", CPU: Spread{1.5, 1.25, 2}, Rate: same(300_000), Lost: same(0.125), Memory: same(64 << 20)},
		},
		Lossless: []LosslessRow{{Subject: "bare Go sink", Rate: same(250_000), Ends: []string{"loses datagrams", "builds up a backlog", "loses datagrams"}}},
		Scrapes: []ScrapeRow{
			{Format: "text", Series: 500, CPU: same(0.25), Duration: same(0.5), Size: same(45e6), AllocatedBytes: same(5e6), Allocations: same(671), Memory: 3 << 19},
		},
		DuringScrape: []DuringScrapeRow{{Case: "udp, 10/s", Series: 500, Scrapes: same(4), Duration: same(0.5), Rate: same(10)}},
		Problems:     []string{"2 and 2 is 5"},
	}
	text := `what      is
exporter  1.0
cpu       Abacus, 2 cores
kernel    6.1
go        go1.26
lines     1000 of 205.0 bytes on average, 200 devices, seed 1
figures   median (minimum-maximum) of 3 runs

intake         subject       CPU-s per million  lines/s  lost %  peak MiB
udp, flat out  ftd_exporter  1.50 (1.25-2.00)   300000   12.5    64.0

UDP without loss  lines/s  a higher rate
bare Go sink      250000   builds up a backlog, loses datagrams

scrape  series  CPU-s  seconds  MB    allocated MB  allocations  peak MiB
text    500     0.250  0.500    45.0  5.00          671          1.50

during scrapes  series  scrapes  seconds each  lines/s  lost %
udp, 10/s       500     4.00     0.500         10.0     0

Counts do not add up: 2 and 2 is 5
`
	var b bytes.Buffer
	if err := r.Text(&b); err != nil || b.String() != text {
		t.Errorf("%v:\n%s\nwant\n%s", err, b.String(), text)
	}
	b.Reset()
	table := "| intake | subject | CPU-s per million | lines/s | lost % | peak MiB |\n|---|---|---|---|---|---|\n" +
		"| udp, flat out | ftd_exporter | 1.50 (1.25-2.00) | 300000 | 12.5 | 64.0 |\n"
	if err := r.Markdown(&b); err != nil || !strings.Contains(b.String(), table) {
		t.Errorf("%v:\n%s\nlacks\n%s", err, b.String(), table)
	}
}
