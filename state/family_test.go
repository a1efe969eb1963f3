package state_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// tunnels is an invented family: all that a new one consists of.
func tunnels() ([]catalog.Entry, collectors.Collector) {
	entry := func(id catalog.ID, template, sample string) catalog.Entry {
		return catalog.Entry{
			ID: id, Severity: 4, Family: "tunnels", Summary: "Tunnel " + sample, Meaning: "m.", Action: "a.",
			Templates: []string{template}, Samples: []string{sample},
		}
	}
	var (
		tunnel   = collectors.Label{Name: "tunnel"}
		labels   = []collectors.Label{tunnel}
		tunnelIs = &collectors.Metric{
			Name: "ftd_tunnel_state", Title: "Tunnel", Type: collectors.StateSet, Help: "H.",
			Labels: []collectors.Label{tunnel, {Name: "state", Values: []string{"up", "degraded", "down"}}},
			States: []collectors.State{{Name: "up"}, {Name: "degraded", Level: collectors.Warning}, {Name: "down", Level: collectors.Failed}},
		}
		loss    = &collectors.Metric{Name: "ftd_tunnel_loss_ratio", Type: collectors.Gauge, Unit: collectors.Ratio, Labels: labels, Help: "H.", Of: tunnelIs}
		drops   = &collectors.Metric{Name: "ftd_tunnel_drops_total", Type: collectors.Counter, Labels: labels, Help: "H.", Of: tunnelIs}
		changed = &collectors.Metric{Name: "ftd_tunnel_state_changed_timestamp_seconds", Type: collectors.Gauge, Labels: labels, Help: "H."}
		peer    = &collectors.Metric{
			Name: "ftd_tunnel_peer_health", Type: collectors.Gauge, Labels: labels, Help: "H.",
			States: []collectors.State{{Name: "gone", Level: collectors.Critical}, {Name: "weak", Level: collectors.Warning}, {Name: "well"}},
		}
		mode    = &collectors.Metric{Name: "ftd_tunnel_mode", Type: collectors.StateSet, Help: "H.", Labels: []collectors.Label{tunnel, {Name: "mode", Values: []string{"fast", "slow"}}}}
		most    = &collectors.Metric{Name: "ftd_tunnel_limit", Title: "limit", Labels: labels, Help: "H.", Expires: true}
		warning = &collectors.Metric{Name: "ftd_tunnel_warning_level", Title: "warning level", Labels: labels, Help: "H.", Expires: true}
		used    = &collectors.Metric{Name: "ftd_tunnel_users", Title: "Tunnel users", Labels: labels, Help: "H.", Expires: true, Limit: most, Warning: warning}
		attacks = &collectors.Metric{Name: "ftd_tunnel_attacks_total", Type: collectors.Counter, Labels: labels, Help: "H."}
	)
	entries := []catalog.Entry{
		entry(900001, "{tunnel} up, loss {loss:ratio}", "t1 up, loss 1%"),
		entry(900002, "{tunnel} degraded, loss {loss:ratio}", "t1 degraded, loss 50%"),
		entry(900003, "{tunnel} down", "t1 down"),
		entry(900004, "{tunnel} has {users:int} of {limit:int} users, warns at {warning:int}", "t1 has 1 of 3 users, warns at 2"),
		entry(900005, "{tunnel} attacked", "t1 attacked"),
		entry(900006, "{tunnel} peer {peer:int}", "t1 peer 1"),
		entry(900007, "{tunnel} slow", "t1 slow"),
	}
	return entries, collectors.Collector{
		Name: "tunnels", Hardware: true,
		Metrics: []*collectors.Metric{tunnelIs, loss, drops, changed, peer, mode, used, most, warning, attacks},
		Rules: []collectors.Rule{
			{ID: 900001, Metric: loss, Value: collectors.SetField("loss")},
			{ID: 900001, Metric: tunnelIs, Value: collectors.StateIs("up")},
			{ID: 900001, Metric: drops, Value: collectors.Create()},
			{ID: 900001, Metric: changed, Value: collectors.ChangeOf(tunnelIs)},
			{ID: 900002, Metric: loss, Value: collectors.SetField("loss")},
			{ID: 900002, Metric: tunnelIs, Value: collectors.StateIs("degraded")},
			{ID: 900002, Metric: changed, Value: collectors.ChangeOf(tunnelIs)},
			{ID: 900003, Metric: tunnelIs, Value: collectors.StateIs("down")},
			{ID: 900003, Metric: peer, Value: collectors.Set(0)}, // Two states by one message.
			{ID: 900003, Metric: changed, Value: collectors.ChangeOf(tunnelIs)},
			{ID: 900003, Metric: drops, Value: collectors.Add()},
			{ID: 900004, Metric: used, Value: collectors.SetField("users")},
			{ID: 900004, Metric: most, Value: collectors.SetField("limit")},
			{ID: 900004, Metric: warning, Value: collectors.SetField("warning")},
			{ID: 900005, Metric: attacks, Value: collectors.Add()},
			{ID: 900006, Metric: peer, Value: collectors.SetField("peer")},
			{ID: 900007, Metric: mode, Value: collectors.StateIs("slow")},
		},
	}
}

