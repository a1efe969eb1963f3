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
	// Earlier is the table for the messages that the Clock calls [Earlier].
	Earlier *state.Table
	// Each, if it is not nil, is called after each message, and must not use the
	// Feed.
	Each func(*Result)
}

// A Result is what became of a message. It is valid during the call of
// [Source.Each] only.
type Result struct {
	// Bytes is the message as it was received.
	Bytes []byte
	// Reason is why the message was rejected, or [syslog.OK].
	Reason syslog.Reason
	// Outcome is what the catalog made of a message that was not rejected, ID its id,
	// and Message what it carries if Outcome is [catalog.Matched].
	Outcome catalog.Outcome
	ID      catalog.ID
	Message *catalog.Message
}

// A Clock places messages that were written in the past.
type Clock interface {
	// Receipt returns the time of receipt of a message of a device, derived from
	// its timestamp, and what the message is to the table. It must not keep device.
	Receipt(device []byte, p *syslog.Parser, h *syslog.Header) (time.Time, Relation)
}

// A Relation is what a message of the past is to the table of the pipeline.
type Relation uint8

const (
	// Later messages are applied to the table.
	Later Relation = iota
	// Known messages are in the table already; they are not applied.
	Known
	// Earlier messages are from before what the table has. They are applied to the
	// table in [Source.Earlier].
	Earlier
)

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
	result   Result // For Each.
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
	f := &Feed{pipeline: p, source: s, counts: p.metrics.sources.of(s.Name), parser: syslog.NewParser(senders)}
	f.result.Message = &f.message
	return f
}

// A sender is the device that an origin stands for.
type sender struct {
	known   bool // Whether it may send.
	reports bool // Whether it may report the health of others.
	ref     state.DeviceRef
	device  []byte
	addr    netip.Addr // What new series are charged to; not valid for a relay.
	from    netip.Addr // What the device sends from; not valid for a trusted relay.
	own     bool       // The inventory gives from to the device.
	// Where its timestamps without an offset from UTC are from, or nil.
	location *time.Location
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
	f.result.Bytes = nil
	f.observed.Text, f.observed.Subject = nil, nil
}

// Frame applies a frame to the table, which is one message or, in spite of the
// standards, several: see [syslog.CutMessage]. Each is counted as a frame of its own.
// Messages that name no host are from the sender of the message before them in the
// frame, because a relay puts its header in front of the first only.
//
// Size is what has arrived of the frame, in bytes, of which b may be the beginning.
// From is the address of the sender, not valid if there is none. Bad is what the
// caller has already found to be wrong with the frame, or with the last message in it if
// it is [syslog.TooLong], or [syslog.OK]. Frame returns why a message of the frame
// is rejected, or [syslog.OK], and keeps b until End is called, but does not read it
// any more.
func (f *Feed) Frame(b []byte, size int, from netip.Addr, bad syslog.Reason) syslog.Reason {
	f.bytes += uint64(size)
	f.follow()
	allowed := f.allow == nil || f.allow.Contains(from)
	if bad == syslog.OK && allowed && len(b) <= syslog.MaxFrame && f.parser.Parse(b, from, &f.header) == syslog.OK && !f.header.HasMoreTags() {
		// Most messages are not in the catalog, and a second look at each would cost 3
		// percent of BenchmarkReplay. Without another tag, only the message matters.
		if f.outcome = f.match(); f.outcome == catalog.UnknownID || !f.header.HasMorePRIs() {
			s := f.sender(from)
			if !s.known || f.header.Subject != nil {
				return f.take(b, s, syslog.OK)
			}
			f.frames++
			f.apply(s)
			if f.source.Each != nil {
				f.tell(b, syslog.OK)
			}
			return syslog.OK
		}
	}
	return f.takeAll(b, from, allowed, bad)
}

// Peek parses the first message of a frame and names its device, as Frame does, but
// does not apply or count it. It returns what the timestamp can be read with, which
// is valid until the next frame, or why each message of the frame is rejected.
func (f *Feed) Peek(b []byte) (*syslog.Parser, *syslog.Header, syslog.Reason) {
	f.follow()
	first := syslog.OK
	for rest := b; ; {
		var message []byte
		message, rest = syslog.CutMessage(rest, nil)
		reason := f.parser.Parse(message, netip.Addr{}, &f.header)
		if reason == syslog.OK {
			f.header.Location = f.sender(netip.Addr{}).location
			return f.parser, &f.header, syslog.OK
		}
		if first == syslog.OK {
			first = reason
		}
		if rest == nil {
			return nil, nil, first
		}
	}
}

// follow takes over a new configuration.
func (f *Feed) follow() {
	if p := f.pipeline.policy.Load(); p != f.policy {
		f.policy, f.allow = p, p.allow[f.source.Name]
		f.parser.SetRules(p.headerNames)
	}
}

