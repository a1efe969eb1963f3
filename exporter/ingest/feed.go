package ingest

import (
	"net/netip"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A Source is the origin of the frames of a [Feed].
type Source struct {
	// Name is the value of the label listener.
	Name string
	// ClientName is the name in the sender's TLS certificate, if there is one.
	ClientName string
	// Stream is set if the frames come over one connection. Such a Feed remembers
	// few senders, because there may be a thousand connections.
	Stream bool
	// Default is set for the lines of a log, which do not have a sender address:
	// it is the device of lines without a host name. See [identity.Sender].
	Default string
	// Clock is set if the frames were written in the past. It returns the time
	// of receipt of each message in place of the time given to [Feed.Begin].
	Clock Clock
}

// A Clock returns the time of receipt of a message that was written in the past,
// derived from its timestamp.
type Clock interface {
	Receipt(p *syslog.Parser, h *syslog.Header) time.Time
}

// A Feed is the way of one source's frames into the table. The frames come in
// batches, which are those that have arrived together: Begin, Frame for each,
// End. It must not be used by two goroutines at a time.
type Feed struct {
	pipeline *Pipeline
	source   Source
	counts   *sourceCounts
	parser   *syslog.Parser
	header   syslog.Header
	message  catalog.Message
	outcome  catalog.Outcome
	observed state.Observation
	// Whose Device, Ref and Sender observed has, or nil.
	observedSender *sender
	// Space for the names of devices: of the sender, and of the one that the message
	// is about.
	name, subject [identity.MaxHost]byte

	policy *policy // The senders are named by it.
	allow  *identity.Prefixes

	// The present batch: its time of arrival, and the counts that End adds.
	now                         time.Time
	frames, bytes, uncatalogued uint64
}

// NewFeed returns a Feed for the frames of a source. The counters of the source
// start at 0 with its first Feed.
func (p *Pipeline) NewFeed(s Source) *Feed {
	senders := syslog.MaxOrigins
	if s.Stream {
		senders = syslog.MaxStreamOrigins
	}
	return &Feed{pipeline: p, source: s, counts: p.metrics.sources.of(s.Name), parser: syslog.NewParser(senders)}
}

// A sender is the device that an origin stands for.
type sender struct {
	device []byte
	ref    state.DeviceRef
	known  bool       // Whether it may send.
	addr   netip.Addr // What new series are charged to; not valid for a relay.
}

// Begin begins a batch of frames that have arrived at the time now.
func (f *Feed) Begin(now time.Time) { f.now = now }

// End counts the frames of the batch. It must be called before the caller waits
// for more. Afterward, f keeps no reference to the memory of a frame.
func (f *Feed) End() {
	f.counts.frames.Add(f.frames)
	f.counts.bytes.Add(f.bytes)
	f.pipeline.metrics.uncatalogued.Add(float64(f.uncatalogued))
	f.frames, f.bytes, f.uncatalogued = 0, 0, 0
	f.header = syslog.Header{}
	f.message.Release()
	f.observed.Text, f.observed.Subject = nil, nil
}

// Outcome returns what the catalog made of the last frame that was not rejected,
// and the message if it is [catalog.Matched]. The message is valid until the
// next call of Frame or End.
func (f *Feed) Outcome() (catalog.Outcome, *catalog.Message) { return f.outcome, &f.message }

// Frame applies one frame to the table. Size is what has arrived of it, in
// bytes, of which b may be the beginning. From is the address of the sender, not
// valid if there is none. Bad is what the caller already knows to be wrong with
// the frame, or [syslog.OK]. Frame returns why the frame is rejected, or
// [syslog.OK], and keeps b until End is called, but does not read it any more.
func (f *Feed) Frame(b []byte, size int, from netip.Addr, bad syslog.Reason) syslog.Reason {
	f.frames++
	f.bytes += uint64(size)
	p := f.pipeline.policy.Load()
	if p != f.policy {
		f.policy, f.allow = p, p.allow[f.source.Name]
		f.parser.Forget()
	}
	reason := bad
	if f.allow != nil && !f.allow.Contains(from) {
		reason = syslog.NotAllowed
	}
	if reason == syslog.OK {
		if len(b) > syslog.MaxFrame {
			reason = syslog.TooLong
		} else {
			reason = f.parser.Parse(b, from, &f.header)
		}
	}
	var s *sender
	if reason == syslog.OK {
		if s = f.sender(from); !s.known || f.header.Subject != nil && !f.setSubject(s, from) {
			reason = syslog.NotAllowed
		}
	}
	if reason != syslog.OK {
		f.counts.rejected[reason].Add(1)
		return reason
	}
	f.apply(s)
	return syslog.OK
}

// setSubject sets the device that the present message is about. It reports false if
// the sender may not report on it.
func (f *Feed) setSubject(s *sender, from netip.Addr) (ok bool) {
	f.observed.Subject, ok = f.policy.subject(f.subject[:0], f.header.Subject, s.device, from)
	return ok
}

// apply applies the message of the present header.
func (f *Feed) apply(s *sender) {
	h, m := &f.header, f.pipeline.metrics
	f.outcome = f.pipeline.catalog.Match(h.ID, h.Text, &f.message)
	if contains(f.policy.ignore, h.ID) {
		m.ignored.Add(float64(h.Count))
		return
	}
	o := &f.observed
	if s != f.observedSender {
		f.observedSender = s
		o.Device, o.Ref, o.Sender = s.device, &s.ref, s.addr
	}
	if h.Subject == nil && o.Subject != nil {
		o.Subject = nil // Of an earlier message.
	}
	o.Severity, o.Count, o.Time = h.Severity, h.Count, f.now
	o.Message, o.Text, o.CountID, o.DeviceTime = nil, nil, 0, time.Time{}
	if f.source.Clock != nil {
		o.Time = f.source.Clock.Receipt(f.parser, h)
	} else if h.Origin.Zoned {
		if t, _, ok := f.parser.Time(h, f.now); ok {
			o.DeviceTime = t
		}
	}
	switch f.outcome {
	case catalog.UnknownID:
		f.uncatalogued += uint64(h.Count)
		if contains(f.policy.countID, h.ID) {
			o.CountID = h.ID
		}
	case catalog.Unmatched:
		m.unmatched.add(h.ID, h.Count)
	case catalog.Matched:
		if f.message.TextOf != 0 {
			m.contradicted.add(h.ID, h.Count) // Unless the catalog does not have it:
			if f.pipeline.catalog.Index(h.ID) < 0 {
				f.uncatalogued += uint64(h.Count)
			}
		}
		o.Message, o.Text = &f.message, h.Text
	}
	f.pipeline.table.Update(o)
}

// sender returns the sender of the present message. It is valid until the next
// frame.
func (f *Feed) sender(from netip.Addr) *sender {
	origin := f.header.Origin
	if s, ok := origin.Owner.(*sender); ok {
		return s
	}
	s, ok := origin.Former.(*sender)
	if !ok {
		s = &sender{}
	}
	who := f.source.sender(from, origin)
	var name []byte
	name, s.known = f.policy.identifier.Name(f.name[:0], &who)
	s.device, s.ref = append(s.device[:0], name...), state.DeviceRef{}
	s.addr = f.policy.accountable(from)
	origin.Owner = s
	f.observedSender = nil // It may have been this one, with another name.
	return s
}

// sender returns what is known about the sender of a message with this address
// and origin.
func (s *Source) sender(from netip.Addr, origin *syslog.Origin) identity.Sender {
	who := identity.Sender{Addr: from, DeviceID: origin.DeviceID, Host: origin.RelayedHost}
	if s.ClientName != "" {
		who.ClientName = []byte(s.ClientName)
	}
	if s.Default != "" {
		who.Default = []byte(s.Default)
	}
	return who
}
