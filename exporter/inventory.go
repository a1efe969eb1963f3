package exporter

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// devicesInterval is how often the files with devices are looked at.
const devicesInterval = 5 * time.Second

// checkDevicesFiles keeps the devices of files from the configuration that is in
// force, if c could not use them, and reports it.
func (e *Exporter) checkDevicesFiles(c *config.Config) {
	err := c.DevicesError()
	if err == nil {
		e.metrics.devicesRead.Set(1)
		return
	}
	e.metrics.devicesRead.Set(0)
	kept := 0
	if last := e.config.Load(); last != c {
		c.KeepDevices(last)
		kept = len(c.FileDevices())
	}
	e.logger.Error("Files with devices cannot be used; what they had last stays", "devices", kept, "err", err)
}

// watchDevicesFiles reads the files with devices again when they change, until ctx is
// done. It may hang with the disk.
func (e *Exporter) watchDevicesFiles(ctx context.Context) {
	ticker := time.NewTicker(devicesInterval)
	defer ticker.Stop()
	tried := "" // Which files were read last, if that changed nothing.
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		c := e.config.Load()
		version, err := c.DevicesVersion()
		if err != nil || version == c.DevicesRead() || version == tried {
			continue // If the disk hangs, it is tried again.
		}
		tried = version
		_ = e.reloads.do(ctx, onlyDevices) // It has logged the error.
	}
}

// expectDevices puts the devices of the inventory into the table, so that one
// that never sends can alert, and takes the places back that only a former
// inventory had given. At the start they come before everything else.
func (e *Exporter) expectDevices(c *config.Config) {
	e.releaseDevices()
	var refused []string
	for _, d := range c.Devices {
		if !e.table.Ensure(d.Name) {
			refused = append(refused, d.Name)
		}
	}
	if len(refused) > 0 {
		e.logger.Error("The table does not have room for devices of the inventory; forget others or raise limits.devices", "devices", len(refused), "first", refused[0])
	}
}

// releaseDevices takes the places back that only a former inventory had given, also
// one whose devices come from the state file. What has never sent anything goes.
func (e *Exporter) releaseDevices() {
	if gone := e.table.ReleaseExcept(e.pipeline.Known); len(gone) > 0 {
		e.logger.Info("Devices forgotten", "devices", len(gone), "first", gone[0], "reason", "no longer in the inventory, and never sent a message")
	}
}

// settleDevices does for the devices of the state file what a reload does for those
// in the table.
func (e *Exporter) settleDevices() {
	e.renameDevices()
	e.releaseDevices()
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

// interfaces returns the interfaces of a device that must be up, by the inventory.
func (e *Exporter) interfaces(device string) []string {
	for _, d := range e.config.Load().Devices {
		if d.Name == device {
			return d.Interfaces
		}
	}
	return nil
}

// An inventoryCollector exports what the inventory has about devices. Each device
// has its own set of labels, so it describes nothing in advance.
type inventoryCollector struct{ exporter *Exporter }

// Describe implements [prometheus.Collector].
func (c inventoryCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c inventoryCollector) Collect(ch chan<- prometheus.Metric) {
	for _, d := range c.exporter.config.Load().Devices {
		web.CollectInventory(ch, d.Name, d.Labels, d.Interfaces)
	}
}

// A conflictLog logs the names that two addresses use, a few of them in a minute:
// a fleet that moves behind another relay makes one for each device.
type conflictLog struct {
	lines  int // In this minute.
	silent int // Not logged since the last line.
}

// maxConflictLines is how many conflicts are logged in a minute.
const maxConflictLines = 20

func (l *conflictLog) log(logger *slog.Logger, c state.NameConflict) {
	if l.lines == maxConflictLines {
		l.silent++
		return
	}
	l.lines++
	logger.Warn("Two addresses send under one name; if they are two devices, the state of one hides the state of the other",
		"device", c.Device, "address", c.Address, "other", c.Other, "not_logged", l.silent, "see", "docs/runbooks/FTDDeviceNameConflict.md")
	l.silent = 0
}
