// Package exporter connects firewalls to Prometheus: it listens for syslog,
// reads each message, applies it to the table of the collectors package and
// serves the result over HTTP.
//
// The way of a message is short. A listener reads a frame into its own buffer
// and hands it to a [Decoder], which finds the tag, the device and the
// catalogue entry without copying or allocating. [collectors.State] applies
// what was decoded. Nothing is queued in between: the kernel's socket buffer
// is the queue, and what it loses is counted.
package exporter

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// MaxFrame is the largest message that is read, in bytes. Cisco's messages are
// much shorter; what is longer is counted as too long.
const MaxFrame = 8 << 10

// A Decoder reads frames. Its fields describe the last frame and are valid
// until the next call of Decode, or until the frame's memory is reused. It must
// not be used by two goroutines at a time.
type Decoder struct {
	Header syslog.Header
	// Reason is why the frame was rejected, or [syslog.OK].
	Reason syslog.Reason
	// Outcome says whether the catalogue knows the message. It is
	// [catalog.Unknown] for a rejected frame.
	Outcome catalog.Outcome
	Message catalog.Message
	// Device is the host that the header names, else the peer.
	Device []byte

	catalog *catalog.Catalog
}

// NewDecoder returns a Decoder for the messages of c.
func NewDecoder(c *catalog.Catalog) *Decoder { return &Decoder{catalog: c} }

// Decode reads one frame that came from peer, whose memory it aliases.
func (d *Decoder) Decode(frame, peer []byte) {
	d.Outcome, d.Device = catalog.Unknown, nil
	if len(frame) > MaxFrame {
		d.Header = syslog.Header{}
		d.Reason = syslog.TooLong
		return
	}
	if d.Reason = syslog.Parse(frame, &d.Header); d.Reason != syslog.OK {
		return
	}
	if d.Device = d.Header.Host(); d.Device == nil {
		d.Device = peer
	}
	d.Outcome = d.catalog.Match(d.Header.ID, d.Header.Text, &d.Message)
}

// A feed is the way of one goroutine's frames into the table.
type feed struct {
	exporter *Exporter
	listener *listenerMetrics
	decoder  *Decoder
	event    collectors.Event
	stamps   *LogClock // Set if the devices' stamps are the time of receipt.
	// peer names the sender of a log, in which messages have no address.
	peer []byte
	name [maxHostLength]byte // Space for a device's name.
}

// Exporter is a table of device state, the catalogue that it is fed by, and
// the metrics about the feeding.
type Exporter struct {
	catalog *catalog.Catalog
	state   *collectors.State
	metrics *metrics
	now     func() time.Time
	policy  atomic.Pointer[policy]
	// maxConnections limits the connections of each TCP listener.
	maxConnections atomic.Int64
}

// New returns an Exporter that applies messages to state, configured by
// [DefaultConfig] but for what state's options say. The catalogue must be that
// of state. Now is the clock of receipt, [time.Now] if nil.
func New(c *catalog.Catalog, state *collectors.State, now func() time.Time) *Exporter {
	if now == nil {
		now = time.Now
	}
	e := &Exporter{catalog: c, state: state, metrics: newMetrics(c, state), now: now}
	config := DefaultConfig()
	e.maxConnections.Store(int64(config.Limits.TCPConnections))
	e.policy.Store(newPolicy(config))
	return e
}

// pastStamp returns the stamp of a line that was written before the present.
// Without a year, a stamp that would be more than a day ahead is of the year
// before.
func pastStamp(h *syslog.Header, ref, present time.Time) (t time.Time, ok bool) {
	if t, _, ok = h.Time(ref); ok && t.After(present.Add(24*time.Hour)) {
		t, _, ok = h.Time(t.AddDate(-1, 0, 0))
	}
	return t, ok
}

// newFeed returns a feed for the frames of a listener. It must not be used by
// two goroutines at a time.
func (e *Exporter) newFeed(l *listenerMetrics) *feed {
	return &feed{exporter: e, listener: l, decoder: NewDecoder(e.catalog)}
}

// handle reads one frame from addr and applies it. Reason tells what the
// listener already knows to be wrong with the frame, if anything. It returns why
// the frame was rejected, if it was, and keeps no reference to its arguments.
func (f *feed) handle(frame []byte, addr netip.Addr, reason syslog.Reason) syslog.Reason {
	l, d, m, p := f.listener, f.decoder, f.exporter.metrics, f.exporter.policy.Load()
	l.frames.Inc()
	l.bytes.Add(float64(len(frame)))
	if !p.allows(l.name, addr) {
		reason = syslog.NotAllowed
	}
	if reason == syslog.OK {
		d.Decode(frame, f.peer)
		reason = d.Reason
	}
	if reason == syslog.OK && f.peer == nil {
		var known bool
		sender := Sender{Addr: addr}
		sender.DeviceID, sender.Host = d.Header.Hosts()
		if d.Device, known = p.identifier.Name(f.name[:0], &sender); !known {
			reason = syslog.NotAllowed
		}
	}
	if reason != syslog.OK {
		l.rejected[reason].Inc()
		return reason
	}
	if contains(p.ignored, d.Header.ID) {
		m.ignored.Add(float64(d.Header.Count))
		return syslog.OK
	}
	f.event = collectors.Event{Device: d.Device, Severity: d.Header.Severity, Count: d.Header.Count, Time: f.exporter.now()}
	if f.stamps != nil {
		if stamp, ok := pastStamp(&d.Header, f.event.Time, time.Now()); ok {
			f.event.Time = f.stamps.advance(stamp)
		}
	} else if stamp, zoned, ok := d.Header.Time(f.event.Time); ok && zoned {
		f.event.Stamp = stamp
	}
	switch d.Outcome {
	case catalog.Unknown:
		m.uncatalogued.Add(float64(d.Header.Count))
		if contains(p.counted, d.Header.ID) {
			f.event.CountID = d.Header.ID
		}
	case catalog.Mismatch:
		m.unmatched.add(d.Header.ID, d.Header.Count)
	case catalog.Matched:
		if d.Message.Contradicted {
			m.contradicted.add(d.Header.ID, d.Header.Count)
		}
		f.event.Message, f.event.Text = &d.Message, d.Header.Text
	}
	f.exporter.state.Update(&f.event)
	return syslog.OK
}

// appendAddr appends the name that a sender without a host name has: its
// address, IPv4 in its usual form even if it came through an IPv6 socket.
func appendAddr(dst []byte, a netip.Addr) []byte { return a.Unmap().AppendTo(dst) }
