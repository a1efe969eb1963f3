package catalog

import (
	"fmt"
	"strings"
	"testing"
)

// tails are what devices, relays and files append to a text.
var tails = []string{
	`\0x0a`, `\0x0d\0x0a`, `\n`, `\r\n`, `\x0a`, `\u000a`, `\012`, `\\n`, `\t`, `\0`, `.\n`, ` \n`,
	"<013><010>", "<0x0a>", "<0d><0a>", "<CR><LF>", "[LF]", "{CR}", "#015#012", "#012", "#000", "^M", "^J", "%0A", "%0d%0a", "=0D=0A",
	"&#10;", "&#x0a;", "_x000D_", "\x00", "\r\n", "\x1b", "\x7f", "\u2028", "\u240a", "\ufeff", "\xff",
	`"`, `"}`, `"}\n`, `\"`, `\n"`, `","host":"192.0.2.11"}`, `", "host": "192.0.2.11"}`, `","192.0.2.11","local4"`, `\n","host":"192.0.2.11"}`,
}

func TestWhatFollowsATextDoesNotLoseIt(t *testing.T) {
	c := compileAll(t)
	var want, got Message
	for i := range c.Len() {
		e := c.At(i)
		for _, s := range e.Samples {
			if strings.Contains(s, `"`) {
				continue // Which of the quotes ends the text cannot be known.
			}
			if c.Match(e.ID, []byte(s), &want) != Matched {
				t.Fatalf("%s does not match %q", e.ID, s)
			}
			for _, tail := range tails {
				if strings.HasPrefix(tail, ".") && strings.HasSuffix(s, ".") {
					continue // Two full stops are more than a template leaves out.
				}
				text := []byte(s + tail)
				if c.Match(e.ID, text, &got) != Matched {
					t.Errorf("%s does not match %q", e.ID, text)
					continue
				}
				if got.Entry != e || got.TextOf != 0 {
					t.Errorf("%s reads %q as %s", e.ID, text, got.Entry.ID)
				}
				for k := range want.Len() {
					f := want.Field(k)
					if g, ok := got.Lookup(f.Name); !ok || string(g.Text) != string(f.Text) || g.Value != f.Value {
						t.Errorf("%s: %q: %s is %q, want %q", e.ID, text, f.Name, g.Text, f.Text)
					}
				}
			}
		}
	}
}

// read returns how a message is read, as "entry name=value name=value".
func read(c *Catalog, id ID, text string) string {
	var m Message
	if c.Match(id, []byte(text), &m) != Matched {
		return "unmatched"
	}
	out := m.Entry.ID.String()
	for i := range m.Len() {
		f := m.Field(i)
		out += fmt.Sprintf(" %s=%s", f.Name, f.Text)
		if f.Kind == Celsius || f.Kind == Ratio {
			out += fmt.Sprintf("(%.4g)", f.Value)
		}
	}
	return out
}

