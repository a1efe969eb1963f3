package exporter_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// fan is the line that shows a failed fan of a device.
func fan(device string) string {
	return fmt.Sprintf(`ftd_component_ok{component="fan",device=%q,unit="1"} 0`, device)
}

// Listeners that stay keep their sockets and connections, and the new
// configuration holds for them; new ones receive by it from their first message
// on; those that are gone free their ports.
func TestReloadChangesListeners(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	gone, added := testutil.FreeAddr(t), testutil.FreeAddr(t)
	i := start(t, func(o *exporter.Options) {
		o.ConfigFile = write(t, file, fmt.Sprintf("listeners: [{address: %q}, {address: %q}, {address: %q}]\ndevices: [{name: first, addresses: [127.0.0.1]}]\n",
			o.ListenAddresses[0], o.ListenAddresses[1], "tcp://"+gone))
	})
	tcp, udp, third := dial(t, "tcp", i.tcp), dial(t, "udp", i.udp), dial(t, "tcp", gone)
	send(t, tcp, fanFailed)
	i.shows(fan("first"))

	write(t, file, fmt.Sprintf("listeners: [{address: %q}, {address: %q}, {address: %q}]\ndevices: [{name: second, addresses: [127.0.0.1]}]\n",
		"udp://"+i.udp, "tcp://"+i.tcp, "tcp://"+added))
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	send(t, dial(t, "tcp", added), "%FTD-1-735002: Cooling Fan 3: Failure Detected")
	send(t, tcp, fanFailed)
	send(t, udp, "%FTD-1-735002: Cooling Fan 2: Failure Detected")
	for unit := range 3 {
		i.shows(fmt.Sprintf(`ftd_component_ok{component="fan",device="second",unit="%d"} 0`, unit+1))
	}
	if n := strings.Count(i.log.String(), `msg="Receiving syslog" listener=tcp://`+i.tcp); n != 1 {
		t.Errorf("the TCP listener was opened %d times", n)
	}
	if _, err := third.Read(make([]byte, 1)); err == nil {
		t.Error("a listener that is gone sends")
	}
	l, err := net.Listen("tcp", gone)
	if err != nil {
		t.Errorf("a listener that is gone keeps its port: %v", err)
	} else {
		l.Close()
	}
}

// What a listener that goes has received is not applied by a configuration that
// does not have its list of those who may send.
func TestReloadDoesNotOpenAListenerThatGoes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	for range 20 {
		i := start(t, func(o *exporter.Options) {
			o.ConfigFile = write(t, file, fmt.Sprintf("listeners: [{address: %q}, {address: %q, allow: [192.0.2.1]}]\n", o.ListenAddresses[0], o.ListenAddresses[1]))
		})
		conn := dial(t, "tcp", i.tcp)
		flooded := make(chan struct{})
		go func() {
			defer close(flooded)
			lines := []byte(strings.Repeat("stranger : %FTD-6-302013: Built\n", 1000))
			for {
				if _, err := conn.Write(lines); err != nil {
					return // The listener is gone.
				}
			}
		}()
		testutil.Eventually(t, "the flood", func() bool { return i.frames("tcp://"+i.tcp) > 0 })
		write(t, file, fmt.Sprintf("listeners: [{address: %q}]\n", "udp://"+i.udp))
		if err := i.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-flooded
		if n := i.value("ftd_exporter_devices"); n != 0 {
			t.Fatalf("%g devices of a sender that may not send", n)
		}
		i.stop()
	}
}

