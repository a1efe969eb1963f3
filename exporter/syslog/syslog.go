// Package syslog reads the syslog of Cisco's firewalls. It splits a stream into
// frames and finds in each frame the message's tag, its sender and its text.
//
// It has three main types. A [Reader] splits a stream or a file into
// frames. A [Parser] fills a [Header] from one frame, wherever the frame is from:
//
//	var p syslog.Parser
//	var h syslog.Header
//	if p.Parse(frame, from, &h) == syslog.OK {
//		// h.ID is 735004 for "<161>Jul 10 2025 19:57:21 fw1 : %FTD-1-735004: ..."
//		// and h.Origin.Host is "fw1".
//	}
//
// The devices follow no syslog standard. Depending on the release, on a handful
// of settings and on the relays in between, a line may lack its priority, its
// timestamp or its host, and may have two headers or a name of a time zone. All
// lines have one thing in common, the tag:
//
//	%FTD-1-735004:          product, severity, message id
//	%ASA-config-5-111008:   with the class of the message
//	%ASA--4-733100:         with the class of a message that belongs to none
//
// Two kinds of messages have another header, and dialect.go reads it: the health
// alerts of a management center, and the faults of a chassis.
//
// So the Parser looks for the tag first. What precedes the tag is the same from
// message to message but for the time. The Parser therefore reads it once, with
// best effort, and remembers the result as an [Origin]; later messages find it
// by the bytes of their header and the address that they came from.
//
// Nothing in this package copies a frame, writes to one, or allocates memory per
// frame. It imports catalog, for the type of an id, and is used by whatever receives
// or reads messages.
package syslog

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// MaxFrame is the longest frame that is read, in bytes. Cisco's messages are much
// shorter; longer frames are counted as too long.
const MaxFrame = 8 << 10

// A Reason is why a frame was rejected. Its zero value is [OK].
type Reason uint8

// The reasons for which a frame is rejected.
const (
	// OK means that the frame was not rejected.
	OK Reason = iota
	// Empty means that there is only white space in the frame.
	Empty
	// NoTag means that no message tag of a known product was found.
	NoTag
	// TooLong means that the frame is longer than the limit.
	TooLong
	// BadFrame means that the length before a frame is wrong: it is not a valid
	// number, or the stream ended before the frame did.
	BadFrame
	// NotAllowed means that the sender may not send here. This package never
	// returns it; it is for the code that receives frames.
	NotAllowed
	// NumReasons is the number of reasons, OK included.
	NumReasons
)

// String returns the reason in the spelling of a label value. It is empty for
// [OK].
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

// Meaning explains the reason to a reader, as the end of a sentence about a frame. It
// is empty for [OK].
func (r Reason) Meaning() string {
	switch r {
	case Empty:
		return "contains only white space"
	case NoTag:
		return "does not have a tag such as %FTD-1-735004:, so it is not a message of a firewall"
	case TooLong:
		return "is longer than 8 KiB"
	case BadFrame:
		return "begins with a number that is not its length"
	case NotAllowed:
		return "comes from a sender that may not send or is unknown"
	}
	return ""
}

// A Product is the name that a device gives itself in the tag. It does not prove
// what the device is: FTD before release 6.3 calls itself ASA. The zero value
// stands for none.
type Product uint8

// The products whose tags are recognized.
const (
	FTD Product = iota + 1
	ASA
	PIX
	FWSM
	NGIPS
	// ThreatDefense is found in newer documentation in the place of FTD.
	ThreatDefense
	// FMC is a management center, whose health alerts do not have a tag.
	FMC
	// FXOS is the operating system of a chassis, whose faults have the tag of one
	// of its programs or none.
	FXOS
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
	case FMC:
		return "FMC"
	case FXOS:
		return "FXOS"
	}
	return ""
}

// A Header is what [Parser.Parse] finds in a frame. It belongs to the caller, who
// may use it again and again. Class and Text alias the frame and are valid as
// long as the frame is.
type Header struct {
	// PRI is the number in angle brackets at the start, 0 to 191, or -1 if
	// there is none. It is facility times 8 plus severity (RFC 5424 section
	// 6.2.1), but devices and relays are known to set it to something that
	// has nothing to do with the message.
	PRI int
	// Product is the product in the tag, or that of the dialect.
	Product Product
	// Class is the message class in the tag, or nil if the tag has none.
	Class []byte
	// Severity is the severity in the tag, 0 to 7. An operator may have moved
	// the message to another one than Cisco documents. Without a tag it is that of
	// the PRI for a health alert, and for a fault what the word in it stands for.
	Severity uint8
	// ID is the number of the message, six or seven digits in the tag, the code of
	// a fault, or [catalog.HealthAlert]. After [NoTag] it is the number in a tag
	// that was refused for its impossible severity, or 0.
	ID catalog.ID
	// Count is the number of messages that this one stands for: more than 1 if
	// the device or a relay has summarized repetitions.
	Count uint32
	// Text is the message itself, without the tag, without the words that went
	// into Count, and without line ends and spaces around it. The text of a fault
	// begins with its code in brackets. The text of a health alert is empty if its
	// module or its subject cannot be read.
	Text []byte
	// Subject is the name of the device that the message is about, or nil if that
	// is the sender. It is as a management center's administrator has entered it,
	// at most 128 bytes without control characters, and aliases the frame.
	Subject []byte
	// Origin is the sender according to the header, or nil if the frame was
	// rejected. It belongs to the Parser and is valid until the next Parse.
	Origin *Origin
	// Location is where timestamps without an offset from UTC are from, or nil if
	// that is not known. It is for the caller to set after Parse, because it
	// depends on the device; [Parser.Time] uses it.
	Location *time.Location

	// timestamp is the first one in the header. See [Parser.Time].
	timestamp timestamp
}
