package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// unpackedRelays is the directory of scripts/unpack-relays.sh.
const unpackedRelays = "../.relays"

// A relay is a syslog server that forwards messages.
type relay struct {
	name    string // Also the language of its examples.
	program string
	// head precedes the examples in the configuration file.
	head string
	// args returns the arguments to run it in the foreground, with its files and
	// its configuration file in dir. Modules is the folder of its modules, empty
	// for the system's folder.
	args func(dir, modules string) []string
	// modules is their folder in the package.
	modules string
}

var relays = []relay{
	{
		name: "rsyslog", program: "rsyslogd", modules: "usr/lib/*/rsyslog",
		args: func(dir, modules string) []string {
			args := []string{"-n", "-f", filepath.Join(dir, "relay.conf"), "-i", filepath.Join(dir, "pid")}
			if modules != "" {
				args = append(args, "-M", modules)
			}
			return args
		},
	},
	{
		name: "syslog-ng", program: "syslog-ng", modules: "usr/lib/syslog-ng/[0-9]*", head: "@version: current\n",
		args: func(dir, modules string) []string {
			args := []string{
				"--foreground", "--stderr", "--no-caps", "--cfgfile=" + filepath.Join(dir, "relay.conf"), "--persist-file=" + filepath.Join(dir, "persist"),
				"--control=" + filepath.Join(dir, "control"), "--pidfile=" + filepath.Join(dir, "pid"),
			}
			if modules != "" {
				args = append(args, "--module-path="+modules)
			}
			return args
		},
	},
}

// relayExamples returns the examples of a relay in docs/relays.md: the common
// part, and the part for each transport to the exporter.
func relayExamples(t *testing.T, name string) (common string, byTransport map[string]string) {
	t.Helper()
	byTransport = map[string]string{}
	for _, b := range readPage(t, "docs/relays.md").blocks() {
		switch {
		case b.language != name:
		case b.about == "":
			common += b.text
		default:
			byTransport[b.about] = b.text
		}
	}
	return common, byTransport
}

// replaceOnce replaces a text that must occur exactly once.
func replaceOnce(t *testing.T, s, before, after string) string {
	t.Helper()
	if n := strings.Count(s, before); n != 1 {
		t.Fatalf("%q is %d times in\n%s", before, n, s)
	}
	return strings.Replace(s, before, after, 1)
}

// start starts the relay with a configuration.
func (r *relay) start(t *testing.T, config string) {
	t.Helper()
	dir := t.TempDir()
	var modules, libraries string
	program := filepath.Join(unpackedRelays, "usr/sbin", r.program)
	if _, err := os.Stat(program); err == nil {
		unpacked, err := filepath.Abs(unpackedRelays)
		if err != nil {
			t.Fatal(err)
		}
		found, _ := filepath.Glob(filepath.Join(unpacked, r.modules))
		if len(found) != 1 {
			t.Fatalf("modules of %s: %q", r.name, found)
		}
		modules = found[0]
		for _, pattern := range []string{"usr/lib/*-linux-*", "lib/*-linux-*", "usr/lib/syslog-ng"} {
			found, _ := filepath.Glob(filepath.Join(unpacked, pattern))
			libraries += strings.Join(found, ":") + ":"
		}
		program = filepath.Join(unpacked, "usr/sbin", r.program)
	} else if program = lookServer(r.program); program == "" {
		t.Skipf("%s is missing: scripts/unpack-relays.sh, or apt-get install rsyslog rsyslog-gnutls, or apt-get install syslog-ng-core", r.name)
	}
	if err := os.WriteFile(filepath.Join(dir, "relay.conf"), []byte(r.head+config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, r.args(dir, modules)...)
	if libraries != "" {
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(config)
		}
	})
	testutil.Run(t, cmd)
}

// lookServer finds a program that may be outside of the path of ordinary users.
func lookServer(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if path := "/usr/sbin/" + name; exec.Command(path, "--help").Run() == nil {
		return path
	}
	return ""
}

