package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// An anonymizer replaces what identifies a site in lines that are to be shown to
// others: addresses, names of hosts and users, what is in quotes, serial numbers,
// and keys. Equal values have equal replacements, so that lines still belong
// together. What it leaves is for a person to look at.
type anonymizer struct {
	parser syslog.Parser
	known  map[string]int // The number of each value, by its kind and the value.
	counts map[string]int // By the kind.
	names  []string       // Of hosts and devices, in lower case.

	tag, email, ipv4, ipv6, mac, domain, quoted, user, key, serial *regexp.Regexp
}

func newAnonymizer() *anonymizer {
	return &anonymizer{
		known: map[string]int{}, counts: map[string]int{},
		tag:    regexp.MustCompile(`%[A-Za-z ]+-[A-Za-z0-9_-]*\d-[A-Z0-9_]+|\[F\d+\]\[\w+\]|HMNOTIFY`),
		email:  regexp.MustCompile(`[\w.+-]+@[\w.-]+\w`),
		ipv4:   regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`),
		ipv6:   regexp.MustCompile(`[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`),
		mac:    regexp.MustCompile(`\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b|\b[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\b`),
		domain: regexp.MustCompile(`\b[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.[A-Za-z]{2,}\b`),
		quoted: regexp.MustCompile(`'[^']*'|"[^"]*"|<[A-Za-z][^<>]*>`),
		user:   regexp.MustCompile(`(?i)\b(user|username|uname|trustpoint|common name|cn)(\s*[=:]\s*|\s+)([^\s,;:'"<>()\[\]]+)`),
		key:    regexp.MustCompile(`\b0x[0-9A-Fa-f]{6,}\b|\b[0-9A-Fa-f]{16,}\b`),
		serial: regexp.MustCompile(`\b[A-Z]{2,4}\d{2}[A-Z0-9]{5,}\b`),
	}
}

// line returns a line with other names, addresses and keys.
func (a *anonymizer) line(line string) string {
	a.addNames(line)
	// The tag and the header of other dialects stay, whatever they look like.
	var b strings.Builder
	end := 0
	for _, at := range a.tag.FindAllStringIndex(line, -1) {
		b.WriteString(a.text(line[end:at[0]]))
		b.WriteString(line[at[0]:at[1]])
		end = at[1]
	}
	b.WriteString(a.text(line[end:]))
	return b.String()
}

// addNames adds the names that the header of a line has, and the name of the device
// that it is about.
func (a *anonymizer) addNames(line string) {
	var h syslog.Header
	if a.parser.Parse([]byte(line), netip.Addr{}, &h) != syslog.OK {
		return
	}
	for _, name := range [][]byte{h.Origin.Host(), h.Origin.DeviceID, h.Origin.RelayedHost, h.Subject} {
		if _, err := netip.ParseAddr(string(name)); err == nil || len(name) < 2 {
			continue
		}
		if lower := strings.ToLower(string(name)); !slices.Contains(a.names, lower) {
			a.names = append(a.names, lower)
		}
	}
	// The longest first, since a name may be the start of another.
	slices.SortStableFunc(a.names, func(x, y string) int { return len(y) - len(x) })
}

// text anonymizes a part of a line without tags.
func (a *anonymizer) text(s string) string {
	s = a.email.ReplaceAllStringFunc(s, func(v string) string { return a.replace("user", v, "user-%d@example.com") })
	s = a.replaceNames(s)
	s = a.mac.ReplaceAllStringFunc(s, func(v string) string { return a.replace("mac", v, "00:00:5e:00:53:%02x") })
	s = a.ipv6.ReplaceAllStringFunc(s, func(v string) string {
		trimmed := strings.TrimRight(v, ":.")
		if strings.HasSuffix(v, "::") {
			trimmed = v
		}
		addr, err := netip.ParseAddr(trimmed)
		if err != nil || addr.IsUnspecified() {
			return v
		}
		return a.replace("ipv6", addr.String(), "2001:db8::%x") + v[len(trimmed):]
	})
	s = a.ipv4.ReplaceAllStringFunc(s, func(v string) string { return a.address(v) })
	s = a.user.ReplaceAllStringFunc(s, func(v string) string {
		m := a.user.FindStringSubmatch(v)
		if isPlainWord(m[3]) {
			return v
		}
		return m[1] + m[2] + a.replace("user", m[3], "user-%d")
	})
	s = a.domain.ReplaceAllStringFunc(s, func(v string) string {
		if strings.HasSuffix(v, "example.com") || isFileName(v) {
			return v
		}
		return a.replace("host", v, "host-%d.example.com")
	})
	s = a.quoted.ReplaceAllStringFunc(s, func(v string) string {
		if inner := v[1 : len(v)-1]; inner != "" {
			return v[:1] + a.replace("text", inner, "text-%d") + v[len(v)-1:]
		}
		return v
	})
	s = a.key.ReplaceAllStringFunc(s, func(v string) string { return a.replace("key", v, "0x%08x") })
	return a.serial.ReplaceAllStringFunc(s, func(v string) string { return a.replace("serial", v, "ABC0000%04d") })
}

// replaceNames replaces the names that headers have, where no letter or digit is
// beside them.
func (a *anonymizer) replaceNames(s string) string {
	for _, name := range a.names {
		for from := 0; ; {
			i := strings.Index(strings.ToLower(s[from:]), name)
			if i < 0 {
				break
			}
			i += from
			end := i + len(name)
			if i > 0 && isNameByte(s[i-1]) || end < len(s) && isNameByte(s[end]) || end > len(s) {
				from = min(end, len(s))
				continue
			}
			other := a.replace("device", name, "fw-%d")
			s = s[:i] + other + s[end:]
			from = i + len(other)
		}
	}
	return s
}

// address returns another address for one of IPv4, of a network for documentation.
func (a *anonymizer) address(v string) string {
	addr, err := netip.ParseAddr(v)
	if err != nil || addr.IsUnspecified() {
		return v
	}
	n := a.number("ipv4", addr.String())
	networks := [...]string{"192.0.2", "198.51.100", "203.0.113"}
	return fmt.Sprintf("%s.%d", networks[(n-1)/254%len(networks)], (n-1)%254+1)
}

// replace returns what stands for a value of a kind. The format gets a number.
func (a *anonymizer) replace(kind, value, format string) string {
	return fmt.Sprintf(format, a.number(kind, value))
}

// number returns a number for a value of a kind: the same for equal values.
func (a *anonymizer) number(kind, value string) int {
	id := kind + "\x00" + value
	if a.known[id] == 0 {
		a.counts[kind]++
		a.known[id] = a.counts[kind]
	}
	return a.known[id]
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c >= 0x80
}

// isPlainWord reports whether a word after "user" or "group" is part of the
// sentence, not a name.
func isPlainWord(s string) bool {
	return slices.Contains([]string{
		"from", "was", "is", "has", "executed", "logged", "authentication", "authorization", "name", "for", "to", "on", "in", "at", "at:", "and",
		"privileges", "level", "policy", "session", "sessions", "identity", "failed", "rejected", "successful", "denied", "limit", "quota", "not", "of", "the", "a",
	}, strings.ToLower(s)) || strings.HasPrefix(s, "user-")
}

// isFileName reports whether what looks like a domain is the name of a program.
func isFileName(s string) bool {
	return slices.ContainsFunc([]string{".pl", ".sh", ".py", ".so", ".conf", ".log", ".pm"}, func(end string) bool { return strings.HasSuffix(s, end) })
}
