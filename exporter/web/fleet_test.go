package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

func TestFleetPage(t *testing.T) {
	const (
		fan    = "fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected"
		fanOK  = "fw1 : %FTD-1-735001: Cooling Fan 2: OK"
		supply = "fw1 : %FTD-1-735004: Power Supply 1: Failure Detected"
		hot    = "fw2 : %FTD-1-735007: CPU 1: Temp: 93 C, Critical"
		warm   = "fw3 : %FTD-4-735016: Chassis 1: Temp: 48 C, Warm"
		talk   = "fw4 : %FTD-6-302013: Built inbound TCP connection"
		well   = "fw5 : %FTD-1-735001: Cooling Fan 1: OK"
		post   = "fw5 : %FTD-2-774001: POST: unspecified error"
	)
	for _, tc := range []struct {
		name  string
		lines []string
		later time.Duration // How long after the lines the page is read.
		want  []string
	}{
		{"no device", nil, 0, []string{"0failed 0critical 0warning 0silent 0unknown 0ok", "No device has sent a message yet", "Last events None."}},
		{"nothing wrong", []string{well}, 0, []string{"0failed 0critical 0warning 0silent 0unknown 1ok", "Devices 1", "No device has reported a problem.", "ok fw5"}},
		{"every state, the worst first", []string{well, talk, warm, hot, fan}, 0, []string{
			"1failed 1critical 1warning 0silent 1unknown 1ok", "Devices 5",
			"failed fw1", "failed fan 2", "critical fw2", "critical cpu 1, 93 °C,", "warm fw3", "warm chassis 1, 48 °C,", "unknown fw4", "ok fw5",
		}},
		{"since when and why", []string{fan}, 3*time.Hour + 12*time.Minute, []string{
			"failed fw1 silent, last message 3 h 12 min ago",
			"failed fan 2 since 2026-03-17 12:00:00 UTC (3 h 12 min ago) Cooling Fan 2: Failure Detected 735002",
		}},
		{"the names in order within a state", []string{strings.Replace(fan, "fw1", "b", 1), strings.Replace(fan, "fw1", "a", 1)}, 0, []string{"failed a", "failed b"}},
		{"a repaired component is gone, another is not", []string{fan, supply, fanOK}, 0, []string{"failed power supply 1", "Last events", "fan 2 failed → ok Cooling fan works again"}},
		{"silent comes before ok", []string{well, talk}, time.Hour + time.Second, []string{"0failed 0critical 0warning 2silent 0unknown 0ok", "silent fw4 1 h ago silent fw5 1 h ago"}},
		{"silent devices are not well", []string{strings.Replace(well, "735001: Cooling Fan 1: OK", "735020: CPU 0: Temp: 52 C, OK", 1), warm}, time.Hour + time.Second, []string{"silent fw5 1 h ago", "Hottest sensors 48 °C warm fw3 chassis 1 Exporter"}},
		{"nor without problems", []string{well}, time.Hour + time.Second, []string{"No device has reported a problem. Silent devices may have one."}},
		{"an hour is not silent yet", []string{well}, time.Hour, []string{"0silent 0unknown 1ok"}},
		{"sensors by state, then the hottest first", []string{warm, "fw6 : %FTD-1-735020: CPU 0: Temp: 52 C, OK", "fw6 : %FTD-1-735020: CPU 1: Temp: 62 C, OK", hot}, 0, []string{"Hottest sensors", "93 °C critical fw2 cpu 1", "48 °C warm fw3 chassis 1", "62 °C ok fw6 cpu 1", "52 °C ok fw6 cpu 0"}},
		{"events, the newest first", []string{warm, hot}, 0, []string{
			"Last events", "2026-03-17 12:00:00 UTC just now fw2 cpu 1 unknown → critical CPU temperature critical: CPU 1: Temp: 93 C, Critical 735007", "fw3 chassis 1",
		}},
		{"an alarm that only a boot can end is a state", []string{well, post}, 23 * time.Hour, []string{
			"0failed 1critical 0warning", "alarm fw5 silent", "alarm Failure of the self-test",
			"last reported 2026-03-17 12:00:00 UTC (23 h ago) POST: unspecified error 774001 To do:",
			"Last events", "fw5 algorithm", "alarm", "POST",
		}},
		{"for a month at most", []string{well, post}, 30 * 24 * time.Hour, []string{"0failed 0critical 0warning 1silent"}},
		{"advice for the text, beside the printed id", []string{"fw1 : %ASA-1-735001: Cooling Fan 3: Failure Detected"}, 0, []string{
			"failed fan 3", "Cooling Fan 3: Failure Detected 735002 sent with the id 735001 To do: Look for", "Last events", "Cooling Fan 3: Failure Detected 735002 sent with the id 735001",
		}},
		{"nothing to do for parts that are well", []string{well}, 0, []string{"No device has reported a problem."}},
		{"an event that is not an alarm", []string{"fw1 : %FTD-5-199006: Orderly reload started at 02:14:16 UTC Tue Mar 5 2024 by admin. Reload reason:unspecified"}, 0, []string{"Last events", "fw1 reason scheduled reported Orderly"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			f.say(tc.lines...)
			f.now = epoch.Add(tc.later)
			wantInOrder(t, readPage(t, f.handler(), "/"), tc.want...)
		})
	}
}