// newTunnels returns a table of the invented family only.
func newTunnels(t testing.TB) *fixture {
	t.Helper()
	entries, family := tunnels()
	c, err := catalog.Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, state.Options{})
	f.cat, f.families = c, []collectors.Collector{family}
	f.newState()
	return f
}

// A new family is an entry and a rule: its events, its states in the API and on
// pages, its limits, its expiry and its documentation follow from Metric.
func TestANewFamilyIsData(t *testing.T) {
	f := newTunnels(t)
	step := func(line string) {
		t.Helper()
		f.feed("fw1 : %FTD-4-" + line)
		f.now = f.now.Add(time.Minute)
	}
	step("900001: t1 up, loss 1%")
	step("900002: t1 degraded, loss 50%")
	step("900002: t1 degraded, loss 51%")
	step("900006: t1 peer 2")
	step("900003: t1 down")
	step("900005: t1 attacked")
	step("900007: t1 slow")

	var events []string
	for _, e := range f.state.Events(time.Time{}, 100) {
		events = append(events, fmt.Sprint(e.Metric, " ", e.Labels["tunnel"], " ", e.From, ">", e.To, " ", e.Level, " ", e.MessageID))
	}
	if want := []string{
		"ftd_tunnel_state t1 up>degraded warning 900002",
		"ftd_tunnel_state t1 degraded>down failed 900003",
		"ftd_tunnel_peer_health t1 well>gone critical 900003",
		"ftd_tunnel_attacks_total t1 >reported  900005",
	}; !slices.Equal(events, want) {
		t.Errorf("events:\n got %q\nwant %q", events, want)
	}

	d, _ := f.state.Snapshot("fw1")
	report := func(minute int, text, id string) state.LastReport {
		at := epoch.Add(time.Duration(minute) * time.Minute)
		return state.LastReport{Since: &at, Text: text, MessageID: id}
	}
	t1 := map[string]string{"tunnel": "t1"}
	if want := []state.MetricState{
		{Metric: "ftd_tunnel_mode", Title: "ftd_tunnel_mode", Labels: t1, State: "slow", Level: "ok"},
		{Metric: "ftd_tunnel_peer_health", Title: "ftd_tunnel_peer_health", Labels: t1, State: "gone", Level: "critical", LastReport: report(4, "t1 down", "900003")},
		{
			Metric: "ftd_tunnel_state", Title: "Tunnel", Labels: t1, State: "down", Level: "failed",
			Reading: new(0.51), Unit: collectors.Ratio, Reports: new(1.0), LastReport: report(4, "t1 down", "900003"),
		},
	}; !reflect.DeepEqual(d.States, want) {
		t.Errorf("states:\n got %+v\nwant %+v", d.States, want)
	}
	if d.State != "down" || d.Level != "failed" || len(d.Components)+len(d.Temperatures) > 0 {
		t.Errorf("%+v", d)
	}
	if len(d.Counters) != 1 || d.Counters[0].Metric != "ftd_tunnel_attacks_total" {
		t.Errorf("counters: %+v", d.Counters)
	}

	// After a restart the time of the change fills in, and the text of its event.
	f.restart()
	d, _ = f.state.Snapshot("fw1")
	if got := d.States[2]; got.Since == nil || !got.Since.Equal(epoch.Add(4*time.Minute)) || got.Text != "t1 down" || d.State != "down" {
		t.Errorf("after a restart: %+v", got)
	}
}

