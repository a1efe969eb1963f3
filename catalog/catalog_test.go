package catalog

import (
	"fmt"
	"strings"
	"testing"
)

func entry(id ID, templates ...string) Entry {
	return Entry{ID: id, Severity: 4, Family: "test", Summary: "s", Templates: templates, Samples: []string{"x"}, Meaning: "m.", Action: "a."}
}

func TestCompileReportsEveryMistake(t *testing.T) {
	edit := func(e Entry, f func(*Entry)) Entry { f(&e); return e }
	for _, tc := range []struct {
		name    string
		entries []Entry
		want    []string
	}{
		{"unknown kind", []Entry{entry(735001, "Fan {unit:fan}")}, []string{
			`catalog: 735001: template 1: column 5: unknown kind "fan", want one of word, int, number, celsius, ratio, hex, pci, text, name, address, word|word`,
		}},
		{"bad field name", []Entry{entry(735001, "Fan {Unit}")}, []string{`catalog: 735001: template 1: column 5: field name "Unit" is not snake_case`}},
		{"open brace", []Entry{entry(735001, "Fan {unit")}, []string{`catalog: 735001: template 1: column 5: { is not closed; write {{ for a literal brace`}},
		{"stray brace", []Entry{entry(735001, "Fan unit}")}, []string{`catalog: 735001: template 1: column 9: } without {; write }} for a literal brace`}},
		{"adjacent fields", []Entry{entry(735001, "{a}{b}")}, []string{`catalog: 735001: template 1: column 4: field "b" follows another field with nothing between them`}},
		{"text without an end", []Entry{entry(735001, "{a:text} {b}")}, []string{
			`catalog: 735001: template 1: column 10: only spaces separate text field "a" from field "b", so its end is undefined`,
		}},
		{"an alternative that is empty", []Entry{entry(735001, "Fan {state:up||down}")}, []string{
			`catalog: 735001: template 1: column 5: an alternative of field "state" is empty or begins or ends with a space`,
		}},
		{"an alternative with an escape", []Entry{entry(735001, "Fan {state:<00>|down}")}, []string{
			`catalog: 735001: template 1: column 5: alternative "<00>" of field "state" has angle brackets or an escape in it, which texts may have around a value`,
		}},
		{"same field twice", []Entry{entry(735001, "{a} x {a}")}, []string{`catalog: 735001: template 1: column 7: field "a" appears twice`}},
		{"same template twice", []Entry{entry(735001, "a", "a")}, []string{`catalog: 735001: template 2: same as template 1`}},
		{"prefix spelled out", []Entry{entry(735001, "IPMI: a")}, []string{`catalog: 735001: template 1: column 1: leave "IPMI:" out, it is optional everywhere`}},
		{"prefix of clusters", []Entry{entry(747001, "Clustering: a")}, []string{`catalog: 747001: template 1: column 1: leave "Clustering:" out, it is optional everywhere`}},
		{"empty template", []Entry{entry(735001, " ")}, []string{`catalog: 735001: template 1: column 1: template is empty`}},
		{"control character", []Entry{entry(735001, "a\tb")}, []string{`catalog: 735001: template 1: column 2: control character 0x09`}},
		{"two entries of one id", []Entry{entry(735001, "a"), entry(735001, "b")}, []string{`catalog: 735001: id is used by another entry`}},
		{"id of five digits", []Entry{entry(73500, "a")}, []string{`catalog: 073500: id must have six or seven digits`}},
		{"MayCarry of an unknown id", []Entry{edit(entry(735001, "a"), func(e *Entry) { e.MayCarry = []ID{735002} })}, []string{`catalog: 735001: MayCarry names 735002, which is not in the catalog`}},
		{"MayCarry of its own id", []Entry{edit(entry(735001, "a"), func(e *Entry) { e.MayCarry = []ID{735001} })}, []string{`catalog: 735001: MayCarry names the entry itself`}},
		{"nothing filled in", []Entry{{ID: 735001, Severity: 9}}, []string{
			`catalog: 735001: severity 9 is not within 0 to 7`,
			`catalog: 735001: family "" is not snake_case`,
			`catalog: 735001: summary is empty`,
			`catalog: 735001: meaning is empty`,
			`catalog: 735001: action is empty`,
			`catalog: 735001: templates are missing`,
			`catalog: 735001: samples are missing`,
		}},
		{"mistakes in two entries", []Entry{entry(735001, "{"), entry(735002, "}")}, []string{
			`catalog: 735001: template 1: column 1: { is not closed; write {{ for a literal brace`,
			`catalog: 735002: template 1: column 1: } without {; write }} for a literal brace`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := Compile(tc.entries)
			if err == nil || c != nil {
				t.Fatalf("Compile = %v, %v", c, err)
			}
			if want := strings.Join(tc.want, "\n"); err.Error() != want {
				t.Errorf("got\n%s\nwant\n%s", err, want)
			}
		})
	}
}

