package syslog

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unsafe"
)

func within(part, whole []byte) bool {
	if len(part) == 0 {
		return true
	}
	p, w := uintptr(unsafe.Pointer(unsafe.SliceData(part))), uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return p >= w && p+uintptr(len(part)) <= w+uintptr(len(whole))
}

// FuzzParse checks what holds for every frame.
func FuzzParse(f *testing.F) {
	for _, line := range benchmarks {
		f.Add([]byte(line))
	}
	for _, s := range []string{
		"<166>:Mar 17 11:59:58 MSK/MSD 192.0.2.1: %ASA-session-6-106015: x",
		`<134>1 2026-03-17T11:59:58Z fw1 app 1 id [a b="x \" \] y"] ` + "\xef\xbb\xbf%FTD-1-735002: x",
		"message repeated 27 times: [Mar 19 15:14:53 UTC: %ASA-6-106015: Deny TCP]",
		"<187>Mar 17 11:59:59 *2026 Mar 17 11:59:58 PDT -8:00 %PIX-4-106023 x (35 instances received).",
		"ASA-8-733100> #012#015\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		var h, again Header
		r := Parse(frame, &h)
		host, zone := h.Host(), h.Zone()
		_, zoned, ok := h.Time(ref)
		if !bytes.Equal(before, frame) {
			t.Fatal("the frame was changed")
		}
		if zoned && !ok {
			t.Fatal("a zone without a time")
		}
		if r != OK {
			if r != Empty && r != NoTag {
				t.Fatalf("reason %s", r)
			}
			return
		}
		if h.ID > 999999 || h.Severity > 7 || h.Product == 0 || h.Count == 0 || h.PRI < -1 || h.PRI > 191 {
			t.Fatalf("%+v", h)
		}
		for name, part := range map[string][]byte{"text": h.Text, "host": host, "zone": zone, "class": h.Class} {
			if !within(part, frame) {
				t.Fatalf("%s lies outside the frame", name)
			}
		}
		if host != nil && !isHost(host) {
			t.Fatalf("host %q", host)
		}
		if len(h.Text) > 0 && (isBlank(h.Text[0]) || isBlank(h.Text[len(h.Text)-1])) {
			t.Fatalf("text %q", h.Text)
		}
		// A relay in front changes neither message nor host.
		if host == nil || h.PRI < 0 || frame[0] != '<' || len(frame) > 512 {
			return
		}
		relayed := append([]byte("<14>Mar 17 12:00:00 relay "), frame[bytes.IndexByte(frame, '>')+1:]...)
		if Parse(relayed, &again) == OK && (again.ID != h.ID || !bytes.Equal(again.Text, h.Text)) {
			t.Fatalf("relayed: %d %q, direct: %d %q", again.ID, again.Text, h.ID, h.Text)
		}
	})
}

// FuzzReader checks that the frames of a stream do not depend on how it
// arrives, and are bounded.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"a\n1 b\nc\n2 de", "0 a\nb\n", "99 x", "2026 Mar 17 x\nb\n", "2026 ", "1234567 a\nb", "33 " + strings.Repeat("x", 33),
		strings.Repeat("x", 100) + "\r\n\x00", "12", "5 <1>ab\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, open := range []func(io.Reader, int) *Reader{NewReader, NewLineReader} {
			whole := readAll(open(bytes.NewReader(stream), testMax))
			for _, frame := range whole {
				if len(frame) > testMax+len("bad_frame: ") || frame == "" {
					t.Fatalf("a frame of %d octets", len(frame))
				}
			}
			if one := readAll(open(iotest.OneByteReader(bytes.NewReader(stream)), testMax)); !slices.Equal(whole, one) {
				t.Fatalf("%q\nwhole %q\nby octets %q", stream, whole, one)
			}
		}
	})
}
