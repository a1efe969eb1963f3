package fleet

import (
	"fmt"
	"time"
)

// A Device is a firewall of the fleet.
type Device struct {
	Name    string
	Product string         // FTD or ASA.
	Zone    *time.Location // For its working hours, and its clock if the form shows local time.

	form       form
	number     int // Picks its networks.
	connection int // The last connection id.
}

// Line is the message as the device sends it at that time, with its header.
func (d *Device) Line(at time.Time, m Message) string { return d.form(d, at, m) }

// A Message is what a device says, without the header.
type Message struct {
	Severity, ID int
	Text         string
}

// Say returns a message whose text is formatted.
func Say(severity, id int, format string, args ...any) Message {
	return Message{severity, id, fmt.Sprintf(format, args...)}
}

// sites returns the thirty devices of the fleet. Most send the form that README recommends.
func sites() []*Device {
	var (
		london    = time.FixedZone("GMT", 0)
		amsterdam = time.FixedZone("CET", 1*3600)
		joburg    = time.FixedZone("SAST", 2*3600)
		dubai     = time.FixedZone("GST", 4*3600)
		mumbai    = time.FixedZone("IST", 5*3600+1800)
		singapore = time.FixedZone("SGT", 8*3600)
		tokyo     = time.FixedZone("JST", 9*3600)
		sydney    = time.FixedZone("AEDT", 11*3600)
		newYork   = time.FixedZone("EDT", -4*3600)
		chicago   = time.FixedZone("CDT", -5*3600)
		saoPaulo  = time.FixedZone("BRT", -3*3600)
		sanJose   = time.FixedZone("PDT", -7*3600)
	)
	return []*Device{
		{Name: "ams-edge-fw1", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "ams-edge-fw2", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "ams-dc-fw1", Product: "ASA", form: recommended, Zone: amsterdam},
		{Name: "ams-dc-fw2", Product: "ASA", form: recommended, Zone: amsterdam},
		{Name: "ams-core-sm1", Product: "ASA", form: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw1", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw2", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw3", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "fra-dc-fw1", Product: "ASA", form: recommended, Zone: amsterdam},
		{Name: "par-branch-fw1", Product: "FTD", form: recommended, Zone: amsterdam},
		{Name: "mad-branch-fw1", Product: "ASA", form: recommended, Zone: amsterdam},
		{Name: "waw-branch-fw1", Product: "ASA", form: emblem, Zone: amsterdam},
		{Name: "lon-edge-fw1", Product: "ASA", form: yearStamp, Zone: london},
		{Name: "lon-edge-fw2", Product: "ASA", form: yearStamp, Zone: london},
		{Name: "lon-vpn-fw1", Product: "ASA", form: recommended, Zone: london},
		{Name: "jnb-branch-fw1", Product: "FTD", form: recommended, Zone: joburg},
		{Name: "dxb-branch-fw1", Product: "FTD", form: recommended, Zone: dubai},
		{Name: "bom-dc-fw1", Product: "ASA", form: recommended, Zone: mumbai},
		{Name: "sgp-dc-fw1", Product: "ASA", form: offset, Zone: singapore},
		{Name: "sgp-dc-fw2", Product: "ASA", form: offset, Zone: singapore},
		{Name: "hkg-branch-fw1", Product: "FTD", form: recommended, Zone: singapore},
		{Name: "nrt-edge-fw1", Product: "FTD", form: rfc5424, Zone: tokyo},
		{Name: "syd-edge-fw1", Product: "FTD", form: recommended, Zone: sydney},
		{Name: "nyc-edge-fw1", Product: "FTD", form: recommended, Zone: newYork},
		{Name: "nyc-edge-fw2", Product: "FTD", form: recommended, Zone: newYork},
		{Name: "nyc-dc-fw1", Product: "ASA", form: emblem, Zone: newYork},
		{Name: "chi-branch-fw1", Product: "FTD", form: noColon, Zone: chicago},
		{Name: "dal-branch-fw1", Product: "FTD", form: noPriority, Zone: chicago},
		{Name: "gru-branch-fw1", Product: "ASA", form: relayed, Zone: saoPaulo},
		{Name: "sjc-lab-fw1", Product: "ASA", form: recommended, Zone: sanJose},
	}
}

// A form writes a message with a header, as one setting of a device does it.
type form func(*Device, time.Time, Message) string

// recommended is "logging timestamp rfc5424" and "logging device-id hostname".
func recommended(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// yearStamp is the older "logging timestamp".
func yearStamp(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.Zone).Format("Jan 02 2006 15:04:05"), d.Name, d.tagged(m))
}

// noColon is what some releases make of the recommended form.
func noColon(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s  %s", m.priority(), at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// noPriority is what a managed FTD sends while EMBLEM is off.
func noPriority(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s %s : %s", at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// offset has local time with its offset.
func offset(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.Zone).Format(time.RFC3339), d.Name, d.tagged(m))
}

// emblem is Cisco's EMBLEM format: a zone name, and a class within the tag.
func emblem(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s:%s %s: %%%s-%s-%d-%06d: %s", m.priority(), at.In(d.Zone).Format("Jan 02 15:04:05 MST"), d.Name, d.Product, m.class(), m.Severity, m.ID, m.Text)
}

// rfc5424 is how a relay that speaks RFC 5424 passes a line on.
func rfc5424(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s1 %s %s - - - - %s", m.priority(), at.Format("2006-01-02T15:04:05.000-07:00"), d.Name, d.tagged(m))
}

// relayed is how a relay that speaks RFC 3164 passes a line on.
func relayed(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s %s", m.priority(), at.Format(time.Stamp), d.Name, d.tagged(m))
}

// priority is that of facility local4, the default.
func (m Message) priority() string { return fmt.Sprintf("<%d>", 20*8+m.Severity) }

func (d *Device) tagged(m Message) string {
	return fmt.Sprintf("%%%s-%d-%06d: %s", d.Product, m.Severity, m.ID, m.Text)
}

// class is the logging class of the message, empty if it is in none.
func (m Message) class() string {
	switch m.ID / 1000 {
	case 106, 302, 305, 609, 710:
		return "session"
	case 111:
		return "config"
	case 113:
		return "auth"
	case 199, 411:
		return "sys"
	case 722:
		return "svc"
	case 725:
		return "ssl"
	}
	return ""
}
