// Package exporter composes the program: it makes the rooms, gives each its part
// of the configuration and connects them. The order of start, reload and stop
// stands here and nowhere else.
//
//	           config
//	             │
//	listener ──► ingest ──► state.Table ──► web
//	history  ──►   │          ▲     │
//	           syslog         └─────┴─► store
//	           identity
//	           catalog
//
// [New] checks everything that can be checked without opening anything.
// [Exporter.Run] opens the sockets, restores the state, receives and serves until
// its context ends. [Exporter.Reload] applies a changed configuration as a whole
// or not at all.
//
// It imports all rooms; package main calls it.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// Options is what the command line says.
type Options struct {
	// ConfigFile is the configuration file; empty for none.
	ConfigFile string
	// ListenAddresses are where syslog is received unless the file says
	// otherwise; see [listener.ParseAddress].
	ListenAddresses []string
	// ReplayFiles are logs to read into the table at the start, "-" for Stdin.
	ReplayFiles []string
	Stdin       io.Reader
	// StoragePath is the directory of the state file; empty keeps the state in
	// memory only.
	StoragePath string
	// Entries are the messages that are recognized, Collectors what they mean.
	Entries    []catalog.Entry
	Collectors []collectors.Collector
	// Expiry is how long gauges are shown after their last report unless the
	// file says otherwise; [state.DefaultExpiry] if it is zero.
	Expiry time.Duration
	// Web has the addresses and the TLS settings of the web server.
	Web *toolkit.FlagConfig
	// TelemetryPath is the path of the metrics; "/metrics" if it is empty.
	TelemetryPath string
	// Lifecycle allows POST /-/reload, AdminAPI the calls of the HTTP API that
	// change the state.
	Lifecycle, AdminAPI bool
	// Inherited are the sockets that systemd has passed, named by their
	// FileDescriptorName=. The Exporter owns them.
	Inherited []*os.File
	// Supervisor is told how the service does; nil for nobody.
	Supervisor Supervisor
	Logger     *slog.Logger
}

// A Supervisor is told how the service does, most likely systemd.
type Supervisor interface {
	// Ready says that everything is open, also after a reload.
	Ready(status string)
	Reloading()
	Stopping()
	// Watch reports, until ctx ends, that the process is alive, each time that
	// alive has returned.
	Watch(ctx context.Context, alive func())
}

// An Exporter is the composed program.
type Exporter struct {
	options  Options
	logger   *slog.Logger
	table    *state.Table
	pipeline *ingest.Pipeline
	sockets  *listener.Activation
	set      *listener.Set
	store    *store.Store // Nil without a state file.
	server   *http.Server
	registry *prometheus.Registry
	metrics  *metrics

	ready  atomic.Bool // Everything is open.
	loaded atomic.Bool // The last attempt to load the configuration succeeded.
	config atomic.Pointer[config.Config]
	reload sync.Mutex // Held while a configuration is applied, and from New to the end of the start.
}

// New makes an Exporter. It reports every mistake in the configuration file and
// in that of the web server, and opens nothing yet.
func New(o Options) (*Exporter, error) {
	if o.TelemetryPath == "" {
		o.TelemetryPath = "/metrics"
	}
	if o.Supervisor == nil {
		o.Supervisor = nobody{}
	}
	e := &Exporter{options: o, logger: o.Logger}
	c, err := catalog.Compile(o.Entries)
	if err != nil {
		return nil, err
	}
	if e.table, err = state.New(c, o.Collectors, state.Options{Persist: o.StoragePath != ""}); err != nil {
		return nil, err
	}
	loaded, err := e.load()
	if err != nil {
		return nil, err
	}
	e.config.Store(loaded)
	e.loaded.Store(true)
	if err := toolkit.Validate(*o.Web.WebConfigFile); err != nil {
		return nil, fmt.Errorf("--web.config.file=%s: %w", *o.Web.WebConfigFile, err)
	}
	registry := prometheus.NewRegistry()
	e.registry = registry
	if e.metrics, err = newMetrics(registry, e); err != nil {
		return nil, err
	}
	if e.pipeline, err = ingest.New(c, e.table, ingest.Options{Metrics: registry}); err != nil {
		return nil, err
	}
	if e.sockets, err = listener.NewActivation(o.Inherited); err != nil {
		return nil, err
	}
	e.set, err = listener.NewSet(listener.Options{
		NewFeed: func(name, clientName string, stream bool) listener.Feed {
			return e.pipeline.NewFeed(ingest.Source{Name: name, ClientName: clientName, Stream: stream})
		},
		Activation: e.sockets,
		Logger:     e.logger,
		Metrics:    registry,
	})
	if err != nil {
		return nil, err
	}
	if o.StoragePath != "" {
		e.store = store.New(o.StoragePath, e.table, e.logger)
		if err := e.store.Register(registry); err != nil {
			return nil, err
		}
	}
	if err := e.newServer(c, registry); err != nil {
		return nil, err
	}
	e.reload.Lock() // A reload waits until Run has started everything.
	return e, nil
}

