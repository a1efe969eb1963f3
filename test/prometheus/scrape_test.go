package prometheus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The newest Prometheus scrapes the exporter three times: as plain text, as text with
// start times, which it reads as documented, and as protocol buffers.
const scrapeConfig = `
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: text, scrape_protocols: [PrometheusText0.0.4], static_configs: [{targets: [ADDRESS]}]}
  - {job_name: text2, scrape_protocols: [OpenMetricsText2.0.0, PrometheusText0.0.4], static_configs: [{targets: [ADDRESS]}]}
  - {job_name: protobuf, scrape_protocols: [PrometheusProto], static_configs: [{targets: [ADDRESS]}]}
`

const mismatch = "<161>gru-fw1 : %ASA-1-743000: The PCI device with vendor ID: 0x8086 device ID: 0x10c9 located at bus:device.function 3:0.1 has a link width of 4 when it should have a link width of 8."

// With start times, increase() includes the first event of a series, which it does not
// without, and a restart of the exporter counts nothing twice.
func TestFirstEvents(t *testing.T) {
	storage, web := t.TempDir(), testutil.FreeAddr(t)
	serve := func() *testutil.Exporter {
		return testutil.Serve(t, "--storage.path="+storage, "--web.listen-address="+web)
	}
	e := serve()
	p := startNewest(t, web)
	p.await(t, "min by (job) (up offset 1s)", map[string]string{"text": "1", "text2": "1", "protobuf": "1"})

	const increase = "round(increase(ftd_pci_link_mismatches_total[1h]))"
	e.Send("udp", mismatch)
	p.await(t, increase, map[string]string{"text": "0", "text2": "1", "protobuf": "1"})
	e.Stop()
	e = serve()
	e.Send("udp", mismatch)
	e.Send("udp", mismatch)
	p.await(t, increase, map[string]string{"text": "2", "text2": "3", "protobuf": "3"})
	p.await(t, "resets(ftd_pci_link_mismatches_total[1h])", map[string]string{"text": "0", "text2": "0", "protobuf": "0"})
}

// A server is a running Prometheus.
type server struct{ address string }

// startNewest starts the newest Prometheus with start times.
func startNewest(t *testing.T, target string) server {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(scrapeConfig, "ADDRESS", target)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := server{testutil.FreeAddr(t)}
	testutil.Run(t, exec.Command(newest(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+s.address, "--enable-feature=openmetrics2,created-timestamp-zero-ingestion"))
	return s
}

// await polls until an expression has a value for each job.
func (s server) await(t *testing.T, expr string, want map[string]string) {
	t.Helper()
	testutil.Eventually(t, expr, func() error {
		resp, err := http.PostForm("http://"+s.address+"/api/v1/query", url.Values{"query": {expr}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var answer struct {
			Data struct {
				Result []struct {
					Metric map[string]string
					Value  [2]any
				}
			}
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return err
		}
		got := map[string]string{}
		for _, r := range answer.Data.Result {
			got[r.Metric["job"]] = fmt.Sprint(r.Value[1])
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("got %v, want %v", got, want)
		}
		return nil
	})
}
