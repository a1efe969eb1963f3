package main

import (
	"fmt"
	"time"
)

// A device is a firewall of the fleet.
type device struct {
	name       string
	product    string // FTD or ASA.
	form       form
	zone       *time.Location // For its working hours, and its clock if the form shows local time.
	number     int            // Picks its networks.
	connection int            // The last connection id.
	off        []outage
}

// An outage is a time when a device is off and sends nothing.
type outage struct{ from, to time.Time }

func (d *device) isOff(at time.Time) bool {
	for _, o := range d.off {
		if !at.Before(o.from) && at.Before(o.to) {
			return true
		}
	}
	return false
}

// devices returns the fleet. Most send the form that README recommends.
func devices() []*device {
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
	return []*device{
		{name: "ams-edge-fw1", product: "FTD", form: recommended, zone: amsterdam},
		{name: "ams-edge-fw2", product: "FTD", form: recommended, zone: amsterdam},
		{name: "ams-dc-fw1", product: "ASA", form: recommended, zone: amsterdam},
		{name: "ams-dc-fw2", product: "ASA", form: recommended, zone: amsterdam},
		{name: "ams-core-sm1", product: "ASA", form: recommended, zone: amsterdam},
		{name: "fra-clu-fw1", product: "FTD", form: recommended, zone: amsterdam},
		{name: "fra-clu-fw2", product: "FTD", form: recommended, zone: amsterdam},
		{name: "fra-clu-fw3", product: "FTD", form: recommended, zone: amsterdam},
		{name: "fra-dc-fw1", product: "ASA", form: recommended, zone: amsterdam},
		{name: "par-branch-fw1", product: "FTD", form: recommended, zone: amsterdam},
		{name: "mad-branch-fw1", product: "ASA", form: recommended, zone: amsterdam},
		{name: "waw-branch-fw1", product: "ASA", form: emblem, zone: amsterdam},
		{name: "lon-edge-fw1", product: "ASA", form: yearStamp, zone: london},
		{name: "lon-edge-fw2", product: "ASA", form: yearStamp, zone: london},
		{name: "lon-vpn-fw1", product: "ASA", form: recommended, zone: london},
		{name: "jnb-branch-fw1", product: "FTD", form: recommended, zone: joburg},
		{name: "dxb-branch-fw1", product: "FTD", form: recommended, zone: dubai},
		{name: "bom-dc-fw1", product: "ASA", form: recommended, zone: mumbai},
		{name: "sgp-dc-fw1", product: "ASA", form: offset, zone: singapore},
		{name: "sgp-dc-fw2", product: "ASA", form: offset, zone: singapore},
		{name: "hkg-branch-fw1", product: "FTD", form: recommended, zone: singapore},
		{name: "nrt-edge-fw1", product: "FTD", form: rfc5424, zone: tokyo},
		{name: "syd-edge-fw1", product: "FTD", form: recommended, zone: sydney},
		{name: "nyc-edge-fw1", product: "FTD", form: recommended, zone: newYork},
		{name: "nyc-edge-fw2", product: "FTD", form: recommended, zone: newYork},
		{name: "nyc-dc-fw1", product: "ASA", form: emblem, zone: newYork},
		{name: "chi-branch-fw1", product: "FTD", form: noColon, zone: chicago},
		{name: "dal-branch-fw1", product: "FTD", form: noPriority, zone: chicago},
		{name: "gru-branch-fw1", product: "ASA", form: relayed, zone: saoPaulo},
		{name: "sjc-lab-fw1", product: "ASA", form: recommended, zone: sanJose},
	}
}

// A form writes a message with a header, as one setting of a device does it.
type form func(*device, time.Time, message) string

// recommended is "logging timestamp rfc5424" and "logging device-id hostname".
func recommended(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.Format(time.RFC3339), d.name, d.tagged(m))
}

// yearStamp is the older "logging timestamp".
func yearStamp(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.zone).Format("Jan 02 2006 15:04:05"), d.name, d.tagged(m))
}

// noColon is what some releases make of the recommended form.
func noColon(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s%s %s  %s", m.priority(), at.Format(time.RFC3339), d.name, d.tagged(m))
}

// noPriority is what a managed FTD sends while EMBLEM is off.
func noPriority(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s %s : %s", at.Format(time.RFC3339), d.name, d.tagged(m))
}

// offset has local time with its offset.
func offset(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s%s %s : %s", m.priority(), at.In(d.zone).Format(time.RFC3339), d.name, d.tagged(m))
}

// emblem is Cisco's EMBLEM format: a zone name, and a class within the tag.
func emblem(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s:%s %s: %%%s-%s-%d-%06d: %s", m.priority(), at.In(d.zone).Format("Jan 02 15:04:05 MST"), d.name, d.product, m.class(), m.severity, m.id, m.text)
}

// rfc5424 is how a relay that speaks RFC 5424 passes a line on.
func rfc5424(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s1 %s %s - - - - %s", m.priority(), at.Format("2006-01-02T15:04:05.000-07:00"), d.name, d.tagged(m))
}

// relayed is how a relay that speaks RFC 3164 passes a line on.
func relayed(d *device, at time.Time, m message) string {
	return fmt.Sprintf("%s%s %s %s", m.priority(), at.Format(time.Stamp), d.name, d.tagged(m))
}

// priority is that of facility local4, the default.
func (m message) priority() string { return fmt.Sprintf("<%d>", 20*8+m.severity) }

func (d *device) tagged(m message) string {
	return fmt.Sprintf("%%%s-%d-%06d: %s", d.product, m.severity, m.id, m.text)
}

// class is the logging class of the message, empty if it is in none.
func (m message) class() string {
	switch m.id / 1000 {
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
