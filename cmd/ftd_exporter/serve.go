package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
	"golang.org/x/sync/errgroup"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
)

type serveFlags struct {
	web           *web.FlagConfig
	telemetryPath string
	adminAPI      bool
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
	cmd.Flag("web.enable-admin-api", "Allow the calls of the HTTP API that change the state: POST /api/v1/forget.").
		BoolVar(&f.adminAPI)
	cmd.Flag("syslog.listen-address", "Address on which to receive syslog: udp://HOST:PORT or tcp://HOST:PORT. An empty host means all addresses, IPv4 and IPv6. Repeatable. Examples: `udp://:5514`, `tcp://192.0.2.1:1470`, `udp://[2001:db8::1]:514`").
		Default("udp://:5514", "tcp://:5514").StringsVar(&f.listen)
	cmd.Flag("syslog.replay-file", "Log file to read into the state before listening, as if its lines had just arrived; .gz and .zst are read as they are. Repeatable. For trying things out.").
		StringsVar(&f.replayFiles)
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
	logger.Info("Starting ftd_exporter", "version", version.Info(), "build", version.BuildContext())

	c, state, err := newState(collectors.Options{CapacityExpiry: f.expiry, Persist: f.storagePath != ""})
	if err != nil {
		return err
	}
	e := exporter.New(c, state, nil)
	registry := prometheus.NewRegistry()
	if err := e.Register(registry); err != nil {
		return err
	}
	var gatherer prometheus.Gatherer = registry
	var store *exporter.Store
	if f.storagePath != "" {
		store = exporter.NewStore(f.storagePath, state, logger)
		if err := registry.Register(store); err != nil {
			return err
		}
		gatherer = store.Durable(registry)
	}
	var ready atomic.Bool
	handler, err := exporter.NewHandler(exporter.HandlerOptions{
		Gatherer: gatherer, TelemetryPath: f.telemetryPath, Ready: &ready, Logger: logger,
		State: state, AdminAPI: f.adminAPI,
	})
	if err != nil {
		return err
	}

	// All sockets open before anything is read, so that a mistake in an address
	// is an error at once, and the kernel keeps what arrives meanwhile.
	group, ctx := errgroup.WithContext(ctx)
	var listeners []exporter.Listener
	for _, address := range f.listen {
		l, err := e.Listen(ctx, address, logger)
		if err != nil {
			closeAll(listeners)
			return err
		}
		listeners = append(listeners, l)
	}
	if store != nil {
		// Without the file, the exporter is still of use; the store has logged
		// why, counts it and tries again.
		if store.Open() == nil {
			stats := state.Stats()
			logger.Info("State restored", "file", store.Path(), "devices", stats.Devices, "series", stats.Series)
		}
	}
	for _, name := range f.replayFiles {
		if err := replayInto(e, name, "replay", s.in, logger); err != nil {
			closeAll(listeners)
			return err
		}
	}
	if store != nil {
		// The store ends after the listeners, and so keeps their last messages.
		storeCtx, stopStore := context.WithCancel(context.WithoutCancel(ctx))
		stored := make(chan struct{})
		go func() {
			defer close(stored)
			store.Run(storeCtx)
		}()
		defer func() {
			stopStore()
			<-stored
		}()
	}
	for _, l := range listeners {
		logger.Info("Receiving syslog", "listener", l.Name(), "address", l.Addr().String())
		group.Go(func() error { return l.Serve(ctx) })
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	group.Go(func() error {
		if err := web.ListenAndServe(server, f.web, logger); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ready.Store(false)
		logger.Info("Stopping")
		timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(timeout)
	})
	ready.Store(true)
	if err := group.Wait(); err != nil {
		return err
	}
	logger.Info("Stopped")
	return nil
}

// closeAll closes listeners that never served.
func closeAll(listeners []exporter.Listener) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, l := range listeners {
		_ = l.Serve(done)
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
