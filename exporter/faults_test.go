package exporter

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// metricsHandler serves the table and the exporter's own metrics.
func (f *fixture) metricsHandler() http.Handler {
	f.t.Helper()
	reg := prometheus.NewRegistry()
	if err := f.Register(reg); err != nil {
		f.t.Fatal(err)
	}
	h, err := NewHandler(HandlerOptions{
		Gatherer: reg, TelemetryPath: "/metrics", Ready: new(atomic.Bool), Logger: quiet, State: f.state, Exporter: f.Exporter,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return h
}

// scraped returns what a scrape in some format gets.
func (f *fixture) scraped(accept string) string {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	f.metricsHandler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		f.t.Errorf("status %d", w.Code)
	}
	return w.Body.String()
}

// What has no end takes no memory, is one frame if any, and ends with the next
// line end.
func TestEndlessLines(t *testing.T) {
	const size = 100_000_000
	for _, tc := range []struct {
		name, piece string
		tooLong     float64
	}{
		{"letters", "x", 1},
		{"digits", "1", 1},
		{"a tag again and again", "%FTD-1-735002: Cooling Fan 1: Failure Detected ", 1},
		{"noise", "\x80\xff %", 1},
		{"blanks", " ", 1},
		{"NULs", "\x00", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			l, _ := f.listen("tcp://127.0.0.1:0")
			conn := f.dial(l)
			piece := []byte(strings.Repeat(tc.piece, 1<<20/len(tc.piece)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for sent := 0; sent < size; sent += len(piece) {
				if _, err := conn.Write(piece); err != nil {
					t.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
			io.WriteString(conn, "\n%FTD-1-735002: Cooling Fan 1: Failure Detected\n")
			eventually(t, "the next message", func() bool { return f.frames(l.Name()) == tc.tooLong+1 })
			if n := f.rejected(l.Name(), "too_long"); n != tc.tooLong {
				t.Errorf("%g too long, want %g", n, tc.tooLong)
			}
			f.shows(`ftd_component_failures_total{component="fan",device="127.0.0.1",unit="1"} 1`)
		})
	}
}

// hostile is what nobody expects in a field.
func hostile() map[string]string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return map[string]string{
		"all octets":        string(all),
		"a NUL":             "\x00",
		"invalid":           "a\xff\xfeb",
		"overlong":          "\xc0\x80\xe0\x80\xaf",
		"a surrogate":       "\xed\xa0\x80",
		"cut short":         "a\xf0\x9f\x94",
		"a terminal's":      "\x1b]0;x\x07\x1b[2J\u009b2J",
		"a quote":           `"`,
		"a backslash":       `a\`,
		"another label":     `a",device="b`,
		"another sample":    "a\"} 1\nftd_component_ok{component=\"fan\"} 0\n# EOF\n",
		"a line end":        "a\r\nb",
		"a separator":       "\u2028\u2029\u0085",
		"right to left":     "\u202ea\ufeff",
		"a replacement":     "\ufffd",
		"another plane":     "\U0001f525\U0010ffff",
		"much":              strings.Repeat("x", 5000),
		"much of two bytes": strings.Repeat("é", 2500),
		"no number":         "NaN",
		"a huge number":     "1e999",
		"digits":            strings.Repeat("9", 400),
		"minus nothing":     "-0",
		"a tag":             "%FTD-1-735004: Power Supply 9: Failure Detected",
		"a repetition":      "message repeated 4294967295 times: [ x]",
		"another":           "(99999999999 instances received)",
		"a template":        "{unit}%s%!d",
		"blanks":            " \t ",
		"nothing":           "",
	}
}

// headers are all fields of all headers that are known, one of them by a %s.
func headers() []string {
	const tag = "%%FTD-1-735002: Cooling Fan 1: Failure Detected"
	return []string{
		"<%s>Mar 17 2026 12:00:00 fw1 : " + tag,
		"<161>%s fw1 : " + tag,
		"<161>Mar 17 %s 12:00:00 fw1 : " + tag,
		"<161>Mar 17 2026 12:00:00 %s : " + tag,
		"<161>Mar 17 2026 12:00:00 %s fw1 : " + tag,
		"<161>Mar 17 2026 12:00:00 fw1 %s: " + tag,
		"<161>Mar 17 2026 12:00:00 fw1 prog[%s]: " + tag,
		"<161>:Mar 17 12:00:00 %s: " + tag,
		"<161>Mar 17 2026 12:00:00: %s: " + tag,
		"<161>2026-03-17T12:00:00%s fw1 : " + tag,
		"<161>%s : " + tag,
		"%s " + tag,
		"%s" + tag,
		"<13>Mar 17 12:00:00 %s <161>Mar 17 2026 12:00:00 fw1 : " + tag,
		"<165>1 %s fw1 app 1 id - " + tag,
		"<165>1 2026-03-17T12:00:00Z %s app 1 id - " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 %s 1 id - " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 app %s id - " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 app 1 %s - " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 app 1 id %s " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 app 1 id [%s] " + tag,
		"<165>1 2026-03-17T12:00:00Z fw1 app 1 id [x@1 y=\"%s\"] " + tag,
		"<161>fw1 : %%FTD-%s-1-735002: Cooling Fan 1: Failure Detected",
		"<161>fw1 : %%FTD-%s-735002: Cooling Fan 1: Failure Detected",
		"<161>fw1 : %%FTD-1-%s: Cooling Fan 1: Failure Detected",
		"<161>fw1 : %%%s-1-735002: Cooling Fan 1: Failure Detected",
		"<161>fw1 : %%FTD-1-735002%s Cooling Fan 1: Failure Detected",
		"message repeated %s times: [<161>fw1 : " + tag + "]",
		"<161>fw1 : %%FTD-1-735002: message repeated 2 times: [%s]",
		"<161>fw1 : " + tag + "%s",
	}
}

// texts returns messages of all wordings of the catalogue, with one of their
// fields at a time replaced.
func (f *fixture) texts(by string) (lines []string) {
	f.t.Helper()
	var m catalog.Message
	for i := range f.catalog.Len() {
		e := f.catalog.At(i)
		for _, sample := range e.Samples {
			if f.catalog.Match(e.ID, []byte(sample), &m) != catalog.Matched {
				f.t.Fatalf("%d: %q does not match", e.ID, sample)
			}
			for field := range m.Len() {
				value := string(m.Field(field).Text)
				for at := 0; value != ""; at++ { // One that occurs twice may be in either place.
					next := strings.Index(sample[at:], value)
					if next < 0 {
						break
					}
					at += next
					lines = append(lines, fmt.Sprintf("<161>fw1 : %%FTD-1-%06d: %s%s%s", e.ID, sample[:at], by, sample[at+len(value):]))
				}
			}
		}
	}
	return lines
}

// Whatever is in any field of any header and any text, what Prometheus gets has
// the metrics that it should have, labels that are text, and numbers.
func TestHostileFields(t *testing.T) {
	fields := hostile()
	for _, what := range slices.Sorted(maps.Keys(fields)) {
		t.Run(what, func(t *testing.T) {
			f := newFixture(t)
			feed := f.newFeed(f.metrics.listener("x", false))
			accepted := 0
			feedAll := func(lines ...string) {
				for _, line := range lines {
					if feed.handle([]byte(line), peerAddr, syslog.OK) == syslog.OK {
						accepted++
					}
				}
			}
			for _, header := range headers() {
				feedAll(fmt.Sprintf(header, fields[what]))
			}
			lines := f.texts(fields[what])
			if len(lines) < 300 {
				t.Errorf("only %d texts", len(lines))
			}
			feedAll(lines...)
			if accepted < len(lines)*9/10 {
				t.Errorf("only %d messages of %d have a tag", accepted, len(lines))
			}

			parser := expfmt.NewTextParser(model.UTF8Validation)
			families, err := parser.TextToMetricFamilies(strings.NewReader(f.scraped("text/plain")))
			if err != nil {
				t.Fatal(err)
			}
			samples := 0
			for name, family := range families {
				if !strings.HasPrefix(name, "ftd_") && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
					t.Errorf("a metric %q", name)
				}
				for _, m := range family.Metric {
					samples++
					for _, l := range m.Label {
						v := l.GetValue()
						if !utf8.ValidString(v) || len(v) > maxHostLength || strings.ContainsFunc(v, unicode.IsControl) {
							t.Errorf("%s has %s=%q", name, l.GetName(), v)
						}
					}
					if v := m.GetGauge().GetValue() + m.GetCounter().GetValue(); math.IsNaN(v) || math.IsInf(v, 0) {
						t.Errorf("%s is %v", name, v)
					}
				}
			}
			if samples < 100 {
				t.Errorf("only %d samples", samples)
			}
			if body := f.scraped("application/openmetrics-text;version=1.0.0"); strings.Index(body, "\n# EOF\n") != len(body)-len("\n# EOF\n") {
				t.Errorf("OpenMetrics ends in %q", body[max(0, len(body)-100):])
			}
		})
	}
	t.Run("promtool", func(t *testing.T) {
		promtool, err := exec.LookPath("promtool")
		if err != nil {
			t.Skip("promtool is missing: apt-get install prometheus")
		}
		f := newFixture(t)
		for _, field := range fields {
			for _, header := range headers() {
				f.say("192.0.2.1", fmt.Sprintf(header, field))
			}
			f.say("192.0.2.1", f.texts(field)...)
		}
		check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		check.Stdin = strings.NewReader(f.scraped("text/plain"))
		if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// A stuckListener notes which of its connections wait for their client.
type stuckListener struct {
	net.Listener
	waiting atomic.Int32
}

type stuckConn struct {
	net.Conn
	listener *stuckListener
}

func (l *stuckListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	_ = conn.(*net.TCPConn).SetWriteBuffer(16 << 10)
	return &stuckConn{conn, l}, nil
}

func (c *stuckConn) Write(b []byte) (int, error) {
	c.listener.waiting.Add(1)
	defer c.listener.waiting.Add(-1)
	return c.Conn.Write(b)
}

// Scrapes whose clients read nothing keep no message from being received: the
// kernel never has to drop one, and no sender has to wait.
func TestStuckScrapesDoNotStallIntake(t *testing.T) {
	f := newFixture(t)
	for i := range 300 { // More than fits in the buffers of a connection.
		for fan := range 20 {
			f.say("192.0.2.1", fmt.Sprintf("other%d : %%FTD-1-735001: Cooling Fan %d: OK", i, fan))
		}
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stuck := &stuckListener{Listener: inner}
	server := httptest.NewUnstartedServer(f.metricsHandler())
	server.Listener.Close()
	server.Listener = stuck
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	defer server.Close()
	var clients []net.Conn
	defer func() { // Before the server, which waits for its answers to end.
		for _, c := range clients {
			c.Close()
		}
	}()
	for i := range 6 {
		conn := f.dialTo("tcp", inner.Addr().String())
		clients = append(clients, conn)
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		accept := []string{"text/plain", "application/openmetrics-text;version=1.0.0", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"}[i%3]
		fmt.Fprintf(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", accept)
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil { // It is being answered.
			t.Fatal(err)
		}
	}
	eventually(t, "answers that wait", func() bool { return stuck.waiting.Load() == 6 })

	begin := time.Now()
	const count = 100_000
	line := []byte("fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n")
	for _, address := range []string{"tcp://127.0.0.1:0", "udp://127.0.0.1:0"} {
		l, _ := f.listen(address)
		conn := f.dial(l)
		if address[:3] == "tcp" {
			all := bytes.Repeat(line, 1000)
			for range count / 1000 {
				if _, err := conn.Write(all); err != nil {
					t.Fatal(err)
				}
			}
		} else {
			for i := range count {
				if i%100 == 0 { // What fits in the smallest buffer.
					eventually(t, "datagrams", func() bool { return f.frames(l.Name()) == float64(i) })
				}
				if _, err := conn.Write(line); err != nil {
					t.Fatal(err)
				}
			}
			if n := f.dropped(l.Name()); n != 0 {
				t.Errorf("%g datagrams dropped", n)
			}
		}
		eventually(t, "all", func() bool { return f.frames(l.Name()) == count })
		if n := stuck.waiting.Load(); n != 6 && time.Since(begin) < 5*time.Second {
			t.Errorf("only %d of the scrapes still wait", n)
		}
	}
	f.shows(fmt.Sprintf(`ftd_component_failures_total{component="fan",device="fw1",unit="1"} %d`, 2*count))
}

// A watchedConn tells when all that was sent has been handled: then the next
// Read waits.
type watchedConn struct {
	net.Conn
	octets  atomic.Int64
	reading atomic.Bool
}

func (c *watchedConn) Read(b []byte) (int, error) {
	c.reading.Store(true)
	n, err := c.Conn.Read(b)
	c.reading.Store(false)
	c.octets.Add(int64(n))
	return n, err
}

// From the kernel to the table nothing is allocated, over TCP too, in each of
// the framings.
func TestConnectionsDoNotAllocate(t *testing.T) {
	f := newFixture(t)
	l, _ := f.listen("tcp://127.0.0.1:0")
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	sender := f.dialTo("tcp", inner.Addr().String())
	conn, err := inner.Accept()
	if err != nil {
		t.Fatal(err)
	}
	watched := &watchedConn{Conn: conn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.(*tcpListener).serve(&tcpConn{Conn: watched, listener: l.(*tcpListener)})
	}()
	defer func() {
		sender.Close()
		<-done
		conn.Close()
	}()
	sent := int64(0)
	for name, line := range paths {
		for framing, frame := range map[string]string{
			"line": line + "\n", "NUL": line + "\x00", "octet count": fmt.Sprintf("%d %s", len(line), line), "bad octet count": "0 " + line + "\n",
		} {
			frames := []byte(strings.Repeat(frame, 5))
			n := testing.AllocsPerRun(100, func() {
				sender.Write(frames)
				sent += int64(len(frames))
				for watched.octets.Load() != sent || !watched.reading.Load() {
					time.Sleep(time.Microsecond)
				}
			})
			if n != 0 {
				t.Errorf("%s, %s: %v allocations", name, framing, n)
			}
		}
	}
}