// ofReceipt matches the series that depend on the time of receipt or on the sender.
var ofReceipt = regexp.MustCompile(`^(ftd_device_sender_addresses|ftd_\w+_timestamp_seconds|ftd_device_clock_skew_seconds)\{`)

// deviceMetrics returns the device metrics of an exporter, and the number of
// frames it has received.
func deviceMetrics(e *testutil.Exporter) (series []string, frames int, err error) {
	metrics, err := e.Metrics()
	if err != nil {
		return nil, 0, err
	}
	for line := range strings.SplitSeq(metrics, "\n") {
		if strings.HasPrefix(line, "ftd_exporter_syslog_frames_total{") {
			n, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				return nil, 0, err
			}
			frames += int(n)
		}
		if strings.HasPrefix(line, "ftd_") && !strings.HasPrefix(line, "ftd_exporter_") && !ofReceipt.MatchString(line) {
			series = append(series, line)
		}
	}
	return series, frames, nil
}

// The firewall sends from another address than the relay, so that the exporter
// can distinguish them.
var firewall = net.IPv4(127, 0, 0, 2)

// The examples in docs/relays.md relay the sample fleet unchanged: the metrics
// equal the metrics of an exporter that receives directly from the fleet. The
// exporter has the configuration in docs/relays.md.
func TestRelaysKeepMessages(t *testing.T) {
	log, err := os.ReadFile(sampleLog)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(bytes.Lines(log))
	// A message without a host name, and a message that the relay must not read
	// as a frame with a length (octet counting).
	lines = append(lines, []byte("<161>%FTD-1-735004: Power Supply 7: Failure Detected\n"), []byte("2026-03-17T23:59:59Z: %FTD-1-735002: Cooling Fan 9: Failure Detected\n"))
	direct := testutil.Serve(t)
	feed(t, direct, "tcp", direct.TCP, lines)
	want, _, err := deviceMetrics(direct)
	if err != nil || len(want) < 1000 {
		t.Fatalf("%d series, %v", len(want), err)
	}
	for _, s := range []string{`component="power_supply",device="127.0.0.2",unit="7"`, `component="fan",device="127.0.0.2",unit="9"`} {
		if !slices.Contains(want, "ftd_component_ok{"+s+"} 0") {
			t.Fatalf("no %s", s)
		}
	}

	var proposed string
	for _, b := range readPage(t, "docs/relays.md").blocks() {
		if b.language == "yaml" {
			proposed = b.text
			break
		}
	}
	proposed = strings.ReplaceAll(proposed, "192.0.2.250", "127.0.0.1")
	for _, r := range relays {
		common, byTransport := relayExamples(t, r.name)
		if len(byTransport) != 3 {
			t.Errorf("docs/relays.md has %d examples for %s", len(byTransport), r.name)
		}
		for _, transport := range []struct {
			name, from string
			// prepare replaces the exporter's address in the configurations of
			// the exporter and the relay.
			prepare func(t *testing.T, udp, tcp, config, example string) (string, string)
		}{
			{"udp", "udp", func(t *testing.T, udp, _, config, example string) (string, string) {
				return config, replaceAddress(t, example, "192.0.2.10", "5514", udp)
			}},
			{"tcp", "tcp", func(t *testing.T, _, tcp, config, example string) (string, string) {
				return config, replaceAddress(t, example, "192.0.2.10", "5514", tcp)
			}},
			{"tls", "tcp", func(t *testing.T, _, _, config, example string) (string, string) {
				address, c := testutil.FreeAddr(t), newCertificate(t)
				config = replaceOnce(t, config, "identity:\n", fmt.Sprintf("  - address: tls://%s\n    allow: [127.0.0.1]\n    tls: {cert_file: %s, key_file: %s}\nidentity:\n", address, c.cert, c.key))
				if r.name == "rsyslog" { // It needs the name separately from the address.
					example = replaceAddress(t, example, "192.0.2.10", "6514", address)
				} else {
					_, port, _ := net.SplitHostPort(address)
					example = replaceAddress(t, example, "exporter.example.com", "6514", "localhost:"+port)
				}
				return config, regexp.MustCompile(`/etc/[\w.-]+/exporter-ca\.pem`).ReplaceAllLiteralString(example, c.ca)
			}},
		} {
			t.Run(r.name+"/"+transport.name, func(t *testing.T) {
				example := byTransport[transport.name]
				if example == "" {
					t.Fatal("docs/relays.md has no example")
				}
				udp, tcp := testutil.FreeAddr(t), testutil.FreeAddr(t)
				config := replaceOnce(t, replaceOnce(t, proposed, "udp://:5514", "udp://"+udp), "tcp://:5514", "tcp://"+tcp)
				config, example = transport.prepare(t, udp, tcp, config, example)
				file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
				if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
					t.Fatal(err)
				}
				p := testutil.Serve(t, "--config.file="+file)
				listen := testutil.FreeAddr(t)
				_, port, _ := net.SplitHostPort(listen)
				r.start(t, regexp.MustCompile(`\b514\b`).ReplaceAllString(common, port)+example)
				feed(t, p, transport.from, listen, lines)
				testutil.Eventually(t, "the metrics of the direct feed", func() error {
					got, _, err := deviceMetrics(p)
					if err != nil {
						return err
					}
					return compareSeries(got, want)
				})
			})
		}
	}
}

