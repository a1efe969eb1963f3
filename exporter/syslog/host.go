package syslog

import "bytes"

const (
	// maxHost is the length of the longest host name (RFC 5424 section 6.2.4).
	maxHost = 255
	// maxNames is how many names of a header are considered.
	maxNames = 8
)

// A scan is what scanHeader finds in the header of a frame. Its slices alias the
// frame.
type scan struct {
	names      [maxNames]headerName // In the order in which they are printed.
	n          int
	last       int // The index of the first name in the innermost header.
	zone       []byte
	timestamp  timestamp // The last one.
	timestamps int       // How many there are.
	offset     bool      // The offset of the last one stands after it.
	emblem     bool      // The tag has the class that EMBLEM prints, or an empty one.
}

// A headerName is a word of a header that may name the device.
type headerName struct {
	text []byte
	kind nameKind
}

// A nameKind is how much a name counts. Which names are of which kind is the rule
// that docs/relays.md describes under "Which name a line has".
type nameKind uint8

const (
	weak   nameKind = iota // It counts only if the inventory or an alias has it.
	plain                  // It stands where a host's name does.
	stated                 // The header states in words that it is the sender.
)

// scanHeader reads what precedes the tag, from left to right: the headers of relays
// come first, and the device's own is the innermost.
func scanHeader(b []byte, l *layout) (s scan) {
	s.emblem = l.class
	if !l.fields.isEmpty() {
		s.fields(b, l)
	}
	s.prefix(l.outer.of(b), false)
	s.prefix(l.prefix.of(b), true)
	if isObject(b) {
		s.members(b[l.prefix.end:])
	}
	return s
}

// deviceID returns the name in the innermost header, or nil.
func (s *scan) deviceID() []byte {
	if i := s.before(s.n); i >= s.last {
		return s.names[i].text
	}
	return nil
}

// relayed returns the name that a relay gives to the sender: the last one that is
// stated, or else the last one before the device's own. With one name it is that.
func (s *scan) relayed() []byte {
	for i := s.n - 1; i >= 0; i-- {
		if s.names[i].kind == stated {
			return s.names[i].text
		}
	}
	i := s.before(s.n)
	if i >= s.last {
		if j := s.before(i); j >= 0 {
			i = j
		}
	}
	if i < 0 {
		return nil
	}
	return s.names[i].text
}

// before returns the index of the last name before i that is not weak, or -1.
func (s *scan) before(i int) int {
	for i--; i >= 0 && s.names[i].kind == weak; {
		i--
	}
	return i
}

// add adds a name, unless it is nil. If there are too many, the first one goes, but
// not for a weak one.
func (s *scan) add(text []byte, kind nameKind) {
	if text == nil || kind == weak && s.n == maxNames {
		return
	}
	if s.n == maxNames {
		copy(s.names[:], s.names[1:])
		s.n--
		s.last = max(s.last-1, 0)
	}
	s.names[s.n] = headerName{text, kind}
	s.n++
}

// next begins a header further in.
func (s *scan) next() { s.last = s.n }

// fields reads "1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA", an RFC
// 5424 header. A relay that puts its own name in front makes the device's the name
// of a program, and may state the device's address in the element origin (section
// 7.2).
func (s *scan) fields(b []byte, l *layout) {
	f := l.fields.of(b)
	i := skipSpace(f, len("1 "))
	var n int
	if s.timestamp, n = cutTimestamp(f[i:]); n > 0 {
		s.timestamps++
	}
	i = skipSpace(f, wordEnd(f, i))
	end := wordEnd(f, i)
	s.addHost(f[i:end], plain)
	if l.inFields() {
		return
	}
	s.add(originIP(b[l.fields.end:l.data]), stated)
	if i = skipSpace(f, end); i < len(f) {
		app := f[i:wordEnd(f, i)]
		switch host := hostIn(app); {
		case isProgram(host) || bytes.IndexByte(app, '[') > 0: // Its number is in brackets.
		case hasDigitOrDot(host) || isFactoryName(host):
			s.add(host, plain)
		default:
			s.add(host, weak)
		}
	}
}

