package soak

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// duration returns how long the soak test sends: FTD_SOAK_TIME, or else a minute
// in CI and ten seconds elsewhere.
func duration(t *testing.T) time.Duration {
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

// The program receives valid, invalid and hostile traffic on listeners of all
// kinds while it is scraped and reloaded. It is restarted, and killed once. Then
// each message sent must have been counted once, with the expected result, and
// the program must not use more goroutines, descriptors or memory than early in
// each life.
//
// Before each comparison, the senders pause until all their messages have been
// read. A message that may be in flight when its connection or the program is
// killed belongs to a device that is not compared, or is incomplete and never
// counts.
func TestSoak(t *testing.T) {
	s := newSoak(t)
	total := duration(t)
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
			t.Error("no message has reached the limit on series")
		}
		if life.end == syscall.SIGKILL {
			s.kill()
		} else {
			s.stop()
		}
	}
	if total >= time.Minute && s.sums["tcp_connections_evicted"] == 0 {
		t.Error("no connection was closed to accept another")
	}
	t.Log(s.summary())
}

// A soak is a program under test and everything sent to it.
type soak struct {
	t         *testing.T
	dir       string
	web       string
	addresses map[string]string // Of the listeners, by kind.
	lines     []line
	devices   []string // The devices that introduce sends.
	configs   [2]string
	http      *http.Client
	tls       *tls.Config

	// The present life.
	exporter            *testutil.Exporter
	began               time.Time
	ledgers             map[string]*ledger // By kind.
	before              map[string]int     // Messages by device when the life began.
	silent              crowd              // On the listener crowd.
	handshakes, headers crowd              // On the listeners tls and proxy.
	visitors            crowd              // Of the web server.
	broken              int                // Reloads that must fail.
	forgotten           int                // Messages of the device that was forgotten.
	aside               time.Time          // When a state file was last set aside.

	// All lives.
	all      map[string]int // Messages by device.
	sums     map[string]int
	scrapes  int
	requests int
	reloads  int
	forgets  int
	damages  int  // Of the state file.
	full     int  // Times that the disk was full,
	refused  int  // and that a write failed because of that.
	fills    bool // The disk of the state can be filled.
}

// A line is a message of a device, split around the device name.
type line struct{ head, host, rest string }

// as returns the line as sent by a device of the given listener, and the name of
// that device.
func (l *line) as(kind string) (text, device string) {
	device = kind + "-" + l.host
	return l.head + device + l.rest, device
}

func kinds() []string { return []string{"udp", "tcp", "tls", "proxy", "crowd", "unix"} }

func newSoak(t *testing.T) *soak {
	t.Helper()
	dir, err := os.MkdirTemp("", "soak") // The path of t.TempDir may be too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &soak{
		t: t, dir: dir,
		http: &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: time.Minute},
		all:  map[string]int{}, sums: map[string]int{},
	}
	t.Cleanup(s.http.CloseIdleConnections)

	// On an address that no other process uses, ports stay free while nothing
	// listens there.
	host := fmt.Sprintf("127.%d.%d.%d", 1+os.Getpid()>>14&127, os.Getpid()>>7&127, 1+os.Getpid()&127)
	port := func() string { return testutil.FreeAddrOn(t, host) }
	s.web = port()
	s.addresses = map[string]string{
		"udp": "udp://" + port(), "tcp": "tcp://" + port(), "tls": "tls://" + port(), "proxy": "tcp://" + port(),
		"crowd": "tcp://" + port(), "unix": "unixgram://" + filepath.Join(dir, "syslog"),
	}

	generated := simulator.Workload{Lines: 20_000, Devices: 8, Seed: 5}.Generate()
	hosts := map[string]bool{}
	for i := range generated.Len() {
		text := strings.TrimSuffix(string(generated.Line(i)), "\n")
		before, rest, _ := strings.Cut(text, " : %")
		space := strings.LastIndexByte(before, ' ')
		l := line{before[:space+1], before[space+1:], " : %" + rest}
		s.lines = append(s.lines, l)
		hosts[l.host] = true
	}
	for _, kind := range kinds() {
		for _, host := range slices.Concat(slices.Sorted(maps.Keys(hosts)), []string{"proof", "long", "bomb", "control", "unmatched", "rfc5424", "repeats", "guest"}) {
			s.devices = append(s.devices, kind+"-"+host)
		}
	}
	s.devices = append(s.devices, loopback, udpSender, unnamed, proxyClient, talker, victim, forgotten)

	s.fills = mountDisk(t, filepath.Join(dir, "data"))
	ca := testutil.NewCA(t, "soak")
	ca.Issue(t, func(c *x509.Certificate) { c.NotAfter = ca.Certificate.NotAfter }).Write(t, dir)
	s.tls = &tls.Config{RootCAs: ca.Pool(), ServerName: loopback}
	// The second configuration lets the guests send no more, ignores what the
	// talker sends, and has lower limits and a listener more.
	fill := strings.NewReplacer("UDP", s.addresses["udp"], "TCP", s.addresses["tcp"], "TLS", s.addresses["tls"],
		"PROXY", s.addresses["proxy"], "CROWD", s.addresses["crowd"], "UNIX", s.addresses["unix"],
		"MORE", "udp://"+port(), "FORGOTTEN", forgotten, "DEVICES", strconv.Itoa(len(s.devices)+spoofedInTable))
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
devices: [{name: FORGOTTEN}]
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
limits: {devices: DEVICES, series_per_metric: 40, tcp_connections: 200}
devices: [{name: FORGOTTEN}]
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

