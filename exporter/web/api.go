package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// An api answers in JSON: an object with the result, or with the single key
// "error".
type api struct {
	table  Table
	stored func(limit time.Duration) bool
	backup func(w io.Writer) error
	admin  bool
	now    func() time.Time
	logger *slog.Logger

	places, backups *places // Of calls that read, and of backups.
}

func newAPI(o *Options, l limits) *api {
	return &api{
		table: o.Table, stored: o.Stored, backup: o.Backup, admin: o.AdminAPI, now: o.Now, logger: o.Logger,
		places: newPlaces(l.reads, l), backups: newBackupPlace(l),
	}
}

func (a *api) register(mux *http.ServeMux) {
	// The patterns do not have a method, so that a wrong one is answered in JSON, too.
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "there is no %s; try /api/v1/devices or /api/v1/events", r.URL.Path)
	})
	mux.HandleFunc("/api/v1/devices", allowMethod(http.MethodGet, a.places.handle(a.devices, writeError)))
	mux.HandleFunc("/api/v1/events", allowMethod(http.MethodGet, a.places.handle(a.events, writeError)))
	mux.HandleFunc("/api/v1/forget", allowMethod(http.MethodPost, a.adminOnly(a.forget)))
	mux.HandleFunc("/api/v1/state/backup", allowMethod(http.MethodGet, a.adminOnly(a.serveBackup)))
}

// allowMethod refuses other methods than the given one. HEAD passes as GET.
func allowMethod(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (r.Method != http.MethodHead || method != http.MethodGet) {
			w.Header().Set("Allow", method)
			writeError(w, http.StatusMethodNotAllowed, "%s takes %s, not %s", r.URL.Path, method, r.Method)
			return
		}
		h(w, r)
	}
}

// adminOnly refuses a call of the admin API if that is off, or if a page in a
// browser makes the call.
func (a *api) adminOnly(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !a.admin:
			writeError(w, http.StatusForbidden, "this call is off; start ftd_exporter with --web.enable-admin-api to allow it")
		case isFromPage(r):
			writeError(w, http.StatusForbidden, "this call is not for web pages; use curl")
		default:
			h(w, r)
		}
	}
}

// devices writes one device after the other, so that a large fleet is never in
// memory as a whole, and no lock is held while a slow client is waited for.
func (a *api) devices(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); query.Has("device") {
		d, ok := a.table.Snapshot(query.Get("device"))
		if !ok {
			writeUnknownDevice(w, query.Get("device"))
			return
		}
		writeJSON(w, http.StatusOK, map[string][]state.DeviceState{"devices": {d}})
		return
	}
	setJSONHeaders(w)
	b := bufio.NewWriterSize(w, 64<<10)
	encoder := newEncoder(b)
	separator := `{"devices":[`
	for d := range a.table.Snapshots() {
		b.WriteString(separator)
		if encoder.Encode(d) != nil {
			return // The client has gone, or is too slow.
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
			writeError(w, http.StatusBadRequest, "limit %q is not a number of 1 or more", s)
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string][]state.Event{"events": a.table.Events(since, limit)})
}

// parseTime reads a time in the form of RFC 3339, or in seconds since 1970. A
// plus sign that was not escaped in the URL arrives as a space.
func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")); err == nil {
		return t, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1e12) {
		return time.Time{}, fmt.Errorf("%q is not a time; write 2026-03-17T12:00:00Z or seconds since 1970", s)
	}
	whole, fraction := math.Modf(f)
	return time.Unix(int64(whole), int64(fraction*1e9)), nil
}

// forget removes a device or, if there are other parameters, which are labels, a
// part of it.
func (a *api) forget(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	name := query.Get("device")
	if name == "" {
		writeError(w, http.StatusBadRequest, "no device is named; POST to /api/v1/forget?device=NAME")
		return
	}
	labels := map[string]string{}
	for label, values := range query {
		if len(values) > 1 {
			writeError(w, http.StatusBadRequest, "%s is given twice; forget one after the other", label)
			return
		}
		labels[label] = values[0]
	}
	delete(labels, "device")
	answer := map[string]any{"forgotten": name}
	attributes := []any{"device", name, "client", r.RemoteAddr}
	if len(labels) == 0 {
		if !a.table.Forget(name) {
			writeUnknownDevice(w, name)
			return
		}
	} else {
		removed, found, err := a.table.ForgetPart(name, labels)
		switch {
		case err != nil:
			writeError(w, http.StatusBadRequest, "%v", err)
			return
		case !found:
			writeUnknownDevice(w, name)
			return
		case len(removed) == 0:
			writeError(w, http.StatusNotFound, "device %q does not have a part with these labels; /api/v1/devices?device=NAME lists what it has", name)
			return
		}
		answer["labels"], answer["removed"] = labels, removed
		var part []any
		for _, label := range slices.Sorted(maps.Keys(labels)) {
			part = append(part, label, labels[label])
		}
		attributes = append(attributes, slog.Group("part", part...))
	}
	if !a.stored(commitWait) {
		a.logger.Warn("Device forgotten in memory only; if the exporter ends before the state file can be written, the device returns", attributes...)
		answer["stored"] = false
		writeJSON(w, http.StatusAccepted, answer)
		return
	}
	a.logger.Info("Device forgotten", attributes...)
	writeJSON(w, http.StatusOK, answer)
}

func writeUnknownDevice(w http.ResponseWriter, name string) {
	writeError(w, http.StatusNotFound, "there is no device %q", name)
}

func writeError(w http.ResponseWriter, status int, format string, args ...any) {
	writeJSON(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	setJSONHeaders(w)
	w.WriteHeader(status)
	_ = newEncoder(w).Encode(v) // It fails only if the client has gone.
}

func setJSONHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
}

// newEncoder returns an encoder that leaves < and > readable; no browser takes
// the answers for HTML.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
