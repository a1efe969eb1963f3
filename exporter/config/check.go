package config

import (
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
)

// A checker reports what is wrong with values that have been read. A zero value
// was not in the file, or could not be read, which has been reported then.
type checker struct {
	*document
	config *Config
}

func (c *checker) all() {
	c.checkListeners()
	c.checkTLS()
	c.checkDevicesFiles()
	c.checkDevices()
	c.checkTimezones()
	c.checkIdentity()
	c.checkOwners()
	c.checkExpiry()
	c.checkLimits()
	c.checkMessages()
	c.checkWeb()
	c.warnListeners()
	c.warnAllow()
	c.warnRelays()
	c.warnIgnored()
}

func (c *checker) checkListeners() {
	all := c.config.Listeners
	if all != nil && len(all) == 0 {
		c.report(&c.config.Listeners, "is empty; add a listener, or remove the key to use the listeners of the command line")
	}
	for i := range all {
		l := &all[i]
		address, err := listener.ParseAddress(l.Address)
		if !c.has(&l.Address) {
			c.report(l, "lacks an address; write for example address: udp://:5514")
		} else if l.Address != "" && err != nil {
			c.report(&l.Address, "%w", err)
		}
		first := slices.IndexFunc(all, func(other listener.Config) bool { return other.Address == l.Address })
		if first < i && l.Address != "" {
			c.report(&l.Address, "%q is given twice, first on line %d; remove one", l.Address, c.line(&all[first].Address))
		}
		if l.Allow != nil && len(l.Allow) == 0 {
			c.report(&l.Allow, "is empty; add the networks that may send, or remove the key to allow all")
		}
		checkUnique(c, l.Allow)
		if len(l.Allow) > 0 && address.Scheme == listener.Unixgram {
			c.report(&l.Allow, "is not for unixgram:// listeners, because their senders do not have addresses; restrict the directory of the socket instead")
		}
		if l.ProxyProtocol != nil && len(l.ProxyProtocol) == 0 {
			c.report(&l.ProxyProtocol, "is empty; add the proxies, or remove the key if there are none")
		}
		checkUnique(c, l.ProxyProtocol)
		c.checkSockets(l, address)
		if c.has(&l.ProxyProtocol) && err == nil && !address.Scheme.Stream() {
			c.report(&l.ProxyProtocol, "is for tcp:// and tls:// listeners; remove it")
		}
	}
}

// checkSockets checks the number of sockets of a listener at an address, whose
// scheme is empty if it is wrong.
func (c *checker) checkSockets(l *listener.Config, address listener.Address) {
	unread := l.Sockets == 0 && c.text(&l.Sockets) != "0"
	switch {
	case !c.has(&l.Sockets), unread:
	case address.Scheme != "" && address.Scheme != listener.UDP:
		c.report(&l.Sockets, "is for udp:// listeners; remove it")
	case l.Sockets < 1, l.Sockets > listener.MaxSockets:
		c.report(&l.Sockets, "%d is out of range; write 1 to %d", l.Sockets, listener.MaxSockets)
	}
}

// checkTLS resolves the paths of certificates and reads them.
func (c *checker) checkTLS() {
	top := &c.config.TLS
	c.checkTLSKeys(top)
	checked := map[listener.TLSConfig]bool{}
	if c.has(&top.CertFile) || c.has(&top.KeyFile) {
		t := top.WithDefaults(listener.TLSConfig{})
		checked[t] = true
		c.checkCertificate(top, top, t)
	}
	for i := range c.config.Listeners {
		l := &c.config.Listeners[i]
		c.checkTLSKeys(&l.TLS)
		address, err := listener.ParseAddress(l.Address)
		switch t := l.TLS.WithDefaults(*top); {
		case err != nil: // It has been reported.
		case address.Scheme != listener.TLS:
			if c.has(&l.TLS) {
				c.report(&l.TLS, "is for tls:// listeners; write tls:// in the address, or remove it")
			}
		case t.CertFile == "" && t.KeyFile == "":
			c.report(&l.Address, "%q needs a certificate; add tls: {cert_file: ..., key_file: ...} here or at the top of the file", l.Address)
		case !checked[t]:
			checked[t] = true
			where := any(&l.Address)
			if c.has(&l.TLS) {
				where = &l.TLS
			}
			c.checkCertificate(&l.TLS, where, t)
		}
	}
}

// checkTLSKeys checks the values of t, and makes its paths relative to the file.
func (c *checker) checkTLSKeys(t *listener.TLSConfig) {
	checkOneOf(c, &t.ClientAuth, listener.ClientAuths())
	checkOneOf(c, &t.MinVersion, listener.TLSVersions())
	for _, file := range listener.TLSFiles() {
		if path := t.Path(file); c.has(path) && *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(c.name), *path)
		}
	}
}

