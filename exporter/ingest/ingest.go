// Package ingest is the only way from received lines to the table. Whatever
// way a line comes in, from a socket, a file or the command line, the same code
// names its device and applies it.
//
//	listener, history ──► Feed.Frame ──► syslog.Parser        finds the tag and the sender
//	                                     identity.Identifier  names the device
//	                                     catalog.Match        matches the text
//	                                     state.Table          keeps the state
//
// A [Pipeline] is the configuration of that way and its metrics. Each socket,
// connection or file has a [Feed] of its own, so that the order of its messages
// is kept and nothing on the way needs a lock. [Pipeline.Explain] reports the
// same steps in words.
//
// It imports syslog, identity, catalog, state and client_golang. Package
// exporter makes the Pipeline; listeners and history use its Feeds.
package ingest

import (
	"bytes"
	"iter"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A Pipeline applies messages to a table. All methods may be called from any
// goroutine.
type Pipeline struct {
	catalog *catalog.Catalog
	table   *state.Table
	metrics *metrics
	now     func() time.Time
	policy  atomic.Pointer[policy]
	unread  unread
}

// Options are the options of a Pipeline.
type Options struct {
	// Metrics is where the Pipeline registers its metrics; nil for nowhere.
	Metrics prometheus.Registerer
	// Logger gets the texts of hardware messages that match no template. It must
	// not make its callers wait. Nil stands for no log.
	Logger *slog.Logger
	// Now is the present time, for [Pipeline.Explain]; time.Now by default.
	Now func() time.Time
}

// New returns a Pipeline for the messages of c, which must be the catalog of the
// table, with the zero [Config]. It returns an error if a metric of its name is
// registered already.
func New(c *catalog.Catalog, table *state.Table, o Options) (*Pipeline, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Pipeline{catalog: c, table: table, metrics: newMetrics(c), now: o.Now}
	p.unread.logger = o.Logger
	if o.Metrics != nil {
		if err := p.metrics.register(o.Metrics); err != nil {
			return nil, err
		}
	}
	p.Configure(Config{})
	return p, nil
}

// Configure replaces the configuration. A message is handled by one
// configuration or the other, never by parts of both.
func (p *Pipeline) Configure(c Config) {
	for _, name := range c.Sources {
		p.metrics.sources.of(name)
	}
	p.policy.Store(newPolicy(&c))
}

// Known reports whether the inventory has a device of this name.
func (p *Pipeline) Known(device string) bool { return p.policy.Load().identifier.Has(device) }

// Renames yields the names that the configuration replaces, and the present name
// for each; see [identity.Identifier.Renames].
func (p *Pipeline) Renames() iter.Seq2[string, string] { return p.policy.Load().identifier.Renames() }

// A policy is a [Config] in the form in which each message needs it. It never
// changes; another Config makes another policy.
type policy struct {
	identifier      *identity.Identifier
	timezones       *identity.Timezones
	allow           map[string]*identity.Prefixes // By listener.
	reporters       *identity.Prefixes            // Nil if none are configured.
	ignore, countID []catalog.ID                  // Sorted.
	headerNames     []syslog.Rule
}

func newPolicy(c *Config) *policy {
	p := &policy{
		identifier: identity.New(&c.Identity, c.Devices, nil),
		timezones:  identity.NewTimezones(c.Devices, c.Timezones),
		allow:      map[string]*identity.Prefixes{},
		ignore:     slices.Sorted(slices.Values(c.Ignore)),
		countID:    slices.Sorted(slices.Values(c.Count)),
	}
	if len(c.Reporters) > 0 {
		p.reporters = identity.NewPrefixes(c.Reporters)
	}
	for _, rule := range c.Identity.HeaderNames {
		p.headerNames = append(p.headerNames, syslog.Rule{After: rule.After, Word: rule.Word})
	}
	for listener, networks := range c.Allow {
		if len(networks) > 0 {
			p.allow[listener] = identity.NewPrefixes(networks)
		}
	}
	return p
}

// accountable returns the address that what a message creates is charged to, or one
// that is not valid: trusted relays and management centers send for many devices, and
// so may what is on the same machine, such as a relay or a proxy.
func (p *policy) accountable(from netip.Addr) netip.Addr {
	if from.Unmap().IsLoopback() || p.identifier.IsRelay(from) || p.reporters != nil && p.reporters.Contains(from) {
		return netip.Addr{}
	}
	return from
}

// mayReport reports whether the sender with an address may report the health of
// other devices. Lines without an address are from a log or from this machine.
func (p *policy) mayReport(from netip.Addr) bool {
	switch {
	case !from.IsValid() || p.identifier.IsRelay(from):
		return true
	case p.reporters != nil:
		return p.reporters.Contains(from)
	}
	return !p.identifier.IsStrict()
}

// subject returns the name of the device that a message is about, or nil if that
// is the sender. It returns false if the message is to be rejected because the
// device is unknown. The name is like that of [identity.Identifier.Subject].
func (p *policy) subject(dst, host, sender []byte) (name []byte, ok bool) {
	if host == nil {
		return nil, true
	}
	if name, ok = p.identifier.Subject(dst, host); ok && bytes.Equal(name, sender) {
		name = nil
	}
	return name, ok
}

// ownAddress returns the address that a device sends from if messages come from this one,
// or one that is not valid if it is that of a trusted relay.
func (p *policy) ownAddress(from netip.Addr) netip.Addr {
	if p.identifier.IsRelay(from) {
		return netip.Addr{}
	}
	return from.Unmap()
}

func contains(sorted []catalog.ID, id catalog.ID) bool {
	if len(sorted) == 0 {
		return false
	}
	_, found := slices.BinarySearch(sorted, id)
	return found
}
