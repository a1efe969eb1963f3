package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"
)

// A Config is what the configuration file says. The keys of the file are those
// in the tags; docs/config.schema.json describes them for editors and
// examples/ftd_exporter.yml for people.
type Config struct {
	// Listeners replace those of the command line, unless there are none.
	Listeners []ListenerConfig `yaml:"listeners"`
	// Devices is the inventory.
	Devices  []DeviceConfig `yaml:"devices"`
	Identity IdentityConfig `yaml:"identity"`
	Expiry   ExpiryConfig   `yaml:"expiry"`
	Limits   LimitsConfig   `yaml:"limits"`
	Messages MessagesConfig `yaml:"messages"`
	// TLS is for every tls:// listener, also those of the command line.
	TLS TLSConfig `yaml:"tls"`

	warnings []string
}

// Warnings returns what is no mistake in the file but does harm, such as a
// certificate that has expired; each as "FILE:LINE: what is wrong; what to do".
func (c *Config) Warnings() []string { return c.warnings }

// A ListenerConfig is one address to receive syslog on.
type ListenerConfig struct {
	// Address is written as for [Exporter.Listen].
	Address string `yaml:"address"`
	// Allow has the networks that may send here, in the order of the file. If
	// it is empty all may.
	Allow []netip.Prefix `yaml:"allow"`
	// ProxyProtocol has the proxies that speak for others here. Each must
	// begin a connection with a header of the PROXY protocol, version 1 or 2;
	// Allow and identity see the address that it names.
	ProxyProtocol []netip.Prefix `yaml:"proxy_protocol"`
	// TLS has what this listener has otherwise than [Config.TLS] says.
	TLS TLSConfig `yaml:"tls"`
}

// A TLSConfig says how a tls:// listener proves who it is, and what it wants
// its clients to prove. What is empty is not given.
type TLSConfig struct {
	// CertFile has the certificate of the listener and those between it and
	// its root, in PEM form, KeyFile its private key. A relative path in a
	// configuration file is relative to that file.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// ClientCAFile has the certificates of those who vouch for clients.
	ClientCAFile string `yaml:"client_ca_file"`
	// ClientAuth is [ClientAuthRequire] by default if there is a ClientCAFile,
	// else [ClientAuthNone].
	ClientAuth ClientAuth `yaml:"client_auth"`
	// MinVersion is the oldest version of TLS that is spoken.
	MinVersion TLSVersion `yaml:"min_version"`
}

// A ClientAuth says whether clients need a certificate.
type ClientAuth string

// What is wanted of clients. A certificate that is given must always be good.
const (
	ClientAuthNone     ClientAuth = "none"
	ClientAuthOptional ClientAuth = "optional"
	ClientAuthRequire  ClientAuth = "require"
)

func clientAuths() []ClientAuth {
	return []ClientAuth{ClientAuthNone, ClientAuthOptional, ClientAuthRequire}
}

// A TLSVersion is a version of TLS.
type TLSVersion string

// The versions that are spoken.
const (
	TLS12 TLSVersion = "1.2"
	TLS13 TLSVersion = "1.3"
)

func tlsVersions() []TLSVersion { return []TLSVersion{TLS12, TLS13} }

// listener returns what the file says about a listener, if anything.
func (c *Config) listener(address string) *ListenerConfig {
	for i := range c.Listeners {
		if l := &c.Listeners[i]; l.Address == address {
			return l
		}
	}
	return nil
}

// tls returns the settings of a tls:// listener, with all defaults.
func (c *Config) tls(address string) TLSConfig {
	t := c.TLS
	if l := c.listener(address); l != nil {
		t = l.TLS.or(t)
	}
	if t.ClientAuth == "" {
		t.ClientAuth = ClientAuthNone
		if t.ClientCAFile != "" {
			t.ClientAuth = ClientAuthRequire
		}
	}
	return t
}

// or returns t, and of other what t does not have.
func (t TLSConfig) or(other TLSConfig) TLSConfig {
	return TLSConfig{
		CertFile:     cmp.Or(t.CertFile, other.CertFile),
		KeyFile:      cmp.Or(t.KeyFile, other.KeyFile),
		ClientCAFile: cmp.Or(t.ClientCAFile, other.ClientCAFile),
		ClientAuth:   cmp.Or(t.ClientAuth, other.ClientAuth),
		MinVersion:   cmp.Or(t.MinVersion, other.MinVersion),
	}
}

