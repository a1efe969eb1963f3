package syslog

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var addr1, addr2 = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::2")

// originOf returns the Origin of a line, which must be a message.
func originOf(t *testing.T, p *Parser, line string, from netip.Addr) *Origin {
	t.Helper()
	var h Header
	if r := p.Parse([]byte(line), from, &h); r != OK || h.Origin == nil {
		t.Fatalf("%q: %s, origin %v", line, r, h.Origin)
	}
	return h.Origin
}

// Headers that differ in nothing but PRI and time have the same Origin.
func TestOriginIsTheSameForTheSameKindOfHeader(t *testing.T) {
	const tail = "%FTD-1-735001: Cooling Fan 1: OK"
	kinds := [][]string{
		{"<161>2026-03-17T12:00:00Z fw1 : ", "<166>2026-03-17T12:00:01Z fw1 : ", "2025-01-01T00:00:00+02:00 fw1 : "},
		{"<161>2026-03-17T12:00:00Z fw2 : "},
		{"<161>Mar 17 2026 12:00:00 fw1 : ", "<161>Mar 17 12:00:00 fw1 : ", "<161>2026-03-17T12:00:00 fw1 : "},
		{"<161>Mar 17 2026 12:00:00 UTC fw1 : ", "<161>Mar 18 2026 12:00:00 UTC fw1 : "},
		{"<161>:Mar 17 12:00:00 UTC fw1 : ", "<162>:Mar 17 12:00:01 UTC fw1 : "},
		{"<161>fw1 : ", "fw1 : "},
		{"<161>", ""},
		{"<161>1 2026-03-17T12:00:00Z fw1 asa - - - ", "<161>1 2026-03-17T12:00:01.5Z fw1 asa - - - "},
		{"<161>Mar 17 12:00:00 relay Mar 17 2026 12:00:00 fw1 : ", "<161>Mar 17 12:00:05 relay Mar 17 2026 12:00:00 fw1 : "},
	}
	// So large a table does not grow, which may forget an origin.
	p := Parser{origins: originTable{seed: maphash.MakeSeed(), slots: make([]originSlot, MaxOrigins)}}
	seen := map[*Origin]string{}
	for range 2 {
		for i, kind := range kinds {
			for _, addr := range []netip.Addr{{}, addr1, addr2} {
				id := fmt.Sprint(i, addr)
				for _, header := range kind {
					o := originOf(t, &p, header+tail, addr)
					if o.Owner == nil && seen[o] == "" {
						o.Owner, seen[o] = id, id
					}
					if o.Owner != id || seen[o] != id {
						t.Errorf("%q from %s is %v, and was %s", header, addr, o.Owner, seen[o])
					}
				}
			}
		}
	}
	if len(seen) != 3*len(kinds) {
		t.Errorf("%d origins, want %d", len(seen), 3*len(kinds))
	}
	p.Forget()
	if o := originOf(t, &p, kinds[0][0]+tail, addr1); o.Owner != nil || o.Former != nil || string(o.Host()) != "fw1" {
		t.Errorf("after Forget: owner %v, former %v, host %s", o.Owner, o.Former, o.Host())
	}
}

