package exporter_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// The ids of an invented family.
const (
	elevatorMoves = 790001
	elevatorStops = 790002
	elevatorLoad  = 790003
)

// elevators is an invented family: all that a new one consists of.
func elevators() ([]catalog.Entry, collectors.Collector) {
	var (
		shaft  = collectors.Label{Name: "shaft"}
		states = collectors.Label{Name: "state", Values: []string{"moving", "stuck"}}
		is     = &collectors.Metric{
			Name: "ftd_elevator_state", Title: "Elevator", Type: collectors.StateSet, Labels: []collectors.Label{shaft, states},
			Help:   "State of an elevator.",
			States: []collectors.State{{Name: "moving"}, {Name: "stuck", Level: collectors.Critical}},
		}
		stops = &collectors.Metric{
			Name: "ftd_elevator_stops_total", Type: collectors.Counter, Labels: []collectors.Label{shaft}, Help: "Reports that an elevator is stuck.", Of: is,
		}
		limit = &collectors.Metric{
			Name: "ftd_elevator_capacity", Title: "capacity", Labels: []collectors.Label{shaft}, Help: "Persons that an elevator can carry.", Expires: true,
		}
		load = &collectors.Metric{
			Name: "ftd_elevator_persons", Title: "Elevator load", Labels: []collectors.Label{shaft}, Help: "Persons in an elevator.", Expires: true, Limit: limit,
		}
	)
	entry := func(id catalog.ID, template, sample string) catalog.Entry {
		return catalog.Entry{
			ID: id, Severity: 2, Family: "elevators", Summary: "Elevator reports", Meaning: "An elevator reports.", Action: "Take the stairs.",
			Templates: []string{template}, Samples: []string{sample},
		}
	}
	entries := []catalog.Entry{
		entry(elevatorMoves, "Elevator {shaft} moves", "Elevator 1 moves"),
		entry(elevatorStops, "Elevator {shaft} is stuck", "Elevator 1 is stuck"),
		entry(elevatorLoad, "Elevator {shaft} carries {persons:int} of {capacity:int}", "Elevator 1 carries 2 of 8"),
	}
	return entries, collectors.Collector{
		Name: "elevators", Summary: "elevators", Hardware: true,
		Metrics: []*collectors.Metric{is, stops, load, limit},
		Rules: []collectors.Rule{
			{ID: elevatorMoves, Metric: is, Value: collectors.StateIs("moving")},
			{ID: elevatorMoves, Metric: stops, Value: collectors.Create()},
			{ID: elevatorStops, Metric: is, Value: collectors.StateIs("stuck")},
			{ID: elevatorStops, Metric: stops, Value: collectors.Add()},
			{ID: elevatorLoad, Metric: load, Value: collectors.SetField("persons")},
			{ID: elevatorLoad, Metric: limit, Value: collectors.SetField("capacity")},
		},
	}
}

// withElevators is a change of the options: the family beside all others.
func withElevators(o *exporter.Options) {
	entries, family := elevators()
	o.Entries = append(catalog.Messages(), entries...)
	o.Collectors = append(collectors.All(), family)
}

// A new family is an entry, a rule and a metric. Wherever metrics appear, it
// does, and nothing else has to be changed.
func TestAFamilyIsData(t *testing.T) {
	dir := t.TempDir()
	i := start(t, withElevators, stored(dir))
	send(t, dial(t, "tcp", i.tcp),
		fmt.Sprintf("fw1 : %%FTD-2-%d: Elevator A moves", elevatorMoves),
		fmt.Sprintf("fw1 : %%FTD-2-%d: Elevator A is stuck", elevatorStops),
		fmt.Sprintf("fw1 : %%FTD-2-%d: Elevator A carries 6 of 8", elevatorLoad),
	)
	series := []string{
		`ftd_elevator_state{device="fw1",shaft="A",state="moving"} 0`,
		`ftd_elevator_state{device="fw1",shaft="A",state="stuck"} 1`,
		`ftd_elevator_stops_total{device="fw1",shaft="A"} 1`,
		`ftd_elevator_persons{device="fw1",shaft="A"} 6`,
		`ftd_elevator_capacity{device="fw1",shaft="A"} 8`,
		`ftd_messages_total{device="fw1",message_id="790002"} 1`,
		`ftd_message_info{family="elevators",message_id="790003",severity="2",summary="Elevator reports"} 1`,
	}
	i.shows(series...)
	i.shows(
		"# HELP ftd_elevator_state State of an elevator. Fed by 790001, 790002.",
		"# TYPE ftd_elevator_state gauge",
		"# HELP ftd_elevator_persons Persons in an elevator. Fed by 790003.",
	)

	t.Run("API", func(t *testing.T) { checkElevatorAPI(t, i) })
	t.Run("pages", func(t *testing.T) {
		for path, parts := range map[string][]string{
			"/":                     {"stuck", "Elevator load", "capacity 8", "75 %", "Elevator A is stuck", "messages#790002"},
			"/device?name=fw1":      {"Elevator", "stuck", "Elevator load", "capacity 8", "Elevator A is stuck"},
			"/messages?q=elevators": {"3 of the ", "790001", "Elevator {shaft} carries {persons:int} of {capacity:int}", "Take the stairs.", "ftd_elevator_persons"},
		} {
			if err := contains(i.get(path), parts...); err != nil {
				t.Errorf("%s: %.300v", path, err)
			}
		}
	})
	t.Run("documentation", func(t *testing.T) { checkElevatorDocs(t, i) })
	t.Run("restart", func(t *testing.T) {
		i.stop()
		again := start(t, withElevators, stored(dir))
		again.shows(series...)
		send(t, dial(t, "tcp", again.tcp), fmt.Sprintf("fw1 : %%FTD-2-%d: Elevator A is stuck", elevatorStops))
		again.shows(`ftd_elevator_stops_total{device="fw1",shaft="A"} 2`)
	})
}

