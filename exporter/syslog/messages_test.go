package syslog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// messages returns the messages of a frame.
func messages(frame string) (all []string) {
	for rest := []byte(frame); rest != nil; {
		var message []byte
		message, rest = CutMessage(rest, nil)
		all = append(all, string(message))
	}
	return all
}

const (
	fan    = "<161>fw1 : %ASA-1-735002: Cooling Fan 1: Failure Detected"
	supply = "<161>fw1 : %ASA-1-735004: Power Supply 2: Failure Detected"
)

func withLength(message string) string { return fmt.Sprintf("%d %s", len(message), message) }

func TestMessages(t *testing.T) {
	f := func(frame string, want ...string) {
		t.Helper()
		if got := messages(frame); !slices.Equal(got, want) {
			t.Errorf("%q:\ngot  %q\nwant %q", frame, got, want)
		}
	}
	// Every notation of a line break.
	for _, separator := range []string{
		"\n", "\r\n", "\n\n", "\r", "\x00", "\n\x00", " \n ", "#012", "#015#012", "#012#000", "#012 ", `\n`, `\r\n`, `\x0a`, `\x0d\x0A`, `\0x0a`, `\012`, `\u000a`, "<010>", "<013><010>", "^J", "^M^J",
		"#012\n",
	} {
		text := separator[:len(separator)-len(strings.TrimLeft(separator, " "))]
		f(fan+separator+supply, fan+text, supply)
		f(fan+separator, fan+separator)
		f(separator+fan, separator+fan)
		f(fan+separator+supply+separator, fan+text, supply+separator)
		f(fan+separator+"%ASA-1-735004: x", fan+text, "%ASA-1-735004: x")
		f(fan+separator+"fw2 : %ASA-1-735004: x", fan+text, "fw2 : %ASA-1-735004: x")
		f(fan+separator+"Feb 21 2026 09:15:22 UTC fw2 : %ASA-1-735004: x", fan+text, "Feb 21 2026 09:15:22 UTC fw2 : %ASA-1-735004: x")
		f(fan+separator+":Feb 21 09:15:22 UTC: %ASA--1-735004: x", fan+text, ":Feb 21 09:15:22 UTC: %ASA--1-735004: x")
		f(fan+separator+"<13>no tag"+separator+supply, fan+text, "<13>no tag"+text, supply)
		f("no tag"+separator+supply, "no tag"+text, supply)
		f(fan+separator+withLength(supply), fan+text, withLength(supply))
		f(strings.Repeat(fan+separator, 9)+fan, append(slices.Repeat([]string{fan + text}, 9), fan)...)
		// Nothing that begins a message follows.
		f(fan+separator+"and more", fan+separator+"and more")
		f(fan+separator+"he says that it wrote %ASA-1-735004: x", fan+separator+"he says that it wrote %ASA-1-735004: x")
		f(fan+separator+"<192>fw1", fan+separator+"<192>fw1")
	}
	// Lengths.
	f(withLength(fan), withLength(fan))
	f(withLength(fan)+withLength(supply), withLength(fan), withLength(supply))
	f(withLength(fan)+"\n"+withLength(supply)+"\n", withLength(fan), withLength(supply)+"\n")
	f(withLength(fan+"\n")+withLength(supply), withLength(fan+"\n"), withLength(supply))
	f(withLength(fan)+supply, withLength(fan), supply)
	f(fan+withLength(supply), fan, withLength(supply))
	f(fan+" "+withLength(supply), fan+" ", withLength(supply))
	f(fan+" unit 1"+withLength(supply)+withLength(fan), fan+" unit 1", withLength(supply), withLength(fan))
	f("7 "+fan+"\n"+supply, "7 "+fan, supply) // The length is wrong.
	f("99999 "+fan+"\n"+supply, "99999 "+fan, supply)
	f(fan+" 7 "+supply, fan+" 7 "+supply)
	// Nothing in between.
	f(fan+supply, fan, supply)
	f(fan+supply+fan, fan, supply, fan)
	f("<161>Feb 21 2026 09:15:22 fw1 : %ASA-1-735002: x.<161>Feb 21 2026 09:15:23 fw1 : %ASA-1-735004: y", "<161>Feb 21 2026 09:15:22 fw1 : %ASA-1-735002: x.", "<161>Feb 21 2026 09:15:23 fw1 : %ASA-1-735004: y")
	f("<161>%ASA-1-735002: x<161>%ASA-1-735004: y", "<161>%ASA-1-735002: x", "<161>%ASA-1-735004: y")
	f("<161>:Feb 21 09:15:22 UTC: %ASA--1-735002: 'x'<165>:Feb 21 09:15:22 UTC: %ASA--1-735004: y", "<161>:Feb 21 09:15:22 UTC: %ASA--1-735002: 'x'", "<165>:Feb 21 09:15:22 UTC: %ASA--1-735004: y")
	// Texts that quote.
	for _, text := range []string{
		"<161>fw1 : %ASA-5-111008: User 'x' executed the 'logging <161> x' command.",
		"<161>fw1 : %ASA-5-111008: User 'x' executed 'test " + fan + "'",
		"<161>fw1 : %ASA-5-111008: User 'x' executed '" + fan + "'",
		"<161>fw1 : %ASA-5-111008: User '<161>' executed x",
		"<161>fw1 : %ASA-6-113005: user = x<161>, server = 192.0.2.1",
		"<161>fw1 : %ASA-6-113005: user = x<161>fw2 : %ASA-1-735001: Cooling Fan 1: OK",
		"<161>fw1 : %ASA-6-113005: user = x<161>%ASA-1-735001: Cooling Fan 1: OK",
		"<161>fw1 : %ASA-7-199019: Mar  6 21:58:53 Ipc[1234]: func return 1#012",
		"<161>fw1 : %ASA-7-199019: commented '%ASA-1-105003: x'",
		`<161>fw1 : %ASA-6-113005: user = LOCAL\nancy%ASA<x>`,
		"<164>fw1 : %ASA-4-733100: [   LOCAL\\x\n                      ] drop rate-1 exceeded. Current burst rate is 1 per second",
		"<187>Mar 23 10:21:03 *2003 Mar 23 12:12:12 PDT -8:00 %PIX-4-106023 description",
		"<13>Feb 17 16:00:29 relay <166>2026-02-17T16:00:28Z fw1 : %FTD-6-302015: x",
		"", "x", "\n", "<", "%%", "<161>", "%<%",
	} {
		f(text, text)
	}
}

