package collectors

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// environment collects the states of fans, supplies, voltages, temperatures and
// the backplane link, and the failures of the environment monitor itself:
// 735001 to 735029, 743001 and 743002.
func environment() Collector {
	var (
		component = Label{Name: "component"}
		unit      = Label{Name: "unit"}

		ok = &Metric{
			Name: "ftd_component_ok", Type: Gauge, Labels: []Label{component, unit}, States: []State{{"failed", Failed}, {"ok", OK}},
			Help: "Whether a hardware component works (1) or has failed (0), as the device last reported.",
		}
		failures = &Metric{
			Name: "ftd_component_failures_total", Type: Counter, Labels: []Label{component, unit}, Of: ok,
			Help: "Reports that a hardware component has failed.",
		}
		changed = &Metric{
			Name: "ftd_component_state_changed_timestamp_seconds", Type: Gauge, Labels: []Label{component, unit},
			Help: "Time of receipt of the report that last changed whether a hardware component works.",
		}
		report = &Metric{
			Name: "ftd_component_last_report_timestamp_seconds", Type: Gauge, Labels: []Label{component, unit},
			Help: "Time of receipt of the last report on whether a hardware component works, changed or not.",
		}
		state = &Metric{
			Name: "ftd_temperature_state", Type: StateSet,
			Labels: []Label{component, unit, {Name: "state", Values: []string{"ok", "warm", "critical"}}},
			States: []State{{"ok", OK}, {"warm", Warning}, {"critical", Critical}},
			Help:   "State of a temperature sensor; the series of the present state is 1, the others are 0.",
		}
		stateChanged = &Metric{
			Name: "ftd_temperature_state_changed_timestamp_seconds", SplitFrom: changed, Type: Gauge, Labels: []Label{component, unit},
			Help: "Time of receipt of the report that last changed the state of a temperature sensor.",
		}
		celsius = &Metric{
			Name: "ftd_temperature_celsius", Type: Gauge, Unit: Celsius, Labels: []Label{component, unit}, Of: state,
			Help: "Temperature as last reported by the device, which reports only when a sensor changes its state.",
		}
		alarms = &Metric{
			Name: "ftd_temperature_alarms_total", Type: Counter, Labels: []Label{component, unit}, Of: state,
			Help: "Reports that a temperature sensor is warm or critical.",
		}
		shutdowns = &Metric{
			Name: "ftd_thermal_shutdowns_total", Title: "Shutdown because of heat", Type: Counter, Alarm: Alarm{Level: Critical},
			Labels: []Label{{Name: "component", Values: []string{"cpu", "cpu_voltage_regulator", "io_hub"}}},
			Help:   "Reports that the device is switching itself off because a component is too hot.",
		}
		boots = &Metric{
			Name: "ftd_boots_after_thermal_shutdown_total", Title: "Boot after a shutdown because of heat",
			Formerly: []string{"ftd_thermal_shutdown_boots_total"}, Type: Counter, Alarm: Alarm{Level: Critical},
			Labels: []Label{{Name: "component", Values: []string{"cpu", "cpu_voltage_regulator"}}},
			Help:   "Reports after a boot that the device had switched itself off because of heat.",
		}
		up = &Metric{
			Name: "ftd_environment_monitoring_up", Title: "Environment monitoring", Type: Gauge, States: []State{{"not running", Failed}, {"running", OK}},
			Help: "Whether the environment monitor of the device runs: 0 after it has reported that it did not start, 1 after any later report on a component or a temperature. While it is 0, all other hardware states of the device are out of date.",
		}
		monitoring = &Metric{
			Name: "ftd_environment_monitoring_failures_total", Title: "Failure of environment monitoring", Type: Counter, Alarm: Alarm{Level: Warning, For: time.Hour, Except: []string{"init"}},
			Labels: []Label{{Name: "stage", Values: []string{"init", "update"}}},
			Help:   "Reports that the environment monitor did not start (init) or could not read its sensors (update). After init, all hardware states of the device are out of date.",
		}
	)

	rules := []Rule{
		{ID: 735009, Metric: up, Value: Set(0)},
		{ID: 735009, Metric: monitoring, Value: Add(), Labels: Labels{"stage": "init"}},
		{ID: 735010, Metric: monitoring, Value: Add(), Labels: Labels{"stage": "update"}},
		{ID: 735022, Metric: shutdowns, Value: Add(), Labels: Labels{"component": "cpu"}},
		{ID: 735023, Metric: boots, Value: Add(), Labels: Labels{"component": "cpu"}},
		{ID: 735027, Metric: shutdowns, Value: Add(), Labels: Labels{"component": "cpu_voltage_regulator"}},
		{ID: 735028, Metric: boots, Value: Add(), Labels: Labels{"component": "cpu_voltage_regulator"}},
		{ID: 735029, Metric: shutdowns, Value: Add(), Labels: Labels{"component": "io_hub"}},
	}

	// Two ids report whether a component works or has failed.
	for _, c := range []struct {
		works, failed catalog.ID
		labels        Labels
	}{
		{735001, 735002, Labels{"component": "fan"}},
		{735003, 735004, Labels{"component": "power_supply"}},
		{735005, 735006, Labels{"component": "power_supply_redundancy", "unit": ""}},
		{735011, 735012, Labels{"component": "power_supply_fan"}},
		{735013, 735014, Labels{"component": "voltage"}},
		{743002, 743001, Labels{"component": "backplane_link", "unit": ""}},
	} {
		rules = append(
			rules,
			Rule{c.works, ok, Set(1), c.labels},
			Rule{c.works, failures, Create(), c.labels},
			Rule{c.works, changed, ChangeOf(ok), c.labels},
			Rule{c.works, report, Receipt(), c.labels},
			Rule{c.failed, ok, Set(0), c.labels},
			Rule{c.failed, failures, Add(), c.labels},
			Rule{c.failed, changed, ChangeOf(ok), c.labels},
			Rule{c.failed, report, Receipt(), c.labels},
		)
		if c.works != 743002 { // Its messages do not come from the environment monitor.
			rules = append(rules, Rule{ID: c.works, Metric: up, Value: Set(1)}, Rule{ID: c.failed, Metric: up, Value: Set(1)})
		}
	}

	// Three ids report the state of a temperature sensor.
	for _, c := range []struct {
		component          string
		ok, warm, critical catalog.ID
	}{
		{"cpu", 735020, 735015, 735007},
		{"chassis", 735021, 735016, 735008},
		{"power_supply", 735017, 735019, 735018},
		{"io_hub", 735024, 735026, 735025},
	} {
		labels := Labels{"component": c.component}
		for _, s := range []struct {
			id    catalog.ID
			state string
			alarm Value
		}{{c.ok, "ok", Create()}, {c.warm, "warm", Add()}, {c.critical, "critical", Add()}} {
			rules = append(
				rules,
				Rule{s.id, celsius, SetField("value"), labels},
				Rule{s.id, state, StateIs(s.state), labels},
				Rule{s.id, alarms, s.alarm, labels},
				Rule{s.id, stateChanged, ChangeOf(state), labels},
				Rule{ID: s.id, Metric: up, Value: Set(1)},
			)
		}
	}
	return Collector{
		Name:     "environment",
		Summary:  "fans, power supplies, voltages, temperatures, shutdowns because of heat",
		Hardware: true,
		Metrics:  []*Metric{ok, failures, changed, report, celsius, state, alarms, stateChanged, shutdowns, boots, up, monitoring},
		Rules:    rules,
	}
}
