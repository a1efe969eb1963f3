package syslog

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// ref is the time of receipt in these tests. Timestamps without an offset are in
// its location, two hours east of UTC.
var ref = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 2*3600))

// parse parses a frame with a Parser that has seen no other.
func parse(frame string) (*Parser, *Header, Reason) {
	var p Parser
	var h Header
	reason := p.Parse([]byte(frame), netip.Addr{}, &h)
	return &p, &h, reason
}

// describe returns all contents of a frame: PRI, host, time zone and time, then the
// tag, count and text. The time is in UTC, with a ? if the device does not give its
// offset.
func describe(frame string) string {
	p, h, r := parse(frame)
	if r != OK {
		if h.ID != 0 {
			return fmt.Sprintf("%s like %s", r, h.ID)
		}
		return r.String()
	}
	at := "-"
	if t, zoned, ok := p.Time(h, ref); ok {
		at = t.UTC().Format("2006-01-02T15:04:05.999999999")
		if !zoned {
			at += "?"
		}
	}
	name := func(b []byte) string {
		if b == nil {
			return "-"
		}
		return string(b)
	}
	return fmt.Sprintf("%d %s %s %s | %s %s %d %s x%d %q", h.PRI, name(h.Origin.Host()), name(h.Origin.Zone), at,
		h.Product, name(h.Class), h.Severity, h.ID, h.Count, h.Text)
}

