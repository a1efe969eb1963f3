package exporter

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// TestSendersAreTheSameWhetherRememberedOrNot reads the same lines with a feed
// that remembers and with one that meets each for the first time.
func TestSendersAreTheSameWhetherRememberedOrNot(t *testing.T) {
	headers := []string{
		"<161>2026-03-17T12:00:%02dZ fw%d : ", "<161>Mar 17 2026 12:00:%02d fw%d : ", "<161>Mar 17 12:00:%02d fw%d: ",
		"<161>:Mar 17 12:00:%02d UTC: ", "<161>:Mar 17 12:00:%02d CEST fw%d: ", "<161>", "fw%[2]d : ", "",
		"<161>1 2026-03-17T12:00:%02d.25+02:00 fw%d asa - - - ", "<161>1 - fw%[2]d - - - - ",
		"<161>Mar 17 12:00:%02d relay%d Mar 17 2026 12:00:%[1]02d fw%[2]d : ", "<161>relay message repeated 2 times: [Mar 17 12:00:%02d fw%d ",
	}
	remembering, forgetful := newFixture(t), newFixture(t)
	feed := remembering.newFeed(remembering.metrics.listener("x", false))
	for i := range 2000 {
		header := headers[i%len(headers)]
		line := fmt.Appendf(nil, header, i%60, i%7)
		if i := indexExtra(line); i >= 0 {
			line = line[:i]
		}
		line = fmt.Appendf(line, "%%FTD-1-73500%d: Cooling Fan %d: %s", 1+i%2, i%3, []string{"OK", "Failure Detected"}[i%2])
		addr := netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 5)})
		feed.handle(line, addr, syslog.OK)
		forgetful.newFeed(forgetful.metrics.listener("x", false)).handle(line, addr, syslog.OK)
	}
	if got, want := remembering.devices(), forgetful.devices(); got != want {
		t.Errorf("remembered\n%s\nread anew\n%s", got, want)
	}
}

// indexExtra finds what Appendf adds for arguments that a format does not use.
func indexExtra(line []byte) int {
	for i := range line {
		if i+8 <= len(line) && string(line[i:i+8]) == "%!(EXTRA" {
			return i
		}
	}
	return -1
}

func TestARememberedSenderObeysEachNewConfiguration(t *testing.T) {
	f := newFixture(t)
	feed := f.newFeed(f.metrics.listener("udp://:5514", false))
	line := []byte("<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735001: Cooling Fan 1: OK")
	say := func(want syslog.Reason) {
		t.Helper()
		if got := feed.handle(line, peerAddr, syslog.OK); got != want {
			t.Errorf("the reason is %q, not %q", got, want)
		}
	}
	say(syslog.OK)
	c := DefaultConfig()
	c.Identity.Unknown = UnknownReject
	if err := f.Configure(c); err != nil {
		t.Fatal(err)
	}
	say(syslog.NotAllowed)
	say(syslog.NotAllowed) // It is remembered that it is not known.
	c = DefaultConfig()
	c.Identity.Aliases = map[string]string{"fw1": "edge"}
	if err := f.Configure(c); err != nil {
		t.Fatal(err)
	}
	say(syslog.OK)
	c = DefaultConfig()
	c.Listeners = []ListenerConfig{{Address: "udp://:5514", Allow: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}}
	if err := f.Configure(c); err != nil {
		t.Fatal(err)
	}
	say(syslog.NotAllowed)
	for _, device := range []string{"fw1", "edge"} {
		if !f.state.Forget(device) {
			t.Errorf("there is no device %s", device)
		}
	}
	if err := f.Configure(DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	say(syslog.OK)
	if !f.state.Forget("fw1") {
		t.Error("fw1 did not come back")
	}
	say(syslog.OK) // The remembered device is gone; this one is new.
	if !f.state.Forget("fw1") {
		t.Error("fw1 did not come back after it was forgotten")
	}
}

func TestInventedSendersDoNotAllocate(t *testing.T) {
	f := newFixture(t)
	c := DefaultConfig()
	c.Limits.Devices = 1
	if err := f.Configure(c); err != nil {
		t.Fatal(err)
	}
	feed := f.newFeed(f.metrics.listener("x", false))
	lines := make([][]byte, 4*syslog.MaxOrigins)
	for i := range lines {
		lines[i] = fmt.Appendf(nil, "<161>2026-03-17T12:00:00Z firewall-%06d : %%FTD-1-735001: Cooling Fan 1: OK", i)
		feed.handle(lines[i], peerAddr, syslog.OK)
	}
	i := 0
	if n := testing.AllocsPerRun(2000, func() {
		feed.handle(lines[i%len(lines)], peerAddr, syslog.OK)
		i += 7
	}); n != 0 {
		t.Errorf("%v allocations for each message", n)
	}
}
