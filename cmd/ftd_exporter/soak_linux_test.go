package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/exporter/bench"
)

// soakTime is how long the soak test sends: a minute in CI, ten seconds
// elsewhere, unless FTD_SOAK_TIME says otherwise.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	if s := os.Getenv("FTD_SOAK_TIME"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if os.Getenv("CI") == "true" {
		return time.Minute
	}
	return 10 * time.Second
}

// The program takes good, bad and hostile traffic on listeners of all kinds
// while it is scraped and reloaded. It is restarted, and killed once. Then each
// message that was sent has been counted once, as what it was; and there are no
// more goroutines, descriptors or memory in use than when each life was young.
//
// Nothing is exact by chance: before anything is compared, the senders pause and
// what they have sent is waited for. A message that is in flight when its
// connection or the program is cut off belongs to a device that is left out, or
// is only the half of one, which never counts.
func TestSoak(t *testing.T) {
	s := newSoak(t)
	total := soakTime(t)
	for i, life := range []struct {
		share float64
		end   syscall.Signal
	}{
		{0.2, syscall.SIGTERM},
		{0.2, syscall.SIGKILL},
		{0.2, syscall.SIGTERM},
		{0.4, syscall.SIGTERM},
	} {
		s.start()
		if i == 0 {
			s.introduce()
		}
		d := time.Duration(float64(total) * life.share)
		s.phase(d / 3)
		s.burst()
		young := s.figures(nil)
		s.phase(d - d/3)
		old := s.figures(young)
		t.Logf("life %d: %v, then %v", i+1, young, old)
		if s.read().sum("ftd_exporter_series_rejected_total", "reason", "series_per_metric") == 0 {
			t.Error("no bomb has met the limit of series")
		}
		if life.end == syscall.SIGKILL {
			s.kill()
		} else {
			s.stop()
		}
	}
	if total >= time.Minute && s.sums["tcp_evicted"] == 0 {
		t.Error("no connection had to make room")
	}
	t.Log(s.story())
}

// A fate is what must become of a message.
type fate struct {
	reason string // It is rejected for this reason,
	device string // or it counts as one of this device,
	or     string // or else, if the configuration of the moment wants that, this happens to it.
}

// What may happen to a message instead of being counted for its device.
const (
	orNotAllowed = "not_allowed" // Its address may not send.
	orIgnored    = "ignored"     // Its id is ignored.
	orRefused    = "devices"     // There is no room for its device.
)

// A ledger has what was sent to one listener in the present life.
type ledger struct {
	mu     sync.Mutex
	frames int
	fates  map[fate]int
	extra  int // Messages more than frames.
}

// add notes a frame that stands for some messages.
func (l *ledger) add(f fate, messages int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames++
	l.fates[f] += messages
	l.extra += messages - 1
}

// A soak is a program under test and all that was sent to it.
type soak struct {
	t           *testing.T
	binary, dir string
	web         string
	addresses   map[string]string // Of the listeners, by kind.
	lines       []soakLine
	devices     []string // Those that are introduced.
	configs     [2]string
	http        *http.Client
	tls         *tls.Config

	// Of the present life.
	*process
	began            time.Time
	ledgers          map[string]*ledger // By kind.
	before           map[string]int     // Messages by device when the life began.
	silent           crowd              // On the listener crowd.
	handshakes, talk crowd              // On the listeners tls and proxy.
	visitors         crowd              // Of the web server.
	broken           int                // Reloads that must fail.

	// Of all lives.
	all      map[string]int // Messages by device.
	sums     map[string]int
	scrapes  int
	requests int
	reloads  int
}

// A soakLine is what a device says, around its name.
type soakLine struct{ head, host, rest string }

// as returns the line as a device of a listener's own says it, and its name.
func (l *soakLine) as(kind string) (text, device string) {
	device = kind + "-" + l.host
	return l.head + device + l.rest, device
}

func soakKinds() []string { return []string{"udp", "tcp", "tls", "proxy", "crowd", "unix"} }

