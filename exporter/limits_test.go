package exporter_test

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"testing"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
)

// The limits are metrics, each under its key in the configuration file.
func TestLimitsAreMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(file, []byte("limits: {devices: 7, label_bytes: 8000}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	web, none := []string{"127.0.0.1:0"}, ""
	e, err := exporter.New(exporter.Options{
		ConfigFile: file, ListenAddresses: []string{"udp://127.0.0.1:0"}, MaxRequests: 5,
		Entries: catalog.Messages(), Collectors: collectors.All(),
		Web:    &toolkit.FlagConfig{WebListenAddresses: &web, WebSystemdSocket: new(bool), WebConfigFile: &none},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	families, err := e.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "ftd_exporter_limit" {
			for _, m := range f.Metric {
				got[m.Label[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	want := map[string]float64{
		"devices": 7, "series": 1_000_000, "series_per_metric": 200, "label_bytes": 8000, "label_bytes_per_device": 250_000,
		"tcp_connections": 1000, "frame_bytes": 8192,
		"http_connections": 512, "http_scrapes": 5, "http_pages": 16, "http_api_calls": 4,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