// originElement begins the element of structured data that has the sender's address.
const originElement = "[origin "

// originIP returns the address that the element origin of structured data has, or
// nil.
func originIP(data []byte) []byte {
	const param = ` ip="`
	at := bytes.Index(data, []byte(originElement))
	if at < 0 {
		return nil
	}
	data = data[at:]
	data = data[:max(elementEnd(data, 0), 1)]
	at = bytes.Index(data, []byte(param))
	if at < 0 {
		return nil
	}
	value, _, ok := bytes.Cut(data[at+len(param):], []byte(`"`))
	if !ok {
		return nil
	}
	return hostIn(value)
}

// addHost adds the host in a word. Of a chain of names, the others are weak; if none
// of them is an address, the word may also be one name.
func (s *scan) addHost(word []byte, kind nameKind) {
	host := hostOf(word)
	chain := trimColons(word)
	if bytes.IndexByte(chain, '/') <= 0 {
		s.add(host, kind)
		return
	}
	isName := !isAddress(host)
	for rest := chain; len(rest) > 0; {
		n := slashOrEnd(rest)
		other := hostIn(afterAt(rest[:n]))
		isName = isName && other != nil
		if !bytes.Equal(other, host) {
			s.add(other, weak)
		}
		rest = rest[min(n+1, len(rest)):]
	}
	if isName {
		s.add(chain, weak)
	}
	if kind == plain {
		kind = stated
	}
	s.add(host, kind)
}

// hostOf is hostIn for a word that may be a chain, as syslog-ng's chain_hostnames
// makes it of the names that each relay has given to the sender. The first address
// in it is the host, or else the first name.
func hostOf(word []byte) []byte {
	chain := trimColons(word)
	if bytes.IndexByte(chain, '/') <= 0 {
		return hostIn(word)
	}
	var first []byte
	for len(chain) > 0 {
		n := slashOrEnd(chain)
		host := hostIn(afterAt(chain[:n]))
		if isAddress(host) {
			return host
		}
		if first == nil {
			first = host
		}
		chain = chain[min(n+1, len(chain)):]
	}
	return first
}

// slashOrEnd returns the position of the first slash, or of the end.
func slashOrEnd(b []byte) int {
	if n := bytes.IndexByte(b, '/'); n >= 0 {
		return n
	}
	return len(b)
}

// afterAt removes the name of a source, as in s_net@fw1.
func afterAt(b []byte) []byte { return b[bytes.IndexByte(b, '@')+1:] }

// prefix reads headers as devices and older relays write them: timestamps, each
// with a time zone, hosts and the name of a program after it or without. Innermost
// means that the tag follows.
func (s *scan) prefix(b []byte, innermost bool) {
	separator := separatorOf(b)
	record := separator != ' '
	w := words{record: record}
	colon := false // A colon of its own precedes b[i].
	begin := func(timestamped bool) {
		s.endHeader(&w, false)
		s.next()
		w = words{timestamped: timestamped, record: record}
	}
	for i := 0; i < len(b); {
		if isSpace(b[i]) || b[i] == separator {
			i++
			continue
		}
		if n := cutColons(b[i:]); n > 0 {
			colon, w.colon = true, true
			i += n
			continue
		}
		if t, n := cutTimestamp(b[i:]); n > 0 {
			begin(true)
			s.timestamp, s.offset, s.zone = t, false, nil
			s.timestamps++
			i, w.closed = s.cutZone(b, i+n, colon)
		} else if _, end := cutPRI(b, i); end > i {
			// The device's header begins here, and the relay's ends.
			begin(false)
			i = end
		} else if name, end, opens := cutStatement(b, i, separator); end > i {
			if name != nil || opens {
				begin(false)
				s.add(name, stated)
			}
			i = end
		} else {
			end := i
			for end < len(b) && !isSpace(b[end]) && b[end] != separator && (end == i || !beginsWithPRI(b, end)) {
				end++
			}
			w.add(s, b[i:end])
			i = end
		}
		colon = false
	}
	s.endHeader(&w, innermost)
}