// Handler returns the handler of the web server.
func (e *Exporter) Handler() http.Handler { return e.server.Handler }

// Metrics returns the metrics of the exporter itself, without those of the
// devices.
func (e *Exporter) Metrics() *prometheus.Registry { return e.registry }

// Run receives syslog and serves HTTP until ctx is done, and then returns nil. It
// returns an error if the exporter cannot start, or cannot go on, and
// [store.ErrUnwritten] if not all of the state could be written at the end. It is
// called once.
//
// The start: the sockets open before anything that takes time, since a firewall
// must not meet a closed port. Messages that arrive during the restore join what
// the file has. The stop: what has arrived is read, then written, then the
// process ends.
func (e *Exporter) Run(ctx context.Context) (err error) {
	unlock := sync.OnceFunc(e.reload.Unlock)
	defer unlock()
	defer e.set.Stop() // Also if nothing was opened: a reload must not open it then.

	site, err := e.listenWeb(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, l := range site {
			l.Close() // Those that are served have been closed already.
		}
	}()
	e.logWarnings(e.config.Load())
	if err := e.apply(ctx, e.config.Load()); err != nil {
		return err
	}
	if e.store != nil {
		stop := e.keepState(ctx)
		defer func() { err = errors.Join(err, stop()) }()
	}
	e.expectDevices()
	for _, name := range e.options.ReplayFiles {
		err := e.replay(ctx, name)
		if ctx.Err() != nil {
			return nil // It was interrupted, or has just ended.
		}
		if err != nil {
			return err
		}
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := toolkit.ServeMultiple(site, e.server, e.options.Web, e.logger); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		e.options.Supervisor.Watch(ctx, e.table.CheckLocks)
		return nil
	})
	e.ready.Store(true)
	e.options.Supervisor.Ready(e.status())
	unlock()
	group.Go(func() error { return e.watch(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}
	e.logger.Info("Stopped")
	return nil
}

// openLimit is how long the start waits for the state file.
const openLimit = 10 * time.Second

// keepState restores the state and keeps the file up to date. The returned
// function writes what is left when no more messages come.
func (e *Exporter) keepState(ctx context.Context) (stop func() error) {
	// Without the file the exporter is still of use: the store has logged why,
	// counts it and tries again.
	opening, opened := context.WithTimeout(ctx, openLimit)
	defer opened()
	if e.store.Open(opening) == nil {
		stats := e.table.Stats()
		e.logger.Info("State restored", "file", e.store.Status().Path, "devices", stats.Devices, "series", stats.Series)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stored := make(chan error, 1)
	go func() { stored <- e.store.Run(ctx) }()
	return func() error {
		e.set.Stop()
		cancel()
		err := <-stored
		if err != nil {
			e.logger.Warn("Stopping with state that is not in the file", "file", e.store.Status().Path, "err", err)
		}
		return err
	}
}

// silenceCheck is how often silent devices are looked for.
const silenceCheck = time.Minute

// watch does what is due from time to time, and stops the web server when ctx is
// done or a listener has failed.
func (e *Exporter) watch(ctx context.Context) error {
	silence := time.NewTicker(silenceCheck)
	defer silence.Stop()
	for {
		select {
		case err := <-e.set.Failed():
			return errors.Join(err, e.stopWeb(ctx))
		case <-silence.C:
			e.forgetSilentDevices()
		case <-ctx.Done():
			e.ready.Store(false)
			e.logger.Info("Stopping")
			e.options.Supervisor.Stopping()
			return e.stopWeb(ctx)
		}
	}
}

// replay reads a log into the table.
func (e *Exporter) replay(ctx context.Context, name string) error {
	log, err := history.Open(name, e.options.Stdin)
	if err != nil {
		return err
	}
	defer log.Close()
	r := history.NewReplay(e.pipeline, "replay", nil)
	if err := r.Read(ctx, log); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e.logger.Info("Replayed a log file", "file", name, "lines", r.Summary.Lines.Load(), "matched", r.Summary.Matched.Load())
	return nil
}

// status is what systemctl status shows.
func (e *Exporter) status() string {
	var addresses []string
	for _, l := range e.config.Load().ListenerConfigs(e.options.ListenAddresses) {
		addresses = append(addresses, l.Address)
	}
	return "Receiving syslog on " + strings.Join(addresses, ", ")
}

// nobody is the Supervisor of a process that has none.
type nobody struct{}

func (nobody) Ready(string)                  {}
func (nobody) Reloading()                    {}
func (nobody) Stopping()                     {}
func (nobody) Watch(context.Context, func()) {}
