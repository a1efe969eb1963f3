package soak

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A fate is the expected result of a message.
type fate struct {
	reason string // The message is rejected for this reason,
	device string // or counted for this device,
	or     string // or, with the other configuration, this alternative.
}

// The alternatives to counting a message for its device.
const (
	orNotAllowed = "not_allowed" // Its address may not send.
	orIgnored    = "ignored"     // Its id is ignored.
	orRefused    = "devices"     // The limit on devices is reached.
)

// A ledger counts the frames sent to one listener in the present life.
type ledger struct {
	mu     sync.Mutex
	frames int
	fates  map[fate]int
	extra  int // Messages minus frames.
}

// add counts a frame that contains some messages.
func (l *ledger) add(f fate, messages int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames++
	l.fates[f] += messages
	l.extra += messages - 1
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
		matches := true
		for i := 0; i < len(labels); i += 2 {
			matches = matches && has[labels[i]] == labels[i+1]
		}
		if matches {
			n += int(m.GetCounter().GetValue() + m.GetGauge().GetValue())
		}
	}
	return n
}

// messages returns the number of messages of each device; all spoofed devices
// are one.
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

// settle waits until the program has counted everything sent, and compares.
func (s *soak) settle() {
	s.t.Helper()
	testutil.Eventually(s.t, "everything sent is counted", func() error {
		r := s.read()
		open := ""
		wait := func(name string, got, want int) {
			if got != want {
				open += fmt.Sprintf("%s: %d, want %d\n", name, got, want)
			}
		}
		for kind, l := range s.ledgers {
			wait("frames over "+kind, r.sum("ftd_exporter_syslog_frames_total", "listener", s.addresses[kind])+r.sum("ftd_exporter_syslog_dropped_total", "listener", s.addresses[kind]), l.frames)
		}
		wait("connections evicted", r.sum("ftd_exporter_tcp_connections_evicted_total", "listener", s.addresses["crowd"]), s.silent.closedByProgram())
		s.handshakes.closeAll()
		s.headers.closeAll()
		wait("failed handshakes", r.sum("ftd_exporter_tls_handshake_failures_total"), s.handshakes.opened)
		wait("failed PROXY headers", r.sum("ftd_exporter_proxy_header_failures_total"), s.headers.opened)
		if open != "" {
			return errors.New(open)
		}
		return nil
	})
	s.silent.closeAll()
	s.visitors.closeAll()
	s.compare(s.read()) // Another scrape, because that one may have read the table too early.
}

// compare compares all counters of the present life with the ledgers.
func (s *soak) compare(r reading) {
	s.t.Helper()
	var lost, accepted, extra int
	check := func(name string, got, want int, lossy bool) {
		if got > want || got < want && !lossy {
			s.t.Errorf("%s: %d, want %d", name, got, want)
		}
		lost += want - got
	}
	now := r.messages()
	now[forgotten] += s.forgotten
	count := func(device string) int { return now[device] - s.before[device] }
	type total struct {
		sent  int
		or    string
		kind  string // The listener to which or applies.
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
			check(kind+" rejected as "+reason, n, reasons[reason], kind == "udp")
			rejected += n
		}
		rejected += r.sum("ftd_exporter_syslog_rejected_total", append(listener, "reason", orNotAllowed)...)
		if n := r.sum("ftd_exporter_syslog_rejected_total", listener...); n != rejected {
			s.t.Errorf("%s: %d rejected, but only %d for expected reasons", kind, n, rejected)
		}
		accepted += r.sum("ftd_exporter_syslog_frames_total", listener...) - rejected
		extra += l.extra
	}
	ignored, refused := r.sum("ftd_exporter_messages_ignored_total"), r.sum("ftd_exporter_series_rejected_total", "reason", "devices")
	counted := ignored + refused
	for device := range now {
		if n := count(device); n != 0 && devices[device] == nil {
			s.t.Errorf("%s has %d messages that were not sent", device, n)
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
		check(device, n, d.sent, d.lossy)
	}
	if dropped := r.sum("ftd_exporter_syslog_dropped_total"); lost != dropped {
		s.t.Errorf("%d messages are lost, but the kernel has dropped %d", lost, dropped)
	}
	if accepted+extra != counted {
		s.t.Errorf("%d frames with %d additional messages were accepted, but %d messages are counted", accepted, extra, counted)
	}
}
