package packages

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// shell runs a line of bash.
func (h *host) shell(script string) string {
	h.t.Helper()
	return h.run("bash", "-c", script)
}

// send sends a message of a failed supply over UDP (/dev/udp) or TCP (/dev/tcp).
func (h *host) send(protocol, device string, port int) {
	h.t.Helper()
	h.shell(fmt.Sprintf(`echo '<161>%s : %%FTD-1-735004: Power Supply 1: Failure Detected' >/dev/%s/127.0.0.1/%d`, device, protocol, port))
}

// metrics returns the metrics of the host's exporter.
func (h *host) metrics() (string, error) {
	return h.try("bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/10061 && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3 && cat <&3`)
}

// shows waits for a line of the metrics.
func (h *host) shows(pattern string) {
	h.t.Helper()
	line := regexp.MustCompile("(?m)^" + pattern + "$")
	testutil.Eventually(h.t, pattern, func() error {
		metrics, err := h.metrics()
		if err == nil && !line.MatchString(metrics) {
			err = errors.New("not in the metrics")
		}
		return err
	})
}

// received returns the number of messages of a device.
func (h *host) received(device string) (n int) {
	h.t.Helper()
	metrics, err := h.metrics()
	if err != nil {
		return 0 // The exporter restarts.
	}
	for _, match := range regexp.MustCompile(`(?m)^ftd_syslog_messages_total\{device="`+device+`",.*\} (.*)$`).FindAllStringSubmatch(metrics, -1) {
		value, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			h.t.Fatal(err)
		}
		n += int(value)
	}
	return n
}

// load sends messages of the device load, about a thousand per second, until the
// file /tmp/stop exists, and returns their number. If the port is closed, the
// kernel's response makes echo fail, and the output is not a number.
func (h *host) load() (string, error) {
	return h.try("bash", "-c", `exec 3>/dev/udp/127.0.0.1/514
for ((n = 0; n < 200000; n += 50)); do
	[[ -e /tmp/stop ]] && break
	for ((i = 0; i < 50; i++)); do
		echo '<161>load : %FTD-1-735004: Power Supply 1: Failure Detected' >&3
	done
	sleep 0.05
done
echo $n`)
}

// property returns a property of a unit.
func (h *host) property(unit, name string) string {
	h.t.Helper()
	return strings.TrimSpace(h.run("systemctl", "show", "--property="+name, "--value", unit))
}

// active fails the test unless units are active.
func (h *host) active(names ...string) {
	h.t.Helper()
	for _, name := range names {
		if state := h.property(name, "ActiveState"); state != "active" {
			h.t.Fatalf("%s is %s", name, state)
		}
	}
}

// process returns the process id of the exporter.
func (h *host) process() string { return h.property("ftd_exporter.service", "MainPID") }