// The letters are those of testdata/corpus.tsv, which describes each form.
func TestHeaders(t *testing.T) {
	const tail = " | FTD - 1 735004 x1 \"Fan: OK\""
	f := func(prefix, want string) {
		t.Helper()
		if got := describe(prefix + "%FTD-1-735004: Fan: OK"); got != want+tail {
			t.Errorf("%q:\ngot  %s\nwant %s", prefix, got, want+tail)
		}
	}

	// A timestamp with a year, as "logging timestamp" makes it, and no host.
	f("<190>Feb 20 2026 12:54:07: ", "190 - - 2026-02-20T10:54:07?")
	f("Dec 03 2010 14:32:34: ", "-1 - - 2010-12-03T12:32:34?")

	// With a host, as "logging device-id" adds it, however they are spaced.
	f("<166>Feb 09 2026 15:50:47 fw-a-1 : ", "166 fw-a-1 - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 fw-a-1: ", "166 fw-a-1 - 2026-02-09T13:50:47?")
	f("Feb 09 2026 15:50:47 fw-a-1  ", "-1 fw-a-1 - 2026-02-09T13:50:47?")
	f("Feb  9 2026 15:50:47 fw-a-1 ", "-1 fw-a-1 - 2026-02-09T13:50:47?")
	f("Feb   9   2026   15:50:47   fw-a-1\t:\t", "-1 fw-a-1 - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 192.0.2.32 : ", "166 192.0.2.32 - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 fw-1.example.org : ", "166 fw-1.example.org - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 <IP>: ", "166 <IP> - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 2001:db8::1: ", "166 2001:db8::1 - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 2001:db8:: : ", "166 2001:db8:: - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 ::ffff:192.0.2.1: ", "166 ::ffff:192.0.2.1 - 2026-02-09T13:50:47?")
	f("<166>Feb 09 2026 15:50:47 2001:db8:1:2:3:4:5:6 : ", "166 2001:db8:1:2:3:4:5:6 - 2026-02-09T13:50:47?")

	// The colon of a host that is not there.
	f("<163>Jan 15 2026 03:28:52 : ", "163 - - 2026-01-15T01:28:52?")

	// Timestamp, host or PRI are missing.
	f("<166>", "166 - - -")
	f("<166>FW-V01 ", "166 FW-V01 - -")
	f("<123>asa ", "123 asa - -")
	f("HQ-5585 : ", "-1 HQ-5585 - -")
	f("fw1: ", "-1 fw1 - -")
	f("", "-1 - - -")
	f("  <161>", "161 - - -")
	f("\xef\xbb\xbf<161>fw1 : ", "161 fw1 - -")

	// Timestamps as in RFC 5424 ("logging timestamp rfc5424").
	f("<190>2026-02-25T07:19:40Z: ", "190 - - 2026-02-25T07:19:40")
	f("<164>2026-02-25T07:19:40Z edge-fw1 : ", "164 edge-fw1 - 2026-02-25T07:19:40")
	f("<190>2026-02-25T07:19:40+02:00: ", "190 - - 2026-02-25T05:19:40")
	f("<190>2026-02-25T07:19:40-0330: ", "190 - - 2026-02-25T10:49:40")
	f("2026-02-25T07:19:40Z firepower  ", "-1 firepower - 2026-02-25T07:19:40")
	f("2026-02-25T07:19:40Z   ", "-1 - - 2026-02-25T07:19:40")
	f("2026-02-25T07:19:40Z : ", "-1 - - 2026-02-25T07:19:40")
	f("<181>2026-02-25T07:19:40Z ", "181 - - 2026-02-25T07:19:40")
	f("2026-02-25T07:19:40.123456789Z fw1 : ", "-1 fw1 - 2026-02-25T07:19:40.123456789")
	f("2026-02-25T07:19:40.1234567891Z: ", "-1 - - 2026-02-25T07:19:40.123456789")
	f("2026-02-25T07:19:40 fw1 : ", "-1 fw1 - 2026-02-25T05:19:40?")

	// EMBLEM, the form for CiscoWorks: a colon, a timestamp, a time zone.
	f("<166>:Feb 26 11:26:52 UTC: ", "166 - UTC 2026-02-26T11:26:52")
	f("<166>:Jan 13 2012 15:51:28 MSK: ", "166 - MSK 2012-01-13T12:51:28")
	f("<34>:Feb 04 19:28:05 EDT: ", "34 - EDT 2026-02-04T23:28:05")
	f("<164>:Jan 14 17:19:04 MSK 192.0.2.101: ", "164 192.0.2.101 MSK 2026-01-14T14:19:04")
	f("<165>:Jan 14 18:10:27 MSK :", "165 - MSK 2026-01-14T15:10:27")
	f("<34>:", "34 - - -")
	f("<166>:: ", "166 - - -")
	f("<166>:2026-02-27T12:17:46Z: ", "166 - - 2026-02-27T12:17:46")
	f("<166>: 2026 Feb 07 10:29:42 UTC 0ccafa9b-b48a-4156-b3af-de2d35e5f432 : ", "166 0ccafa9b-b48a-4156-b3af-de2d35e5f432 UTC 2026-02-07T10:29:42")
	f("Jan 19 15:12:23 MSK/MSD: ", "-1 - MSK/MSD 2026-01-19T13:12:23?")
	f("<164>:Jan 19 15:12:23 Paris: ", "164 - Paris 2026-01-19T13:12:23?")
	f("<164>:Jan 19 15:12:23 AA/BB: ", "164 - AA/BB 2026-01-19T13:12:23?")
	f("<164>:Jan 19 15:12:23 fw1 : ", "164 fw1 - 2026-01-19T13:12:23?")
	f("<164>:Jan 19 15:12:23 CST: ", "164 - CST 2026-01-19T13:12:23?")
	f(" CEST: ", "-1 - - -")
	f(" AEDT:", "-1 - - -")

	// The one header is that of a relay.
	f("Jan 15 13:38:08 192.0.2.142 ", "-1 192.0.2.142 - 2026-01-15T11:38:08?")
	f("<167>Jan  5 08:52:35 192.0.2.216 ", "167 192.0.2.216 - 2026-01-05T06:52:35?")
	f("Jan 30 00:07:38 UTC firepower : ", "-1 firepower UTC 2026-01-30T00:07:38")
	f("2026-02-02T14:01:23-03:00 192.0.2.1 ", "-1 192.0.2.1 - 2026-02-02T17:01:23")

	// A time zone is never a host, and a host never a time zone.
	f("Jan 30 00:07:38 UTC+3 firepower : ", "-1 firepower UTC+3 2026-01-29T21:07:38")
	f("Jan 30 00:07:38 PST : ", "-1 - PST 2026-01-30T08:07:38")
	f("Jan 30 00:07:38 EST-FW1 : ", "-1 EST-FW1 - 2026-01-29T22:07:38?")
	f("Jan 30 00:07:38 EDGE : ", "-1 EDGE - 2026-01-29T22:07:38?")

	// A relay's header before the device's. The inner time counts, and the inner
	// host if there is one.
	f("Jan 25 15:47:09 h1.example.com : Jan 25 15:47:07 EDT: ", "-1 h1.example.com EDT 2026-01-25T19:47:07")
	f("<190>Jan 14 15:10:46 h2 : Jan 14 15:10:45 WEST: ", "190 h2 WEST 2026-01-14T14:10:45")
	f("Jan 25 15:47:09 h1 :Jan 25 15:47:07 UTC: ", "-1 h1 UTC 2026-01-25T15:47:07")
	f("Jan 20 11:59:00 edge01 syslogd: 2026-01-20T11:58:59Z: ", "-1 edge01 - 2026-01-20T11:58:59")
	f("<187>Jan 23 10:21:03 *2003 Jan 23 12:12:12 PDT -8:00 ", "187 - PDT 2003-01-23T20:12:12")
	f("Jan 24 16:00:29 relay Jan 24 2026 16:00:28 INT-FW01 : ", "-1 INT-FW01 - 2026-01-24T14:00:28?")
	f("<13>Jan 24 16:00:29 relay <166>Jan 24 2026 16:00:28 INT-FW01 : ", "13 INT-FW01 - 2026-01-24T14:00:28?")
	f("<13>Jan 24 16:00:29 relay <166>", "13 relay - 2026-01-24T14:00:29?")
	f("$STAMP$ $HOST$ :$STAMP$ UTC: ", "-1 - - -")

	// A relay that writes RFC 5424 in full.
	f("<166>1 2026-02-02T14:59:55.000+00:00 charlie - - - - ", "166 charlie - 2026-02-02T14:59:55")
	f("<134>1 2026-02-06T04:30:02Z fw01.corp Cisco - - - ", "134 fw01.corp - 2026-02-06T04:30:02")
	f("<134>1 - - - - - - ", "134 - - -")
	f(`<134>1 2026-02-06T04:30:02Z fw1 app 1 ID [a@1 k="] \" \] \\"][b] `+"\xef\xbb\xbf", "134 fw1 - 2026-02-06T04:30:02")
	f(`<134>1 2026-02-06T04:30:02Z fw1 - - - [a k="%ASA-1-105003: quoted"] `, "134 fw1 - 2026-02-06T04:30:02")
	f(`<134>1 2026-02-06T04:30:02Z fw1 - - - [a k="`+strings.Repeat("x", 2000)+`"] `, "134 fw1 - 2026-02-06T04:30:02")
	f("<134>1 2026-02-06T04:30:02Z relay - - - - Feb 06 2026 04:30:01 fw1 : ", "134 fw1 - 2026-02-06T02:30:01?")
	f("<134>1 2026-02-06T04:30:02Z relay - - - - <166>2026-02-06T04:30:01Z: ", "134 relay - 2026-02-06T04:30:01")
	f("<134>1 2026-02-06T04:30:02Z fw1 ", "134 fw1 - 2026-02-06T04:30:02") // Cut short.

	// The length of the frame, which a relay left in it.
	f("123 <166>1 2026-02-02T14:59:55Z charlie - - - - ", "166 charlie - 2026-02-02T14:59:55")

	// The name of a program is not a host.
	f("Jan 10 2026 12:34:56 localhost CiscoASA[999]: ", "-1 localhost - 2026-01-10T10:34:56?")
	f("localhost CiscoASA[999]: ", "-1 localhost - -")
	f("asa[1234]: ", "-1 - - -")
	f("Jan  1 01:00:27 asa[1234]: ", "-1 - - 2025-12-31T23:00:27?")
	f("<166>2026-01-29T14:35:22Z firewall01 SFIMS: ", "166 firewall01 - 2026-01-29T14:35:22")

	// Sequence numbers and clocks of IOS.
	f("<180>782431: machine1: .Jan 18 21:03:22.631 GMT: ", "180 machine1 GMT 2026-01-18T21:03:22.631")
	f("<190>3132517: sw01: 3132513: 2y10w: ", "190 - - -")
	f("<190>3132517: ", "190 - - -")

	// A sentence that mentions a tag.
	f("This is about ", "-1 - - -")
	f("Jan 10 12:34:56 somebody has quoted the tag ", "-1 - - 2026-01-10T10:34:56?")
	f("Jan 10 12:34:56 fw-1 has quoted the tag ", "-1 fw-1 - 2026-01-10T10:34:56?")
	f("2026-01-18T22:00:14.8650520Z: virtual bool Pipe::Run() (a.cc +604) Processing event '", "-1 - - 2026-01-18T22:00:14.865052")

	// What is not a PRI, a timestamp or a host.
	f("<192>fw1 : ", "-1 fw1 - -")
	f("<01>fw1 : ", "-1 fw1 - -")
	f("<99999999999999999999>", "-1 - - -")
	f("Jan 45 12:34:56: ", "-1 - - -")
	f("Jan 10 24:34:56: ", "-1 - - -")
	f("Feb 30 2026 10:00:00 fw1 : ", "-1 fw1 - -")
	f("12:34:56 : ", "-1 - - -")
	f("2024 : ", "-1 - - -")
	f("--- : ", "-1 - - -")
	for _, c := range `[](){}"'=,;%` + "\x00\x01\x7f\u0085" {
		f("fw"+string(c)+"1 : ", "-1 - - -")
	}
	f("fw\xff1 : ", "-1 - - -")
	f("fw-ä1 : ", "-1 fw-ä1 - -")
	f(strings.Repeat("h", 255)+" : ", "-1 "+strings.Repeat("h", 255)+" - -")
	f(strings.Repeat("h", 256)+" : ", "-1 - - -")
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
		_, h, r := parse(prefix + "%FTD-1-735004: x")
		if r != OK {
			t.Fatal(r)
		}
		if got := string(h.Origin.DeviceID) + "|" + string(h.Origin.RelayedHost); got != want {
			t.Errorf("%q: %s, want %s", prefix, got, want)
		}
	}
}

