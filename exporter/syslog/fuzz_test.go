package syslog

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// contents returns all that a Header and its Parser have.
func contents(p *Parser, h *Header, r Reason) string {
	at, zoned, ok := p.Time(h, ref)
	s := fmt.Sprintf("%s %d %s %q %d %s %d %q %q %s %v %v", r, h.PRI, h.Product, h.Class, h.Severity, h.ID, h.Count, h.Text, h.Subject, at, zoned, ok)
	if o := h.Origin; o != nil {
		s += fmt.Sprintf(" %q %q %q %q %v %v", o.DeviceID, o.RelayedHost, o.Others, o.Zone, o.Zoned, o.Ruled)
	}
	return s
}

// sibling returns a line with the key and the form of a frame, but another
// timestamp, PRI and text.
func sibling(frame []byte) (line string, ok bool) {
	var p Parser
	var h Header
	var l layout
	b := trimEnd(frame)
	if h.parse(b, &l) != OK {
		return "", false
	}
	key, f, ok := p.originKey(b, &l, &h.timestamp)
	if !ok {
		return "", false
	}
	tag := "%FTD-1-735001: x"
	if f&hasOwnTag != 0 {
		tag = "%FTD--1-735001: x"
	}
	line = string(key) + tag
	if f&hasTimestamp != 0 {
		timestamp := "Feb  3 04:05:06"
		if f&hasOffset != 0 {
			timestamp = "2026-02-03T04:05:06-01:00"
		}
		line = timestamp + line
	}
	if f&hasColon != 0 {
		line = ": " + line
	}
	if f&inFields != 0 {
		switch {
		case f&inHost != 0:
			line = strings.Replace(line, tag, " %FTD-1-735001 - - - x", 1)
			if f&hasOwnTag != 0 {
				return "", false
			}
		case !bytes.HasSuffix(b[:l.prefix.end], key):
			line = strings.Replace(line, tag, " - - - "+tag, 1)
		}
		line = "1 " + line
	}
	return line, true
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
	for _, c := range testutil.HeaderCases() {
		f.Add([]byte(fmt.Sprintf(c.Line, "%ASA-1-735002: x")))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		var p Parser
		var h Header
		reason := p.Parse(frame, netip.Addr{}, &h)
		first := contents(&p, &h, reason)
		var general Header
		var l layout
		if r := general.parse(trimEnd(frame), &l); r != reason || general.PRI != h.PRI || general.Product != h.Product || general.ID != h.ID ||
			general.Severity != h.Severity || general.Count != h.Count || !reflect.DeepEqual(general.Class, h.Class) || !reflect.DeepEqual(general.Text, h.Text) || !reflect.DeepEqual(general.Subject, h.Subject) {
			t.Fatalf("%s; without the short cut %v, %+v", first, r, general)
		}
		if !bytes.Equal(before, frame) {
			t.Fatal("the frame was changed")
		}
		if !within(h.Text, frame) || !within(h.Class, frame) || !within(h.Subject, h.Text) {
			t.Fatal("the text or the class is not in the frame, or the subject not in the text")
		}
		if h.Count < 1 || h.Count > maxCount || h.PRI < -1 || h.PRI > 191 {
			t.Fatal(first)
		}
		number, tagged := h.ID.Number()
		if tagged && number > catalog.MaxNumber || !tagged && !h.ID.IsFault() && h.ID != catalog.HealthAlert || h.Subject != nil && h.ID != catalog.HealthAlert {
			t.Fatal(first)
		}
		// A Parser that has read another frame returns the same.
		used, h2, _ := parse("<46>Jan 25 19:44:22 fmc1 : HMNOTIFY: Disk Usage (Sensor a): Severity: warning: x")
		if r := used.Parse(frame, netip.Addr{}, h2); contents(used, h2, r) != first {
			t.Fatalf("first %s, after a health alert %s", first, contents(used, h2, r))
		}
		used, h2, _ = parse("<13>Feb 29 11:59:59 relay <166>Mar 17 2026 11:59:58 fw1 : %ASA-session-6-106015: x (3 instances received)")
		r := used.Parse(frame, netip.Addr{}, h2)
		if second := contents(used, h2, r); second != first {
			t.Fatalf("first  %s\nthen   %s", first, second)
		}
		switch reason {
		case OK:
			if h.Product == 0 || h.Severity > 7 || h.Text == nil {
				t.Fatal(first)
			}
		case Empty, NoTag:
			if h.Product != 0 || h.Text != nil || h.Origin != nil {
				t.Fatal(first)
			}
			return
		default:
			t.Fatal(reason)
		}
		for _, name := range [][]byte{h.Origin.DeviceID, h.Origin.RelayedHost} {
			checkHost(t, name)
		}
		if n := len(h.Text); n > 0 && (isSpace(h.Text[0]) || h.Text[0] == 0 || isSpace(h.Text[n-1]) || h.Text[n-1] == 0) {
			t.Fatalf("text %q", h.Text)
		}

		// Nor does it matter if it has read the frame itself, or one with the same
		// key.
		r = used.Parse(frame, netip.Addr{}, h2)
		if second := contents(used, h2, r); second != first {
			t.Fatalf("first  %s\nagain  %s", first, second)
		}
		if line, ok := sibling(frame); ok {
			p, h, r := parse(line)
			fresh := contents(p, h, r)
			r = used.Parse([]byte(line), netip.Addr{}, h2)
			if second := contents(used, h2, r); second != fresh {
				t.Fatalf("%q is\n%s\nafter %q it is\n%s", line, fresh, frame, second)
			}
		}
		// What trails changes nothing.
		r = used.Parse(append(before, " \r\n\x00#012"...), netip.Addr{}, h2)
		if second := contents(used, h2, r); second != first {
			t.Fatalf("bare            %s\nwith a trailer  %s", first, second)
		}
		// The text does not have influence on the rest, unless the tag is among the
		// fields of a header that the text makes complete.
		if !l.fields.isEmpty() || !tagged || isObject(trimEnd(frame)) {
			return
		}
		end := len(frame)
		if len(h.Text) > 0 {
			end = position(h.Text, frame)
		}
		host, zone := string(h.Origin.Host()), string(h.Origin.Zone)
		if r := p.Parse(frame[:end], netip.Addr{}, h2); r != OK || h2.ID != h.ID || h2.PRI != h.PRI || string(h2.Origin.Host()) != host || string(h2.Origin.Zone) != zone {
			t.Fatalf("whole %s, without text %+v", first, h2)
		}
	})
}