// The same lines say the same, whether the Parser has seen their headers before
// or not.
func TestRememberedOrReadAnew(t *testing.T) {
	headers := []string{
		"<161>2026-03-17T12:00:%02dZ fw%d : ", "<161>Mar 17 2026 12:00:%02d fw%d : ", "<161>Mar 17 12:00:%02d fw%d: ",
		"<161>:Mar 17 12:00:%02d UTC: ", "<161>:Mar 17 12:00:%02d CEST fw%d: ", "<161>", "fw%[2]d : ", "",
		"<161>1 2026-03-17T12:00:%02d.25+02:00 fw%d asa - - - ", "<161>1 - fw%[2]d - - - - ", "<161>2026-03-17T12:00:%02d-03:%02[2]d: ",
		"<161>Mar 17 12:00:%02d relay%d Mar 17 2026 12:00:%[1]02d fw%[2]d : ", "<161>relay message repeated 2 times: [Mar 17 12:00:%02d fw%d ",
		"<161>Mar 17 12:00:%02d CST +0%d:00 fw%[2]d : ", "<161>Mar 17 12:00:%02d " + strings.Repeat("h", maxKey) + "%d : ",
	}
	p := NewParser(16)
	var h Header
	for i := range 4000 {
		line, _, _ := strings.Cut(fmt.Sprintf(headers[i%len(headers)], i%60, i%7), "%!(EXTRA")
		line += "%FTD-1-735001: Cooling Fan 1: OK"
		r := p.Parse([]byte(line), addr1, &h)
		got := contents(p, &h, r)
		fresh, h2, r := parse(line)
		if want := contents(fresh, h2, r); got != want {
			t.Fatalf("%q\nremembered %s\nread anew  %s", line, got, want)
		}
	}
}

// The offset of a timestamp that has one is its own, even if the Parser remembers the
// header with another: it changes twice a year.
func TestOffsetMayChange(t *testing.T) {
	var p Parser
	var h Header
	for line, want := range map[string]string{
		"2026-03-29T01:59:59+01:00 fw1 : %FTD-1-735001: x": "2026-03-29T00:59:59Z",
		"2026-03-29T03:00:00+02:00 fw1 : %FTD-1-735001: x": "2026-03-29T01:00:00Z",
		"2026-03-29T01:00:00Z fw1 : %FTD-1-735001: x":      "2026-03-29T01:00:00Z",
	} {
		for range 2 {
			p.Parse([]byte(line), addr1, &h)
			if got, zoned, ok := p.Time(&h, ref); !zoned || !ok || got.Format(time.RFC3339) != want {
				t.Errorf("%s: %s, %v, %v", line, got, zoned, ok)
			}
		}
	}
}

// The contents of an Origin outlive the frame.
func TestOriginDoesNotAliasTheFrame(t *testing.T) {
	for _, host := range []string{"fw1", strings.Repeat("h", 255)} {
		var p Parser
		var h Header
		frame := fmt.Appendf(nil, "<161>Mar 17 12:00:00 relay Mar 17 12:00:00 MSK %s : %%FTD-1-735001: x", host)
		p.Parse(frame, addr1, &h)
		clear(frame)
		if o := h.Origin; string(o.Host()) != host || string(o.DeviceID) != host || string(o.RelayedHost) != "relay" || string(o.Zone) != "MSK" || !o.Zoned {
			t.Errorf("%+v", o)
		}
	}
}

func TestALongHeaderHasNoOwner(t *testing.T) {
	for _, line := range []string{
		"<161>Mar 17 12:00:00 " + strings.Repeat("h", maxKey) + " : %FTD-1-735001: x",
		"<161>fw1 message repeated 2 times: [Mar 17 12:00:00 fw1 : %FTD-1-735001: x]",
		"<161>1 - fw1 - - - - %FTD-1-735001: x",
	} {
		var p Parser
		var former any
		for i := range 3 {
			o := originOf(t, &p, line, addr1)
			if o.Owner != nil || o.Former != former {
				t.Errorf("%q: owner %v, former %v", line, o.Owner, o.Former)
			}
			o.Owner, former = i, i
		}
	}
}

