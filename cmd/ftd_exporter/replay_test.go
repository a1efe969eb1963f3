package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	log := fan +
		"<161>%FTD-1-735004: Power Supply 1: Failure Detected\n" + // From the default device.
		"fw1 : %FTD-1-735004: Power Supply 1 smells\n" + // Unmatched.
		"fw1 : %FTD-6-302013: Built\n" + // Unknown id.
		"\n" +
		"hello\n" +
		strings.Repeat("x", 9000) + "\n" +
		strings.TrimSuffix(fan, "\n") // The last line does not end with a newline.
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	io.WriteString(g, log)
	g.Close()
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(z, log)
	z.Close()

	for name, args := range map[string][]string{
		"plain": {write("plain.log", []byte(log))},
		"gzip":  {write("packed.log", gz.Bytes())},
		"zstd":  {write("other.log", zst.Bytes())},
		"stdin": {"-"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, summary := call(t, log, append([]string{"replay", "--peer=192.0.2.7"}, args...)...)
			if status != 0 {
				t.Fatalf("status %d: %s", status, summary)
			}
			for _, want := range []string{
				`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
				`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
				`ftd_component_ok{component="power_supply",device="192.0.2.7",unit="1"} 0`,
			} {
				if !strings.Contains(out, want+"\n") {
					t.Errorf("no %s in\n%s", want, out)
				}
			}
			parser := expfmt.NewTextParser(model.UTF8Validation)
			if _, err := parser.TextToMetricFamilies(strings.NewReader(out)); err != nil {
				t.Errorf("the output is not a valid exposition: %v", err)
			}
			want := "lines         8\nmatched       3\nunmatched     1\nuncatalogued  1\nrejected      3 (empty 1, no_tag 1, too_long 1)\n" +
				"  empty:      the line contains only white space\n" +
				"  no_tag:     the line does not have a tag such as %FTD-1-735004:, so it is not a message of a firewall\n" +
				"  too_long:   the line is longer than 8 KiB\n"
			if !strings.Contains(summary, want) || !strings.Contains(summary, "lines/s") {
				t.Errorf("summary:\n%s\nwant\n%s", summary, want)
			}
		})
	}
	t.Run("damaged", func(t *testing.T) {
		status, _, stderr := call(t, "", "replay", write("cut.gz", gz.Bytes()[:gz.Len()/2]))
		if status != 1 || !strings.Contains(stderr, "cut.gz: unexpected EOF") {
			t.Errorf("status %d: %s", status, stderr)
		}
	})
	t.Run("one of two is missing", func(t *testing.T) {
		status, out, stderr := call(t, "", "replay", "nofile", filepath.Join(dir, "plain.log"))
		if status != 1 || !strings.Contains(out, "ftd_component_ok") || !strings.Contains(stderr, "nofile") {
			t.Errorf("status %d: %s", status, stderr)
		}
	})
}

func TestProgressLine(t *testing.T) {
	for want, got := range map[string]string{
		"big.log: 1000 lines, 1 MiB of 4, 25%, 3s left": progressLine("big.log", 1<<20, 4<<20, 1000, time.Second),
		"-: 1000 lines, 1 MiB":                          progressLine("-", 1<<20, 0, 1000, time.Second),
		"a: 0 lines, 0 MiB of 4, 0%":                    progressLine("a", 0, 4<<20, 0, time.Second),
		"a: 9 lines, 4 MiB of 4, 100%":                  progressLine("a", 4<<20, 4<<20, 9, time.Second),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