// A management center that reports the health of a firewall is well without a state of
// its own, and silent after a week.
func TestFleetPageHasManagementCenters(t *testing.T) {
	const disk = "Disk Usage: Severity: minor: x"
	for _, tc := range []struct {
		name, own string
		later     time.Duration
		want      []string
	}{
		{"now", "", 0, []string{"0failed 0critical 0warning 0silent 0unknown 2ok", "No device has reported a problem. ok fmc1 ok fw1"}},
		{"after a week less an hour", "", 7*24*time.Hour - time.Hour, []string{"1silent 0unknown 1ok", "silent fw1", "ok fmc1"}},
		{"after a week", "", 7 * 24 * time.Hour, []string{"2silent 0unknown 0ok", "silent fmc1"}},
		{"with a state of its own", disk, 24 * time.Hour, []string{"1warning 1silent 0unknown 0ok", "warning fmc1 last message 1 d ago", "silent fw1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			f.say("fw1 : %FTD-1-735001: Cooling Fan 1: OK")
			f.alert("fmc1", "fw1", "Power Supply (Sensor fw1): Severity: normal: x")
			if tc.own != "" {
				f.alert("fmc1", "", tc.own)
			}
			f.now = epoch.Add(tc.later)
			wantInOrder(t, readPage(t, f.handler(), "/"), tc.want...)
		})
	}
}

// The newest failure comes first, of devices and of parts, each in the worst state.
func TestFleetPageHasTheNewestFirst(t *testing.T) {
	f := newFixture(t)
	for _, line := range []string{
		"a : %FTD-1-735002: Cooling Fan 1: Failure Detected",
		"c : %FTD-1-735002: Cooling Fan 1: Failure Detected",
		"b : %FTD-1-735002: Cooling Fan 1: Failure Detected",
		"a : %FTD-1-735007: CPU 1: Temp: 93 C, Critical",
		"c : %FTD-1-735002: Cooling Fan 2: Failure Detected",
		"d : %FTD-4-735016: Chassis 1: Temp: 48 C, Warm",
	} {
		f.say(line)
		f.now = f.now.Add(time.Minute)
	}
	wantInOrder(t, readPage(t, f.handler(), "/"), "failed c", "fan 2", "fan 1", "failed b", "failed a", "fan 1", "cpu 1", "warm d")
}