// matchOne compiles templates into one entry, matches text against it and
// returns the result as "template-index name=value name=value", or "unmatched".
func matchOne(t testing.TB, text string, templates ...string) string {
	t.Helper()
	c, err := Compile([]Entry{entry(100001, templates...)})
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if c.Match(100001, []byte(text), &m) == Unmatched {
		return "unmatched"
	}
	out := []string{fmt.Sprint(m.TemplateIndex)}
	for i := range m.Len() {
		f := m.Field(i)
		v := string(m.AppendLabel(nil, i))
		switch f.Kind {
		case Int, Number, Celsius, Ratio:
			v = fmt.Sprintf("%.6g", f.Value)
		}
		out = append(out, f.Name+"="+v)
	}
	return strings.Join(out, " ")
}

func TestMatch(t *testing.T) {
	f := func(template, text, want string) {
		t.Helper()
		if got := matchOne(t, text, template); got != want {
			t.Errorf("%q on %q: got %q, want %q", template, text, got, want)
		}
	}
	const no = "unmatched"

	// Literals.
	f("link failure", "link failure", "0")
	f("link failure", "link failures", no)
	f("link failure", "a link failure", no)
	f("link failure", "link", no)
	f("link failure", "", no)
	f("link failure", "Link failure", no)
	f("{{x}}", "{x}", "0")

	// A space is any white space; it must not be missing.
	f("link  failure", "link failure", "0")
	f("link failure", "link \t\n failure", "0")
	f("link failure", "linkfailure", no)

	// Surrounding spaces, the prefix and the final full stop are ignored.
	f("Fan {n}: OK", " IPMI: Fan 1: OK. ", "0 n=1")
	f("Fan {n}: OK.", "IPMI:Fan 1: OK", "0 n=1")
	f("x", "IPMI: IPMI: x", no)
	f("{a:text} is up", "Clustering: snort is up.", "0 a=snort")
	f("Clustering is off", "Clustering is off", "0")
	f("x", "Clustering: IPMI: x", no)

	// Spaces before punctuation and after a bracket are ignored, on both sides.
	f("Fan {n} : OK", "Fan 1: OK", "0 n=1")
	f("Fan {n}: OK", "Fan 1   : OK", "0 n=1")
	f("Fan {n}: OK", "Fan 1 :OK", no)
	f("[ {o:text} ] x", "[o] x", "0 o=o")
	f("[{o:text}] x", "[   o\n   ] x", "0 o=o")
	f("[{o:text}] x", "[] x", "0 o=")

	// Spaces around a field are not part of it.
	f("Local:{a}", "Local: 192.0.2.1", "0 a=192.0.2.1")
	f("{a:text}: x", "  a b  : x", "0 a=a b")

	// A word does not contain spaces and is not empty.
	f("Fan {n}: OK", "Fan a b: OK", no)
	f("Fan {n}: OK", "Fan : OK", no)
	f("{a} {b}", "a b", "0 a=a b=b")
	f("{a} {b}", "a", no)
	f("{a} {b}", "a b c", no)

	// A text may be empty, also between two spaces or at the end.
	f("a {b:text}", "a", "0 b=")
	f("a: {b:text}", "a: ", "0 b=")
	f("User: {u:text} is up", "User: is up", "0 u=")
	f("User: {u:text} is up", "User:  is up", "0 u=")
	f("User: {u:text} is up", "User: is is up", "0 u=is")
	f("User:{u:text} IKEv2 {x:text} up", "User: IKEv2 y up", "0 u= x=y")

	// The end of a field is searched again if the rest does not match.
	f("{ip}:{port:int} up", "2001:db8::1:500 up", "0 ip=2001:db8::1 port=500")
	f("{a:text} of {b:int}", "x of y of 3", "0 a=x of y b=3")
	f("{a:text} is {b}", "this is is it", "0 a=this is b=it")

	// Numbers.
	f("{n:int}", "-42", "0 n=-42")
	f("{n:int}", "+7", "0 n=7")
	f("{n:int}", "4.2", no)
	f("{n:int}", "4x", no)
	f("{n:int}", "-", no)
	f("{n:int}", "999999999999999", "0 n=1e+15")
	f("{n:int}", "9999999999999999", no)
	f("{n:number}", "-4.25", "0 n=-4.25")
	f("{n:number}", ".5", no)
	f("{n:number}!", "5.!", no)
	f("{n:number}", "1e3", no)
	f("{n:number}", "1.2.3", no)
	f("{n:number}", "NaN", no)
	f("{n:number}", "٣", no)

	// Temperatures.
	f("{t:celsius}, OK", "63 C , OK", "0 t=63")
	f("{t:celsius}, OK", "63C, OK", "0 t=63")
	f("{t:celsius} OK", "63.5 °C OK", "0 t=63.5")
	f("{t:celsius}", "212 F", "0 t=100")
	f("{t:celsius}", "-40F", "0 t=-40")
	f("{t:celsius}", "63", no)
	f("{t:celsius}", "63 K", no)
	f("{t:celsius}", "hot C", no)
	f("{t:celsius}", "-300 C", no)
	f("{t:celsius}", "1001 C", no)

	// Ratios.
	f("load {r:ratio} of", "load 85% of", "0 r=0.85")
	f("load {r:ratio} of", "load 85 % of", "0 r=0.85")
	f("load {r:ratio} of", "load 85 of", "0 r=0.85")
	f("load {r:ratio} of", "load 85.5 of", "0 r=0.855")
	f("load {r:ratio} of", "load 100% of", "0 r=1")
	f("load {r:ratio} of", "load 101% of", no)
	f("load {r:ratio} of", "load -1% of", no)
	f("load {r:ratio} of", "load % of", no)
	f("load {r:ratio} of", "load 85%% of", "0 r=0.85")
	f("load {r:ratio} of", "load 85 percent of", "0 r=0.85")
	f("load {r:ratio} of", "load 85 percents of", no)

	// Hexadecimal numbers and PCI addresses.
	f("id {h:hex}", "id 0x10C9", "0 h=0x10C9")
	f("id {h:hex}", "id 0X10c9", "0 h=0x10c9")
	f("id {h:hex}", "id 10c9", "0 h=0x10c9")
	f("id {h:hex}", "id 0x", no)
	f("id {h:hex}", "id xyz", no)
	f("at {p:pci} has", "at 3:0.1 has", "0 p=3:0.1")
	f("at {p:pci} has", "at 3:0, 1 has", "0 p=3:0.1")
	f("at {p:pci} has", "at 0x3:0x0.0x1 has", "0 p=0x3:0x0.0x1")
	f("at {p:pci} has", "at 0000:03:00.1 has", "0 p=03:00.1")
	f("at {p:pci} has", "at 0001:3:0.1 has", "0 p=0001:3:0.1")
	f("at {p:pci} has", "at 3:0 has", no)
	f("at {p:pci} has", "at 3.0:1 has", no)
	f("at {p:pci} has", "at 3:0.1.2 has", no)

	// Alternatives.
	f("it is {s:up|down}", "it is up", "0 s=up")
	f("it is {s:up|down}", "it is <DOWN>.", "0 s=<DOWN>")
	f("it is {s:up|down}", "it is upset", no)
	f("it is {s:up|down}", "it is", no)
	f("it is {s:up|down}", "it is <>", no)
	f("({u:Primary|Secondary}) x", "(Secondary) x", "0 u=Secondary")
	f("({u:Primary|Secondary}) x", "(Tertiary) x", no)
	f("{s:in use|free} now", "in use now", "0 s=in use")

	// Names of parts, and addresses.
	f("Fan {n:name}: OK", "Fan module 1: OK", "0 n=module 1")
	f("Fan {n:name}: OK", "Fan 1: no: OK", no)
	f("{a:address}:{p:int} up", "192.0.2.1:500 up", "0 a=192.0.2.1 p=500")
	f("{a:address}:{p:int} up", "2001:db8::1:500 up", "0 a=2001:db8::1 p=500")
	f("{a:address}:{p:int} up", "2001:db8:1:2:3:4:5:6:500 up", "0 a=2001:db8:1:2:3:4:5:6 p=500")
	f("{a:address}:{p:int} up", "2001:db8:1:2:3:4:5:6 up", no)
	f("{a:address}:{p:int} up", "2001:db8::6 up", no)
	f("{a:address}:{p:int} up", "a b:500 up", no)

	// Bytes that are not text.
	f("{a} x", "\xff\xfe x", "0 a=\xff\xfe")
	f("{a} x", "\x00 x", "0 a=\x00")
}

