package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

func (c *checker) checkTimezones() {
	rules := c.config.Timezones
	if rules != nil && len(rules) == 0 {
		c.report(&c.config.Timezones, "is empty; add a time zone, or remove the key")
	}
	rest := -1 // The rule for all devices.
	for i := range rules {
		r := &rules[i]
		if !c.has(&r.Timezone) {
			c.report(r, "lacks a timezone; add timezone: with one such as Europe/Amsterdam")
		}
		if rest >= 0 {
			c.report(r, "never applies, because the time zone on line %d is for all devices; move that one to the end", c.line(&rules[rest]))
		}
		switch {
		case r.Devices != nil && len(r.Devices) == 0:
			c.report(&r.Devices, "is empty; add names such as ams-*, or remove the key")
		case r.Labels != nil && len(r.Labels) == 0:
			c.report(&r.Labels, "is empty; add a label such as site: ams, or remove the key")
		case r.IsForAll():
			rest = i
		}
		checkUnique(c, r.Devices)
		for j := range r.Devices {
			c.checkText(&r.Devices[j], r.Devices[j], identity.MaxName)
		}
		if len(r.Labels) > 0 && !slices.ContainsFunc(c.config.Devices, func(d identity.Device) bool { return r.AppliesTo(d.Name, d.Labels) }) {
			c.warn(r, "is for labels that no device of the inventory has: %s; correct them here or there", labelText(r.Labels))
		}
	}
}

// labelText returns labels as in "role: edge, site: ams".
func labelText(labels map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, fmt.Sprintf("%s: %s", name, labels[name]))
	}
	return strings.Join(all, ", ")
}

// timezoneParser returns a parser that returns the same location for the same text:
// a fleet has many devices in few time zones.
func timezoneParser() func(string) (any, error) {
	known := map[string]*time.Location{}
	return func(s string) (any, error) {
		if l := known[s]; l != nil {
			return l, nil
		}
		l, err := parseTimezone(s)
		if err != nil {
			return nil, err
		}
		known[s] = l
		return l, nil
	}
}

// parseTimezone parses a name of the IANA database, or an offset from UTC such as
// +02:00, -0330 or +2.
func parseTimezone(s string) (*time.Location, error) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		l, err := time.LoadLocation(s)
		if err != nil || s == "" {
			return nil, fmt.Errorf("%q is not a time zone of the IANA database", s)
		}
		return l, nil
	}
	padded := s
	if len(s) == len("+2") || len(s) == len("+2:00") && s[2] == ':' {
		padded = s[:1] + "0" + s[1:]
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, padded); err == nil {
			_, seconds := t.Zone()
			return time.FixedZone(s, seconds), nil
		}
	}
	return nil, fmt.Errorf("%q is not an offset from UTC", s)
}