func TestTags(t *testing.T) {
	f := func(frame, want string) {
		t.Helper()
		if want[0] >= 'A' && want[0] <= 'Z' {
			want = "-1 - - - | " + want
		}
		if got := describe(frame); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", frame, got, want)
		}
	}
	f("%FTD-1-735004: x", `FTD - 1 735004 x1 "x"`)
	f("%ASA-0-735004: x", `ASA - 0 735004 x1 "x"`)
	f("%PIX-7-012345: x", `PIX - 7 012345 x1 "x"`)
	f("%FWSM-5-111010: x", `FWSM - 5 111010 x1 "x"`)
	f("%NGIPS-0-430003: x", `NGIPS - 0 430003 x1 "x"`)
	f("%Threat Defense-6-778001: x", `Threat Defense - 6 778001 x1 "x"`)
	f("%FTD<Up>-4-411001: x", `FTD - 4 411001 x1 "x"`)
	f("%ASA<Up>-session-4-411001: x", `ASA session 4 411001 x1 "x"`)
	f("%FTD<Up>-4-41100: x, %ASA-1-735002: y", `ASA - 1 735002 x1 "y"`)
	f("%FTD<U p>-4-411001: x, %ASA-1-735002: y", `ASA - 1 735002 x1 "y"`)
	f("%ASA-session-6-106015: x", `ASA session 6 106015 x1 "x"`)
	f("%ASA-tag-switching-6-779001: x", `ASA tag-switching 6 779001 x1 "x"`)
	f("%FTD--6-852002: x", `FTD - 6 852002 x1 "x"`)

	// What may follow the id.
	f("%FTD-1-735004", `FTD - 1 735004 x1 ""`)
	f("%FTD-1-735004:", `FTD - 1 735004 x1 ""`)
	f("%FTD-1-735004#012", `FTD - 1 735004 x1 ""`)
	f("%FTD-1-735004 IPMI: x", `FTD - 1 735004 x1 "IPMI: x"`)
	f("%FTD-1-735004:  (Primary) x", `FTD - 1 735004 x1 "(Primary) x"`)
	f("%FTD-1-735004 : x", `FTD - 1 735004 x1 "x"`)
	f("%FTD-1-735004\tx", `FTD - 1 735004 x1 "x"`)
	f("ASA-4-733100> [] x", `ASA - 4 733100 x1 "[] x"`)
	f(" ASA-4-733100: x", `ASA - 4 733100 x1 "x"`)

	// The first one is the line's own, even if others are more usual.
	f("%FTD-1-444302: %SMART_LIC-3-X: on %ASA-1-735004: y", `FTD - 1 444302 x1 "%SMART_LIC-3-X: on %ASA-1-735004: y"`)
	f("%%FTD-9%FTD-1-735004: x", `FTD - 1 735004 x1 "x"`)
	f("%ASA-7-199019: Mar  6 21:58:53 Ipc[1234]: func return 1#012", `ASA - 7 199019 x1 "Mar  6 21:58:53 Ipc[1234]: func return 1"`)

	// A relay has made the tag the name of a program.
	f("<166>1 2026-02-06T04:30:02Z fw1 %ASA-6-302015 - - - Built x", `166 fw1 - 2026-02-06T04:30:02 | ASA - 6 302015 x1 "Built x"`)
	f("<166>1 2026-02-06T04:30:02Z fw1 %ASA-6-302015: a b - c", `166 fw1 - 2026-02-06T04:30:02 | ASA - 6 302015 x1 "a b - c"`)

	// What follows the text.
	for _, junk := range []string{" ", "\t", "\r\n", "\n\x00", "\x00\x00", "#012", "#015#012", "#000 #012\n"} {
		f("%FTD-1-735004: x"+junk, `FTD - 1 735004 x1 "x"`)
	}
	f("%FTD-1-735004: x#013", `FTD - 1 735004 x1 "x#013"`)
	f("%FTD-1-735004: a\nb\x00c", `FTD - 1 735004 x1 "a\nb\x00c"`)
	f("%FTD-1-735004: Speci\xc3\xa4l \xff", "FTD - 1 735004 x1 \"Speciäl \\xff\"")

	// Seven digits, also where the usual short cut looks.
	f("%ASA-3-8300003: x", "ASA - 3 8300003 x1 \"x\"")
	f("<187>Mar 17 2026 12:00:00 fw1 : %FTD-3-8300005: a text of some length", `187 fw1 - 2026-03-17T10:00:00? | FTD - 3 8300005 x1 "a text of some length"`)

	// No tag.
	f("", "empty")
	f(" \t\r\n\x00\x00 ", "empty")
	f("<161>", "no_tag")
	f("fw1 : User was logged out", "no_tag")
	f("about ASA-4-733100: x", "no_tag")
	f("%LINK-3-UPDOWN: x", "no_tag")
	f("%ASA------7-6090014523243: x", "no_tag")
	f("%ASA-7-83000003: x", "no_tag")
	f("%ASA-7-8300003x", "no_tag")
	f("%ASA-7-83000: x", "no_tag")
	f("%ASA-7-735004x", "no_tag")
	f("%ASA-4-4-735004: x", "no_tag")
	f("%ASA-4x-4-735004: x", "no_tag")
	f("%ASA-cl.ass-4-735004: x", "no_tag")
	f("%asa-4-735004: x", "no_tag")
	f("%ASA-8-999999: x", "no_tag like 999999")
	f("Jan  1 01:00:30 h asa[1234]: %ASA-9-123456: x", "no_tag like 123456")
	whole := "%Threat Defense-session-6-106015"
	for i := range whole {
		f(whole[:i]+".", "no_tag")
	}
}