func TestFirstMatchingTemplateWins(t *testing.T) {
	for text, want := range map[string]string{
		"a 1": "0 n=1",
		"a x": "1 w=x",
		"b":   "unmatched",
	} {
		if got := matchOne(t, text, "a {n:int}", "a {w}"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMayCarry(t *testing.T) {
	ok, failed := entry(735001, "Fan {n}: OK"), entry(735002, "Fan {n}: Failure")
	ok.MayCarry, failed.MayCarry = []ID{735002}, []ID{735001}
	c, err := Compile([]Entry{ok, failed})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		id      ID
		text    string
		outcome Outcome
		entry   ID
		textOf  ID
	}{
		{735001, "Fan 1: OK", Matched, 735001, 0},
		{735001, "Fan 1: Failure", Matched, 735002, 735002},
		{735002, "Fan 1: OK", Matched, 735001, 735001},
		{735002, "Fan 1: on fire", Unmatched, 0, 0},
		{735003, "Fan 1: OK", UnknownID, 0, 0},
		{999999, "Fan 1: OK", UnknownID, 0, 0},
		{1000000, "Fan 1: OK", UnknownID, 0, 0},
		{0, "", UnknownID, 0, 0},
	} {
		var m Message
		outcome := c.Match(tc.id, []byte(tc.text), &m)
		var entry ID
		if m.Entry != nil {
			entry = m.Entry.ID
		}
		if outcome != tc.outcome || entry != tc.entry || m.TextOf != tc.textOf || m.ID != tc.id {
			t.Errorf("%s %q: outcome %d, entry %s, text of %s, id %s", tc.id, tc.text, outcome, entry, m.TextOf, m.ID)
		}
		if outcome != Matched && m.Len() != 0 {
			t.Errorf("%s %q: %d fields left over", tc.id, tc.text, m.Len())
		}
	}
}

func TestMessageLookup(t *testing.T) {
	c := compileAll(t)
	var m Message
	if c.Match(735007, []byte("CPU 1: Temp: 212 F, Critical"), &m) != Matched {
		t.Fatal("no match")
	}
	if f, ok := m.Lookup("unit"); !ok || string(f.Text) != "1" {
		t.Errorf("unit = %q, %t", f.Text, ok)
	}
	if f, ok := m.Lookup("value"); !ok || f.Value != 100 || string(f.Text) != "212 F" {
		t.Errorf("value = %v %q, %t", f.Value, f.Text, ok)
	}
	if _, ok := m.Lookup("state"); ok {
		t.Error("found a field that is not there")
	}
}

func TestMatchText(t *testing.T) {
	c := compileAll(t)
	var m Message
	for text, want := range map[string]ID{
		"[ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second, max configured rate is 10; Current average rate is 7 per second, max configured rate is 5; Cumulative total count is 4400": 733100,
		"IPMI: Power Supply 2 : Failure Detected":        735004,
		"This is just a line that somebody has written.": 0,
		"": 0,
	} {
		var got ID
		if e, ok := c.MatchText([]byte(text), &m); ok {
			got = e.ID
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	c := compileAll(t)
	var m Message
	for name, tc := range map[string]struct {
		id   ID
		text string
	}{
		"matched":    {735007, "IPMI: CPU 1 : Temp: 63 C , Critical"},
		"may carry":  {735007, "CPU 1: Temp: 63 C, OK"},
		"unmatched":  {735007, "CPU 1: Temp: hot C, Critical"},
		"words":      {104001, "(Secondary) Switching to ACTIVE - Other unit wants me Active."},
		"last words": {748100, "<snort> application status is changed from <up> to <DOWN>."},
		"other word": {748100, "snort application status is changed from up to gone."},
		"unknown id": {302013, "Built inbound TCP connection"},
		"tail":       {735007, `CPU 1: Temp: 93 C, Critical\0x0a","host":"x"}`},
		"open end":   {748100, `snort application status is changed from up to down\n`},
		"folded":     {735002, "cooling fan1:failure detected"},
		"own id":     {735025, "IO Hub 1: Temp: N/A"},
		"forced":     {735024, strings.Repeat("IO Hub 1: Temp: C was previously shutdown due to ", 6)},
		"long":       {733100, "[" + strings.Repeat(" drop rate-1", 700)},
	} {
		text := []byte(tc.text)
		if n := testing.AllocsPerRun(100, func() { c.Match(tc.id, text, &m) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A text made to force backtracking must not cost more than a long one.
func TestBacktrackingIsBounded(t *testing.T) {
	tmpl, problems := parseTemplate("{a:text}x{b:text}x{c:text}x{d:text}x{e:int}!")
	if problems != nil {
		t.Fatal(problems)
	}
	var m Message
	m.reset([]byte(strings.Repeat("x", 8000)))
	budget := 64
	if tmpl.matchFields(&m, 0, 0, &budget) || budget != 0 {
		t.Errorf("budget left: %d", budget)
	}
}

func BenchmarkMatch(b *testing.B) {
	c := compileAll(b)
	var m Message
	for name, tc := range map[string]struct {
		id   ID
		text string
	}{
		"Fan":        {735002, "IPMI: Cooling Fan 1 : Failure Detected"},
		"CPU":        {735007, "CPU 1: Temp: 63 C, Critical"},
		"Rate":       {733100, "[ Scanning] drop rate-1 exceeded. Current burst rate is 11 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 1302"},
		"Session":    {725001, "Starting SSL handshake with client outside:203.0.113.217/38929 to 192.0.2.89/443 for TLS session"},
		"UnknownID":  {302013, "Built inbound TCP connection 1 for outside:192.0.2.1/1 (192.0.2.1/1) to inside:10.0.0.1/80 (10.0.0.1/80)"},
		"Unmatched":  {735002, "Cooling Fan 1 is on fire"},
		"User":       {750006, "Local:192.0.2.1:4500 Remote:203.0.113.9:55543 Username:admin IKEv2 SA UP. Reason: New Connection Established"},
		"Tail":       {735002, `Cooling Fan 1: Failure Detected\0x0a`},
		"Forced":     {735024, strings.Repeat("IO Hub 1: Temp: C was previously shutdown due to ", 10)},
		"ForcedRate": {733100, strings.Repeat("[a] drop rate-1 exceeded. Current burst rate is 1 per second, ", 130)},
	} {
		text := []byte(tc.text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Match(tc.id, text, &m)
			}
		})
	}
}
