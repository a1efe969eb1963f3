package dashboards

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const alertmanagerFile = "../examples/alertmanager.yml"

// alertmanager is the part of an Alertmanager configuration that the tests read.
type alertmanager struct {
	Route     route
	Receivers []struct{ Name string }
	Inhibit   []inhibition `yaml:"inhibit_rules"`
}

type route struct {
	Receiver string
	Matchers []string
	Routes   []route
}

type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string
}

type labels map[string]string

var matcherForm = regexp.MustCompile(`^(\w+)(=~?)"([^"]*)"$`)

// matches reports whether all matchers hold for l.
func (l labels) matches(t *testing.T, matchers []string) bool {
	t.Helper()
	for _, matcher := range matchers {
		m := matcherForm.FindStringSubmatch(matcher)
		if m == nil {
			t.Fatalf("matcher %s: want name=\"value\" or name=~\"value|value\"", matcher)
		}
		values := []string{m[3]}
		if m[2] == "=~" {
			values = strings.Split(m[3], "|")
		}
		if !slices.Contains(values, l[m[1]]) {
			return false
		}
	}
	return true
}

// mutes reports whether the rule silences target while source fires.
func (i *inhibition) mutes(t *testing.T, source, target labels) bool {
	t.Helper()
	for _, name := range i.Equal {
		if source[name] != target[name] {
			return false
		}
	}
	return source.matches(t, i.Source) && target.matches(t, i.Target)
}

func TestAlertmanagerRoutesBySeverity(t *testing.T) {
	var config alertmanager
	readYAML(t, alertmanagerFile, &config)
	amtool, _ := exec.LookPath("amtool")
	if amtool != "" {
		if out, err := exec.Command(amtool, "check-config", alertmanagerFile).CombinedOutput(); err != nil {
			t.Errorf("amtool check-config: %v\n%s", err, out)
		}
	}
	for severity, want := range map[string]string{"critical": "pager", "warning": "team", "info": "log"} {
		got := config.Route.Receiver
		for _, r := range config.Route.Routes {
			if (labels{"severity": severity}).matches(t, r.Matchers) {
				got = r.Receiver
				break
			}
		}
		if got != want {
			t.Errorf("severity %s goes to %q, want %q", severity, got, want)
		}
		if !slices.ContainsFunc(config.Receivers, func(r struct{ Name string }) bool { return r.Name == got }) {
			t.Errorf("there is no receiver %q", got)
		}
		if amtool != "" {
			out, err := exec.Command(amtool, "config", "routes", "test", "--config.file="+alertmanagerFile, "severity="+severity).Output()
			if err != nil || strings.TrimSpace(string(out)) != want {
				t.Errorf("amtool: severity %s goes to %q (%v), want %q", severity, out, err, want)
			}
		}
	}
}

func TestAlertmanagerInhibitsSymptoms(t *testing.T) {
	var config alertmanager
	readYAML(t, alertmanagerFile, &config)
	alert := func(name string, pairs ...string) labels {
		l := labels{"alertname": name}
		for i := 0; i < len(pairs); i += 2 {
			l[pairs[i]] = pairs[i+1]
		}
		return l
	}
	for _, tc := range []struct {
		name           string
		source, target labels
		want           bool
	}{
		{"a supply failed: redundancy is lost", alert("FTDComponentFailed", "device", "a", "component", "power_supply", "unit", "1"), alert("FTDPowerSupplyRedundancyLost", "device", "a"), true},
		{"a supply of another device", alert("FTDComponentFailed", "device", "b", "component", "power_supply", "unit", "1"), alert("FTDPowerSupplyRedundancyLost", "device", "a"), false},
		{"a fan failed", alert("FTDComponentFailed", "device", "a", "component", "fan", "unit", "1"), alert("FTDPowerSupplyRedundancyLost", "device", "a"), false},
		{"critical: warm as well", alert("FTDTemperatureCritical", "device", "a", "component", "cpu", "unit", "1"), alert("FTDTemperatureWarm", "device", "a", "component", "cpu", "unit", "1"), true},
		{"another sensor is critical", alert("FTDTemperatureCritical", "device", "a", "component", "cpu", "unit", "2"), alert("FTDTemperatureWarm", "device", "a", "component", "cpu", "unit", "1"), false},
		{"the exporter is down: all devices are silent", alert("FTDExporterDown", "instance", "x"), alert("FTDDeviceSilent", "device", "a"), true},
		{"the listener receives nothing", alert("FTDExporterListenerSilent", "instance", "x"), alert("FTDDeviceNeverHeard", "device", "a"), true},
		{"an exporter of another job is down", alert("FTDExporterDown", "job", "x", "instance", "x"), alert("FTDDeviceSilent", "job", "y", "device", "a"), false},
		{"the exporter is down: a failed fan still alerts", alert("FTDExporterDown", "instance", "x"), alert("FTDComponentFailed", "device", "a"), false},
		{"the device is off: it is silent", alert("FTDThermalShutdown", "device", "a", "component", "cpu"), alert("FTDDeviceSilent", "device", "a"), true},
		{"used up: nearly used up as well", alert("FTDQuotaUsedUp", "device", "a", "resource", "r", "scope", "system"), alert("FTDQuotaNearlyUsedUp", "device", "a", "resource", "r", "scope", "system"), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := slices.ContainsFunc(config.Inhibit, func(i inhibition) bool { return i.mutes(t, tc.source, tc.target) })
			if got != tc.want {
				t.Errorf("inhibited: %v, want %v", got, tc.want)
			}
		})
	}
}

func TestAlertmanagerNamesAlertsThatExist(t *testing.T) {
	var config alertmanager
	readYAML(t, alertmanagerFile, &config)
	exists := map[string]bool{}
	for _, r := range readRules(t, alertFile) {
		exists[r.Alert] = true
	}
	for _, i := range config.Inhibit {
		for _, matcher := range slices.Concat(i.Source, i.Target) {
			m := matcherForm.FindStringSubmatch(matcher)
			if m == nil || m[1] != "alertname" {
				continue
			}
			for name := range strings.SplitSeq(m[3], "|") {
				if !exists[name] {
					t.Errorf("%s: there is no alert %s", matcher, name)
				}
			}
		}
	}
}