// takeAll is Frame for a frame that may have several messages, or is rejected.
func (f *Feed) takeAll(b []byte, from netip.Addr, allowed bool, bad syslog.Reason) (first syslog.Reason) {
	var before *sender
	isComplete := func(message []byte) bool {
		return f.parser.Parse(message, from, &f.header) == syslog.OK && f.match() == catalog.Matched
	}
	for rest := b; ; {
		message := rest
		if rest = nil; bad != syslog.BadFrame {
			message, rest = syslog.CutMessage(message, isComplete)
		}
		reason := syslog.OK
		switch {
		case !allowed:
			reason = syslog.NotAllowed
		case rest == nil && bad != syslog.OK:
			reason = bad
		case len(message) > syslog.MaxFrame:
			reason = syslog.TooLong
		default:
			reason = f.parser.Parse(message, from, &f.header)
		}
		var s *sender
		if reason == syslog.OK {
			f.outcome = f.match()
			if s = before; s == nil || f.header.Origin.Host() != nil {
				s = f.sender(from)
			}
		}
		if reason = f.take(message, s, reason); reason == syslog.OK {
			before = s
		} else if first == syslog.OK {
			first = reason
		}
		if rest == nil {
			return first
		}
	}
}

// match matches the text of the present message.
func (f *Feed) match() catalog.Outcome {
	return f.pipeline.catalog.Match(f.header.ID, f.header.Text, &f.message)
}

// take counts the message b. It applies it for its sender, unless there is a reason
// to reject it; it must have been parsed and matched.
func (f *Feed) take(b []byte, s *sender, reason syslog.Reason) syslog.Reason {
	f.frames++
	if reason == syslog.OK && (!s.known || f.header.Subject != nil && !f.setSubject(s)) {
		reason = syslog.NotAllowed
	}
	if reason != syslog.OK {
		f.counts.rejected[reason].Add(1)
	} else {
		f.apply(s)
	}
	if f.source.Each != nil {
		f.tell(b, reason)
	}
	return reason
}

// tell calls Each for the message b.
func (f *Feed) tell(b []byte, reason syslog.Reason) {
	r := &f.result
	r.Bytes, r.Reason, r.Outcome, r.ID = b, reason, f.outcome, f.header.ID
	f.source.Each(r)
}

// setSubject sets the device that the present message is about. It reports false if
// the sender may not report on it.
func (f *Feed) setSubject(s *sender) (ok bool) {
	if s.reports {
		f.observed.Subject, ok = f.policy.subject(f.subject[:0], f.header.Subject, s.device)
	}
	return ok
}

// apply applies the present message, which has been matched.
func (f *Feed) apply(s *sender) {
	h, m := &f.header, f.pipeline.metrics
	if contains(f.policy.ignore, h.ID) {
		m.ignored.Add(float64(h.Count))
		return
	}
	o := &f.observed
	if s != f.observedSender {
		f.observedSender = s
		o.Device, o.Ref, o.Sender, o.From, o.Own = s.device, &s.ref, s.addr, s.from, s.own
	}
	if h.Subject == nil && o.Subject != nil {
		o.Subject = nil // Of an earlier message.
	}
	o.Severity, o.Count, o.Time = h.Severity, h.Count, f.now
	o.Message, o.Text, o.CountID, o.DeviceTime = nil, nil, 0, time.Time{}
	table := f.pipeline.table
	if f.source.Clock != nil {
		h.Location = s.location
		var relation Relation
		switch o.Time, relation = f.source.Clock.Receipt(s.device, f.parser, h); relation {
		case Known:
			return
		case Earlier:
			table, o.Ref, f.observedSender = f.source.Earlier, nil, nil
		}
	} else if h.Origin.Zoned || s.location != nil {
		h.Location = s.location
		if t, _, ok := f.parser.Time(h, f.now); ok {
			o.DeviceTime = t
		}
	}
	switch f.outcome {
	case catalog.UnknownID:
		f.noteUncatalogued()
	case catalog.Unmatched:
		m.unmatched.add(h.ID, h.Count)
		f.noteUnmatched(s)
	case catalog.Matched:
		if f.message.TextOf != 0 {
			m.contradicted.add(h.ID, h.Count) // Unless the catalog does not have it:
			if f.pipeline.catalog.Index(h.ID) < 0 {
				f.noteUncatalogued()
			}
		}
		o.Message, o.Text = &f.message, h.Text
	}
	table.Update(o)
}

// noteUncatalogued counts the present message, whose id the catalog does not have.
func (f *Feed) noteUncatalogued() {
	f.uncatalogued += uint64(f.header.Count)
	if contains(f.policy.countID, f.header.ID) {
		f.observed.CountID = f.header.ID
	}
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
	s.addr, s.from = f.policy.accountable(from), f.policy.ownAddress(from)
	s.reports = f.policy.mayReport(from)
	s.own = s.from.IsValid() && f.policy.identifier.Owns(name, from)
	s.location = f.policy.timezones.Of(s.device)
	origin.Owner = s
	f.observedSender = nil // It may have been this one, with another name.
	return s
}

// sender returns what is known about the sender of a message with this address
// and origin.
func (s *Source) sender(from netip.Addr, origin *syslog.Origin) identity.Sender {
	who := identity.Sender{Addr: from, DeviceID: origin.DeviceID, Host: origin.RelayedHost, Others: origin.Others, Ruled: origin.Ruled}
	if s.ClientName != "" {
		who.ClientName = []byte(s.ClientName)
	}
	if s.Default != "" {
		who.Default = []byte(s.Default)
	}
	return who
}
