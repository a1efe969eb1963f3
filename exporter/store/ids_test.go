package store_test

import (
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// observe applies a message with an id of any kind. The subject is what it is about,
// if that is not the device.
func (f *feeder) observe(device, subject string, id catalog.ID, text string) {
	f.t.Helper()
	var m catalog.Message
	if got := f.catalog.Match(id, []byte(text), &m); got != catalog.Matched {
		f.t.Fatalf("%s %q: %v", id, text, got)
	}
	o := state.Observation{Device: []byte(device), Severity: 3, Time: epoch, Text: []byte(text), Message: &m}
	if subject != "" {
		o.Subject = []byte(subject)
	}
	f.table.Update(&o)
}

// Ids that are not numbers are in the file as they are printed, and come back.
func TestIDsOfAllKindsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	first := begin(t, dir)
	first.say(fanFailed)
	first.observe("fp1", "", catalog.Fault(374), "[F0374][major][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 inoperable")
	first.observe("fp1", "", catalog.Fault(9999), "[F9999][minor][new][sys/chassis-1/fan-module-1-1/fan-2] Fan 2 of a code without an entry")
	first.observe("fmc1", `fw "2" (Unit 1)`, catalog.HealthAlert, `Power Supply (Sensor fw "2" (Unit 1)): Severity: critical: Power supply 2 requires attention`)
	first.observe("fw1", "", 8300003, "Failed to send session redistribution message to unit-2")
	first.shows(
		`ftd_messages_total{device="fp1",message_id="F0374"} 1`,
		`ftd_messages_total{device="fmc1",message_id="HMNOTIFY"} 1`,
		`ftd_messages_total{device="fw1",message_id="8300003"} 1`,
		`ftd_fxos_fault_severity{code="F9999",component="fan",device="fp1",object="chassis-1/fan-module-1-1/fan-2"} 4`,
		`ftd_health_module_state{component="power_supply",device="fw \"2\" (Unit 1)",module="power_supply",state="critical"} 1`,
		`ftd_health_reporter_info{device="fw \"2\" (Unit 1)",reporter="fmc1"} 1`,
	)
	want := first.devices()
	first.stop()

	second := begin(t, dir)
	if got := second.devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	second.expect("second life", map[string]float64{"skipped_series": 0, "restore_successful": 1})
	second.observe("fp1", "", catalog.Fault(374), "[F0374][cleared][equipment-inoperable][sys/chassis-1/psu-2] Power supply 2 inoperable")
	second.shows(
		`ftd_messages_total{device="fp1",message_id="F0374"} 2`,
		`ftd_fxos_fault_severity{code="F0374",component="power_supply",device="fp1",object="chassis-1/psu-2"} 0`,
	)
}