// Allows reports whether a sender with this address may send here. An invalid
// address, that of a sender without one, is in no network. It looks at one
// network after the other, so networks are better than thousands of hosts.
func (l *ListenerConfig) Allows(a netip.Addr) bool {
	return len(l.Allow) == 0 || containsAddr(l.Allow, a)
}

func containsAddr(networks []netip.Prefix, a netip.Addr) bool {
	a = plainAddr(a)
	for _, p := range networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// A DeviceConfig is one device of the inventory.
type DeviceConfig struct {
	// Name is the value of the label device. It is a host name of the device
	// as well, and so is each address that is no network.
	Name string `yaml:"name"`
	// Addresses has what the device sends from. Of two networks that contain
	// an address the smaller one decides.
	Addresses []netip.Prefix `yaml:"addresses"`
	// Hosts has the names that the device may have in a header.
	Hosts []string `yaml:"hosts"`
	// Labels are exported once, in ftd_device_labels_info.
	Labels map[string]string `yaml:"labels"`
}

// An IdentityConfig says how the sender of a message gets its name; see
// [Identifier.Name].
type IdentityConfig struct {
	// Order is what to look at, the most telling first.
	Order []IdentitySource `yaml:"order"`
	// TrustedRelays has the addresses of relays: they name others in the
	// header, and their own address is nobody's name if they do.
	TrustedRelays []netip.Prefix `yaml:"trusted_relays"`
	// Strict says that a host in a header is believed only if it comes from a
	// trusted relay, or from an inventoried address of the device it names.
	Strict bool `yaml:"strict"`
	// LowerCase turns ASCII letters of host names to lower case.
	LowerCase bool `yaml:"lower_case"`
	// StripDomain removes everything from the first dot of a host name on.
	StripDomain bool `yaml:"strip_domain"`
	// StripDomains removes only these domains. A file has one of the two at most.
	StripDomains []string `yaml:"strip_domains"`
	// Aliases maps names that were to names that are.
	Aliases map[string]string `yaml:"aliases"`
	// Unknown says what to do with a sender that neither the inventory nor an
	// alias knows.
	Unknown UnknownPolicy `yaml:"unknown"`
}

// An IdentitySource is something that tells who sent a message.
type IdentitySource string

// The sources of identity.
const (
	// SourceDeviceID is the host in the device's own header.
	SourceDeviceID IdentitySource = "device_id"
	// SourceHost is the host in the header that a relay has put in front.
	SourceHost IdentitySource = "host"
	// SourceClientName is the name in the TLS client certificate.
	SourceClientName IdentitySource = "client_name"
	// SourceAddress is the address of the sender.
	SourceAddress IdentitySource = "address"
)

func identitySources() []IdentitySource {
	return []IdentitySource{SourceDeviceID, SourceHost, SourceClientName, SourceAddress}
}

// An UnknownPolicy says what to do with the messages of unknown senders.
type UnknownPolicy string

// The policies for unknown senders.
const (
	// UnknownAccept makes a device of every unknown sender.
	UnknownAccept UnknownPolicy = "accept"
	// UnknownBucket makes all of them one device, [UnknownDevice].
	UnknownBucket UnknownPolicy = "bucket"
	// UnknownReject rejects their messages.
	UnknownReject UnknownPolicy = "reject"
)

func unknownPolicies() []UnknownPolicy {
	return []UnknownPolicy{UnknownAccept, UnknownBucket, UnknownReject}
}

// An ExpiryConfig says how long values are shown after their last report.
type ExpiryConfig struct {
	ThreatDetection time.Duration `yaml:"threat_detection"`
	Quota           time.Duration `yaml:"quota"`
	Cluster         time.Duration `yaml:"cluster"`
	// Devices is when a silent device is forgotten; 0 is never.
	Devices time.Duration `yaml:"devices"`
}

// A LimitsConfig has the limits that senders can't exceed.
type LimitsConfig struct {
	Devices         int `yaml:"devices"`
	SeriesPerMetric int `yaml:"series_per_metric"` // Of each device.
	Series          int `yaml:"series"`            // Of all devices.
	TCPConnections  int `yaml:"tcp_connections"`   // Of each listener.
}

// maxLimits has the largest values that make sense; 1 is always the smallest.
// The table counts the series of a metric in 16 bits.
func maxLimits() LimitsConfig {
	return LimitsConfig{Devices: 1_000_000, SeriesPerMetric: 65_535, Series: 100_000_000, TCPConnections: 1_000_000}
}

// A MessagesConfig names messages that are treated specially. An id is in one
// of the lists at most.
type MessagesConfig struct {
	// Ignore has ids to drop as if they had never come.
	Ignore []uint32 `yaml:"ignore"`
	// Count has ids beyond the catalogue to count one by one, at most
	// [maxCountedMessages].
	Count []uint32 `yaml:"count"`
}

const (
	maxCountedMessages = 200
	// maxNameLength is the longest name of a device, in bytes: what the table
	// keeps of a label value.
	maxNameLength = 128
	// maxHostLength is the longest host that is believed to be one, in bytes
	// (RFC 1035 section 2.3.4).
	maxHostLength = 255
)

// DefaultConfig returns what an empty configuration file says.
func DefaultConfig() *Config {
	return &Config{
		Identity: IdentityConfig{Order: identitySources(), Unknown: UnknownAccept},
		Expiry:   ExpiryConfig{ThreatDetection: 15 * time.Minute, Quota: 15 * time.Minute, Cluster: 15 * time.Minute},
		Limits:   LimitsConfig{Devices: 10_000, SeriesPerMetric: 200, Series: 1_000_000, TCPConnections: 1000},
		TLS:      TLSConfig{MinVersion: TLS12},
	}
}

// LoadConfig reads a configuration file. What the file does not set is as in
// defaults, which it does not keep; nil stands for [DefaultConfig]. The error joins every mistake in the file, sorted by line, each as
// "FILE:LINE: what is wrong; what to do".
func LoadConfig(name string, defaults *Config) (*Config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c := DefaultConfig()
	if defaults != nil {
		*c = *defaults
	}
	if err := parseConfig(name, data, c); err != nil {
		return nil, err
	}
	return c, nil
}

// parseConfig sets in c what data says and checks the whole.
func parseConfig(name string, data []byte, c *Config) error {
	f := newConfigFile(name)
	f.read(data, c)
	f.checkListeners(c)
	f.checkTLS(c)
	f.checkDevices(c)
	f.checkIdentity(&c.Identity)
	f.checkOwners(c)
	f.checkExpiry(&c.Expiry)
	f.checkLimits(c)
	f.checkMessages(&c.Messages)
	for _, w := range f.list(f.warnings) {
		c.warnings = append(c.warnings, w.Error())
	}
	return errors.Join(f.list(f.mistakes)...)
}

// In the checks below a zero value was not given or could not be read, which
// has been reported then.

func (f *configFile) checkListeners(c *Config) {
	if c.Listeners != nil && len(c.Listeners) == 0 {
		f.fail(&c.Listeners, "is empty; name a listener, or remove the key to use those of the command line")
	}
	addresses := make([]string, len(c.Listeners))
	for i := range c.Listeners {
		l := &c.Listeners[i]
		addresses[i] = l.Address
		scheme, _, err := parseListenAddress(l.Address)
		if !f.has(&l.Address) {
			f.fail(l, "has no address; write for example address: udp://:5514")
		} else if l.Address != "" && err != nil {
			f.fail(&l.Address, "%w", err)
		}
		if j := slices.Index(addresses, l.Address); j < i && l.Address != "" {
			f.fail(&l.Address, "%q is given twice, first on line %d; remove one", l.Address, f.line(&c.Listeners[j].Address))
		}
		if l.Allow != nil && len(l.Allow) == 0 {
			f.fail(&l.Allow, "is empty; name who may send, or remove the key to allow all")
		}
		checkUnique(f, l.Allow)
		if len(l.Allow) > 0 && strings.HasPrefix(l.Address, "unixgram://") {
			f.fail(&l.Allow, "cannot be: who sends over a Unix socket has no address; restrict the directory of the socket instead")
		}
		if l.ProxyProtocol != nil && len(l.ProxyProtocol) == 0 {
			f.fail(&l.ProxyProtocol, "is empty; name the proxies, or remove the key if there is none")
		}
		checkUnique(f, l.ProxyProtocol)
		if f.has(&l.ProxyProtocol) && err == nil && scheme != schemeTCP && scheme != schemeTLS {
			f.fail(&l.ProxyProtocol, "is for tcp:// and tls:// listeners; remove it")
		}
	}
}

// checkTLS resolves the paths of certificates and reads them, so that what is
// wrong with them is known before a listener needs them.
func (f *configFile) checkTLS(c *Config) {
	f.checkTLSKeys(&c.TLS)
	files := map[TLSConfig]bool{}
	if f.has(&c.TLS.CertFile) || f.has(&c.TLS.KeyFile) {
		files[c.tls("")] = true
		f.checkCertificate(c, &c.TLS, &c.TLS, c.tls(""))
	}
	for i := range c.Listeners {
		l := &c.Listeners[i]
		f.checkTLSKeys(&l.TLS)
		scheme, _, err := parseListenAddress(l.Address)
		switch t := c.tls(l.Address); {
		case err != nil: // Has been reported.
		case scheme != schemeTLS:
			if f.has(&l.TLS) {
				f.fail(&l.TLS, "is for tls:// listeners; write tls:// in the address, or remove it")
			}
		case t.CertFile == "" && t.KeyFile == "":
			f.fail(&l.Address, "%q needs a certificate; add tls: {cert_file: ..., key_file: ...} here or at the top of the file", l.Address)
		case !files[t]:
			files[t] = true
			where := any(&l.Address)
			if f.has(&l.TLS) {
				where = &l.TLS
			}
			f.checkCertificate(c, &l.TLS, where, t)
		}
	}
}

func (f *configFile) checkTLSKeys(t *TLSConfig) {
	f.checkOneOf(&t.ClientAuth, string(t.ClientAuth), texts(clientAuths()))
	f.checkOneOf(&t.MinVersion, string(t.MinVersion), texts(tlsVersions()))
	for file := range numTLSFiles {
		if path := t.path(file); f.has(path) && *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(f.name), *path)
		}
	}
}