func newSoak(t *testing.T) *soak {
	t.Helper()
	dir, err := os.MkdirTemp("", "soak") // The test's own may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &soak{
		t: t, binary: buildProgram(t), dir: dir,
		http: &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: time.Minute},
		all:  map[string]int{}, sums: map[string]int{},
	}
	t.Cleanup(func() {
		if t.Failed() && s.process != nil {
			s.process.kill()
			t.Logf("the log of the last life:\n%s", s.log.String())
		}
	})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	t.Cleanup(s.http.CloseIdleConnections)

	// Nobody else takes the ports of an address of our own while no process
	// listens there.
	host := fmt.Sprintf("127.%d.%d.%d", 1+os.Getpid()>>14&127, os.Getpid()>>7&127, 1+os.Getpid()&127)
	port := func() string {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	s.web = port()
	s.addresses = map[string]string{
		"udp": "udp://" + port(), "tcp": "tcp://" + port(), "tls": "tls://" + port(), "proxy": "tcp://" + port(),
		"crowd": "tcp://" + port(), "unix": "unixgram://" + filepath.Join(dir, "syslog"),
	}

	generated := bench.Workload{Lines: 20_000, Devices: 8, Seed: 5}.Generate()
	hosts := map[string]bool{}
	for i := range generated.Len() {
		text := strings.TrimSuffix(string(generated.Line(i)), "\n")
		before, rest, _ := strings.Cut(text, " : %")
		space := strings.LastIndexByte(before, ' ')
		l := soakLine{before[:space+1], before[space+1:], " : %" + rest}
		s.lines = append(s.lines, l)
		hosts[l.host] = true
	}
	for _, kind := range soakKinds() {
		for _, host := range slices.Concat(slices.Sorted(maps.Keys(hosts)), []string{"proof", "long", "bomb", "control", "unmatched", "rfc5424", "repeats", "guest"}) {
			s.devices = append(s.devices, kind+"-"+host)
		}
	}
	s.devices = append(s.devices, loopback, udpSender, unnamed, proxyClient, talker, victim)

	certPEM, keyPEM := selfSigned(t, time.Now().Add(24*time.Hour))
	s.tls = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: loopback}
	s.tls.RootCAs.AppendCertsFromPEM(certPEM)
	s.write("cert.pem", string(certPEM))
	s.write("key.pem", string(keyPEM))
	// The second configuration lets the guests send no more, ignores what the
	// talker says, and has lower limits and a listener more.
	fill := strings.NewReplacer("UDP", s.addresses["udp"], "TCP", s.addresses["tcp"], "TLS", s.addresses["tls"],
		"PROXY", s.addresses["proxy"], "CROWD", s.addresses["crowd"], "UNIX", s.addresses["unix"],
		"MORE", "udp://"+port(), "DEVICES", strconv.Itoa(len(s.devices)+spoofedInTable))
	s.configs = [2]string{
		fill.Replace(`listeners:
  - {address: 'UDP', allow: [127.0.0.1, 127.0.0.2, 127.0.0.3]}
  - {address: 'TCP'}
  - {address: 'TLS', tls: {cert_file: cert.pem, key_file: key.pem}}
  - {address: 'PROXY', proxy_protocol: [127.0.0.0/8], allow: [203.0.113.0/24, 198.51.100.0/24]}
  - {address: 'CROWD'}
  - {address: 'UNIX'}
expiry: {threat_detection: 2s, quota: 2s, cluster: 2s}
limits: {devices: DEVICES, series_per_metric: 50, tcp_connections: 250}
`),
		fill.Replace(`listeners:
  - {address: 'UDP', allow: [127.0.0.1, 127.0.0.2]}
  - {address: 'TCP'}
  - {address: 'TLS', tls: {cert_file: cert.pem, key_file: key.pem}}
  - {address: 'PROXY', proxy_protocol: [127.0.0.0/8], allow: [203.0.113.0/24]}
  - {address: 'CROWD'}
  - {address: 'UNIX'}
  - {address: 'MORE'}
expiry: {threat_detection: 2s, quota: 2s, cluster: 2s}
limits: {devices: 10, series_per_metric: 40, tcp_connections: 200}
messages: {ignore: [302020]}
`),
	}
	return s
}

