// Package web serves HTTP: the metrics, the health checks, a JSON API and a few
// pages.
//
// The devices come from the table of package state; everything else on the pages
// is passed in as values by the functions of [Options]. Package exporter calls
// [New] once and serves the handler with the server of [NewServer].
//
// The package imports state and catalog, client_golang and expfmt, and
// klauspost/compress, but neither listener, store nor config.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// A Table has the methods of a [state.Table] that this package uses.
type Table interface {
	// As a Collector, the table shows the same series as Expose does, in a
	// general and slow way.
	prometheus.Collector
	Expose(starts bool) *state.Exposition
	ExposeDevices(starts bool, names ...string) *state.Exposition
	CollectDevices(ch chan<- prometheus.Metric, names ...string)
	Devices() []string
	Snapshots() iter.Seq[state.DeviceState]
	Snapshot(device string) (state.DeviceState, bool)
	Events(since time.Time, limit int) []state.Event
	Forget(device string) bool
	ForgetPart(device string, labels map[string]string) (removed []state.SeriesName, found bool, err error)
	Stats() state.Stats
	Rejected(f func(reason string, n uint64))
	FedBy(id catalog.ID) []string
}

// ErrReloading is what [Options.Reload] returns if a reload takes too long to wait
// for.
var ErrReloading = errors.New("the configuration is still being loaded")

// Options has the sources of the handler's data. Its functions are called from
// many goroutines at a time. All fields are required, unless their comment
// describes the zero value.
type Options struct {
	// Table has the devices; Catalog is the catalog that it was made with.
	Table   Table
	Catalog *catalog.Catalog
	// Gatherer has all metrics that a scrape shows besides those of Table. No
	// metric may be in both.
	Gatherer prometheus.Gatherer
	// Registerer gets the metrics of this package.
	Registerer prometheus.Registerer
	// TelemetryPath is the path of the metrics, "/metrics" by custom.
	TelemetryPath string
	// Ready reports whether all listeners are receiving.
	Ready func() bool
	// Status returns what the status page shows of the exporter itself. It is
	// called for each page.
	Status func() Status
	// Labels returns the inventory's labels of a device, which are only read.
	// Nil stands for no inventory.
	Labels func(device string) map[string]string
	// Interfaces returns the interfaces of a device that must be up, by the
	// inventory. Nil stands for no inventory.
	Interfaces func(device string) []string
	// Links returns the links to other programs that are on the pages. Nil stands
	// for none.
	Links func() Config
	// Stored returns true when all changes that the table had when it was called
	// are on disk, and false after limit, or as soon as they cannot be. Nil stands
	// for state in memory only.
	Stored func(limit time.Duration) bool
	// Backup writes a copy of the state file to w. If it cannot be made, it writes
	// nothing. Nil stands for state in memory only.
	Backup func(w io.Writer) error
	// Reload loads the configuration again, all of it or, with an error, nothing.
	// Its context is not canceled when the client leaves. [ErrReloading] means that
	// it has not ended within the time that a client can be kept waiting. Nil
	// stands for a reload over HTTP being disabled.
	Reload func(context.Context) error
	// AdminAPI enables the API calls that change the state or copy all of it.
	AdminAPI bool
	// MaxRequests is how many scrapes are answered at a time; 0 stands for 16.
	MaxRequests int
	// Profiling enables the profiles of the Go runtime, below /debug/pprof/.
	Profiling bool
	// Version is the version of the program, shown on each page.
	Version string
	// Now returns the time at which pages are shown; nil stands for [time.Now].
	Now    func() time.Time
	Logger *slog.Logger
}

// New returns a handler for all paths of the exporter. It returns an error, with
// advice, if the telemetry path cannot be used, and an error if a metric of this
// package is registered already.
func New(o Options) (http.Handler, error) { return newHandler(o, defaultLimits()) }

