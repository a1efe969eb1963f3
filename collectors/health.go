package collectors

import (
	"bytes"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// health collects what a management center reports of its devices, in one state
// for each module of its health monitor.
func health() Collector {
	var (
		component = Label{Name: "component", Field: "module", Append: appendHealthComponent, Appends: healthComponents()}
		module    = Label{Name: "module", Append: appendHealthModule}
		labels    = []Label{component, module}

		state = &Metric{
			Name: "ftd_health_module_state", Title: "Health", Type: StateSet,
			Labels: []Label{component, module, {Name: "state", Values: []string{"normal", "warning", "critical", "error", "disabled"}}},
			States: []State{{"normal", OK}, {"warning", Warning}, {"critical", Critical}, {"error", Warning}, {"disabled", OK}},
			Help:   "State of a module of the health monitor, as the management center last reported it; the series of the present state is 1, the others are 0. In the state error, the test of the module did not run.",
		}
		reports = &Metric{
			Name: "ftd_health_module_reports_total", Type: Counter, Quiet: true,
			Labels: []Label{component, module, {Name: "severity", Values: []string{"normal", "recovered", "info", "warning", "minor", "critical", "major", "error", "disabled"}}},
			Help:   "Reports of the management center about a module, by the severity that it printed.",
		}
		changed = &Metric{
			Name: "ftd_health_module_state_changed_timestamp_seconds", Type: Gauge, Labels: labels,
			Help: "Time of receipt of the report that last changed the state of a module.",
		}
		last = &Metric{
			Name: "ftd_health_module_last_report_timestamp_seconds", Type: Gauge, Labels: labels,
			Help: "Time of receipt of the last report about a module, changed or not.",
		}
		used = &Metric{
			Name: "ftd_health_memory_used_ratio", Title: "Memory", Type: Gauge, Unit: Ratio, Labels: []Label{module}, Expires: true,
			Help: "Part of the memory that is used, physical memory and swap, as the management center last reported it.",
		}
		words = Words{
			"normal": "normal", "recovered": "normal", "info": "normal", "warning": "warning", "minor": "warning",
			"critical": "critical", "major": "critical", "error": "error", "disabled": "disabled",
		}
		// The templates of this module do not have the field.
		memory = Labels{"component": "memory", "module": "memory_usage"}
	)
	return Collector{
		Name:     "health",
		Summary:  "health of devices as their management center sees it",
		Hardware: true,
		Metrics:  []*Metric{state, reports, changed, last, used},
		Rules: []Rule{
			{catalog.HealthAlert, state, StateField("severity", words), memory},
			{catalog.HealthAlert, reports, Add(), memory},
			{catalog.HealthAlert, changed, ChangeOf(state), memory},
			{catalog.HealthAlert, last, Receipt(), memory},
			{catalog.HealthAlert, used, Quotient("used", "total"), Labels{"module": "memory_usage"}},
		},
	}
}

// A healthModule is a module of the health monitor: the name that a management
// center prints, in snake case, and the component that it belongs to. The names are
// those of the display in several releases; CiscoDevNet/FMCAnsible and
// terraform-provider-fmc list the ids behind them.
type healthModule struct{ name, component string }

var healthModules = [...]healthModule{
	{"hardware_alarms", "hardware"},
	{"platform_faults", "hardware"},
	{"chassis_status_ftd", "hardware"},
	{"fxos_health", "hardware"},
	{"card_reset", "hardware"},
	{"chassis_environment_status", "environment"},
	{"power_supply", "power_supply"},
	{"interface_status", "interface"},
	{"inline_link_mismatch_alarms", "interface"},
	{"link_state_propagation", "interface"},
	{"cluster_ha_failover_status", "cluster"},
	{"ftd_ha_split_brain_check", "ha"},
	{"fmc_ha_status", "manager"},
	{"cpu_usage", "cpu"},
	{"cpu_usage_per_core", "cpu"},
	{"cpu_usage_data_plane", "cpu"},
	{"cpu_usage_snort", "cpu"},
	{"cpu_usage_system", "cpu"},
	{"memory_usage", "memory"},
	{"memory_usage_data_plane", "memory"},
	{"memory_usage_snort", "memory"},
	{"snort_identity_memory_usage", "memory"},
	{"configuration_resource_utilization", "memory"},
	{"disk_usage", "disk"},
	{"disk_status", "disk"},
	{"file_system_integrity", "disk"},
	{"process_status", "process"},
	{"critical_process_statistics", "process"},
	{"automatic_application_bypass", "process"},
	{"reconfiguring_detection", "process"},
	{"snort_statistics", "process"},
	{"advanced_snort_statistics", "process"},
	{"database", "process"},
	{"appliance_heartbeat", "connectivity"},
	{"event_backlog_status", "connectivity"},
	{"event_stream_status", "connectivity"},
	{"time_synchronization_status", "time"},
	{"time_server_status", "time"},
	{"ntp_server_status", "time"},
	{"certificate_monitoring", "certificate"},
	{"license_monitor", "license"},
	{"smart_license_monitor", "license"},
	{"vpn_status", "vpn"},
	{"vpn_statistics", "vpn"},
	{"rrd_server_process", "manager"},
	{"host_limit", "manager"},
	{"discovery_host_limit", "manager"},
	{"health_monitor_process", "manager"},
	{"intrusion_and_file_event_rate", "manager"},
	{"time_series_data_monitor", "manager"},
	{"mysql_statistics", "manager"},
	{"sybase_statistics", "manager"},
	{"rabbitmq_status", "manager"},
}

// healthVariants has other names of modules, in snake case, and the name that they
// are read as. A name with the word status at its end, or without, needs none.
var healthVariants = [...][2]string{
	{"cluster_failover", "cluster_ha_failover_status"},
	{"cluster_ha", "cluster_ha_failover_status"},
	{"ftd_ha", "ftd_ha_split_brain_check"},
	{"configuration_memory_allocation", "configuration_resource_utilization"},
	{"chassis_environment", "chassis_environment_status"},
	{"chassis", "chassis_status_ftd"},
	{"hardware_alarm", "hardware_alarms"},
	{"platform_fault", "platform_faults"},
	{"file_system_integrity_check", "file_system_integrity"},
	{"heartbeat", "appliance_heartbeat"},
	{"ntp", "ntp_server_status"},
	{"inline_link_mismatch_alarm", "inline_link_mismatch_alarms"},
}

// healthComponents returns every component of a module.
func healthComponents() []string {
	return []string{
		"hardware", "environment", "power_supply", "interface", "cluster", "ha", "cpu", "memory", "disk", "process",
		"connectivity", "certificate", "license", "time", "vpn", "manager", Other,
	}
}

// appendHealthModule appends the module of a health alert in snake case. Names that
// are not in the list of modules keep their own, since two modules with the same
// name would replace each other's state.
func appendHealthModule(dst, text []byte) []byte {
	const status = "_status"
	module, _, _ := catalog.CutHealthSubject(text)
	start := len(dst)
	dst = appendSnakeCase(dst, module)
	name := bytes.TrimSuffix(dst[start:], []byte(status))
	for i := range healthModules {
		if m := healthModules[i].name; string(name) == strings.TrimSuffix(m, status) {
			return append(dst[:start], m...)
		}
	}
	for i := range healthVariants {
		if v := &healthVariants[i]; string(name) == v[0] {
			return append(dst[:start], v[1]...)
		}
	}
	return dst
}

// appendHealthComponent appends the component that the module of a health alert
// belongs to.
func appendHealthComponent(dst, text []byte) []byte {
	start := len(dst)
	dst = appendHealthModule(dst, text)
	for i := range healthModules {
		if m := &healthModules[i]; string(dst[start:]) == m.name {
			return append(dst[:start], m.component...)
		}
	}
	return append(dst[:start], Other...)
}