func (s *soak) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// start begins a life, in which all that was counted before is still there.
func (s *soak) start() {
	s.t.Helper()
	s.write("ftd_exporter.yml", s.configs[0])
	s.process = serveProcess(s.t, s.binary, s.web, "--config.file="+filepath.Join(s.dir, "ftd_exporter.yml"), "--storage.path="+filepath.Join(s.dir, "data"))
	s.began = time.Now()
	s.broken = 0
	s.silent, s.handshakes, s.talk, s.visitors = crowd{}, crowd{}, crowd{}, crowd{}
	s.ledgers = map[string]*ledger{}
	for _, kind := range soakKinds() {
		s.ledgers[kind] = &ledger{fates: map[fate]int{}}
	}
	s.before = s.read().messages()
	for device, n := range s.all {
		if got := s.before[device]; got != n && (device != victim || got < n) {
			s.t.Errorf("%s has %d messages after the restart, %d before", device, got, n)
		}
	}
}

// A reading is a scrape.
type reading map[string]*dto.MetricFamily

func (s *soak) read() reading {
	s.t.Helper()
	r, err := s.tryRead()
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *soak) tryRead() (reading, error) {
	_, body, err := s.get("/metrics", "text/plain", "identity")
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(body))
}

// sum returns the sum of the series that have certain labels, given as names
// and values.
func (r reading) sum(name string, labels ...string) (n int) {
	for _, m := range r[name].GetMetric() {
		has := map[string]string{}
		for _, l := range m.Label {
			has[l.GetName()] = l.GetValue()
		}
		fits := true
		for i := 0; i < len(labels); i += 2 {
			fits = fits && has[labels[i]] == labels[i+1]
		}
		if fits {
			n += int(m.GetCounter().GetValue() + m.GetGauge().GetValue())
		}
	}
	return n
}

// messages returns the messages of each device; the spoofed ones are one.
func (r reading) messages() map[string]int {
	n := map[string]int{}
	for _, m := range r["ftd_syslog_messages_total"].GetMetric() {
		for _, l := range m.Label {
			if l.GetName() == "device" {
				device := l.GetValue()
				if strings.HasPrefix(device, spoofed) {
					device = spoofed
				}
				n[device] += int(m.GetCounter().GetValue())
			}
		}
	}
	return n
}

// phase sends for a while, and then compares.
func (s *soak) phase(d time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	var wg sync.WaitGroup
	for what, run := range s.senders() {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				s.t.Errorf("%s: %v", what, err)
				cancel()
			}
		})
	}
	wg.Wait()
	s.settle()
}

// settle waits until the program has counted all that was sent, and compares.
func (s *soak) settle() {
	s.t.Helper()
	var open string
	until(s.t, func() bool {
		r := s.read()
		open = ""
		wait := func(what string, got, want int) {
			if got != want {
				open += fmt.Sprintf("%s: %d, want %d\n", what, got, want)
			}
		}
		for kind, l := range s.ledgers {
			wait("frames over "+kind, r.sum("ftd_exporter_syslog_frames_total", "listener", s.addresses[kind])+r.sum("ftd_exporter_syslog_dropped_total", "listener", s.addresses[kind]), l.frames)
		}
		wait("connections evicted", r.sum("ftd_exporter_tcp_connections_evicted_total", "listener", s.addresses["crowd"]), s.silent.cut())
		s.handshakes.leave()
		s.talk.leave()
		wait("failed handshakes", r.sum("ftd_exporter_tls_handshake_failures_total"), s.handshakes.came)
		wait("failed PROXY headers", r.sum("ftd_exporter_proxy_header_failures_total"), s.talk.came)
		return open == ""
	}, func() string { return open })
	s.silent.leave()
	s.visitors.leave()
	s.compare(s.read()) // Another look at the table, which that scrape may have seen before it was done.
}