func newHandler(o Options, l limits) (http.Handler, error) {
	if err := checkTelemetryPath(o.TelemetryPath); err != nil {
		return nil, err
	}
	o.setDefaults()
	l.scrapes = cmp.Or(o.MaxRequests, l.scrapes)
	metrics, err := newScraper(&o, l)
	if err != nil {
		return nil, err
	}
	pages, err := newPages(&o, l)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+o.TelemetryPath, metrics)
	mux.HandleFunc("GET /sd", o.serveTargets)
	mux.HandleFunc("GET /-/healthy", serveHealthy)
	mux.HandleFunc("GET /-/ready", o.serveReady)
	mux.HandleFunc("POST /-/reload", o.serveReload)
	newAPI(&o, l).register(mux)
	pages.register(mux)
	if o.Profiling {
		registerProfiles(mux)
	}
	return withoutSniffing(mux), nil
}

// registerProfiles serves the profiles of package pprof, which has a path of its own.
func registerProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}

// withoutSniffing makes browsers use the content type of every answer:
// texts of senders are in many of them.
func withoutSniffing(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.ServeHTTP(w, r)
	})
}

func (o *Options) setDefaults() {
	if o.Labels == nil {
		o.Labels = func(string) map[string]string { return nil }
	}
	if o.Interfaces == nil {
		o.Interfaces = func(string) []string { return nil }
	}
	if o.Links == nil {
		o.Links = func() Config { return Config{} }
	}
	if o.Stored == nil {
		o.Stored = func(time.Duration) bool { return true }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// checkTelemetryPath refuses paths that ServeMux would read as a pattern, and
// those that are in use.
func checkTelemetryPath(p string) error {
	plain := strings.TrimSuffix(p, "/")
	strange := func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/-._~", c))
	}
	switch {
	case !strings.HasPrefix(p, "/") || p == "/":
		return fmt.Errorf("--web.telemetry-path=%s: must begin with / and must not be the status page", p)
	case strings.ContainsFunc(p, strange):
		return fmt.Errorf("--web.telemetry-path=%s: may have letters, digits and /-._~ only", p)
	case path.Clean(p) != plain:
		return fmt.Errorf("--web.telemetry-path=%s: must not have empty, . or .. parts", p)
	case strings.HasPrefix(plain+"/", "/-/") || strings.HasPrefix(plain+"/", "/api/") || strings.HasPrefix(plain+"/", "/debug/"):
		return fmt.Errorf("--web.telemetry-path=%s: paths below /-/, /api/ and /debug/ are in use", p)
	case slices.Contains([]string{"/device", "/messages", "/sd", "/style.css", "/icon.svg"}, plain):
		return fmt.Errorf("--web.telemetry-path=%s: is a page of the exporter", p)
	}
	return nil
}

func serveHealthy(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "ftd_exporter is healthy.")
}

func (o *Options) serveReady(w http.ResponseWriter, _ *http.Request) {
	if !o.Ready() {
		writeText(w, http.StatusServiceUnavailable, "ftd_exporter is not ready: its listeners are not open.")
		return
	}
	writeText(w, http.StatusOK, "ftd_exporter is ready.")
}

func (o *Options) serveReload(w http.ResponseWriter, r *http.Request) {
	if o.Reload == nil {
		writeText(w, http.StatusForbidden, "Reloading is off; start ftd_exporter with --web.enable-lifecycle, or send SIGHUP.")
		return
	}
	if isFromPage(r) {
		writeText(w, http.StatusForbidden, "Reloading is not for web pages: send SIGHUP, or use curl.")
		return
	}
	err := o.Reload(context.WithoutCancel(r.Context()))
	if errors.Is(err, ErrReloading) {
		w.Header().Set("Retry-After", "30")
		writeText(w, http.StatusServiceUnavailable, "The configuration is still being loaded, by this call or another; the log and ftd_exporter_config_last_reload_successful tell how it ends.")
		return
	}
	if err != nil {
		writeText(w, http.StatusInternalServerError, fmt.Sprintf("The configuration was not loaded, the last good one stays:\n%v", err))
		return
	}
	writeText(w, http.StatusOK, "The configuration was loaded.")
}

// isFromPage reports whether a page in a browser sent a request. Browsers give
// an Origin to each POST, and Sec-Fetch-Site to each request by HTTPS or on the
// same machine; scripts send neither. No page of the exporter changes anything,
// so the names in them do not matter: that of an attacker's page can lead here
// (DNS rebinding), and then all names in its request are the same.
func isFromPage(r *http.Request) bool {
	_, origin := r.Header["Origin"]
	_, site := r.Header["Sec-Fetch-Site"]
	return origin || site
}

// writeText answers with a line of text.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
