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

// settle waits until the program has counted all that was sent, and compares.
func (s *soak) settle() {
	s.t.Helper()
	testutil.Eventually(s.t, "all that was sent is counted", func() error {
		r := s.read()
		open := ""
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
		if open != "" {
			return errors.New(open)
		}
		return nil
	})
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
