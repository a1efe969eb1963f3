package exporter

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
)

// expectDevices puts the devices of the inventory into the table, so that one
// that never sends can alert, and takes the places back that only a former
// inventory had given. At the start they come before everything else.
func (e *Exporter) expectDevices(c *config.Config) {
	e.table.ReleaseExcept(e.pipeline.Known)
	var refused []string
	for _, d := range c.Devices {
		if !e.table.Ensure(d.Name) {
			refused = append(refused, d.Name)
		}
	}
	if len(refused) > 0 {
		e.logger.Error("The table has no room for devices of the inventory; forget others or raise limits.devices", "devices", len(refused), "first", refused[0])
	}
}

// renameDevices moves the series of the devices that have another name by now to
// that name. The configuration must be in force, or a message could bring the
// former name back.
func (e *Exporter) renameDevices() {
	for former, present := range e.pipeline.Renames() {
		if e.table.Rename(former, present) {
			e.logger.Info("Device renamed; its series go on under the new name", "former", former, "device", present)
		}
	}
}

// forgetSilentDevices forgets the devices that have been silent for longer than
// the configuration allows, while the exporter listened. Devices of the inventory
// stay.
func (e *Exporter) forgetSilentDevices() {
	limit := e.config.Load().Expiry.Devices
	if limit <= 0 {
		e.silence.reset()
		return
	}
	now := time.Now()
	since, ok := e.silence.since(moment{now.Sub(e.began), now.Round(0)}, limit)
	if !ok {
		return
	}
	for _, name := range e.table.ForgetSilent(since, e.pipeline.Known) {
		e.logger.Info("Device forgotten", "device", name, "reason", "silent for longer than expiry.devices")
	}
}

// labels returns the labels that the inventory gives to a device, or nil.
func (e *Exporter) labels(device string) map[string]string {
	for _, d := range e.config.Load().Devices {
		if d.Name == device {
			return d.Labels
		}
	}
	return nil
}

// An inventoryCollector exports the labels of the inventory. Each device has its
// own set of labels, so it describes nothing in advance.
type inventoryCollector struct{ exporter *Exporter }

// Describe implements [prometheus.Collector].
func (c inventoryCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c inventoryCollector) Collect(ch chan<- prometheus.Metric) {
	for _, d := range c.exporter.config.Load().Devices {
		if len(d.Labels) > 0 {
			ch <- web.DeviceLabels(d.Name, d.Labels)
		}
	}
}
