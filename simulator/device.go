package simulator

import (
	"fmt"
	"time"
)

// A Device is a firewall of the fleet.
type Device struct {
	Name    string
	Product string         // FTD or ASA.
	Zone    *time.Location // For its working hours, and its clock if the header shows local time.

	format     headerFormat
	number     int // Determines its networks.
	connection int // The last connection id.
}

// Line returns m with the header that the device writes at that time, without a
// newline.
func (d *Device) Line(at time.Time, m Message) string {
	if m.Manager != "" {
		return healthAlert(at, m)
	}
	return d.format(d, at, m)
}

// A Message is a syslog message of a device without the header.
type Message struct {
	Severity, ID int
	Text         string
	// Manager is the management center that sends the message about the device, if
	// it is a health alert, which does not have an ID.
	Manager string
}

// NewMessage returns a message whose text is formatted as by [fmt.Sprintf].
func NewMessage(severity, id int, format string, args ...any) Message {
	return Message{Severity: severity, ID: id, Text: fmt.Sprintf(format, args...)}
}

// sites returns the first [SampleSize] devices of a fleet. Most write the
// recommended header.
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
		{Name: "ams-edge-fw1", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "ams-edge-fw2", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "ams-dc-fw1", Product: "ASA", format: recommended, Zone: amsterdam},
		{Name: "ams-dc-fw2", Product: "ASA", format: recommended, Zone: amsterdam},
		{Name: "ams-core-sm1", Product: "ASA", format: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw1", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw2", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "fra-clu-fw3", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "fra-dc-fw1", Product: "ASA", format: recommended, Zone: amsterdam},
		{Name: "par-branch-fw1", Product: "FTD", format: recommended, Zone: amsterdam},
		{Name: "mad-branch-fw1", Product: "ASA", format: recommended, Zone: amsterdam},
		{Name: "waw-branch-fw1", Product: "ASA", format: emblem, Zone: amsterdam},
		{Name: "lon-edge-fw1", Product: "ASA", format: fullYear, Zone: london},
		{Name: "lon-edge-fw2", Product: "ASA", format: fullYear, Zone: london},
		{Name: "lon-vpn-fw1", Product: "ASA", format: recommended, Zone: london},
		{Name: "jnb-branch-fw1", Product: "FTD", format: recommended, Zone: joburg},
		{Name: "dxb-branch-fw1", Product: "FTD", format: recommended, Zone: dubai},
		{Name: "bom-dc-fw1", Product: "ASA", format: recommended, Zone: mumbai},
		{Name: "sgp-dc-fw1", Product: "ASA", format: offset, Zone: singapore},
		{Name: "sgp-dc-fw2", Product: "ASA", format: offset, Zone: singapore},
		{Name: "hkg-branch-fw1", Product: "FTD", format: recommended, Zone: singapore},
		{Name: "nrt-edge-fw1", Product: "FTD", format: rfc5424, Zone: tokyo},
		{Name: "syd-edge-fw1", Product: "FTD", format: recommended, Zone: sydney},
		{Name: "nyc-edge-fw1", Product: "FTD", format: recommended, Zone: newYork},
		{Name: "nyc-edge-fw2", Product: "FTD", format: recommended, Zone: newYork},
		{Name: "nyc-dc-fw1", Product: "ASA", format: emblem, Zone: newYork},
		{Name: "chi-branch-fw1", Product: "FTD", format: noColon, Zone: chicago},
		{Name: "dal-branch-fw1", Product: "FTD", format: noPriority, Zone: chicago},
		{Name: "gru-branch-fw1", Product: "ASA", format: relayed, Zone: saoPaulo},
		{Name: "sjc-lab-fw1", Product: "ASA", format: recommended, Zone: sanJose},
	}
}

// A headerFormat writes a message with its header, for one setting of a device or
// its relay.
type headerFormat func(*Device, time.Time, Message) string

// recommended is "logging timestamp rfc5424" and "logging device-id hostname".
func recommended(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// fullYear is the older "logging timestamp".
func fullYear(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.Zone).Format("Jan 02 2006 15:04:05"), d.Name, d.tagged(m))
}

// noColon is the recommended format as some releases write it.
func noColon(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s  %s", m.priority(), at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// noPriority is the format of a managed FTD while EMBLEM is off.
func noPriority(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s %s : %s", at.Format(time.RFC3339), d.Name, d.tagged(m))
}

// offset has local time with its offset.
func offset(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.Zone).Format(time.RFC3339), d.Name, d.tagged(m))
}

// emblem is Cisco's EMBLEM format: a time zone, and a class within the tag.
func emblem(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s:%s %s: %%%s-%s-%d-%06d: %s", m.priority(), at.In(d.Zone).Format("Jan 02 15:04:05 MST"), d.Name, d.Product, m.class(), m.Severity, m.ID, m.Text)
}

// rfc5424 is the format in which a relay forwards a line by RFC 5424.
func rfc5424(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s1 %s %s - - - - %s", m.priority(), at.Format("2006-01-02T15:04:05.000-07:00"), d.Name, d.tagged(m))
}

// relayed is the format in which a relay forwards a line by RFC 3164.
func relayed(d *Device, at time.Time, m Message) string {
	return fmt.Sprintf("%s%s %s %s", m.priority(), at.Format(time.Stamp), d.Name, d.tagged(m))
}

// priority returns the priority in facility local4, the default.
func (m Message) priority() string { return fmt.Sprintf("<%d>", 20*8+m.Severity) }

func (d *Device) tagged(m Message) string {
	return fmt.Sprintf("%%%s-%d-%06d: %s", d.Product, m.Severity, m.ID, m.Text)
}

// class returns the logging class of the message, or "" if it has none.
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
