package testutil

// A HeaderCase is a header of a message and the name that it gives to the sender,
// without an inventory.
type HeaderCase struct {
	Kind string
	// Line is the whole line, with %s for the rest: the tag and what follows.
	Line string
	// Name is the name of the device; a hyphen if the line has none.
	Name string
}

// HeaderCases returns headers in which the name of the device is not where one
// expects it, for tests of every way in. All of them are invented, in forms that are
// in use.
func HeaderCases() []HeaderCase {
	var all []HeaderCase
	add := func(kind string, cases ...string) {
		for i := 0; i < len(cases); i += 2 {
			all = append(all, HeaderCase{kind, cases[i], cases[i+1]})
		}
	}
	add("Original Address, as Kiwi writes it",
		"<161>Original Address=192.0.2.11 %s", "192.0.2.11",
		"<161>original address=192.0.2.11 %s", "192.0.2.11",
		"<161>ORIGINAL ADDRESS = 192.0.2.11 : %s", "192.0.2.11",
		"<161>Original Address=[2001:db8::11] %s", "2001:db8::11",
		"<161>Original Address=fw1.example.com %s", "fw1.example.com",
		"<161>Feb 21 09:15:22 kiwi Original Address=192.0.2.11 %s", "192.0.2.11",
		"<161>Feb 21 09:15:22 192.0.2.250 original address=192.0.2.11 %s", "192.0.2.11",
		"<161>2026-02-21T09:15:22Z kiwi Original Address=192.0.2.11 : %s", "192.0.2.11",
		"<161>1 2026-02-21T09:15:22Z kiwi - - - - Original Address=192.0.2.11 %s", "192.0.2.11",
		"<161>Original Address=192.0.2.11 <161>%s", "192.0.2.11",
		"<161>Original Address=192.0.2.11 fw1 : %s", "fw1",
		"<161>Original Address=192.0.2.11 Feb 21 2026 09:15:22 fw1 : %s", "fw1",
		"<161>Feb 21 09:15:22 kiwi Original Address=192.0.2.11 Feb 21 2026 09:15:22: %s", "192.0.2.11",
		"<161>Feb 21 09:15:22 kiwi Original Address=192.0.2.11 Feb 21 2026 09:15:22 MET: %s", "192.0.2.11")
	add("two names after one timestamp",
		"Apr 27 14:50:30 relay1 fw1 : %s", "fw1",
		"Apr 27 14:50:30 relay1 fw1 %s", "fw1",
		"Apr 27 14:50:30 relay1 fw1: %s", "fw1",
		"<161>Apr 27 14:50:30 relay1 192.0.2.11 : %s", "192.0.2.11",
		"<161>Apr 27 14:50:30 relay1 192.0.2.11: %s", "192.0.2.11",
		"<161>Apr 27 14:50:30 relay1 192.0.2.11 :Apr 27 14:50:28 UTC: %s", "192.0.2.11",
		"<161>Apr 27 14:50:30 loghost edge : %s", "edge",
		"<161>Apr 27 14:50:30 relay1 ciscoasa: %s", "ciscoasa",
		"<161>Apr 27 14:50:30 relay1 fw1 Apr 27 2026 14:50:28: %s", "fw1",
		"<161>Apr 27 14:50:30 relay2 relay1 fw1 : %s", "fw1",
		"<161>2026-04-27T14:50:30Z relay1 fw1.example.com : %s", "fw1.example.com",
		"<161>Apr 27 14:50:30 relay2 Apr 27 14:50:29 192.0.2.11 <161>%s", "192.0.2.11",
		"<161>Apr 27 14:50:30 fw1 CiscoASA[999]: %s", "fw1",
		"<161>Apr 27 14:50:30 fw1 syslogd: %s", "fw1",
		"<161>Apr 27 14:50:30 relay1 fw1 syslogd: %s", "fw1",
		"<161>Apr 27 14:50:30 fw1 syslog-ng: %s", "fw1")
	add("a chain of names",
		"Jul 12 17:30:17 relay1 192.0.2.11/192.0.2.11 :Jul 12 10:25:06 PDT: %s", "192.0.2.11",
		"Jul 12 17:30:17 relay1/192.0.2.11 : %s", "192.0.2.11",
		"Jul 12 17:30:17 192.0.2.11/relay1 %s", "192.0.2.11",
		"Jul 12 17:30:17 fw1/relay1/relay2 : %s", "fw1",
		"Jul 12 17:30:17 s_net@fw1/relay1 %s", "fw1",
		"<161>2026-07-12T17:30:17Z relay1/2001:db8::11 : %s", "2001:db8::11",
		"Jul 12 17:30:17 relay1/192.0.2.11 Jul 12 2026 10:25:06 fw1 : %s", "fw1")
	add("RFC 5424",
		"<161>1 2026-04-27T14:50:30Z relay1 fw1 - - - %s", "fw1",
		`<161>1 2026-04-27T14:50:30Z relay1 fw1 - - [origin ip="192.0.2.11"] %s`, "fw1",
		`<161>1 2026-04-27T14:50:30Z relay1 - - - [origin ip="192.0.2.11"] %s`, "192.0.2.11",
		`<161>1 2026-04-27T14:50:30Z relay1 - - - [meta sequenceId="9"][origin software="x" ip="2001:db8::11"] %s`, "2001:db8::11",
		`<161>1 2026-04-27T14:50:30Z relay1 - - - [origin ip="192.0.2.11"] fw1 : %s`, "fw1",
		"<161>1 2026-04-27T14:50:30Z relay1 192.0.2.11 - - - %s", "192.0.2.11",
		"<161>1 2026-04-27T14:50:30Z fw1 asa - - - %s", "fw1",
		"<161>1 2026-04-27T14:50:30Z fw1 log-forwarder 7 - - %s", "fw1",
		"<161>1 2026-04-27T14:50:30Z fw1 syslog-ng-4.2 7 - - %s", "fw1")
	add("files of Kiwi",
		"2026-02-21 09:15:22\tLocal4.Alert\t192.0.2.11\t%s", "192.0.2.11",
		"02-21-2026\t09:15:22\tLocal4.Alert\t192.0.2.11\t%s", "192.0.2.11",
		"21-02-2026\t09:15:22\tLocal7.Debug\tfw1.example.com\t%s", "fw1.example.com",
		"2026-02-21 09:15:22\tLocal4.Alert\t192.0.2.11\tfw1 : %s", "fw1",
		"2026-02-21 09:15:22\tLocal4.Alert\t192.0.2.11\t:Feb 21 09:15:22 UTC: %s", "192.0.2.11",
		"2026-02-21 09:15:22\tLocal4.Alert\t192.0.2.250\tOriginal Address=192.0.2.11 %s", "192.0.2.11",
		"2026-02-21,09:15:22,Local4.Alert,192.0.2.11,%s", "192.0.2.11")
	add("names without a timestamp",
		"<164>DummyHost ASA-FW %s", "ASA-FW",
		"<164>DummyHost ASA-FW: %s", "ASA-FW",
		"<164>DummyHost ASA-FW : %s", "ASA-FW",
		"<164>relay1 192.0.2.11 %s", "192.0.2.11",
		"<164>loghost firepower : %s", "firepower",
		"localhost CiscoASA[999]: %s", "localhost",
		"This is about %s", "-")
	add("time zones",
		"<161>Feb 21 2026 09:15:22 MET fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 MET: %s", "-",
		"<161>Feb 21 2026 09:15:22 MET : %s", "-",
		"Feb 16 11:55:08 192.0.2.15 22877425: Feb 16 11:55:09 MET: %s", "192.0.2.15",
		"<161>1 2026-04-27T14:50:30Z 192.0.2.11 - - - - Mar 19 15:12:23 MEZ: %s", "192.0.2.11",
		"<161>Feb 21 2026 09:15:22 CLT fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 UAE fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 UAE: %s", "-",
		"<161>Feb 21 2026 09:15:22 ChST: %s", "-",
		"<161>Feb 21 2026 09:15:22 +03 fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 +03: %s", "-",
		"<161>Feb 21 2026 09:15:22 EET-DST fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 EET-DST: %s", "-",
		"<161>:Feb 21 2026 09:15:22 EET-DST: %s", "-",
		"<161>Feb 21 2026 09:15:22 E.S.T fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 E.S.T: %s", "-",
		"<161>:Feb 21 2026 09:15:22 E.S.T.: %s", "-",
		"<161>Feb 21 2026 09:15:22 CET-1CEST: %s", "-",
		"<161>Feb 21 2026 09:15:22 America/New_York fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 Brasilia fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 Brasilia: %s", "-",
		"<161>:Feb 21 2026 09:15:22 Brasilia: %s", "-",
		"<161>:Feb 21 2026 09:15:22 Sommerzeit: %s", "-",
		"<161>Feb 21 2026 09:15:22 Sommerzeit fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 New_York: %s", "-",
		"<161>Feb 21 2026 09:15:22 (MET) fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 PM fw1 : %s", "fw1",
		"<161>Feb 21 2026 09:15:22 PM: %s", "-",
		"<161>Feb 21 2026 09:15:22 AM MET: %s", "-",
		"<161>2026 Feb 21 09:15:22 a.m. MET fw1: %s", "fw1",
		"<161>Feb 21 2026 09:15:22 cat : %s", "cat",
		"<161>Feb 21 2026 09:15:22 met: %s", "met",
		"<161>Feb 21 2026 09:15:22 pst-fw1 : %s", "pst-fw1",
		"<161>Feb 21 2026 09:15:22 PST-FW1 : %s", "PST-FW1",
		"<161>Feb 21 2026 09:15:22 Berlin : %s", "Berlin",
		"<161>cat : %s", "cat")
	add("addresses",
		"<161>Feb 21 09:15:22 ::ffff:192.0.2.11 : %s", "192.0.2.11",
		"<161>Feb 21 09:15:22 2001:DB8::11 : %s", "2001:db8::11",
		"<161>Feb 21 09:15:22 2001:db8:0:0:0:0:0:11 : %s", "2001:db8::11",
		"<161>Feb 21 09:15:22 2001:0db8:0000:0000:0000:0000:0000:0011: %s", "2001:db8::11",
		"<161>Feb 21 09:15:22 [2001:db8::11] : %s", "2001:db8::11",
		"<161>Feb 21 09:15:22 [2001:db8::11]:514 : %s", "2001:db8::11",
		"<161>Feb 21 09:15:22 192.0.2.11:514 : %s", "192.0.2.11",
		"<161>Feb 21 09:15:22 [192.0.2.11] %s", "192.0.2.11",
		"<161>Feb 21 09:15:22 fe80::11%%eth0 : %s", "fe80::11",
		"<161>Feb 21 09:15:22 [fe80::11%%2]:514 %s", "fe80::11",
		"<161>Feb 21 09:15:22 fw1.example.com. : %s", "fw1.example.com",
		"<161>fw1.example.com:514 %s", "fw1.example.com",
		"<161>[::ffff:192.0.2.11]:514 : %s", "192.0.2.11",
		"<161>1 2026-04-27T14:50:30Z [2001:DB8::11] - - - - %s", "2001:db8::11")
	add("a line within something else",
		`{"message":"<161>fw1 : %s","host":"192.0.2.11"}`, "fw1",
		`{"message":"<161>%s","host":"192.0.2.11"}`, "192.0.2.11",
		`{"message":"<161>Feb 21 2026 09:15:22: %s","severity":1,"hostname":"fw1"}`, "fw1",
		`{"host":"192.0.2.11","message":"<161>%s"}`, "192.0.2.11",
		`{"@timestamp":"2026-02-21T09:15:22Z","host":{"ip":"192.0.2.11","name":"relay"},"message":"<161>Feb 21 2026 09:15:22: %s"}`, "192.0.2.11",
		`{"message":"<161>Feb 21 2026 09:15:22 fw1 : %s"}`, "fw1",
		`{ "program": "relay1", "message": "fw1 : %s" }`, "fw1",
		`{\"message\":\"<161>fw1 : %s\"}`, "fw1",
		`"fw1 : %s"`, "fw1",
		`'<161>fw1 : %s'`, "fw1",
		`2026-02-21T09:15:22Z,"192.0.2.11","<161>%s"`, "192.0.2.11",
		`"2026-02-21","09:15:22","192.0.2.11","<161>fw1 : %s"`, "fw1",
		`time=2026-02-21 host=192.0.2.11 msg="<161>%s"`, "192.0.2.11",
		`level=info msg="fw1 : %s"`, "fw1")
	return all
}
