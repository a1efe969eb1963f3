package ingest_test

import (
	"net/netip"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
)

// Addresses of relays do not count as a device's, and those of the inventory count as
// one.
func TestSenderAddresses(t *testing.T) {
	prefix := netip.MustParsePrefix
	f := newFixture(t, ingest.Config{
		Devices:  []identity.Device{{Name: "edge", Addresses: []netip.Prefix{prefix("192.0.2.11/32"), prefix("192.0.2.12/32")}}},
		Identity: identity.Config{TrustedRelays: []netip.Prefix{prefix("192.0.2.250/32")}},
	})
	feed := f.NewFeed(ingest.Source{Name: "udp://:5514"})
	for _, from := range []string{"192.0.2.11", "192.0.2.12", "198.51.100.1", "::ffff:198.51.100.2", "198.51.100.2", "192.0.2.250", "127.0.0.1"} {
		for _, line := range []string{"ciscoasa : " + failed, failed, "fw1 : " + failed} {
			send(feed, netip.MustParseAddr(from), line)
		}
	}
	send(f.NewFeed(ingest.Source{Name: "unixgram:///s"}), netip.Addr{}, "local : "+failed)
	f.shows(
		`ftd_device_sender_addresses{device="edge"} 1`, // Both have the name of the inventory.
		`ftd_device_sender_addresses{device="ciscoasa"} 3`,
		`ftd_device_sender_addresses{device="198.51.100.2"} 1`,
		`ftd_device_last_message_timestamp_seconds{device="local"} 1.7737488e+09`,
	)
	if d, _ := f.table.Snapshot("local"); len(d.Addresses) != 0 {
		t.Errorf("%+v", d.Addresses)
	}
	// The inventory changes: one of the addresses is no longer the device's.
	f.Configure(ingest.Config{Devices: []identity.Device{{Name: "edge", Addresses: []netip.Prefix{prefix("192.0.2.11/32")}, Hosts: []string{"fw1"}}}})
	for _, from := range []string{"192.0.2.11", "192.0.2.12"} {
		send(feed, netip.MustParseAddr(from), "fw1 : "+failed)
	}
	f.shows(`ftd_device_sender_addresses{device="edge"} 2`)
}

// Explain states which header rule, and Feed uses it.
func TestHeaderNames(t *testing.T) {
	f := newFixture(t, ingest.Config{})
	feed := f.NewFeed(ingest.Source{Name: "x"})
	const line = "<161>Feb 21 09:15:22 relay1 forwarded from fw7 via relay2 : " + failed
	send(feed, firewall, line)
	f.Configure(ingest.Config{Identity: identity.Config{HeaderNames: []identity.HeaderRule{{After: "Forwarded From"}, {Word: 1}}}})
	send(feed, firewall, line)
	f.shows(`ftd_syslog_messages_total{device="relay1",severity="1"} 1`, `ftd_syslog_messages_total{device="fw7",severity="1"} 1`)
	if x := f.Explain([]byte(line), ingest.Source{Default: "archive"}); x.Device != "fw7" || x.Candidates[0].Source != "header_names" {
		t.Errorf("%+v", x)
	}
}
