package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

// The pages' templates, style and icon.
//
//go:embed pages
var pageFiles embed.FS

// refresh is after how many seconds a page reloads itself.
const refresh = 30

// pages answers with pages for people. A page is made of copies and is complete
// before its first byte is written, so a slow client holds nothing but its place.
type pages struct {
	table       Table
	ready       func() bool
	status      func() Status
	labels      func(device string) map[string]string
	now         func() time.Time
	version     string
	metricsLink string // To all metrics.
	logger      *slog.Logger
	templates   *template.Template
	messages    []messageRow
	actions     map[string]string // What to do about a message, by its id; without those that need nothing.
	links       func() Config
	places      *places
	// fleets lets clients that come at the same time share one look at all
	// devices.
	fleets singleflight.Group
}

func newPages(o *Options, l limits) (*pages, error) {
	p := &pages{
		table: o.Table, ready: o.Ready, status: o.Status, labels: o.Labels, now: o.Now,
		version: o.Version, metricsLink: strings.TrimPrefix(o.TelemetryPath, "/"), logger: o.Logger,
		links: o.Links, messages: newMessageRows(o.Catalog, o.Table), places: newPlaces(l.pages, l),
		actions: map[string]string{},
	}
	for i := range p.messages {
		if m := &p.messages[i]; !strings.HasPrefix(m.Action, "None") {
			p.actions[m.ID] = m.Action
		}
	}
	var err error
	p.templates, err = template.New("").Funcs(template.FuncMap{
		"todo":    func(id string) string { return p.actions[id] },
		"runbook": func(id string) string { c := p.links(); return c.runbook(id) },
		"board":   func(device string) string { c := p.links(); return c.board(device) },
	}).ParseFS(pageFiles, "pages/*.html")
	return p, err
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.places.handle(p.serveFleet, refuseText))
	mux.HandleFunc("GET /device", p.places.handle(p.serveDevice, refuseText))
	mux.HandleFunc("GET /messages", p.places.handle(p.serveMessages, refuseText))
	for _, name := range []string{"style.css", "icon.svg"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			setSecurityHeaders(w.Header())
			w.Header().Set("Cache-Control", "max-age=300")
			http.ServeFileFS(w, r, pageFiles, "pages/"+name)
		})
	}
}

// setSecurityHeaders lets a page load the exporter's own style and icon, and
// nothing else. The templates escape what senders write; should one of them fail
// to, no script runs all the same.
func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

// A page is what all pages have in common.
type page struct {
	Title, Version, MetricsLink string
	// Grafana and Runbooks are links, or empty.
	Grafana, Runbooks string
	Now               *pageTime
	Refresh           int // In seconds; 0 for a page that does not change.
}

func (p *pages) newPage(title string, refresh int) page {
	now := p.now()
	links := p.links()
	return page{title, p.version, p.metricsLink, links.board(""), links.runbook(""), &pageTime{now, now}, refresh}
}

// write answers with the page that a template makes of data.
func (p *pages) write(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	setSecurityHeaders(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		p.logger.Error("Making a page failed", "page", name, "err", err)
		http.Error(w, "The page could not be made; the log has the reason.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // It fails only if the client has gone.
}

// first sorts rows and returns the first ones, at most limit, and how many it
// leaves out.
func first[T any](rows []T, limit int, compare func(a, b T) int) (shown []T, more int) {
	slices.SortStableFunc(rows, compare)
	n := min(limit, len(rows))
	return rows[:n], len(rows) - n
}
