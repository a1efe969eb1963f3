package catalog

import "testing"

func TestID(t *testing.T) {
	for text, want := range map[string]ID{
		"735002": 735002, "000123": 123, "000000": 0, "8300003": 8300003, "9999999": MaxNumber,
		"F0374": Fault(374), "F0000": Fault(0), "F16807": Fault(16807), "F9999999": Fault(MaxFault),
		"HMNOTIFY": HealthAlert, "Fnnnn": AnyFault,
	} {
		if got := want.String(); got != text {
			t.Errorf("%q is printed as %q", text, got)
		}
		if got, err := ParseID(text); got != want || err != nil {
			t.Errorf("ParseID(%q): %s, %v", text, got, err)
		}
		number, isNumber := want.Number()
		if isNumber != ('0' <= text[0] && text[0] <= '9') || want.IsFault() != (text[0] == 'F' && text[1] != 'n') || isNumber && ID(number) != want {
			t.Errorf("%q is not of its kind", text)
		}
	}
	if id, err := ParseID("123"); id != 123 || err != nil {
		t.Errorf("a number without zeros in front: %s, %v", id, err)
	}
	for _, text := range []string{"", "F", "f0374", "F-1", "F+1", "-1", "+1", "10000000", "F10000000", "99999999999999999999", "hmnotify", "HMNOTIFY ", "735002 ", "7350o2"} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("ParseID(%q): %s", text, id)
		}
	}
}

// Ids of all kinds have entries, and none gets in the way of another.
func TestIDsOfAllKinds(t *testing.T) {
	ids := []ID{100000, 999999, 1000000, MaxNumber, Fault(374), Fault(735), Fault(735002), HealthAlert}
	var entries []Entry
	for _, id := range ids {
		entries = append(entries, entry(id, id.String()))
	}
	c, err := Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		var m Message
		if outcome := c.Match(id, []byte(id.String()), &m); c.Index(id) != i || outcome != Matched || m.ID != id {
			t.Errorf("%s: index %d, outcome %d", id, c.Index(id), outcome)
		}
	}
	for _, id := range []ID{0, 374, 735002, 1000001, Fault(0), Fault(375), HealthAlert + 1, endOfNames, kindMask, ^ID(0)} {
		if i := c.Index(id); i >= 0 {
			t.Errorf("%s has the entry %d", id, i)
		}
	}
}