// replaceAddress replaces the exporter's host and port in an example.
func replaceAddress(t *testing.T, example, host, port, address string) string {
	t.Helper()
	newHost, newPort, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return replaceOnce(t, replaceOnce(t, example, host, newHost), port, newPort)
}

// A certificate of the exporter is valid for exporter.example.com and localhost.
type certificate struct {
	ca, cert, key string // Names of files.
}

func newCertificate(t *testing.T) (c certificate) {
	t.Helper()
	dir, ca := t.TempDir(), testutil.NewCA(t, "Example CA")
	c.ca = filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(c.ca, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	c.cert, c.key = ca.Issue(t).Write(t, dir)
	return c
}

// feed sends lines to an exporter or to a relay in front of it, and waits until
// the exporter has received all of them. It never sends more at once than a
// socket buffer can hold.
func feed(t *testing.T, p *testutil.Exporter, network, address string, lines [][]byte) {
	t.Helper()
	const window = 100
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: firewall}}
	if network == "udp" {
		dialer.LocalAddr = &net.UDPAddr{IP: firewall}
	}
	var conn net.Conn
	testutil.Eventually(t, "the relay", func() (err error) {
		if conn, err = dialer.Dial(network, address); err != nil || network != "udp" {
			return err
		}
		// Only the response to a datagram shows whether the port is closed. An
		// empty datagram has no other effect.
		if _, err = conn.Write(nil); err == nil {
			_, err = conn.Write(nil)
		}
		return err
	})
	defer conn.Close()
	_, before, err := deviceMetrics(p)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for batch := range slices.Chunk(lines, window) {
		for _, line := range batch {
			if _, err := conn.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		sent += len(batch)
		testutil.Eventually(t, fmt.Sprintf("%d messages", sent), func() error {
			_, frames, err := deviceMetrics(p)
			if err == nil && frames-before < sent {
				err = fmt.Errorf("only %d have arrived", frames-before)
			}
			return err
		})
	}
}

// compareSeries returns the first differences.
func compareSeries(got, want []string) error {
	var errs []error
	for what, lists := range map[string][2][]string{"missing": {want, got}, "not expected": {got, want}} {
		for _, s := range lists[0] {
			if !slices.Contains(lists[1], s) && len(errs) < 20 {
				errs = append(errs, fmt.Errorf("%s: %s", what, s))
			}
		}
	}
	return errors.Join(errs...)
}
