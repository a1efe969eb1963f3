package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// inventory is a gatherer of the labels and interfaces of one device, and of a
// metric without a device.
func inventory(t *testing.T, device string, labels map[string]string, interfaces ...string) *prometheus.Registry {
	t.Helper()
	reg := prometheus.NewRegistry()
	own := prometheus.NewGauge(prometheus.GaugeOpts{Name: "ftd_exporter_devices", Help: "Devices."})
	if err := register(reg, own, namedDevices{
		names:      []string{device},
		labels:     func(string) map[string]string { return labels },
		interfaces: func(string) []string { return interfaces },
	}); err != nil {
		t.Fatal(err)
	}
	return reg
}

// A scrape may ask for some devices, in any format; the empty name stands for
// what does not have a device.
func TestScrapeOfDevices(t *testing.T) {
	f := newFixture(t)
	labels := map[string]string{"site": "fra"}
	f.Gatherer = inventory(t, "fw1", labels, "outside")
	f.Interfaces = func(device string) []string {
		if device == "fw1" {
			return []string{"outside"}
		}
		return nil
	}
	f.Labels = func(device string) map[string]string {
		if device == "fw1" {
			return labels
		}
		return nil
	}
	f.say(fanFailed, "fw2 : %FTD-1-735001: Cooling Fan 1: OK", "fw3 : %FTD-6-302013: Built")
	h := f.handler()
	const (
		fw1    = `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`
		fw2    = `ftd_component_ok{component="fan",device="fw2",unit="1"} 1`
		fw3    = `ftd_device_last_message_timestamp_seconds{device="fw3"}`
		info   = `ftd_message_info{`
		site   = `ftd_device_labels_info{device="fw1",site="fra"} 1`
		port   = `ftd_device_interface_info{device="fw1",interface="outside"} 1`
		itself = `ftd_exporter_devices 0`
	)
	all := []string{fw1, fw2, fw3, info, site, port, itself}
	for query, want := range map[string][]string{
		"":                                    all,
		"?device=fw1":                         {fw1, site, port},
		"?device=fw2&device=fw1":              {fw1, fw2, site, port},
		"?device=fw1&device=fw1":              {fw1, site, port},
		"?device=fw3":                         {fw3},
		"?device=fw2&device=fw9":              {fw2},
		"?device=":                            {info, itself},
		"?device=&device=fw2":                 {fw2, info, itself},
		"?device=fw1&name[]=ftd_component_ok": {fw1},
	} {
		for _, accept := range accepts() {
			if strings.Contains(accept, "protobuf;") && strings.Contains(accept, "encoding=delimited") {
				continue // Not text; what it is made of is shown by the other protocol buffers.
			}
			w := request(h, "GET", "/metrics"+query, "Accept", accept)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", query, w.Code, w.Body)
			}
			if ct := w.Header().Get("Content-Type"); !strings.HasPrefix(ct, "text/plain") && !strings.HasPrefix(ct, "application/openmetrics-text") {
				continue
			}
			body := w.Body.String()
			for _, series := range all {
				n := strings.Count(body, "\n"+series)
				wanted := 0
				for _, s := range want {
					if s == series {
						wanted = 1
					}
				}
				if series == info && wanted == 1 {
					wanted = n // One for each id.
				}
				if n != wanted || wanted == 0 && series == info && n > 0 {
					t.Errorf("%q %s: %d times %s, want %d", accept, query, n, series, wanted)
				}
			}
		}
		if query != "" {
			text := request(h, "GET", "/metrics"+query, "Accept", "text/plain").Body.String()
			objects := request(h, "GET", "/metrics"+query, "Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text").Body.String()
			if got, want := strings.Count(objects, "metric:"), seriesIn(text); got != want {
				t.Errorf("%s: protocol buffers have %d series, text %d", query, got, want)
			}
		}
	}
}

// seriesIn counts the series in the text format.
func seriesIn(text string) (n int) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

// A device that does not exist is not a device without trouble: its target is
// down.
func TestScrapeOfUnknownDevice(t *testing.T) {
	f := newFixture(t)
	f.say(fanFailed)
	h := f.handler()
	for _, accept := range []string{"text/plain", openMetrics, protobuf} {
		w := request(h, "GET", "/metrics?device=fw9", "Accept", accept)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `there is no device ["fw9"]`) {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
	}
	f.table.Forget("fw1")
	if w := request(h, "GET", "/metrics?device=fw1"); w.Code != http.StatusNotFound {
		t.Errorf("a forgotten device: %d %s", w.Code, w.Body)
	}
}

// Each device is a target, with the labels of the inventory.
func TestTargets(t *testing.T) {
	f := newFixture(t)
	f.TelemetryPath = "/firewalls"
	f.Labels = func(device string) map[string]string {
		return map[string]map[string]string{"fw1": {"site": "fra", "role": "edge"}}[device]
	}
	h := f.handler()
	targets := func() (got []target) {
		w := request(h, "GET", "http://exporter.example:10061/sd")
		if ct := w.Header().Get("Content-Type"); w.Code != http.StatusOK || ct != "application/json" {
			t.Fatalf("%d %s", w.Code, ct)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := targets(); got == nil || len(got) != 0 {
		t.Errorf("without devices: %v, want an empty list", got)
	}
	f.say(`fw"2 : %FTD-6-302013: Built`, fanFailed)
	got := targets()
	if len(got) != 2 {
		t.Fatal(got)
	}
	for label, want := range map[string]string{
		"instance": "fw1", "__param_device": "fw1", "__metrics_path__": "/firewalls",
		"__meta_ftd_device": "fw1", "__meta_ftd_site": "fra", "__meta_ftd_role": "edge",
	} {
		if v := got[1].Labels[label]; v != want {
			t.Errorf("%s=%q, want %q", label, v, want)
		}
	}
	if len(got[1].Targets) != 1 || got[1].Targets[0] != "exporter.example:10061" || got[0].Labels["instance"] != `fw"2` {
		t.Error(got)
	}
}

// Profiles are served on demand only.
func TestProfiles(t *testing.T) {
	for _, enabled := range []bool{false, true} {
		f := newFixture(t)
		f.Profiling = enabled
		h := f.handler()
		want := http.StatusNotFound
		if enabled {
			want = http.StatusOK
		}
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline"} {
			if w := request(h, "GET", path); w.Code != want {
				t.Errorf("enabled %v: %s: %d", enabled, path, w.Code)
			}
		}
	}
}
