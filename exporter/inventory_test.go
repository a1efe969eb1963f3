package exporter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A device of the inventory can alert though it has never sent anything: it shows
// from the start, with its labels, and after a reload that brings it.
func TestInventoryShowsFromTheStart(t *testing.T) {
	file := write(t, "ftd_exporter.yml", "devices: [{name: edge, labels: {site: ams, role: edge}, interfaces: [outside, GigabitEthernet0/1]}, {name: plain}]\n")
	i := start(t, configured(file), func(o *exporter.Options) { o.AdminAPI = true })
	i.shows(
		`ftd_device_last_message_timestamp_seconds{device="edge"} 0`,
		`ftd_thermal_shutdowns_total{component="cpu",device="edge"} 0`,
		`ftd_device_last_message_timestamp_seconds{device="plain"} 0`,
		`ftd_device_labels_info{device="edge",role="edge",site="ams"} 1`,
		`ftd_device_interface_info{device="edge",interface="outside"} 1`,
		`ftd_device_interface_info{device="edge",interface="GigabitEthernet0/1"} 1`,
	)
	if err := contains(i.get("/device?name=edge"), "No message yet", "ams"); err != nil {
		t.Error(err)
	}
	if strings.Contains(i.get("/metrics"), `ftd_device_labels_info{device="plain"`) {
		t.Error("a device without labels has a series for them")
	}

	// One that has been forgotten by hand is back at once, as it is still expected.
	if status, body := i.post("/api/v1/forget?device=plain"); status != 200 {
		t.Fatalf("%d: %s", status, body)
	}
	if err := contains(i.get("/metrics"), `ftd_device_last_message_timestamp_seconds{device="plain"} 0`); err != nil {
		t.Error(err)
	}
	write(t, file, "devices: [{name: plain}, {name: new, labels: {site: fra}}]\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.shows(
		`ftd_device_last_message_timestamp_seconds{device="plain"} 0`,
		`ftd_device_last_message_timestamp_seconds{device="new"} 0`,
		`ftd_device_labels_info{device="new",site="fra"} 1`,
	)
	if strings.Contains(i.get("/metrics"), `site="ams"`) {
		t.Error("labels of an earlier inventory are left")
	}
	if strings.Contains(i.get("/metrics"), "ftd_device_interface_info") {
		t.Error("interfaces of an earlier inventory are left")
	}
}

// A device that has never sent anything leaves with the inventory: at a reload, and
// at a start with a state file that still has it.
func TestDevicesLeaveTheInventory(t *testing.T) {
	dir := t.TempDir()
	const both, one = "devices: [{name: typo}, {name: edge}, {name: busy}]\n", "devices: [{name: edge}]\n"
	file := write(t, "ftd_exporter.yml", both)
	gone := func(i *instance) {
		t.Helper()
		body := i.get("/metrics")
		if strings.Contains(body, `device="typo"`) {
			t.Error("a device that is in no inventory, and never sent anything, is there")
		}
		if err := contains(body, fan("busy"), `ftd_device_last_message_timestamp_seconds{device="edge"} 0`); err != nil {
			t.Error(err)
		}
	}
	i := start(t, configured(file), stored(dir))
	send(t, dial(t, "udp", i.udp), "busy : "+fanFailed)
	i.shows(fan("busy"), `ftd_device_last_message_timestamp_seconds{device="typo"} 0`)
	write(t, file, one)
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone(i)
	if err := contains(i.log.String(), `msg="Devices forgotten" devices=1 first=typo reason="no longer in the inventory, and never sent a message"`); err != nil {
		t.Error(err)
	}
	write(t, file, both)
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.stop()
	write(t, file, one)
	i = start(t, configured(file), stored(dir))
	gone(i)
	i.stop()
	if strings.Contains(storedState(t, dir), `device="typo"`) {
		t.Error("the state file still has it")
	}
}

// An inventory for which the table does not have room is reported. At the next start it
// comes before the state file.
func TestInventoryWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "ftd_exporter.yml", "limits: {devices: 3}\n")
	i := start(t, stored(dir), configured(file), replayed(strings.NewReader("stranger : "+fanFailed+"\nother : "+fanOK+"\n")))
	write(t, file, "limits: {devices: 3}\ndevices: [{name: a}, {name: b}, {name: c}]\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.shows(fan("stranger"), `ftd_device_last_message_timestamp_seconds{device="a"} 0`, "ftd_exporter_devices 3")
	const line = `level=ERROR msg="The table does not have room for devices of the inventory; forget others or raise limits.devices" devices=2 first=b`
	if err := contains(i.log.String(), line); err != nil {
		t.Error(err)
	}
	write(t, file, "limits: {devices: 4}\ndevices: [{name: a}, {name: b}]\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.shows(fan("stranger"), `ftd_device_last_message_timestamp_seconds{device="b"} 0`, "ftd_exporter_devices 4")
	if n := strings.Count(i.log.String(), "The table does not have room"); n != 1 {
		t.Errorf("%d lines", n)
	}
	i.stop()

	write(t, file, "limits: {devices: 3}\ndevices: [{name: a}, {name: b}, {name: c}]\n")
	second := start(t, stored(dir), configured(file))
	second.shows("ftd_exporter_devices 3", `ftd_device_last_message_timestamp_seconds{device="c"} 0`)
	if strings.Contains(second.log.String(), "The table does not have room") {
		t.Error("the file has taken a place of the inventory")
	}
}

// Devices that have been silent for longer than configured are forgotten, also by
// the state file. Those of the inventory stay, and by default all.
func TestSilentDevicesAreForgotten(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "ftd_exporter.yml", "devices: [{name: edge, hosts: [fw1]}]\n")
	i := start(t, configured(file), stored(dir))
	tcp := dial(t, "tcp", i.tcp)
	send(t, tcp, "fw1 : "+fanFailed, "spare : "+fanFailed)
	i.shows(fan("edge"), fan("spare"))
	i.ForgetSilentDevices()
	i.shows(fan("spare"))

	write(t, file, "devices: [{name: edge, hosts: [fw1]}]\nexpiry: {devices: 1d}\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.ForgetSilentDevices()
	i.shows(fan("spare"))

	write(t, file, "devices: [{name: edge, hosts: [fw1]}]\nexpiry: {devices: 1ms}\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	const line = `msg="Device forgotten" device=spare reason="silent for longer than expiry.devices"`
	testutil.Eventually(t, "forgotten", func() error {
		i.ForgetSilentDevices()
		return contains(i.log.String(), line)
	})
	i.shows(fan("edge"))
	if strings.Contains(i.get("/metrics"), `device="spare"`) || strings.Contains(i.log.String(), "device=edge") {
		t.Error("the wrong device is forgotten")
	}
	i.stop()
	if got := storedState(t, dir); strings.Contains(got, `device="spare"`) || !strings.Contains(got, fan("edge")) {
		t.Errorf("the state file has\n%s", got)
	}
}

// A restored device that has been silent for long gets a moment to send.
func TestSilentDevicesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, stored(dir), replayed(strings.NewReader("spare : "+fanFailed+"\n")))
	first.stop()
	begin := time.Now()
	i := start(t, stored(dir), configured(write(t, "ftd_exporter.yml", "expiry: {devices: 1ms}\n")))
	if body := i.get("/metrics"); !strings.Contains(body, fan("spare")) && time.Since(begin) < time.Minute {
		t.Error("it is forgotten at the start")
	}
}
