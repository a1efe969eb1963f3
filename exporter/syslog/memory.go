package syslog

import (
	"bytes"
	"net/netip"
	"slices"
	"time"
)

const (
	// MaxOrigins is how many origins a Parser remembers if it is not told
	// otherwise, each in some 400 bytes.
	MaxOrigins = 4096
	// MaxStreamOrigins is how many a Parser of one connection should remember.
	// There may be a thousand connections, all of them hostile.
	MaxStreamOrigins = 512
	// maxKey is the length up to which a header is remembered, in bytes. A
	// host's name and the punctuation around it fit.
	maxKey = 96
)

// A Parser finds messages in frames, and remembers from frame to frame what is
// expensive to find. The zero Parser is ready for use and costs little; see
// [NewParser] for one with another limit. A Parser belongs to one goroutine.
type Parser struct {
	// Without origins, BenchmarkReplay takes 75 percent longer.
	origins originTable
	// unkept is the Origin of headers that cannot be remembered.
	unkept Origin
	// recent are the last timestamps: one that begins with a digit, one that does
	// not. Without them, BenchmarkReplay takes 8 percent longer.
	recent [2]recentTimestamp
	// minutes are the last minutes that Time has found, for timestamps without an
	// offset from UTC and for those with one. Without them, BenchmarkReplay takes 30
	// percent longer.
	minutes [2]minute
	rules   []Rule
}

// NewParser returns a Parser that remembers up to maxOrigins origins, rounded up to
// a power of two. [MaxOrigins] and [MaxStreamOrigins] are usual.
func NewParser(maxOrigins int) *Parser { return &Parser{origins: originTable{limit: maxOrigins}} }

// Forget makes p forget all origins: every header is read again, and its Origin
// does not have an Owner. Call it when what the Owners hold is out of date, as after a change
// of the configuration. Origins that Parse has returned before must not be used
// after it.
func (p *Parser) Forget() {
	p.origins.slots = nil
	p.unkept = Origin{}
}

// An Origin is the information in a header about the sender of the message. Headers that
// differ only in PRI and time, and come from the same address, have the same
// Origin, as long as the Parser remembers it.
//
// An Origin belongs to the Parser. It does not alias the frame, and is valid until
// the next [Parser.Parse].
type Origin struct {
	// What every message needs comes first: a message spends much of its time
	// waiting for memory.
	addr   netip.Addr
	form   form
	inKey  keyPart
	length uint8 // Of the key.

	// Zoned means that the device's timestamps have an offset from UTC.
	Zoned bool
	mixed bool // Another message precedes the one with the tag.
	// Owner belongs to the caller, and holds what the caller has made of the
	// Origin; a pointer does not allocate. It is nil in a new Origin, and after
	// every Parse of a header that cannot be remembered.
	Owner any

	key [maxKey]byte

	// Former is the Owner of an Origin that this one has replaced, or nil. The
	// caller may reuse its memory for the new Owner, so that a sender of invented
	// names does not cause garbage.
	Former any
	// DeviceID is the name in the innermost header, which is the device's own:
	// the last one before the tag. It is nil if that header has none.
	//
	// A name is at most 255 bytes of valid, printable UTF-8 without spaces,
	// brackets, quotes, commas and the like. An address is without brackets, port
	// and zone, and otherwise as it was printed.
	DeviceID []byte
	// RelayedHost is a relay's name for the sender: the one that the header states,
	// as in "Original Address=192.0.2.11", or else the last one before DeviceID.
	// With one name in all it is the same as DeviceID.
	RelayedHost []byte
	// Others are the other words of the header that could be the name of the
	// device, the nearest to the tag first. A name of a time zone or of a program may
	// be one of them. They count only if they are known to be a device's.
	Others [][]byte
	// Ruled means that DeviceID was found by a rule; see [Parser.SetRules].
	Ruled bool
	// Zone is the name of the time zone after the device's timestamp, or nil if
	// there is none. It is what the configuration of the device calls the time
	// zone: most often an abbreviation, and sometimes a pair like MSK/MSD.
	Zone []byte

	names []byte // What the names alias.
	// timestamp is the device's own in the message whose header was read. The part
	// of it that is the same in all messages, by inKey.
	timestamp timestamp
}

