package syslog

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// ref is the time of receipt in these tests. Its location is the zone that
// stamps without one are in.
var ref = time.Date(2026, 3, 17, 12, 0, 0, 0, time.FixedZone("here", 3600))

// read returns what a line says in a form to compare: "host|zone|time", where
// the time is in UTC and marked with ? if the line gives no zone.
func read(t *testing.T, line string) (h Header, got string) {
	t.Helper()
	if r := Parse([]byte(line), &h); r != OK {
		t.Errorf("%q: rejected: %s", line, r)
		return h, ""
	}
	at := ""
	if ts, zoned, ok := h.Time(ref); ok {
		at = ts.UTC().Format("2006-01-02T15:04:05.999999999")
		if !zoned {
			at += "?"
		}
	}
	return h, fmt.Sprintf("%s|%s|%s", h.Host(), h.Zone(), at)
}

func TestHeaderForms(t *testing.T) {
	f := func(prefix, want string) {
		t.Helper()
		for _, tag := range []string{"%FTD-1-735004: ", "%FTD-1-735004 ", "%ASA--1-735004: "} {
			h, got := read(t, prefix+tag+"Power Supply 1: Failure Detected")
			if got != want {
				t.Errorf("%q: got %q, want %q", prefix+tag, got, want)
			}
			if h.ID != 735004 || h.Severity != 1 || string(h.Text) != "Power Supply 1: Failure Detected" || h.Count != 1 {
				t.Errorf("%q: id %d, severity %d, count %d, text %q", prefix+tag, h.ID, h.Severity, h.Count, h.Text)
			}
		}
	}

	// Nothing but the tag.
	f("", "||")
	f("<161>", "||")
	f("  <161>", "||")
	f("<161>: ", "||")
	f("<161>:: ", "||")
	f(": ", "||")

	// A host and no stamp.
	f("<161>fw1 ", "fw1||")
	f("fw1 : ", "fw1||")
	f("fw1: ", "fw1||")
	f("2001:db8::1 : ", "2001:db8::1||")
	f("2001:db8::1: ", "2001:db8::1||")
	f("host.example.com CiscoASA[999]: ", "host.example.com||")
	f("asa[1234]: ", "||")
	f("<IP>: ", "<IP>||")

	// Stamp with year.
	f("<166>Mar 17 2026 11:59:58: ", "||2026-03-17T10:59:58?")
	f("<166>Mar 17 2026 11:59:58 : ", "||2026-03-17T10:59:58?")
	f("<166>Mar 17 2026 11:59:58 fw1 : ", "fw1||2026-03-17T10:59:58?")
	f("<166>Mar 17 2026 11:59:58 fw1: ", "fw1||2026-03-17T10:59:58?")
	f("Mar 17 2026 11:59:58 fw1  ", "fw1||2026-03-17T10:59:58?")
	f("Mar 17 2026 11:59:58 192.0.2.1 ", "192.0.2.1||2026-03-17T10:59:58?")
	f("Mar  7 2026 11:59:58 fw-1.example.com : ", "fw-1.example.com||2026-03-07T10:59:58?")
	f("Mar 07 2026 11:59:58: ", "||2026-03-07T10:59:58?")
	f("Mar 17 11:59:58.340591: ", "||2026-03-17T10:59:58.340591?")

	// Stamp without year: the nearest one.
	f("<167>Mar 17 11:59:58 192.0.2.1 ", "192.0.2.1||2026-03-17T10:59:58?")
	f("Dec 31 23:59:59 fw1 : ", "fw1||2025-12-31T22:59:59?")
	f("Sep 10 00:00:00 fw1 : ", "fw1||2026-09-09T23:00:00?")
	f("Feb 29 12:00:00 fw1 : ", "fw1||")

	// RFC 5424 stamp.
	f("<190>2026-03-17T11:59:58Z: ", "||2026-03-17T11:59:58")
	f("<164>2026-03-17T11:59:58Z fw1 : ", "fw1||2026-03-17T11:59:58")
	f("<190>2026-03-17T11:59:58+02:00: ", "||2026-03-17T09:59:58")
	f("<190>2026-03-17T11:59:58-0330 fw1 ", "fw1||2026-03-17T15:29:58")
	f("2026-03-17T11:59:58.123456Z fw1  ", "fw1||2026-03-17T11:59:58.123456")
	f("2026-03-17T11:59:58Z   ", "||2026-03-17T11:59:58")
	f("2026-03-17T11:59:58Z : ", "||2026-03-17T11:59:58")
	f("<181>2026-03-17T11:59:58Z ", "||2026-03-17T11:59:58")
	f("2026-03-17T11:59:58 fw1 : ", "fw1||2026-03-17T10:59:58?")

	// EMBLEM: a colon after the priority, a zone after the stamp.
	f("<166>:Mar 17 11:59:58 UTC: ", "|UTC|2026-03-17T11:59:58")
	f("<166>:Mar 17 2026 11:59:58 MSK: ", "|MSK|2026-03-17T08:59:58")
	f("<34>:Mar 17 11:59:58 EDT: ", "|EDT|2026-03-17T15:59:58")
	f("<164>:Mar 17 11:59:58 MSK 192.0.2.1: ", "192.0.2.1|MSK|2026-03-17T08:59:58")
	f("<165>:Mar 17 11:59:58 MSK :", "|MSK|2026-03-17T08:59:58")
	f("<164>:Mar 17 11:59:58 MSK/MSD: ", "|MSK/MSD|2026-03-17T10:59:58?")
	f("<164>:Mar 17 11:59:58 CST: ", "|CST|2026-03-17T10:59:58?")
	f("<164>:Mar 17 11:59:58 Paris: ", "|Paris|2026-03-17T10:59:58?")
	f("<164>:Mar 17 11:59:58 fw1 : ", "fw1||2026-03-17T10:59:58?")
	f("<166>:2026-03-17T11:59:58Z: ", "||2026-03-17T11:59:58")
	f("<166>: 2026 Mar 17 11:59:58 UTC ccafa9b4-b48a-4156-b3af-de2d35e5f432 : ", "ccafa9b4-b48a-4156-b3af-de2d35e5f432|UTC|2026-03-17T11:59:58")
	f(" CEST: ", "||")
	f(" AEDT:", "||")

	// A zone is never a host, a host never a zone.
	f("Mar 17 11:59:58 UTC fw1 : ", "fw1|UTC|2026-03-17T11:59:58")
	f("Mar 17 11:59:58 UTC : ", "|UTC|2026-03-17T11:59:58")
	f("Mar 17 11:59:58 EST-FW1 : ", "EST-FW1||2026-03-17T10:59:58?")
	f("Mar 17 11:59:58 EDGE : ", "EDGE||2026-03-17T10:59:58?")

	// Relays put their own header in front.
	f("Mar 17 11:59:59 host1.example.com : Mar 17 11:59:58 EDT: ", "host1.example.com|EDT|2026-03-17T15:59:58")
	f("<190>Mar 17 11:59:59 relay1 Mar 17 2026 11:59:58 fw1 : ", "fw1||2026-03-17T10:59:58?")
	f("Mar 17 11:59:59 edge01 syslogd: 2026-03-17T11:59:58Z: ", "edge01||2026-03-17T11:59:58")
	f("<187>Mar 17 11:59:59 *2026 Mar 17 11:59:58 PDT -8:00 ", "|PDT|2026-03-17T18:59:58")
	f("Mar 17 11:59:59 host1 :Mar 17 11:59:58 UTC: ", "host1|UTC|2026-03-17T11:59:58")
	f("Mar 17 2026 11:59:58 localhost CiscoASA[999]: ", "localhost||2026-03-17T10:59:58?")
	f("Mar 17 11:59:58 beats asa[1234]: ", "beats||2026-03-17T10:59:58?")
	f("<166>2026-03-17T11:59:58Z fw1 SFIMS: ", "fw1||2026-03-17T11:59:58")
	f("123 <166>2026-03-17T11:59:58Z fw1 : ", "fw1||2026-03-17T11:59:58")

	// RFC 5424 in full.
	f("<166>1 2026-03-17T11:59:58.000+00:00 fw1 - - - - ", "fw1||2026-03-17T11:59:58")
	f("<134>1 2026-03-17T11:59:58Z fw1.example.com Cisco - - - ", "fw1.example.com||2026-03-17T11:59:58")
	f("<134>1 - - - - - - ", "||")
	f(`<134>1 2026-03-17T11:59:58Z fw1 app 1 id [a b="x \" \] y" c="d"][e] `+"\xef\xbb\xbf", "fw1||2026-03-17T11:59:58")
	f("<134>1 2026-03-17T11:59:59Z relay - - - - Mar 17 2026 11:59:58 fw1 : ", "fw1||2026-03-17T10:59:58?")
	f("<134>1 2026-03-17T11:59:59Z relay - - - - 2026-03-17T11:59:58Z: ", "relay||2026-03-17T11:59:58")

	// Prose that mentions a tag names no host, and neither do sequence numbers.
	f("This is about ", "||")
	f("2026-03-17T11:59:58Z: virtual bool Pipe::Run Processing event '", "||2026-03-17T11:59:58")
	f("<190>3132517: ", "||")
	f("<190>3132517: fw1: ", "fw1||")
	f("<192>", "||")

	// Nonsense where stamp and host would be.
	f("Mar 45 11:59:58: ", "||")
	f("Mar 17 25:59:58 fw1 : ", "||")
	f("a\x00b : ", "||")
	f("\xff\xfe : ", "||")
	f(strings.Repeat("x", 300)+" : ", "||")
}

