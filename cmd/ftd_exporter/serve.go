package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"

	"github.com/alecthomas/kingpin/v2"
	"github.com/coreos/go-systemd/v22/activation"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	"golang.org/x/sync/errgroup"

	"github.com/ftd-exporter/ftd_exporter/exporter"
)

type serveFlags struct {
	web           *web.FlagConfig
	telemetryPath string
	adminAPI      bool
	lifecycle     bool
	configFile    string
	listen        []string
	replayFiles   []string
	storagePath   string
	expiry        time.Duration
	logLevel      string
	logFormat     string
}

func serveCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f serveFlags
	cmd := app.Command("serve", "Receive syslog and serve metrics.").Default()
	f.web = kingpinflag.AddFlags(cmd, ":10061")
	cmd.Flag("web.telemetry-path", "Path under which to expose metrics.").
		Default("/metrics").StringVar(&f.telemetryPath)
	cmd.Flag("web.enable-lifecycle", "Allow POST /-/reload, which loads the configuration again as SIGHUP does.").
		BoolVar(&f.lifecycle)
	cmd.Flag("web.enable-admin-api", "Allow the calls of the HTTP API that change the state: POST /api/v1/forget.").
		BoolVar(&f.adminAPI)
	cmd.Flag("syslog.listen-address", "Address on which to receive syslog: udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT (the certificates are in the configuration file) or unixgram:///PATH. An empty host means all addresses, IPv4 and IPv6. Repeatable. Examples: `udp://:5514`, `tcp://192.0.2.1:1470`, `tls://:6514`, `udp://[2001:db8::1]:514`").
		Default("udp://:5514", "tcp://:5514").StringsVar(&f.listen)
	cmd.Flag("syslog.replay-file", "Log file to read into the state at the start, as if its lines had just arrived; .gz and .zst are read as they are. Repeatable. For trying things out.").
		StringsVar(&f.replayFiles)
	cmd.Flag("config.file", "Configuration file with inventory and policy; check-config checks one. Without it everybody may send, and devices are named by their host or address.").
		PlaceHolder("FILE").StringVar(&f.configFile)
	storageFlag(cmd, &f.storagePath)
	cmd.Flag("capacity.expiry", "How long gauges of capacity (threat rates, quotas, cluster load) are shown after their last report. States of hardware never expire.").
		Default("15m").DurationVar(&f.expiry)
	cmd.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.logLevel, promslog.LevelFlagOptions...)
	cmd.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.logFormat, promslog.FormatFlagOptions...)
	return cmd, f.run
}

func (f *serveFlags) run(ctx context.Context, s streams) error {
	logConfig := promslog.Config{Level: promslog.NewLevel(), Format: promslog.NewFormat(), Writer: s.err}
	if err := errors.Join(logConfig.Level.Set(f.logLevel), logConfig.Format.Set(f.logFormat)); err != nil {
		return err
	}
	logger := promslog.New(&logConfig)
	if f.expiry <= 0 {
		return fmt.Errorf("--capacity.expiry=%s: must be positive", f.expiry)
	}
	config, err := f.loadConfig()
	if err != nil {
		return err
	}
	logWarnings(config, logger)
	logger.Info("Starting ftd_exporter", "version", version.Info(), "build", version.BuildContext())
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP) // One that comes early must not end the process.
	defer signal.Stop(hangup)

	c, state, err := newState(state.Options{Persist: f.storagePath != ""})
	if err != nil {
		return err
	}
	e := exporter.New(c, state, nil)
	e.Reloaded(nil)
	registry := prometheus.NewRegistry()
	if err := e.Register(registry); err != nil {
		return err
	}
	var store *exporter.Store
	if f.storagePath != "" {
		store = exporter.NewStore(f.storagePath, state, logger)
		if err := registry.Register(store); err != nil {
			return err
		}
	}

	// The sockets open before anything else that takes time: a firewall must
	// not meet a closed port. What comes in now joins what the file holds.
	inherited, err := exporter.Inherit(activation.Files(true))
	if err != nil {
		return err
	}
	server := e.NewServer(nil)
	server.ErrorLog = slog.NewLogLogger(exporter.NewWebLog(logger), slog.LevelError)
	site, err := f.newSite(ctx, server, inherited, f.addresses(config), logger)
	if err != nil {
		return err
	}
	listeners := e.NewListeners(inherited, logger)
	defer listeners.Stop()
	notify := notifier{logger}
	var ready atomic.Bool
	reload := f.reloader(ctx, e, listeners, notify, &ready, logger)
	options := exporter.HandlerOptions{
		Gatherer: registry, TelemetryPath: f.telemetryPath, Ready: &ready, Logger: logger,
		State: state, AdminAPI: f.adminAPI, Exporter: e, Store: store,
	}
	if f.lifecycle {
		options.Reload = reload
	}
	if server.Handler, err = exporter.NewHandler(options); err != nil {
		return err
	}
	if store != nil {
		// The store ends after the listeners, and so keeps their last messages.
		storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
		stored := make(chan struct{})
		if err := listeners.Set(ctx, f.addresses(config), config); err != nil {
			stopStore()
			return err
		}
		// Without the file, the exporter is still of use; the store has logged
		// why, counts it and tries again.
		if store.Open() == nil {
			stats := state.Stats()
			logger.Info("State restored", "file", store.Path(), "devices", stats.Devices, "series", stats.Series)
		}
		go func() {
			defer close(stored)
			store.Run(storeCtx)
		}()
		defer func() {
			listeners.Stop()
			stopStore()
			<-stored
		}()
	} else if err := listeners.Set(ctx, f.addresses(config), config); err != nil {
		return err
	}
	expectDevices(e, logger)
	for _, name := range f.replayFiles {
		if err := replayInto(e, name, "replay", s.in, logger); err != nil {
			return err
		}
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := site.serve(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		notify.watchdog(ctx, e.Probe)
		return nil
	})
	group.Go(func() error {
		silence := time.NewTicker(exporter.SilenceCheck)
		defer silence.Stop()
		for {
			select {
			case <-site.up:
				site.up = nil
				ready.Store(true)
				notify.ready(status(f.addresses(config)))
			case err := <-listeners.Failed():
				return err
			case <-hangup:
				_ = reload() // It has logged the error, and the last good configuration stays.
			case <-silence.C:
				for _, name := range e.ForgetSilentDevices() {
					logger.Info("Device forgotten", "device", name, "reason", "silent for longer than expiry.devices")
				}
			case <-ctx.Done():
				ready.Store(false)
				logger.Info("Stopping")
				notify.stopping()
				timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
				defer cancel()
				err := server.Shutdown(timeout)
				if errors.Is(err, context.DeadlineExceeded) {
					err = server.Close() // A client is too slow.
				}
				return err
			}
		}
	})
	if err := group.Wait(); err != nil {
		return err
	}
	logger.Info("Stopped")
	return nil
}

