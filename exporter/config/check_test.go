package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each file has one mistake, but for a few, such as many.yml. An error is FILE:LINE: what is
// wrong; what to do.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasPrefix(filepath.Base(name), "valid_") })
	for _, tc := range []struct {
		file string
		want []string // After FILE:
	}{
		{"alias_of_address", []string{`6: identity.aliases.192.0.2.1: "192.0.2.1" belongs to device "fw1" already (line 2); remove one`}},
		{"alias_of_alias", []string{`3: identity.aliases.fw1: "fw2" is an alias itself, and aliases are followed once; write "fw3"`}},
		{"alias_of_device", []string{`5: identity.aliases.fw1: "fw1" belongs to device "fw1" already (line 2); remove one`}},
		{"alias_same_lowered", []string{`5: identity.aliases.fw1: "fw1" is an alias of "ams1" already; remove one`}},
		{"allow_bad", []string{`5: listeners[0].allow[1]: "192.0.2.300" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"allow_empty", []string{`3: listeners[0].allow: is empty; add the networks that may send, or remove the key to allow all`}},
		{"allow_twice", []string{`3: listeners[0].allow[1]: 192.0.2.1/32 is given twice, first on line 3; remove one`}},
		{"allow_unixgram", []string{`3: listeners[0].allow: is not for unixgram:// listeners, because their senders do not have addresses; restrict the directory of the socket instead`}},
		{"anchor_missing", []string{`2: not YAML: unknown anchor 'here' referenced; define it above with &, or write the value`}},
		{"anchor_twice", []string{
			`3: listeners[0].allow[1]: "10.0.0" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
			`6: listeners[1]: key "alow" is unknown; did you mean allow?`,
		}},
		{"devices_files_bad", []string{
			`2: devices_files[1]: a.csv is given twice, first on line 2; remove one`,
			`2: devices_files[2]: "[" is not a pattern; write for example devices/*.yml`,
		}},
		{"device_address_taken", []string{`5: devices[1].addresses[0]: "::ffff:192.0.2.1" (as "192.0.2.1") belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_space", []string{`3: devices[0].hosts[0]: "edge 1" has a space, which host names cannot have; remove it`}},
		{"device_host_pattern", []string{`3: devices[0].hosts[0]: "edge*.example.com" is not a host name, and patterns do not work here; write each name`}},
		{"device_host_is_name", []string{`4: devices[1].hosts[0]: "fw1" belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_same_stripped", []string{`5: devices[1].hosts[0]: "FW1.lon.example" (as "fw1") belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_taken", []string{`5: devices[1].hosts[0]: "edge" belongs to device "fw1" already (line 2); remove one`}},
		{"device_interfaces", []string{
			`3: devices[0].interfaces[2]: outside is given twice, first on line 3; remove one`,
			`5: devices[1].interfaces[0]: "a\tb" has a control character; remove it`,
			`5: devices[1].interfaces[1]: has 65 bytes; write at most 64`,
			`5: devices[1].interfaces[2]: is empty; write a string`,
			`7: devices[2]: key "interface" is unknown; did you mean interfaces?`,
			`9: devices[3].interfaces: "outside" is a string; write a list, one "- item" a line`,
		}},
		{"device_hosts_twice", []string{`3: devices[0].hosts[1]: edge is given twice, first on line 3; remove one`}},
		{"device_name_control", []string{`2: devices[0].name: "fw1\x1b" has a control character; remove it`}},
		{"device_name_long", []string{`2: devices[0].name: has 129 bytes; write at most 128`}},
		{"device_name_twice", []string{`4: devices[2].name: "fw1" belongs to device "fw1" already (line 2); remove one`}},
		{"device_network_taken", []string{`5: devices[1].addresses[1]: "192.0.2.0/24" belongs to device "fw1" already (line 2); remove one`}},
		{"device_no_name", []string{`2: devices[0]: lacks a name; add name: with the value of the label device`}},
		{"duplicate_key", []string{`4: limits: key "devices" is given twice, first on line 2; remove one`}},
		{"duplicate_label", []string{`3: devices[0].labels: key "site" is given twice, first on line 3; remove one`}},
		{"empty_text", []string{`2: devices[0].name: is empty; write a string`}},
		{"expiry_bad", []string{
			`2: expiry.cluster: does not have a value; add one or remove the key`,
			`3: expiry.quota: a list is given; write a duration such as 90s, 15m or 30d`,
		}},
		{"expiry_twice", []string{`3: expiry: key "quota" is given twice, first on line 2; remove one`}},
		{"expiry_unit", []string{`2: expiry.devices: "30 days" is not a duration; write a duration such as 90s, 15m or 30d`}},
		{"expiry_unknown", []string{`2: expiry: key "quotas" is unknown; did you mean quota?`}},
		{"expiry_unknown_far", []string{`2: expiry: key "interfaces" is unknown; use attacks, capacity, cluster, health, quota, threat_detection, devices`}},
		{"expiry_zero", []string{`2: expiry.cluster: must be positive; write for example 15m`}},
		{"key_no_text", []string{`2: identity: a key is not a string; write key: value`}},
		{"key_without_value", []string{`3: listeners[0].allow: does not have a value; add one or remove the key`}},
		{"label_device", []string{`4: devices[0].labels.device: every device metric has this label already; choose another name`}},
		{"label_name", []string{`4: devices[0].labels.cost-centre: "cost-centre" is not a label name; use letters, digits and underscores, and do not begin with a digit`}},
		{"label_reserved", []string{`4: devices[0].labels.__site: names that begin with __ are reserved for Prometheus; choose another name`}},
		{"label_values", []string{
			`3: devices[0].labels.site: "\t" has a control character; remove it`,
			`3: devices[0].labels.role: 7 is a number; write "7", in quotes`,
			`3: devices[0].labels: a key is not a string; write key: value`,
		}},
		{"limit_devices", []string{`5: limits.devices: the inventory has 2 devices, limits.devices allows 1; raise it`}},
		{"limit_high", []string{`2: limits.series_per_metric: 70000 is out of range; write 1 to 65535`}},
		{"limit_zero", []string{`2: limits.tcp_connections: 0 is out of range; write 1 to 1000000`}},
		{"listener_no_address", []string{`2: listeners[0]: lacks an address; write for example address: udp://:5514`}},
		{"listener_path", []string{`2: listeners[0].address: "unixgram://run/syslog" lacks the absolute path of a socket; write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket`}},
		{"listener_port", []string{`2: listeners[0].address: "udp://192.0.2.1" lacks HOST:PORT; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_port_range", []string{`2: listeners[0].address: "udp://:99999": port "99999" is not 0 to 65535; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_scheme", []string{`2: listeners[0].address: "http://:5514": scheme "http" is unknown; use udp, tcp, tls or unixgram`}},
		{"listener_scheme_missing", []string{`2: listeners[0].address: ":5514" lacks a scheme; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_twice", []string{`4: listeners[2].address: "udp://:5514" is given twice, first on line 2; remove one`}},
		{"listeners_empty", []string{`1: listeners: is empty; add a listener, or remove the key to use the listeners of the command line`}},
		{"many", []string{
			`2: listeners[0].address: "udp:5514" lacks a scheme; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`,
			`3: listeners[0]: key "alow" is unknown; did you mean allow?`,
			`6: devices[0].addresses[1]: "192.0.2.256" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
			`8: devices[1].addresses[0]: "192.0.2.1" belongs to device "fw1" already (line 5); remove one`,
			`9: devices[1].labels.device: every device metric has this label already; choose another name`,
			`11: identity.strict: "yes" is a string; write true or false`,
			`12: identity.unknown: "acept" is unknown; did you mean accept?`,
			`14: limits.devices: -1 is out of range; write 1 to 1000000`,
		}},
		{"web_urls", []string{
			`2: web.grafana_url: "javascript:alert(1)" is not the address of a web page; write for example https://grafana.example.com`,
			`3: web.runbook_url: "https://wiki.example.com/{id}" has a brace; only {message_id} stands for something`,
		}},
		{"web_grafana_board", []string{
			`2: web.grafana_url: "https://grafana.example.com/d/ftd-fleet?from=now" has more than an address and a path; write the address of a board up to /d/`,
			`3: web.runbook_url: "wiki.example.com" is not the address of a web page; write for example https://wiki.example.com/firewalls/{message_id}`,
		}},
		{"message_both", []string{`3: messages.count[0]: 106023 is ignored (line 2) and cannot be counted; remove one`}},
		{"message_id", []string{`2: messages.ignore[0]: 30201 is not 100000 to 9999999; write a message id such as 735002, F0374 or HMNOTIFY`}},
		{"message_id_text", []string{`2: messages.ignore[0]: "302013" is a string; write a message id such as 735002, F0374 or HMNOTIFY`}},
		{"message_id_word", []string{
			`2: messages.ignore[0]: "Fnnnn" is a string; write a message id such as 735002, F0374 or HMNOTIFY`,
			`2: messages.ignore[1]: "f0374" is not a message id; write a message id such as 735002, F0374 or HMNOTIFY`,
			`2: messages.ignore[3]: F374 is given twice, first on line 2; remove one`,
		}},
		{"message_too_many", []string{`3: messages.count: has 201 ids; write at most 200, because each is a series of each device`}},
		{"message_twice", []string{`2: messages.count[1]: 106023 is given twice, first on line 2; remove one`}},
		{"network_bad", []string{`3: listeners[0].allow[0]: "192.0.2.0/33" is not a network; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"network_host_bits", []string{`3: listeners[0].allow[0]: "192.0.2.7/24" is an address in the network 192.0.2.0/24; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"network_zone", []string{`3: listeners[0].allow[0]: "fe80::1%eth0" has an IPv6 zone; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"no_mapping", []string{`1: a list is given; write keys with values, one "key: value" a line`}},
		{"order_empty", []string{`2: identity.order: is empty; write at least one of device_id, host, client_name, address`}},
		{"header_rule_bad", []string{
			`2: identity.header_names[0]: "before x" begins with neither after nor word; write a rule such as 'after "Original Address="' or word 2`,
			`2: identity.header_names[1]: "word 0" does not have the number of a word, 1 to 20 or -1 to -20; write a rule such as 'after "Original Address="' or word 2`,
			`2: identity.header_names[2]: "after x" does not have a text in double quotes after the word after; write a rule such as 'after "Original Address="' or word 2`,
			`2: identity.header_names[3]: "after \"\"" has an empty text; write a rule such as 'after "Original Address="' or word 2`,
			`2: identity.header_names[4]: "word 99" does not have the number of a word, 1 to 20 or -1 to -20; write a rule such as 'after "Original Address="' or word 2`,
		}},
		{"header_rule_twice", []string{`2: identity.header_names[1]: word  2 is given twice, first on line 2; remove one`}},
		{"header_rule_type", []string{`2: identity.header_names[0]: 2 is a number; write a rule such as 'after "Original Address="' or word 2`}},
		{"order_twice", []string{`2: identity.order[2]: host is given twice, first on line 2; remove one`}},
		{"order_unknown", []string{`2: identity.order[1]: "adress" is unknown; did you mean address?`}},
		{"proxy_empty", []string{`3: listeners[0].proxy_protocol: is empty; add the proxies, or remove the key if there are none`}},
		{"proxy_twice", []string{`3: listeners[0].proxy_protocol[1]: 192.0.2.1/32 is given twice, first on line 3; remove one`}},
		{"proxy_udp", []string{`3: listeners[0].proxy_protocol: is for tcp:// and tls:// listeners; remove it`}},
		{"sockets_bad", []string{
			`3: listeners[0].sockets: 0 is out of range; write 1 to 64`,
			`5: listeners[1].sockets: 65 is out of range; write 1 to 64`,
			`7: listeners[2].sockets: is for udp:// listeners; remove it`,
			`9: listeners[3].sockets: "many" is a string; write a whole number such as 1000`,
		}},
		{"reject_all", []string{`2: identity.unknown: rejects every message, because there are neither devices nor aliases; add some, or write accept`}},
		{"relay_bad", []string{`2: identity.trusted_relays[0]: "relay.example.com" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"strip_both", []string{`3: identity.strip_domains: excludes strip_domain (line 2); remove one of the two`}},
		{"strip_dot", []string{`2: identity.strip_domains[0]: ".example.com" begins with a dot; write example.com`}},
		{"syntax", []string{`3: not YAML: mapping values are not allowed in this context; the line is indented by 3 spaces, which matches no line above; write 2, as on line 2`}},
		{"tab", []string{`2: not YAML: found character that cannot start any token; the line is indented with a tab; indent with spaces`}},
		{"timezone_abbreviation", []string{`2: devices[0].timezone: "MEZ" is not a time zone of the IANA database; write a time zone such as Europe/Amsterdam, UTC or "+02:00"`}},
		{"timezone_devices_empty", []string{`3: timezones[0].devices: is empty; add names such as ams-*, or remove the key`}},
		{"timezone_missing", []string{`2: timezones[0]: lacks a timezone; add timezone: with one such as Europe/Amsterdam`}},
		{"timezone_never", []string{`3: timezones[1]: never applies, because the time zone on line 2 is for all devices; move that one to the end`}},
		{"timezone_number", []string{`3: devices[0].timezone: 2 is a number; write a time zone such as Europe/Amsterdam, UTC or "+02:00"`}},
		{"timezone_offset", []string{`3: devices[0].timezone: "+25:00" is not an offset from UTC; write a time zone such as Europe/Amsterdam, UTC or "+02:00"`}},
		{"timezone_unknown", []string{`3: devices[0].timezone: "Europe/Atlantis" is not a time zone of the IANA database; write a time zone such as Europe/Amsterdam, UTC or "+02:00"`}},
		{"timezones_empty", []string{`1: timezones: is empty; add a time zone, or remove the key`}},
		{"two_documents", []string{`3: a second document begins; remove what follows ---`}},
		{"type_bool", []string{`2: identity.strict: "yes" is a string; write true or false`}},
		{"type_duration", []string{`2: expiry.quota: 900 is a number; write a duration such as 90s, 15m or 30d`}},
		{"type_float", []string{`2: limits.devices: 1e4 is a number; write a whole number such as 1000`}},
		{"type_hex", []string{`2: limits.devices: 0x10 is not a decimal number; write a whole number such as 1000`}},
		{"type_huge", []string{`2: limits.series: 99999999999999999999 is a number; write a whole number such as 1000`}},
		{"type_int", []string{`2: limits.devices: "10000" is a string; write a whole number such as 1000`}},
		{"type_label", []string{`4: devices[0].labels.rack: 1.10 is a number; write "1.10", in quotes`}},
		{"type_list", []string{`2: identity.order: "host" is a string; write a list, one "- item" a line`}},
		{"type_mapping", []string{`1: expiry: "15m" is a string; write keys with values, one "key: value" a line`}},
		{"type_other", []string{`2: devices[0].name: "2026-03-17" has the type timestamp; write "2026-03-17", in quotes`}},
		{"type_text", []string{`2: devices[0].name: 4711 is a number; write "4711", in quotes`}},
		{"unknown_key", []string{`1: key "listners" is unknown; did you mean listeners?`}},
		{"unknown_key_below", []string{`3: devices[0]: key "adresses" is unknown; did you mean addresses?`}},
		{"unknown_key_far", []string{`1: key "colour" is unknown; use listeners, devices, devices_files, identity, expiry, limits, messages, health, timezones, tls, web`}},
		{"unknown_policy", []string{`2: identity.unknown: "deny" is unknown; use accept, bucket, reject`}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			name := filepath.Join("testdata", tc.file+".yml")
			files = slices.DeleteFunc(files, func(file string) bool { return file == name })
			_, err := Load(name, testDefaults())
			if err == nil {
				t.Fatal("no error")
			}
			want := name + ":" + strings.Join(tc.want, "\n"+name+":")
			if got := err.Error(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if len(files) > 0 {
		t.Errorf("not in the table: %q", files)
	}
}
