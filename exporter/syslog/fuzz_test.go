package syslog

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"
)

// checkOrigin checks that what is remembered of a header serves another one
// with the same key.
func checkOrigin(t *testing.T, frame []byte, h *Header) {
	t.Helper()
	var first Header
	Parse(frame, &first)
	key, form, ok := first.OriginKey()
	if !ok {
		return
	}
	origin := first.Origin(form)
	own, relayed := first.Hosts()

	// The same frame, read by its key.
	var again Header
	Parse(frame, &again)
	again.OriginKey()
	again.SetOrigin(&origin)
	want, wantZoned, wantOK := h.Time(ref)
	if got, zoned, ok := again.Time(ref); !got.Equal(want) || zoned != wantZoned || ok != wantOK || origin.Zoned() != (h.stamp.month > 0 && h.stamp.zoned) {
		t.Fatalf("time %s, by its key %s", want, got)
	}

	// Another header with the same key, which is read.
	line := "%FTD-1-735001: x"
	line = string(key) + line
	if form&stamped != 0 {
		stamp := "Feb  3 04:05:06"
		if form&zoned != 0 {
			stamp = "2026-02-03T04:05:06Z"
		}
		line = stamp + line
	}
	if form&emblem != 0 {
		line = ": " + line
	}
	if form&fields != 0 {
		if first.prefix.end == first.prefix.start {
			line = strings.Replace(line, "%", " - - - - %", 1)
		}
		line = "1 " + line
	}
	var other Header
	if Parse([]byte(line), &other) != OK {
		return // The key has a tag in it that the frame's real one had pushed out.
	}
	otherKey, otherForm, ok := other.OriginKey()
	if !ok || otherForm != form || !bytes.Equal(otherKey, key) {
		return
	}
	otherOwn, otherRelayed := other.Hosts()
	if !bytes.Equal(own, otherOwn) || !bytes.Equal(relayed, otherRelayed) || !bytes.Equal(first.Zone(), other.Zone()) || first.stamp.zoned != other.stamp.zoned {
		t.Fatalf("%q has the hosts %q and %q, zone %q; %q with the same key has %q and %q, %q", frame, own, relayed, first.Zone(), line, otherOwn, otherRelayed, other.Zone())
	}
}

// FuzzParse checks what holds for every frame.
func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add([]byte(s))
	}
	for _, s := range []string{
		"<164>:Jan 19 15:12:23 MSK/MSD 192.0.2.1: %ASA--4-733100: [ Interface] drop rate-1 exceeded.",
		"<187>Jan 23 10:21:03 *2003 Jan 23 12:12:12.5 PDT -8:00 %PIX-4-106023 x (Message repeated 2 times).",
		"<13>Jan 24 16:00:29 relay <166>2026-01-24T16:00:28+0330 2001:db8::1: %Threat Defense-tag-x-6-778001> #012",
		"<166>1 - fw1 %ASA-6-302015 - - - \xef\xbb\xbfx", "ASA-8-733100: %NGIPS-0-430003", "12 <192><IP> : %FWSM-5-111010\x00",
		"<166>Mar 17 2026 12:00:00 fw1 : %FTD-6-725007: SSL session with client outside:192.0.2.10/49243 terminated.",
		"<166>Mar 17 2026 12:00:00 fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded (35 instances received).",
		"<166>2026-03-17T12:00:00Z fw[1] %FTD-6-302015:  Built outbound UDP connection 28990258 for outside:198.51.100.115/443",
		"message repeated 27 times: [Feb 29 15:14:53 UTC+3 fw prog[1]: %ASA-6-106015: x]",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		var h Header
		reason := Parse(frame, &h)
		var general Header
		if r := general.parseAny(trimEnd(frame)); r != reason || !reflect.DeepEqual(general, h) {
			t.Fatalf("%v, %+v; without the short cut %v, %+v", reason, h, r, general)
		}
		host, zone := h.Host(), h.Zone()
		at, zoned, ok := h.Time(ref)
		if !bytes.Equal(before, frame) {
			t.Fatal("the frame was changed")
		}
		for name, part := range map[string][]byte{"text": h.Text, "class": h.Class, "host": host, "zone": zone} {
			if !within(part, frame) {
				t.Fatalf("the %s is not in the frame", name)
			}
		}
		if h.Count < 1 || h.Count > maxCount || h.PRI < -1 || h.PRI > 191 || h.ID > 999999 || zoned && h.stamp.month == 0 {
			t.Fatalf("%+v", h)
		}
		switch reason {
		case OK:
			if h.Product == 0 || h.Severity > 7 || h.Text == nil {
				t.Fatalf("%+v", h)
			}
		case Empty, NoTag:
			if h.Product != 0 || h.Text != nil || host != nil || zone != nil || ok {
				t.Fatalf("%s, %+v", reason, h)
			}
			return
		default:
			t.Fatal(reason)
		}

		if host != nil {
			_, c := zoneOf(host)
			if c != noZone || len(host) == 0 || len(host) > maxHost || !utf8.Valid(host) || bytes.ContainsAny(host, " \t\r\n\x00[](){}\"'=,;%") ||
				isRun(host, 1, len(host), isDigit) || !bytes.ContainsFunc(host, func(r rune) bool { return r > ' ' && r != ':' && r != '.' }) {
				t.Fatalf("host %q", host)
			}
		}
		if n := len(h.Text); n > 0 && (isSpace(h.Text[0]) || h.Text[0] == 0 || isSpace(h.Text[n-1]) || h.Text[n-1] == 0) {
			t.Fatalf("text %q", h.Text)
		}

		// A Header that was used before says the same.
		used := Header{ID: 1, Class: []byte("x"), scanned: true, host: []byte("x"), stamp: stamp{month: 1}, prefix: span{1, 2}}
		if Parse(frame, &used) != OK || used.ID != h.ID || !bytes.Equal(used.Class, h.Class) || !bytes.Equal(used.Host(), host) || !bytes.Equal(used.Zone(), zone) {
			t.Fatalf("first %+v, then %+v", h, used)
		}
		if again, _, _ := used.Time(ref); !again.Equal(at) {
			t.Fatalf("first %s, then %s", at, again)
		}
		checkOrigin(t, frame, &h)
		// What trails changes nothing.
		if Parse(append(before, " \r\n\x00#012"...), &used) != OK || used.ID != h.ID || used.Count != h.Count || !bytes.Equal(used.Text, h.Text) {
			t.Fatalf("bare %+v, with a trailer %+v", h, used)
		}
		// The text has no say in the rest, unless the tag is among the fields
		// of a header that the text makes complete.
		if h.fields.end > 0 {
			return
		}
		end := len(frame)
		if len(h.Text) > 0 {
			end = offset(h.Text, frame)
		}
		if Parse(frame[:end], &used) != OK || used.ID != h.ID || used.PRI != h.PRI || !bytes.Equal(used.Host(), host) || !bytes.Equal(used.Zone(), zone) {
			t.Fatalf("whole %+v, without text %+v", h, used)
		}
	})
}

