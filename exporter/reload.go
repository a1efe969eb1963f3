package exporter

import (
	"context"
	"fmt"
	"maps"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
)

// Reload loads the configuration file again and applies it as a whole: load,
// prepare the sockets, or stop here; swap; commit. If there is an error, which it
// has logged, the last good configuration stays in force. It may be called at any
// time; before the start is done it waits for that, and when Run has returned it
// returns an error.
func (e *Exporter) Reload(ctx context.Context) (err error) {
	e.reload.Lock()
	defer e.reload.Unlock()
	// Before the start is done, systemd would take the end of the reload for it.
	ready := e.ready.Load()
	if ready {
		e.options.Supervisor.Reloading()
	}
	c, err := e.load()
	if err == nil {
		err = e.apply(ctx, c)
	}
	e.loaded.Store(err == nil)
	e.metrics.reloaded(err)
	outcome := e.status()
	if err != nil {
		e.logger.Error("Loading the configuration failed; the last good one stays", "file", e.options.ConfigFile, "err", err)
		outcome = fmt.Sprintf("The configuration was not loaded, the last good one stays: %v", err)
	} else {
		e.logger.Info("Configuration loaded", "file", e.options.ConfigFile)
		e.logWarnings(c)
		e.expectDevices()
	}
	if ready {
		e.options.Supervisor.Ready(outcome)
	}
	return err
}

// load returns the configuration of the command line and, over it, of the file.
func (e *Exporter) load() (*config.Config, error) {
	defaults := config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(e.options.Collectors), Expiry: e.options.Expiry})
	if e.options.ConfigFile == "" {
		return defaults, nil
	}
	return config.Load(e.options.ConfigFile, defaults)
}

// apply applies a configuration. New listeners receive after everything else is
// in force, so that no message is handled by a configuration without its
// listener. If a socket cannot be opened, nothing changes.
func (e *Exporter) apply(ctx context.Context, c *config.Config) error {
	change, err := e.set.Prepare(ctx, c.ListenerConfigs(e.options.ListenAddresses), listener.Limits{TCPConnections: c.Limits.TCPConnections})
	if err != nil {
		return err
	}
	if err := e.table.SetExpiry(c.Expiry.Collectors); err != nil {
		change.Abort()
		return err
	}
	e.table.SetLimits(c.Limits.Table())
	e.pipeline.Configure(e.ingestConfig(c))
	e.config.Store(c)
	change.Commit()
	return nil
}

// ingestConfig returns the part of a configuration for the handling of frames.
// Until the change is committed, a listener that goes may still receive: it keeps
// its list of those who may send, for without one everybody may.
func (e *Exporter) ingestConfig(c *config.Config) ingest.Config {
	i := c.Ingest()
	gone := e.config.Load().Ingest().Allow // A map of our own.
	for _, l := range c.ListenerConfigs(e.options.ListenAddresses) {
		delete(gone, l.Address)
	}
	if i.Allow == nil {
		i.Allow = gone
	} else {
		maps.Copy(i.Allow, gone)
	}
	return i
}

func (e *Exporter) logWarnings(c *config.Config) {
	for _, w := range c.Warnings() {
		e.logger.Warn("Configuration warning", "warning", w)
	}
}