// cutZone reads the time zone after a timestamp that ends at b[i], and whether a
// clock of twelve hours shows the morning. It returns the position after it, and
// whether a colon has closed the header there. Emblem means that the timestamp
// follows a colon. In this form, which Cisco calls EMBLEM, a time zone is more
// likely than a host.
func (s *scan) cutZone(b []byte, i int, emblem bool) (end int, closed bool) {
	if i < len(b) && b[i] == ':' {
		return i + 1, true
	}
	start := skipSpace(b, i)
	end = wordEnd(b, start)
	word := b[start:end]
	if name := trimColons(word); isMeridiem(name) && (s.timestamp.hour <= 12 || isUpper(name[0])) {
		if len(name) < len(word) {
			return end, true
		}
		i = end
		start = skipSpace(b, i)
		end = wordEnd(b, start)
		word = b[start:end]
	}
	name := trimColons(word)
	offset, certainty := zoneOf(trimParentheses(name))
	switch {
	case certainty == exact && !s.timestamp.zoned:
		s.timestamp.offset, s.timestamp.zoned, s.offset = offset, true, true
	case string(name) == "Z":
		certainty = exact
		s.timestamp.zoned, s.offset = true, true
	case certainty == noZone && longZone(b[start:]) > 0:
		end = start + longZone(b[start:])
		word = b[start:end]
		name = trimColons(word)
		certainty = ambiguous
	case certainty == noZone && !s.timestamp.zoned && emblem && isZoneShape(name) && !isFactoryName(name) &&
		(len(name) <= 6 || len(name) < len(word) || isWordNext(b, end) || isPlace(name)):
		certainty = ambiguous
	}
	if certainty != noZone {
		s.zone = trimParentheses(name)
		s.add(s.zone, weak)
		if len(name) < len(word) {
			return end, true
		}
		i = end
		start = skipSpace(b, i)
	}
	// A number may follow the name, and is more exact.
	offset, n := cutOffset(b[start:])
	if n == 0 || start+n < len(b) && b[start+n] != ':' && !isSpace(b[start+n]) {
		return i, false
	}
	s.timestamp.offset, s.timestamp.zoned, s.offset = offset, true, true
	i = start + n
	return i, i < len(b) && b[i] == ':'
}

// isWordNext reports whether a word other than a colon follows b[:i].
func isWordNext(b []byte, i int) bool {
	i = skipSpace(b, i)
	return i < len(b) && b[i] != ':'
}

func trimParentheses(name []byte) []byte {
	if n := len(name) - 1; n > 1 && name[0] == '(' && name[n] == ')' {
		return name[1:n]
	}
	return name
}

// A layout has the positions of the parts of a header in its frame.
type layout struct {
	// fields are the fields of an RFC 5424 header, outer is the text before a
	// repetition that has its own header, prefix the text directly before the tag.
	// Each may be empty.
	fields, outer, prefix span
	data                  int  // The end of the structured data after the fields.
	class                 bool // The tag has a class, or an empty one.
}

// A span is a part of a frame.
type span struct{ start, end int }

func (s span) of(b []byte) []byte { return b[s.start:s.end] }

func (s span) isEmpty() bool { return s.start == s.end }

// inFields reports whether the tag is one of the fields of an RFC 5424 header.
func (l *layout) inFields() bool { return !l.fields.isEmpty() && l.prefix.end == 0 }

// hasClass reports whether a tag has a class, also an empty one.
func hasClass(tag []byte) bool {
	name, _ := bytes.CutPrefix(tag, []byte("%"))
	_, n := cutProduct(name)
	return !isDigit(name[n])
}