// checkCertificate reads the files of t, most of which own gives, or else the
// top of the file. What is given nowhere is missing in what where points to.
func (f *configFile) checkCertificate(c *Config, own *TLSConfig, where any, t TLSConfig) {
	at := func(file tlsFile) any {
		for _, given := range []*TLSConfig{own, &c.TLS} {
			if f.has(given.path(file)) {
				return given.path(file)
			}
		}
		return where
	}
	credential, _, err := t.load()
	if wrong := (*tlsError)(nil); errors.As(err, &wrong) {
		switch {
		case *t.path(wrong.file) != "":
			f.fail(at(wrong.file), "%w", wrong.err)
		case wrong.file == clientCAFile:
			f.fail(where, "has no client_ca_file, without which no client certificate can be checked; add it or write client_auth: %s", ClientAuthNone)
		default:
			f.fail(where, "has no %s; add it", wrong.file)
		}
		return
	}
	if err := credential.validity(time.Now()); err != nil {
		f.warn(at(certFile), "%w", err)
	}
}

func (f *configFile) checkDevices(c *Config) {
	for i := range c.Devices {
		d := &c.Devices[i]
		if !f.has(&d.Name) {
			f.fail(d, "has no name; add name: with the value that the label device shall have")
		}
		f.checkText(&d.Name, d.Name, maxNameLength)
		checkUnique(f, d.Addresses)
		checkUnique(f, d.Hosts)
		for j := range d.Hosts {
			f.checkHost(&d.Hosts[j], d.Hosts[j])
		}
		for _, name := range slices.Sorted(maps.Keys(d.Labels)) {
			entry := mapEntry{&d.Labels, name}
			switch {
			case name == "device":
				f.fail(entry, "every device metric has this label already; choose another name")
			case strings.HasPrefix(name, "__"):
				f.fail(entry, "names that begin with __ belong to Prometheus; choose another name")
			case !model.LegacyValidation.IsValidLabelName(name):
				f.fail(entry, "%q is no label name; use letters, digits and underscores, no digit first", name)
			}
			f.checkText(entry, d.Labels[name], maxNameLength)
		}
	}
}

