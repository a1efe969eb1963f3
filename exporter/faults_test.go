package exporter_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// hostileFields are what nobody expects in a field.
func hostileFields() map[string]string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return map[string]string{
		"all bytes":       string(all),
		"a NUL":           "\x00",
		"invalid":         "a\xff\xfeb",
		"overlong":        "\xc0\x80\xe0\x80\xaf",
		"a surrogate":     "\xed\xa0\x80",
		"cut short":       "a\xf0\x9f\x94",
		"for a terminal":  "\x1b]0;x\x07\x1b[2J\u009b2J",
		"a quote":         `"`,
		"a backslash":     `a\`,
		"another label":   `a",device="b`,
		"another sample":  "a\"} 1\nftd_component_ok{component=\"fan\"} 0\n# EOF\n",
		"a line end":      "a\r\nb",
		"a separator":     "\u2028\u2029\u0085",
		"right to left":   "\u202ea\ufeff",
		"a replacement":   "\ufffd",
		"another plane":   "\U0001f525\U0010ffff",
		"long":            strings.Repeat("x", 5000),
		"long, two bytes": strings.Repeat("é", 2500),
		"not a number":    "NaN",
		"a huge number":   "1e999",
		"digits":          strings.Repeat("9", 400),
		"minus nothing":   "-0",
		"a tag":           "%FTD-1-735004: Power Supply 9: Failure Detected",
		"a repetition":    "message repeated 4294967295 times: [ x]",
		"many instances":  "(99999999999 instances received)",
		"a template":      "{unit}%s%!d",
		"spaces":          " \t ",
		"nothing":         "",
	}
}

// headerForms are all fields of all known headers, one of them in each by a %s.
func headerForms() []string {
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

// hostileLines returns lines with a text in one field: in each of all headers, and
// in each field of the samples of all templates.
func hostileLines(t *testing.T, c *catalog.Catalog, by string) (lines []string) {
	t.Helper()
	for _, form := range headerForms() {
		lines = append(lines, fmt.Sprintf(form, by))
	}
	var m catalog.Message
	for i := range c.Len() {
		e := c.At(i)
		for _, sample := range e.Samples {
			if c.Match(e.ID, []byte(sample), &m) != catalog.Matched {
				t.Fatalf("%s: %q does not match", e.ID, sample)
			}
			for field := range m.Len() {
				value := string(m.Field(field).Text)
				for at := 0; value != ""; at++ { // One that occurs twice may be in either place.
					next := strings.Index(sample[at:], value)
					if next < 0 {
						break
					}
					at += next
					lines = append(lines, fmt.Sprintf("<161>fw1 : %%FTD-1-%s: %s%s%s", e.ID, sample[:at], by, sample[at+len(value):]))
				}
			}
		}
	}
	if len(lines) < 330 {
		t.Fatalf("only %d lines", len(lines))
	}
	return lines
}

// Whatever is in any field of any header and any text, what Prometheus gets has
// the metrics that it should have, labels that are text, and numbers.
func TestHostileFields(t *testing.T) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is missing, so it does not check the metrics: apt-get install prometheus")
	}
	fields := hostileFields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		t.Run(name, func(t *testing.T) {
			lines := hostileLines(t, c, fields[name])
			i := start(t)
			var stream bytes.Buffer
			messages := 0
			for _, line := range lines { // Counted, so that a line end is part of the line.
				fmt.Fprintf(&stream, "%d %s", len(line), line)
				for rest := []byte(line); rest != nil; messages++ { // Unless a PRI follows it.
					_, rest = syslog.CutMessage(rest, nil)
				}
			}
			if _, err := dial(t, "tcp", i.tcp).Write(stream.Bytes()); err != nil {
				t.Fatal(err)
			}
			i.waitFrames("tcp://"+i.tcp, messages)
			if n := i.value(fmt.Sprintf(`ftd_exporter_syslog_rejected_total{listener="tcp://%s",reason="no_tag"}`, i.tcp)); n > float64(len(lines))/10 {
				t.Errorf("%g messages of %d do not have a tag", n, len(lines))
			}
			text := i.get("/metrics")
			checkHarmless(t, text)
			if body := i.getAs("/metrics", "application/openmetrics-text;version=1.0.0"); strings.Index(body, "\n# EOF\n") != len(body)-len("\n# EOF\n") {
				t.Errorf("OpenMetrics ends in %q", body[max(0, len(body)-100):])
			}
			for _, path := range []string{"/", "/device?name=fw1", "/api/v1/devices", "/api/v1/events"} {
				if body := i.get(path); !utf8.ValidString(body) || strings.ContainsFunc(body, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
					t.Errorf("%s has control characters", path)
				}
			}
			if promtool == "" {
				return
			}
			check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
			check.Stdin = strings.NewReader(text)
			if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("promtool: %v\n%s", err, out)
			}
		})
	}
}

// checkHarmless checks an exposition in the text format.
func checkHarmless(t *testing.T, text string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	const maxValue = 255 // Of a label; the longest is a host name.
	samples := 0
	for name, family := range families {
		if !strings.HasPrefix(name, "ftd_") && !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("a metric %q", name)
		}
		for _, m := range family.Metric {
			samples++
			for _, l := range m.Label {
				v := l.GetValue()
				if !utf8.ValidString(v) || len(v) > maxValue || strings.ContainsFunc(v, unicode.IsControl) {
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
}

// getAs returns what the web server has at a path in a format.
func (i *instance) getAs(path, accept string) string {
	i.Helper()
	req, err := http.NewRequestWithContext(i.Context(), http.MethodGet, i.url(path), nil)
	if err != nil {
		i.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := i.client.Do(req)
	if err != nil {
		i.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		i.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
	return string(body)
}

// Scrapes whose clients do not read keep no message from being received: the
// kernel does not have to drop one, and no sender has to wait.
func TestStuckScrapesDoNotStallIntake(t *testing.T) {
	// More than fits in the buffers of a connection, which grow to some megabytes.
	i := start(t, replayed(strings.NewReader(manyLines(5000))))
	if n := len(i.get("/metrics")); n < 20<<20 {
		t.Fatalf("a scrape has only %d bytes", n)
	}
	formats := []string{"text/plain", "application/openmetrics-text;version=1.0.0"}
	var clients []net.Conn
	for n := range 4 {
		conn := dial(t, "tcp", i.web)
		clients = append(clients, conn)
		if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", formats[n%2])
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil { // It is being answered.
			t.Fatal(err)
		}
	}
	const complete, aborted = `ftd_exporter_scrapes_total{result="complete"}`, `ftd_exporter_scrapes_total{result="aborted"}`
	ended := func() float64 { return i.counter("ftd_exporter_scrapes_total") }
	endedBefore, begin := ended(), time.Now()

	const count = 20_000
	line := []byte("fw1 : " + fanFailed + "\n")
	tcp, udp := dial(t, "tcp", i.tcp), dial(t, "udp", i.udp)
	if _, err := tcp.Write(bytes.Repeat(line, count)); err != nil {
		t.Fatal(err)
	}
	for n := range count / 10 {
		if n%100 == 0 { // What fits in the smallest buffer.
			i.waitFrames("udp://"+i.udp, n)
		}
		send(t, udp, "fw1 : "+fanFailed)
	}
	i.waitFrames("tcp://"+i.tcp, count)
	i.waitFrames("udp://"+i.udp, count/10)
	// On a slow machine, the clients may have been cut off by now.
	if n := ended(); n != endedBefore && time.Since(begin) < 8*time.Second {
		t.Errorf("%g scrapes have ended meanwhile, so they were not stuck", n-endedBefore)
	}
	i.shows(fmt.Sprintf(`ftd_component_failures_total{component="fan",device="fw1",unit="1"} %d`, count+count/10))
	if runtime.GOOS == "linux" {
		i.shows(fmt.Sprintf(`ftd_exporter_syslog_dropped_total{listener="udp://%s"} 0`, i.udp))
	}
	for _, c := range clients {
		c.Close()
	}
	testutil.Eventually(t, "the stuck scrapes are aborted", func() bool { return i.value(aborted) == float64(len(clients)) && i.value(complete) > 0 })
}

// counter returns the sum of a counter of the exporter itself, without a scrape.
func (i *instance) counter(name string) (sum float64) {
	i.Helper()
	families, err := i.Metrics().Gather()
	if err != nil {
		i.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			for _, m := range family.GetMetric() {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// Whatever a scrape has shown survives, though the process may be killed the
// moment it has answered: the state file has it then, also what is otherwise
// written every few seconds only. A copy of the file stands for what a killed
// process leaves.
func TestWhatAScrapeHasShownSurvives(t *testing.T) {
	dir := t.TempDir()
	i := start(t, stored(dir))
	tcp := dial(t, "tcp", i.tcp)
	random := rand.New(rand.NewPCG(1, 2))
	sent := 0
	for round := range 10 {
		for range 1 + random.IntN(50) {
			send(t, tcp, fmt.Sprintf("fw%d : %%FTD-6-302013: Built", random.IntN(3)), "fw1 : "+fanFailed, "fw2 : "+fanOK, "fw2 : "+quotaHigh)
			sent += 4
		}
		i.waitFrames("tcp://"+i.tcp, sent) // Nothing may write the file while it is copied.
		shown := seriesOf(i.get("/metrics"))
		content, err := os.ReadFile(filepath.Join(dir, "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		left := t.TempDir()
		write(t, filepath.Join(left, "state.db"), string(content))
		if kept := seriesOf(storedState(t, left)); !slices.Equal(kept, shown) {
			t.Fatalf("round %d: %s", round, testutil.FirstDifference(strings.Join(kept, "\n"), strings.Join(shown, "\n")))
		}
	}
}
