package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
)

// useBlocksProgram puts a shell script in the place of the program that writes
// blocks, or nothing if it is empty.
func useBlocksProgram(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, blocksProgram), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestBackfillBlocks(t *testing.T) {
	dir := t.TempDir()
	stream := filepath.Join(dir, "stream")
	useBlocksProgram(t, `[ "$1 $2" = "-- `+dir+`/out" ] && cat >`+stream+` && echo '{"blocks":3,"bytes":4711}'`)
	status, stdout, summary := call(t, "", "backfill", "--output="+dir+"/out", "--label=site=ams", "--label=instance=", "testdata/backfill.log")
	if status != 0 || stdout != "" || !strings.Contains(summary, "\nblocks        3\nsize          4711 bytes\n") {
		t.Fatalf("status %d, stdout %q: %s", status, stdout, summary)
	}
	f, err := os.Open(stream)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var record samples.Record
	all := map[string]int{}
	for r := samples.NewReader(f); ; {
		err := r.Next(&record)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if record.Labels == nil {
			all["samples"]++
			continue
		}
		for _, l := range record.Labels {
			if l.Name == "job" || l.Name == "instance" || l.Name == "site" {
				all[l.Name+"="+l.Value]++
			}
		}
		all["series"]++
	}
	if n := all["series"]; n == 0 || all["samples"] < n || all["job=ftd"] != n || all["site=ams"] != n || len(all) != 4 {
		t.Errorf("the stream has %v", all)
	}
}

func TestBackfillBlocksFails(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "fw.log")
	line := "2026-03-17T12:00:07Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"
	if err := os.WriteFile(log, []byte(strings.Repeat(line, 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ script, err string }{
		{"", "blocks need the program ftd_exporter_blocks, which is in every package and archive of ftd_exporter; put it beside"},
		{"echo disk full >&2; exit 1", "ftd_exporter_blocks: disk full"},
		{"head -c 100 >/dev/null; echo disk full >&2; exit 1", "ftd_exporter_blocks: disk full"},
		{"cat >/dev/null; echo disk full >&2; exit 1", "ftd_exporter_blocks: disk full"},
		{"cat >/dev/null; exit 7", "ftd_exporter_blocks: exit status 7"},
		{"cat >/dev/null; echo '<html>'", "it must be of the same version as ftd_exporter"},
	} {
		useBlocksProgram(t, tc.script)
		status, _, stderr := call(t, "", "backfill", "--output="+dir+"/out", log)
		if status != 1 || !strings.Contains(stderr, tc.err) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d: %s", tc.script, status, stderr)
		}
	}
}

// An interruption ends the program's input and waits for it.
func TestBackfillBlocksInterrupted(t *testing.T) {
	dir := t.TempDir()
	begun, ended := filepath.Join(dir, "begun"), filepath.Join(dir, "ended")
	useBlocksProgram(t, `trap '' TERM; touch `+begun+`; cat >/dev/null; echo not complete >&2; touch `+ended+`; exit 1`)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(begun); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	in, w := io.Pipe()
	defer w.Close()
	go func() {
		for {
			if _, err := io.WriteString(w, "2026-03-17T12:00:07Z fw1 : %FTD-6-302013: Built\n"); err != nil {
				return
			}
		}
	}()
	var stderr bytes.Buffer
	status := run(ctx, []string{"backfill", "--output=" + dir + "/out", "-"}, streams{in, io.Discard, &stderr})
	if status != 1 || stderr.String() != "ftd_exporter backfill: interrupted; nothing was written\n" {
		t.Errorf("status %d: %s", status, stderr.String())
	}
	if _, err := os.Stat(ended); err != nil {
		t.Error(err)
	}
}
