package collectors

import (
	"slices"
	"testing"
)

// The documentation lists the classes of objects; each must be reachable, and no
// text may have a class outside the list.
func TestObjectClassesAreComplete(t *testing.T) {
	reached := map[string]bool{}
	for _, text := range []string{
		"Firewall", "Bad pkts", "Rate limit", "DoS attck", "ACL drop", "Conn limit", "ICMP attk", "Scanning",
		"SYN attck", "Inspect", "Interface", "192.0.2.1", "tcp/80", "IP protocol 47", "",
	} {
		class := string(appendObject(nil, []byte(text)))
		if !slices.Contains(objectClasses(), class) {
			t.Errorf("%q is %q, which objectClasses lacks", text, class)
		}
		reached[class] = true
	}
	for _, class := range objectClasses() {
		if !reached[class] {
			t.Errorf("no text is %q", class)
		}
	}
}
