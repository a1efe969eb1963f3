package collectors

import (
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

func TestHealthModules(t *testing.T) {
	for name, want := range map[string]string{
		"Memory Usage (Sensor fw-a)": "memory_usage memory", "CPU Usage (per core) (Sensor a (b))": "cpu_usage_per_core cpu", "Power Supply": "power_supply power_supply",
		"Cluster/HA Failover Status (Device x)": "cluster_ha_failover_status cluster", "Cluster/Failover Status": "cluster_ha_failover_status cluster",
		"FTD HA (Split-brain check) (Sensor fw)": "ftd_ha_split_brain_check ha", "Configuration Memory Allocation": "configuration_resource_utilization memory",
		"Appliance Heartbeat (Sensor fw-c, domain Global/Branch)": "appliance_heartbeat connectivity", "HEARTBEAT": "appliance_heartbeat connectivity",
		"NTP": "ntp_server_status time", "Time Synchronization": "time_synchronization_status time", "VPN": "vpn_status vpn", "Chassis Environment": "chassis_environment_status environment",
		"Automatic Application Bypass Status": "automatic_application_bypass process", "Power Supply Status": "power_supply power_supply", "Status": "status other",
		"Widget Status (Sensor a)": "widget_status other", "\xff": "other other", "": "other other",
	} {
		got := string(appendHealthModule(nil, []byte(name))) + " " + string(appendHealthComponent(nil, []byte(name)))
		if got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
		// What is stored is read back as the same.
		module, _, _ := strings.Cut(got, " ")
		if again := string(appendHealthModule(nil, []byte(module))); again != module {
			t.Errorf("%s is read back as %s", module, again)
		}
	}
	for _, m := range healthModules {
		if !slices.Contains(healthComponents(), m.component) || string(appendHealthModule(nil, []byte(m.name))) != m.name {
			t.Errorf("%s: component %s", m.name, m.component)
		}
	}
	for _, v := range healthVariants {
		if !slices.ContainsFunc(healthModules[:], func(m healthModule) bool { return m.name == v[1] }) {
			t.Errorf("%s is read as %s, which is not a module", v[0], v[1])
		}
	}
}

func TestFaultLabels(t *testing.T) {
	for _, e := range catalog.Faults() {
		if !slices.Contains(faultComponents(), e.Component) || e.Rule == "" {
			t.Errorf("%s: component %q, rule %q", e.ID, e.Component, e.Rule)
		}
	}
	long := strings.Repeat("sys-element/", 10)
	for object, want := range map[string]string{
		"sys/chassis-1/psu-2": "chassis-1/psu-2 power_supply", "sys/chassis-1/fan-module-1-7/fan-1": "chassis-1/fan-module-1-7/fan-1 fan",
		"sys/rack-unit-1/psu": "rack-unit-1/psu power_supply", "sys/chassis-1/blade-1/board/memarray-1/mem-7": "chassis-1/blade-1/board/memarray-1/mem-7 memory",
		"sys/chassis-1/blade-1/board/cpu-1": "chassis-1/blade-1/board/cpu-1 cpu", "sys/switch-A/slot-1/switch-ether/port-3": "switch-A/slot-1/switch-ether/port-3 port",
		"fabric/lan/A/pc-21/ep-slot-1-port-50": "fabric/lan/A/pc-21/ep-slot-1-port-50 port", "org-root/fw-infra-pack-default": "org-root/fw-infra-pack-default software",
		"org-root/ls-NAME": "org-root/ls-NAME other", "sys/chassis-1": "chassis-1 chassis", "sys/sys/x": "x other", "": " other", "/": "/ other", "psu2": "psu2 other",
		"sys/chassis-1/blade-4/board/storage-SAS-SLOT-SAS/raid-battery-11": "chassis-1/blade-4/board/storage-SAS-SLOT-SAS/raid-battery-11 disk",
	} {
		if got := string(appendFaultObject(nil, []byte(object))) + " " + string(appendFaultComponent(nil, []byte(object))); got != want {
			t.Errorf("%q is %s, want %s", object, got, want)
		}
	}
	one, two := string(appendFaultObject(nil, []byte(long+"1"))), string(appendFaultObject(nil, []byte(long+"2")))
	if one == two || len(one) > maxFaultObject || string(appendFaultObject(nil, []byte(one))) != one {
		t.Errorf("%s, %s", one, two)
	}
	for code, want := range map[string]string{"F0374": "F0374", "F374": "F0374", "F16520": "F16520", "F": "other", "": "other", "x": "other", "F99999999": "other"} {
		if got := string(appendFaultCode(nil, []byte(code))); got != want {
			t.Errorf("%q is %s, want %s", code, got, want)
		}
	}
}

func TestProcesses(t *testing.T) {
	for text, want := range map[string]string{
		"Mar  6 21:58:53 Ipc[1234]: func return 1": "other", "Mar 5 02:14:16 sshd[1842]: Received signal 15": "sshd", "port-manager: Alert: Ethernet1/1 link changed to UP": "port-manager",
		"Jul 16 12:23:19 firepower FPRM: <<%FPRM-6-AUDIT>> [admin]": "FPRM", "x[1]: sshd: no": "other", "FPRM": "other", "": "other",
	} {
		if got := string(appendProcess(nil, []byte(text))); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
