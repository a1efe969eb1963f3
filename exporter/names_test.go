package exporter_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// namesConfig is a configuration that has some of the names of
// testutil.HeaderCases, in other notations; %s is the address of the listeners.
const namesConfig = `
listeners:
  - address: udp://%[1]s
  - address: tcp://%[1]s
devices:
  - {name: mapped, hosts: ["::ffff:192.0.2.11"]}
  - {name: six, addresses: ["2001:DB8:0::11"]}
identity:
  header_names: ['after "cluster member "']
  aliases: {"ASA-FW.": microsoft, "FE80::11%%eth0": local, Berlin: berlin}
`

// knownNames is what namesConfig makes of names.
var knownNames = map[string]string{
	"192.0.2.11": "mapped", "2001:db8::11": "six", "ASA-FW": "microsoft", "fe80::11": "local", "Berlin": "berlin",
}

// namesLines returns lines and the name of each device with namesConfig; an empty one
// if the line has none.
func namesLines() (lines, names []string) {
	for _, c := range testutil.HeaderCases() {
		name := c.Name
		// What is known goes before what is not.
		for _, known := range []string{"192.0.2.11", "2001:db8::11"} {
			if strings.Contains(c.Line, known) && !strings.Contains(c.Line, known+"0") {
				name = known
			}
		}
		if known, ok := knownNames[name]; ok {
			name = known
		}
		lines, names = append(lines, fmt.Sprintf(c.Line, fanFailed)), append(names, strings.TrimPrefix(name, "-"))
	}
	// The inventory decides, whatever stands nearer to the tag.
	for _, c := range [][2]string{
		{"Apr 27 14:50:30 192.0.2.11 relay9 : ", "mapped"},
		{"Apr 27 14:50:30 [2001:DB8::11]:514 asa: ", "six"},
		{"<161>Feb 21 09:15:22 edge1 cluster member fw7, active : ", "fw7"},
	} {
		lines, names = append(lines, c[0]+fanFailed), append(names, c[1])
	}
	return lines, names
}

var messageCount = regexp.MustCompile(`(?m)^ftd_syslog_messages_total\{device="([^"]*)",severity="\d"\} (\d+)$`)

// messagesByDevice returns how many messages each device of an exposition has.
func messagesByDevice(t *testing.T, exposition string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, m := range messageCount.FindAllStringSubmatch(exposition, -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		counts[m[1]] += n
	}
	return counts
}

// Headers that hide the name of their device give it through every way in.
func TestNamesByEveryWay(t *testing.T) {
	lines, names := namesLines()
	address := testutil.FreeAddr(t)
	file := write(t, filepath.Join(t.TempDir(), "ftd_exporter.yml"), fmt.Sprintf(namesConfig, address))
	conf, err := config.Load(file, config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())}))
	if err != nil {
		t.Fatal(err)
	}
	// want returns what each device should have, lines without a name under that of the way.
	want := func(unnamed string) map[string]int {
		counts := map[string]int{}
		for _, name := range names {
			if name == "" {
				name = unnamed
			}
			counts[name]++
		}
		return counts
	}
	t.Run("explain", func(t *testing.T) {
		pipeline, _ := offline(t, conf, state.Options{})
		for i, line := range lines {
			x := pipeline.Explain([]byte(line), ingest.Source{Name: "explain", Default: "replay"})
			name := names[i]
			if name == "" {
				name = "replay"
			}
			if x.Device != name {
				t.Errorf("%s: %s, want %s\n%s", line, x.Device, name, x.Text())
			}
		}
	})
	t.Run("replay", func(t *testing.T) {
		if got, want := messagesByDevice(t, replayedByCommand(t, conf, lines)), want("replay"); !maps.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			i := start(t, configured(file))
			conn, err := net.Dial(network, address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for n, line := range lines {
				if network == "tcp" {
					line += "\n"
				}
				if _, err := io.WriteString(conn, line); err != nil {
					t.Fatal(err)
				}
				if n%50 == 0 { // Never more than the smallest buffer holds.
					i.waitFrames(network+"://"+address, n+1)
				}
			}
			i.waitFrames(network+"://"+address, len(lines))
			if got, want := messagesByDevice(t, i.get("/metrics")), want("127.0.0.1"); !maps.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// Two firewalls with their factory name are one device; that does not stay unnoticed.
func TestTwoDevicesWithOneName(t *testing.T) {
	address := testutil.FreeAddr(t)
	file := write(t, filepath.Join(t.TempDir(), "ftd_exporter.yml"), fmt.Sprintf(`
listeners: [{address: "udp://%s"}]
identity: {trusted_relays: [127.0.0.13]}
`, address))
	i := start(t, configured(file))
	for n, from := range []string{"127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.11"} {
		local, err := net.ResolveUDPAddr("udp", from+":0")
		if err != nil {
			t.Fatal(err)
		}
		remote, err := net.ResolveUDPAddr("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.DialUDP("udp", local, remote)
		if err != nil {
			t.Skip(err) // Not every system has these addresses.
		}
		if _, err := io.WriteString(conn, "<161>ciscoasa : "+fanFailed); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		i.waitFrames("udp://"+address, n+1)
	}
	if metrics := i.get("/metrics"); !strings.Contains(metrics, `ftd_device_sender_addresses{device="ciscoasa"} 2`) {
		t.Errorf("%s", metrics)
	}
	devices := i.get("/api/v1/devices?device=ciscoasa")
	if first, second := strings.Index(devices, `"127.0.0.11"`), strings.Index(devices, `"127.0.0.12"`); first < 0 || second < first || strings.Contains(devices, "127.0.0.13") {
		t.Errorf("addresses in %s", devices)
	}
	if page := i.get("/device?name=ciscoasa"); !strings.Contains(page, "127.0.0.12") {
		t.Errorf("%s", page)
	}
	testutil.Eventually(t, "one line of the log names both addresses", func() bool {
		found := slices.DeleteFunc(strings.Split(i.log.String(), "\n"), func(line string) bool { return !strings.Contains(line, "Two addresses send under one name") })
		return len(found) == 1 && strings.Contains(found[0], "127.0.0.11") && strings.Contains(found[0], "127.0.0.12")
	})
}
