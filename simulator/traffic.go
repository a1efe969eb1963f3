package simulator

import (
	"fmt"
	"time"
)

// A Step is a message and the time since the previous one.
type Step struct {
	After time.Duration
	Message
}

// Traffic returns the messages of one ordinary event on d, such as a connection.
// The event begins at the time at; most events take several messages.
func (f *Fleet) Traffic(d *Device, at time.Time) []Step {
	switch n := f.Rand.IntN(100); {
	case n < 36:
		return f.tcp(d)
	case n < 52:
		return f.udp(d)
	case n < 66 && d.Product == "FTD":
		return f.connectionEvent(d, at)
	case n < 66:
		return f.localHost(d)
	case n < 77:
		return single(4, 106023, `Deny %s src outside:%s/%d dst inside:%s/%d by access-group "outside_in" [0x0, 0x0]`,
			f.pick("tcp", "tcp", "udp"), f.outside(), f.port(), d.public(), f.service())
	case n < 83:
		return single(6, 106100, "access-list inside_out permitted tcp inside/%s(%d) -> outside/%s(%d) hit-cnt %d %s [0x%08x, 0x0]",
			f.inside(d), f.port(), f.outside(), f.service(), 1+f.Rand.IntN(40), f.pick("first hit", "300-second interval"), 0xa1b20000+int64(d.number))
	case n < 88:
		return single(3, 710003, "TCP access denied by ACL from %s/%d to outside:%s/%d",
			f.outside(), f.port(), d.public(), []int{22, 23, 443, 8443}[f.Rand.IntN(4)])
	case n < 92:
		return f.vpn(d)
	case n < 95:
		return single(5, 111008, "User '%s' executed the '%s' command.", f.user(),
			f.pick("show version", "show environment", "show failover", "show threat-detection rate", "write memory"))
	case n < 99:
		return f.unsolicited(d)
	default:
		// A rate slightly over its threshold, as on any busy day.
		average := 6 + f.Rand.IntN(9)
		return single(4, 733100, "[ Scanning] drop rate-1 exceeded. Current burst rate is %d per second, max configured rate is 10; Current average rate is %d per second, max configured rate is 5; Cumulative total count is %d",
			f.Rand.IntN(10), average, average*600+f.Rand.IntN(600))
	}
}

// tcp is a connection to an outside server, sometimes over IPv6.
func (f *Fleet) tcp(d *Device) []Step {
	d.connection++
	client, clientPort := f.inside(d), f.port()
	server, service := f.outside(), f.service()
	mapped := d.public()
	if f.Rand.IntN(8) == 0 {
		client = fmt.Sprintf("2001:db8:%x:10::%x", d.number, 1+f.Rand.IntN(0xfff))
		server = fmt.Sprintf("2001:db8:ffff::%x", 1+f.Rand.IntN(0xfff))
		mapped = client
	}
	lasts := time.Duration(1+f.Rand.IntN(900)) * time.Second
	reason := f.pick("TCP FINs", "TCP FINs", "TCP FINs", "TCP Reset-O", "TCP Reset-I", "SYN Timeout")
	if d.Product == "FTD" && reason == "TCP FINs" {
		reason += " from " + f.pick("inside", "outside")
	}
	steps := []Step{
		newStep(0, 6, 302013, "Built outbound TCP connection %d for outside:%s/%d (%s/%d) to inside:%s/%d (%s/%d)",
			d.connection, server, service, server, service, client, clientPort, mapped, clientPort),
		newStep(lasts, 6, 302014, "Teardown TCP connection %d for outside:%s/%d to inside:%s/%d duration %s bytes %d %s",
			d.connection, server, service, client, clientPort, hms(lasts), f.Rand.IntN(400_000), reason),
	}
	if mapped != client && f.Rand.IntN(3) == 0 {
		built := newStep(0, 6, 305011, "Built dynamic TCP translation from inside:%s/%d to outside:%s/%d", client, clientPort, mapped, clientPort)
		steps = append([]Step{built}, steps...)
	}
	return steps
}

// udp is a request to a name or time server.
func (f *Fleet) udp(d *Device) []Step {
	d.connection++
	client, clientPort, server := f.inside(d), f.port(), f.outside()
	service := []int{53, 53, 53, 123, 443}[f.Rand.IntN(5)]
	lasts := time.Duration(f.Rand.IntN(130)) * time.Second
	return []Step{
		newStep(0, 6, 302015, "Built outbound UDP connection %d for outside:%s/%d (%s/%d) to inside:%s/%d (%s/%d)",
			d.connection, server, service, server, service, client, clientPort, d.public(), clientPort),
		newStep(lasts, 6, 302016, "Teardown UDP connection %d for outside:%s/%d to inside:%s/%d duration %s bytes %d",
			d.connection, server, service, client, clientPort, hms(lasts), 60+f.Rand.IntN(900)),
	}
}

