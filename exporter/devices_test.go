package exporter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// Files with devices are read again when they change, without a reload and without
// what else has changed. A file with a mistake changes nothing but a metric and the
// log.
func TestDevicesFilesAreWatched(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "ftd_exporter.yml"), "devices_files: [devices/*.csv]\ndevices: [{name: own}]\n")
	if err := os.Mkdir(filepath.Join(dir, "devices"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := write(t, filepath.Join(dir, "devices", "export.csv"), "name,addresses,hosts,site\nedge,,fw1,ams\n")
	const (
		read    = "ftd_exporter_devices_files_last_read_successful "
		never   = "ftd_device_last_message_timestamp_seconds"
		labels  = `ftd_device_labels_info{device="edge",site="ams"} 1`
		reloads = "ftd_exporter_config_last_reload_successful 1"
	)
	i := start(t, configured(config))
	i.shows(read+"1", labels, never+`{device="edge"} 0`, never+`{device="own"} 0`)
	send(t, dial(t, "udp", i.udp), "fw1 : "+fanFailed)
	i.shows(fan("edge"))

	write(t, config, "devices: {")
	write(t, file, "name,addresses,hosts,site\nedge,,fw1,ams\nspare,,,fra\n")
	i.shows(never+`{device="spare"} 0`, `ftd_device_labels_info{device="spare",site="fra"} 1`, read+"1", reloads)

	write(t, file, "name,addresses,hosts,site\nedge,,fw1,ams\nspare,nowhere,,fra\n")
	i.shows(read+"0", labels, never+`{device="spare"} 0`, reloads)
	testutil.Eventually(t, "a line of the log", func() error {
		return contains(i.log.String(), "level=ERROR msg=\"Files with devices cannot be used; what they had last stays\" devices=2 err=\""+file+":3: [1].addresses[0]: ")
	})
	if n := strings.Count(i.log.String(), "Files with devices cannot be used"); n != 1 {
		t.Errorf("%d lines", n)
	}

	write(t, file, "name,addresses,hosts,site\nedge,,fw1,ber\n")
	i.shows(read+"1", `ftd_device_labels_info{device="edge",site="ber"} 1`, fan("edge"))
	if body := i.get("/metrics"); strings.Contains(body, `device="spare"`) {
		t.Error("a device that is no longer in the file, and never sent anything, is there")
	}

	// A reload reads them as well.
	write(t, config, "devices_files: [devices/*.csv, other.json]\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	i.shows(read+"1", fan("edge"))
	if err := contains(i.log.String(), `:1: devices_files[1]: no file is called, or matches, \"other.json\"`); err != nil {
		t.Error(err)
	}
	if body := i.get("/metrics"); strings.Contains(body, `device="own"`) {
		t.Error("a device of the former configuration is there")
	}
}

// The exporter starts although a file with devices is broken.
func TestStartWithABrokenDevicesFile(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "ftd_exporter.yml"), "devices_files: [a.json]\ndevices: [{name: own}]\n")
	write(t, filepath.Join(dir, "a.json"), "[{\n")
	i := start(t, configured(config))
	i.shows("ftd_exporter_devices_files_last_read_successful 0", `ftd_device_last_message_timestamp_seconds{device="own"} 0`)
	if err := contains(i.log.String(), "a.json:2: not JSON: it ends too early"); err != nil {
		t.Error(err)
	}
}