func TestANewFamilyHasLimitsAndExpires(t *testing.T) {
	f := newTunnels(t)
	f.feed("fw1 : %FTD-4-900004: t1 has 1 of 3 users, warns at 2")
	d, _ := f.state.Snapshot("fw1")
	var got []string
	for _, g := range d.Capacity {
		row := fmt.Sprint(g.Title, " ", *g.Value, " of ", g.LimitOf)
		if g.Limit != nil && g.Warning != nil {
			row += fmt.Sprint(g.LimitName, " ", *g.Limit, " ", g.WarningName, " ", *g.Warning)
		}
		got = append(got, row)
	}
	if want := []string{
		"limit 3 of ftd_tunnel_users",
		"Tunnel users 1 of limit 3 warning level 2",
		"warning level 2 of ftd_tunnel_users",
	}; !slices.Equal(got, want) {
		t.Errorf("capacity:\n got %q\nwant %q", got, want)
	}

	if got := collectors.ExpiryNames(f.families); !slices.Equal(got, []string{"tunnels"}) {
		t.Errorf("collectors with an expiry: %q", got)
	}
	if err := f.state.SetExpiry(map[string]time.Duration{"tunnels": time.Hour}); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(state.DefaultExpiry + 1)
	if d, _ := f.state.Snapshot("fw1"); len(d.Capacity) != 3 {
		t.Errorf("%d gauges", len(d.Capacity))
	}
	if err := f.state.SetExpiry(nil); err != nil { // The default is back.
		t.Fatal(err)
	}
	if d, _ := f.state.Snapshot("fw1"); len(d.Capacity) != 0 {
		t.Errorf("%d gauges after the expiry", len(d.Capacity))
	}
	for _, d := range f.state.Docs() {
		if d.Name == "ftd_tunnel_users" && (d.Help != "H. Fed by 900004." || !d.Expires) {
			t.Errorf("%+v", d)
		}
	}
}

func TestStatesOfANewFamilyDoNotAllocate(t *testing.T) {
	f := newTunnels(t)
	var observations []*state.Observation
	for id, text := range map[catalog.ID]string{900001: "t1 up, loss 1%", 900002: "t1 degraded, loss 50%", 900003: "t1 down", 900005: "t1 attacked"} {
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

func TestNewReportsUnsuitableRelations(t *testing.T) {
	unit := []collectors.Label{{Name: "unit"}}
	ok := &collectors.Metric{Name: "ok", Help: "H.", Labels: unit, States: []collectors.State{{Name: "failed", Level: collectors.Failed}, {Name: "ok"}}}
	limit := &collectors.Metric{Name: "limit", Help: "H.", Labels: unit}
	set := collectors.Label{Name: "state", Values: []string{"a", "b"}}
	for want, metrics := range map[string][]*collectors.Metric{
		"x: field Of must be a listed metric with States and the same labels": {{Name: "x", Help: "H.", Labels: unit, Of: ok}},
		"y: field Of must be a listed metric with States and the same labels": {ok, {Name: "y", Help: "H.", Of: ok}},
		"z2: ok already has z1": {ok, {Name: "z1", Help: "H.", Labels: unit, Of: ok}, {Name: "z2", Help: "H.", Labels: unit, Of: ok}},
		"l: fields Limit and Warning must be listed gauges that expire": {limit, {Name: "l", Help: "H.", Labels: unit, Expires: true, Limit: limit}},
		"c: a counter must not have States":                             {{Name: "c", Help: "H.", Type: collectors.Counter, States: ok.States}},
		"s: its states must be the values of its last label":            {{Name: "s", Help: "H.", Type: collectors.StateSet, Labels: []collectors.Label{set}, States: ok.States}},
		"n: a state set needs a last label with a closed set of values": {{Name: "n", Help: "H.", Type: collectors.StateSet, Labels: unit}},
		"metric old is declared twice":                                  {{Name: "old", Help: "H."}, {Name: "new", Help: "H.", Formerly: []string{"old"}}},
	} {
		_, err := state.New(testCatalog(t), []collectors.Collector{{Name: "f", Metrics: metrics}}, state.Options{})
		if err == nil || !strings.Contains(err.Error(), "state: f: "+want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