// compare compares all counters of the present life with what was sent in it.
func (s *soak) compare(r reading) {
	s.t.Helper()
	var lost, accepted, extra int
	fits := func(what string, got, want int, lossy bool) {
		if got > want || got < want && !lossy {
			s.t.Errorf("%s: %d, want %d", what, got, want)
		}
		lost += want - got
	}
	now := r.messages()
	count := func(device string) int { return now[device] - s.before[device] }
	type total struct {
		sent  int
		or    string
		kind  string // Of the listener where or applies.
		lossy bool
	}
	devices := map[string]*total{}
	for kind, l := range s.ledgers {
		reasons := map[string]int{}
		for f, n := range l.fates {
			if f.reason != "" {
				reasons[f.reason] += n
				continue
			}
			d := devices[f.device]
			if d == nil {
				d = &total{}
				devices[f.device] = d
			}
			d.sent += n
			d.lossy = d.lossy || kind == "udp"
			if f.or != "" {
				d.or, d.kind = f.or, kind
			}
		}
		listener := []string{"listener", s.addresses[kind]}
		rejected := 0
		for _, reason := range []string{"no_tag", "too_long", "bad_frame", "empty"} {
			n := r.sum("ftd_exporter_syslog_rejected_total", append(listener, "reason", reason)...)
			fits(kind+" rejected as "+reason, n, reasons[reason], kind == "udp")
			rejected += n
		}
		rejected += r.sum("ftd_exporter_syslog_rejected_total", append(listener, "reason", orNotAllowed)...)
		if n := r.sum("ftd_exporter_syslog_rejected_total", listener...); n != rejected {
			s.t.Errorf("%s: %d rejected, of which %d for reasons that are expected", kind, n, rejected)
		}
		accepted += r.sum("ftd_exporter_syslog_frames_total", listener...) - rejected
		extra += l.extra
	}
	ignored, refused := r.sum("ftd_exporter_messages_ignored_total"), r.sum("ftd_exporter_series_rejected_total", "reason", "devices")
	counted := ignored + refused
	for device := range now {
		if n := count(device); n != 0 && devices[device] == nil {
			s.t.Errorf("%s has %d messages that nobody has sent", device, n)
		}
		counted += count(device)
	}
	for device, d := range devices {
		n := count(device)
		switch d.or {
		case orNotAllowed:
			n += r.sum("ftd_exporter_syslog_rejected_total", "listener", s.addresses[d.kind], "reason", orNotAllowed)
		case orIgnored:
			n += ignored
		case orRefused:
			n += refused
		}
		fits(device, n, d.sent, d.lossy)
	}
	if dropped := r.sum("ftd_exporter_syslog_dropped_total"); lost != dropped {
		s.t.Errorf("%d messages are lost, and the kernel has dropped %d", lost, dropped)
	}
	if accepted+extra != counted {
		s.t.Errorf("%d frames were accepted that stand for %d messages more, and %d messages are counted", accepted, extra, counted)
	}
}

// introduce makes every device known, so that later no limit keeps one from
// being counted, and fills the table.
func (s *soak) introduce() {
	s.t.Helper()
	conn, err := s.dial("tcp")
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	introduce := func(name, device string, severity int) {
		if err := s.say(conn, "tcp", fate{device: device}, fmt.Sprintf("<161>%s : %%FTD-%d-302013: Built\n", name, severity)); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, device := range s.devices {
		for severity := range 8 {
			introduce(device, device, severity)
		}
	}
	for i := range spoofedInTable {
		introduce(fmt.Sprint(spoofed, i), spoofed, 1)
	}
	until(s.t, func() bool { return s.read().sum("ftd_exporter_devices") == len(s.devices)+spoofedInTable }, func() string { return "introductions" })
}

// burst sends more than the kernel can hold while the program stands still.
func (s *soak) burst() {
	s.t.Helper()
	conn, err := s.dial("udp")
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	before := s.read()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	line := "<161>udp-long : %FTD-6-302013: Built" + strings.Repeat(" ", 1400)
	for range before.sum("ftd_exporter_syslog_receive_buffer_bytes", "listener", s.addresses["udp"])/len(line) + 100 {
		if _, err := io.WriteString(conn, line); err != nil {
			s.t.Error(err)
			break
		}
		s.ledgers["udp"].add(fate{device: "udp-long"}, 1)
	}
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	const name = "ftd_exporter_syslog_dropped_total"
	if n := s.read().sum(name) - before.sum(name); n == 0 {
		s.t.Error("the kernel has dropped nothing")
	}
}

// figures are what a process takes while nobody sends.
type figures struct{ goroutines, descriptors, memory, heap, series int }

func (f *figures) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d KiB resident of which %d are its own, %d series", f.goroutines, f.descriptors, f.memory, f.heap, f.series)
}