func (f *configFile) checkIdentity(id *IdentityConfig) {
	if len(id.Order) == 0 {
		f.fail(&id.Order, "is empty; name at least one of %s", strings.Join(texts(identitySources()), ", "))
	}
	for i := range id.Order {
		f.checkOneOf(&id.Order[i], string(id.Order[i]), texts(identitySources()))
	}
	checkUnique(f, id.Order)
	checkUnique(f, id.TrustedRelays)
	if f.has(&id.StripDomain) && f.has(&id.StripDomains) {
		f.fail(&id.StripDomains, "strip_domain is there already (line %d); remove one of the two", f.line(&id.StripDomain))
	}
	for i := range id.StripDomains {
		domain := &id.StripDomains[i]
		f.checkHost(domain, *domain)
		if strings.HasPrefix(*domain, ".") {
			f.fail(domain, "%q begins with a dot; write %s", *domain, strings.TrimLeft(*domain, "."))
		}
	}
	checkUnique(f, id.StripDomains)
	for _, before := range slices.Sorted(maps.Keys(id.Aliases)) {
		entry := mapEntry{&id.Aliases, before}
		f.checkHost(entry, before)
		f.checkText(entry, id.Aliases[before], maxNameLength)
	}
	f.checkOneOf(&id.Unknown, string(id.Unknown), texts(unknownPolicies()))
}