// origin returns the Origin of the frame b, whose header is at l. It sets
// the timestamp of h.
func (p *Parser) origin(b []byte, l *layout, from netip.Addr, h *Header) *Origin {
	key, form, ok := p.originKey(b, l, &h.timestamp)
	var o *Origin
	if ok && len(key) <= maxKey {
		if o = p.origins.find(key, form, from); o != nil {
			return o
		}
		o = p.origins.add(key, form, from)
	} else {
		o = &p.unkept
		o.release()
		ok = false
	}
	s := scanHeader(b, l)
	o.set(&s)
	if len(p.rules) > 0 {
		o.apply(p.rules, b, l, key)
	}
	o.mixed = false
	if bytes.ContainsAny(l.prefix.of(b), "<#\\^\n\r\x00") { // As cutBreak begins.
		first, rest := CutMessage(b, nil)
		o.mixed = rest != nil && len(first) < l.prefix.end
	}
	switch {
	case !ok || form&hasTimestamp == 0 || s.timestamps > 1:
		o.inKey = keyHasTimestamp
	case s.offset:
		o.inKey = keyHasOffset
	default:
		o.inKey = keyHasNothing
	}
	return o
}

// release takes o from its owner.
func (o *Origin) release() {
	if o.Owner != nil {
		o.Owner, o.Former = nil, o.Owner
	}
}

// maxOthers is how many names [Origin.Others] has at most.
const maxOthers = 4

// set fills o from a header.
func (o *Origin) set(s *scan) {
	size := len(s.deviceID()) + len(s.relayed()) + len(s.zone)
	for _, name := range s.names[:s.n] {
		size += len(name.text)
	}
	o.names = slices.Grow(o.names[:0], size)
	o.DeviceID = o.keep(s.deviceID())
	o.RelayedHost = o.keep(s.relayed())
	o.Zone = o.keep(s.zone)
	o.Others, o.Ruled = o.Others[:0], false
	for i := s.n - 1; i >= 0; i-- {
		o.addOther(s.names[i].text)
	}
	o.Zoned, o.timestamp = s.timestamp.zoned, s.timestamp
}

// addOther adds a name to Others, unless o has it already or there are too many.
func (o *Origin) addOther(name []byte) {
	has := func(other []byte) bool { return string(other) == string(name) }
	if len(o.Others) < maxOthers && !has(o.DeviceID) && !has(o.RelayedHost) && !slices.ContainsFunc(o.Others, has) {
		o.Others = append(o.Others, o.keep(name))
	}
}

// keep returns a copy of a name, or nil.
func (o *Origin) keep(name []byte) []byte {
	if name == nil {
		return nil
	}
	start := len(o.names)
	o.names = append(o.names, name...)
	return o.names[start:len(o.names):len(o.names)]
}

// Host returns the name or address by which the line calls its sender, or nil if it
// does not: DeviceID, or else RelayedHost.
func (o *Origin) Host() []byte {
	if o.DeviceID != nil {
		return o.DeviceID
	}
	return o.RelayedHost
}

// A form is what the meaning of an origin's key depends on.
type form uint8

const (
	hasTimestamp form = 1 << iota // A timestamp preceded the key,
	hasOffset                     // which had an offset,
	hasColon                      // or a colon before it.
	inFields                      // The key begins in an RFC 5424 header,
	inHost                        // and ends with its HOSTNAME, because the tag follows.
	hasOwnTag                     // The tag has a class, or an empty one.
)

// A keyPart is the part of the device's timestamp that stands in the key.
type keyPart uint8

const (
	keyHasNothing keyPart = iota
	keyHasOffset          // Only the offset from UTC, as a number or the name of a time zone.
	keyHasTimestamp
)

