package exporter

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	exampleConfig = "../examples/ftd_exporter.yml"
	configSchema  = "../docs/config.schema.json"
)

// Each file has one mistake, but for many.yml. An error is FILE:LINE: what is
// wrong; what to do.
func TestConfigMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/config/*.yml")
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
		{"allow_bad", []string{`5: listeners[0].allow[1]: "192.0.2.300" is no address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"allow_empty", []string{`3: listeners[0].allow: is empty; name who may send, or remove the key to allow all`}},
		{"allow_twice", []string{`3: listeners[0].allow[1]: 192.0.2.1/32 is given twice, first on line 3; remove one`}},
		{"allow_unixgram", []string{`3: listeners[0].allow: cannot be: who sends over a Unix socket has no address; restrict the directory of the socket instead`}},
		{"anchor_missing", []string{`2: not YAML: unknown anchor 'here' referenced; check indentation, colons and quotes here and above`}},
		{"anchor_twice", []string{
			`3: listeners[0].allow[1]: "10.0.0" is no address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
			`6: listeners[1]: key "alow" is unknown; did you mean allow?`,
		}},
		{"device_address_taken", []string{`5: devices[1].addresses[0]: "::ffff:192.0.2.1" (as "192.0.2.1") belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_blank", []string{`3: devices[0].hosts[0]: "edge 1" has a blank, which no host name has; remove it`}},
		{"device_host_is_name", []string{`4: devices[1].hosts[0]: "fw1" belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_same_stripped", []string{`5: devices[1].hosts[0]: "FW1.lon.example" (as "fw1") belongs to device "fw1" already (line 2); remove one`}},
		{"device_host_taken", []string{`5: devices[1].hosts[0]: "edge" belongs to device "fw1" already (line 2); remove one`}},
		{"device_hosts_twice", []string{`3: devices[0].hosts[1]: edge is given twice, first on line 3; remove one`}},
		{"device_name_control", []string{`2: devices[0].name: "fw1\x1b" has a control character; remove it`}},
		{"device_name_long", []string{`2: devices[0].name: has 129 bytes; at most 128 are allowed`}},
		{"device_name_twice", []string{`4: devices[2].name: "fw1" belongs to device "fw1" already (line 2); remove one`}},
		{"device_network_taken", []string{`5: devices[1].addresses[1]: "192.0.2.0/24" belongs to device "fw1" already (line 2); remove one`}},
		{"device_no_name", []string{`2: devices[0]: has no name; add name: with the value that the label device shall have`}},
		{"duplicate_key", []string{`4: limits: key "devices" is given twice, first on line 2; remove one`}},
		{"duplicate_label", []string{`3: devices[0].labels: key "site" is given twice, first on line 3; remove one`}},
		{"empty_text", []string{`2: devices[0].name: is empty; write a text`}},
		{"expiry_unit", []string{`2: expiry.devices: "30 days" is no duration; write a duration such as 90s, 15m or 30d`}},
		{"expiry_zero", []string{`2: expiry.cluster: must be positive; write for example 15m`}},
		{"key_no_text", []string{`2: identity: a key is not a text; write key: value`}},
		{"key_without_value", []string{`3: listeners[0].allow: has no value; give one or remove the key`}},
		{"label_device", []string{`4: devices[0].labels.device: every device metric has this label already; choose another name`}},
		{"label_name", []string{`4: devices[0].labels.cost-centre: "cost-centre" is no label name; use letters, digits and underscores, no digit first`}},
		{"label_reserved", []string{`4: devices[0].labels.__site: names that begin with __ belong to Prometheus; choose another name`}},
		{"limit_devices", []string{`5: limits.devices: the inventory has 2 devices, limits.devices allows 1; raise it`}},
		{"limit_high", []string{`2: limits.series_per_metric: 70000 is out of range; write 1 to 65535`}},
		{"limit_zero", []string{`2: limits.tcp_connections: 0 is out of range; write 1 to 1000000`}},
		{"listener_no_address", []string{`2: listeners[0]: has no address; write for example address: udp://:5514`}},
		{"listener_path", []string{`2: listeners[0].address: "unixgram://run/syslog" has no absolute path of a socket; write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket`}},
		{"listener_port", []string{`2: listeners[0].address: "udp://192.0.2.1" has no HOST:PORT; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_port_range", []string{`2: listeners[0].address: "udp://:99999": port "99999" is not 0 to 65535; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_scheme", []string{`2: listeners[0].address: "http://:5514": scheme "http" is unknown; use udp, tcp, tls or unixgram`}},
		{"listener_scheme_missing", []string{`2: listeners[0].address: ":5514" lacks a scheme; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`}},
		{"listener_twice", []string{`4: listeners[2].address: "udp://:5514" is given twice, first on line 2; remove one`}},
		{"listeners_empty", []string{`1: listeners: is empty; name a listener, or remove the key to use those of the command line`}},
		{"many", []string{
			`2: listeners[0].address: "udp:5514" lacks a scheme; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514`,
			`3: listeners[0]: key "alow" is unknown; did you mean allow?`,
			`6: devices[0].addresses[1]: "192.0.2.256" is no address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
			`8: devices[1].addresses[0]: "192.0.2.1" belongs to device "fw1" already (line 5); remove one`,
			`9: devices[1].labels.device: every device metric has this label already; choose another name`,
			`11: identity.strict: "yes" is a text; write true or false`,
			`12: identity.unknown: "acept" is unknown; did you mean accept?`,
			`14: limits.devices: -1 is out of range; write 1 to 1000000`,
		}},
		{"message_both", []string{`3: messages.count[0]: 106023 is ignored (line 2) and can't be counted; remove one`}},
		{"message_id", []string{`2: messages.ignore[0]: 30201 is not 100000 to 999999; write a message id such as 735002`}},
		{"message_id_text", []string{`2: messages.ignore[0]: "302013" is a text; write a message id such as 735002`}},
		{"message_too_many", []string{`3: messages.count: has 201 ids; at most 200 are counted, because each is a series of each device`}},
		{"message_twice", []string{`2: messages.count[1]: 106023 is given twice, first on line 2; remove one`}},
		{"network_bad", []string{`3: listeners[0].allow[0]: "192.0.2.0/33" is no network; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"network_host_bits", []string{`3: listeners[0].allow[0]: "192.0.2.7/24" is an address in the network 192.0.2.0/24; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"network_zone", []string{`3: listeners[0].allow[0]: "fe80::1%eth0" has the zone of a link; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"no_mapping", []string{`1: a list is given; write keys with values, one "key: value" a line`}},
		{"order_empty", []string{`2: identity.order: is empty; name at least one of device_id, host, client_name, address`}},
		{"order_twice", []string{`2: identity.order[2]: host is given twice, first on line 2; remove one`}},
		{"order_unknown", []string{`2: identity.order[1]: "adress" is unknown; did you mean address?`}},
		{"proxy_empty", []string{`3: listeners[0].proxy_protocol: is empty; name the proxies, or remove the key if there is none`}},
		{"proxy_twice", []string{`3: listeners[0].proxy_protocol[1]: 192.0.2.1/32 is given twice, first on line 3; remove one`}},
		{"proxy_udp", []string{`3: listeners[0].proxy_protocol: is for tcp:// and tls:// listeners; remove it`}},
		{"reject_all", []string{`2: identity.unknown: rejects every message, because no device is known; name devices, or write accept`}},
		{"relay_bad", []string{`2: identity.trusted_relays[0]: "relay.example.com" is no address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`}},
		{"strip_both", []string{`3: identity.strip_domains: strip_domain is there already (line 2); remove one of the two`}},
		{"strip_dot", []string{`2: identity.strip_domains[0]: ".example.com" begins with a dot; write example.com`}},
		{"syntax", []string{`3: not YAML: mapping values are not allowed in this context; check indentation, colons and quotes here and above`}},
		{"tab", []string{`2: not YAML: found character that cannot start any token; check indentation, colons and quotes here and above`}},
		{"two_documents", []string{`3: a second document begins; remove what follows ---`}},
		{"type_bool", []string{`2: identity.strict: "yes" is a text; write true or false`}},
		{"type_duration", []string{`2: expiry.quota: 900 is a number; write a duration such as 90s, 15m or 30d`}},
		{"type_float", []string{`2: limits.devices: 1e4 is a number; write a whole number such as 1000`}},
		{"type_hex", []string{`2: limits.devices: 0x10 is no decimal number; write a whole number such as 1000`}},
		{"type_huge", []string{`2: limits.series: 99999999999999999999 is a number; write a whole number such as 1000`}},
		{"type_int", []string{`2: limits.devices: "10000" is a text; write a whole number such as 1000`}},
		{"type_label", []string{`4: devices[0].labels.rack: 1.10 is a number; write "1.10", in quotes`}},
		{"type_list", []string{`2: identity.order: "host" is a text; write a list, one "- item" a line`}},
		{"type_mapping", []string{`1: expiry: "15m" is a text; write keys with values, one "key: value" a line`}},
		{"type_other", []string{`2: devices[0].name: "2026-03-17" has the type timestamp; write "2026-03-17", in quotes`}},
		{"type_text", []string{`2: devices[0].name: 4711 is a number; write "4711", in quotes`}},
		{"unknown_key", []string{`1: key "listners" is unknown; did you mean listeners?`}},
		{"unknown_key_below", []string{`3: devices[0]: key "adresses" is unknown; did you mean addresses?`}},
		{"unknown_key_far", []string{`1: key "colour" is unknown; use listeners, devices, identity, expiry, limits, messages, tls`}},
		{"unknown_policy", []string{`2: identity.unknown: "deny" is unknown; use accept, bucket, reject`}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			name := filepath.Join("testdata", "config", tc.file+".yml")
			files = slices.DeleteFunc(files, func(file string) bool { return file == name })
			_, err := LoadConfig(name, nil)
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

func TestConfigFileMissing(t *testing.T) {
	_, err := LoadConfig("testdata/nofile.yml", nil)
	if want := "configuration: open testdata/nofile.yml: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func mustLoad(t testing.TB, name string) *Config {
	t.Helper()
	c, err := LoadConfig(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func prefixes(all ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, s := range all {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

func TestConfigValues(t *testing.T) {
	nets := prefixes("192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32")
	full := &Config{
		Listeners: []ListenerConfig{{Address: "udp://:514", Allow: nets}, {Address: "tcp://[::1]:1470", Allow: nets}, {Address: "tcp://:5514", ProxyProtocol: prefixes("192.0.2.240/32", "198.51.100.0/24")}},
		Devices: []DeviceConfig{
			{
				Name:      "ams-edge-1",
				Addresses: prefixes("192.0.2.1/32", "192.0.2.128/25", "2001:db8::1/128"),
				Hosts:     []string{"fw1", "fw1.example.com"},
				Labels:    map[string]string{"site": "ams", "role": "edge"},
			},
			{Name: "spare"},
		},
		Identity: IdentityConfig{
			Order:         []IdentitySource{SourceClientName, SourceAddress},
			TrustedRelays: prefixes("192.0.2.250/32"),
			Strict:        true,
			LowerCase:     true,
			StripDomain:   true,
			Aliases:       map[string]string{"old-1": "ams-edge-1"},
			Unknown:       UnknownBucket,
		},
		Expiry:   ExpiryConfig{ThreatDetection: 5 * time.Minute, Quota: 90 * time.Second, Cluster: 90 * time.Minute, Devices: 30 * 24 * time.Hour},
		Limits:   LimitsConfig{Devices: 100, SeriesPerMetric: 50, Series: 5000, TCPConnections: 10},
		Messages: MessagesConfig{Ignore: []uint32{302013, 302014}, Count: []uint32{106023}},
		TLS:      TLSConfig{ClientCAFile: "testdata/config/pki/ca.pem", ClientAuth: ClientAuthOptional, MinVersion: TLS13},
	}
	domains := DefaultConfig()
	domains.Identity.StripDomains = []string{"example.com", "ams.example.com"}
	for name, want := range map[string]*Config{"valid_empty": DefaultConfig(), "valid_full": full, "valid_strip_domains": domains} {
		if got := mustLoad(t, "testdata/config/"+name+".yml"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, want)
		}
	}
}

func TestListenerAllows(t *testing.T) {
	some := &ListenerConfig{Allow: prefixes("192.0.2.0/24", "198.51.100.7/32", "fe80::/10")}
	for _, tc := range []struct {
		listener *ListenerConfig
		addr     string
		want     bool
	}{
		{some, "192.0.2.255", true},
		{some, "::ffff:192.0.2.1", true},
		{some, "198.51.100.7", true},
		{some, "fe80::1%eth0", true},
		{some, "198.51.100.8", false},
		{some, "2001:db8::1", false},
		{some, "", false}, // A UNIX socket.
		{&ListenerConfig{}, "203.0.113.1", true},
		{&ListenerConfig{}, "", true},
	} {
		addr, _ := netip.ParseAddr(tc.addr)
		if got := tc.listener.Allows(addr); got != tc.want {
			t.Errorf("%q: %t, want %t", tc.addr, got, tc.want)
		}
	}
}

// A schema is the part of JSON Schema that ours uses.
type schema struct {
	Schema               string             `json:"$schema"`
	Title                string             `json:"title"`
	Description          string             `json:"description"`
	Type                 string             `json:"type"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	AdditionalProperties *additional        `json:"additionalProperties"`
	Not                  *schema            `json:"not"`
	Items                *schema            `json:"items"`
	MinItems             int                `json:"minItems"`
	MaxItems             *int               `json:"maxItems"`
	UniqueItems          bool               `json:"uniqueItems"`
	PropertyNames        *schema            `json:"propertyNames"`
	Enum                 []string           `json:"enum"`
	Pattern              string             `json:"pattern"`
	MinLength            int                `json:"minLength"`
	MaxLength            *int               `json:"maxLength"`
	Minimum              *float64           `json:"minimum"`
	Maximum              *float64           `json:"maximum"`
	Default              any                `json:"default"`
	Examples             []any              `json:"examples"`
}

// additional is false, or a schema.
type additional struct{ *schema }

func (a *additional) UnmarshalJSON(b []byte) error {
	if string(b) == "false" {
		return nil
	}
	return json.Unmarshal(b, &a.schema)
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	f, err := os.Open(configSchema)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	var s schema
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%s: %v", configSchema, err)
	}
	return &s
}

// The schema has the keys, types and defaults of the Go types, and nothing
// else.
func TestConfigSchemaFitsTypes(t *testing.T) {
	root := readSchema(t)
	var compare func(path string, s *schema, v reflect.Value)
	compare = func(path string, s *schema, v reflect.Value) {
		if s.Description == "" {
			t.Errorf("%s: no description", path)
		}
		typ, value := "", any(nil)
		switch x := v.Interface().(type) {
		case time.Duration:
			typ, value = "string", strings.TrimSuffix(x.String(), "m0s")+"m"
			if x == 0 {
				value = "0s"
			}
		case netip.Prefix:
			typ = "string"
		case []IdentitySource:
			typ = "array"
			var order []any
			for _, source := range x {
				order = append(order, string(source))
			}
			value = order
		default:
			switch v.Kind() {
			case reflect.Struct, reflect.Map:
				typ = "object"
			case reflect.Slice:
				typ = "array"
			case reflect.String:
				typ, value = "string", v.String()
			case reflect.Bool:
				typ, value = "boolean", v.Bool()
			case reflect.Int:
				typ, value = "integer", float64(v.Int())
			case reflect.Uint32:
				typ = "integer"
			}
		}
		if s.Type != typ {
			t.Errorf("%s: type %q, want %q", path, s.Type, typ)
		}
		if s.Default != nil && !reflect.DeepEqual(s.Default, value) {
			t.Errorf("%s: default %v, want %v", path, s.Default, value)
		}
		if value != nil && s.Default == nil && !v.IsZero() {
			t.Errorf("%s: no default, want %v", path, value)
		}
		switch {
		case typ == "array":
			compare(path+"[]", s.Items, reflect.Zero(v.Type().Elem()))
		case v.Kind() == reflect.Map:
			if s.AdditionalProperties == nil || s.AdditionalProperties.schema == nil || s.AdditionalProperties.Type != "string" {
				t.Errorf("%s: values are no strings", path)
			}
		case typ == "object":
			if path != ".expiry" && (s.AdditionalProperties == nil || s.AdditionalProperties.schema != nil) {
				t.Errorf("%s: unknown keys are allowed", path)
			}
			keys := map[string]bool{}
			for i := range v.NumField() {
				key := v.Type().Field(i).Tag.Get("yaml")
				if key == "" {
					continue
				}
				keys[key] = true
				if s.Properties[key] == nil {
					t.Errorf("%s: schema lacks %q", path, key)
					continue
				}
				compare(path+"."+key, s.Properties[key], v.Field(i))
			}
			for key := range s.Properties {
				if !keys[key] {
					t.Errorf("%s: schema has %q, which is no key", path, key)
				}
			}
		}
	}
	compare("", root, reflect.ValueOf(*DefaultConfig()))

	most, limits := reflect.ValueOf(maxLimits()), root.Properties["limits"]
	for i := range most.NumField() {
		key := most.Type().Field(i).Tag.Get("yaml")
		if s := limits.Properties[key]; *s.Minimum != 1 || *s.Maximum != float64(most.Field(i).Int()) {
			t.Errorf("limits.%s: %g to %g", key, *s.Minimum, *s.Maximum)
		}
	}
	id := root.Properties["identity"].Properties
	if got, want := id["order"].Items.Enum, texts(identitySources()); !slices.Equal(got, want) {
		t.Errorf("identity.order: %q, want %q", got, want)
	}
	if got, want := id["unknown"].Enum, texts(unknownPolicies()); !slices.Equal(got, want) {
		t.Errorf("identity.unknown: %q, want %q", got, want)
	}
	for _, s := range []*schema{root.Properties["tls"], root.Properties["listeners"].Items.Properties["tls"]} {
		if got, want := s.Properties["client_auth"].Enum, texts(clientAuths()); !slices.Equal(got, want) {
			t.Errorf("tls.client_auth: %q, want %q", got, want)
		}
		if got, want := s.Properties["min_version"].Enum, texts(tlsVersions()); !slices.Equal(got, want) {
			t.Errorf("tls.min_version: %q, want %q", got, want)
		}
	}
	if got := *root.Properties["messages"].Properties["count"].MaxItems; got != maxCountedMessages {
		t.Errorf("messages.count: at most %d", got)
	}
}

// validate reports where a value, as YAML decodes it, does not fit the schema.
func (s *schema) validate(path string, value any) []string {
	var errs []string
	check := func(ok bool, what string) {
		if !ok {
			errs = append(errs, path+": "+what)
		}
	}
	switch v := value.(type) {
	case map[string]any:
		check(s.Type == "object", "is an object")
		for _, key := range s.Required {
			check(v[key] != nil, "lacks "+key)
		}
		if s.Not != nil {
			check(slices.ContainsFunc(s.Not.Required, func(key string) bool { return v[key] == nil }), "has keys that exclude each other")
		}
		for key, item := range v {
			if s.PropertyNames != nil {
				errs = append(errs, s.PropertyNames.validate(path+"."+key, key)...)
			}
			if below := s.Properties[key]; below != nil {
				errs = append(errs, below.validate(path+"."+key, item)...)
			} else if s.AdditionalProperties != nil && s.AdditionalProperties.schema != nil {
				errs = append(errs, s.AdditionalProperties.validate(path+"."+key, item)...)
			} else {
				check(false, key+" is unknown")
			}
		}
	case []any:
		if s.Type != "array" {
			return []string{path + ": is an array"}
		}
		check(len(v) >= s.MinItems, "has too few items")
		check(s.MaxItems == nil || len(v) <= *s.MaxItems, "has too many items")
		for i, item := range v {
			check(!s.UniqueItems || slices.Index(v, item) == i, "has an item twice")
			errs = append(errs, s.Items.validate(path+"[]", item)...)
		}
	case string:
		check(s.Type == "string" || s.Type == "", "is a string")
		check(s.Not == nil || !slices.Contains(s.Not.Enum, v), "is excluded")
		check(s.Enum == nil || slices.Contains(s.Enum, v), "is none of the enum")
		check(regexp.MustCompile(s.Pattern).MatchString(v), "does not match "+s.Pattern)
		check(len(v) >= s.MinLength, "is too short")
		check(s.MaxLength == nil || len(v) <= *s.MaxLength, "is too long")
	case bool:
		check(s.Type == "boolean", "is a boolean")
	case int:
		check(s.Type == "integer", "is an integer")
		low, high := math.Inf(-1), math.Inf(1)
		if s.Minimum != nil {
			low = *s.Minimum
		}
		if s.Maximum != nil {
			high = *s.Maximum
		}
		check(float64(v) >= low && float64(v) <= high, "is out of range")
	default:
		check(false, "has no type of JSON")
	}
	return errs
}

// What loads fits the schema, and what the schema can refuse it does.
func TestConfigSchemaFitsFiles(t *testing.T) {
	s := readSchema(t)
	refused := strings.Fields(`
		no_mapping unknown_key unknown_key_below unknown_key_far key_without_value
		type_bool type_int type_float type_text type_list type_mapping type_duration type_label
		empty_text listeners_empty listener_no_address allow_empty proxy_empty device_no_name device_name_long
		label_name label_reserved label_device order_empty order_unknown order_twice strip_both
		unknown_policy expiry_unit limit_zero limit_high message_id message_id_text message_twice message_too_many`)
	names, err := filepath.Glob("testdata/config/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, exampleConfig) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := yaml.Unmarshal(data, &value); err != nil {
			continue // No YAML.
		}
		if value == nil {
			value = map[string]any{}
		}
		errs := s.validate("", value)
		_, err = LoadConfig(name, nil)
		if err == nil && len(errs) > 0 {
			t.Errorf("%s is valid, but not for the schema: %q", name, errs)
		}
		if base := strings.TrimSuffix(filepath.Base(name), ".yml"); slices.Contains(refused, base) && len(errs) == 0 {
			t.Errorf("%s is valid for the schema", name)
		}
	}
}

// The example shows every key. In comments are those that exclude another, and
// those of certificates, which nobody has yet.
func TestConfigExampleIsComplete(t *testing.T) {
	mustLoad(t, exampleConfig)
	data, err := os.ReadFile(exampleConfig)
	if err != nil {
		t.Fatal(err)
	}
	var example map[string]any
	if err := yaml.Unmarshal(data, &example); err != nil {
		t.Fatal(err)
	}
	var compare func(path string, s *schema, value any)
	compare = func(path string, s *schema, value any) {
		if list, ok := value.([]any); ok {
			// Together, the items have all keys.
			all := map[string]any{}
			for _, item := range list {
				if keys, ok := item.(map[string]any); ok {
					maps.Copy(all, keys)
				}
			}
			compare(path+"[]", s.Items, all)
			return
		}
		keys, _ := value.(map[string]any)
		for key, below := range s.Properties {
			v, ok := keys[key]
			switch {
			case ok:
				compare(path+"."+key, below, v)
			case !regexp.MustCompile(`(?m)^ *#[ -]*` + key + ":").Match(data):
				t.Errorf("%s lacks %s.%s", exampleConfig, path, key)
			default:
				compare(path+"."+key, below, nil)
			}
		}
	}
	compare("", readSchema(t), example)
}

// FuzzConfig checks that no input makes the reader or what it feeds panic, and
// that every mistake has its line.
func FuzzConfig(f *testing.F) {
	names, err := filepath.Glob("testdata/config/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, exampleConfig) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	line := regexp.MustCompile(`^f\.yml:[1-9][0-9]*: .*; .`)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := DefaultConfig()
		if err := parseConfig("f.yml", data, c); err != nil {
			var mistakes interface{ Unwrap() []error }
			if !errors.As(err, &mistakes) {
				t.Fatalf("not a list: %v", err)
			}
			for _, err := range mistakes.Unwrap() {
				if !line.MatchString(err.Error()) {
					t.Errorf("error without line or remedy: %v", err)
				}
			}
			return
		}
		id := NewIdentifier(c)
		id.Name(nil, &Sender{DeviceID: data, Addr: netip.MustParseAddr("192.0.2.1")})
	})
}