// What is wrong with the exporter is on the first screen.
func TestFleetPageHasTheExportersTrouble(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*fixture)
		want   string // Empty for none.
	}{
		{"all is well", func(f *fixture) {
			f.status.Listeners = []ListenerStatus{{Name: "udp://:514", Frames: 3, LastFrame: epoch.Add(-time.Hour), Rejected: map[string]uint64{"no_tag": 0}}, {Name: "tcp://:514"}}
			f.status.Store = StoreStatus{Path: "state.db", RestoreSuccessful: true}
		}, ""},
		{"not ready", func(f *fixture) { f.ready = false }, "failed Listeners: not open."},
		{"a listener is silent", func(f *fixture) {
			f.status.Listeners = []ListenerStatus{{Name: "udp://:514", Frames: 3, LastFrame: epoch.Add(-2 * time.Hour)}}
		}, "silent Listeners: open, but nothing is received: udp://:514, last frame 2 h ago."},
		{"frames are rejected", func(f *fixture) {
			f.status.Listeners = []ListenerStatus{{Rejected: map[string]uint64{"no_tag": 2, "too_long": 1}}, {Rejected: map[string]uint64{"no_tag": 1}}}
		}, "warning Rejected: frames that are not accepted as messages of firewalls: 3 no tag, 1 too long."},
		{"texts match no template", func(f *fixture) { f.status.Unmatched = 7 }, "warning Unmatched texts:"},
		{"datagrams are lost", func(f *fixture) { f.status.Listeners = []ListenerStatus{{DropsKnown: true, Dropped: 9}} }, "warning Losses:"},
		{"the configuration is wrong", func(f *fixture) { f.status.ConfigLoaded = false }, "failed Configuration:"},
		{"the state cannot be written", func(f *fixture) {
			f.status.Store = StoreStatus{Path: "state.db", RestoreSuccessful: true, Degraded: true}
		}, "failed State file:"},
		{"the state could not be read", func(f *fixture) { f.status.Store = StoreStatus{Path: "state.db"} }, "warning State file:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			tc.change(f)
			first, _, _ := strings.Cut(readPage(t, f.handler(), "/"), " Devices ")
			_, got, _ := strings.Cut(first, "0ok")
			if got = strings.TrimSpace(got); !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
				t.Errorf("under the tiles: %q, want %q", got, tc.want)
			}
		})
	}
}

// Links to other programs are on the pages if the configuration has them.
func TestLinks(t *testing.T) {
	const device = "a b&c"
	page := func(c Config, target string) string {
		f := newFixture(t)
		f.Links = func() Config { return c }
		f.say(device + " : %FTD-1-735001: Cooling Fan 1: Failure Detected")
		return request(f.handler(), "GET", target).Body.String()
	}
	grafana := Config{GrafanaURL: "https://grafana.example.com/sub/"}
	each, one := Config{RunbookURL: "https://wiki.example.com/{message_id}.html"}, Config{RunbookURL: "https://wiki.example.com/firewalls"}
	for _, tc := range []struct {
		links  Config
		target string
		want   string
	}{
		{grafana, "/", `<a href="https://grafana.example.com/sub/d/ftd-fleet">Grafana</a>`},
		{grafana, "/device?name=a+b%26c", `<a href="https://grafana.example.com/sub/d/ftd-device?var-device=a&#43;b%26c">Grafana</a>`},
		{each, "/", `<a href="https://wiki.example.com/735002.html">Runbook</a>`},
		{each, "/device?name=a+b%26c", `<a href="https://wiki.example.com/735002.html">Runbook</a>`},
		{each, "/messages", `<a href="https://wiki.example.com/735002.html">Runbook</a>`},
		{one, "/messages", `<a href="https://wiki.example.com/firewalls">Runbooks</a>`},
	} {
		if got := page(tc.links, tc.target); !strings.Contains(got, tc.want) {
			t.Errorf("%s: no %s in\n%.3000s", tc.target, tc.want, got)
		}
		if got := page(Config{}, tc.target); strings.Contains(got, "Grafana") || strings.Contains(got, "Runbook") {
			t.Errorf("%s has links without a configuration", tc.target)
		}
	}
}

// The worst 200 of many are shown, and the page states how many are not.
func TestFleetPageIsBounded(t *testing.T) {
	f := newFixture(t)
	for i := range 1300 {
		f.say(fmt.Sprintf("ok%04d : %%FTD-1-735020: CPU 0: Temp: 52 C, OK", i))
	}
	for i := range 150 {
		f.say(fmt.Sprintf("bad%04d : %%FTD-1-735002: Cooling Fan 1: Failure Detected", i))
	}
	for i := range 20 {
		f.say(fmt.Sprintf("bad0000 : %%FTD-1-735004: Power Supply %d: Failure Detected", i))
	}
	h := f.handler()
	page := readPage(t, h, "/")
	wantInOrder(t, page, "150failed", "1300ok", "Devices 1,450", "bad0000", "and 13 more", "bad0149", "ok0000", "ok0049", "1,250 more devices are not shown", "1290 more sensors are not shown")
	if strings.Contains(page, "ok0050") {
		t.Error("a device beyond the limit is shown")
	}
	if n := strings.Count(request(h, "GET", "/").Body.String(), "<li>"); n > 400 {
		t.Errorf("the page has %d items", n)
	}
}

