package exporter

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// HandlerOptions says what the HTTP handler serves.
type HandlerOptions struct {
	// Gatherer has the metrics besides those of the table.
	Gatherer prometheus.Gatherer
	// State is the table, whose metrics are shown, and the JSON API's.
	State *collectors.Table
	// TelemetryPath is the path of the metrics, "/metrics" by custom.
	TelemetryPath string
	// Ready is true while all listeners receive.
	Ready  *atomic.Bool
	Logger *slog.Logger
	// Exporter is what the status page shows; nil for no page.
	Exporter *Exporter
	// Store is the state file that a scrape waits for and whose health the status
	// page shows; nil if there is none.
	Store *Store
	// Reload loads the configuration again; nil if that is not allowed.
	Reload func() error
	// AdminAPI allows the calls of the API that change the state.
	AdminAPI bool
}

// NewHandler returns the handler for the metrics, the health checks, the JSON
// API and the status page.
func NewHandler(o HandlerOptions) (http.Handler, error) { return newHandler(o, defaultWebLimits()) }

func newHandler(o HandlerOptions, limits webLimits) (http.Handler, error) {
	if err := checkTelemetryPath(o.TelemetryPath); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	scrapes, err := newScraper(o, limits)
	if err != nil {
		return nil, err
	}
	mux.Handle("GET "+o.TelemetryPath, scrapes)
	text := func(pattern string, f func(http.ResponseWriter)) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			f(w)
		})
	}
	text("/-/healthy", func(w http.ResponseWriter) { fmt.Fprintln(w, "ftd_exporter is healthy.") })
	text("/-/ready", func(w http.ResponseWriter) {
		if !o.Ready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "ftd_exporter is not ready: its listeners are not open.")
			return
		}
		fmt.Fprintln(w, "ftd_exporter is ready.")
	})
	mux.HandleFunc("POST /-/reload", func(w http.ResponseWriter, r *http.Request) {
		switch err := http.NewCrossOriginProtection().Check(r); {
		case o.Reload == nil:
			http.Error(w, "Reloading is off; start ftd_exporter with --web.enable-lifecycle, or send SIGHUP.", http.StatusForbidden)
		case err != nil:
			http.Error(w, err.Error(), http.StatusForbidden)
		default:
			if err := o.Reload(); err != nil {
				http.Error(w, fmt.Sprintf("The configuration was not loaded, the last good one stays:\n%v", err), http.StatusInternalServerError)
				return
			}
			fmt.Fprintln(w, "The configuration was loaded.")
		}
	})
	newAPI(o).register(mux)
	if o.Exporter != nil {
		pages, err := newStatus(o)
		if err != nil {
			return nil, err
		}
		pages.register(mux)
	}
	return mux, nil
}

// checkTelemetryPath refuses paths that are not plain, or that mean something
// else already.
func checkTelemetryPath(p string) error {
	plain := strings.TrimSuffix(p, "/")
	strange := func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/-._~", c))
	}
	switch {
	case !strings.HasPrefix(p, "/") || p == "/":
		return fmt.Errorf("telemetry path %q must begin with / and must not be the status page", p)
	case strings.ContainsFunc(p, strange):
		return fmt.Errorf("telemetry path %q may have letters, digits and /-._~ only", p)
	case path.Clean(p) != plain:
		return fmt.Errorf("telemetry path %q must not have empty, . or .. parts", p)
	case strings.HasPrefix(plain+"/", "/-/") || strings.HasPrefix(plain+"/", "/api/"):
		return fmt.Errorf("telemetry path %q: what begins with /-/ or /api/ is in use", p)
	case slices.Contains([]string{"/device", "/messages", "/style.css", "/icon.svg"}, plain):
		return fmt.Errorf("telemetry path %q is a page of the exporter", p)
	}
	return nil
}
