// Package exporter composes the program: it makes what the packages below it
// offer, gives each its part of the configuration and connects them. The order of start, reload and stop
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
// or not at all; it may hang without anything else waiting for it.
//
// The arrows are data; it is this package that imports the others, but for
// identity, which ingest uses. Package main calls it.
package exporter

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// Options are the settings of the command line.
type Options struct {
	// ConfigFile is the configuration file; empty for none.
	ConfigFile string
	// ListenAddresses are the addresses to receive syslog on unless the file has
	// listeners; see [listener.ParseAddress].
	ListenAddresses []string
	// ReplayFiles are logs to read into the table at the start, "-" for Stdin; see
	// [history.Seed].
	ReplayFiles []string
	Stdin       io.Reader
	// StoragePath is the directory of the state file; empty keeps the state in
	// memory only.
	StoragePath string
	// Entries are the recognized messages, Collectors their metrics.
	Entries    []catalog.Entry
	Collectors []collectors.Collector
	// Expiry is how long gauges are exposed after their last report unless the
	// file sets it; [state.DefaultExpiry] if it is zero.
	Expiry time.Duration
	// Web has the addresses and the TLS settings of the web server. It is
	// required, as is Logger.
	Web *toolkit.FlagConfig
	// TelemetryPath is the path of the metrics; "/metrics" if it is empty.
	TelemetryPath string
	// Lifecycle allows POST /-/reload, AdminAPI the calls of the HTTP API that
	// change the state, Profiling the profiles of the Go runtime.
	Lifecycle, AdminAPI, Profiling bool
	// MaxRequests is how many scrapes are answered at a time; 0 stands for 16.
	MaxRequests int
	// Inherited are the sockets that systemd has passed, named by their
	// FileDescriptorName=. The Exporter owns them.
	Inherited []*os.File
	// Supervisor is notified of the state of the service; nil for none.
	Supervisor Supervisor
	// Logger must not make its callers wait, whoever reads the log.
	Logger *slog.Logger
	// LogLinesDropped returns how many lines of the log were dropped because
	// nobody read them; nil if none ever are.
	LogLinesDropped func() uint64
}

// A Supervisor is notified of the state of the service; it is usually systemd.
type Supervisor interface {
	// Ready reports that everything is open, also after a reload.
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
	catalog  *catalog.Catalog
	table    *state.Table
	pipeline *ingest.Pipeline
	sockets  *listener.Activation
	set      *listener.Set
	store    *store.Store // Nil without a state file.
	server   *http.Server
	registry *prometheus.Registry
	metrics  *metrics

	ready   atomic.Bool // Everything is open.
	loaded  atomic.Bool // The last attempt to load the configuration succeeded.
	config  atomic.Pointer[config.Config]
	reloads *reloader
	began   time.Time // For its monotonic clock.
	silence silence
}

// New makes an Exporter. It reports every mistake in the configuration file and
// in that of the web server, and opens nothing yet.
func New(o Options) (*Exporter, error) {
	if o.TelemetryPath == "" {
		o.TelemetryPath = "/metrics"
	}
	if o.Supervisor == nil {
		o.Supervisor = noSupervisor{}
	}
	e := &Exporter{options: o, logger: o.Logger, began: time.Now()}
	e.reloads = newReloader(e.reload)
	c, err := catalog.Compile(o.Entries)
	if err != nil {
		return nil, err
	}
	e.catalog = c
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
	for _, name := range o.ReplayFiles {
		if err := history.Check(name); err != nil {
			return nil, fmt.Errorf("--syslog.replay-file: %w", err)
		}
	}
	registry := prometheus.NewRegistry()
	e.registry = registry
	if e.metrics, err = newMetrics(registry, e); err != nil {
		return nil, err
	}
	if e.pipeline, err = ingest.New(c, e.table, ingest.Options{Metrics: registry, Logger: e.logger}); err != nil {
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
	return e, nil
}

// Handler returns the handler of the web server.
func (e *Exporter) Handler() http.Handler { return e.server.Handler }

// Metrics returns the metrics of the exporter itself, without those of the
// devices.
func (e *Exporter) Metrics() *prometheus.Registry { return e.registry }

// replayFiles reads the logs of the command line into the table. If what the state
// file has may still come, they are not read: it would be counted twice.
func (e *Exporter) replayFiles(ctx context.Context, restored bool) error {
	if len(e.options.ReplayFiles) == 0 {
		return nil
	}
	if !restored {
		e.logger.Error("Log files are not replayed, because the state file has not been read; start again when it can be", "files", len(e.options.ReplayFiles))
		return nil
	}
	seed := history.NewSeed(e.pipeline, e.table, func() (*state.Table, error) {
		return state.New(e.catalog, e.options.Collectors, state.Options{Persist: true, Limits: e.table.Limits(), MaxEvents: 1})
	})
	for _, name := range e.options.ReplayFiles {
		if err := e.replay(ctx, seed, name); err != nil {
			return err
		}
	}
	return nil
}

// replay reads a log into the table.
func (e *Exporter) replay(ctx context.Context, seed *history.Seed, name string) error {
	log, err := history.Open(name, e.options.Stdin)
	if err != nil {
		return err
	}
	defer log.Close()
	lines, known := seed.Summary.Lines.Load(), seed.Known
	if err := seed.Read(ctx, log); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e.logger.Info("Replayed a log file", "file", name, "lines", seed.Summary.Lines.Load()-lines, "known", seed.Known-known)
	return nil
}

// status returns the line for systemctl status.
func (e *Exporter) status() string {
	var addresses []string
	for _, l := range e.config.Load().ListenerConfigs(e.options.ListenAddresses) {
		addresses = append(addresses, l.Address)
	}
	return "Receiving syslog on " + strings.Join(addresses, ", ")
}

// noSupervisor is the Supervisor of a process without one.
type noSupervisor struct{}

func (noSupervisor) Ready(string)                  {}
func (noSupervisor) Reloading()                    {}
func (noSupervisor) Stopping()                     {}
func (noSupervisor) Watch(context.Context, func()) {}
