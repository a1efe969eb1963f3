package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// startPrometheus starts a real Prometheus that scrapes the exporter and
// evaluates the rules every second.
func startPrometheus(t *testing.T, exporter string) (address string) {
	t.Helper()
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is missing: apt-get install prometheus")
	}
	rules, err := filepath.Abs(filepath.Join(root, "dashboards/prometheus"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%s/*.yml]
scrape_configs:
  - job_name: ftd
    static_configs: [{targets: [%q]}]
`[1:], rules, exporter)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address = testutil.FreeAddr(t)
	testutil.Run(t, exec.Command(binary, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address))
	return address
}

// api queries Prometheus, and decodes the field data of the response.
func api(address, path string, data any) error {
	resp, err := http.Get("http://" + address + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := struct{ Data any }{data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}

// samples returns the number of values of a PromQL expression.
func samples(address, expr string) (int, error) {
	var result struct{ Result []any }
	err := api(address, "/api/v1/query?query="+url.QueryEscape(expr), &result)
	return len(result.Result), err
}

// sampleAlerts are the alerts of the incidents in the sample fleet; see
// examples/fleetlog. Alerts with a for clause are pending.
var sampleAlerts = []string{
	"firing FTDBooted ams-dc-fw2",
	"firing FTDBooted ams-edge-fw2",
	"firing FTDBooted bom-dc-fw1",
	"firing FTDBooted dxb-branch-fw1",
	"firing FTDBooted gru-branch-fw1",
	"firing FTDBooted hkg-branch-fw1",
	"firing FTDBooted jnb-branch-fw1",
	"firing FTDBooted lon-edge-fw2",
	"firing FTDBooted mad-branch-fw1",
	"firing FTDBooted sjc-lab-fw1",
	"firing FTDCertificateExpires lon-vpn-fw1",
	"firing FTDClusterMemberLeft fra-clu-fw1",
	"firing FTDClusterMemberLeft fra-clu-fw2",
	"firing FTDClusterMemberMustBeRejoined fra-clu-fw1",
	"firing FTDClusterTrafficLost fra-clu-fw1",
	"firing FTDComponentFailed chi-branch-fw1",
	"firing FTDComponentFailed lon-edge-fw1",
	"firing FTDEOBCFailed sgp-dc-fw2",
	"firing FTDEnvironmentMonitoringIncomplete syd-edge-fw1",
	"firing FTDFXOSFault syd-edge-fw1",
	"firing FTDFailover ams-edge-fw2",
	"firing FTDFailoverPeerSilent ams-dc-fw2",
	"firing FTDHealthHardware syd-edge-fw1",
	"firing FTDImageFailed sjc-lab-fw1",
	"firing FTDMemoryAboutToReload bom-dc-fw1",
	"firing FTDMemoryNearlyExhausted bom-dc-fw1",
	"firing FTDMemoryNotAllocated bom-dc-fw1",
	"firing FTDPCIDeviceMissing gru-branch-fw1",
	"firing FTDPCILinkMismatch gru-branch-fw1",
	"firing FTDPOSTFailed sjc-lab-fw1",
	"firing FTDPowerSupplyRedundancyLost chi-branch-fw1",
	"firing FTDQuotaNearlyUsedUp lon-vpn-fw1",
	"firing FTDQuotaUsedUp lon-vpn-fw1",
	"firing FTDReloadsByItself bom-dc-fw1",
	"firing FTDResourceExhausted sgp-dc-fw1",
	"firing FTDSmartLicense par-branch-fw1",
	"firing FTDSyslogNotDelivered hkg-branch-fw1",
	"firing FTDThermalShutdown mad-branch-fw1",
	"firing FTDThermalShutdownBoot mad-branch-fw1",
	"pending FTDCPUOverloaded sgp-dc-fw1",
	"pending FTDDeviceClockSkew", // On many devices: the log is of another day.
	"pending FTDTemperatureWarm dxb-branch-fw1",
}

// The sample fleet has known incidents. Exactly their alerts are active, each
// once.
func TestSampleFleetRaisesItsAlerts(t *testing.T) {
	p := testutil.Serve(t)
	prometheus := startPrometheus(t, p.Web)
	testutil.Eventually(t, "two scrapes", func() error {
		n, err := samples(prometheus, "count_over_time(up[1m])>=2")
		if err == nil && n == 0 {
			err = fmt.Errorf("none yet")
		}
		return err
	})
	log, err := os.ReadFile(sampleLog)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", p.TCP)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(log); err != nil {
		t.Fatal(err)
	}
	conn.Close()

	var got []string
	testutil.Eventually(t, "the alerts", func() error {
		var answer struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
		if err := api(prometheus, "/api/v1/alerts", &answer); err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, a := range answer.Alerts {
			name := a.State + " " + a.Labels["alertname"]
			if a.Labels["alertname"] != "FTDDeviceClockSkew" {
				name += " " + a.Labels["device"]
			}
			seen[name] = true
		}
		got = slices.Sorted(maps.Keys(seen))
		if !slices.Equal(got, sampleAlerts) {
			return fmt.Errorf("got\n%q\nwant\n%q", got, sampleAlerts)
		}
		return nil
	})
}

// The simulator sends to the exporter, and Prometheus has every device of its
// fleet, with hardware states that change.
func TestSimulatedFleetReachesPrometheus(t *testing.T) {
	p := testutil.Serve(t)
	prometheus := startPrometheus(t, p.Web)
	testutil.Run(t, exec.Command(testutil.Program(t), "simulate", "--devices=12", "--speed=2000", "--rate=2000", "--target=tcp://"+p.TCP))
	for expr, least := range map[string]int{
		"ftd_device_last_message_timestamp_seconds":       12,
		"changes(ftd_component_ok[1m])>=2":                1,
		"ftd_component_state_changed_timestamp_seconds":   12,
		"ftd_temperature_state_changed_timestamp_seconds": 1,
		"device_component_unit:ftd_component_ok:last==1":  12,
		"ALERTS{alertname=\"FTDComponentFailed\"}":        1,
	} {
		testutil.Eventually(t, expr, func() error {
			n, err := samples(prometheus, expr)
			if err == nil && n < least {
				err = fmt.Errorf("%d series, want %d", n, least)
			}
			return err
		})
	}
	for _, expr := range []string{"ftd_exporter_messages_unmatched_total", "ftd_exporter_syslog_rejected_total>0", "ftd_exporter_series_rejected_total>0"} {
		if n, err := samples(prometheus, expr); err != nil || n > 0 {
			t.Errorf("%s: %d series, %v", expr, n, err)
		}
	}
}
