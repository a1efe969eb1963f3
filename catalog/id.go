package catalog

import (
	"fmt"
	"slices"
	"strconv"
)

// An ID identifies a kind of message. It is of one of three kinds: the number in
// a tag, such as 735002 or 8300003; the code of an FXOS fault, such as F0374; or
// one of a few words, such as [HealthAlert]. Ids of one kind are in the order of
// their numbers, and numbers come first. The zero ID is the number 0, which no message has.
//
// The values of numbers are the numbers themselves, so 735002 is a valid
// constant. Those of other kinds are not stored anywhere: what is stored is
// [ID.String].
type ID uint32

// The kinds of ids, in the bits that no number reaches.
const (
	kindNumber ID = iota << 28
	kindFault
	kindName
	kindMask ID = 0xf << 28
)

const (
	// MaxNumber is the highest number that a tag can have: seven digits.
	MaxNumber = 9_999_999
	// MaxFault is the highest number that the code of a fault can have: Cisco
	// uses up to seven digits (CISCO-FIREPOWER-TC-MIB, CfprConditionCode).
	MaxFault = 9_999_999
)

// Ids that are words.
const (
	// HealthAlert is the id of the health alerts of a management center, which
	// have the word HMNOTIFY in its place.
	HealthAlert = kindName | iota
	// AnyFault stands for the FXOS faults that do not have an entry of their own.
	AnyFault
	// AnyWorkflowFault stands for the FXOS faults that report a failed workflow of
	// the management of a chassis, of which there are hundreds.
	AnyWorkflowFault
	endOfNames
)

// names are the ids that are words, as they are printed.
var names = [...]string{"HMNOTIFY", "Fnnnn", "Fnnnn-FSM"}

// Fault returns the id of the FXOS fault with the code F and then number, which
// is at most [MaxFault].
func Fault(number uint32) ID { return kindFault | ID(number) }

// Number returns the number in a tag, and false for another kind of id.
func (id ID) Number() (uint32, bool) { return uint32(id), id&kindMask == kindNumber }

// IsFault reports whether id is the code of an FXOS fault.
func (id ID) IsFault() bool { return id&kindMask == kindFault }

// any returns the id of the entry that stands for all faults that do not have their
// own.
func (id ID) any() ID {
	switch n := id &^ kindMask; {
	case 16_000 <= n && n < 20_000, 77_000 <= n && n < 2_000_000:
		// The numbers of rules whose name has Fsm in it, and of none without
		// (CISCO-FIREPOWER-TC-MIB, CfprConditionRule).
		return AnyWorkflowFault
	}
	return AnyFault
}

// String returns the id as messages spell it: a number with at least six digits,
// the code of a fault with F and at least four, or a word.
func (id ID) String() string { return string(id.Append(make([]byte, 0, 12))) }

// Append appends what String returns.
func (id ID) Append(dst []byte) []byte {
	width := 6
	switch id & kindMask {
	case kindName:
		if id < endOfNames {
			return append(dst, names[id&^kindMask]...)
		}
	case kindFault:
		dst, width = append(dst, 'F'), 4
	}
	var buf [10]byte
	digits := strconv.AppendUint(buf[:0], uint64(id&^kindMask), 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// ParseID returns the id that String returns s for. It also accepts numbers with
// fewer zeros in front.
func ParseID(s string) (ID, error) {
	if i := slices.Index(names[:], s); i >= 0 {
		return kindName | ID(i), nil
	}
	kind, digits, most := kindNumber, s, uint64(MaxNumber)
	if len(s) > 0 && s[0] == 'F' {
		kind, digits, most = kindFault, s[1:], MaxFault
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n > most {
		return 0, fmt.Errorf("%q is not a message id", s)
	}
	return kind | ID(n), nil
}
