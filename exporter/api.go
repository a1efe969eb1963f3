package exporter

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// An api answers in JSON: an object with the result, or with the one key
// error.
type api struct {
	state  *collectors.Table
	store  *Store // Nil if there is no state file.
	admin  bool
	logger *slog.Logger
}

func newAPI(o HandlerOptions) *api { return &api{o.State, o.Store, o.AdminAPI, o.Logger} }

func (a *api) register(mux *http.ServeMux) {
	// The patterns name no method, so that a wrong one is told in JSON too.
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "there is no %s; try /api/v1/devices or /api/v1/events", r.URL.Path)
	})
	mux.HandleFunc("/api/v1/devices", only(http.MethodGet, a.devices))
	mux.HandleFunc("/api/v1/events", only(http.MethodGet, a.events))
	mux.HandleFunc("/api/v1/forget", only(http.MethodPost, a.forget))
}

// only refuses other methods than the given one. HEAD passes as GET.
func only(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (r.Method != http.MethodHead || method != http.MethodGet) {
			w.Header().Set("Allow", method)
			writeError(w, http.StatusMethodNotAllowed, "%s takes %s, not %s", r.URL.Path, method, r.Method)
			return
		}
		h(w, r)
	}
}

// devices writes one device after the other, so that a large fleet is never in
// memory as a whole, and no lock is held while a slow reader is waited for.
func (a *api) devices(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); query.Has("device") {
		d, ok := a.state.Snapshot(query.Get("device"))
		if !ok {
			writeUnknownDevice(w, query.Get("device"))
			return
		}
		writeJSON(w, http.StatusOK, map[string][]collectors.DeviceState{"devices": {d}})
		return
	}
	setJSON(w)
	b := bufio.NewWriterSize(w, 64<<10)
	encoder := newEncoder(b)
	separator := `{"devices":[`
	for d := range a.state.Snapshots() {
		b.WriteString(separator)
		if encoder.Encode(d) != nil {
			return // The reader has gone.
		}
		separator = ","
	}
	if separator != "," {
		b.WriteString(separator)
	}
	b.WriteString("]}\n")
	b.Flush()
}

func (a *api) events(w http.ResponseWriter, r *http.Request) {
	var (
		query = r.URL.Query()
		since time.Time
		limit = math.MaxInt
		err   error
	)
	if s := query.Get("since"); s != "" {
		if since, err = parseTime(s); err != nil {
			writeError(w, http.StatusBadRequest, "since %v", err)
			return
		}
	}
	if s := query.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 {
			writeError(w, http.StatusBadRequest, "limit %q is no number from 1 on", s)
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string][]collectors.Event{"events": a.state.Events(since, limit)})
}

// parseTime reads a time as RFC 3339 has it, or seconds since 1970. A plus
// sign that nobody escaped arrives as a blank.
func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")); err == nil {
		return t, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1e12) {
		return time.Time{}, fmt.Errorf("%q is no time; write 2026-03-17T12:00:00Z or seconds since 1970", s)
	}
	whole, fraction := math.Modf(f)
	return time.Unix(int64(whole), int64(fraction*1e9)), nil
}

func (a *api) forget(w http.ResponseWriter, r *http.Request) {
	if !a.admin {
		writeError(w, http.StatusForbidden, "this call is off; start ftd_exporter with --web.enable-admin-api to allow it")
		return
	}
	// A page of another site must not make an operator's browser do this.
	if err := new(http.CrossOriginProtection).Check(r); err != nil {
		writeError(w, http.StatusForbidden, "%v", err)
		return
	}
	name := r.URL.Query().Get("device")
	if name == "" {
		writeError(w, http.StatusBadRequest, "no device is named; POST to /api/v1/forget?device=NAME")
		return
	}
	if !a.state.Forget(name) {
		writeUnknownDevice(w, name)
		return
	}
	if a.store != nil {
		a.store.Wait(scrapeWait) // What was answered survives the process.
	}
	a.logger.Info("Device forgotten", "device", name, "client", r.RemoteAddr)
	writeJSON(w, http.StatusOK, map[string]string{"forgotten": name})
}

func writeUnknownDevice(w http.ResponseWriter, name string) {
	writeError(w, http.StatusNotFound, "there is no device %q", name)
}

func writeError(w http.ResponseWriter, status int, format string, args ...any) {
	writeJSON(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	setJSON(w)
	w.WriteHeader(status)
	_ = newEncoder(w).Encode(v) // It fails only if the reader has gone.
}

func setJSON(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// newEncoder returns an encoder that leaves < and > readable; nobody takes the
// answers for HTML.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
