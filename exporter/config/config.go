// Package config reads the configuration file. A [Config] is made of the
// configuration of the packages that it is for: each owns the type of its part,
// with the keys of the file in its tags. This package owns the whole, the checks,
// and the reader, which reports every mistake in the file with its line and a
// remedy.
//
// It imports those packages for their types, and the YAML library. The program
// calls it at the start, at a reload, and to check a file.
package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A Config has the settings of the configuration file. The keys of the file are in the
// tags; docs/config.schema.json describes them for editors and
// examples/ftd_exporter.yml for people.
type Config struct {
	// Listeners replace the listeners of the command line, unless there are
	// none. See [Config.ListenerConfigs].
	Listeners []listener.Config `yaml:"listeners"`
	// Devices is the inventory, that of DevicesFiles included.
	Devices []identity.Device `yaml:"devices"`
	// DevicesFiles has patterns, as for [filepath.Glob], of files with more devices,
	// in YAML, JSON or CSV. See [Config.DevicesError].
	DevicesFiles []string        `yaml:"devices_files"`
	Identity     identity.Config `yaml:"identity"`
	Expiry       Expiry          `yaml:"expiry"`
	Limits       Limits          `yaml:"limits"`
	Messages     Messages        `yaml:"messages"`
	Health       Health          `yaml:"health"`
	// Timezones are for devices of the inventory that do not have a time zone of
	// their own, and for others.
	Timezones []identity.TimezoneRule `yaml:"timezones"`
	// TLS is for every tls:// listener, including those of the command line.
	TLS listener.TLSConfig `yaml:"tls"`
	// Web has the links on the pages.
	Web web.Config `yaml:"web"`

	warnings []string

	files *files // Nil without DevicesFiles.
}

// Expiry defines how long values are exposed after their last report.
type Expiry struct {
	// Collectors has the gauges of each collector that expire. Its keys are
	// keys of the file, and the file cannot have others: see [Options].
	Collectors map[string]time.Duration `yaml:",inline"`
	// Devices is after how much silence, in time in which the exporter listened, a
	// device is forgotten; 0 is never.
	Devices time.Duration `yaml:"devices"`
}

// Limits has the limits that senders cannot exceed.
type Limits struct {
	Devices         int `yaml:"devices"`
	SeriesPerMetric int `yaml:"series_per_metric"` // Of each device.
	Series          int `yaml:"series"`            // Of all devices.
	// What names and label values take in all devices and in each, in bytes; see
	// [state.Limits].
	LabelBytes          int `yaml:"label_bytes"`
	LabelBytesPerDevice int `yaml:"label_bytes_per_device"`
	TCPConnections      int `yaml:"tcp_connections"` // Of each listener.
}

// DefaultLimits returns the limits that hold unless the file sets others.
func DefaultLimits() Limits {
	t := state.DefaultLimits()
	return Limits{
		Devices: t.Devices, SeriesPerMetric: t.SeriesPerMetric, Series: t.Series,
		LabelBytes: t.LabelBytes, LabelBytesPerDevice: t.LabelBytesPerDevice, TCPConnections: 1000,
	}
}

// Table returns the limits of the table.
func (l *Limits) Table() state.Limits {
	return state.Limits{
		Devices: l.Devices, SeriesPerMetric: l.SeriesPerMetric, Series: l.Series,
		LabelBytes: l.LabelBytes, LabelBytesPerDevice: l.LabelBytesPerDevice,
	}
}

// maxLimits has the largest values that make sense; 1 is always the smallest.
// The table counts the series of a metric in 16 bits.
func maxLimits() Limits {
	return Limits{
		Devices: 1_000_000, SeriesPerMetric: 65_535, Series: 100_000_000,
		LabelBytes: min(10_000_000_000, math.MaxInt), LabelBytesPerDevice: min(10_000_000_000, math.MaxInt), TCPConnections: 1_000_000,
	}
}

// Messages has the ids that are treated specially; see [ingest.Config]. An id is
// in at most one of the lists.
type Messages struct {
	Ignore []catalog.ID `yaml:"ignore"`
	Count  []catalog.ID `yaml:"count"`
}

// Health has what concerns the health alerts of management centers.
type Health struct {
	// Reporters may report the health of other devices; see [ingest.Config].
	Reporters []netip.Prefix `yaml:"reporters"`
}

