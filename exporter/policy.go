package exporter

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// A policy is what the configuration says about messages, in the form in which
// each message needs it. It never changes; a reload makes another.
type policy struct {
	config     *Config
	identifier *Identifier
	ignored    []uint32 // Sorted.
	counted    []uint32 // Sorted.
	// allowed has the listeners that not everybody may send to, by name.
	allowed map[string]*ListenerConfig
}

func newPolicy(c *Config) *policy {
	p := &policy{config: c, identifier: NewIdentifier(c)}
	p.ignored = slices.Sorted(slices.Values(c.Messages.Ignore))
	p.counted = slices.Sorted(slices.Values(c.Messages.Count))
	for i := range c.Listeners {
		if l := &c.Listeners[i]; len(l.Allow) > 0 {
			if p.allowed == nil {
				p.allowed = map[string]*ListenerConfig{}
			}
			p.allowed[l.Address] = l
		}
	}
	return p
}

// trustsProxy reports whether addr is a proxy that speaks for others on the
// listener.
func (p *policy) trustsProxy(listener string, addr netip.Addr) bool {
	l := p.config.listener(listener)
	return l != nil && containsAddr(l.ProxyProtocol, addr)
}

func contains(sorted []uint32, id uint32) bool {
	if len(sorted) == 0 {
		return false
	}
	_, found := slices.BinarySearch(sorted, id)
	return found
}

// Configure applies a configuration to everything but the sockets. It may be
// called again at any time; a message is handled by one configuration or the
// other, never by parts of both. The certificates of tls:// listeners are read
// again; those that cannot be used stay as they were.
func (e *Exporter) Configure(c *Config) error {
	err := e.state.SetExpiry(map[string]time.Duration{
		"threat_detection": c.Expiry.ThreatDetection,
		"quota":            c.Expiry.Quota,
		"cluster":          c.Expiry.Cluster,
	})
	if err != nil {
		return err
	}
	e.state.SetLimits(collectors.Limits{Devices: c.Limits.Devices, SeriesPerMetric: c.Limits.SeriesPerMetric, Series: c.Limits.Series})
	e.maxConnections.Store(int64(c.Limits.TCPConnections))
	e.policy.Store(newPolicy(c))
	e.certificates.configure(c)
	return nil
}

// Reloaded notes in the metrics whether loading the configuration succeeded.
func (e *Exporter) Reloaded(err error) {
	if err != nil {
		e.metrics.reloadSuccess.Set(0)
		return
	}
	e.metrics.reloadSuccess.Set(1)
	e.metrics.reloadTime.Set(seconds(e.now()))
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// ExpectDevices puts the devices of the inventory into the table, so that one
// that never speaks can alert. Call it when the state of earlier runs is there.
// It returns the names of those for which the limits left no room.
func (e *Exporter) ExpectDevices() (refused []string) {
	for _, name := range e.policy.Load().identifier.Devices() {
		if !e.state.Ensure(name) {
			refused = append(refused, name)
		}
	}
	return refused
}

// ForgetSilentDevices forgets the devices that have been silent for longer than
// the configuration allows, and returns their names. Devices of the inventory
// stay.
func (e *Exporter) ForgetSilentDevices() []string {
	p := e.policy.Load()
	if p.config.Expiry.Devices <= 0 {
		return nil
	}
	return e.state.ForgetSilent(e.now().Add(-p.config.Expiry.Devices), func(name string) bool {
		return slices.Contains(p.identifier.Devices(), name)
	})
}

// Probe returns if messages can be applied to the table, for a watchdog: what
// reads messages waits for nothing else.
func (e *Exporter) Probe() { e.state.CheckLocks() }

// SilenceCheck is how often [Exporter.ForgetSilentDevices] should be called.
const SilenceCheck = time.Minute

// An inventoryCollector shows the free labels of the inventory. Each device has
// its own set of labels, so it describes nothing in advance.
type inventoryCollector struct{ exporter *Exporter }

// Describe implements [prometheus.Collector].
func (c inventoryCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c inventoryCollector) Collect(ch chan<- prometheus.Metric) {
	devices := c.exporter.policy.Load().config.Devices
	for i := range devices {
		d := &devices[i]
		if len(d.Labels) == 0 {
			continue
		}
		labels := prometheus.Labels{"device": d.Name}
		maps.Copy(labels, d.Labels)
		desc := prometheus.NewDesc("ftd_device_labels_info", "Labels that the inventory gives to a device; always 1.", nil, labels)
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1)
	}
}
