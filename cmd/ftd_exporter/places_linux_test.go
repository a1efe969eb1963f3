package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// get returns what the web server of the unit has at a path.
func (u *unit) get(path string) string {
	u.t.Helper()
	body, err := testutil.Get(&u.client, "http://"+u.web+path)
	if err != nil {
		u.t.Fatalf("%v\n%s", err, u.log.String())
	}
	return body
}

// series returns the values of a metric by its labels, as they are written.
func (u *unit) series(metric string) map[string]string {
	u.t.Helper()
	all := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^`+metric+`\{(.*)\} (.*)$`).FindAllStringSubmatch(u.get("/metrics"), -1) {
		all[m[1]] = m[2]
	}
	return all
}

// Whatever is sent while the exporter restarts, the devices of the inventory and
// those of the state file keep their places, and what a message repeats is not
// a change.
func TestRestartKeepsEverybodysPlace(t *testing.T) {
	u := newUnit(t)
	var config strings.Builder
	config.WriteString("limits: {devices: 325}\ndevices:\n")
	for i := range 20 {
		fmt.Fprintf(&config, "- name: inventory%d\n", i)
	}
	name := filepath.Join(t.TempDir(), "c.yml")
	if err := os.WriteFile(name, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	u.args = append(u.args, "--config.file="+name)
	// As much as the system allows.
	_ = unix.SetsockoptInt(int(u.files[0].Fd()), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20)

	u.start()
	u.await("READY=1")
	conn := u.dial("tcp")
	for i := range 300 {
		for fan := range 3 {
			fmt.Fprintf(conn, "fw%d : %%FTD-1-735002: Cooling Fan %d: Failure Detected\n", i, fan)
		}
	}
	conn.Close()
	testutil.Eventually(t, "900 failed fans", func() bool { return len(u.series("ftd_component_ok")) == 900 })
	changed := u.series("ftd_component_state_changed_timestamp_seconds")

	flood := func(from, to int) {
		conn := u.dial("udp")
		defer conn.Close()
		for i := from; i < to; i++ {
			fmt.Fprintf(conn, "<161>invented%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", i)
			fmt.Fprintf(conn, "<161>fw%d : %%FTD-1-735002: Cooling Fan 1: Failure Detected\n", i%300)
		}
	}
	for round := range 3 {
		if round == 1 {
			u.stop(syscall.SIGKILL)
		} else {
			u.stop(syscall.SIGTERM)
		}
		flood(0, 5000)
		waiting := u.dial("tcp") // The kernel accepts it.
		fmt.Fprintf(waiting, "fw0 : %%FTD-1-735002: Cooling Fan 0: Failure Detected\n")
		waiting.Close()
		u.start()
		done := make(chan struct{})
		go func() {
			defer close(done)
			flood(5000, 10_000)
		}()
		u.await("READY=1")
		<-done
		testutil.Eventually(t, "the message over TCP", func() bool {
			for labels, value := range u.series("ftd_exporter_syslog_frames_total") {
				if strings.Contains(labels, "tcp://") {
					return value == "1"
				}
			}
			return false
		})
		shown := u.series("ftd_component_ok")
		failed, inventory := 0, 0
		for labels, value := range shown {
			if strings.Contains(labels, `device="fw`) && value == "0" {
				failed++
			}
		}
		for labels := range u.series("ftd_device_last_message_timestamp_seconds") {
			if strings.Contains(labels, `device="inventory`) {
				inventory++
			}
		}
		if failed != 900 || inventory != 20 {
			t.Fatalf("round %d: %d of 900 failed fans and %d of 20 devices of the inventory are shown\n%s", round, failed, inventory, u.log.String())
		}
		now := u.series("ftd_component_state_changed_timestamp_seconds")
		maps.DeleteFunc(now, func(labels, _ string) bool { return !strings.Contains(labels, `device="fw`) })
		if !maps.Equal(now, changed) {
			t.Errorf("round %d: times of changes have moved:\n%v\n%v", round, now, changed)
		}
		var events struct{ Events []struct{ Device string } }
		if err := json.Unmarshal([]byte(u.get("/api/v1/events?limit=1000")), &events); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events.Events {
			if strings.HasPrefix(e.Device, "fw") {
				n++
			}
		}
		if n != 900 {
			t.Errorf("round %d: %d events, but 900 fans have failed, once each", round, n)
		}
	}
	u.stop(syscall.SIGTERM)
}