// soakGrowth is how much memory a process may take more when it is old than
// when it was young, in KiB. The collector of garbage lets a heap grow to twice
// of what is in use, and gives back late.
const soakGrowth = 24 << 10

// figures returns what the process takes now, once it does not take more than
// when it was young.
func (s *soak) figures(young *figures) *figures {
	s.t.Helper()
	f := &figures{}
	until(s.t, func() bool {
		s.http.CloseIdleConnections()
		r := s.read()
		f.goroutines, f.series = r.sum("go_goroutines"), r.sum("ftd_exporter_series")
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
		if err != nil {
			s.t.Fatal(err)
		}
		f.descriptors = len(files)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
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
		if r.sum("ftd_exporter_tcp_connections") > 0 {
			return false
		}
		return young == nil || f.goroutines <= young.goroutines && f.descriptors <= young.descriptors && f.memory <= young.memory+soakGrowth
	}, func() string { return fmt.Sprintf("%v; when young %v", f, young) })
	return f
}

// stop ends the life in order.
func (s *soak) stop() {
	s.t.Helper()
	r := s.read()
	s.remember(r)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatal(err)
	}
	s.checkLog(r)
}

// kill ends the life while a device sends, which is left out from now on. What
// was there before it is in the state file: a change of the state of hardware
// is written at once, with all that came before.
func (s *soak) kill() {
	s.t.Helper()
	first := s.read()
	s.remember(first)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for _, kind := range []string{"udp", "tcp", "tls", "unix"} {
		conn, err := s.dial(kind)
		if err != nil {
			s.t.Fatal(err)
		}
		wg.Go(func() {
			defer conn.Close()
			_ = pace(ctx, 500, func(n int) error {
				text := [...]string{"735003: Power Supply 1: OK", "735004: Power Supply 1: Failure Detected"}[n%2]
				_, err := fmt.Fprintf(conn, "<161>%s : %%FTD-1-%s\n", victim, text)
				return err
			})
		})
	}
	const commits = "ftd_exporter_state_commits_total"
	until(s.t, func() bool { return s.read().sum(commits) >= first.sum(commits)+3 }, func() string { return "three commits" })
	s.process.kill()
	cancel()
	wg.Wait()
	s.checkLog(nil)
}

// remember adds the present life to the sums over all.
func (s *soak) remember(r reading) {
	s.all = r.messages()
	for _, l := range s.ledgers {
		s.sums["sent"] += l.frames
	}
	for _, name := range []string{"syslog_frames", "syslog_dropped", "syslog_rejected", "messages_ignored", "series_rejected", "tcp_evicted", "tls_handshake_failures", "proxy_header_failures"} {
		s.sums[name] += r.sum("ftd_exporter_" + name + "_total")
	}
}

func (s *soak) story() string {
	var b strings.Builder
	n := 0
	for _, k := range s.all {
		n += k
	}
	fmt.Fprintf(&b, "all lives: %d messages in the table, %d scrapes, %d other requests, %d reloads", n, s.scrapes, s.requests, s.reloads)
	for _, name := range slices.Sorted(maps.Keys(s.sums)) {
		fmt.Fprintf(&b, ", %s %d", name, s.sums[name])
	}
	return b.String()
}

var logField = regexp.MustCompile(`([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)`)