// start begins a life, with all earlier counts restored.
func (s *soak) start() {
	s.t.Helper()
	s.write("ftd_exporter.yml", s.configs[0])
	s.exporter = testutil.Serve(s.t, "--web.listen-address="+s.web, "--web.enable-admin-api", "--config.file="+filepath.Join(s.dir, "ftd_exporter.yml"), "--storage.path="+filepath.Join(s.dir, "data"))
	s.began = time.Now()
	s.broken, s.forgotten, s.aside = 0, 0, time.Time{}
	s.silent, s.handshakes, s.headers, s.visitors = crowd{}, crowd{}, crowd{}, crowd{}
	s.ledgers = map[string]*ledger{}
	for _, kind := range kinds() {
		s.ledgers[kind] = &ledger{fates: map[fate]int{}}
	}
	s.before = s.read().messages()
	for device, n := range s.all {
		if got := s.before[device]; got != n && (device != victim || got < n) {
			s.t.Errorf("%s has %d messages after the restart, %d before", device, got, n)
		}
	}
}

// phase sends for a while, and then compares.
func (s *soak) phase(d time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	var wg sync.WaitGroup
	for name, run := range s.senders() {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				s.t.Errorf("%s: %v", name, err)
				cancel()
			}
		})
	}
	wg.Wait()
	s.settle()
}

// introduce sends messages of every device, so that later limits do not affect
// them, and fills the table.
func (s *soak) introduce() {
	s.t.Helper()
	conn, err := s.dial("tcp")
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	introduce := func(name, device string, severity int) {
		if err := s.send(conn, "tcp", fate{device: device}, fmt.Sprintf("<161>%s : %%FTD-%d-302013: Built\n", name, severity)); err != nil {
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
	testutil.Eventually(s.t, "introductions", func() bool { return s.read().sum("ftd_exporter_devices") == len(s.devices)+spoofedInTable })
}

// stop ends the life in order.
func (s *soak) stop() {
	s.t.Helper()
	r := s.read()
	s.remember(r)
	s.exporter.Stop()
	s.checkLog(r)
}

// kill ends the life while the device victim sends, which is not compared from
// then on. Everything received before is in the state file, because a change of
// a hardware state is written at once, with all earlier changes.
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
	testutil.Eventually(s.t, "three commits", func() bool { return s.read().sum(commits) >= first.sum(commits)+3 })
	s.exporter.Kill()
	cancel()
	wg.Wait()
	s.checkLog(nil)
}

// remember adds the present life to the sums of all lives.
func (s *soak) remember(r reading) {
	s.all = r.messages()
	for _, l := range s.ledgers {
		s.sums["sent"] += l.frames
	}
	for _, name := range []string{"syslog_frames", "syslog_dropped", "syslog_rejected", "messages_ignored", "series_rejected", "tcp_connections_evicted", "tls_handshake_failures", "proxy_header_failures"} {
		s.sums[name] += r.sum("ftd_exporter_" + name + "_total")
	}
}

func (s *soak) summary() string {
	var b strings.Builder
	n := 0
	for _, k := range s.all {
		n += k
	}
	fmt.Fprintf(&b, "all lives: %d messages in the table, %d scrapes, %d other requests, %d reloads, %d times forgotten, %d damaged state files, %d times a full disk, %d times noticed", n, s.scrapes, s.requests, s.reloads, s.forgets, s.damages, s.full, s.refused)
	for _, name := range slices.Sorted(maps.Keys(s.sums)) {
		fmt.Fprintf(&b, ", %s %d", name, s.sums[name])
	}
	return b.String()
}
