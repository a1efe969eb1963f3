package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// checkDevicesFiles checks the patterns of files with devices.
func (c *checker) checkDevicesFiles() {
	checkUnique(c, c.config.DevicesFiles)
	for i := range c.config.DevicesFiles {
		pattern := &c.config.DevicesFiles[i]
		if _, err := filepath.Match(*pattern, ""); err != nil {
			c.report(pattern, "%q is not a pattern; write for example devices/*.yml", *pattern)
		}
	}
}

func (c *checker) checkDevices() {
	for i := range c.config.Devices {
		d := &c.config.Devices[i]
		if !c.has(&d.Name) {
			c.report(d, "lacks a name; add name: with the value of the label device")
		}
		c.checkText(&d.Name, d.Name, identity.MaxName)
		checkUnique(c, d.Addresses)
		checkUnique(c, d.Hosts)
		for j := range d.Hosts {
			c.checkHost(&d.Hosts[j], d.Hosts[j])
		}
		checkUnique(c, d.Interfaces)
		for j := range d.Interfaces {
			c.checkText(&d.Interfaces[j], d.Interfaces[j], state.MaxLabelValue)
		}
		for name, value := range d.Labels {
			where := mapKey{&d.Labels, name}
			switch {
			case name == "device":
				c.report(where, "every device metric has this label already; choose another name")
			case strings.HasPrefix(name, "__"):
				c.report(where, "names that begin with __ are reserved for Prometheus; choose another name")
			case name == "job" || name == "instance":
				c.warn(where, "Prometheus adds a label of this name to what it scrapes, and renames this one to exported_%s; choose another name", name)
			case !model.LegacyValidation.IsValidLabelName(name):
				c.report(where, "%q is not a label name; use letters, digits and underscores, and do not begin with a digit", name)
			}
			c.checkText(where, value, identity.MaxName)
		}
	}
}

func (c *checker) checkIdentity() {
	id := &c.config.Identity
	if len(id.Order) == 0 {
		c.report(&id.Order, "is empty; write at least one of %s", strings.Join(texts(identity.Sources()), ", "))
	}
	for i := range id.Order {
		checkOneOf(c, &id.Order[i], identity.Sources())
	}
	checkUnique(c, id.Order)
	checkUnique(c, id.HeaderNames)
	checkUnique(c, id.TrustedRelays)
	if c.has(&id.StripDomain) && c.has(&id.StripDomains) {
		c.report(&id.StripDomains, "excludes strip_domain (line %d); remove one of the two", c.line(&id.StripDomain))
	}
	for i := range id.StripDomains {
		domain := &id.StripDomains[i]
		c.checkHost(domain, *domain)
		if strings.HasPrefix(*domain, ".") {
			c.report(domain, "%q begins with a dot; write %s", *domain, strings.TrimLeft(*domain, "."))
		}
	}
	checkUnique(c, id.StripDomains)
	for alias, name := range id.Aliases {
		where := mapKey{&id.Aliases, alias}
		c.checkHost(where, alias)
		c.checkText(where, name, identity.MaxName)
		if last, ok := id.Aliases[name]; ok {
			c.report(where, "%q is an alias itself, and aliases are followed once; write %q", name, last)
		}
	}
	checkOneOf(c, &id.Unknown, identity.UnknownPolicies())
	if id.Unknown == identity.UnknownReject && len(c.config.Devices) == 0 && len(id.Aliases) == 0 && len(c.config.DevicesFiles) == 0 {
		c.report(&id.Unknown, "rejects every message, because there are neither devices nor aliases; add some, or write %s", identity.UnknownAccept)
	}
}

// checkOwners reports names and addresses that belong to two devices.
func (c *checker) checkOwners() {
	devices := c.config.Devices
	identity.New(&c.config.Identity, devices, func(where any, name, owner string) {
		if alias, ok := where.(identity.AliasName); ok {
			where = mapKey{&c.config.Identity.Aliases, string(alias)}
		}
		what := fmt.Sprintf("%q", c.text(where))
		if name != c.text(where) {
			what += fmt.Sprintf(" (as %q)", name)
		}
		i := slices.IndexFunc(devices, func(d identity.Device) bool { return d.Name == owner })
		if i < 0 {
			c.report(where, "%s is an alias of %q already; remove one", what, owner)
			return
		}
		c.report(where, "%s belongs to device %q already (%s); remove one", what, owner, c.place(&devices[i].Name, where))
	})
}
