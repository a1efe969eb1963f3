package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// backfillFile runs backfill on logs in a new directory and returns the file
// and the summary.
func backfillFile(t *testing.T, args ...string) (name, summary string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "out.om")
	status, stdout, summary := call(t, "", append([]string{"backfill", "--output=" + name}, args...)...)
	if status != 0 || stdout != "" {
		t.Fatalf("status %d, stdout %q: %s", status, stdout, summary)
	}
	return name, summary
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBackfillGolden(t *testing.T) {
	const log = "testdata/backfill.log"
	name, summary := backfillFile(t, log)
	got := read(t, name)
	testutil.Golden(t, "testdata/backfill.om", got)
	for _, want := range []string{
		"lines         6\nmatched       4\nunmatched     0\nuncatalogued  1\nrejected      1 (no_tag 1)\n",
		fmt.Sprintf("\nsize          %d bytes\nlate          0 ", len(got)),
	} {
		if !strings.Contains(summary, want) {
			t.Errorf("no %q in\n%s", want, summary)
		}
	}

	// Compressed files, two files, and standard input give the same result.
	text := read(t, log)
	half := len(text)/2 + strings.IndexByte(text[len(text)/2:], '\n') + 1
	dir := t.TempDir()
	var files []string
	for i, part := range []string{text[:half], text[half:]} {
		var gz bytes.Buffer
		z := gzip.NewWriter(&gz)
		io.WriteString(z, part)
		z.Close()
		files = append(files, filepath.Join(dir, fmt.Sprint(i)))
		if err := os.WriteFile(files[i], gz.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, _ = backfillFile(t, files...)
	if read(t, name) != got {
		t.Error("two compressed files give another result")
	}
	name = filepath.Join(dir, "out.om")
	if status, _, stderr := call(t, text, "backfill", "--output="+name, "-"); status != 0 || read(t, name) != got {
		t.Errorf("standard input gives another result: status %d: %s", status, stderr)
	}
}

func TestBackfillFails(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "fw.log")
	if err := os.WriteFile(log, []byte(fan), 0o600); err != nil {
		t.Fatal(err)
	}
	out, logAsText := filepath.Join(dir, "out.om"), filepath.Join(dir, "log.om")
	if err := os.WriteFile(logAsText, []byte(fan), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "dir.om"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args   []string
		status int
		err    string
	}{
		{[]string{log}, 2, "'--output' not provided"},
		{[]string{"--output=" + out}, 2, "required argument 'file' not provided"},
		{[]string{"--output=" + log, log}, 1, "is a file; name a new directory for blocks, or a file that ends in .om"},
		{[]string{"--output=" + logAsText, logAsText}, 1, "is one of the logs; name another file"},
		{[]string{"--output=" + filepath.Join(dir, "dir.om"), log}, 1, "is not a regular file"},
		{[]string{"--output=" + filepath.Join(dir, "none", "x.om"), log}, 1, "no such file or directory"},
		{[]string{"--output=" + out, log, "nofile"}, 1, "open nofile: no such file"},
		{[]string{"--output=" + out, "--interval=1h", log}, 1, "interval 1h0m0s: must be from 1s to 4m0s"},
		{[]string{"--output=" + out, "--refresh=10s", log}, 1, "refresh 10s: must be from 1m0s, the interval, to 4m0s"},
		{[]string{"--output=" + out, "--label=site", log}, 1, "--label=site: must be NAME=VALUE"},
		{[]string{"--output=" + out, "--label=a-b=c", log}, 1, "--label=a-b=c: must be NAME=VALUE"},
		{[]string{"--output=" + out, "--label=__name__=c", log}, 1, "--label=__name__=c: must be NAME=VALUE"},
		{[]string{"--output=" + out, "--label=a=\xff", log}, 1, "the value is not valid UTF-8"},
		{[]string{"--output=" + out, "--label=device=x", log}, 1, "label device: ftd_component_ok has a label of this name"},
	} {
		status, _, stderr := call(t, "", append([]string{"backfill"}, tc.args...)...)
		if status != tc.status || !strings.Contains(stderr, tc.err) {
			t.Errorf("%v: status %d: %s", tc.args, status, stderr)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	status := run(ctx, []string{"backfill", "--output=" + out, log}, streams{strings.NewReader(""), io.Discard, &stderr})
	if status != 1 || !strings.Contains(stderr.String(), "interrupted; nothing was written") {
		t.Errorf("interrupted: status %d: %s", status, stderr.String())
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("files left behind: %v", left)
	}
}

// promtool creates blocks from a backfill, and returns a function that queries
// their value of a selector at a time.
func promtool(t *testing.T, om string) (at func(when time.Time, match string) string) {
	t.Helper()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is missing: apt-get install prometheus")
	}
	db := t.TempDir()
	call := func(args ...string) string {
		t.Helper()
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), tool, append([]string{"tsdb"}, args...)...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("promtool %v: %v: %s", args, err, stderr.String())
		}
		return string(out)
	}
	call("create-blocks-from", "--max-block-duration=162h", "openmetrics", om, db)
	return func(when time.Time, match string) string {
		t.Helper()
		// A query returns the last sample of five minutes.
		ms := when.UnixMilli()
		out := call("dump", fmt.Sprintf("--min-time=%d", ms-(5*time.Minute).Milliseconds()+1), fmt.Sprintf("--max-time=%d", ms), "--match="+match, db)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		fields := strings.Fields(lines[len(lines)-1])
		if len(fields) < 2 {
			return ""
		}
		return fields[len(fields)-2]
	}
}