// originKey returns the bytes that follow the first timestamp of the header, up to
// the tag. If another header has the same key and form, then scanHeader returns
// the same for both, but for the timestamp. It reports false for kinds of headers
// that do not guarantee this. It sets t to the first timestamp.
//
// A message from a relay that leaves the device's own timestamp in place has a key
// that differs from message to message; therefore the number of origins is
// limited.
func (p *Parser) originKey(b []byte, l *layout, t *timestamp) (key []byte, f form, ok bool) {
	if l.outer.end > 0 || isObject(b) { // There are two headers that are not one after the other, or names behind the text.
		return nil, 0, false
	}
	if l.class {
		f = hasOwnTag
	}
	if !l.fields.isEmpty() {
		return p.fieldsKey(b, l, f, t)
	}
	b = l.prefix.of(b)
	i := 0
	if len(b) > 0 && b[0] == ':' {
		n := cutColons(b)
		if i = skipSpace(b, n); n > 0 {
			f |= hasColon
		}
	}
	n := p.cutTimestamp(b[i:], t)
	if n == 0 {
		return b, f &^ hasColon, true
	}
	f |= hasTimestamp
	if t.zoned {
		f |= hasOffset
	}
	return b[i+n:], f, true
}

// fieldsKey is originKey for an RFC 5424 header. Unless the names in it depend on
// more, the key ends with APP-NAME, because a relay may number its messages in the
// fields that follow.
func (p *Parser) fieldsKey(b []byte, l *layout, f form, t *timestamp) (key []byte, _ form, ok bool) {
	start := skipSpace(b, l.fields.start+len("1 ")-1)
	host := skipSpace(b, wordEnd(b, start))
	var n int
	if *t, n = cutTimestamp(b[start:l.fields.end]); n == 0 || start+n != wordEnd(b, start) {
		return nil, 0, false
	}
	f |= inFields | hasTimestamp
	if t.zoned {
		f |= hasOffset
	}
	end := wordEnd(b, host)
	switch {
	case l.inFields():
		f |= inHost
	case !l.prefix.isEmpty() || len(p.rules) > 0 || b[l.fields.end] == '[' && bytes.Contains(b[l.fields.end:l.data], []byte(originElement)):
		end = l.prefix.end
	default:
		end = wordEnd(b, skipSpace(b, end))
	}
	return b[start+n : end], f, true
}

// A recentTimestamp is a timestamp and how it was printed.
type recentTimestamp struct {
	timestamp timestamp
	length    int // 0 if there is none.
	text      [35]byte
}

// cutTimestamp is the function cutTimestamp, with which FuzzTimestamp compares it,
// but remembers the last ones: a busy fleet writes many messages in a second.
func (p *Parser) cutTimestamp(b []byte, t *timestamp) (n int) {
	if len(b) == 0 {
		*t = timestamp{}
		return 0
	}
	const letter = 6 // The bit that digits lack.
	recent := &p.recent[b[0]>>letter&1]
	if n = recent.length; n > 0 && n < len(b) && isSpace(b[n]) && string(b[:n]) == string(recent.text[:n]) {
		// Unless AM or PM may follow.
		if c := b[min(n+1, len(b)-1)] | 0x20; c != 'a' && c != 'p' || !hasMeridiem(b[n:]) {
			*t = recent.timestamp
			return n
		}
	}
	*t, n = cutTimestamp(b)
	if n == 0 || n > len(recent.text) {
		return n
	}
	// A timestamp that begins with a weekday may have a year after it.
	if weekday, _ := cutName(b, weekdayNames); weekday == 0 && b[0] != '*' && b[0] != '.' {
		recent.timestamp, recent.length = *t, copy(recent.text[:], b[:n])
	}
	return n
}

// Time returns the device's own time in the frame that p has parsed last, for
// which h was filled: the time nearest to the tag, if a relay has put another
// before it. It reports false if there is none, or if it is not a date of the
// calendar.
//
// Zoned means that the device has given its offset from UTC, with a number or with
// a name of a time zone that means the same everywhere; then t is in UTC.
// Otherwise t is what the device's clock would show in h.Location, or in ref's
// location if that is nil. A timestamp without a year gets the one that brings it
// nearest to ref, which is usually the time of receipt, and one like 03/04/2026 the
// order of month and day that does.
func (p *Parser) Time(h *Header, ref time.Time) (t time.Time, zoned, ok bool) {
	if h.Origin == nil {
		return time.Time{}, false, false
	}
	s := h.timestamp
	switch o := h.Origin; o.inKey {
	case keyHasNothing:
	case keyHasOffset:
		s.offset, s.zoned = o.timestamp.offset, o.timestamp.zoned
	case keyHasTimestamp:
		s = o.timestamp
	}
	if s.month == 0 {
		return time.Time{}, false, false
	}
	m, loc := &p.minutes[0], ref.Location()
	switch {
	case s.zoned:
		m, loc = &p.minutes[1], time.UTC
	case h.Location != nil:
		loc = h.Location
	}
	// Most lines are of the same minute as the one before. Nothing can be nearer
	// than what is less than half a year away.
	if !s.eitherOrder && m.has(&s, loc) {
		if t = m.at(&s); s.year != 0 || t.Sub(ref).Abs() < 180*24*time.Hour {
			return t, s.zoned, true
		}
	}
	t, ok = m.nearest(&s, ref, loc)
	if s.eitherOrder {
		s.month, s.day = s.day, s.month
		if other, valid := m.nearest(&s, ref, loc); valid && (!ok || other.Sub(ref).Abs() < t.Sub(ref).Abs()) {
			t, ok = other, true
		}
	}
	return t, s.zoned, ok
}

