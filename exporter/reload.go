package exporter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
)

const (
	// reloadPatience is how long POST /-/reload waits for its answer. It is well
	// within the minute after which the web server drops a request.
	reloadPatience = 30 * time.Second
	// reloadAlarm is after how long a reload that has not ended counts as failed
	// until it ends. Reading the file fails by itself before that.
	reloadAlarm = 20 * time.Second
)

// Reload loads the configuration file again and applies it as a whole: load,
// prepare the sockets, or stop here; swap; commit. If there is an error, which it
// has logged, the last good configuration stays in force. It may be called at any
// time. One reload runs at a time; calls that come meanwhile, or before the start is
// done, share the next one. If ctx is done before, Reload returns an error, and the
// reload goes on. When Run has returned, Reload returns an error.
func (e *Exporter) Reload(ctx context.Context) error { return e.reloads.do(ctx, everything) }

// reloadSoon is Reload for a client that cannot wait for long.
func (e *Exporter) reloadSoon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reloadPatience)
	defer cancel()
	err := e.reloads.do(ctx, everything)
	if errors.Is(err, errStillRunning) {
		return web.ErrReloading
	}
	return err
}

// reload is one reload, of everything or of the files with devices only.
func (e *Exporter) reload(ctx context.Context, what extent) error {
	if what == onlyDevices {
		return e.reloadDevices(ctx)
	}
	e.options.Supervisor.Reloading()
	alarmed := make(chan struct{})
	alarm := time.AfterFunc(reloadAlarm, func() {
		defer close(alarmed)
		e.reloaded(errors.New("it has not ended yet"))
		e.logger.Error("Loading the configuration hangs; the last good one stays until it ends", "file", e.options.ConfigFile, "after", reloadAlarm)
	})
	c, err := e.load()
	if err == nil {
		err = e.apply(ctx, c)
	}
	if !alarm.Stop() {
		<-alarmed
	}
	e.reloaded(err)
	outcome := e.status()
	if err != nil {
		e.logger.Error("Loading the configuration failed; the last good one stays", "file", e.options.ConfigFile, "err", err)
		outcome = fmt.Sprintf("The configuration was not loaded, the last good one stays: %v", err)
	} else {
		e.logger.Info("Configuration loaded", "file", e.options.ConfigFile)
		e.logWarnings(c)
	}
	e.options.Supervisor.Ready(outcome)
	return err
}

// reloadDevices is a reload of the files with devices, with the rest of the
// configuration that is in force.
func (e *Exporter) reloadDevices(ctx context.Context) error {
	c, err := e.config.Load().Reread()
	if err == nil {
		err = e.apply(ctx, c)
	}
	if err != nil {
		e.metrics.devicesRead.Set(0)
		e.logger.Error("Files with devices have changed and cannot be read; what they had last stays", "file", e.options.ConfigFile, "err", err)
		return err
	}
	if c.DevicesError() == nil {
		e.logger.Info("Files with devices read", "devices", len(c.FileDevices()))
		e.logWarnings(c)
	}
	return nil
}

// reloaded notes how the last reload has ended.
func (e *Exporter) reloaded(err error) {
	e.loaded.Store(err == nil)
	e.metrics.reloaded(err)
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
	change, err := e.prepare(ctx, c)
	if err != nil {
		return err
	}
	e.renameDevices()
	change.Commit()
	return nil
}

// ofFlag names the flag that each of the errors joined in err is about.
func ofFlag(flag string, err error) error {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for i, err := range all {
		all[i] = fmt.Errorf("%s: %w", flag, err)
	}
	return errors.Join(all...)
}

// prepare opens the sockets that a configuration adds, and applies everything
// else of it. The change of the listeners is left to its caller. If there is an
// error, nothing has changed.
func (e *Exporter) prepare(ctx context.Context, c *config.Config) (*listener.Change, error) {
	change, err := e.set.Prepare(ctx, c.ListenerConfigs(e.options.ListenAddresses), listener.Limits{TCPConnections: c.Limits.TCPConnections})
	if err != nil && len(c.Listeners) == 0 {
		err = ofFlag("--syslog.listen-address", err)
	}
	if err != nil {
		return nil, err
	}
	if err := e.table.SetExpiry(c.Expiry.Collectors); err != nil {
		change.Abort()
		return nil, err
	}
	e.checkDevicesFiles(c)
	e.table.SetLimits(c.Limits.Table())
	e.pipeline.Configure(e.ingestConfig(c))
	e.config.Store(c)
	e.expectDevices(c)
	return change, nil
}

// ingestConfig returns the part of a configuration for the handling of frames.
// Until the change is committed, a listener that goes may still receive: it keeps
// its list of those who may send, for without one everybody may.
func (e *Exporter) ingestConfig(c *config.Config) ingest.Config {
	i := c.Ingest()
	gone := e.config.Load().Ingest().Allow // A map of our own.
	for _, l := range c.ListenerConfigs(e.options.ListenAddresses) {
		delete(gone, l.Address)
		i.Sources = append(i.Sources, l.Address)
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
