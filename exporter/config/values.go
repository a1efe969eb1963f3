package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// scalars returns how the types of the configuration that YAML does not have are
// spelled. An ID is a message id.
func scalars() map[reflect.Type]scalar {
	const messageID = "a message id such as 735002, F0374 or HMNOTIFY"
	return map[reflect.Type]scalar{
		reflect.TypeFor[time.Duration]():       {tag: "!!str", want: "a duration such as 90s, 15m or 30d", parse: parseDuration},
		reflect.TypeFor[netip.Prefix]():        {tag: "!!str", want: "an address or network such as 192.0.2.1 or 192.0.2.0/24", parse: parsePrefix},
		reflect.TypeFor[identity.HeaderRule](): {tag: "!!str", want: `a rule such as 'after "Original Address="' or word 2`, parse: parseHeaderRule},
		reflect.TypeFor[catalog.ID]():          {tag: "!!int", want: messageID, parse: parseMessageID, or: &scalar{tag: "!!str", want: messageID, parse: parseOtherID}},
		reflect.TypeFor[*time.Location]():      {tag: "!!str", want: `a time zone such as Europe/Amsterdam, UTC or "+02:00"`, parse: timezoneParser()},
	}
}

func parseDuration(s string) (any, error) {
	d, err := model.ParseDuration(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not a duration", s)
	}
	return time.Duration(d), nil
}

func parseHeaderRule(s string) (any, error) {
	return identity.ParseHeaderRule(s)
}

func parseMessageID(s string) (any, error) {
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil || id < 100_000 || id > catalog.MaxNumber {
		return nil, fmt.Errorf("%s is not 100000 to %d", unquoted(s), catalog.MaxNumber)
	}
	return catalog.ID(id), nil
}

// parseOtherID parses the id of a message that does not have a number: the code of
// a fault, or the word of health alerts.
func parseOtherID(s string) (any, error) {
	id, err := catalog.ParseID(s)
	if err != nil {
		return nil, err
	}
	if id != catalog.HealthAlert && !id.IsFault() {
		return nil, fmt.Errorf("%q is a string", s)
	}
	return id, nil
}

// parsePrefix parses an address, which is a network of one, or a network. An
// IPv4 network in IPv6 form becomes IPv4.
func parsePrefix(s string) (any, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("%q is not an address", s)
		}
		if a.Zone() != "" {
			return nil, fmt.Errorf("%q has an IPv6 zone", s)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if err != nil || !p.IsValid() {
		return nil, fmt.Errorf("%q is not a network", s)
	}
	if p != p.Masked() {
		return nil, fmt.Errorf("%q is an address in the network %s", s, p.Masked())
	}
	return p, nil
}