// checkOwners reports names and addresses that belong to two devices.
func (f *configFile) checkOwners(c *Config) {
	newIdentifier(c, func(where any, name string, owner known) {
		what := fmt.Sprintf("%q", f.text(where))
		if name != f.text(where) {
			what += fmt.Sprintf(" (as %q)", name)
		}
		if owner.device < 0 {
			f.fail(where, "%s is an alias of %q already; remove one", what, owner.name)
			return
		}
		f.fail(where, "%s belongs to device %q already (line %d); remove one", what, owner.name, f.line(&c.Devices[owner.device].Name))
	})
	for _, before := range slices.Sorted(maps.Keys(c.Identity.Aliases)) {
		after := c.Identity.Aliases[before]
		if last, ok := c.Identity.Aliases[after]; ok {
			f.fail(mapEntry{&c.Identity.Aliases, before}, "%q is an alias itself, and aliases are followed once; write %q", after, last)
		}
	}
	if c.Identity.Unknown == UnknownReject && len(c.Devices) == 0 && len(c.Identity.Aliases) == 0 {
		f.fail(&c.Identity.Unknown, "rejects every message, because no device is known; name devices, or write accept")
	}
}

func (f *configFile) checkExpiry(e *ExpiryConfig) {
	for _, d := range []*time.Duration{&e.ThreatDetection, &e.Quota, &e.Cluster} {
		if *d == 0 {
			f.fail(d, "must be positive; write for example 15m")
		}
	}
}

func (f *configFile) checkLimits(c *Config) {
	l, most := &c.Limits, maxLimits()
	for _, limit := range []struct {
		value *int
		max   int
	}{
		{&l.Devices, most.Devices},
		{&l.SeriesPerMetric, most.SeriesPerMetric},
		{&l.Series, most.Series},
		{&l.TCPConnections, most.TCPConnections},
	} {
		if *limit.value < 1 || *limit.value > limit.max {
			f.fail(limit.value, "%d is out of range; write 1 to %d", *limit.value, limit.max)
		}
	}
	if n := len(c.Devices); l.Devices >= 1 && n > l.Devices {
		where := any(&c.Devices)
		if f.has(&l.Devices) {
			where = &l.Devices
		}
		f.fail(where, "the inventory has %d devices, limits.devices allows %d; raise it", n, l.Devices)
	}
}

func (f *configFile) checkMessages(m *MessagesConfig) {
	checkUnique(f, m.Ignore)
	checkUnique(f, m.Count)
	for i, id := range m.Count {
		if j := slices.Index(m.Ignore, id); j >= 0 && id != 0 {
			f.fail(&m.Count[i], "%06d is ignored (line %d) and can't be counted; remove one", id, f.line(&m.Ignore[j]))
		}
	}
	if len(m.Count) > maxCountedMessages {
		f.fail(&m.Count, "has %d ids; at most %d are counted, because each is a series of each device", len(m.Count), maxCountedMessages)
	}
}

// checkText reports a text that is too long for a label value, or that would
// be changed in one.
func (f *configFile) checkText(where any, s string, most int) {
	if len(s) > most {
		f.fail(where, "has %d bytes; at most %d are allowed", len(s), most)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		f.fail(where, "%q has a control character; remove it", s)
	}
}

func (f *configFile) checkHost(where any, s string) {
	f.checkText(where, s, maxHostLength)
	if strings.Contains(s, " ") {
		f.fail(where, "%q has a blank, which no host name has; remove it", s)
	}
}

func (f *configFile) checkOneOf(where any, s string, allowed []string) {
	if s != "" && !slices.Contains(allowed, s) {
		f.fail(where, "%q is unknown%s", s, suggest(s, allowed))
	}
}

// checkUnique reports values that a list has twice.
func checkUnique[T comparable](f *configFile, list []T) {
	first := map[T]int{}
	var zero T
	for i, v := range list {
		if j, ok := first[v]; ok && v != zero {
			f.fail(&list[i], "%s is given twice, first on line %d; remove one", f.text(&list[i]), f.line(&list[j]))
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
