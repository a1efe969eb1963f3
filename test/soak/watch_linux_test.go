package soak

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// burst sends more than the kernel can buffer while the program is stopped.
func (s *soak) burst() {
	s.t.Helper()
	conn, err := s.dial("udp")
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	before := s.read()
	s.exporter.Signal(syscall.SIGSTOP)
	line := "<161>udp-long : %FTD-6-302013: Built" + strings.Repeat(" ", 1400)
	for range before.sum("ftd_exporter_syslog_receive_buffer_bytes", "listener", s.addresses["udp"])/len(line) + 100 {
		if _, err := io.WriteString(conn, line); err != nil {
			s.t.Error(err)
			break
		}
		s.ledgers["udp"].add(fate{device: "udp-long"}, 1)
	}
	s.exporter.Signal(syscall.SIGCONT)
	s.settle()
	const name = "ftd_exporter_syslog_dropped_total"
	if n := s.read().sum(name) - before.sum(name); n == 0 {
		s.t.Error("the kernel has not dropped any datagrams")
	}
}

// figures are the resources of an idle process.
type figures struct{ goroutines, descriptors, memory, heap, series int }

func (f *figures) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d KiB resident, %d of them anonymous, %d series", f.goroutines, f.descriptors, f.memory, f.heap, f.series)
}

// growth is the memory that a process may use in addition to its memory early in
// its life, in KiB. The garbage collector lets the heap grow to twice the live
// memory, and returns memory late.
const growth = 24 << 10

// figures returns the resources of the process, after waiting until they do not
// exceed the resources early in its life.
func (s *soak) figures(young *figures) *figures {
	s.t.Helper()
	f := &figures{}
	testutil.Eventually(s.t, "resources are not above those early in its life", func() error {
		s.http.CloseIdleConnections()
		r := s.read()
		f.goroutines, f.series = r.sum("go_goroutines"), r.sum("ftd_exporter_series")
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.exporter.Cmd.Process.Pid))
		if err != nil {
			s.t.Fatal(err)
		}
		f.descriptors = len(files)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.exporter.Cmd.Process.Pid))
		if err != nil {
			s.t.Fatal(err)
		}
		kib := func(name string) int {
			m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
			if m == nil {
				s.t.Fatalf("no %s in %s", name, status)
			}
			n, _ := strconv.Atoi(string(m[1]))
			return n
		}
		f.memory, f.heap = kib("VmRSS"), kib("RssAnon")
		if n := r.sum("ftd_exporter_tcp_connections"); n > 0 {
			return fmt.Errorf("%d connections", n)
		}
		if young == nil || f.goroutines <= young.goroutines && f.descriptors <= young.descriptors && f.memory <= young.memory+growth {
			return nil
		}
		return fmt.Errorf("%v; early in its life %v", f, young)
	})
	return f
}

var logField = regexp.MustCompile(`([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)`)

// checkLog looks for unexpected and for too many log lines. If the life has ended
// in order, the log must report each rejected message in the last reading.
func (s *soak) checkLog(last reading) {
	s.t.Helper()
	minutes := int(time.Since(s.began)/time.Minute) + 1
	type cause struct{ msg, listener, reason string }
	lines, counts, notices, broken := map[cause]int{}, map[cause]int{}, map[string]int{}, 0
	log := s.exporter.Log()
	for line := range strings.Lines(log) {
		f := map[string]string{}
		for _, m := range logField.FindAllStringSubmatch(line, -1) {
			value := m[2]
			if text, err := strconv.Unquote(value); err == nil {
				value = text
			}
			if _, ok := f[m[1]]; !ok {
				f[m[1]] = value
			}
		}
		c := cause{f["msg"], f["listener"], f["reason"]}
		switch {
		case f["level"] == "INFO":
			lines[cause{msg: "INFO"}]++
			continue
		case f["msg"] == "Loading the configuration failed; the last good one stays":
			broken++
			continue
		case strings.Contains(line, "tate file") && s.damages > 0:
			continue
		case f["level"] != "WARN":
			s.t.Errorf("in the log: %s", line)
		case f["msg"] == "The receive buffer is smaller than it should be; bursts may be lost":
			continue
		case f["msg"] == "A message about the state of the device matches no template and changed nothing; treat it by hand",
			strings.HasPrefix(f["msg"], "Two addresses send under one name"):
			notices[f["msg"]]++
			continue
		case f["msg"] == "Rejected messages", f["msg"] == "The kernel dropped datagrams because the receive buffer was full",
			strings.HasPrefix(f["msg"], "A connection ended before the first message"):
		default:
			s.t.Errorf("in the log: %s", line)
		}
		n, _ := strconv.Atoi(f["count"])
		counts[c] += n
		lines[c]++
	}
	if broken != s.broken {
		s.t.Errorf("%d reloads failed, want %d", broken, s.broken)
	}
	for msg, n := range notices {
		if n > 20*(minutes+1) {
			s.t.Errorf("%d lines within %d minutes of %q", n, minutes, msg)
		}
	}
	for c, n := range lines {
		limit := minutes + 1 // One more when the listener ends.
		if c.msg == "INFO" {
			limit = 30 + 4*s.reloads
		}
		if n > limit {
			s.t.Errorf("%d lines within %d minutes of %q, %s %s", n, minutes, c.msg, c.listener, c.reason)
		}
		if last == nil {
			continue
		}
		want := -1
		switch {
		case c.msg == "Rejected messages":
			want = last.sum("ftd_exporter_syslog_rejected_total", "listener", c.listener, "reason", c.reason)
		case strings.HasPrefix(c.msg, "The kernel"):
			want = last.sum("ftd_exporter_syslog_dropped_total", "listener", c.listener)
		}
		if want >= 0 && counts[c] != want {
			s.t.Errorf("the log reports %d, %s %s; the metrics report %d", counts[c], c.listener, c.reason, want)
		}
	}
	s.sums["lines of log"] += strings.Count(log, "\n")
}