// checkLog looks for what the log must not have, and for too much of it. If the
// life has ended in order, the log tells of each rejected message that is in the
// last reading.
func (s *soak) checkLog(last reading) {
	s.t.Helper()
	minutes := int(time.Since(s.began)/time.Minute) + 1
	type cause struct{ msg, listener, reason string }
	lines, counts, broken := map[cause]int{}, map[cause]int{}, 0
	log := s.log.String()
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
		case f["level"] != "WARN":
			s.t.Errorf("in the log: %s", line)
		case f["msg"] == "The receive buffer is smaller than it should be; bursts may be lost":
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
	for c, n := range lines {
		most := minutes + 1 // One when the listener ends.
		if c.msg == "INFO" {
			most = 30 + 4*s.reloads
		}
		if n > most {
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
			s.t.Errorf("the log tells of %d, %s %s; the metrics of %d", counts[c], c.listener, c.reason, want)
		}
	}
	s.sums["lines of log"] += strings.Count(log, "\n")
}

// until waits for a condition; open says what it waits for.
func until(t *testing.T, condition func() bool, open func() string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", open())
		}
	}
}

// scrape asks for the metrics in one format after the other, and reads each.
func (s *soak) scrape(ctx context.Context) error {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer decoder.Close()
	last := 0
	return pace(ctx, 10, func(n int) error {
		accept := [...]string{"text/plain", "application/openmetrics-text; version=1.0.0", string(expfmt.NewFormat(expfmt.TypeProtoDelim))}[n%3]
		encoding := [...]string{"identity", "gzip", "zstd"}[n/3%3]
		header, body, err := s.get("/metrics", accept, encoding)
		if err != nil {
			return err
		}
		switch got := header.Get("Content-Encoding"); got {
		case "gzip":
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				return err
			}
			if body, err = io.ReadAll(z); err != nil {
				return err
			}
		case "zstd":
			if body, err = decoder.DecodeAll(body, nil); err != nil {
				return err
			}
		case "":
		default:
			return fmt.Errorf("content encoding %q", got)
		}
		s.scrapes++
		if n%3 == 1 {
			if !bytes.HasSuffix(body, []byte("\n# EOF\n")) {
				return fmt.Errorf("OpenMetrics: %d bytes end in %q", len(body), body[max(0, len(body)-20):])
			}
			return nil
		}
		r := reading{}
		for d := expfmt.NewDecoder(bytes.NewReader(body), expfmt.ResponseFormat(header)); ; {
			var f dto.MetricFamily
			if err := d.Decode(&f); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("%s: %w", accept, err)
			}
			r[f.GetName()] = &f
		}
		frames := r.sum("ftd_exporter_syslog_frames_total")
		if frames < last {
			return fmt.Errorf("a scrape shows %d frames, an earlier one %d", frames, last)
		}
		last = frames
		return nil
	})
}

func (s *soak) get(path, accept, encoding string) (http.Header, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+s.web+path, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", encoding)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return resp.Header, body, err
}

// browse asks for all pages and the answers of the API.
func (s *soak) browse(ctx context.Context) error {
	pages := []string{"/", "/messages", "/api/v1/devices", "/api/v1/events", "/-/healthy", "/-/ready", "/device?name=tcp-bomb", "/device?name=udp-control", "/api/v1/devices?device=unix-control"}
	return pace(ctx, 5, func(n int) error {
		s.requests++
		_, _, err := s.get(pages[n%len(pages)], "*/*", "identity")
		return err
	})
}

// reload loads a file with mistakes and then the other one of the two good
// ones, again and again, and the first in the end. Each has been loaded when the
// next is.
func (s *soak) reload(ctx context.Context) error {
	const success = "ftd_exporter_config_last_reload_successful"
	load := func(text string, done func(r reading) bool) error {
		s.write("ftd_exporter.yml", text)
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			return err
		}
		s.reloads++
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			switch r, err := s.tryRead(); {
			case err != nil:
				return err
			case done(r):
				return nil
			case time.Now().After(deadline):
				return errors.New("not loaded within 30 s")
			}
		}
	}
	mistake := func() error {
		s.broken++
		return load("listeners: []\n", func(r reading) bool { return r.sum(success) == 0 })
	}
	good := func(i int) error {
		return load(s.configs[i], func(r reading) bool { return r.sum(success) == 1 })
	}
	err := pace(ctx, 1, func(n int) error {
		if err := mistake(); err != nil {
			return err
		}
		return good(1 - n%2)
	})
	if err != nil {
		return err
	}
	if err := mistake(); err != nil {
		return err
	}
	return good(0)
}