func TestRepetitions(t *testing.T) {
	f := func(frame, host string, count uint32, text string) {
		t.Helper()
		_, h, r := parse(frame)
		if r != OK || string(h.Origin.Host()) != host || h.Count != count || string(h.Text) != text {
			t.Errorf("%q:\ngot  %s %q %d %q\nwant %q %d %q", frame, r, h.Origin.Host(), h.Count, h.Text, host, count, text)
		}
	}
	const fw, tag = "Jan 23 15:10:55 fw1 ", "%ASA-4-733100: "

	// The tag outside.
	f(fw+tag+"message repeated 2 times: [ Deny x on interface inside]", "fw1", 2, "Deny x on interface inside")
	f(fw+tag+"message repeated 3 times: [[ Scanning] drop rate-1 exceeded]", "fw1", 3, "[ Scanning] drop rate-1 exceeded")
	f(fw+tag+"message repeated 3 times: [ Deny x [0x0, 0x0]]#012", "fw1", 3, "Deny x [0x0, 0x0]")

	// The tag inside, with a header of its own or without.
	f("message repeated 27 times: [Jan 19 15:14:53 MSK/MSD: %ASA-session-6-106015: Deny TCP]", "", 27, "Deny TCP")
	f(fw+"message repeated 27 times: [Jan 19 15:14:53 UTC: %ASA-session-6-106015: Deny TCP]", "fw1", 27, "Deny TCP")
	f(fw+"message repeated 27 times: [Jan 19 15:14:53 fw2 : %ASA-6-106015: Deny TCP]\n", "fw2", 27, "Deny TCP")
	f("<13>1 2026-02-06T04:30:02Z relay - - - - message repeated 2 times: [fw2 : %ASA-6-106015: x [0x0]]", "fw2", 2, "x [0x0]")

	// At the end.
	f(tag+"Total is 147409 (35 instances received)", "", 35, "Total is 147409")
	f(tag+"Total is 147409 (35 instances received).", "", 35, "Total is 147409")
	f(tag+"Total is 147409 (35 instances received)\"", "", 35, "Total is 147409")
	f(tag+"Deny x on interface outside (Message repeated 2 times)", "", 2, "Deny x on interface outside")
	f(tag+"message repeated 2 times: [ x (35 instances received)]", "", 70, "x")

	// Numbers that cannot be.
	f(tag+"x (0 instances received)", "", 1, "x")
	f(tag+"x (9999 instances received)", "", 9999, "x")
	f(tag+"x (999999999 instances received)", "", 10000, "x")
	f(tag+"x (99999999999999999999 instances received)", "", 10000, "x")
	f(tag+"message repeated 0 times: [x]", "", 1, "x")
	f(tag+"message repeated 99999 times: [x (99999 instances received)]", "", 10000, "x")

	// Texts that only look like it.
	for _, text := range []string{
		"x (some instances received)", "x ( instances received)", "x 3 instances received)", "x (Message repeated times)", "(", ")", "()",
		"message repeated many times: [ x]", "message repeated 3 times: [ x", "message repeated 3 times x]", "message repeated",
		"last message repeated 3 times",
	} {
		f(tag+text, "", 1, text)
	}
	f("message repeated 27 times: [fw2 : "+tag+"cut off", "fw2", 1, "cut off")
}

