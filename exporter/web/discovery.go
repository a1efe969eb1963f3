package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// This file makes each device a target of its own: /sd lists the devices for
// Prometheus, and /metrics?device=NAME has the series of one.

// A target is an element of what http_sd_configs of Prometheus reads.
type target struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// serveTargets answers with a target for each device. Its labels make Prometheus
// scrape /metrics?device=NAME of this exporter and use NAME as instance.
func (o *Options) serveTargets(w http.ResponseWriter, r *http.Request) {
	names := o.Table.Devices()
	targets := make([]target, 0, len(names))
	for _, name := range names {
		labels := map[string]string{
			"__metrics_path__":  o.TelemetryPath,
			"__param_device":    name,
			"instance":          name,
			"__meta_ftd_device": name,
		}
		for label, value := range o.Labels(name) {
			labels["__meta_ftd_"+label] = value
		}
		targets = append(targets, target{[]string{r.Host}, labels})
	}
	writeJSON(w, http.StatusOK, targets)
}

// An unknownDeviceError means that a scrape asks for devices that do not exist.
type unknownDeviceError struct{ names []string }

func (e unknownDeviceError) Error() string {
	return fmt.Sprintf("there is no device %q; /sd lists the devices", e.names)
}

// devices returns the series of the named devices, once they are on disk. The
// name "" stands for everything that does not have a device, such as the exporter's own
// metrics. The caller calls release when it no longer needs them.
func (s *scraper) devices(format expfmt.Format, names []string) (snap *snapshot, release func(), err error) {
	snap = &snapshot{}
	part := namedDevices{names: names, labels: s.labels, interfaces: s.interfaces}
	if f, ok := tableFormat(format); ok {
		snap.table = s.table.ExposeDevices(hasStarts(f), names...)
	} else {
		part.table = s.table
	}
	r := prometheus.NewRegistry()
	if err := register(r, part); err != nil {
		return nil, nil, err
	}
	gatherers := []prometheus.Gatherer{r}
	if slices.Contains(names, "") {
		gatherers = append(gatherers, withoutDevice{s.gatherer})
	}
	if snap.families, err = gather(gatherers...); err != nil {
		s.logger.Error("Gathering metrics failed", "err", err)
		return nil, nil, err
	}
	if len(snap.families) == 0 && (snap.table == nil || snap.table.Len() == 0) {
		return nil, nil, unknownDeviceError{names}
	}
	s.stored(commitWait) // What a scrape has shown survives the process.
	return snap, func() {}, nil
}

// namedDevices collects the metrics of some devices: their labels in the
// inventory and, if table is not nil, their series. It describes nothing in
// advance.
type namedDevices struct {
	table  Table
	names  []string
	labels func(device string) map[string]string
	// interfaces is [Options.Interfaces].
	interfaces func(device string) []string
}

func (c namedDevices) Describe(chan<- *prometheus.Desc) {}

func (c namedDevices) Collect(ch chan<- prometheus.Metric) {
	if c.table != nil {
		c.table.CollectDevices(ch, c.names...)
	}
	for i, name := range c.names {
		if !slices.Contains(c.names[:i], name) {
			CollectInventory(ch, name, c.labels(name), c.interfaces(name))
		}
	}
}

// CollectInventory sends the metrics of what the inventory has about a device:
// its labels, and its interfaces that must be up.
func CollectInventory(ch chan<- prometheus.Metric, device string, labels map[string]string, interfaces []string) {
	if len(labels) > 0 {
		all := prometheus.Labels{deviceLabel: device}
		maps.Copy(all, labels)
		desc := prometheus.NewDesc("ftd_device_labels_info", "Labels that the inventory gives to a device; always 1.", nil, all)
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1)
	}
	for _, name := range interfaces {
		desc := prometheus.NewDesc("ftd_device_interface_info", "Interface of a device that must be up, by the inventory; always 1.", nil, prometheus.Labels{deviceLabel: device, "interface": name})
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1)
	}
}

// deviceLabel is the label that each series of a device has.
const deviceLabel = "device"

// withoutDevice leaves out the series that have a device.
type withoutDevice struct{ prometheus.Gatherer }

func (g withoutDevice) Gather() ([]*dto.MetricFamily, error) {
	all, err := g.Gatherer.Gather()
	for _, f := range all {
		f.Metric = slices.DeleteFunc(f.Metric, func(m *dto.Metric) bool {
			return slices.ContainsFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetName() == deviceLabel })
		})
	}
	return slices.DeleteFunc(all, func(f *dto.MetricFamily) bool { return len(f.Metric) == 0 }), err
}
