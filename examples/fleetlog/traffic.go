package main

import (
	"fmt"
	"time"
)

// stories is how many ordinary events happen in a day; most take several lines.
const stories = 2840

// traffic adds what firewalls say all day long.
func (g *generator) traffic() {
	// The one thermal shutdown of the day; see incidents.
	mad := g.byName["mad-branch-fw1"]
	mad.off = append(mad.off, outage{g.clock("11:52:12"), g.clock("13:31:00")})

	for range stories {
		d := g.devices[g.rnd.IntN(len(g.devices))]
		at := g.start.Add(time.Duration(g.rnd.Int64N(int64(24 * time.Hour)))).Truncate(time.Millisecond)
		// Four of five events at night do not happen.
		if h := at.In(d.zone).Hour(); (h < 7 || h > 19) && g.rnd.IntN(5) > 0 {
			at = at.Add(10 * time.Hour)
			if !at.Before(g.start.AddDate(0, 0, 1)) {
				at = at.AddDate(0, 0, -1)
			}
		}
		for _, step := range g.story(d, at) {
			at = at.Add(step.after)
			if !d.isOff(at) {
				g.add(at, d, step.message)
			}
		}
	}
}

// A step is a message and how long after the previous one it comes.
type step struct {
	after time.Duration
	message
}

func (g *generator) story(d *device, at time.Time) []step {
	switch n := g.rnd.IntN(100); {
	case n < 36:
		return g.tcp(d)
	case n < 52:
		return g.udp(d)
	case n < 66 && d.product == "FTD":
		return g.connectionEvent(d, at)
	case n < 66:
		return g.localHost(d)
	case n < 77:
		return one(4, 106023, `Deny %s src outside:%s/%d dst inside:%s/%d by access-group "outside_in" [0x0, 0x0]`,
			g.pick("tcp", "tcp", "udp"), g.outside(), g.port(), d.public(), g.service())
	case n < 83:
		return one(6, 106100, "access-list inside_out permitted tcp inside/%s(%d) -> outside/%s(%d) hit-cnt %d %s [0x%08x, 0x0]",
			g.inside(d), g.port(), g.outside(), g.service(), 1+g.rnd.IntN(40), g.pick("first hit", "300-second interval"), 0xa1b20000+d.number)
	case n < 88:
		return one(3, 710003, "TCP access denied by ACL from %s/%d to outside:%s/%d",
			g.outside(), g.port(), d.public(), []int{22, 23, 443, 8443}[g.rnd.IntN(4)])
	case n < 92:
		return g.vpn(d)
	case n < 95:
		return one(5, 111008, "User '%s' executed the '%s' command.", g.user(),
			g.pick("show version", "show environment", "show failover", "show threat-detection rate", "write memory"))
	case n < 99:
		return g.unsolicited(d)
	default:
		// A rate slightly over its threshold, as happens on any busy day.
		average := 6 + g.rnd.IntN(9)
		return one(4, 733100, "[ Scanning] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is 10; Current average rate is %d per second, max configured rate is 5; Cumulative total count is %d",
			g.rnd.IntN(10), average, average*600+g.rnd.IntN(600))
	}
}

// tcp is a connection to a server outside, over IPv6 now and then.
func (g *generator) tcp(d *device) []step {
	d.connection++
	client, clientPort := g.inside(d), g.port()
	server, service := g.outside(), g.service()
	mapped := d.public()
	if g.rnd.IntN(8) == 0 {
		client = fmt.Sprintf("2001:db8:%x:10::%x", d.number, 1+g.rnd.IntN(0xfff))
		server = fmt.Sprintf("2001:db8:ffff::%x", 1+g.rnd.IntN(0xfff))
		mapped = client
	}
	lasts := time.Duration(1+g.rnd.IntN(900)) * time.Second
	reason := g.pick("TCP FINs", "TCP FINs", "TCP FINs", "TCP Reset-O", "TCP Reset-I", "SYN Timeout")
	if d.product == "FTD" && reason == "TCP FINs" {
		reason += " from " + g.pick("inside", "outside")
	}
	steps := []step{
		say(0, 6, 302013, "Built outbound TCP connection %d for outside:%s/%d (%s/%d) to inside:%s/%d (%s/%d)",
			d.connection, server, service, server, service, client, clientPort, mapped, clientPort),
		say(lasts, 6, 302014, "Teardown TCP connection %d for outside:%s/%d to inside:%s/%d duration %s bytes %d %s",
			d.connection, server, service, client, clientPort, hms(lasts), g.rnd.IntN(400_000), reason),
	}
	if mapped != client && g.rnd.IntN(3) == 0 {
		built := say(0, 6, 305011, "Built dynamic TCP translation from inside:%s/%d to outside:%s/%d", client, clientPort, mapped, clientPort)
		steps = append([]step{built}, steps...)
	}
	return steps
}

// udp is a question to a name or time server.
func (g *generator) udp(d *device) []step {
	d.connection++
	client, clientPort, server := g.inside(d), g.port(), g.outside()
	service := []int{53, 53, 53, 123, 443}[g.rnd.IntN(5)]
	lasts := time.Duration(g.rnd.IntN(130)) * time.Second
	return []step{
		say(0, 6, 302015, "Built outbound UDP connection %d for outside:%s/%d (%s/%d) to inside:%s/%d (%s/%d)",
			d.connection, server, service, server, service, client, clientPort, d.public(), clientPort),
		say(lasts, 6, 302016, "Teardown UDP connection %d for outside:%s/%d to inside:%s/%d duration %s bytes %d",
			d.connection, server, service, client, clientPort, hms(lasts), 60+g.rnd.IntN(900)),
	}
}