// A site is the sockets of the web server.
type site struct {
	serve func() error
	up    chan struct{} // Closed when all sockets are open.
}

// newSite prepares the sockets of server, which systemd has opened, or serve
// opens. Addresses are those of syslog.
func (f *serveFlags) newSite(ctx context.Context, server *http.Server, inherited *exporter.Inherited, addresses []string, logger *slog.Logger) (*site, error) {
	s := &site{
		serve: func() error { return web.ListenAndServe(server, f.web, logger) },
		up:    make(chan struct{}),
	}
	closed := int64(len(*f.web.WebListenAddresses))
	if *f.web.WebSystemdSocket {
		// ListenAndServe would take the sockets of syslog, too.
		sockets, err := inherited.Web(ctx, addresses)
		if err != nil {
			return nil, err
		}
		s.serve = func() error { return web.ServeMultiple(sockets, server, f.web, logger) }
		closed = int64(len(sockets))
	}
	var open atomic.Int64
	up := s.up
	server.BaseContext = func(net.Listener) context.Context { // Called once for each socket.
		if open.Add(1) == closed {
			close(up)
		}
		return context.Background()
	}
	return s, nil
}

// status is what systemctl status shows.
func status(addresses []string) string {
	return "Receiving syslog on " + strings.Join(addresses, ", ")
}

// loadConfig returns the configuration of the flags and, over it, of the file.
func (f *serveFlags) loadConfig() (*exporter.Config, error) {
	defaults := exporter.DefaultConfig()
	for _, d := range []*time.Duration{&defaults.Expiry.ThreatDetection, &defaults.Expiry.Quota, &defaults.Expiry.Cluster} {
		*d = f.expiry
	}
	if f.configFile == "" {
		return defaults, nil
	}
	return exporter.LoadConfig(f.configFile, defaults)
}

// addresses returns the addresses to receive syslog on.
func (f *serveFlags) addresses(c *exporter.Config) []string {
	if len(c.Listeners) == 0 {
		return f.listen
	}
	var addresses []string
	for _, l := range c.Listeners {
		addresses = append(addresses, l.Address)
	}
	return addresses
}

// reloader returns a function that loads the configuration again and applies
// it as a whole or not at all.
func (f *serveFlags) reloader(ctx context.Context, e *exporter.Exporter, listeners *exporter.Listeners, notify notifier, ready *atomic.Bool, logger *slog.Logger) func() error {
	var mu sync.Mutex
	return func() (err error) {
		mu.Lock()
		defer mu.Unlock()
		tell := ready.Load() // Else systemd would take the end of the reload for that of the start.
		if tell {
			notify.reloading()
		}
		var config *exporter.Config
		defer func() {
			outcome := ""
			if e.Reloaded(err); err != nil {
				logger.Error("Loading the configuration failed; the last good one stays", "file", f.configFile, "err", err)
				outcome = fmt.Sprintf("The configuration was not loaded, the last good one stays: %v", err)
			} else {
				logger.Info("Configuration loaded", "file", f.configFile)
				outcome = status(f.addresses(config))
			}
			if tell {
				notify.ready(outcome)
			}
		}()
		config, err = f.loadConfig()
		if err != nil {
			return err
		}
		if err := listeners.Set(ctx, f.addresses(config), config); err != nil {
			return err
		}
		logWarnings(config, logger)
		expectDevices(e, logger)
		return nil
	}
}

func logWarnings(c *exporter.Config, logger *slog.Logger) {
	for _, w := range c.Warnings() {
		logger.Warn("The configuration is valid, but", "warning", w)
	}
}

// expectDevices puts the inventory into the table.
func expectDevices(e *exporter.Exporter, logger *slog.Logger) {
	if refused := e.ExpectDevices(); len(refused) > 0 {
		logger.Error("The table has no room for devices of the inventory; forget others or raise limits.devices", "devices", len(refused), "first", refused[0])
	}
}

func replayInto(e *exporter.Exporter, name, peer string, stdin io.Reader, logger *slog.Logger) error {
	log, err := exporter.OpenLog(name, stdin)
	if err != nil {
		return err
	}
	defer log.Close()
	var sum exporter.Summary
	if err := e.Replay(log, peer, nil, &sum); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	logger.Info("Replayed a log file", "file", name, "lines", sum.Lines.Load(), "matched", sum.Matched.Load())
	return nil
}
