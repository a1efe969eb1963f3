package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// beBench makes this test binary behave as bench, so that it can start its sink.
const beBench = "FTD_EXPORTER_TEST_IS_BENCH"

func TestMain(m *testing.M) {
	if os.Getenv(beBench) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// call runs bench to its end.
func call(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

// buildExporter returns the exporter, built without the race detector.
func buildExporter(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ftd_exporter")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/ftd_exporter").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// measured measures the exporter, and returns the report.
func measured(t *testing.T, args ...string) *Report {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("measuring needs Linux")
	}
	t.Setenv(beBench, "true")
	status, out, stderr := call(t, append([]string{"--output=json", "--exporter=" + buildExporter(t)}, args...)...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var r Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
		out    string // A part of standard output.
		err    string // A part of standard error.
	}{
		{"--help", 0, "usage: bench", ""},
		{"--bogus", 2, "", "bench: unknown long flag '--bogus'; try --help"},
		{"bogus", 2, "", "unexpected bogus; try --help"},
		{"sink --help", 0, "usage: bench sink", ""},
		{"--only=udp,wire", 1, "", "--only=wire: must be one of file,tcp,udp,lossless,scrape"},
		{"--runs=0", 1, "", "--runs=0: must be 1 to 100"},
		{"--lines=0", 1, "", "--lines=0: must be 1 to 10000000"},
		{"--devices=10001", 1, "", "--devices=10001: must be 1 to 10000"},
		{"--rate=0", 1, "", "--rate=0: must be 1 to 10000000"},
		{"--rate=NaN", 1, "", "--rate=NaN: must be 1 to 10000000"},
		{"--max-time=1h", 1, "", "--max-time=1h0m0s: must be more than 0s and at most 10m"},
		{"--series=1", 1, "", "--series=1: must be 50 to 2000000"},
		{"--exporter=nofile", 1, "", "nofile --version"},
		{"", 1, "", "./ftd_exporter --version"},
		{"--write-lines=/no/x", 1, "", "open /no/x: no such file or directory"},
	} {
		if status, out, err := call(t, strings.Fields(tc.args)...); status != tc.status || !strings.Contains(out, tc.out) || !strings.Contains(err, tc.err) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", tc.args, status, out, err)
		}
	}
}

func TestWriteLines(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lines.log")
	if status, _, stderr := call(t, "--lines=500", "--write-lines="+name); status != 0 {
		t.Fatal(stderr)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte{'\n'}); n != 500 {
		t.Errorf("%d lines, want 500", n)
	}
}

// A small measurement of all parts: each row exists and has results, and lines
// sent equal lines received plus lines lost.
func TestMeasure(t *testing.T) {
	r := measured(t, "--lines=3000", "--devices=20", "--rate=3000", "--max-time=500ms", "--series=1500", "--runs=1", "--only=file,tcp,udp,scrape")
	if r.Workload.Lines != 3000 || r.Workload.MeanBytes < 180 || r.Machine.Cores < 1 || r.Machine.CPU == "unknown" || r.Machine.Kernel == "unknown" || r.Machine.Go != runtime.Version() || r.Machine.Exporter == "" {
		t.Errorf("%+v, %+v", r.Workload, r.Machine)
	}

	var cases []string
	for _, row := range r.Intake {
		name := row.Case + ": " + row.Subject
		cases = append(cases, name)
		sent := int64(3000)
		if row.Case == "udp, 3000/s" {
			sent = 1500
		}
		if row.CPU.Min <= 0 || row.Rate.Min <= 0 || row.Memory.Min <= 0 || len(row.Counts) != 1 {
			t.Errorf("%s: %+v", name, row)
		}
		for _, c := range row.Counts {
			if c.Sent != sent || c.Received == 0 || c.Received+c.Dropped+c.LostBefore != sent || c.Rejected != 0 {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
	wantCases := []string{"file: ftd_exporter", "file: bare Go sink"}
	for _, way := range []string{"tcp, 1 connection", "tcp, 16 connections", "udp, 3000/s", "udp, flat out"} {
		for _, subject := range []string{"ftd_exporter", "ftd_exporter, no state file", "bare Go sink"} {
			wantCases = append(wantCases, way+": "+subject)
		}
	}
	if !slices.Equal(cases, wantCases) {
		t.Errorf("rows %q, want %q", cases, wantCases)
	}

	formats := map[string]ScrapeRow{}
	for _, row := range r.Scrapes {
		formats[row.Format] = row
		if row.Series < 2900 || row.Series > 2950 || row.CPU.Min <= 0 || row.Duration.Min <= 0 || row.AllocatedBytes.Min <= 0 || row.Allocations.Min <= 0 || row.Memory < 1<<20 {
			t.Errorf("scrape: %+v", row)
		}
	}
	text, packed := formats["text"].Size.Median, formats["text, gzip"].Size.Median
	if text < 50_000 || formats["OpenMetrics"].Size.Median < text || packed == 0 || packed > text/4 {
		t.Errorf("text has %g bytes, with gzip %g: %+v", text, packed, r.Scrapes)
	}

	if len(r.DuringScrape) != 1 || r.DuringScrape[0].Case != "udp, 3000/s" || r.DuringScrape[0].Scrapes.Min < 1 || r.DuringScrape[0].Series < 1500 {
		t.Fatalf("during scrapes: %+v", r.DuringScrape)
	}
	for _, c := range r.DuringScrape[0].Counts {
		if c.Sent != 1500 || c.Received+c.Dropped+c.LostBefore != 1500 {
			t.Errorf("during scrapes: %+v", c)
		}
	}
	if len(r.Problems) > 0 || r.Lossless != nil {
		t.Errorf("%q, %v", r.Problems, r.Lossless)
	}
}

func TestMeasureLossless(t *testing.T) {
	r := measured(t, "--lines=1000", "--max-time=20ms", "--runs=1", "--only=lossless")
	for _, row := range r.Lossless {
		if row.Rate.Median <= 0 || len(row.Ends) != 1 || row.Ends[0] == "" {
			t.Errorf("%+v", row)
		}
	}
	if len(r.Lossless) != 3 {
		t.Errorf("%+v", r.Lossless)
	}
}

// An exporter that does not read everything is detected.
func TestMeasureFindsLoss(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("measuring needs Linux")
	}
	program, careless := buildExporter(t), filepath.Join(t.TempDir(), "careless")
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in\nreplay) head -n 90 \"$2\" | %[1]s replay - ;;\n*) exec %[1]s \"$@\" ;;\nesac\n", program)
	if err := os.WriteFile(careless, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(beBench, "true")
	status, out, stderr := call(t, "--lines=100", "--runs=1", "--only=file", "--exporter="+careless)
	const problem = "file, ftd_exporter: of 100 lines, 90 read and 0 of them rejected"
	if status != 1 || !strings.Contains(out, "Counts do not add up: "+problem) || !strings.Contains(stderr, "bench: counts do not add up: "+problem) {
		t.Errorf("status %d\n%s\n%s", status, out, stderr)
	}
}