// checkHost checks what holds for the name of every host.
func checkHost(t *testing.T, host []byte) {
	t.Helper()
	if host == nil {
		return
	}
	_, c := zoneOf(host)
	if c != noZone || len(host) == 0 || len(host) > maxHost || !utf8.Valid(host) || bytes.ContainsAny(host, " \t\r\n\x00[](){}\"'=,;%") ||
		isRun(host, 1, len(host), isDigit) || !bytes.ContainsFunc(host, func(r rune) bool { return r > ' ' && r != ':' && r != '.' }) {
		t.Fatalf("host %q", host)
	}
}

// position returns the position of part in whole.
func position(part, whole []byte) int {
	return int(uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole))))
}

func within(part, whole []byte) bool {
	if part == nil {
		return true
	}
	n := position(part, whole)
	return 0 <= n && n+len(part) <= len(whole)
}

// nextSlowly is Next without the short cut.
func nextSlowly(r *Reader) (frame []byte, reason Reason, err error) {
	for {
		for r.skip() {
			frame, reason, ok := r.cut()
			if !ok {
				break
			}
			if frame != nil {
				return frame, reason, nil
			}
		}
		if err := r.Fill(); err != nil {
			return nil, OK, err
		}
	}
}

// FuzzRules checks that rules find hosts only, in the frame, and find the same when the
// Parser has the header.
func FuzzRules(f *testing.F) {
	for _, c := range testutil.HeaderCases() {
		f.Add([]byte(fmt.Sprintf(c.Line, "%ASA-1-735002: x")), "Address=", 1)
		f.Add([]byte(fmt.Sprintf(c.Line, "%ASA--1-735002: x")), "", -1)
	}
	f.Fuzz(func(t *testing.T, frame []byte, after string, word int) {
		if after == "" && word == 0 {
			return
		}
		rules := []Rule{{After: after, Word: word}, {Word: 2}}
		p := NewParser(16)
		p.SetRules(rules)
		var h Header
		if p.Parse(frame, netip.Addr{}, &h) != OK {
			return
		}
		first := contents(p, &h, OK)
		checkHost(t, h.Origin.DeviceID)
		if h.Origin.Ruled && !bytes.Contains(frame, h.Origin.DeviceID) {
			t.Fatalf("%q is not in the frame", h.Origin.DeviceID)
		}
		p.Parse([]byte("<13>Feb 28 11:59:59 relay <166>Mar 17 2026 11:59:58 fw1 : %ASA-session-6-106015: x"), netip.Addr{}, &h)
		p.Parse(frame, netip.Addr{}, &h)
		if again := contents(p, &h, OK); again != first {
			t.Fatalf("first %s\nagain %s", first, again)
		}
	})
}

// FuzzReader checks that the frames of a stream do not depend on how it
// arrives, and not on the short cut, that they are bounded, and that they are parts of the stream in its
// order.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"a\n1 b\nc\n2 de", "0 a\nb\n", "9 a", "2024 Aug 07 a\n", "2024 Av", "2024 ", "12345678 a\nb", "123456789012345678901 x\n1 a",
		"17 ABCDEFGHIJKLMNOPQ1 b", "ABCDEFGHIJKLMNOPQ\r\nb\x00", "ABCDEFGHIJKLMNOP\r\n \n\x00", "99 a",
		"<1>a\n<1>b\r\n<1>c\x00<1>d\n<\n<1>ABCDEFGHIJKLMNOPQ\n<1>e", "<1>a\x00b\n<1>c\n", "<1>%ASA-1-735002: a\n b\n<1>c\n",
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
				frame, reason, err := nextSlowly(r)
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

// FuzzTimestamp checks that a Parser that remembers timestamps agrees with the
// function that defines how one is read.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{
		"Nov 24 2026 10:00:01 fw1", "Nov  4 10:00:01 fw1 : %", "2026-11-24T10:00:01Z fw1", "Nov 24 2026 10:00:01.5 fw1", "Feb 29 0000 10:00:60 x",
		"Nov 24 9999 24:00:01 fw1", "2026-13-24T10:00:01Z fw1", "Nov 24 10:00:01 2026 : %", "Nov  4 2026 10:00:01 : %FTD", "Nov 32 10:00:00 fw1 %FTD-",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, m := cutTimestamp(b)
		if m < 0 || m > len(b) || (m == 0) != (want.month == 0) || want.month > 12 || want.day > 31 || want.hour > 23 || want.minute > 59 || want.second > 60 {
			t.Fatalf("%q: %d %+v", b, m, want)
		}
		var p Parser
		for _, before := range []string{"", "Nov 24 2026 10:00:01 ", "2026-11-24T10:00:01Z ", string(b)} {
			var got timestamp
			p.cutTimestamp([]byte(before), &got)
			if n := p.cutTimestamp(b, &got); n != m || got != want {
				t.Fatalf("%q: %d %+v, after %q %d %+v", b, m, want, before, n, got)
			}
		}
	})
}
