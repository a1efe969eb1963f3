package state_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// wordCatalog has an entry with a listed word, a free one and a number.
func wordCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Compile([]catalog.Entry{{
		ID: 900001, Severity: 4, Family: "test", Summary: "s", Meaning: "m.", Action: "a.",
		Templates: []string{"{unit} is {status:up|down} for {days:int} days"}, Samples: []string{"a is up for 3 days"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewReportsUnsuitableWords(t *testing.T) {
	var (
		labels  = []collectors.Label{{Name: "unit"}}
		set     = &collectors.Metric{Name: "s", Help: "H.", Type: collectors.StateSet, Labels: []collectors.Label{labels[0], {Name: "state", Values: []string{"up", "down"}}}}
		gauge   = &collectors.Metric{Name: "g", Help: "H.", Labels: labels}
		counter = &collectors.Metric{Name: "c_total", Help: "H.", Type: collectors.Counter, Labels: labels}
		info    = &collectors.Metric{Name: "i_info", Help: "H.", Type: collectors.Info, Labels: labels}
		both    = collectors.Words{"up": "up", "down": "down"}
	)
	for _, tc := range []struct {
		metric *collectors.Metric
		value  collectors.Value
		want   string // Of the error, after the name of the metric.
	}{
		{set, collectors.StateField("status", both), ""},
		{set, collectors.StateField("status", collectors.Words{"up": "up", collectors.AnyOther: "down"}), ""},
		{set, collectors.StateField("unit", collectors.Words{"a": "up", collectors.AnyOther: "down"}), ""},
		{set, collectors.StateField("status", collectors.Words{"up": "up"}), `template 1: no state for the word "down" of field "status"`},
		{set, collectors.StateField("unit", both), `template 1: no state for the word "" of field "unit"`},
		{set, collectors.StateField("days", both), `template 1: field "days" is a number`},
		{set, collectors.StateField("speed", both), `no template has field "speed"`},
		{set, collectors.StateField("status", collectors.Words{"up": "up", "down": "sideways"}), `"sideways" is not one of its states`},
		{gauge, collectors.StateField("status", both), "the value does not suit the type of the metric"},
		{counter, collectors.Receipt(), "the value does not suit the type of the metric"},
		{gauge, collectors.Receipt(), ""},
		{gauge, collectors.DaysAhead("days"), ""},
		{gauge, collectors.DaysAhead("status"), `template 1: field "status" is not a number`},
		{gauge, collectors.DaysAhead("weeks"), `no template has field "weeks"`},
		{info, collectors.Set(1), ""},
		{info, collectors.Set(2), "the value does not suit the type of the metric"},
	} {
		_, err := state.New(wordCatalog(t), []collectors.Collector{{
			Name: "x", Metrics: []*collectors.Metric{tc.metric}, Rules: []collectors.Rule{{ID: 900001, Metric: tc.metric, Value: tc.value}},
		}}, state.Options{})
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%+v: %v", tc.value, err)
		case tc.want != "" && (err == nil || err.Error() != "state: x: rule for 900001: "+tc.metric.Name+": "+tc.want):
			t.Errorf("%+v: %v, want %s", tc.value, err, tc.want)
		}
	}
}

// A state of a gauge is found by the word, as that of a state set is.
func TestWordsOfAGauge(t *testing.T) {
	c := wordCatalog(t)
	gauge := &collectors.Metric{
		Name: "ftd_x_up", Help: "H.", Labels: []collectors.Label{{Name: "unit"}},
		States: []collectors.State{{Name: "down", Level: collectors.Failed}, {Name: "up"}},
	}
	table, err := state.New(c, []collectors.Collector{{
		Name: "x", Metrics: []*collectors.Metric{gauge},
		Rules: []collectors.Rule{{ID: 900001, Metric: gauge, Value: collectors.StateField("status", collectors.Words{"up": "up", "down": "down"})}},
	}}, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var m catalog.Message
	for text, want := range map[string]float64{"a is <UP> for 1 days": 1, "a is down for 1 days": 0} {
		if c.Match(900001, []byte(text), &m) != catalog.Matched {
			t.Fatalf("%q does not match", text)
		}
		if got := table.Explain("d", &m, 1, epoch); len(got) != 1 || got[0].Value != want {
			t.Errorf("%q: %v", text, got)
		}
		table.Update(&state.Observation{Device: []byte("d"), Message: &m, Text: []byte(text), Time: epoch})
	}
	if c.Match(900001, []byte("a is odd for 1 days"), &m) != catalog.Unmatched {
		t.Error("an unknown word matches")
	}
}

// An info metric has one series: the newest, wherever it comes from.
func TestTheNewestInfoReplacesTheOlder(t *testing.T) {
	f := newFixture(t, state.Options{})
	versions := func() []string {
		t.Helper()
		var all []string
		for name, value := range f.values() {
			if version, ok := strings.CutPrefix(name, `ftd_software_info{device="fw1",version="`); ok {
				all = append(all, strings.TrimSuffix(version, `"}`)+"="+value)
			}
		}
		return all
	}
	expect := func(want string) {
		t.Helper()
		if got := versions(); !slices.Equal(got, []string{want}) {
			t.Errorf("versions %q, want %q", got, want)
		}
	}
	say := func(version string) {
		t.Helper()
		f.feed("fw1 : %ASA-6-769007: UPDATE: Image version is " + version)
		f.now = f.now.Add(time.Second)
	}
	say("1")
	say("2")
	expect("2=1")
	f.restart()
	expect("2=1")

	// The file is read when the device has sent already.
	f.store()
	f.newState()
	say("3")
	for _, r := range f.disk["fw1"] {
		f.state.Restore("fw1", []state.Record{r})
	}
	expect("3=1")
	f.restart()
	expect("3=1")

	// What the file has is later than what another device of this name had.
	f.feed("old : %ASA-6-769007: UPDATE: Image version is 9")
	f.now = f.now.Add(time.Second)
	say("4")
	if !f.state.Rename("old", "fw1") {
		t.Error("there is no device to rename")
	}
	expect("4=1")
	f.restart()
	expect("4=1")
}

// Counters with a small set of labels start at 0 with the first message of a device,
// whatever it is about, so that PromQL's increase() includes their first increment.
func TestSmallCountersStartAtZero(t *testing.T) {
	f := newFixture(t, state.Options{})
	const (
		removed = `ftd_shuns_total{action="remove",device="fw1"}`
		cluster = `ftd_cluster_port_bundling_failures_total{device="fw1",effect="traffic_lost"}`
		queue   = `ftd_syslog_delivery_failures_total{device="fw1",reason="queue_full"}`
		reload  = `ftd_reloads_total{device="fw1",reason="memory"}`
	)
	expect := func(want ...string) {
		t.Helper()
		got := f.values()
		for i, name := range []string{removed, cluster, queue, reload} {
			if got[name] != want[i] {
				t.Errorf("%s is %q, want %q", name, got[name], want[i])
			}
		}
	}
	f.feed("fw1 : %FTD-6-302013: Built inbound TCP connection")
	expect("0", "0", "0", "0")
	f.feed("fw1 : %ASA-4-733103: Threat-detection removes host 198.51.100.7 from shun list")
	f.restart()
	expect("1", "0", "0", "0")
}

// What a device costs that never sends anything of interest: 10,000 of them take
// half of the series. A new counter with a small set of labels is some series of each
// device.
func TestSeriesOfAnOrdinaryDevice(t *testing.T) {
	f := newFixture(t, state.Options{})
	f.feed("fw1 : %FTD-6-302013: Built inbound TCP connection")
	if got := f.state.Stats(); got.Series != 49 || got.LabelBytes > 700 {
		t.Errorf("%+v, want 49 series", got)
	}
}

// Every new state is an event and counts in the state of the device.
func TestStatesOfEachFamilyAreEvents(t *testing.T) {
	for _, tc := range []struct{ good, bad, metric, event, device string }{
		{"104001: (Primary) Switching to ACTIVE - x", "104003: (Primary) Switching to FAILED.", "ftd_failover_state", "active>failed failed", "failed"},
		{"105042: (Primary) Failover interface OK", "105043: (Primary) Failover interface failed", "ftd_failover_link_up", "up>down critical", "critical"},
		{"105002: (Primary) Enabling failover.", "105001: (Primary) Disabling failover.", "ftd_failover_enabled", "enabled>disabled warning", "warning"},
		{"105004: (Primary) Monitoring on interface a normal", "105005: (Primary) Lost Failover communications with mate on interface a", "ftd_failover_interface_state", "normal>lost critical", "critical"},
		{"411001: Line protocol on Interface a, changed state to up", "411002: Line protocol on Interface a, changed state to down", "ftd_interface_up", "up>down warning", "warning"},
		{"505006: Module ips is Up.", "505004: Module ips shutdown is complete.", "ftd_module_up", "up>down failed", "failed"},
		{"748100: snort application status is changed from down to up.", "748100: snort application status is changed from up to down.", "ftd_application_state", "up>down failed", "failed"},
		{"747006: Clustering: State machine is at state MASTER", "747006: Clustering: State machine is at state DISABLED", "ftd_cluster_member_state", "control>disabled critical", "critical"},
		{"748004: Module 1 in chassis 2 is re-joining the cluster due to a chassis health check recovery", "748003: Module 1 in chassis 2 is leaving the cluster due to a chassis health check failure", "ftd_cluster_module_ok", "ok>failed failed", "failed"},
		{"748201: vDP application on module 1 in chassis 2 is up.", "748201: vDP application on module 1 in chassis 2 is down.", "ftd_service_chain_application_up", "up>down failed", "failed"},
	} {
		f := newFixture(t, state.Options{})
		f.feed("fw1 : %FTD-1-" + tc.good)
		if d, _ := f.state.Snapshot("fw1"); d.Level != "ok" {
			t.Errorf("%s: level %q after %q", tc.metric, d.Level, tc.good)
		}
		f.feed("fw1 : %FTD-1-" + tc.bad)
		if d, _ := f.state.Snapshot("fw1"); d.Level != tc.device {
			t.Errorf("%s: level %q after %q, want %q", tc.metric, d.Level, tc.bad, tc.device)
		}
		var got []string
		for _, e := range f.state.Events(time.Time{}, 10) {
			if e.From != "" { // The counters of the same messages.
				got = append(got, fmt.Sprint(e.Metric, " ", e.From, ">", e.To, " ", e.Level))
			}
		}
		if want := []string{tc.metric + " " + tc.event}; !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
	}
}

func TestNewKindsOfRulesDoNotAllocate(t *testing.T) {
	f := newFixture(t, state.Options{})
	var observations []*state.Observation
	for id, text := range map[catalog.ID]string{
		748100: "snort application status is changed from up to down.",
		747004: "Clustering: state machine changed from state ONCALL to SLAVE_COLD.",
		717054: "The ID certificate in the trustpoint tp is due to expire in 21 days.",
		769007: "UPDATE: Image version is 9.16(4)",
		733101: "Host 198.51.100.7 is attacking.",
	} {
		m := new(catalog.Message)
		if f.cat.Match(id, []byte(text), m) != catalog.Matched {
			t.Fatalf("%s does not match %q", id, text)
		}
		observations = append(observations, &state.Observation{Device: []byte("fw1"), Message: m, Text: []byte(text), Time: epoch})
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, o := range observations {
			f.state.Update(o)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
