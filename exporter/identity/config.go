package identity

import (
	"net/netip"
	"time"
)

const (
	// MaxHost is the longest host name that counts as one, in bytes (RFC 1035
	// section 2.3.4). With room for so many [Identifier.Name] does not allocate.
	MaxHost = 255
	// MaxName is the longest name of a device in an inventory, in bytes. Label
	// values are cut off there.
	MaxName = 128
)

// UnknownDevice is the name that all unknown senders share under
// [UnknownShared], and the name of a sender of which nothing at all is known.
const UnknownDevice = "unknown"

// A Device is one device of the inventory. Its tags are the keys of the
// configuration file.
type Device struct {
	// Name is the value of the label device. It is a host name of the device
	// as well, and so is each of Addresses that is a single address.
	Name string `yaml:"name"`
	// Addresses has the addresses and networks that the device sends from. If two
	// networks contain an address, the smaller one decides.
	Addresses []netip.Prefix `yaml:"addresses"`
	// Hosts has the names that the device may have in a header.
	Hosts []string `yaml:"hosts"`
	// Timezone is where the clock of the device is set, for timestamps that do not
	// have an offset from UTC; nil if it is not known. See [Timezones].
	Timezone *time.Location `yaml:"timezone"`
	// Labels are exported once, in ftd_device_labels_info. This package only
	// carries them, and Interfaces.
	Labels map[string]string `yaml:"labels"`
	// Interfaces has the names of the interfaces that must be up, as messages of the
	// device spell them. They are exported in ftd_device_interface_info, which the
	// alert on an interface that is down reads.
	Interfaces []string `yaml:"interfaces"`
}

// A Config defines how the sender of a message gets its name; see
// [Identifier.Name]. Its tags are the keys of the configuration file. The zero
// Config does as [DefaultConfig].
type Config struct {
	// Order has the sources to ask, the most reliable first; all of them, in
	// the order of [Sources], if it is empty.
	Order []Source `yaml:"order"`
	// HeaderNames has rules for headers in which the device's name is not where it
	// usually is. What the first rule that finds a host finds is the host of
	// [SourceDeviceID].
	HeaderNames []HeaderRule `yaml:"header_names"`
	// TrustedRelays has the addresses of relays: they name other senders in the
	// header, and if they do, their own address does not name a device.
	TrustedRelays []netip.Prefix `yaml:"trusted_relays"`
	// Strict trusts a host in a header only if it comes from a trusted relay, or
	// from an inventory address of the device it names.
	Strict bool `yaml:"strict"`
	// LowerCase turns ASCII letters of host names to lower case.
	LowerCase bool `yaml:"lower_case"`
	// StripDomain removes everything from the first dot of a host name on.
	StripDomain bool `yaml:"strip_domain"`
	// StripDomains removes only these domains. At most one of the two is set.
	StripDomains []string `yaml:"strip_domains"`
	// Aliases maps earlier names to present names.
	Aliases map[string]string `yaml:"aliases"`
	// Unknown is the policy for senders that are neither in the inventory nor in
	// the aliases.
	Unknown UnknownPolicy `yaml:"unknown"`
}

// DefaultConfig returns the rules without a configuration file: every sender is
// a device, named by the first source that yields a name.
func DefaultConfig() Config { return Config{Order: Sources(), Unknown: UnknownAccept} }

// A Source is something that a sender can be named by.
type Source string

// The sources of identity.
const (
	// SourceDeviceID is the host in the device's own header.
	SourceDeviceID Source = "device_id"
	// SourceHost is the name that a relay has given to the sender: in the header
	// that it has put in front, or in words.
	SourceHost Source = "host"
	// SourceClientName is the name in the TLS client certificate.
	SourceClientName Source = "client_name"
	// SourceAddress is the address of the sender.
	SourceAddress Source = "address"
)

// Sources returns all sources in their default order.
func Sources() []Source {
	return []Source{SourceDeviceID, SourceHost, SourceClientName, SourceAddress}
}

// An UnknownPolicy defines what happens to the messages of unknown senders.
type UnknownPolicy string

// The policies for unknown senders.
const (
	// UnknownAccept makes every unknown sender a device. It is the default.
	UnknownAccept UnknownPolicy = "accept"
	// UnknownShared makes all of them one device, [UnknownDevice].
	UnknownShared UnknownPolicy = "bucket"
	// UnknownReject rejects their messages.
	UnknownReject UnknownPolicy = "reject"
)

// UnknownPolicies returns all policies, as a configuration file spells them.
func UnknownPolicies() []UnknownPolicy {
	return []UnknownPolicy{UnknownAccept, UnknownShared, UnknownReject}
}
