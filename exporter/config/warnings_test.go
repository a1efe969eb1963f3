package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Settings that are valid and cannot work have file, line and remedy.
func TestWarnings(t *testing.T) {
	const (
		devices = "devices:\n  - name: fw1\n    addresses: [192.0.2.1, 198.51.100.1]\n"
		allow   = "listeners:\n  - address: udp://:5514\n    allow: [192.0.2.0/24]\n"
		outside = `no listener allows 198.51.100.1, so that nothing from there is received; add it to allow of a listener, or the relay that it sends through to identity.trusted_relays`
	)
	for name, tc := range map[string]struct {
		config string
		want   []string
	}{
		"all in order": {"listeners:\n  - {address: udp://:5514, allow: [192.0.2.0/24]}\n  - {address: tcp://:5514, allow: [198.51.100.0/25]}\n" + devices, nil},

		"outside allow":           {allow + devices, []string{"6: devices[0].addresses[1]: " + outside}},
		"outside every allow":     {allow + "  - {address: tcp://:5514, allow: [203.0.113.0/24]}\n" + devices, []string{"7: devices[0].addresses[1]: " + outside}},
		"a network in part":       {allow + "devices: [{name: fw1, addresses: [192.0.0.0/16]}]\n", nil},
		"a network":               {allow + "devices: [{name: fw1, addresses: [198.51.100.0/24]}]\n", []string{"4: devices[0].addresses[0]: " + strings.Replace(outside, "198.51.100.1", "198.51.100.0/24", 1)}},
		"in IPv6 form":            {allow + "devices: [{name: fw1, addresses: [\"::ffff:192.0.2.1\"]}]\n", nil},
		"one listener for all":    {allow + "  - address: tcp://:5514\n" + devices, nil},
		"a socket on the machine": {allow + "  - address: unixgram:///run/s\n" + devices, nil},
		"through a relay":         {allow + "identity: {trusted_relays: [192.0.2.9]}\n" + devices, nil},
		"through a relay outside": {
			allow + "identity: {trusted_relays: [203.0.113.9]}\n" + devices,
			[]string{"4: identity.trusted_relays[0]: no listener allows 203.0.113.9, so that nothing from this relay is received; add it to allow of a listener", "7: devices[0].addresses[1]: " + outside},
		},

		"a relay that is a device": {
			"identity:\n  trusted_relays: [192.0.2.1]\n" + devices,
			[]string{`5: devices[0].addresses[0]: 192.0.2.1 is a trusted relay (line 2), so that it names "fw1" only in messages without a host name; remove it here or there`},
		},
		"a relay that is a device by its host": {
			"identity:\n  trusted_relays: [192.0.2.1, 192.0.2.2]\ndevices: [{name: fw1, hosts: [fw2, \"::ffff:192.0.2.1\"]}, {name: 192.0.2.2}]\n",
			[]string{
				`3: devices[0].hosts[1]: ::ffff:192.0.2.1 is a trusted relay (line 2), so that it names "fw1" only in messages without a host name; remove it here or there`,
				`3: devices[1].name: 192.0.2.2 is a trusted relay (line 2), so that it names "192.0.2.2" only in messages without a host name; remove it here or there`,
			},
		},
		"a network of relays": {
			"identity:\n  trusted_relays: [192.0.2.0/24]\n  aliases: {\"192.0.2.7\": fw9}\n" + devices,
			[]string{
				`3: identity.aliases.192.0.2.7: 192.0.2.7 is a trusted relay (line 2), so that it names "fw9" only in messages without a host name; remove it here or there`,
				`6: devices[0].addresses[0]: 192.0.2.1 is a trusted relay (line 2), so that it names "fw1" only in messages without a host name; remove it here or there`,
			},
		},
		"a relay in the network of a device": {"identity: {trusted_relays: [192.0.2.1]}\ndevices: [{name: site, addresses: [192.0.2.0/24]}]\n", nil},

		"a label of Prometheus": {"devices: [{name: fw1, labels: {job: x}}]\n", []string{
			"1: devices[0].labels.job: Prometheus adds a label of this name to what it scrapes, and renames this one to exported_job; choose another name",
		}},

		"messages that are ignored": {"messages: {ignore: [302013, 735002, 999999, 733100]}\n", []string{
			`1: messages.ignore[1]: 735002 is the alert "Cooling fan failed", which no metric shows if it is ignored; remove it`,
		}},

		"listeners apart": {listeners("udp://:5514", "tcp://:5514", "udp://:5515", "unixgram:///run/s", "udp://127.0.0.1:0", "udp://:0", "tcp://127.0.0.1:6514", "tls://192.0.2.1:6514"), nil},
		"all and one":     {listeners("udp://:5714", "udp://127.0.0.1:5714"), []string{`3: listeners[1].address: "udp://127.0.0.1:5714" is where "udp://:5714" receives (line 2), and most systems open only one of them; remove one, or choose another port`}},
		"all twice":       {listeners("udp://0.0.0.0:5714", "udp://[::]:5714"), []string{`3: listeners[1].address: "udp://[::]:5714" is where "udp://0.0.0.0:5714" receives (line 2), and most systems open only one of them; remove one, or choose another port`}},
		"one in two forms": {listeners("udp://192.0.2.1:514", "udp://[::ffff:192.0.2.1]:514"), []string{
			`3: listeners[1].address: "udp://[::ffff:192.0.2.1]:514" is where "udp://192.0.2.1:514" receives (line 2), and most systems open only one of them; remove one, or choose another port`,
		}},
		"TCP and TLS": {listeners("tcp://localhost:6514", "tls://:6514"), []string{
			`3: listeners[1].address: "tls://:6514" is where "tcp://localhost:6514" receives (line 2), and most systems open only one of them; remove one, or choose another port`,
		}},
		"a port by its name": {listeners("udp://:syslog", "udp://127.0.0.1:514"), []string{
			`3: listeners[1].address: "udp://127.0.0.1:514" is where "udp://:syslog" receives (line 2), and most systems open only one of them; remove one, or choose another port`,
		}},
		"a socket in two forms": {listeners("unixgram:///run/s", "unixgram:///run//s"), []string{
			`3: listeners[1].address: "unixgram:///run//s" is where "unixgram:///run/s" receives (line 2), and most systems open only one of them; remove one, or choose another port`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, tc.config)
			c, err := parse(file, []byte(tc.config), testDefaults())
			if strings.Contains(tc.config, "tls://") { // It lacks a certificate, which has been reported.
				d := newDocument(file, scalars())
				c = newConfig(testDefaults())
				d.read([]byte(tc.config), c)
				check := checker{d, c}
				check.warnListeners()
				for _, w := range d.inOrder(d.warnings) {
					c.warnings = append(c.warnings, w.Error())
				}
			} else if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, w := range tc.want {
				want = append(want, file+":"+w)
			}
			if got := strings.Join(c.Warnings(), "\n"); got != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		})
	}
}

// listeners returns the configuration of listeners with these addresses.
func listeners(addresses ...string) string {
	return "listeners:\n  - address: \"" + strings.Join(addresses, "\"\n  - address: \"") + "\"\n"
}

// A wrong network does not make a warning for each of its devices; they may be in
// other files.
func TestWarningsAreBounded(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("name,addresses\n")
	for i := range 200 {
		fmt.Fprintf(&csv, "fw%d,198.51.100.%d\n", i, i)
	}
	name := inventoryDir(t, "listeners: [{address: udp://:5514, allow: [192.0.2.0/24]}]\ndevices_files: [a.csv]\n", map[string]string{"a.csv": csv.String()})
	got := mustLoad(t, name).Warnings()
	if len(got) != 10 || !strings.HasPrefix(got[0], filepath.Join(filepath.Dir(name), "a.csv")+":2: [0].addresses[0]: no listener allows 198.51.100.0") || !strings.HasSuffix(got[9], "; and so on, 190 more") {
		t.Errorf("%d: %q", len(got), got)
	}
}