// Options has the values that the defaults depend on.
type Options struct {
	// ExpiryNames has the collectors with a metric that expires. They are the
	// keys of [Expiry] besides devices.
	ExpiryNames []string
	// Expiry is the default of each of them; [state.DefaultExpiry] if it is zero.
	Expiry time.Duration
}

// Default returns the configuration without a file.
func Default(o Options) *Config {
	if o.Expiry == 0 {
		o.Expiry = state.DefaultExpiry
	}
	c := &Config{
		Identity: identity.DefaultConfig(),
		Expiry:   Expiry{Collectors: map[string]time.Duration{}},
		Limits:   DefaultLimits(),
		TLS:      listener.TLSConfig{MinVersion: listener.TLS12},
	}
	for _, name := range o.ExpiryNames {
		c.Expiry.Collectors[name] = o.Expiry
	}
	return c
}

// Load reads a configuration file. What the file does not set is as in defaults,
// which Load does not modify; nil stands for [Default] without options. In the
// file, the collectors that have an expiry are those of defaults.
//
// The error joins every mistake in the file, sorted by line, each as
// "FILE:LINE: PATH: what is wrong; what to do". Files of certificates are read,
// too, so that a mistake is reported before a listener needs them. The file must
// be a regular one of at most 16 MiB, which can be read within ten seconds.
//
// Mistakes in files of [Config.DevicesFiles] are not in the error but in
// [Config.DevicesError]: other programs write them, and the exporter should not
// depend on that.
func Load(name string, defaults *Config) (*Config, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return load(name, data, defaults)
}

// load is Load for a file that has been read.
func load(name string, data []byte, defaults *Config) (*Config, error) {
	c, err := parse(name, data, defaults)
	if err != nil || len(c.DevicesFiles) == 0 {
		return c, err
	}
	return withDevices(c, &files{name: name, source: data, defaults: defaults}), nil
}

// newConfig returns a copy of defaults to read a file into; nil stands for [Default]
// without options.
func newConfig(defaults *Config) *Config {
	if defaults == nil {
		defaults = Default(Options{})
	}
	c := new(*defaults)
	c.Expiry.Collectors = maps.Clone(c.Expiry.Collectors)
	c.warnings, c.files = nil, nil
	return c
}

// parse returns the configuration in a file that has been read, without the devices
// of other files. Relative paths in it are relative to the directory of name.
func parse(name string, data []byte, defaults *Config) (*Config, error) {
	c := newConfig(defaults)
	d := newDocument(name, scalars())
	d.read(data, c)
	check := checker{d, c}
	check.all()
	if err := errors.Join(d.inOrder(d.problems)...); err != nil {
		return nil, err
	}
	for _, w := range d.inOrder(d.warnings) {
		c.warnings = append(c.warnings, w.Error())
	}
	return c, nil
}

// Warnings returns warnings about valid but harmful settings, such as an expired
// certificate; each as "FILE:LINE: PATH: what is wrong; what to do".
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// ListenerConfigs returns the complete configuration of all listeners: those of
// the file or, if it has none, one for each of addresses, which the command line
// gives. The settings of tls:// listeners are merged with those at the top of
// the file.
func (c *Config) ListenerConfigs(addresses []string) []listener.Config {
	all := slices.Clone(c.Listeners)
	if len(all) == 0 {
		for _, address := range addresses {
			all = append(all, listener.Config{Address: address})
		}
	}
	for i := range all {
		if a, err := listener.ParseAddress(all[i].Address); err == nil && a.Scheme == listener.TLS {
			all[i].TLS = all[i].TLS.WithDefaults(c.TLS)
		}
	}
	return all
}

// Ingest returns the part of the configuration for the handling of frames. It
// shares memory with c.
func (c *Config) Ingest() ingest.Config {
	i := ingest.Config{Identity: c.Identity, Devices: c.Devices, Timezones: c.Timezones, Ignore: c.Messages.Ignore, Count: c.Messages.Count, Reporters: c.Health.Reporters}
	for _, l := range c.Listeners {
		if len(l.Allow) > 0 {
			if i.Allow == nil {
				i.Allow = map[string][]netip.Prefix{}
			}
			i.Allow[l.Address] = l.Allow
		}
	}
	return i
}