func TestReadLoosely(t *testing.T) {
	c := compileAll(t)
	for _, tc := range []struct {
		id         ID
		text, want string
	}{
		// Punctuation may follow, and words after it.
		{735002, "Cooling Fan 1: Failure Detected!", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected...", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected, 0 rpm", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected (module 2)", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected'", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected x0a x00", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected 0x0A", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected %ASA-1-735001: Cooling Fan 1: OK", "735002 unit=1"},
		{735001, "Cooling Fan 1: OK %ASA-1-735002: Cooling Fan 1: Failure Detected", "unmatched"},
		{735002, "Cooling Fan 1: Failure Detectedx0a", "unmatched"},
		{735002, "Cooling Fan 1: Failure Detected x2a", "unmatched"},
		{735002, "Cooling Fan 1: Failure Detected,fw1,local4", "735002 unit=1"},
		{735002, "Cooling Fan 1: Failure Detected | host=fw1", "735002 unit=1"},
		{735001, "Cooling Fan 1: OK, 4000 rpm", "735001 unit=1"},
		{733100, "[Scanning] drop rate-1 exceeded. Current burst rate is 8 per second, max configured rate is 10; Current average rate is 245 per second", "733100 object=Scanning rate_id=1 burst=8 burst_threshold=10"},
		{733101, "Host 192.0.2.9 is attacking. Current burst rate is 8 per second", "733101 scope=Host address=192.0.2.9 role=attacking"},
		{768002, `QUOTA: management session quota exceeded: requested 1, current 15, limit 15", "x": 1}`, "768002 resource=management session requested=1 used=15 limit=15"},
		{735024, `IO Hub 1: Temp: 52 C"}`, "735024 unit=1 value=52 C(52)"},
		{199020, "System memory utilization has reached 76%. System will reload if memory usage reaches the configured trigger level of 95%)", "199020 used=76%(0.76) limit=95%(0.95)"},

		// Letters and digits right after it may not, nor words.
		{735001, "Cooling Fan 1: OKAY", "unmatched"},
		{735001, "Cooling Fan 1: OK2", "unmatched"},
		{735001, "Cooling Fan 1: OK-ish", "unmatched"},
		{735001, "Cooling Fan 1: OK_", "735001 unit=1"},
		{735001, "Cooling Fan 1: OKé", "unmatched"},
		{735001, "Cooling Fan 1: OK again", "unmatched"},
		{735002, "Cooling Fan 12: Failure Detected", "735002 unit=12"},
		{735001, "Cooling Fan 1 2: OK", "735001 unit=1 2"},
		// What follows must not contradict an OK.
		{735001, "Cooling Fan 1: OK, failed before", "unmatched"},
		{735005, "Power Supply Unit Redundancy OK - not", "unmatched"},
		{735024, "IO Hub 1: Temp: 98 C, Kritisch", "unmatched"},
		{735021, "Chassis 1: Temp: 63 Not OK", "unmatched"},
		{735021, "Chassis 1: Temp: 63 C, not OK", "unmatched"},
		{735021, "Chassis 1: Temp: not OK", "unmatched"},

		// Case, and spaces around punctuation, in the families of alarms.
		{735002, "COOLING FAN 1: failure detected", "735002 unit=1"},
		{735001, "Cooling fan 1:OK", "735001 unit=1"},
		{735001, "Cooling Fan1: ok", "735001 unit=1"},
		{735002, "cooling fan 1 : ok", "735001 unit=1"},
		{735007, "CPU1: Temp:63 C,Critical", "735007 unit=1 value=63 C(63)"},
		{735007, "cpu 1: temp: 63c, critical\\n", "735007 unit=1 value=63c(63)"},
		{735006, "Power supply unit redundancy lost", "735006"},
		{743002, "Backplane health monitoring detected link ok", "743002"},
		{774001, "POST: Unspecified error", "774001"},
		{735001, "CoolingFan 1: OK", "unmatched"},
		{737012, "IPAA: address assignment failed", "unmatched"},

		// A temperature that cannot be read has a state.
		{735007, "CPU 1: Temp: 63,5 C, Critical", "735007 unit=1 reading=63,5 C"},
		{735007, "CPU 1: Temp: 63 degrees C, Critical", "735007 unit=1 reading=63 degrees C"},
		{735007, "CPU 1: Temp: 63 Celsius, Critical", "735007 unit=1 reading=63 Celsius"},
		{735007, "CPU 1: Temp: 63, Critical", "735007 unit=1 reading=63"},
		{735007, "CPU 1: Temp: 63 \xb0C, Critical", "735007 unit=1 reading=63 \xb0C"},
		{735007, "CPU 1: Temp: N/A Critical", "735007 unit=1 reading=N/A"},
		{735007, "CPU 1: Temp: Critical", "735007 unit=1 reading="},
		{735007, "CPU 1: Temp: N/A, Warm", "735015 unit=1 reading=N/A"},
		{735015, "CPU 1: Temp: -512 C, OK", "735020 unit=1 reading=-512 C"},
		{735020, "CPU 1: Temp: 65535 C OK", "735020 unit=1 reading=65535"},
		{735021, "Chassis Ambient 1: Temp: N/A OK", "735021 unit=1"},

		// A template without a state serves its own id only.
		{735024, "IO Hub 0: Temp: 90 C", "735024 unit=0 value=90 C(90)"},
		{735025, "IO Hub 0: Temp: 90 C,", "735025 unit=0 value=90 C(90)"},
		{735026, "IO Hub 0: Temp: N/A", "735026 unit=0"},
		{735025, "IO Hub 0: Temp: 90 C, OK", "735024 unit=0 value=90 C(90)"},
		{735024, "IO Hub 0: Temp: 90 C, critical", "735025 unit=0 value=90 C(90)"},
		{735022, "IO Hub 0: Temp: 90 C", "unmatched"},
		{735023, "IO Hub 0: Temp: 90 C", "unmatched"},
		{735027, "IO Hub 0: Temp: 90 C", "unmatched"},
		{735028, "IO Hub 0: Temp: 90 C", "unmatched"},
		{735029, "IO Hub 0: Temp: 90 C", "unmatched"},

		// The beginning of an alarm that nothing withdraws.
		{735027, "CPU 1 is running beyond the limit", "735022 cpu=1 rest=the limit"},
		{743000, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 has a link width of 4 now", "743000 pci_vendor=0x8086 pci_device=0x10c9 attribute=width rest=4 now"},
		{743000, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 0000:03:00.1 has a link width of 4 when it should have a link width of 8", "743000 pci_vendor=0x8086 pci_device=0x10c9 pci_address=0000:03:00.1 attribute=width actual=4 expected_attribute=width expected=8"},
		{743004, "System is not fully operational - The PCI device with vendor ID: 0x8086 (Intel) device ID: 0x10c9 (82576 NIC) could not be found in the system.", "743004 pci_vendor=0x8086 vendor_name=Intel pci_device=0x10c9 device_name=82576 NIC"},
		{743004, "System is not fully operational - PCI device with vendor ID 0x177d, device ID 0x10 is gone", "743004 subject=PCI device with pci_vendor=0x177d pci_device=0x10 rest=is gone"},
		{743004, "System is not fully operational", "743004 rest="},
		{743001, "The PCI device with vendor ID: 0x8086 device ID: 0x10c9", "unmatched"},
		{774002, "POST: error e, func f, engine NPX, algorithm AES, mode CBC, dir encryption, key len 256 bits", "774002 error=e function=f engine=NPX algorithm=AES mode=CBC direction=encryption key_bits=256 unit=bits"},
		{774002, "POST: error e, func f, engine NPX, algorithm AES, mode CBC", "774002 error=e function=f engine=NPX algorithm=AES mode=CBC"},
		{735009, "Environment Monitoring has failed initialization", "735009 rest="},
		{748008, "CPU load 85 percent of module 1 in chassis 2 (u) exceeds overflow protection threshold CPU 80%%. System may be oversubscribed on member failure.", "748008 resource=CPU load=85 percent(0.85) module=1 chassis=2 member=u threshold_resource=CPU threshold=80%%(0.8)"},
		{735002, "Cooling Fan module 1: Failure Detected", "735002 unit=module 1"},

		// Empty texts.
		{750006, "Local:192.0.2.11:1001 Remote:192.0.2.13:1003 Username: SA UP. Reason: x", "750006 local=192.0.2.11 local_port=1001 remote=192.0.2.13 remote_port=1003 user= reason=x"},
		{750006, "Local:192.0.2.11:1001 Remote:192.0.2.13:1003 Username: IKEv2 SA UP. Reason: x", "750006 local=192.0.2.11 local_port=1001 remote=192.0.2.13 remote_port=1003 user= reason=x"},
		{751024, "Local:192.0.2.11:1 Remote:192.0.2.13:2 Username: IKEv2 IPv6 User Filter x configured. This setting has been deprecated, terminating connection", "751024 local=192.0.2.11 local_port=1 remote=192.0.2.13 remote_port=2 user= filter=x"},
		{751024, "Local:2001:db8:10:20:30:40:50:61 Remote:2001:db8::2 Username:u IKEv2 IPv6 User Filter x configured. This setting has been deprecated, terminating connection", "751024 local=2001:db8:10:20:30:40:50:61 remote=2001:db8::2 user=u filter=x"},
		{722055, "Group g User u IP 192.0.2.1 Client Type:", "722055 group=g user=u client=192.0.2.1 user_agent="},
		{722053, "Group g User u IP 192.0.2.1 Unknown client connection", "722053 group=g user=u client=192.0.2.1 user_agent="},
		{734003, "DAP: User u, Addr 192.0.2.1: Session Attribute: endpoint.device.id =", "734003 user=u address=192.0.2.1 attribute=endpoint.device.id value="},

		// Texts of other editions and releases.
		{768003, "SSH: connection timed out: username jdoe, IP 192.0.2.5", "315009 user=jdoe address=192.0.2.5"},
		{722055, "Unsupported AnyConnect client connection rejected from 192.0.2.1. Client info: x. Reason: y", "722056 client=192.0.2.1 user_agent=x reason=y"},
		{747011, "Memory allocation error.", "747011"},
		{722035, "Group <g> User <u> IP <192.0.2.1> Received large packet 1500 threshold 1400).", "722035 group=<g> user=<u> client=<192.0.2.1> length=1500 threshold=1400"},
		{737024, "IPAA: Local pool assignment failed for suggested IP 10.1.1.1, retrying", "737024 address=10.1.1.1"},
		{737025, "IPAA: Not releasing local pool 10.1.1.1, due to local pool duplicate issue", "737025 address=10.1.1.1"},
		{737028, "IPAA: Adding 10.1.1.1 to standby: failed", "737028 address=10.1.1.1"},
		{737029, "IPAA: Adding 10.1.1.1 to standby: succeeded", "737029 address=10.1.1.1"},
		{737030, "IPAA: Adding 10.1.1.1 to standby: address already in use", "737030 address=10.1.1.1"},
		{737031, "IPAA: Removing 10.1.1.1 from standby: succeeded", "737031 address=10.1.1.1"},
		{737032, "IPAA: Removing 10.1.1.1 from standby: not found", "737032 address=10.1.1.1"},

		// Names that end like an escape, and quotes that belong to the text.
		{734003, `DAP: User u, Addr 192.0.2.1: Session Attribute a.b = "x, y"`, `734003 user=u address=192.0.2.1 attribute=a.b value="x, y"`},
		{734003, `DAP: User u, Addr 192.0.2.1: Session Attribute a.b = "x, y"","host":"h"}`, `734003 user=u address=192.0.2.1 attribute=a.b value="x, y"`},
		{748100, `snort application status is changed from up to down","host":"h"}`, "748100 application=snort from=up to=down"},
		{748100, "<disk_full> application status is changed from <up> to <down>.", "748100 application=<disk_full> from=<up> to=<down>"},
	} {
		if got := read(c, tc.id, tc.text); got != tc.want {
			t.Errorf("%s: %q:\n got %s\nwant %s", tc.id, tc.text, got, tc.want)
		}
	}
}