// checkCertificate reads the files of t. Each path is in own, or else at the top
// of the file. A path that is in neither is missing in the value that where
// points to.
func (c *checker) checkCertificate(own *listener.TLSConfig, where any, t listener.TLSConfig) {
	at := func(file listener.TLSFile) any {
		for _, given := range []*listener.TLSConfig{own, &c.config.TLS} {
			if c.has(given.Path(file)) {
				return given.Path(file)
			}
		}
		return where
	}
	warning, err := t.Check(time.Now())
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		wrong := (*listener.TLSFileError)(nil)
		switch {
		case !errors.As(err, &wrong):
		case *t.Path(wrong.File) != "":
			c.report(at(wrong.File), "%w", wrong.Err)
		case wrong.File == listener.ClientCAFile:
			c.report(where, "lacks %s, without which client certificates cannot be verified; add it or write client_auth: %s", wrong.File, listener.ClientAuthNone)
		default:
			c.report(where, "lacks %s; add it", wrong.File)
		}
	}
	if warning != nil {
		c.warn(at(listener.CertFile), "%w", warning)
	}
}

func (c *checker) checkExpiry() {
	e := &c.config.Expiry
	for name, d := range e.Collectors {
		if d == 0 {
			c.report(mapKey{&e.Collectors, name}, "must be positive; write for example 15m")
		}
	}
}

func (c *checker) checkLimits() {
	l, most := &c.config.Limits, maxLimits()
	for _, limit := range []struct {
		value *int
		max   int
	}{
		{&l.Devices, most.Devices},
		{&l.SeriesPerMetric, most.SeriesPerMetric},
		{&l.Series, most.Series},
		{&l.LabelBytes, most.LabelBytes},
		{&l.LabelBytesPerDevice, most.LabelBytesPerDevice},
		{&l.TCPConnections, most.TCPConnections},
	} {
		if *limit.value < 1 || *limit.value > limit.max {
			c.report(limit.value, "%d is out of range; write 1 to %d", *limit.value, limit.max)
		}
	}
	if n := len(c.config.Devices); l.Devices >= 1 && n > l.Devices {
		where := any(&c.config.Devices)
		if c.has(&l.Devices) {
			where = &l.Devices
		}
		c.report(where, "the inventory has %d devices, limits.devices allows %d; raise it", n, l.Devices)
	}
}

func (c *checker) checkMessages() {
	checkUnique(c, c.config.Health.Reporters)
	m := &c.config.Messages
	checkUnique(c, m.Ignore)
	checkUnique(c, m.Count)
	for i, id := range m.Count {
		if j := slices.Index(m.Ignore, id); j >= 0 && id != 0 {
			c.report(&m.Count[i], "%s is ignored (line %d) and cannot be counted; remove one", id, c.line(&m.Ignore[j]))
		}
	}
	if len(m.Count) > ingest.MaxCounted {
		c.report(&m.Count, "has %d ids; write at most %d, because each is a series of each device", len(m.Count), ingest.MaxCounted)
	}
}

// checkWeb checks the links on the pages.
func (c *checker) checkWeb() {
	grafana := &c.config.Web.GrafanaURL
	if u, ok := c.checkURL(grafana, *grafana, "https://grafana.example.com"); ok && (u.RawQuery != "" || u.Fragment != "") {
		c.report(grafana, "%q has more than an address and a path; write the address of a board up to /d/", *grafana)
	}
	runbook := &c.config.Web.RunbookURL
	if _, ok := c.checkURL(runbook, *runbook, "https://wiki.example.com/firewalls/"+web.RunbookID); ok {
		if i := strings.IndexAny(strings.ReplaceAll(*runbook, web.RunbookID, ""), "{}"); i >= 0 {
			c.report(runbook, "%q has a brace; only %s stands for something", *runbook, web.RunbookID)
		}
	}
}

// checkURL reports a text in the file that is not the address of a web page.
func (c *checker) checkURL(where any, text, example string) (u *url.URL, ok bool) {
	if text == "" { // It is not there, which has been reported if it should be.
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.report(where, "%q is not the address of a web page; write for example %s", text, example)
		return nil, false
	}
	return u, true
}

// checkText reports a text that is too long for what it is used as, or that has
// bytes that would be replaced in a label value.
func (c *checker) checkText(where any, s string, most int) {
	if len(s) > most {
		c.report(where, "has %d bytes; write at most %d", len(s), most)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		c.report(where, "%q has a control character; remove it", s)
	}
}

func (c *checker) checkHost(where any, s string) {
	c.checkText(where, s, identity.MaxHost)
	if strings.Contains(s, " ") {
		c.report(where, "%q has a space, which host names cannot have; remove it", s)
	}
	if strings.Contains(s, "*") {
		c.report(where, "%q is not a host name, and patterns do not work here; write each name", s)
	}
}

// checkOneOf reports a word that is not one of the allowed ones.
func checkOneOf[T ~string](c *checker, word *T, allowed []T) {
	if *word != "" && !slices.Contains(allowed, *word) {
		c.report(word, "%q is unknown%s", *word, suggest(string(*word), texts(allowed)))
	}
}

// checkUnique reports values that a list has twice.
func checkUnique[T comparable](c *checker, list []T) {
	first := map[T]int{}
	var zero T
	for i, v := range list {
		if j, ok := first[v]; ok && v != zero {
			c.report(&list[i], "%s is given twice, first on line %d; remove one", c.text(&list[i]), c.line(&list[j]))
		} else {
			first[v] = i
		}
	}
}

// texts returns named strings as strings.
func texts[T ~string](all []T) []string {
	var s []string
	for _, v := range all {
		s = append(s, string(v))
	}
	return s
}