// nearest makes m the minute of s in loc that is nearest to ref, and returns the
// time of s. It reports false if there is none in the calendar.
func (m *minute) nearest(s *timestamp, ref time.Time, loc *time.Location) (t time.Time, ok bool) {
	if s.year != 0 {
		if !m.set(s, int(s.year), loc) {
			return time.Time{}, false
		}
		m.unfold(s, ref)
		return m.at(s), true
	}
	// Only February 29 needs to look further than a year: at most eight years
	// lie between two of them.
	ref = ref.In(loc)
	for years := 1; years <= 8 && !ok; years += 7 {
		for y := ref.Year() - years; y <= ref.Year()+years; y++ {
			var n minute
			valid := n.set(s, y, loc)
			if valid {
				n.unfold(s, ref)
			}
			if valid && (!ok || n.at(s).Sub(ref).Abs() < t.Sub(ref).Abs()) {
				t, ok, *m = n.at(s), true, n
			}
		}
	}
	return t, ok
}

// A minute is a minute of the calendar of a place, and when it began. The zero
// minute is not in any calendar.
type minute struct {
	begin                    time.Time
	year                     int32 // 0 if its timestamps do not have a year.
	offset                   int32 // East of the place, in seconds.
	month, day, hour, minute uint8 // Month is 0 if there is none.

	// The last time that at has returned, and for which second.
	last                     time.Time
	lastSecond, lastFraction int32
}

// has reports whether m is the minute of t. If t does not have a year, m is of any
// year.
func (m *minute) has(t *timestamp, loc *time.Location) bool {
	return m.minute == t.minute && m.hour == t.hour && m.day == t.day && m.month == t.month &&
		m.year == t.year && m.offset == t.offset && m.begin.Location() == loc
}

// set makes m the minute of t in a year. It reports false, and does not change m,
// if the year does not have such a day.
func (m *minute) set(t *timestamp, year int, loc *time.Location) bool {
	month, day := time.Month(t.month), int(t.day)
	if time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day() != day {
		return false
	}
	begin := time.Date(year, month, day, int(t.hour), int(t.minute), 0, 0, loc).Add(-time.Duration(t.offset) * time.Second)
	*m = minute{begin: begin, year: t.year, offset: t.offset, month: t.month, day: t.day, hour: t.hour, minute: t.minute, last: begin}
	return true
}

// unfold makes m the nearer to ref of the two minutes that a clock shows alike when
// it is set back by an hour, if it is one of them.
func (m *minute) unfold(t *timestamp, ref time.Time) {
	if t.zoned {
		return
	}
	for _, hour := range []time.Duration{-time.Hour, time.Hour} {
		other := m.begin.Add(hour)
		if other.Hour() == m.begin.Hour() && other.Sub(ref).Abs() < m.begin.Sub(ref).Abs() {
			m.begin, m.last = other, other
			return
		}
	}
}

// at returns the time of t, whose minute is m.
func (m *minute) at(t *timestamp) time.Time {
	if second := int32(t.second); second != m.lastSecond || t.nanosecond != m.lastFraction {
		m.last = m.begin.Add(time.Duration(second)*time.Second + time.Duration(t.nanosecond))
		m.lastSecond, m.lastFraction = second, t.nanosecond
	}
	return m.last
}
