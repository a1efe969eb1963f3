package config

import (
	"encoding/json"
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

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/listener"
)

const schemaFile = "../../docs/config.schema.json"

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
	AnyOf                []*schema          `json:"anyOf"`
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
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	var s schema
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%s: %v", schemaFile, err)
	}
	return &s
}

// The schema has the keys, types and defaults of the Go types, and nothing
// else. A collector whose gauges expire may be missing: it is a key that is not
// listed, of the type that the schema has for such keys.
func TestSchemaFitsTypes(t *testing.T) {
	var expiring []string
	for _, c := range collectors.All() {
		if slices.ContainsFunc(c.Metrics, func(m *collectors.Metric) bool { return m.Expires }) {
			expiring = append(expiring, c.Name)
		}
	}
	readSchema(t).compare(t, "", reflect.ValueOf(Default(Options{ExpiryNames: expiring})).Elem())
}

// compare reports where a value of a configuration does not fit the schema.
func (s *schema) compare(t *testing.T, path string, v reflect.Value) {
	if s.Description == "" {
		t.Errorf("%s: no description", path)
	}
	typ, value := typeAndDefault(v)
	if v.Type() == reflect.TypeFor[catalog.ID]() {
		s = s.AnyOf[0] // The other is that of codes and words.
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
		s.Items.compare(t, path+"[]", reflect.Zero(v.Type().Elem()))
	case v.Kind() == reflect.Map:
		if s.AdditionalProperties == nil || s.AdditionalProperties.schema == nil || s.AdditionalProperties.Type != "string" {
			t.Errorf("%s: values are not strings", path)
		}
	case typ == "object":
		fields, open := fieldsByKey(v)
		if s.AdditionalProperties == nil || (s.AdditionalProperties.schema != nil) != open {
			t.Errorf("%s: keys that are not listed: want %t", path, open)
		}
		for key, field := range fields {
			switch below := s.Properties[key]; {
			case below != nil:
				below.compare(t, path+"."+key, field)
			case open && s.AdditionalProperties.schema != nil:
				s.AdditionalProperties.compare(t, path+"."+key, field)
			default:
				t.Errorf("%s: %s lacks %q", path, schemaFile, key)
			}
		}
		for key := range s.Properties {
			if _, ok := fields[key]; !ok {
				t.Errorf("%s: %s has %q, which is not a key", path, schemaFile, key)
			}
		}
	}
}

// typeAndDefault returns the type that a value has in the schema, and how its
// default is written there; nil for what does not have one.
func typeAndDefault(v reflect.Value) (typ string, value any) {
	switch x := v.Interface().(type) {
	case time.Duration:
		if x == 0 {
			return "string", "0s"
		}
		return "string", strings.TrimSuffix(x.String(), "0s")
	case netip.Prefix, identity.HeaderRule, *time.Location:
		return "string", nil
	case []identity.Source:
		var order []any
		for _, source := range x {
			order = append(order, string(source))
		}
		return "array", order
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		return "object", nil
	case reflect.Slice:
		return "array", nil
	case reflect.String:
		return "string", v.String()
	case reflect.Bool:
		return "boolean", v.Bool()
	case reflect.Int:
		return "integer", float64(v.Int())
	case reflect.Uint32:
		return "integer", nil
	}
	return "", nil
}

// fieldsByKey returns what the keys of a mapping set, and whether names that the
// type does not fix are among them.
func fieldsByKey(v reflect.Value) (fields map[string]reflect.Value, open bool) {
	fields = map[string]reflect.Value{}
	for i := range v.NumField() {
		switch key := v.Type().Field(i).Tag.Get("yaml"); key {
		case "":
		case inlineTag:
			open = true
			for _, key := range v.Field(i).MapKeys() {
				fields[key.String()] = v.Field(i).MapIndex(key)
			}
		default:
			fields[key] = v.Field(i)
		}
	}
	return fields, open
}

// The schema has the ranges and words that the file may have.
func TestSchemaFitsRanges(t *testing.T) {
	root := readSchema(t)
	most, limits := reflect.ValueOf(maxLimits()), root.Properties["limits"]
	for i := range most.NumField() {
		key := most.Type().Field(i).Tag.Get("yaml")
		if s := limits.Properties[key]; *s.Minimum != 1 || *s.Maximum != float64(most.Field(i).Int()) {
			t.Errorf("limits.%s: %g to %g", key, *s.Minimum, *s.Maximum)
		}
	}
	if s := root.Properties["listeners"].Items.Properties["sockets"]; *s.Minimum != 1 || *s.Maximum != listener.MaxSockets {
		t.Errorf("listeners[].sockets: %g to %g", *s.Minimum, *s.Maximum)
	}
	id := root.Properties["identity"].Properties
	if got, want := id["order"].Items.Enum, texts(identity.Sources()); !slices.Equal(got, want) {
		t.Errorf("identity.order: %q, want %q", got, want)
	}
	if got, want := id["unknown"].Enum, texts(identity.UnknownPolicies()); !slices.Equal(got, want) {
		t.Errorf("identity.unknown: %q, want %q", got, want)
	}
	for _, s := range []*schema{root.Properties["tls"], root.Properties["listeners"].Items.Properties["tls"]} {
		if got, want := s.Properties["client_auth"].Enum, texts(listener.ClientAuths()); !slices.Equal(got, want) {
			t.Errorf("tls.client_auth: %q, want %q", got, want)
		}
		if got, want := s.Properties["min_version"].Enum, texts(listener.TLSVersions()); !slices.Equal(got, want) {
			t.Errorf("tls.min_version: %q, want %q", got, want)
		}
	}
	if got := *root.Properties["messages"].Properties["count"].MaxItems; got != ingest.MaxCounted {
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
	if len(s.AnyOf) > 0 {
		check(slices.ContainsFunc(s.AnyOf, func(s *schema) bool { return len(s.validate(path, value)) == 0 }), "is none of what it may be")
		return errs
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
func TestSchemaFitsFiles(t *testing.T) {
	s := readSchema(t)
	refused := strings.Fields(`
		no_mapping unknown_key unknown_key_below unknown_key_far key_without_value
		type_bool type_int type_float type_text type_list type_mapping type_duration type_label
		empty_text listeners_empty listener_no_address allow_empty proxy_empty device_no_name device_name_long
		label_name label_reserved label_device sockets_bad order_empty order_unknown order_twice strip_both
		timezones_empty timezone_missing timezone_devices_empty
		unknown_policy expiry_unit limit_zero limit_high message_id message_id_text message_id_word message_twice message_too_many`)
	names, err := filepath.Glob("testdata/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, exampleFile) {
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
		_, err = Load(name, testDefaults())
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
func TestExampleIsComplete(t *testing.T) {
	mustLoad(t, exampleFile)
	data, err := os.ReadFile(exampleFile)
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
				t.Errorf("%s lacks %s.%s", exampleFile, path, key)
			default:
				compare(path+"."+key, below, nil)
			}
		}
	}
	compare("", readSchema(t), example)
}
