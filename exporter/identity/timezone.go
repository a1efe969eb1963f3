package identity

import (
	"strings"
	"time"
)

// A TimezoneRule gives a time zone to a group of devices. A rule with neither
// Devices nor Labels is for all devices.
type TimezoneRule struct {
	// Timezone is where the clocks of the devices are set.
	Timezone *time.Location `yaml:"timezone"`
	// Devices has names of devices, in which * stands for any characters. They need
	// not be in the inventory.
	Devices []string `yaml:"devices"`
	// Labels has labels that the devices have in the inventory, all of them.
	Labels map[string]string `yaml:"labels"`
}

// IsForAll reports whether the rule is for all devices.
func (r *TimezoneRule) IsForAll() bool { return len(r.Devices) == 0 && len(r.Labels) == 0 }

// AppliesTo reports whether the rule is for a device with these labels.
func (r *TimezoneRule) AppliesTo(name string, labels map[string]string) bool {
	for label, value := range r.Labels {
		if labels[label] != value {
			return false
		}
	}
	if len(r.Devices) == 0 {
		return true
	}
	for _, pattern := range r.Devices {
		if matches(pattern, name) {
			return true
		}
	}
	return false
}

// matches reports whether a name is that of a pattern, in which * stands for any
// characters.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return name == pattern
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = after
	}
	return true
}

// Timezones has the time zone of each device. It is immutable.
type Timezones struct {
	devices map[string]*time.Location // Of the inventory; nil if the device has none.
	rules   []TimezoneRule
}

// NewTimezones returns the time zones of the inventory and of the rules, which it
// does not keep. A device's own time zone applies, or else that of the first rule
// that is for the device.
func NewTimezones(devices []Device, rules []TimezoneRule) *Timezones {
	t := &Timezones{devices: make(map[string]*time.Location, len(devices))}
	for i := range devices {
		d := &devices[i]
		if _, ok := t.devices[d.Name]; ok {
			continue
		}
		location := d.Timezone
		for j := 0; location == nil && j < len(rules); j++ {
			if rules[j].AppliesTo(d.Name, d.Labels) {
				location = rules[j].Timezone
			}
		}
		t.devices[d.Name] = location
	}
	for _, r := range rules {
		if len(r.Labels) == 0 { // Only the inventory has labels.
			t.rules = append(t.rules, TimezoneRule{Timezone: r.Timezone, Devices: append([]string(nil), r.Devices...)})
		}
	}
	return t
}

// Of returns the time zone of the device with a name, or nil if it has none.
func (t *Timezones) Of(device []byte) *time.Location {
	if location, ok := t.devices[string(device)]; ok {
		return location
	}
	for i := range t.rules {
		if t.rules[i].AppliesTo(string(device), nil) {
			return t.rules[i].Timezone
		}
	}
	return nil
}