func TestRejectedHeadersAreReset(t *testing.T) {
	p, h, _ := parse("<166>Jan 15 13:38:08 UTC fw1 : %ASA-session-6-106015: x (3 instances received)")
	if r := p.Parse([]byte("<5>nothing"), netip.Addr{}, h); r != NoTag {
		t.Fatal(r)
	}
	_, _, ok := p.Time(h, ref)
	if h.PRI != 5 || h.Product != 0 || h.Class != nil || h.ID != 0 || h.Count != 1 || h.Text != nil || h.Origin != nil || ok {
		t.Errorf("%+v", h)
	}
	if _, _, ok := p.Time(&Header{}, ref); ok {
		t.Error("the zero Header has a time")
	}
}

func TestNames(t *testing.T) {
	var got []string
	for r := range NumReasons {
		got = append(got, r.String())
	}
	for p := range ThreatDefense + 1 {
		got = append(got, p.String())
	}
	want := ",empty,no_tag,too_long,bad_frame,not_allowed,,FTD,ASA,PIX,FWSM,NGIPS,Threat Defense"
	if s := strings.Join(got, ","); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

// Each is 64 KiB of something that a careless search would look at again and
// again. A second is a thousand times what it takes.
func TestHostileFramesAreCheap(t *testing.T) {
	start := time.Now()
	for _, part := range []string{
		"%", "%FTD-", "%ASA-a-", "%ASA-4-73310", "message repeated 2 times: [", "message repeated ", "Jan 17 ", "(", " :", ":", "[", "<1>", "1 ",
		"#012", "\x00", "9", "Jan 17 2026 10:00:00 ",
	} {
		junk := strings.Repeat(part, 64<<10/len(part))
		for _, frame := range []string{junk, junk + "%FTD-1-735004: x" + junk, "%FTD-1-735004: " + junk, "<1>1 - - - - - [" + junk} {
			p, h, _ := parse(frame)
			p.Time(h, ref)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %s", d)
	}
}

// samples are lines of the usual kinds, by name.
func samples() map[string]string {
	return map[string]string{
		"Event430003": "<166>2026-02-17T11:59:58Z fw1 : %FTD-6-430003: EventPriority: Low, DeviceUUID: 00000000-0000-0000-0000-000000000001, InstanceID: 1, FirstPacketSecond: 2026-02-17T11:59:57Z, ConnectionID: 38902, AccessControlRuleAction: Allow, SrcIP: 10.0.1.16, DstIP: 192.0.2.194, SrcPort: 50689, DstPort: 443, Protocol: tcp, IngressInterface: inside, EgressInterface: outside, IngressZone: in, EgressZone: out, ACPolicy: corp, AccessControlRuleName: web, Client: SSL client, ApplicationProtocol: HTTPS, InitiatorPackets: 4, ResponderPackets: 2, InitiatorBytes: 700, ResponderBytes: 66, NAPPolicy: Balanced Security and Connectivity, DNSResponseType: No Error, Sinkhole: Unknown, URLCategory: Unknown",
		"Fan735002":   "<161>Feb 17 2026 11:59:58 fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected",
		"Built302013": "<166>2026-02-17T11:59:58Z fw1 : %FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)",
		"Repeated":    "<164>Feb 17 11:59:58 UTC fw1 : %ASA-4-733100: message repeated 3 times: [[ Scanning] drop rate-1 exceeded (35 instances received)]",
		"RFC5424":     `<166>1 2026-02-17T11:59:58Z relay app 1 id [a k="\"]"] message repeated 3 times: [Feb 29 11:59:57 fw1 : %ASA-6-302013: x]`,
		"NoTag":       "<190>3132517: Jul 13 08:23:43 192.0.2.2 sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %LINK-3-UPDOWN: Interface up",
		"Malformed":   "%FTD-1-%ASA--%\x00\xff<192>Feb 17 2026 11:59:58 f\xff1 [message repeated ",
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	for name, line := range samples() {
		frame := []byte(line)
		p, h, _ := parse(line)
		if n := testing.AllocsPerRun(100, func() {
			p.Parse(frame, netip.Addr{}, h)
			p.Time(h, ref)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for name, line := range samples() {
		b.Run(name, func(b *testing.B) {
			frame := []byte(line)
			var p Parser
			var h Header
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				p.Parse(frame, netip.Addr{}, &h)
			}
		})
	}
}
