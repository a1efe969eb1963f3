package exporter

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// HandlerOptions says what the HTTP handler serves.
type HandlerOptions struct {
	// Gatherer is what the metrics are gathered from.
	Gatherer prometheus.Gatherer
	// TelemetryPath is the path of the metrics, "/metrics" by custom.
	TelemetryPath string
	// Ready is true while all listeners receive.
	Ready  *atomic.Bool
	Logger *slog.Logger
	// State is what the JSON API shows; nil for no API.
	State *collectors.State
	// Reload loads the configuration again; nil if that is not allowed.
	Reload func() error
	// AdminAPI allows the calls of the API that change the state.
	AdminAPI bool
}

// NewHandler returns the handler for the metrics, the health checks, the JSON
// API and the landing page.
func NewHandler(o HandlerOptions) (http.Handler, error) {
	if o.TelemetryPath == "" || o.TelemetryPath[0] != '/' || o.TelemetryPath == "/" {
		return nil, fmt.Errorf("telemetry path %q must begin with / and must not be the landing page", o.TelemetryPath)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+o.TelemetryPath, promhttp.HandlerFor(o.Gatherer, promhttp.HandlerOpts{
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelError),
		EnableOpenMetrics: true,
		CoalesceGather:    true,
	}))
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
	links := []web.LandingLinks{
		{Address: o.TelemetryPath, Text: "Metrics"},
		{Address: "/-/healthy", Text: "Health", Description: "is the process alive"},
		{Address: "/-/ready", Text: "Readiness", Description: "are the syslog listeners open"},
	}
	if o.State != nil {
		newAPI(o).register(mux)
		links = append(links,
			web.LandingLinks{Address: "/api/v1/devices", Text: "Devices", Description: "present states as JSON"},
			web.LandingLinks{Address: "/api/v1/events", Text: "Events", Description: "last changes as JSON"})
	}
	landing, err := web.NewLandingPage(web.LandingConfig{
		Name:        "ftd_exporter",
		Description: "Hardware health and capacity of Cisco FTD and ASA firewalls, as told by their syslog messages",
		Version:     version.Info(),
		Profiling:   "false",
		Links:       links,
	})
	if err != nil {
		return nil, err
	}
	mux.Handle("GET /{$}", landing)
	return mux, nil
}
