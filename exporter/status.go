package exporter

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"
	"golang.org/x/sync/singleflight"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

//go:embed web
var webFiles embed.FS

// What the status page shows at most. It begins with the worst.
const (
	maxRows    = 200 // Devices.
	maxParts   = 8   // Failed or hot parts of each.
	maxSensors = 10
	maxGauges  = 5  // Of a kind.
	maxLines   = 20 // Events.
)

// refresh is after how many seconds a page loads itself again.
const refresh = 30

// silentAfter is when the status page calls a device silent.
const silentAfter = time.Hour

// States of the status page; the last two are of the exporter only.
const (
	statusFailed  = "failed"
	statusWarm    = "warm"
	statusOK      = "ok"
	statusUnknown = "unknown"
	statusSilent  = "silent"
	statusWarning = "warning"
	statusOff     = "off"
)

// statusStates returns the states that a device can have, the worst first. A
// silent device may have failed by now, so it comes before those that are well.
func statusStates() []string {
	return []string{statusFailed, "critical", statusWarm, statusSilent, statusUnknown, statusOK}
}

// A status answers with pages for people. A page is made of copies and is
// complete before its first byte is written, so no slow reader holds anything.
type status struct {
	exporter *Exporter
	store    *Store // Nil if there is no state file.
	ready    *atomic.Bool
	logger   *slog.Logger
	own      *prometheus.Registry // Metrics of the exporter alone.
	metrics  string               // Link to all metrics.
	pages    *template.Template
	messages []messageView
	// flight lets readers who come at the same time share one look at all
	// devices.
	flight singleflight.Group
}

func newStatus(o HandlerOptions) (*status, error) {
	s := &status{
		exporter: o.Exporter, store: o.Store, ready: o.Ready, logger: o.Logger,
		own: prometheus.NewRegistry(), metrics: strings.TrimPrefix(o.TelemetryPath, "/"),
	}
	m := o.Exporter.metrics
	for _, c := range []prometheus.Collector{m.frames, m.rejected, m.sockets, m.tcpConnections, m.tcpEvicted, m.unmatched, m.reloadSuccess} {
		if err := s.own.Register(c); err != nil {
			return nil, err
		}
	}
	var err error
	if s.pages, err = template.ParseFS(webFiles, "web/*.html"); err != nil {
		return nil, err
	}
	s.messages = messageViews(o.Exporter)
	return s, nil
}

func (s *status) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.fleet)
	mux.HandleFunc("GET /device", s.device)
	mux.HandleFunc("GET /messages", s.reference)
	for _, name := range []string{"style.css", "icon.svg"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			secure(w.Header())
			w.Header().Set("Cache-Control", "max-age=300")
			http.ServeFileFS(w, r, webFiles, "web/"+name)
		})
	}
}

// secure lets a page load the exporter's own style and icon, and nothing else.
// The templates escape what senders say; this is the second lock.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

// A frame is what all pages have in common.
type frame struct {
	Title, Version, MetricsLink string
	Now                         *instant
	Refresh                     int // In seconds; 0 for a page that does not change.
}

func (s *status) frame(title string, refresh int) frame {
	now := s.exporter.now()
	return frame{title, version.Version, s.metrics, &instant{now, now}, refresh}
}

