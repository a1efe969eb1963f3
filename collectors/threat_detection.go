package collectors

import (
	"bytes"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// threatDetection collects the rates in 733100.
func threatDetection() Collector {
	var (
		object = Label{Name: "object", Append: appendObject, Appends: objectClasses()}
		rateID = Label{Name: "rate_id", Values: []string{"1", "2", "3"}}
		window = Label{Name: "window", Values: []string{"burst", "average"}}

		threshold = &Metric{
			Name: "ftd_threat_detection_threshold_events_per_second", Title: "threshold", Type: Gauge, Unit: PerSecond, Labels: []Label{object, rateID, window}, Expires: true,
			Help: "Configured rate of drops of one kind above which the device reports them.",
		}
		events = &Metric{
			Name: "ftd_threat_detection_events_per_second", Title: "Threat rate", Type: Gauge, Unit: PerSecond, Labels: []Label{object, rateID, window}, Expires: true, Limit: threshold,
			Help: "Rate of drops of one kind when it last exceeded a threshold.",
		}
		total = &Metric{
			Name: "ftd_threat_detection_cumulative_events", Title: "Threat events", Formerly: []string{"ftd_threat_detection_events"}, Type: Gauge, Labels: []Label{object, rateID}, Expires: true,
			Help: "The device's own count of drops of one kind, which starts again when the object is created or cleared.",
		}
		exceeded = &Metric{
			Name: "ftd_threat_detection_exceeded_total", Type: Counter, Labels: []Label{object, rateID},
			Help: "Reports that the rate of drops of one kind exceeded a threshold.",
		}

		// One template, seen in the field, does not name the object.
		nameless = Labels{"object": Other}
		burst    = Labels{"object": Other, "window": "burst"}
		average  = Labels{"object": Other, "window": "average"}
	)
	return Collector{
		Name:    "threat_detection",
		Summary: "threat detection: drop rates, scanning hosts",
		Metrics: []*Metric{events, threshold, total, exceeded},
		Rules: []Rule{
			{733100, events, SetField("burst"), burst},
			{733100, events, SetField("average"), average},
			{733100, threshold, SetField("burst_threshold"), burst},
			{733100, threshold, SetField("average_threshold"), average},
			{733100, total, SetField("total"), nameless},
			{733100, exceeded, Add(), nameless},
		},
	}
}

// appendObject appends the class of the object that 733100 names in brackets.
// The device prints drop reasons, addresses, host names, ports and user names;
// an attacker can choose some of them, so the set of classes is closed.
func appendObject(dst, text []byte) []byte {
	return append(dst, objectClass(text)...)
}

// objectClasses returns every result of objectClass.
func objectClasses() []string {
	return []string{
		"firewall", "bad_packets", "rate_limit", "dos_attack", "acl_drop", "connection_limit", "icmp_attack",
		"scanning", "syn_attack", "inspect", "interface", "host", "port", Other,
	}
}

func objectClass(text []byte) string {
	var buf [len("icmp attack")]byte
	if len(text) <= len(buf) {
		folded := buf[:len(text)]
		for i, c := range text {
			folded[i] = lower(c)
		}
		switch string(folded) {
		case "firewall":
			return "firewall"
		case "bad pkts":
			return "bad_packets"
		case "rate limit":
			return "rate_limit"
		case "dos attck", "dos attack":
			return "dos_attack"
		case "acl drop":
			return "acl_drop"
		case "conn limit":
			return "connection_limit"
		case "icmp attk", "icmp attck", "icmp attack":
			return "icmp_attack"
		case "scanning":
			return "scanning"
		case "syn attck", "syn attack":
			return "syn_attack"
		case "inspect":
			return "inspect"
		case "interface":
			return "interface"
		}
	}
	switch {
	case isAddress(text):
		return "host"
	case isPort(text):
		return "port"
	case isHostName(text):
		return "host"
	}
	return Other
}

// isAddress reports whether text looks like an IPv4 or IPv6 address, with an
// interface name in front ("outside:192.0.2.1") or a prefix length behind.
func isAddress(text []byte) bool {
	if i := bytes.IndexByte(text, '/'); i >= 0 && allDigits(text[i+1:]) {
		text = text[:i]
	}
	if isIPv4(text[bytes.LastIndexByte(text, ':')+1:]) {
		return true
	}
	colons := 0
	for _, c := range text {
		switch {
		case c == ':':
			colons++
		case '0' <= c && c <= '9', 'a' <= lower(c) && lower(c) <= 'f':
		default:
			return false
		}
	}
	return colons >= 2
}

func isIPv4(text []byte) bool {
	dots, run := 0, 0
	for _, c := range text {
		switch {
		case '0' <= c && c <= '9':
			if run++; run > 3 {
				return false
			}
		case c == '.' && run > 0:
			dots++
			run = 0
		default:
			return false
		}
	}
	return dots == 3 && run > 0
}

// isPort reports whether text is a port as the device prints it: "80/HTTP",
// "tcp/80", "RDP 3389".
func isPort(text []byte) bool {
	if i := bytes.IndexByte(text, '/'); i > 0 {
		return allDigits(text[:i]) || allDigits(text[i+1:])
	}
	if i := bytes.LastIndexByte(text, ' '); i > 0 {
		return allDigits(text[i+1:]) && !catalog.EqualFold("protocol", bytes.TrimSpace(text[:i]))
	}
	return false
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// isHostName reports whether text can be a host name and is not the name of a
// protocol.
func isHostName(text []byte) bool {
	for _, p := range [...]string{"ip", "ipv6", "tcp", "udp", "icmp", "icmp6", "igmp", "igrp", "eigrp", "ospf", "gre", "esp", "ah", "ipsec", "ipinip", "nos", "pcp", "pim", "pptp", "sctp", "snp", "vrrp", "object"} {
		if catalog.EqualFold(p, text) {
			return false
		}
	}
	letters := false
	for i, c := range text {
		switch {
		case 'a' <= lower(c) && lower(c) <= 'z':
			letters = true
		case '0' <= c && c <= '9':
		case (c == '.' || c == '-' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return letters
}