// TestDebService installs, upgrades and purges the package on a machine with
// systemd.
func TestDebService(t *testing.T) {
	h := newHost(t, true)
	before := h.files()
	first, second := h.put(release, "*_amd64.deb"), h.put(next, "*_amd64.deb")

	// After installation the service runs, without unneeded capabilities.
	h.dpkg(first)
	h.active(units...)
	if state := h.property("ftd_exporter-tls.socket", "ActiveState"); state != "inactive" {
		t.Errorf("the TLS socket is %s", state)
	}
	status := h.shell("cat /proc/" + h.process() + "/status")
	uid := strings.TrimSpace(h.run("id", "--user", "ftd_exporter"))
	for _, want := range []string{
		`Uid:\s` + uid + `\s` + uid + `\s.*`,
		`CapEff:\s0000000000000400`, // CAP_NET_BIND_SERVICE.
		`CapBnd:\s0000000000000400`,
		`NoNewPrivs:\s1`,
		`Seccomp:\s2`,
	} {
		if !regexp.MustCompile("(?m)^" + want + "$").MatchString(status) {
			t.Errorf("%s is not in the status of the process:\n%s", want, status)
		}
	}
	h.send("udp", "by-udp", 514)
	h.shows(`ftd_component_ok\{component="power_supply",device="by-udp",unit="1"\} 0`)
	h.send("tcp", "by-tcp", 1470)
	h.shows(`ftd_component_ok\{component="power_supply",device="by-tcp",unit="1"\} 0`)
	// The kernel doubles the requested size.
	h.shows(`ftd_exporter_syslog_receive_buffer_bytes\{listener="udp://:514"\} 1\.6777216e\+07`)

	// An upgrade does not lose datagrams or state.
	old := h.process()
	type result struct {
		out string
		err error
	}
	sent := make(chan result, 1)
	go func() {
		out, err := h.load()
		sent <- result{out, err}
	}()
	underLoad := func(more int) {
		t.Helper()
		before := h.received("load")
		testutil.Eventually(t, "load", func() error {
			if h.received("load") < before+more {
				return errors.New("it does not come in")
			}
			return nil
		})
	}
	underLoad(200)
	h.dpkg(second)
	h.active(units...)
	if h.process() == old {
		t.Error("the upgrade has not restarted the exporter")
	}
	underLoad(200)
	h.write("/tmp/stop", "")
	load := <-sent
	want, err := strconv.Atoi(strings.TrimSpace(load.out))
	if err != nil || load.err != nil {
		t.Fatalf("sending: %v, %s", load.err, load.out)
	}
	h.shows(fmt.Sprintf(`ftd_syslog_messages_total\{device="load",severity="1"\} %d`, want))
	h.shows(`ftd_component_ok\{component="power_supply",device="by-udp",unit="1"\} 0`)
	h.shows(`ftd_exporter_build_info\{.*version="0\.0\.2".*\} 1`)

	// A killed exporter is restarted.
	old = h.process()
	h.shell("kill -KILL " + old)
	h.send("udp", "while-dead", 514)
	h.shows(`ftd_component_ok\{component="power_supply",device="while-dead",unit="1"\} 0`)
	if h.process() == old {
		t.Error("the killed exporter still runs")
	}

	// A configuration with a mistake is refused, and the exporter continues.
	old = h.process()
	h.write("/etc/ftd_exporter/ftd_exporter.yml", nextConfig+"device: []\n")
	h.fails("systemctl", "reload", "ftd_exporter")
	// So is one with an address that cannot be opened, which the file does not show.
	h.write("/etc/ftd_exporter/ftd_exporter.yml", nextConfig+"  - address: unixgram:///etc/hostname\n")
	h.run("/usr/bin/ftd_exporter", "check-config", "/etc/ftd_exporter/ftd_exporter.yml")
	h.fails("systemctl", "reload", "ftd_exporter")
	if journal := h.run("journalctl", "--no-pager", "--unit=ftd_exporter"); !strings.Contains(journal, "ftd_exporter reload: the exporter keeps its last valid configuration") {
		t.Errorf("the journal does not have the reason:\n%s", journal)
	}
	h.active(units...)
	h.write("/etc/ftd_exporter/ftd_exporter.yml", nextConfig+"devices: [{name: inventoried, addresses: [192.0.2.1]}]\n")
	h.run("systemctl", "reload", "ftd_exporter")
	h.shows(`ftd_device_last_message_timestamp_seconds\{device="inventoried"\} 0`)
	if h.process() != old {
		t.Error("the reload has restarted the exporter")
	}

	// Move one port and remove another, as described in docs/install.md.
	const elsewhere = "listeners:\n  - address: udp://:5514\n"
	h.write("/etc/ftd_exporter/ftd_exporter.yml", elsewhere)
	h.run("mkdir", "/etc/systemd/system/ftd_exporter-udp.socket.d")
	h.write("/etc/systemd/system/ftd_exporter-udp.socket.d/override.conf", "[Socket]\nListenDatagram=\nListenDatagram=5514\n")
	h.run("systemctl", "daemon-reload")
	h.run("systemctl", "disable", "--now", "ftd_exporter-tcp.socket")
	h.run("systemctl", "stop", "ftd_exporter.service", "ftd_exporter-udp.socket")
	h.run("systemctl", "start", "ftd_exporter.service")
	h.active("ftd_exporter.service", "ftd_exporter-udp.socket")
	h.fails("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/1470")
	h.send("udp", "elsewhere", 5514)
	h.shows(`ftd_component_ok\{component="power_supply",device="elsewhere",unit="1"\} 0`)
	h.run("rm", "-r", "/etc/systemd/system/ftd_exporter-udp.socket.d")
	h.write("/etc/ftd_exporter/ftd_exporter.yml", nextConfig)
	h.run("systemctl", "daemon-reload")
	h.run("systemctl", "stop", "ftd_exporter.service", "ftd_exporter-udp.socket")
	h.run("systemctl", "enable", "ftd_exporter-tcp.socket")
	h.run("systemctl", "start", "ftd_exporter.service")
	h.active(units...)

	// TLS, as described in the configuration file.
	pair := testutil.NewCA(t, "syslog").Issue(t)
	h.shell("install -d -g ftd_exporter -m 0750 /etc/ftd_exporter/tls")
	h.write("/etc/ftd_exporter/tls/syslog.pem", string(pair.Cert))
	h.write("/etc/ftd_exporter/tls/syslog.key", string(pair.Key))
	h.shell("chgrp ftd_exporter /etc/ftd_exporter/tls/*; chmod 0640 /etc/ftd_exporter/tls/*")
	h.write("/etc/ftd_exporter/ftd_exporter.yml", nextConfig+"  - address: tls://:6514\ntls:\n"+
		"  cert_file: /etc/ftd_exporter/tls/syslog.pem\n  key_file: /etc/ftd_exporter/tls/syslog.key\n")
	h.run("systemctl", "enable", "ftd_exporter-tls.socket")
	h.run("systemctl", "restart", "ftd_exporter")
	h.active(append(slices.Clone(units), "ftd_exporter-tls.socket")...)
	h.shell("echo This is no TLS. >/dev/tcp/127.0.0.1/6514")
	h.shows(`ftd_exporter_tls_handshake_failures_total\{listener="tls://:6514"\} 1`)

	h.run("dpkg", "--purge", "ftd-exporter")
	h.fails("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/1470")
	if left := differences(before, h.files()); len(left) > 0 {
		t.Errorf("purge leaves %q", left)
	}
	if left := h.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "ftd_exporter*"); left != "" {
		t.Errorf("purge leaves %s", left)
	}
}