func TestHosts(t *testing.T) {
	for prefix, want := range map[string]string{
		"":                       "|",
		"Mar 17 11:59:58 fw1 : ": "fw1|fw1",
		"<161>fw1 ":              "fw1|fw1",
		"Mar 17 11:59:59 relay1 : Mar 17 11:59:58 EDT: ":                         "|relay1",
		"<190>Mar 17 11:59:59 relay1 Mar 17 2026 11:59:58 fw1 : ":                "fw1|relay1",
		"<134>1 2026-03-17T11:59:59Z relay1 - - - - Mar 17 2026 11:59:58 fw1 : ": "fw1|relay1",
		"<134>1 2026-03-17T11:59:59Z fw1 - - - - ":                               "fw1|fw1",
		"<134>1 2026-03-17T11:59:59Z - - - - - fw1 : ":                           "fw1|fw1",
	} {
		var h Header
		if r := Parse([]byte(prefix+"%FTD-1-735004: x"), &h); r != OK {
			t.Fatal(r)
		}
		if inner, outer := h.Hosts(); string(inner)+"|"+string(outer) != want {
			t.Errorf("%q: %s|%s, want %s", prefix, inner, outer, want)
		}
	}
}

func TestTag(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		var h Header
		got := "rejected " + Parse([]byte(line), &h).String()
		if got == "rejected " {
			got = fmt.Sprintf("%s %d %06d %q %q", h.Product, h.Severity, h.ID, h.Class, h.Text)
		} else if h.ID != 0 {
			got += fmt.Sprintf(", like %d", h.ID)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
	f("%FTD-1-735004: x", `FTD 1 735004 "" "x"`)
	f("%ASA-0-735004: x", `ASA 0 735004 "" "x"`)
	f("%PIX-5-111010: x", `PIX 5 111010 "" "x"`)
	f("%FWSM-7-735004: x", `FWSM 7 735004 "" "x"`)
	f("%NGIPS-0-430003: x", `NGIPS 0 430003 "" "x"`)
	f("%Threat Defense-6-778001: x", `Threat Defense 6 778001 "" "x"`)
	f("%ASA-session-6-106015: x", `ASA 6 106015 "session" "x"`)
	f("%ASA--4-733100: x", `ASA 4 733100 "" "x"`)
	f("%FTD-1-735004", `FTD 1 735004 "" ""`)
	f("%FTD-1-735004:", `FTD 1 735004 "" ""`)
	f("%FTD-1-735004:  (Primary) x", `FTD 1 735004 "" "(Primary) x"`)
	f("%FTD-1-735004 x", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004 : x", `FTD 1 735004 "" ": x"`)
	f("ASA-4-733100> [] x", `ASA 4 733100 "" "[] x"`)
	f("<164>ASA-4-733100: x", `ASA 4 733100 "" "x"`)

	// The first plausible tag is the line's own.
	f("%FTD-1-444302: %SMART_LIC-3-X: about %ASA-1-735004: y", `FTD 1 444302 "" "%SMART_LIC-3-X: about %ASA-1-735004: y"`)
	f("100% %FTD %FTD-9-1 %FTD-1-735004: x", `FTD 1 735004 "" "x"`)

	// What ends a text and does not belong to it.
	f("%FTD-1-735004: x \r\n", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004: x\x00", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004: x\n\x00", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004: x#012", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004: x#015#012 ", `FTD 1 735004 "" "x"`)
	f("%FTD-1-735004: #013", `FTD 1 735004 "" "#013"`)
	f("%FTD-1-735004: Speci\xc3\xa4l \xff", "FTD 1 735004 \"\" \"Speciäl \\xff\"")

	// No tag.
	f("", "rejected empty")
	f(" \t\r\n\x00", "rejected empty")
	f("<161> ", "rejected empty")
	f("<161>fw1 : Power Supply 1: Failure Detected", "rejected no_tag")
	f("735004: Power Supply 1: Failure Detected", "rejected no_tag")
	f("about ASA-4-733100: x", "rejected no_tag")
	f("%LINK-3-UPDOWN: x", "rejected no_tag")
	f("%ASA------7-6090014523243: x", "rejected no_tag")
	f("%ASA-7-8300003: x", "rejected no_tag")
	f("%ASA-7-83000: x", "rejected no_tag")
	f("%ASA-7-735004x", "rejected no_tag")
	f("%ASA-4-4-735004: x", "rejected no_tag")
	f("%ftd-1-735004: x", "rejected no_tag")
	f("%FTD-1-7350", "rejected no_tag")
	f("%", "rejected no_tag")
	f("%FTD-1-", "rejected no_tag")
	f("%Threat Defense", "rejected no_tag")
	f("%ASA-8-999999: x", "rejected no_tag, like 999999")
}

func TestPRI(t *testing.T) {
	for prefix, want := range map[string]int{
		"<0>": 0, "<161>": 161, " <191>": 191, "12 <7>": 7,
		"": -1, "<192>": -1, "<>": -1, "<1": -1, "<1234>": -1, "<-1>": -1, "< 1>": -1,
	} {
		var h Header
		if r := Parse([]byte(prefix+"%FTD-1-735004: x"), &h); r != OK || h.PRI != want {
			t.Errorf("%q: %s, PRI %d, want %d", prefix, r, h.PRI, want)
		}
	}
}

func TestRepeats(t *testing.T) {
	f := func(line string, count uint32, host, text string) {
		t.Helper()
		var h Header
		if r := Parse([]byte(line), &h); r != OK {
			t.Errorf("%q: rejected: %s", line, r)
			return
		}
		if h.Count != count || string(h.Host()) != host || string(h.Text) != text {
			t.Errorf("%q: count %d, host %q, text %q, want %d, %q, %q", line, h.Count, h.Host(), h.Text, count, host, text)
		}
	}
	f("fw1 : %ASA-2-106006: message repeated 2 times: [ Deny inbound UDP]", 2, "fw1", "Deny inbound UDP")
	f("fw1 : %ASA-4-733100: message repeated 2 times: [[ Scanning] drop rate-1 exceeded]", 2, "fw1", "[ Scanning] drop rate-1 exceeded")
	f("fw1 : %ASA-4-733100: message repeated 2 times: [ x]#012", 2, "fw1", "x")
	f("message repeated 27 times: [Mar 19 15:14:53 MSK/MSD: %ASA-session-6-106015: Deny TCP]", 27, "", "Deny TCP")
	f("Mar 19 15:14:59 fw1 message repeated 27 times: [Mar 19 15:14:53 UTC: %ASA-session-6-106015: Deny TCP]", 27, "fw1", "Deny TCP")
	f("%ASA-4-733100: [ Scanning] total count is 147409 (35 instances received)", 35, "", "[ Scanning] total count is 147409")
	f("%ASA-4-733100: [ Scanning] total count is 147409 (35 instances received).", 35, "", "[ Scanning] total count is 147409")
	f("%ASA-3-106014: Deny inbound icmp on interface outside (Message repeated 2 times)", 2, "", "Deny inbound icmp on interface outside")

	// What only looks like it.
	f("%ASA-4-733100: x (0 instances received)", 1, "", "x")
	f("%ASA-4-733100: x (99999999999 instances received)", 1, "", "x")
	f("%ASA-4-733100: x (some instances received)", 1, "", "x (some instances received)")
	f("%ASA-4-733100: message repeated many times: [ x]", 1, "", "message repeated many times: [ x]")
	f("%ASA-4-733100: message repeated 3 times: [ x", 1, "", "message repeated 3 times: [ x")
	f("%ASA-4-733100: x ()", 1, "", "x ()")
	f("%ASA-4-733100: )", 1, "", ")")
}

func TestLongLines(t *testing.T) {
	for _, part := range []string{"%", "%FTD-", "%ASA-1-", "message repeated 2 times: [", "Mar 17 ", "(", " :"} {
		line := strings.Repeat(part, 64<<10/len(part))
		var h Header
		if r := Parse([]byte(line), &h); r != NoTag {
			t.Errorf("%q without end: %q", part, r)
		}
		if r := Parse([]byte(line+"%FTD-1-735004: x"+line), &h); r != OK || h.ID != 735004 || h.Text[0] != 'x' {
			t.Errorf("a tag between %q without end: %q, %d", part, r, h.ID)
		}
	}
}

// The corpus is not ours to copy. Its first column is the id of the third, or a
// hyphen for a line that must be rejected.
func TestCorpus(t *testing.T) {
	name := os.Getenv("FTD_CORPUS")
	if name == "" {
		t.Skip("FTD_CORPUS names no file of collected lines (id, source, line, separated by tabs)")
	}
	corpus, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	s := bufio.NewScanner(bytes.NewReader(corpus))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		id, rest, _ := strings.Cut(s.Text(), "\t")
		source, line, ok := strings.Cut(rest, "\t")
		if !ok || id == "message_id" {
			continue
		}
		lines++
		if strings.HasPrefix(source, "[escaped]") {
			line = strings.ReplaceAll(line, `\n`, "\n")
		}
		var h Header
		r := Parse([]byte(line), &h)
		got := "-"
		if h.ID != 0 {
			got = fmt.Sprintf("%06d", h.ID)
		}
		if r == NoTag && strings.HasPrefix(line, "[ Scanning] drop rate") {
			continue // A body alone; the explain command recognises it.
		}
		if got != id {
			t.Errorf("%s: got %s (%s): %q", id, got, r, line)
		}
	}
	if lines < 100 {
		t.Errorf("only %d lines", lines)
	}
}

var benchmarks = map[string]string{
	"Event":    "2026-03-17T11:59:58Z fw1  %FTD-1-430003: EventPriority: Low, DeviceUUID: 00000000-0000-0000-0000-000000000001, InstanceID: 1, FirstPacketSecond: 2026-03-17T11:59:57Z, ConnectionID: 38902, AccessControlRuleAction: Allow, SrcIP: 10.0.1.16, DstIP: 192.0.2.194, SrcPort: 50689, DstPort: 443, Protocol: tcp, IngressInterface: inside, EgressInterface: outside, IngressZone: in, EgressZone: out, ACPolicy: corp, AccessControlRuleName: web, Client: SSL client, ApplicationProtocol: HTTPS, InitiatorPackets: 4, ResponderPackets: 2, InitiatorBytes: 700, ResponderBytes: 66, NAPPolicy: Balanced Security and Connectivity, DNSResponseType: No Error, Sinkhole: Unknown",
	"Fan":      "<161>Mar 17 2026 11:59:58 fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected",
	"Built":    "<166>2026-03-17T11:59:58Z fw1 : %FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)",
	"Repeated": "<164>fw1 : %ASA-4-733100: message repeated 3 times: [[ Scanning] drop rate-1 exceeded. Current burst rate is 1 per second]",
	"NoTag":    "<190>3132517: Jul 13 08:23:43 192.0.2.2 sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %LINK-3-UPDOWN: Interface up",
	"Bad":      "%FTD-1-%ASA--%\x00\xff<192>Mar 17 2026 11:59:58 fw1",
}

func TestParseDoesNotAllocate(t *testing.T) {
	for name, line := range benchmarks {
		frame := []byte(line)
		var h Header
		if n := testing.AllocsPerRun(100, func() {
			Parse(frame, &h)
			h.Host()
			h.Zone()
			h.Time(ref)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkParse reads tag and host.
func BenchmarkParse(b *testing.B) {
	for name, line := range benchmarks {
		b.Run(name, func(b *testing.B) {
			frame := []byte(line)
			var h Header
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				Parse(frame, &h)
				h.Host()
			}
		})
	}
}
