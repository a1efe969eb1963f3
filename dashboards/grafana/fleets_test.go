package grafana_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// fleetSamples is how many samples Prometheus may read for one refresh of the wall
// with 300 devices. Unlike the time, which is under half a second, it does not depend
// on the machine.
const fleetSamples = 60_000

// Every query of every panel is answered for a fleet of 300 devices with each kind of
// incident, and for one that is healthy, then silent, and then without its exporter. The
// last one has a management center beside its 30 firewalls.
// The wall shows which. [TestQueriesOnPrometheus] has the sample fleet.
func TestFleets(t *testing.T) {
	p, dying := startFleets(t)
	now := func(job, silence string) choice {
		return choice{job: job, instance: ".*", site: ".*", silence: silence}
	}
	p.await(t, `count(device:ftd_state:worst{job="large"}) == 300`)
	p.await(t, `count(device:ftd_state:worst{job="dying"} == 0) == 31`)
	t.Run("large", func(t *testing.T) {
		p.answersAll(t, now("large", "3600"))
		wall := p.wall(t, now("large", "3600"))
		if wall["The fleet/A"] < 5 || wall["Devices by state/A"] < 1 || wall["Devices by state/F"] < 250 {
			t.Errorf("the wall has %v", wall)
		}
		if n := p.samples(t, now("large", "3600")); n > fleetSamples {
			t.Errorf("a refresh of the wall reads %d samples, more than %d", n, fleetSamples)
		} else {
			t.Logf("a refresh of the wall reads %d samples", n)
		}
	})
	check := func(name string, c choice, want map[string]float64) {
		t.Helper()
		testutil.Eventually(t, "the fleet is "+name, func() error {
			wall := p.wall(t, c)
			for panel, value := range want {
				if got, ok := wall[panel]; !ok || got != value {
					return fmt.Errorf("%s is %v, want %v, in %v", panel, got, value, wall)
				}
			}
			return nil
		})
		t.Run(name, func(t *testing.T) { p.answersAll(t, c) })
	}
	check("healthy", now("dying", "3600"), map[string]float64{"The fleet/A": 0, "Devices by state/D": 0, "Devices by state/F": 31, "Exporters/A": 0})
	// The management center may be.
	check("silent", now("dying", "1"), map[string]float64{"The fleet/A": 30, "Devices by state/D": 30, "Exporters/A": 0})
	dying.Stop()
	// Without an exporter, the state of a device that was OK is unknown.
	check("dead", now("dying", "3600"), map[string]float64{"The fleet/A": -1, "Devices by state/E": 31, "Devices by state/F": 0, "Exporters/A": 1})
}

// startFleets starts an exporter with 300 devices, another one with 30, and a Prometheus
// with the project's rules that scrapes them as the jobs large and dying.
func startFleets(t *testing.T) (*prometheusServer, *testutil.Exporter) {
	t.Helper()
	server, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus; on Debian or Ubuntu: apt-get install --no-install-recommends prometheus")
	}
	rules, err := filepath.Abs("../prometheus/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	large, dying := exporterOf(t, 300), exporterOf(t, 30)
	p := &prometheusServer{address: testutil.FreeAddr(t)}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, `global: {scrape_interval: 2s, evaluation_interval: 4s}
rule_files: [%q]
scrape_configs:
  - job_name: large
    static_configs: [{targets: [%q]}]
  - job_name: dying
    static_configs: [{targets: [%q]}]
`, rules, large.Web, dying.Web), 0o600); err != nil {
		t.Fatal(err)
	}
	testutil.Run(t, exec.Command(server, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"), "--web.listen-address="+p.address))
	return p, dying
}

// exporterOf starts an exporter that has received that many devices say that their
// parts work. If there are more than 30, each kind of incident has begun on one, else a
// management center reports on one.
func exporterOf(t *testing.T, devices int) *testutil.Exporter {
	t.Helper()
	syslog := testutil.FreeAddr(t)
	e := testutil.Serve(t, "--storage.path=", "--syslog.listen-address=tcp://"+syslog)
	fleet := simulator.NewFleet(devices, rand.New(rand.NewPCG(1, 2)))
	now := time.Now().UTC()
	var lines bytes.Buffer
	send := func(d *simulator.Device, steps []simulator.Step) {
		for _, step := range steps {
			if step.Manager == "" { // A management center is a device of its own.
				lines.WriteString(d.Line(now, step.Message) + "\n")
			}
		}
	}
	for _, d := range fleet.Devices {
		send(d, fleet.Boot(d))
	}
	if devices > simulator.SampleSize {
		for i, incident := range simulator.Incidents() {
			d := fleet.Devices[i]
			steps := incident.Steps(fleet, d)
			send(d, steps[:(len(steps)+1)/2])
		}
	} else {
		lines.WriteString("<46>" + now.Format("Jan _2 15:04:05") + " fmc1 : HMNOTIFY: Disk Usage (Sensor " + fleet.Devices[0].Name + "): Severity: normal: x\n")
	}
	conn, err := net.Dial("tcp", syslog)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(lines.Bytes()); err != nil {
		t.Fatal(err)
	}
	return e
}

// answersAll fails if Prometheus refuses a query of a panel or of a variable.
func (p *prometheusServer) answersAll(t *testing.T, c choice) {
	t.Helper()
	eachQuery(t, func(t *testing.T, _ string, _ panel, expr string) {
		if _, err := p.query(c.fill(expr), time.Now()); err != nil {
			t.Errorf("%v: %s", err, c.fill(expr))
		}
	})
}

// wall returns the single values of the wall by the title of their panel and the
// reference of their query.
func (p *prometheusServer) wall(t *testing.T, c choice) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for _, panel := range boards(t)["ftd-fleet"].Panels {
		for _, target := range panel.Targets {
			got, err := p.query(c.fill(target.Expr), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if value, ok := got["map[]"]; ok {
				values[panel.Title+"/"+target.RefID] = value
			}
		}
	}
	return values
}

// samples returns how many samples Prometheus reads for one refresh of the wall.
func (p *prometheusServer) samples(t *testing.T, c choice) (total int) {
	t.Helper()
	for _, panel := range boards(t)["ftd-fleet"].Panels {
		for _, target := range panel.Targets {
			resp, err := http.PostForm("http://"+p.address+"/api/v1/query", url.Values{"query": {c.fill(target.Expr)}, "stats": {"all"}})
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				Data struct {
					Stats struct {
						Samples struct{ TotalQueryableSamples int }
					}
				}
			}
			err = json.NewDecoder(resp.Body).Decode(&answer)
			resp.Body.Close()
			if n := answer.Data.Stats.Samples.TotalQueryableSamples; err != nil || n == 0 && !strings.Contains(target.Expr, "ALERTS") {
				t.Errorf("%s/%s reads %d samples: %v", panel.Title, target.RefID, n, err)
			} else {
				total += n
			}
		}
	}
	return total
}
