package syslog

// An Origin is what a header says besides the time in its stamp, as far as it
// can be remembered from one message to the next. A device writes the same
// header again and again, and to read it costs more than all the rest.
type Origin struct {
	stamp stamp
	inner bool // The stamp that counts stands in the key, not before it.
}

// A Form is what the meaning of an origin's key depends on.
type Form uint8

const (
	stamped Form = 1 << iota // A stamp preceded the key,
	zoned                    // which had an offset,
	emblem                   // or a colon before it.
	fields                   // The key begins in an RFC 5424 header.
)

// OriginKey returns the octets that follow the first stamp of the header, up to
// the tag. If another header has the same key and form, then [Header.Hosts] and
// [Header.Zone] return the same for both. It reports false if the header is of a
// kind for which that cannot be said.
//
// The key aliases the frame. A message from a relay that leaves the device's
// own stamp in place has a key that differs from message to message; so who
// remembers keys must bound their number.
func (h *Header) OriginKey() (key []byte, form Form, ok bool) {
	if h.outer.end > 0 {
		return nil, 0, false
	}
	h.scanned = false // What follows overwrites the stamp.
	if h.fields.end > 0 {
		return h.fieldsKey()
	}
	b := h.prefix.of(h.frame)
	i := 0
	if len(b) > 0 && b[0] == ':' {
		n := cutColons(b)
		if i = skipSpace(b, n); n > 0 {
			form = emblem
		}
	}
	n := h.cutRecentStamp(b[i:])
	if n == 0 {
		return b, 0, true
	}
	form |= stamped
	if h.stamp.zoned {
		form |= zoned
	}
	return b[i+n:], form, true
}

// cutRecentStamp is cutStamp into h.stamp, but knows the stamps of earlier
// frames: a busy fleet writes many messages in a second.
func (h *Header) cutRecentStamp(b []byte) (n int) {
	if len(b) == 0 {
		h.stamp = stamp{}
		return 0
	}
	const letter = 6 // The bit that digits lack.
	recent := &h.recent[b[0]>>letter&1]
	if n = recent.length; n > 0 && n < len(b) && isSpace(b[n]) && string(b[:n]) == string(recent.text[:n]) {
		h.stamp = recent.stamp
		return n
	}
	if h.stamp, n = cutStamp(b); n > 0 && n <= len(recent.text) {
		recent.stamp, recent.length = h.stamp, copy(recent.text[:], b[:n])
	}
	return n
}

// fieldsKey is OriginKey for an RFC 5424 header.
func (h *Header) fieldsKey() (key []byte, form Form, ok bool) {
	start := skipSpace(h.frame, h.fields.start+len("1 ")-1)
	host := skipSpace(h.frame, wordEnd(h.frame, start))
	var n int
	if h.stamp, n = cutStamp(h.frame[start:h.fields.end]); n == 0 || start+n != wordEnd(h.frame, start) {
		return nil, 0, false
	}
	form = fields | stamped
	if h.stamp.zoned {
		form |= zoned
	}
	end := wordEnd(h.frame, host)
	if h.prefix.end > h.prefix.start {
		end = h.prefix.end
	}
	return h.frame[start+n : end], form, true
}

// Origin returns what [Header.SetOrigin] needs for headers that have the same
// key, and this form.
func (h *Header) Origin(form Form) Origin {
	h.scan()
	return Origin{h.stamp, form&stamped == 0 || h.stamps > 1}
}

// SetOrigin makes [Header.Time] ready without reading the header: h has the key
// and the form of a header that had the origin o. It must follow
// [Header.OriginKey]. Host, Hosts and Zone then return nil: who remembers an
// origin remembers what he made of them.
func (h *Header) SetOrigin(o *Origin) {
	h.host, h.own, h.relayed, h.zone = nil, nil, nil, nil
	if o.inner {
		h.stamp = o.stamp
	} else {
		h.stamp.offset, h.stamp.zoned = o.stamp.offset, o.stamp.zoned
	}
	h.scanned = true
}

// Zoned reports whether the stamps of this origin have an offset from UTC.
func (o *Origin) Zoned() bool { return o.stamp.zoned }