// A configuration that cannot be applied as a whole is not applied at all.
func TestReloadAppliesAllOrNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	added := testutil.FreeAddr(t)
	const rest = `
devices: [{name: %s, addresses: [127.0.0.1], labels: {site: %[1]s}}]
limits: {series_per_metric: %d}
expiry: {quota: %s}
messages: {ignore: [%d]}
`
	var good string
	i := start(t, func(o *exporter.Options) {
		good = fmt.Sprintf("listeners: [{address: %q}, {address: %q}]", o.ListenAddresses[0], o.ListenAddresses[1]) + fmt.Sprintf(rest, "first", 10, "1h", 302014)
		o.ConfigFile = write(t, file, good)
	})
	conn := dial(t, "tcp", i.tcp)
	quota := `ftd_quota_used{device="first",resource="management_session",scope="system"} 13`
	send(t, conn, quotaHigh, fanFailed)
	i.shows(fan("first"), quota)
	const (
		successful = "ftd_exporter_config_last_reload_successful"
		loaded     = "ftd_exporter_config_last_reload_success_timestamp_seconds"
	)
	before, unit := i.value(loaded), 1

	for name, tc := range map[string]struct{ content, want string }{
		"port in use":     {fmt.Sprintf("listeners: [{address: %q}, {address: %q}]", "tcp://"+added, "tcp://"+taken.Addr().String()) + fmt.Sprintf(rest, "second", 1, "1ms", 735002), "listen on tcp://" + taken.Addr().String()},
		"mistake":         {"devices: [{nam: third}]\n", file + ":1: "},
		"unknown expiry":  {"expiry: {quotas: 1h}\n", file + ":1: "},
		"file is missing": {"", file + ": "},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, file, tc.content)
			if tc.content == "" {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
			i.refusesReload(t, tc.want)
			if i.value(successful) != 0 || i.value(loaded) != before {
				t.Errorf("%g, %g, want 0, %g", i.value(successful), i.value(loaded), before)
			}
			if err := contains(i.get("/"), "the last good one is in force"); err != nil {
				t.Error(err)
			}
			// Identity, ignored messages, expiry, limits and labels are as before.
			unit++
			send(t, conn, "%FTD-6-302014: Teardown", fmt.Sprintf("%%FTD-1-735002: Cooling Fan %d: Failure Detected", unit))
			i.shows(
				fmt.Sprintf(`ftd_component_ok{component="fan",device="first",unit="%d"} 0`, unit),
				quota,
				`ftd_device_labels_info{device="first",site="first"} 1`,
			)
			if strings.Contains(i.get("/metrics"), `ftd_syslog_messages_total{device="first",severity="6"}`) {
				t.Error("a message that is ignored is counted")
			}
			if l, err := net.Listen("tcp", added); err != nil {
				t.Errorf("a listener of a refused configuration is open: %v", err)
			} else {
				l.Close()
			}
		})
	}

	write(t, file, good)
	if status, body := i.post("/-/reload"); status != http.StatusOK || body != "The configuration was loaded.\n" {
		t.Errorf("%d: %s", status, body)
	}
	if i.value(successful) != 1 || i.value(loaded) < before {
		t.Errorf("%g, %g, want 1, more than %g", i.value(successful), i.value(loaded), before)
	}
	if err := i.log.order("Loading the configuration failed; the last good one stays", "Configuration loaded"); err != nil {
		t.Error(err)
	}
}

// refusesReload checks that the call and the request refuse a configuration with
// the same error.
func (i *instance) refusesReload(t *testing.T, want string) {
	t.Helper()
	err := i.Reload(t.Context())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	status, body := i.post("/-/reload")
	if want := "The configuration was not loaded, the last good one stays:\n" + err.Error() + "\n"; status != http.StatusInternalServerError || body != want {
		t.Errorf("%d:\n%s\nwant\n%s", status, body, want)
	}
}

// Lower limits hold from the reload on; what exists stays.
func TestReloadLowersLimits(t *testing.T) {
	file := write(t, "ftd_exporter.yml", "")
	i := start(t, configured(file))
	tcp, idle := dial(t, "tcp", i.tcp), dial(t, "tcp", i.tcp)
	send(t, idle, "fw1 : "+fanOK)
	i.shows("ftd_exporter_devices 1")
	send(t, tcp, "fw2 : "+fanOK)
	i.shows("ftd_exporter_devices 2")
	write(t, file, "limits: {devices: 2, tcp_connections: 1}\n")
	if err := i.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := dial(t, "tcp", i.tcp)
	send(t, last, "fw3 : "+fanOK, "fw2 : "+fanFailed)
	i.shows(fan("fw2"), "ftd_exporter_devices 2", `ftd_exporter_series_rejected_total{reason="devices"} 1`,
		fmt.Sprintf(`ftd_exporter_tcp_connections{listener="tcp://%s"} 1`, i.tcp))
	for _, conn := range []net.Conn{idle, tcp} {
		if _, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Error(err)
		}
	}
}

// Without the flag, nobody can reload over HTTP.
func TestLifecycleIsOffByDefault(t *testing.T) {
	i := start(t, func(o *exporter.Options) { o.Lifecycle = false })
	if status, body := i.post("/-/reload"); status != http.StatusForbidden || !strings.Contains(body, "--web.enable-lifecycle") {
		t.Errorf("%d: %s", status, body)
	}
	if strings.Contains(i.log.String(), "Configuration loaded") {
		t.Error("the configuration was loaded")
	}
}