func TestDevicePage(t *testing.T) {
	f := newFixture(t)
	f.Labels = func(device string) map[string]string {
		return map[string]map[string]string{"fw1": {"site": "Paris", "rack": "7"}}[device]
	}
	if !f.table.Ensure("fw9") {
		t.Fatal("no room")
	}
	f.say(
		"fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected",
		"fw1 : %FTD-1-735001: Cooling Fan 1: OK",
		"fw1 : %FTD-4-735016: Chassis 1: Temp: 48 C, Warm",
		"fw1 : %FTD-3-735010: Environment Monitoring has failed to update one or more of its records.",
		"fw2 : %FTD-1-735004: Power Supply 1: Failure Detected",
	)
	h := f.handler()
	page := readPage(t, h, "/device?name=fw1")
	wantInOrder(t, page, "failed fw1", "Last message 2026-03-17 12:00:00 UTC (just now)", "1 2 3 1 4 1", "rack 7 site Paris",
		"Components", "failed fan 2 since", "reported failed: 1 Cooling Fan 2: Failure Detected 735002", "ok fan 1", "Cooling Fan 1: OK 735001",
		"Temperatures", "warm chassis 1, 48 °C,", "1 Environment monitoring failures stage update", " more are 0",
		"Last events", "Environment", "chassis 1", "fan 2")
	if strings.Contains(page, "ower supply") {
		t.Error("the page shows another device's events")
	}
	wantInOrder(t, readPage(t, h, "/device?name=fw9"), "silent fw9", "No message yet: silent.", "None reported. Unknown does not mean OK.")

	for _, name := range []string{"", "fw8", "%3Cscript%3E"} {
		w := request(h, "GET", "/device?name="+name)
		if w.Code != 404 || !strings.Contains(w.Body.String(), "There is no device called") {
			t.Errorf("%q: status %d, %s", name, w.Code, w.Body)
		}
	}
}

// What a new family of metrics is follows from its data; no page has a list of
// metrics or states.
func TestPagesFollowTheData(t *testing.T) {
	labels := []collectors.Label{{Name: "failover_unit"}, {Name: "state", Values: []string{"active", "standby", "lost"}}}
	role := &collectors.Metric{
		Name: "ftd_test_role", Title: "Role", Help: "Role.", Type: collectors.StateSet, Labels: labels,
		States: []collectors.State{{Name: "active", Level: collectors.OK}, {Name: "standby", Level: collectors.Warning}, {Name: "lost", Level: collectors.Failed}},
	}
	load := &collectors.Metric{Name: "ftd_test_load", Help: "Load.", Type: collectors.Gauge, Unit: collectors.Ratio, Labels: labels[:1], Of: role}
	losses := &collectors.Metric{Name: "ftd_test_losses_total", Help: "Losses.", Type: collectors.Counter, Labels: labels[:1], Of: role}
	limit := &collectors.Metric{Name: "ftd_test_limit", Title: "ceiling", Help: "Ceiling.", Type: collectors.Gauge, Unit: collectors.Celsius, Expires: true}
	level := &collectors.Metric{Name: "ftd_test_level", Title: "Heat", Help: "Heat.", Type: collectors.Gauge, Unit: collectors.Celsius, Expires: true, Warning: limit}
	primary := collectors.Labels{"failover_unit": "primary"}
	f := newFixture(t, collectors.Collector{
		Name: "test", Hardware: true, Metrics: []*collectors.Metric{role, load, losses, limit, level},
		Rules: []collectors.Rule{
			{ID: 769001, Metric: role, Value: collectors.StateIs("standby"), Labels: primary},
			{ID: 769002, Metric: role, Value: collectors.StateIs("lost"), Labels: primary},
			{ID: 769002, Metric: load, Value: collectors.Set(0.5), Labels: primary},
			{ID: 769002, Metric: losses, Value: collectors.Add(), Labels: primary},
			{ID: 769001, Metric: limit, Value: collectors.Set(40)},
			{ID: 769001, Metric: level, Value: collectors.Set(30)},
		},
	})
	f.say("fw1 : %FTD-5-769001: UPDATE: ASA image disk0:/a.bin was added to system boot list")
	h := f.handler()
	wantInOrder(t, readPage(t, h, "/"), "0failed 0critical 1warning", "standby fw1", "standby Role failover unit primary since", "fw1 failover unit primary unknown → standby", "Heat 30 °C, ceiling 40 °C: 75 %")
	f.say("fw1 : %FTD-5-769002: UPDATE: ASA image disk0:/a.bin was copied to disk0:/b.bin")
	wantInOrder(t, readPage(t, h, "/"), "1failed 0critical 0warning", "lost fw1", "lost Role failover unit primary, 50 %, since", "fw1 failover unit primary standby → lost")
	wantInOrder(t, readPage(t, h, "/device?name=fw1"), "lost fw1", "Components None reported.", "Other states lost Role failover unit primary, 50 %, since", "reported: 1")
	if body := request(h, "GET", "/").Body.String(); !strings.Contains(body, `<article class="device failed">`) || !strings.Contains(body, `<span class="state failed"><i class="shape"></i>lost</span>`) {
		t.Errorf("the state is not shown as failed:\n%s", body)
	}
}