// connectionEvent is the end, and rarely the start, of a connection as the
// inspection engine of FTD reports it.
func (f *Fleet) connectionEvent(d *Device, at time.Time) []Step {
	d.connection++
	lasts := f.Rand.IntN(300)
	action := f.pick("Allow", "Allow", "Allow", "Block")
	event := func(first time.Time) string {
		return fmt.Sprintf("EventPriority: Low, DeviceUUID: 00000000-0000-0000-0000-%012d, InstanceID: %d, FirstPacketSecond: %s, ConnectionID: %d, AccessControlRuleAction: %s, SrcIP: %s, DstIP: %s, SrcPort: %d, DstPort: %d, Protocol: tcp, IngressInterface: inside, EgressInterface: outside, IngressZone: Inside, EgressZone: Outside, ACPolicy: Branch, AccessControlRuleName: %s-Web, Prefilter Policy: Default Prefilter Policy, User: No Authentication Required",
			d.number, 1+f.Rand.IntN(8), first.Format(time.RFC3339), d.connection%65536, action, f.inside(d), f.outside(), f.port(), f.service(), action)
	}
	if action == "Block" || f.Rand.IntN(4) == 0 {
		return single(6, 430002, "%s", event(at))
	}
	return single(6, 430003, "%s, Client: SSL client, ApplicationProtocol: HTTPS, ConnectionDuration: %d, InitiatorPackets: %d, ResponderPackets: %d, InitiatorBytes: %d, ResponderBytes: %d, NAPPolicy: Balanced Security and Connectivity",
		event(at.Add(-time.Duration(lasts)*time.Second)), lasts, 4+f.Rand.IntN(90), 4+f.Rand.IntN(200), 300+f.Rand.IntN(9000), 500+f.Rand.IntN(200_000))
}

// localHost is a host that opens its first and closes its last connection.
func (f *Fleet) localHost(d *Device) []Step {
	host, lasts := f.inside(d), time.Duration(30+f.Rand.IntN(600))*time.Second
	return []Step{
		newStep(0, 7, 609001, "Built local-host inside:%s", host),
		newStep(lasts, 7, 609002, "Teardown local-host inside:%s duration %s", host, hms(lasts)),
	}
}

// vpn is the session of a remote user.
func (f *Fleet) vpn(d *Device) []Step {
	user, home, port := f.user(), f.outside(), f.port()
	client := fmt.Sprintf("outside:%s/%d to %s/443", home, port, d.public())
	return []Step{
		newStep(0, 6, 725001, "Starting SSL handshake with client %s for TLS session", client),
		newStep(200*time.Millisecond, 6, 725002, "Device completed SSL handshake with client %s for TLSv1.2 session", client),
		newStep(time.Second, 6, 113004, "AAA user authentication Successful : server =  10.%d.0.5 : user = %s", d.number, user),
		newStep(100*time.Millisecond, 6, 113039, "Group <staff> User <%s> IP <%s> AnyConnect parent session started.", user, home),
		newStep(time.Second, 4, 722051, "Group <staff> User <%s> IP <%s> IPv4 Address <10.%d.200.%d> IPv6 address <::> assigned to session", user, home, d.number, 1+f.Rand.IntN(250)),
		newStep(time.Duration(600+f.Rand.IntN(20_000))*time.Second, 6, 725007, "SSL session with client %s terminated", client),
	}
}

// unsolicited is a packet without a connection; ASA counts repeats.
func (f *Fleet) unsolicited(d *Device) []Step {
	text := fmt.Sprintf("Deny TCP (no connection) from %s/%d to %s/%d flags %s  on interface outside", f.outside(), f.port(), d.public(), f.service(), f.pick("RST", "ACK", "FIN ACK"))
	if d.Product == "ASA" && f.Rand.IntN(6) == 0 {
		text = fmt.Sprintf("message repeated %d times: [ %s]", 2+f.Rand.IntN(8), text)
	}
	return single(6, 106015, "%s", text)
}

// single returns an event of one formatted message.
func single(severity, id int, format string, args ...any) []Step {
	return []Step{newStep(0, severity, id, format, args...)}
}

// newStep returns a step with a formatted message.
func newStep(d time.Duration, severity, id int, format string, args ...any) Step {
	return Step{d, NewMessage(severity, id, format, args...)}
}

// outside returns a host of the internet.
func (f *Fleet) outside() string {
	return fmt.Sprintf("%s.%d", f.pick("198.51.100", "203.0.113"), 1+f.Rand.IntN(254))
}

// inside returns a host behind the device.
func (f *Fleet) inside(d *Device) string {
	return fmt.Sprintf("10.%d.%d.%d", d.number, 1+f.Rand.IntN(16), 1+f.Rand.IntN(254))
}

// public returns the address of the device itself.
func (d *Device) public() string { return fmt.Sprintf("192.0.2.%d", 4*d.number+1) }

func (f *Fleet) port() int { return 1024 + f.Rand.IntN(64_000) }

func (f *Fleet) service() int {
	return []int{443, 443, 443, 80, 22, 25, 8080, 3389}[f.Rand.IntN(8)]
}

func (f *Fleet) user() string {
	return f.pick("jdoe", "asmith", "mgarcia", "lchen", "tnovak", "robot-backup", "netops")
}

func (f *Fleet) pick(from ...string) string { return from[f.Rand.IntN(len(from))] }

// hms returns a duration in the form of these devices: hours:minutes:seconds.
func hms(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