// An Origin that replaces another does not have an Owner, but the memory of the former one.
func TestOriginsAreLimited(t *testing.T) {
	for _, limit := range []int{4, 64, MaxStreamOrigins} {
		p := NewParser(limit)
		all := map[*Origin]bool{}
		replaced := 0
		for i := range 4 * limit {
			o := originOf(t, p, fmt.Sprintf("Mar 17 12:00:00 fw%d : %%FTD-1-735001: x", i), addr1)
			if o.Owner != nil || string(o.Host()) != fmt.Sprintf("fw%d", i) {
				t.Fatalf("origin %d is owned by %v before it was seen; its host is %s", i, o.Owner, o.Host())
			}
			if o.Former != nil {
				replaced++
			}
			if all[o] != (o.Former != nil) {
				t.Fatalf("origin %d: former %v, seen before: %v", i, o.Former, all[o])
			}
			o.Owner, all[o] = i, true
			if again := originOf(t, p, fmt.Sprintf("Mar 18 12:00:00 fw%d : %%FTD-1-735001: x", i), addr1); again != o || again.Owner != i {
				t.Fatalf("origin %d is not found", i)
			}
		}
		if live := len(p.origins.slots); live != limit || replaced < 2*limit {
			t.Errorf("%d places, %d of %d replaced, want %d", live, replaced, 4*limit, limit)
		}
	}
	var p Parser
	for i := range 2 * MaxOrigins {
		originOf(t, &p, fmt.Sprintf("fw%d : %%FTD-1-735001: x", i), addr1)
	}
	if n := len(p.origins.slots); n != MaxOrigins {
		t.Errorf("%d places without a limit of its own", n)
	}
}

// forgotten returns how many of n devices behind a relay have lost their owner
// after all of them have sent a message.
func forgotten(t *testing.T, p *Parser, format string, n int) int {
	t.Helper()
	for range 3 {
		for i := range n {
			if o := originOf(t, p, fmt.Sprintf(format, i), addr1); o.Owner == nil {
				o.Owner = i
			}
		}
	}
	var lost []int
	for i := range n {
		if o := originOf(t, p, fmt.Sprintf(format, i), addr1); o.Owner != i {
			lost = append(lost, i)
		}
	}
	return len(lost)
}

// The devices behind a relay do not replace each other, whatever the seed.
func TestARelayHasRoomForItsDevices(t *testing.T) {
	if n := forgotten(t, &Parser{}, "fw%d : %%FTD-1-735001: x", 500); n > 10 {
		t.Errorf("%d of 500 are not remembered", n)
	}
	const devices, parsers = 200, 50
	missing := 0
	for range parsers {
		missing += forgotten(t, NewParser(MaxStreamOrigins), "par%d-branch-fw1 : %%FTD-1-735001: x", devices)
	}
	if missing > parsers {
		t.Errorf("%d of %d are not remembered", missing, devices*parsers)
	}
}

// A sender of invented names causes no garbage.
func TestInventedHostsDoNotAllocate(t *testing.T) {
	p := NewParser(MaxStreamOrigins)
	var h Header
	lines := make([][]byte, 4*MaxStreamOrigins)
	for i := range lines {
		lines[i] = fmt.Appendf(nil, "<161>2026-03-17T12:00:00Z firewall-%06d : %%FTD-1-735001: Cooling Fan 1: OK", i)
		p.Parse(lines[i], addr1, &h)
	}
	for _, line := range slices.Backward(lines) {
		p.Parse(line, addr1, &h)
	}
	i := 0
	if n := testing.AllocsPerRun(2000, func() {
		p.Parse(lines[i%len(lines)], addr1, &h)
		i += 7
	}); n != 0 {
		t.Errorf("%v allocations for each message", n)
	}
}

// BenchmarkParseFleet reads the usual lines of 200 devices, all of which are
// remembered.
func BenchmarkParseFleet(b *testing.B) {
	var lines [][]byte
	for i := range 2000 {
		header := []string{"<166>2026-03-17T12:00:%02dZ edge-fw%d : ", "<166>Mar 17 2026 12:00:%02d edge-fw%d : "}[i%2]
		lines = append(lines, append(fmt.Appendf(nil, header, i/50%60, i%200), "%FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)"...))
	}
	var p Parser
	var h Header
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		p.Parse(lines[i%len(lines)], addr1, &h)
		i++
	}
}