// write answers with a page.
func (s *status) write(w http.ResponseWriter, code int, page string, data any) {
	var b bytes.Buffer
	secure(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	if err := s.pages.ExecuteTemplate(&b, page, data); err != nil {
		s.logger.Error("Making a page failed", "page", page, "err", err)
		http.Error(w, "The page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(code)
	_, _ = b.WriteTo(w) // It fails only if the reader has gone.
}

// fleetPage is the page of all devices.
type fleetPage struct {
	frame
	Tiles                   []tile
	Total, NotShown, Limit  string // NotShown is empty if all are shown.
	SilentAfter             string
	Trouble, Rest           []deviceRow
	Sensors                 []partRow
	Gauges                  []gaugeRow
	MoreSensors, MoreGauges int
	Events                  []eventRow
	Health                  []healthRow
	Listeners               []*listenerRow
}

// A tile tells how many devices are in a state.
type tile struct {
	State string
	Count int
}

// A deviceRow is a device of which not all is shown.
type deviceRow struct {
	Name   string
	State  string // One of statusStates.
	Silent bool
	Last   *instant // Nil if it never spoke.
	Parts  []partRow
	// MoreParts is how many failed or hot parts are not shown.
	MoreParts int
}

// A partRow is a component or a temperature.
type partRow struct {
	Device   string
	Part     string
	State    string
	Celsius  string
	Failures string
	Since    *instant
	Text, ID string
	celsius  float64
}

// An eventRow is a transition.
type eventRow struct {
	Time              *instant
	Device, Part      string
	From, To          string
	Summary, Text, ID string
}

func (s *status) fleet(w http.ResponseWriter, _ *http.Request) {
	p, _, _ := s.flight.Do("fleet", func() (any, error) { return s.fleetPage(), nil })
	s.write(w, http.StatusOK, "page.html", p)
}

func (s *status) fleetPage() *fleetPage {
	var (
		p       = fleetPage{frame: s.frame("Firewalls: status", refresh), Limit: count(maxRows), SilentAfter: ago(silentAfter)}
		now     = s.exporter.now()
		states  = statusStates()
		rows    = top[deviceRow]{limit: maxRows, compare: compareRows}
		sensors = top[partRow]{limit: maxSensors, compare: func(a, b partRow) int {
			return cmp.Or(cmp.Compare(b.celsius, a.celsius), strings.Compare(a.Device, b.Device), strings.Compare(a.Part, b.Part))
		}}
		gauges = map[string]*top[gaugeRow]{} // By title.
	)
	for _, state := range states {
		p.Tiles = append(p.Tiles, tile{State: state})
	}
	for _, scale := range scales() {
		gauges[scale.title] = &top[gaugeRow]{limit: maxGauges, compare: func(a, b gaugeRow) int {
			return cmp.Or(cmp.Compare(b.ratio, a.ratio), strings.Compare(a.Device, b.Device), strings.Compare(a.Labels, b.Labels))
		}}
	}
	for d := range s.exporter.state.Snapshots() {
		row := newDeviceRow(&d, now)
		rows.add(row)
		p.Tiles[slices.Index(states, row.State)].Count++
		for i := range d.Temperatures {
			if t := &d.Temperatures[i]; t.Celsius != nil {
				sensors.add(temperatureRow(d.Name, t, now))
			}
		}
		for _, g := range gaugeRows(&d, now) {
			if g.Mark != "" {
				g.Device = d.Name
				gauges[g.Title].add(g)
			}
		}
	}
	for _, row := range rows.list() {
		if len(row.Parts) > 0 {
			p.Trouble = append(p.Trouble, row)
		} else {
			p.Rest = append(p.Rest, row)
		}
	}
	if rows.total > 0 {
		p.Total = count(float64(rows.total))
	}
	if n := rows.more(); n > 0 {
		p.NotShown = count(float64(n))
	}
	p.Sensors, p.MoreSensors = sensors.list(), sensors.more()
	for _, scale := range scales() {
		p.Gauges = append(p.Gauges, gauges[scale.title].list()...)
		p.MoreGauges += gauges[scale.title].more()
	}
	p.Events = s.events("", now)
	p.Listeners, p.Health = s.health()
	return &p
}

func compareRows(a, b deviceRow) int {
	states := statusStates()
	return cmp.Or(cmp.Compare(slices.Index(states, a.State), slices.Index(states, b.State)), strings.Compare(a.Name, b.Name))
}

func newDeviceRow(d *collectors.DeviceState, now time.Time) deviceRow {
	row := deviceRow{Name: d.Name, State: d.State, Last: at(d.LastMessage, now)}
	row.Silent = d.LastMessage == nil || now.Sub(*d.LastMessage) > silentAfter
	if row.Silent && (row.State == statusOK || row.State == statusUnknown) {
		row.State = statusSilent
	}
	states := statusStates()
	parts := top[partRow]{limit: maxParts, compare: func(a, b partRow) int {
		return cmp.Compare(slices.Index(states, a.State), slices.Index(states, b.State))
	}}
	for i := range d.Components {
		if c := &d.Components[i]; !c.OK {
			parts.add(componentRow(d.Name, c, now))
		}
	}
	for i := range d.Temperatures {
		if t := &d.Temperatures[i]; t.State != statusOK {
			parts.add(temperatureRow(d.Name, t, now))
		}
	}
	row.Parts, row.MoreParts = parts.list(), parts.more()
	return row
}

func newPartRow(device, component, unit, state string, r *collectors.LastReport, now time.Time) partRow {
	return partRow{Device: device, Part: partName(component, unit), State: state, Since: at(r.Since, now), Text: r.Text, ID: r.MessageID}
}

func componentRow(device string, c *collectors.ComponentState, now time.Time) partRow {
	state := statusFailed
	if c.OK {
		state = statusOK
	}
	row := newPartRow(device, c.Component, c.Unit, state, &c.LastReport, now)
	if c.Failures != nil && *c.Failures > 0 {
		row.Failures = count(*c.Failures)
	}
	return row
}

func temperatureRow(device string, t *collectors.TemperatureState, now time.Time) partRow {
	row := newPartRow(device, t.Component, t.Unit, t.State, &t.LastReport, now)
	if t.Celsius != nil {
		row.celsius, row.Celsius = *t.Celsius, count(*t.Celsius)+" °C"
	}
	return row
}

// partName returns the name of a part for a reader: power supply 1.
func partName(component, unit string) string {
	return strings.TrimSpace(strings.ReplaceAll(component, "_", " ") + " " + unit)
}

// events returns the last events of a device, or of all if device is empty, the
// newest first.
func (s *status) events(device string, now time.Time) []eventRow {
	var rows []eventRow
	for _, t := range slices.Backward(s.exporter.state.Events(time.Time{}, math.MaxInt)) {
		if device != "" && t.Device != device {
			continue
		}
		if len(rows) == maxLines {
			break
		}
		rows = append(rows, eventRow{
			Time: &instant{t.Time, now}, Device: t.Device, Part: partName(t.Component, t.Unit),
			From: t.From, To: t.To, Summary: t.Summary, Text: t.Text, ID: t.MessageID,
		})
	}
	return rows
}

// devicePage is the page of one device; Device is nil if there is none of this
// name.
type devicePage struct {
	frame
	Name   string
	Device *deviceView
}

// A deviceView is everything that is known about a device.
type deviceView struct {
	deviceRow
	Labels, Severities       []pair
	Components, Temperatures []partRow
	Gauges                   []gaugeRow
	Counters                 []counterRow
	ZeroCounters             int
	Events                   []eventRow
}

type pair struct{ Name, Value string }

type counterRow struct{ Name, Labels, Value string }

func (s *status) device(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	p := devicePage{frame: s.frame(name+": status", refresh), Name: name}
	d, ok := s.exporter.state.Snapshot(name)
	if !ok {
		s.write(w, http.StatusNotFound, "device.html", p)
		return
	}
	now := s.exporter.now()
	v := &deviceView{deviceRow: newDeviceRow(&d, now), Gauges: gaugeRows(&d, now), Events: s.events(name, now)}
	for _, known := range s.exporter.policy.Load().config.Devices {
		if known.Name == name {
			for _, label := range slices.Sorted(maps.Keys(known.Labels)) {
				v.Labels = append(v.Labels, pair{label, known.Labels[label]})
			}
		}
	}
	for _, severity := range slices.Sorted(maps.Keys(d.MessagesBySeverity)) {
		if n := d.MessagesBySeverity[severity]; n != nil {
			v.Severities = append(v.Severities, pair{severity, count(*n)})
		}
	}
	for i := range d.Components {
		v.Components = append(v.Components, componentRow(name, &d.Components[i], now))
	}
	for i := range d.Temperatures {
		v.Temperatures = append(v.Temperatures, temperatureRow(name, &d.Temperatures[i], now))
	}
	for _, c := range d.Counters {
		if c.Value != nil && *c.Value > 0 {
			v.Counters = append(v.Counters, counterRow{c.Metric, labelText(c.Labels), count(*c.Value)})
		} else {
			v.ZeroCounters++
		}
	}
	p.Device = v
	s.write(w, http.StatusOK, "device.html", p)
}

// messagesPage is the reference of messages.
type messagesPage struct {
	frame
	Query      string
	Count, All int
	Messages   []messageView
}

// A messageView is an entry of the catalogue.
type messageView struct {
	ID, Severity, Family, Summary string
	Texts                         []string
	Meaning, Action               string
	Metrics                       []string
	words                         string // In lower case, for the search.
}

func messageViews(e *Exporter) []messageView {
	views := make([]messageView, 0, e.catalog.Len())
	for i := range e.catalog.Len() {
		c := e.catalog.At(i)
		v := messageView{
			ID: formatID(c.ID), Severity: strconv.Itoa(c.Severity), Family: c.Family, Summary: c.Summary,
			Texts: c.Templates, Meaning: c.Meaning, Action: c.Action, Metrics: e.state.FedBy(c.ID),
		}
		words := append([]string{v.ID, v.Family, v.Summary, v.Meaning, v.Action}, v.Texts...)
		v.words = strings.ToLower(strings.Join(append(words, v.Metrics...), "\n"))
		views = append(views, v)
	}
	return views
}

func (s *status) reference(w http.ResponseWriter, r *http.Request) {
	p := messagesPage{frame: s.frame("Messages", 0), Query: r.URL.Query().Get("q"), All: len(s.messages)}
	words := strings.Fields(strings.ToLower(p.Query))
	for _, m := range s.messages {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(m.words, word) }) {
			p.Messages = append(p.Messages, m)
		}
	}
	p.Count = len(p.Messages)
	s.write(w, http.StatusOK, "messages.html", p)
}

// A top keeps the first of many in the order of compare. Its zero value lacks
// limit and compare.
type top[T any] struct {
	limit   int
	compare func(a, b T) int
	total   int
	items   []T
}

func (t *top[T]) add(x T) {
	t.total++
	t.items = append(t.items, x)
	if len(t.items) >= 2*t.limit {
		t.list()
	}
}

// list returns the first ones, sorted.
func (t *top[T]) list() []T {
	slices.SortStableFunc(t.items, t.compare)
	t.items = t.items[:min(t.limit, len(t.items))]
	return t.items
}

// more returns how many were added that list does not return.
func (t *top[T]) more() int { return max(0, t.total-t.limit) }

// An instant is a time that is shown at another time.
type instant struct{ time, now time.Time }

// at returns an instant, or nil if the time is not known.
func at(t *time.Time, now time.Time) *instant {
	if t == nil {
		return nil
	}
	return &instant{*t, now}
}

// UTC returns the time for a reader.
func (i *instant) UTC() string { return i.time.UTC().Format("2006-01-02 15:04:05 UTC") }

// ISO returns the time for a program.
func (i *instant) ISO() string { return i.time.UTC().Format(time.RFC3339) }

// Ago returns how long ago the time was.
func (i *instant) Ago() string {
	d := i.now.Sub(i.time)
	if d < time.Second {
		return "just now"
	}
	return ago(d) + " ago"
}

// ago returns a duration in its two largest units.
func ago(d time.Duration) string {
	two := func(large int, largeUnit string, small int, smallUnit string) string {
		if small == 0 {
			return fmt.Sprintf("%d %s", large, largeUnit)
		}
		return fmt.Sprintf("%d %s %d %s", large, largeUnit, small, smallUnit)
	}
	switch s := int(d.Seconds()); {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return two(s/60, "min", s%60, "s")
	case s < 24*3600:
		return two(s/3600, "h", s%3600/60, "min")
	default:
		return two(s/(24*3600), "d", s%(24*3600)/3600, "h")
	}
}

// count returns a number with two decimals at most and commas between
// thousands.
func count(f float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(f, 'f', 2, 64), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
