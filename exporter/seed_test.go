package exporter_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter"
)

// A service may have an old log in its arguments for ever: it does not end a failure
// that was reported after it, and is counted once.
func TestLogsAreReplayedOnce(t *testing.T) {
	dir := t.TempDir()
	log := write(t, "old.log", "<161>2026-03-17T10:00:00Z fw1 : "+fanFailed+"\n<161>2026-03-17T11:00:00Z fw1 : "+fanOK+"\n")
	old := func(o *exporter.Options) { o.ReplayFiles = []string{log} }
	i := start(t, stored(dir), old)
	i.shows(
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 1`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 1`,
		`ftd_device_last_message_timestamp_seconds{device="fw1"} 1.7737452e+09`,
	)
	send(t, dial(t, "udp", i.udp), "<161>fw1 : "+fanFailed)
	i.shows(fan("fw1"))
	i.stop()
	for range 2 {
		i = start(t, stored(dir), old)
		i.shows(
			fan("fw1"),
			`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
			`ftd_syslog_messages_total{device="fw1",severity="1"} 3`,
		)
		i.stop()
		if err := contains(i.log.String(), `msg="Replayed a log file" file=`+log+` lines=2 known=2`); err != nil {
			t.Error(err)
		}
	}
}

// What the state file has may still come if it cannot be read now. Counted before
// that, a log would be counted twice.
func TestLogsWaitForTheState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // A directory it is not.
		t.Fatal(err)
	}
	log := write(t, "old.log", "<161>2026-03-17T10:00:00Z fw1 : "+fanFailed+"\n")
	i := start(t, stored(dir), func(o *exporter.Options) { o.ReplayFiles = []string{log} })
	i.shows("ftd_exporter_devices 0")
	if err := contains(i.log.String(), `level=ERROR msg="Log files are not replayed, because the state file has not been read; start again when it can be" files=1`); err != nil {
		t.Error(err)
	}
}