func checkElevatorAPI(t *testing.T, i *instance) {
	t.Helper()
	var events struct{ Events []state.Event }
	decode(t, i.get("/api/v1/events"), &events)
	if len(events.Events) != 1 {
		t.Fatalf("%+v", events)
	}
	if e := events.Events[0]; e.Device != "fw1" || e.Metric != "ftd_elevator_state" || e.Labels["shaft"] != "A" ||
		e.From != "moving" || e.To != "stuck" || e.Level != "critical" || e.MessageID != "790002" || e.Text != "Elevator A is stuck" {
		t.Errorf("%+v", e)
	}
	var devices struct{ Devices []state.DeviceState }
	decode(t, i.get("/api/v1/devices"), &devices)
	if len(devices.Devices) != 1 || devices.Devices[0].State != "stuck" || devices.Devices[0].Level != "critical" {
		t.Fatalf("%+v", devices)
	}
	d := devices.Devices[0]
	if len(d.States) != 1 || d.States[0].Title != "Elevator" || d.States[0].State != "stuck" || d.States[0].Reports == nil || *d.States[0].Reports != 1 {
		t.Errorf("%+v", d.States)
	}
	j := slices.IndexFunc(d.Capacity, func(g state.CapacityGauge) bool { return g.Metric == "ftd_elevator_persons" })
	if j < 0 || *d.Capacity[j].Value != 6 || *d.Capacity[j].Limit != 8 || d.Capacity[j].LimitName != "capacity" {
		t.Errorf("%+v", d.Capacity)
	}
}

func checkElevatorDocs(t *testing.T, i *instance) {
	t.Helper()
	c, err := catalog.Compile(i.options.Entries)
	if err != nil {
		t.Fatal(err)
	}
	table, err := state.New(c, i.options.Collectors, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	docs := table.Docs()
	for _, want := range []state.MetricDoc{
		{Name: "ftd_elevator_state", Help: "State of an elevator. Fed by 790001, 790002.", Type: "gauge (state set)", Labels: []string{"device", "shaft", "state"}, IDs: []catalog.ID{elevatorMoves, elevatorStops}},
		{Name: "ftd_elevator_persons", Help: "Persons in an elevator. Fed by 790003.", Type: "gauge", Labels: []string{"device", "shaft"}, IDs: []catalog.ID{elevatorLoad}, Expires: true},
	} {
		if !slices.ContainsFunc(docs, func(d state.MetricDoc) bool { return fmt.Sprint(d) == fmt.Sprint(want) }) {
			t.Errorf("there is no %+v", want)
		}
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// The command line sets the expiry of a new family, and the configuration file,
// in which it has a key of its own, sets another.
func TestAFamilyExpires(t *testing.T) {
	const gauge = `ftd_elevator_persons{device="fw1",shaft="A"} 6`
	quota := `ftd_quota_used{device="fw1",resource="management_session",scope="system"} 13`
	short := func(o *exporter.Options) { o.Expiry = time.Nanosecond }
	shown := func(i *instance) (family, other bool) {
		send(t, dial(t, "tcp", i.tcp), fmt.Sprintf("fw1 : %%FTD-2-%d: Elevator A carries 6 of 8", elevatorLoad), "fw1 : "+quotaHigh, "fw1 : "+fanFailed)
		i.shows(fan("fw1"))
		metrics := i.get("/metrics")
		return strings.Contains(metrics, gauge), strings.Contains(metrics, quota)
	}
	file := write(t, "ftd_exporter.yml", "expiry: {elevators: 1h}\n")
	for name, tc := range map[string]struct {
		changes       []func(*exporter.Options)
		family, other bool
	}{
		"default":       {nil, true, true},
		"command line":  {[]func(*exporter.Options){short}, false, false},
		"configuration": {[]func(*exporter.Options){short, configured(file)}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := start(t, append(tc.changes, withElevators)...)
			if family, other := shown(i); family != tc.family || other != tc.other {
				t.Errorf("shown are the family %v and another one %v, want %v and %v", family, other, tc.family, tc.other)
			}
		})
	}
	t.Run("without the family", func(t *testing.T) {
		o := create(t).options
		o.ConfigFile = file
		if _, err := exporter.New(o); err == nil || !strings.Contains(err.Error(), `:1: expiry: key "elevators" is unknown`) {
			t.Error(err)
		}
	})
	t.Run("after a reload", func(t *testing.T) {
		changing := write(t, "ftd_exporter.yml", "expiry: {elevators: 1h}\n")
		i := start(t, withElevators, configured(changing))
		if family, _ := shown(i); !family {
			t.Fatal("not shown")
		}
		write(t, changing, "expiry: {elevators: 1ms}\n")
		if err := i.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		testutil.Eventually(t, "expired", func() bool { return !strings.Contains(i.get("/metrics"), gauge) })
		if !strings.Contains(i.get("/metrics"), quota) {
			t.Error("another family has expired")
		}
	})
}