// connectionEvent is the end, and seldom the start, of a connection as the
// inspection engine of FTD reports it.
func (g *generator) connectionEvent(d *device, at time.Time) []step {
	d.connection++
	lasts := g.rnd.IntN(300)
	action := g.pick("Allow", "Allow", "Allow", "Block")
	event := func(first time.Time) string {
		return fmt.Sprintf("EventPriority: Low, DeviceUUID: 00000000-0000-0000-0000-%012d, InstanceID: %d, FirstPacketSecond: %s, ConnectionID: %d, AccessControlRuleAction: %s, SrcIP: %s, DstIP: %s, SrcPort: %d, DstPort: %d, Protocol: tcp, IngressInterface: inside, EgressInterface: outside, IngressZone: Inside, EgressZone: Outside, ACPolicy: Branch, AccessControlRuleName: %s-Web, Prefilter Policy: Default Prefilter Policy, User: No Authentication Required",
			d.number, 1+g.rnd.IntN(8), first.Format(time.RFC3339), d.connection%65536, action, g.inside(d), g.outside(), g.port(), g.service(), action)
	}
	if action == "Block" || g.rnd.IntN(4) == 0 {
		return one(6, 430002, "%s", event(at))
	}
	return one(6, 430003, "%s, Client: SSL client, ApplicationProtocol: HTTPS, ConnectionDuration: %d, InitiatorPackets: %d, ResponderPackets: %d, InitiatorBytes: %d, ResponderBytes: %d, NAPPolicy: Balanced Security and Connectivity",
		event(at.Add(-time.Duration(lasts)*time.Second)), lasts, 4+g.rnd.IntN(90), 4+g.rnd.IntN(200), 300+g.rnd.IntN(9000), 500+g.rnd.IntN(200_000))
}

// localHost is a host that becomes known and is forgotten.
func (g *generator) localHost(d *device) []step {
	host, lasts := g.inside(d), time.Duration(30+g.rnd.IntN(600))*time.Second
	return []step{
		say(0, 7, 609001, "Built local-host inside:%s", host),
		say(lasts, 7, 609002, "Teardown local-host inside:%s duration %s", host, hms(lasts)),
	}
}

// vpn is the session of somebody who works from elsewhere.
func (g *generator) vpn(d *device) []step {
	user, peer, port := g.user(), g.outside(), g.port()
	client := fmt.Sprintf("outside:%s/%d to %s/443", peer, port, d.public())
	return []step{
		say(0, 6, 725001, "Starting SSL handshake with client %s for TLS session", client),
		say(200*time.Millisecond, 6, 725002, "Device completed SSL handshake with client %s for TLSv1.2 session", client),
		say(time.Second, 6, 113004, "AAA user authentication Successful : server =  10.%d.0.5 : user = %s", d.number, user),
		say(100*time.Millisecond, 6, 113039, "Group <staff> User <%s> IP <%s> AnyConnect parent session started.", user, peer),
		say(time.Second, 4, 722051, "Group <staff> User <%s> IP <%s> IPv4 Address <10.%d.200.%d> IPv6 address <::> assigned to session", user, peer, d.number, 1+g.rnd.IntN(250)),
		say(time.Duration(600+g.rnd.IntN(20_000))*time.Second, 6, 725007, "SSL session with client %s terminated", client),
	}
}

// unsolicited is a packet of no connection; the device counts repeats.
func (g *generator) unsolicited(d *device) []step {
	text := fmt.Sprintf("Deny TCP (no connection) from %s/%d to %s/%d flags %s  on interface outside", g.outside(), g.port(), d.public(), g.service(), g.pick("RST", "ACK", "FIN ACK"))
	if d.product == "ASA" && g.rnd.IntN(6) == 0 {
		text = fmt.Sprintf("message repeated %d times: [ %s]", 2+g.rnd.IntN(8), text)
	}
	return one(6, 106015, "%s", text)
}

func one(severity, id int, format string, args ...any) []step {
	return []step{say(0, severity, id, format, args...)}
}

func say(after time.Duration, severity, id int, format string, args ...any) step {
	return step{after, message{severity, id, fmt.Sprintf(format, args...)}}
}

// outside returns a host of the internet.
func (g *generator) outside() string {
	return fmt.Sprintf("%s.%d", g.pick("198.51.100", "203.0.113"), 1+g.rnd.IntN(254))
}

// inside returns a host behind the device.
func (g *generator) inside(d *device) string {
	return fmt.Sprintf("10.%d.%d.%d", d.number, 1+g.rnd.IntN(16), 1+g.rnd.IntN(254))
}

// public returns the address of the device itself.
func (d *device) public() string { return fmt.Sprintf("192.0.2.%d", 4*d.number+1) }

func (g *generator) port() int { return 1024 + g.rnd.IntN(64_000) }

func (g *generator) service() int {
	return []int{443, 443, 443, 80, 22, 25, 8080, 3389}[g.rnd.IntN(8)]
}

func (g *generator) user() string {
	return g.pick("jdoe", "asmith", "mgarcia", "lchen", "tnovak", "robot-backup", "netops")
}

func (g *generator) pick(from ...string) string { return from[g.rnd.IntN(len(from))] }

// hms writes a duration as these devices do.
func hms(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