func TestBackfillPromtool(t *testing.T) {
	day := time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC)
	var log strings.Builder
	line := func(at time.Duration, device, text string) {
		fmt.Fprintf(&log, "<161>%s %s : %s\n", day.Add(at).Format(time.RFC3339), device, text)
	}
	for at := time.Duration(0); at < 24*time.Hour; at += 10 * time.Minute {
		for d := range 3 {
			line(at, fmt.Sprint("fw", d), "%FTD-6-302013: Built")
		}
		switch at {
		case 20 * time.Minute:
			line(at, "fw2", "%FTD-1-735001: Cooling Fan 2: OK")
		case 8 * time.Hour:
			line(at, "fw2", "%FTD-1-735002: Cooling Fan 2: Failure Detected")
		case 16 * time.Hour:
			line(at, "fw2", "%FTD-1-735001: Cooling Fan 2: OK")
			line(at, "fw2", "%FTD-1-735002: Cooling Fan 2: Failure Detected")
			line(at, "fw2", "%FTD-1-735001: Cooling Fan 2: OK")
		}
	}
	name := filepath.Join(t.TempDir(), "day.log")
	if err := os.WriteFile(name, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	om, _ := backfillFile(t, name)
	at := promtool(t, om)
	const ok = `ftd_component_ok{device="fw2",component="fan",unit="2"}`
	const failures = `ftd_component_failures_total{device="fw2",component="fan",unit="2"}`
	for _, tc := range []struct {
		at    time.Duration
		match string
		want  string
	}{
		{10 * time.Minute, ok, ""}, // Unknown is not OK.
		{20 * time.Minute, ok, "1"},
		{20 * time.Minute, failures, "0"},
		{8*time.Hour - time.Millisecond, ok, "1"},
		{8 * time.Hour, ok, "0"},
		{12*time.Hour + 3*time.Minute, ok, "0"},
		{12*time.Hour + 3*time.Minute, failures, "1"},
		{16 * time.Hour, ok, "1"},
		{16*time.Hour + time.Millisecond, ok, "0"}, // Two samples within one second.
		{16*time.Hour + 2*time.Millisecond, ok, "1"},
		{23*time.Hour + 49*time.Minute, failures, "2"},
	} {
		if got := at(day.Add(tc.at), tc.match); got != tc.want {
			t.Errorf("%s of %s: got %q, want %q", tc.at, tc.match, got, tc.want)
		}
	}
}

// The last samples of a log's backfill equal the result of its replay.
func TestBackfillFleet(t *testing.T) {
	const log = "../../examples/fleet.log"
	if _, err := os.Stat(log); err != nil {
		t.Skip("there is no sample log")
	}
	om, _ := backfillFile(t, "--label=job=", "--label=instance=", log)
	last := map[string]string{}
	for line := range strings.Lines(read(t, om)) {
		if fields := strings.SplitAfter(strings.TrimSpace(line), "} "); line[0] != '#' {
			last[strings.TrimSpace(fields[0])], _, _ = strings.Cut(fields[1], " ")
		}
	}
	_, out, _ := call(t, "", "replay", log)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(line, "{")
		if name != "ftd_component_ok" && name != "ftd_temperature_celsius" && !strings.HasSuffix(name, "_total") || families[name] == nil {
			continue
		}
		fields := strings.SplitAfter(strings.TrimSpace(line), "} ")
		if got := last[strings.TrimSpace(fields[0])]; got != fields[1] {
			t.Errorf("%sgot %s, replay has %s", fields[0], got, fields[1])
		}
		compared++
	}
	if compared < 100 {
		t.Errorf("only %d series to compare", compared)
	}
	fan := `ftd_component_ok{device="ams-edge-fw1",component="fan",unit="2"}`
	if got := promtool(t, om)(time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC), fan); got != "0" {
		t.Errorf("%s was %q at six, and the fan had failed at two", fan, got)
	}
}