func TestCapacity(t *testing.T) {
	const (
		threat  = "fw1 : %ASA-4-733100: [ Scanning] drop rate-1 exceeded. Current burst rate is 18 per second, max configured rate is 10; Current average rate is 2 per second, max configured rate is 5; Cumulative total count is 2345"
		cluster = "fw1 : %FTD-4-748008: CPU load 92% of module 1 in chassis 1 (unit-1-1) exceeds overflow protection threshold 80%. System may be oversubscribed on member failure."
		quota   = "fw1 : %FTD-4-768002: QUOTA: management session quota exceeded: requested 1 , current 15 , limit 15"
		warning = "fw1 : %FTD-4-768001: QUOTA: management session utilization is high: requested 1 , current 12 , warning level 10"
	)
	for _, tc := range []struct {
		name  string
		lines []string
		later time.Duration
		path  string
		want  []string
	}{
		{"cluster load, quota and threat rate against their limits", []string{threat, cluster, quota}, time.Minute, "/", []string{
			"Capacity", "fw1 Cluster load", "92 %, threshold 80 %: 115 %, over reported 1 min ago", "fw1 Quota", "15, limit 15: 100 %, reached", "fw1 Threat rate", "18/s, threshold 10/s: 180 %, over",
		}},
		{"the nearest to its limit first", []string{
			strings.Replace(cluster, "92%", "85%", 1), strings.NewReplacer("fw1", "fw2", "92%", "99%").Replace(cluster), strings.NewReplacer("fw1", "fw3", "92%", "90%").Replace(cluster),
		}, 0, "/", []string{"99 %", "90 %", "85 %"}},
		{"one device, and gauges without a limit last", []string{threat, quota}, 0, "/device?name=fw1", []string{
			"Capacity", "Quota resource management session, scope system 15, limit 15: 100 %, reached", "Threat rate", "2,345", "Counters",
		}},
		{"a warning level if there is no limit", []string{warning}, 0, "/", []string{"Quota", "12, warning level 10: 120 %, over"}},
		{"a limit comes before a warning level", []string{warning, quota}, 0, "/", []string{"Quota", "15, limit 15: 100 %, reached"}},
		{"expired capacity is gone", []string{cluster}, time.Hour, "/", []string{"unknown fw1 Device Show Silent:"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			f.say(tc.lines...)
			f.now = epoch.Add(tc.later)
			wantInOrder(t, readPage(t, f.handler(), tc.path), tc.want...)
		})
	}
}

// The page shows the worst five of each kind.
func TestCapacityIsBounded(t *testing.T) {
	f := newFixture(t)
	for i := range 9 {
		f.say(fmt.Sprintf("fw%d : %%FTD-4-748008: CPU load 9%d%% of module 1 in chassis 1 (unit-1-1) exceeds overflow protection threshold 80%%. System may be oversubscribed on member failure.", i, i))
	}
	page := readPage(t, f.handler(), "/")
	wantInOrder(t, page, "98 %", "97 %", "96 %", "95 %", "94 %", "4 gauges with more headroom are not shown")
	if strings.Contains(page, "93 %") {
		t.Error("a sixth one is shown")
	}
}
