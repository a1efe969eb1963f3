package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestHealthPaths(t *testing.T) {
	f := newFixture(t)
	h := f.handler()
	for _, tc := range []struct {
		ready  bool
		path   string
		status int
		want   string
	}{
		{true, "/-/healthy", 200, "ftd_exporter is healthy.\n"},
		{false, "/-/healthy", 200, "ftd_exporter is healthy.\n"},
		{true, "/-/ready", 200, "ftd_exporter is ready.\n"},
		{false, "/-/ready", 503, "ftd_exporter is not ready: its listeners are not open.\n"},
	} {
		f.ready = tc.ready
		w := request(h, "GET", tc.path)
		if got := w.Header().Get("Content-Type"); w.Code != tc.status || w.Body.String() != tc.want || got != "text/plain; charset=utf-8" {
			t.Errorf("%s, ready %t: %d %q, Content-Type %q", tc.path, tc.ready, w.Code, w.Body, got)
		}
		if w := request(h, "POST", tc.path); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", tc.path, w.Code)
		}
	}
}

// No browser guesses what an answer is, whatever it is an answer to.
func TestAnswersAreNotSniffed(t *testing.T) {
	f := newFixture(t)
	f.say(fanFailed)
	h := f.handler()
	for _, path := range []string{
		"/", "/device?name=fw1", "/device?name=none", "/messages", "/style.css", "/icon.svg", "/metrics", "/nowhere", "//",
		"/-/healthy", "/-/ready", "/-/reload", "/api/v1/devices", "/api/v1/events", "/api/v1/forget", "/api/none",
	} {
		for _, method := range []string{"GET", "POST", "HEAD"} {
			if w := request(h, method, path); w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: %d %v", method, path, w.Code, w.Header())
			}
		}
	}
}

// Nothing of two packages of the exporter has the same name, and a second handler is
// a mistake.
func TestMetricsAreRegisteredOnce(t *testing.T) {
	f := newFixture(t)
	f.server(f.handler())
	if _, err := New(f.Options); err == nil {
		t.Error("a second handler is no error")
	}
	if _, err := NewServer(nil, f.registry, quiet); err == nil {
		t.Error("a second server is no error")
	}
	var names []string
	families, err := f.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		names = append(names, family.GetName())
	}
	want := []string{"ftd_exporter_http_connections", "ftd_exporter_http_connections_evicted_total", "ftd_exporter_scrapes_total"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

func TestTelemetryPath(t *testing.T) {
	for _, tc := range []struct{ path, want string }{
		{"/metrics", ""},
		{"/ftd/metrics", ""},
		{"/metrics/", ""},
		{"/apiary", ""},
		{"/healthy", ""},
		{"", "must begin with /"},
		{"metrics", "must begin with /"},
		{"GET /metrics", "must begin with /"},
		{"/", "must not be the status page"},
		{"/{x}", "letters, digits and /-._~ only"},
		{"/metrics/{$}", "letters, digits and /-._~ only"},
		{"/metrics x", "letters, digits and /-._~ only"},
		{"/metrics?x", "letters, digits and /-._~ only"},
		{"/%2e", "letters, digits and /-._~ only"},
		{"//metrics", "must not have empty, . or .. parts"},
		{"/a/../metrics", "must not have empty, . or .. parts"},
		{"/metrics//", "must not have empty, . or .. parts"},
		{"/-/healthy", "paths below /-/, /api/ and /debug/ are in use"},
		{"/-/reload", "paths below /-/, /api/ and /debug/ are in use"},
		{"/-", "paths below /-/, /api/ and /debug/ are in use"},
		{"/debug/pprof", "paths below /-/, /api/ and /debug/ are in use"},
		{"/sd", "is a page of the exporter"},
		{"/api", "paths below /-/, /api/ and /debug/ are in use"},
		{"/api/", "paths below /-/, /api/ and /debug/ are in use"},
		{"/api/v1/devices", "paths below /-/, /api/ and /debug/ are in use"},
		{"/device", "is a page of the exporter"},
		{"/messages/", "is a page of the exporter"},
		{"/style.css", "is a page of the exporter"},
		{"/icon.svg", "is a page of the exporter"},
	} {
		f := newFixture(t)
		f.TelemetryPath = tc.path
		h, err := New(f.Options)
		switch {
		case tc.want != "":
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q: error %v", tc.path, err)
			}
		case err != nil:
			t.Errorf("%q: %v", tc.path, err)
		default:
			if w := request(h, "GET", tc.path); w.Code != http.StatusOK {
				t.Errorf("%q: status %d", tc.path, w.Code)
			}
		}
	}
}

func TestReload(t *testing.T) {
	const notForPages = "Reloading is not for web pages: send SIGHUP, or use curl.\n"
	for _, tc := range []struct {
		name, header string
		off          bool
		err          error
		status       int
		want         string
	}{
		{"off", "", true, nil, 403, "Reloading is off; start ftd_exporter with --web.enable-lifecycle, or send SIGHUP.\n"},
		{"on", "", false, nil, 200, "The configuration was loaded.\n"},
		{"from another site", "Sec-Fetch-Site: cross-site", false, nil, 403, notForPages},
		{"from a rebound name", "Sec-Fetch-Site: same-origin", false, nil, 403, notForPages},
		{"from a rebound name, by HTTP", "Origin: http://example.com", false, nil, 403, notForPages},
		{"a mistake", "", false, errors.New("ftd.yml:1: mistake"), 500, "The configuration was not loaded, the last good one stays:\nftd.yml:1: mistake\n"},
		{"a file that hangs", "", false, fmt.Errorf("reload: %w", ErrReloading), 503, "The configuration is still being loaded, by this call or another; the log and ftd_exporter_config_last_reload_successful tell how it ends.\n"},
	} {
		f := newFixture(t)
		calls := 0
		if !tc.off {
			f.Reload = func(context.Context) error {
				calls++
				return tc.err
			}
		}
		w := request(f.handler(), "POST", "/-/reload", splitHeader(tc.header)...)
		if w.Code != tc.status || tc.want != "" && w.Body.String() != tc.want {
			t.Errorf("%s: %d %q", tc.name, w.Code, w.Body)
		}
		if reloads := w.Code != http.StatusForbidden; reloads != (calls == 1) {
			t.Errorf("%s: %d calls", tc.name, calls)
		}
	}
}

// A client that does not wait for the answer does not end a reload halfway.
func TestReloadWithoutItsClient(t *testing.T) {
	f := newFixture(t)
	begun, gone, done := make(chan struct{}), make(chan struct{}), make(chan error)
	f.Reload = func(ctx context.Context) error {
		close(begun)
		<-gone
		done <- ctx.Err()
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.serve(f.handler())+"/-/reload", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-begun
		cancel()
	}()
	defer http.DefaultClient.CloseIdleConnections()
	if resp, err := http.DefaultClient.Do(r); err == nil {
		resp.Body.Close()
		t.Error("there is an answer")
	}
	close(gone)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