// The messages of a frame are parts of it, in their order, and what is lost in
// between are line breaks.
func FuzzMessages(f *testing.F) {
	for _, s := range []string{fan + "\n" + supply, withLength(fan) + withLength(supply), fan + supply, fan + "#012" + supply + "\\n<1>x", "1 <1>2 <1><1>", "\x00<1>\n%ASA-1-735002: x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		at := 0
		for rest := frame; rest != nil; {
			message, more := CutMessage(rest, nil)
			if p := position(message, frame); len(frame) > 0 && p != at || !within(message, frame) {
				t.Fatalf("message %q at %d", message, p)
			}
			at += len(message)
			if more != nil {
				if len(message) == 0 || len(more) == 0 || !within(more, frame) {
					t.Fatalf("%q, %q", message, more)
				}
				next := position(more, frame)
				if skipBreaks(frame[:next], at) != next || position(more, frame)+len(more) != len(frame) {
					t.Fatalf("%q is lost", frame[at:next])
				}
				at = next
			} else if at != len(frame) {
				t.Fatalf("%q is lost", frame[at:])
			}
			rest = more
		}
		if !bytes.Equal(frame, before) {
			t.Fatal("the frame was changed")
		}
	})
}

func TestCutMessageDoesNotAllocate(t *testing.T) {
	frames := [][]byte{[]byte(fan), []byte(fan + "\n" + supply), []byte(fan + "#012" + supply), []byte(withLength(fan) + withLength(supply)), []byte(fan + supply)}
	if n := testing.AllocsPerRun(100, func() {
		for _, frame := range frames {
			for rest := frame; rest != nil; {
				_, rest = CutMessage(rest, nil)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCutMessage(b *testing.B) {
	frame := []byte("<166>Feb 21 2026 09:15:22 fw-ams-1 : %FTD-6-302013: Built outbound TCP connection 2899 for outside:198.51.100.115/443 (198.51.100.115/443) to inside:192.0.2.10/49243 (192.0.2.10/49243)")
	for b.Loop() {
		if _, rest := CutMessage(frame, nil); rest != nil {
			b.Fatal("not one message")
		}
	}
}