// offset returns the position of part in whole.
func offset(part, whole []byte) int {
	return int(uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole))))
}

func within(part, whole []byte) bool {
	if part == nil {
		return true
	}
	n := offset(part, whole)
	return 0 <= n && n+len(part) <= len(whole)
}

// FuzzReader checks that the frames of a stream do not depend on how it
// arrives, that they are bounded, and that they are parts of the stream in its
// order.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"a\n1 b\nc\n2 de", "0 a\nb\n", "9 a", "2024 Aug 07 a\n", "2024 Av", "2024 ", "12345678 a\nb", "123456789012345678901 x\n1 a",
		"17 ABCDEFGHIJKLMNOPQ1 b", "ABCDEFGHIJKLMNOPQ\r\nb\x00", "ABCDEFGHIJKLMNOP\r\n \n\x00", "99 a",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, open := range []func(*bytes.Reader) *Reader{
			func(r *bytes.Reader) *Reader { return NewReader(r, limit) },
			func(r *bytes.Reader) *Reader { return NewLineReader(r, limit) },
		} {
			r := open(bytes.NewReader(stream))
			rest := stream
			var want []string
			for {
				frame, reason, err := r.Next()
				if err != nil {
					break
				}
				n := bytes.Index(rest, frame)
				if len(frame) > limit || n < 0 || reason == OK && len(frame) == 0 && !r.lines {
					t.Fatalf("%s: frame %q", reason, frame)
				}
				rest = rest[n+len(frame):]
				if want = append(want, reason.String()+string(frame)); len(want) > len(stream) {
					t.Fatal("no progress")
				}
			}
			for name, arrival := range arrivals() {
				r := open(bytes.NewReader(stream))
				r.source = arrival(r.source)
				var got []string
				for {
					frame, reason, err := r.Next()
					if err != nil {
						break
					}
					got = append(got, reason.String()+string(frame))
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s: got %q, want %q", name, got, want)
				}
			}
		}
	})
}

// FuzzStamp checks that the short way to read a stamp agrees with the long one.
func FuzzStamp(f *testing.F) {
	for _, s := range []string{
		"Nov 24 2026 10:00:01 fw1", "Nov  4 10:00:01 fw1 : %", "2026-11-24T10:00:01Z fw1", "Nov 24 2026 10:00:01.5 fw1", "Feb 29 0000 10:00:60 x",
		"Nov 24 9999 24:00:01 fw1", "2026-13-24T10:00:01Z fw1", "Nov 24 10:00:01 2026 : %", "Nov  4 2026 10:00:01 : %FTD", "Nov 32 10:00:00 fw1 %FTD-",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, n := cutStamp(b)
		want, m := cutAnyStamp(b)
		if n != m || n > 0 && got != want {
			t.Fatalf("%q: %d %+v, the long way %d %+v", b, n, got, m, want)
		}
	})
}
