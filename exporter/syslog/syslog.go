// Package syslog reads what Cisco's firewalls send: it splits a TCP stream
// into frames and finds in each frame the message's tag, its sender and its
// text.
//
// There are two types to know. A [Reader] gives the frames of a stream. [Parse]
// fills a [Header] from one frame, be it from a stream, a datagram or a file.
//
//	var h syslog.Header
//	if syslog.Parse(frame, &h) == syslog.OK {
//		// h.ID is 735004 for "<161>Jul 10 2025 19:57:21 fw1 : %FTD-1-735004: ..."
//		// and h.Host() is "fw1".
//	}
//
// The devices follow no syslog standard. Depending on the release, on a handful
// of settings and on the relays in between, a line may lack its priority, its
// timestamp or its host, and may carry two headers or a name of a time zone. All
// lines have one thing in common, the tag:
//
//	%FTD-1-735004:          product, severity, message id
//	%ASA-config-5-111008:   with the class of the message
//	%ASA--4-733100:         with the class of a message that belongs to none
//
// So Parse looks for the tag and nothing else, which is all that most messages
// deserve. What stands before the tag is read with best effort, and only when
// [Header.Host], [Header.Zone] or [Header.Time] asks for it.
//
// Nothing in this package copies a frame, allocates memory per frame, or writes
// to one. Everything that it returns aliases the frame, and is valid for as
// long as the frame is. It needs the standard library only.
package syslog

// A Reason says why a frame was rejected. Its zero value is [OK].
type Reason uint8

// The reasons for which a frame is rejected.
const (
	// OK means that the frame was not rejected.
	OK Reason = iota
	// Empty means that the frame has nothing but blanks in it.
	Empty
	// NoTag means that no message tag of a known product was found.
	NoTag
	// TooLong means that the frame is longer than the limit.
	TooLong
	// BadFrame means that the octet count before a frame is wrong: it is no
	// valid number, or the stream ended before the frame did.
	BadFrame
	// NotAllowed means that the sender may not send here. This package never
	// returns it; the listeners do.
	NotAllowed
	// NumReasons is the number of reasons, OK included.
	NumReasons
)

// String returns the reason in the spelling of a label value. That of [OK] is
// empty.
func (r Reason) String() string {
	switch r {
	case Empty:
		return "empty"
	case NoTag:
		return "no_tag"
	case TooLong:
		return "too_long"
	case BadFrame:
		return "bad_frame"
	case NotAllowed:
		return "not_allowed"
	}
	return ""
}

// A Product is the name that a device gives itself in the tag. It is no proof
// of what the device is: FTD before release 6.3 calls itself ASA. The zero
// value stands for none.
type Product uint8

// The products whose tags are recognised.
const (
	FTD Product = iota + 1
	ASA
	PIX
	FWSM
	NGIPS
	// ThreatDefense is found in newer documentation in the place of FTD.
	ThreatDefense
)

// String returns the product as the tag spells it.
func (p Product) String() string {
	switch p {
	case FTD:
		return "FTD"
	case ASA:
		return "ASA"
	case PIX:
		return "PIX"
	case FWSM:
		return "FWSM"
	case NGIPS:
		return "NGIPS"
	case ThreatDefense:
		return "Threat Defense"
	}
	return ""
}

// A Header is what [Parse] finds in a frame. It belongs to the caller, who may
// use it again and again; the frame must outlive what is taken from it,
// because every slice in and from a Header aliases the frame. Methods remember
// what they found, so a Header must not be used by two goroutines at a time.
type Header struct {
	// PRI is the number in angle brackets at the start, 0 to 191, or -1 if
	// there is none. It is facility times 8 plus severity (RFC 5424 section
	// 6.2.1), but devices and relays are known to set it to something that
	// has nothing to do with the message.
	PRI int
	// Product is the product in the tag.
	Product Product
	// Class is the message class in the tag, or nil if the tag has none.
	Class []byte
	// Severity is the severity in the tag, 0 to 7. An operator may have moved
	// the message to another one than Cisco documents.
	Severity uint8
	// ID is the number of the message, six digits in the tag. After [NoTag]
	// it is the number in a tag that was refused for its impossible severity,
	// or 0.
	ID uint32
	// Count is the number of messages that this one stands for: more than 1 if
	// the device or a relay has summarised repetitions.
	Count uint32
	// Text is what the device says, without tag, without the words that went
	// into Count, and without line ends and blanks around it.
	Text []byte

	// frame and the spans are all that Parse leaves for scan: the fields of an
	// RFC 5424 header, what precedes a repetition with a header of its own,
	// and what directly precedes the tag.
	frame                 []byte
	fields, outer, prefix span

	// The rest is what scan has found. It is of an earlier frame until scanned
	// is set.
	scanned bool
	host    []byte // As Host returns it.
	own     []byte // Named by the innermost header.
	relayed []byte // Named by the outermost header that names one.
	zone    []byte
	stamp   stamp // The last one.
	stamps  int   // How many there are.

	// recent are the last stamps that OriginKey has found, of this frame or
	// earlier ones: one that begins with a digit, one that does not.
	recent [2]recentStamp
	// minutes are the last that Time has found, of this frame or an earlier one:
	// of a stamp without a zone, and with.
	minutes [2]minute
}

// A recentStamp is a stamp and how it was printed.
type recentStamp struct {
	stamp  stamp
	length int // 0 if there is none.
	text   [35]byte
}

// A span is a part of a frame.
type span struct{ start, end int }

func (s span) of(b []byte) []byte { return b[s.start:s.end] }
