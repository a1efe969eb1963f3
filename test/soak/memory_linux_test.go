package soak

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A memoryGroup is a control group with a limit of memory.
type memoryGroup struct {
	dir  string
	peak string // The file with the most that it has used.
}

// newMemoryGroup makes a control group, or skips the test.
func newMemoryGroup(t *testing.T, limit int) *memoryGroup {
	t.Helper()
	name := fmt.Sprintf("ftd_exporter_test_%d", os.Getpid())
	var errs []error
	for _, version := range []struct{ parent, sign, limit, peak string }{
		{"/sys/fs/cgroup", "cgroup.controllers", "memory.max", "memory.peak"},
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.limit_in_bytes", "memory.max_usage_in_bytes"}, // Version 1.
	} {
		dir := filepath.Join(version.parent, name)
		_, err := os.Stat(filepath.Join(version.parent, version.sign))
		if err == nil {
			err = os.Mkdir(dir, 0o700)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.Cleanup(func() {
			// It is busy until the kernel has put the processes away.
			testutil.Eventually(t, "removing the control group", func() error { return os.Remove(dir) })
		})
		if err := os.WriteFile(filepath.Join(dir, version.limit), []byte(strconv.Itoa(limit)), 0o600); err != nil {
			errs = append(errs, err)
			continue
		}
		// No memory but the one that is limited.
		_ = os.WriteFile(filepath.Join(dir, "memory.swap.max"), []byte("0"), 0o600)
		return &memoryGroup{dir, filepath.Join(dir, version.peak)}
	}
	t.Skipf("no control group with a limit of memory can be made: %v", errors.Join(errs...))
	return nil
}

// program returns a program that is ftd_exporter within the group.
func (g *memoryGroup) program(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ftd_exporter")
	script := fmt.Sprintf("#!/bin/sh\necho $$ > %s/cgroup.procs && exec %s \"$@\"\n", g.dir, testutil.Program(t))
	if err := os.WriteFile(name, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// mostUsed returns the most that the group has used, in MiB.
func (g *memoryGroup) mostUsed() string {
	content, err := os.ReadFile(g.peak)
	n, parseErr := strconv.Atoi(strings.TrimSpace(string(content)))
	if errors.Join(err, parseErr) != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// chartLimit returns the default limit of memory of the Helm chart, in bytes.
func chartLimit(t *testing.T) int {
	t.Helper()
	values, err := os.ReadFile(filepath.Join(testutil.Root(t), "deploy/helm/ftd-exporter/values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`\n  limits:\n    memory: (\d+)Mi\n`).FindSubmatch(values)
	if m == nil {
		t.Fatal("values.yaml has no limit of memory in Mi")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n << 20
}

// Whatever is sent, the exporter keeps the limit of memory that the chart, the
// unit and docs/sizing.md give it, and starts again with what it has stored.
func TestWorstCaseKeepsTheLimitOfMemory(t *testing.T) {
	if os.Getenv("FTD_SOAK_TIME") == "" && os.Getenv("CI") != "true" {
		t.Skip("it takes minutes: make soak runs it")
	}
	for name, worst := range map[string]func(w io.Writer){
		"long names and labels": func(w io.Writer) { // The limits in bytes are reached.
			for device := range 10_000 {
				for i := range 33 {
					label := func(s string) string { return pad(fmt.Sprint(s, i), 128) }
					fmt.Fprintf(w, "%s : %%FTD-3-748008: CPU load 90%% of module %s in chassis %s (%s) exceeds overflow protection threshold 80%%. System may be oversubscribed on member failure.\n",
						pad(fmt.Sprint("d", device), 255), label("1"), label("2"), label("m"))
				}
			}
		},
		"as many series as possible": func(w io.Writer) { // And most bytes, too.
			for device := range 10_000 {
				for i := range 33 {
					fmt.Fprintf(w, "%s : %%FTD-1-735002: Cooling Fan %s: Failure Detected\n", pad(fmt.Sprint("d", device), 40), pad(strconv.Itoa(i), 20))
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			limit := chartLimit(t)
			g := newMemoryGroup(t, limit)
			flags := []string{"--syslog.listen-address=tcp://" + testutil.FreeAddr(t), "--storage.path=" + t.TempDir()}
			program := g.program(t)
			start := func() *testutil.Exporter {
				e := testutil.Start(t, program, flags...)
				eventually(t, e, "ready", func() error {
					_, err := e.Get("/-/ready")
					return err
				})
				return e
			}
			e := start()
			send(t, e, worst)
			crowdOfNames(t, e)
			stored := scrapeInAllForms(t, e)
			t.Logf("%d series; %s of %d MiB at most", stored, g.mostUsed(), limit>>20)
			e.Stop()
			e = start()
			eventually(t, e, "all series are back", func() error {
				if n := scrapeInAllForms(t, e); n < stored-stored/1000 {
					return fmt.Errorf("%d of %d series", n, stored)
				}
				return nil
			})
			t.Logf("after a restart: %s of %d MiB at most", g.mostUsed(), limit>>20)
			e.Kill()
		})
	}
}

func pad(s string, n int) string { return s + strings.Repeat("x", n-len(s)) }

// eventually is testutil.Eventually with more patience, for a process that must
// not end.
func eventually(t *testing.T, e *testutil.Exporter, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for {
		err := f()
		if err == nil {
			return
		}
		if alive := e.Cmd.Process.Signal(syscall.Signal(0)); alive != nil || time.Now().After(deadline) {
			t.Fatalf("%s: %v; the process: %v\n%s", what, err, alive, e.Log())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// send sends over one connection and waits until all is counted.
func send(t *testing.T, e *testutil.Exporter, lines func(io.Writer)) {
	t.Helper()
	conn, err := net.Dial("tcp", e.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	counted := &newlines{w: conn}
	w := bufio.NewWriterSize(counted, 1<<20)
	lines(w)
	if err := w.Flush(); err != nil {
		t.Fatalf("%v\n%s", err, e.Log())
	}
	eventually(t, e, "all is received", func() error {
		return e.Shows(fmt.Sprintf(`ftd_exporter_syslog_frames_total{listener="tcp://%s"} %s`, e.TCP, strconv.FormatFloat(float64(counted.n), 'g', -1, 64)))
	})
}

// newlines counts the lines that are written.
type newlines struct {
	w io.Writer
	n int
}

func (c *newlines) Write(b []byte) (int, error) {
	c.n += strings.Count(string(b), "\n")
	return c.w.Write(b)
}

// crowdOfNames opens as many connections as the exporter takes, each with more
// senders than it remembers, and leaves them open.
func crowdOfNames(t *testing.T, e *testutil.Exporter) {
	t.Helper()
	var group sync.WaitGroup
	for c := range 1000 {
		conn, err := net.Dial("tcp", e.TCP)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		group.Go(func() {
			w := bufio.NewWriter(conn)
			for i := range 600 {
				fmt.Fprintf(w, "%s : %%FTD-6-302013: Built\n", pad(fmt.Sprintf("c%d-%d", c, i), 255))
			}
			if err := w.Flush(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// scrapeInAllForms scrapes in each form in which metrics can be had, and returns
// how many series there are.
func scrapeInAllForms(t *testing.T, e *testutil.Exporter) (series int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: 5 * time.Minute}
	for _, form := range [][2]string{
		{"", ""},
		{"", "gzip"},
		{"", "zstd"},
		{"application/openmetrics-text; version=1.0.0", "gzip"},
		{"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "gzip"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.Web+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", form[0])
		r.Header.Set("Accept-Encoding", form[1])
		resp, err := client.Do(r)
		if err != nil {
			t.Fatalf("%s\n%s", err, e.Log())
		}
		if form[0] == "" && form[1] == "" {
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				if value, ok := strings.CutPrefix(lines.Text(), "ftd_exporter_series "); ok {
					f, err := strconv.ParseFloat(value, 64)
					if err != nil {
						t.Fatal(err)
					}
					series = int(f)
				}
			}
		}
		// One in protocol buffers may take longer than an answer can, here.
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return series
}
