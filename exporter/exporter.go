// Package exporter connects firewalls to Prometheus: it listens for syslog,
// reads each message, applies it to the table of the collectors package and
// serves the result over HTTP.
//
// The way of a message is short. A listener reads a frame into its own buffer
// and hands it to a [Decoder], which finds the tag, the device and the
// catalogue entry without copying or allocating. [collectors.Table] applies
// what was decoded. Nothing is queued in between: the kernel's socket buffer
// is the queue, and what it loses is counted.
package exporter

import (
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
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
	d.Outcome, d.Device = catalog.UnknownID, nil
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

// A feed is the way of one goroutine's frames into the table. The frames come in
// batches, those that have arrived together: begin, next for each, end.
type feed struct {
	exporter *Exporter
	listener *listenerMetrics
	decoder  *Decoder
	event    collectors.Observation
	stamps   *LogClock // Set if the devices' stamps are the time of receipt.
	// peer names the sender of a log, in which messages have no address.
	peer []byte
	// clientName is the name in the sender's TLS certificate, if any. It is set
	// before the first frame.
	clientName []byte
	name       [maxHostLength]byte // Space for a device's name.

	policy  *policy // The one that the next two are made for.
	allow   *ListenerConfig
	senders senders
	one     sender // For headers that cannot be remembered.

	// Of the present batch: when it arrived, and what end will count.
	now, future                 time.Time // Future is what no stamp can be beyond.
	frames, bytes, uncatalogued uint64
}

// Exporter is a table of device state, the catalogue that it is fed by, and
// the metrics about the feeding.
type Exporter struct {
	catalog *catalog.Catalog
	state   *collectors.Table
	metrics *metrics
	now     func() time.Time
	policy  atomic.Pointer[policy]
	// maxConnections limits the connections of each TCP listener.
	maxConnections atomic.Int64
	certificates   certificateSet
}

// New returns an Exporter that applies messages to state, configured by
// [DefaultConfig] but for what state's options say. The catalogue must be that
// of state. Now is the clock of receipt, [time.Now] if nil.
func New(c *catalog.Catalog, state *collectors.Table, now func() time.Time) *Exporter {
	if now == nil {
		now = time.Now
	}
	e := &Exporter{catalog: c, state: state, metrics: newMetrics(c, state), now: now}
	config := DefaultConfig()
	e.maxConnections.Store(int64(config.Limits.TCPConnections))
	e.policy.Store(newPolicy(config))
	return e
}

// future is how far ahead of ours a device's clock may be.
const future = 24 * time.Hour

// pastStamp returns the stamp of a line that was written before the present.
// Without a year, a stamp that would be beyond the limit, some time ahead of
// the present, is of the year before.
func pastStamp(h *syslog.Header, ref, limit time.Time) (t time.Time, ok bool) {
	if t, _, ok = h.Time(ref); ok && t.After(limit) {
		t, _, ok = h.Time(t.AddDate(-1, 0, 0))
	}
	return t, ok
}

// newFeed returns a feed for the frames of a listener. It must not be used by
// two goroutines at a time.
func (e *Exporter) newFeed(l *listenerMetrics) *feed {
	return &feed{exporter: e, listener: l, decoder: NewDecoder(e.catalog)}
}

// begin says that frames have arrived, now.
func (f *feed) begin() {
	f.now = f.exporter.now()
	if f.stamps != nil {
		f.future = time.Now().Add(future)
	}
}

// end counts the frames of the batch. It must be called before the listener
// waits for more.
func (f *feed) end() {
	f.listener.frames.Add(float64(f.frames))
	f.listener.bytes.Add(float64(f.bytes))
	f.exporter.metrics.uncatalogued.Add(float64(f.uncatalogued))
	f.frames, f.bytes, f.uncatalogued = 0, 0, 0
}

// batches makes each read of a stream a batch.
type batches struct {
	io.Reader
	feed *feed
}

func (b batches) Read(p []byte) (int, error) {
	b.feed.end()
	n, err := b.Reader.Read(p)
	if n == 0 && err == nil {
		b.feed.forget()
	}
	b.feed.begin()
	return n, err
}

// forget lets go of the memory of the last frame, to which what was read from it
// points.
func (f *feed) forget() {
	f.decoder.Header, f.decoder.Message = syslog.Header{}, catalog.Message{}
	f.event = collectors.Observation{}
}

// handle is next for a batch of one.
func (f *feed) handle(frame []byte, addr netip.Addr, reason syslog.Reason) syslog.Reason {
	f.begin()
	defer f.end()
	return f.next(frame, addr, reason)
}

// next reads one frame from addr and applies it. Reason tells what the
// listener already knows to be wrong with the frame, if anything. It returns why
// the frame was rejected, if it was, and keeps no reference to its arguments.
func (f *feed) next(frame []byte, addr netip.Addr, reason syslog.Reason) syslog.Reason {
	d, m := f.decoder, f.exporter.metrics
	f.frames++
	f.bytes += uint64(len(frame))
	p := f.exporter.policy.Load()
	if p != f.policy {
		f.policy, f.allow = p, p.allowed[f.listener.name]
		f.senders.clear()
	}
	if f.allow != nil && !f.allow.Allows(addr) {
		reason = syslog.NotAllowed
	}
	if reason == syslog.OK {
		if len(frame) > MaxFrame {
			reason = syslog.TooLong
		} else {
			reason = syslog.Parse(frame, &d.Header)
		}
	}
	var from *sender
	if reason == syslog.OK {
		if from = f.sender(addr); !from.known {
			reason = syslog.NotAllowed
		}
	}
	d.Reason = reason
	if reason != syslog.OK {
		d.Outcome = catalog.UnknownID
		f.listener.rejected[reason].Inc()
		f.listener.losses.note(lossCause(reason), addr, frame)
		return reason
	}
	d.Outcome = d.catalog.Match(d.Header.ID, d.Header.Text, &d.Message)
	if contains(p.ignored, d.Header.ID) {
		m.ignored.Add(float64(d.Header.Count))
		return syslog.OK
	}
	e := &f.event
	e.Device, e.Ref = from.device, &from.handle
	e.Severity, e.Count, e.Time = d.Header.Severity, d.Header.Count, f.now
	e.Message, e.Text, e.CountID, e.DeviceTime = nil, nil, 0, time.Time{}
	if f.stamps != nil {
		e.Time = f.stamps.Now()
		if stamp, ok := pastStamp(&d.Header, e.Time, f.future); ok {
			e.Time = f.stamps.advance(stamp)
		}
	} else if from.origin.Zoned() {
		if stamp, _, ok := d.Header.Time(f.now); ok {
			e.DeviceTime = stamp
		}
	}
	switch d.Outcome {
	case catalog.UnknownID:
		f.uncatalogued += uint64(d.Header.Count)
		if contains(p.counted, d.Header.ID) {
			e.CountID = d.Header.ID
		}
	case catalog.Unmatched:
		m.unmatched.add(d.Header.ID, d.Header.Count)
	case catalog.Matched:
		if d.Message.TextOf != 0 {
			m.contradicted.add(d.Header.ID, d.Header.Count)
		}
		e.Message, e.Text = &d.Message, d.Header.Text
	}
	f.exporter.state.Update(e)
	return syslog.OK
}

// sender returns the sender of the present message, which came from addr. It is
// valid until the next call.
func (f *feed) sender(addr netip.Addr) *sender {
	h := &f.decoder.Header
	key, form, ok := h.OriginKey()
	ok = ok && len(key) <= maxOrigin
	var s *sender
	if ok {
		if s = f.senders.find(key, form, addr); s != nil {
			h.SetOrigin(&s.origin)
			return s
		}
		s = f.senders.add(key, form, addr)
	} else {
		s = &f.one
		s.handle = collectors.DeviceRef{}
	}
	var device []byte
	if f.peer != nil {
		if device = h.Host(); device == nil {
			device = f.peer
		}
		s.known = true
	} else {
		from := Sender{Addr: addr, ClientName: f.clientName}
		from.DeviceID, from.Host = h.Hosts()
		device, s.known = f.policy.identifier.Name(f.name[:0], &from)
	}
	s.device = append(s.device[:0], device...)
	s.origin = h.Origin(form)
	return s
}

// appendAddr appends the name that a sender without a host name has: its
// address, IPv4 in its usual form even if it came through an IPv6 socket.
func appendAddr(dst []byte, a netip.Addr) []byte { return a.Unmap().AppendTo(dst) }
