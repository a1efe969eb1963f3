package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// inventoryDir writes a configuration and files with devices into a directory, and
// returns the name of the configuration.
func inventoryDir(t testing.TB, config string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "c.yml")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The same devices in every format, and from several files.
func TestDevicesFiles(t *testing.T) {
	want := []identity.Device{
		{Name: "fw1", Addresses: prefixes("192.0.2.1/32", "2001:db8::1/128"), Hosts: []string{"asa1", "asa1.example.com"}, Labels: map[string]string{"site": "ams", "role": "edge"}, Interfaces: []string{"outside", "Ethernet1/1"}},
		{Name: "fw2", Addresses: prefixes("192.0.2.0/25"), Labels: map[string]string{"site": "São Paulo"}},
		{Name: "fw3"},
	}
	for name, content := range map[string]string{
		"list.yml": `
- name: fw1
  addresses: [192.0.2.1, "2001:db8::1"]
  hosts: [asa1, asa1.example.com]
  labels: {site: ams, role: edge}
  interfaces: [outside, Ethernet1/1]
- {name: fw2, addresses: [192.0.2.0/25], labels: {site: São Paulo}}
- name: fw3
`,
		"key.yaml": "devices:\n  - {name: fw1, addresses: [192.0.2.1, \"2001:db8::1\"], hosts: [asa1, asa1.example.com], labels: {site: ams, role: edge}, interfaces: [outside, Ethernet1/1]}\n  - {name: fw2, addresses: [192.0.2.0/25], labels: {site: São Paulo}}\n  - name: fw3\n",
		"list.json": "[{\"name\": \"fw1\", \"addresses\": [\"192.0.2.1\", \"2001:db8::1\"], \"hosts\": [\"asa1\", \"asa1.example.com\"],\n\t\"labels\": {\"site\": \"ams\", \"role\": \"edge\"}, \"interfaces\": [\"outside\", \"Ethernet1/1\"]},\n" +
			`{"name": "fw2", "addresses": ["192.0.2.0\/25"], "labels": {"site": "S\u00e3o Paulo"}}, {"name": "fw3"}]`,
		"key.JSON":   `{"devices": [{"name": "fw1", "addresses": ["192.0.2.1", "2001:db8::1"], "hosts": ["asa1", "asa1.example.com"], "labels": {"site": "ams", "role": "edge"}, "interfaces": ["outside", "Ethernet1/1"]}, {"name": "fw2", "addresses": ["192.0.2.0/25"], "labels": {"site": "São Paulo"}}, {"name": "fw3"}]}`,
		"labels.csv": "\ufeffname,addresses,hosts,interfaces,site,role\r\nfw1,192.0.2.1 2001:db8::1,asa1;asa1.example.com,outside Ethernet1/1,ams,edge\r\n\r\nfw2,192.0.2.0/25,,,São Paulo,\r\nfw3,,,,,\r\n,,,,,\r\n",
		"pairs.csv":  "# An export.\nsite, Name , Addresses, aliases, labels, Interfaces\nams,fw1,\"192.0.2.1, 2001:db8::1\",\"asa1; asa1.example.com\",role=edge,outside; Ethernet1/1\n,fw2,192.0.2.0/25,,site=São Paulo;,\n,fw3,,,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := mustLoad(t, inventoryDir(t, "devices_files: [\"*.[yjcJ]*[lLvN]\"]\ndevices: [{name: own}]\n", map[string]string{name: content}))
			if err := c.DevicesError(); err == nil || !strings.Contains(err.Error(), "c.yml:1: is not a list of devices") {
				t.Fatalf("the pattern matches the configuration as well: %v", err)
			}
			c = mustLoad(t, inventoryDir(t, "devices_files: [dir/*]\ndevices: [{name: own}]\n", map[string]string{"dir/" + name: content}))
			if err := c.DevicesError(); err != nil {
				t.Fatal(err)
			}
			if got := c.FileDevices(); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v\nwant\n%+v", got, want)
			}
			if len(c.Devices) != 4 || c.Devices[0].Name != "own" || len(c.Ingest().Devices) != 4 {
				t.Errorf("%+v", c.Devices)
			}
			if w := c.Warnings(); w != nil {
				t.Errorf("%q", w)
			}
		})
	}

	// Each file once, and in the order of their names.
	c := mustLoad(t, inventoryDir(t, "devices_files: [b.csv, \"*.csv\", empty.json, empty.yml]\n", map[string]string{
		"b.csv": "name\nfw2\n", "a.csv": "name\nfw1\n", "empty.json": "[]", "empty.yml": "# Nothing.\n", "c.csv": "name\n",
	}))
	if got := c.FileDevices(); len(got) != 2 || got[0].Name != "fw1" || got[1].Name != "fw2" || c.DevicesError() != nil {
		t.Errorf("%+v, %v", got, c.DevicesError())
	}

	// Spreadsheets separate columns by semicolons or tabs, too.
	c = mustLoad(t, inventoryDir(t, "devices_files: [\"*.csv\"]\n", map[string]string{
		"a.csv": "\ufeffName;Addresses;Site\r\nfw1;192.0.2.1 192.0.2.2;\"ams;1\"\r\n", "b.csv": "# An export, sorted.\n\nname\tsite\nfw2\tlon\n",
	}))
	if got := c.FileDevices(); len(got) != 2 || len(got[0].Addresses) != 2 || got[0].Labels["Site"] != "ams;1" || got[1].Labels["site"] != "lon" {
		t.Errorf("%+v, %v", got, c.DevicesError())
	}

	// Titles that are probably meant for a key.
	c = mustLoad(t, inventoryDir(t, "devices_files: [a.csv]\n", map[string]string{"a.csv": "name,Address,site\nfw1,192.0.2.1,ams\n"}))
	if got := c.Warnings(); len(got) != 1 || !strings.HasSuffix(got[0], `a.csv:1: column "Address" is a label; call it addresses if that is what it has`) {
		t.Errorf("%q, %v", got, c.DevicesError())
	}

	// Keys that a device has got since are columns as well.
	c = mustLoad(t, inventoryDir(t, "devices_files: [a.csv]\n", map[string]string{"a.csv": "name,timezone\nfw1,Europe/London\n"}))
	if got := c.FileDevices(); len(got) != 1 || got[0].Timezone == nil || got[0].Timezone.String() != "Europe/London" || got[0].Labels != nil {
		t.Errorf("%+v, %v", got, c.DevicesError())
	}
}

// A mistake in a file of devices is not one in the configuration, and has file, line
// and remedy.
func TestMistakesInDevicesFiles(t *testing.T) {
	for _, tc := range []struct {
		file, content string
		want          []string
	}{
		{"a.yml", "- name: fw1\n- name: own\n", []string{`a.yml:2: [1].name: "own" belongs to device "own" already (DIR/c.yml:3); remove one`}},
		{"a.yml", "- name: fw1\n- name: fw1\n", []string{`a.yml:2: [1].name: "fw1" belongs to device "fw1" already (line 1); remove one`}},
		{"a.yml", "devices:\n  - name: fw1\n    adresses: [192.0.2.1]\n", []string{`a.yml:3: devices[0]: key "adresses" is unknown; did you mean addresses?`}},
		{"a.yml", "- name: fw1\n  addresses: [192.0.2.1/24, 300.1.1.1]\n", []string{
			`a.yml:2: [0].addresses[0]: "192.0.2.1/24" is an address in the network 192.0.2.0/24; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
			`a.yml:2: [0].addresses[1]: "300.1.1.1" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
		}},
		{"a.yml", "- name: fw1\n  - x\n", []string{"a.yml:2: not YAML: did not find expected key in what begins on line 1; check indentation, colons and quotes here and above"}},
		{"a.yml", "site: ams\n", []string{"a.yml:1: is not a list of devices; write one, or the key devices with one"}},
		{"a.yml", "devices: fw1\n", []string{"a.yml:1: devices: is not a list of devices; write one, or the key devices with one"}},
		{"a.yml", "- fw1\n", []string{`a.yml:1: [0]: "fw1" is a string; write keys with values, one "key: value" a line`, "a.yml:1: [0]: lacks a name; add name: with the value of the label device"}},
		{"a.json", "[\n  {\"name\": \"fw1\"},\n  {\"name\": \"own\"}\n]", []string{`a.json:3: [1].name: "own" belongs to device "own" already (DIR/c.yml:3); remove one`}},
		{"a.json", "[\n{\"name\": 7}]", []string{`a.json:2: [0].name: 7 is a number; write "7", in quotes`}},
		{"a.json", "[\n{\"name\": null}]", []string{`a.json:2: [0].name: does not have a value; add one or remove the key`}},
		{"a.json", "[\n{\"name\": \"fw1\",}]", []string{`a.json:2: not JSON: invalid character '}' looking for beginning of object key string; check commas, quotes and brackets here and above`}},
		{"a.json", "[\n{\"name\": \"fw1\"}\n", []string{`a.json:3: not JSON: it ends too early; check commas, quotes and brackets here and above`}},
		{"a.json", "[]\n[]", []string{`a.json:2: not JSON: something follows the first value; check commas, quotes and brackets here and above`}},
		{"a.json", strings.Repeat("[", 200), []string{`a.json:1: not JSON: more than 100 values in each other; check commas, quotes and brackets here and above`}},
		{"a.csv", "name,site\nfw1,ams\nfw2\nfw3,ams,x\n", []string{
			"a.csv:3: not CSV: wrong number of fields; write as many cells as the first row has, and quotes in pairs",
			"a.csv:4: not CSV: wrong number of fields; write as many cells as the first row has, and quotes in pairs",
		}},
		{"a.csv", "name,site\nfw1,\"a\"b\n", []string{"a.csv:2: not CSV: extraneous or missing \" in quoted-field; write as many cells as the first row has, and quotes in pairs"}},
		{"a.csv", "fqdn;site\nfw1;ams\n", []string{"a.csv:1: the first row does not have a column name; write the titles of the columns there, separated by commas, semicolons or tabs, such as name,addresses,hosts,site"}},
		{"a.csv", "name,hosts,aliases,\nfw1,,,\n", []string{"a.csv:1: column \"hosts\" is given twice; remove one", "a.csv:1: column 4 does not have a title; add one"}},
		{"a.csv", "name,addresses\nfw1,192.0.2.1\n,192.0.2.2\nfw3,192.0.2.1\nfw4,fw5\n", []string{
			"a.csv:3: [1]: lacks a name; add name: with the value of the label device",
			`a.csv:4: [2].addresses[0]: "192.0.2.1" belongs to device "fw1" already (line 2); remove one`,
			`a.csv:5: [3].addresses[0]: "fw5" is not an address; write an address or network such as 192.0.2.1 or 192.0.2.0/24`,
		}},
		{"a.csv", "name,Site name\nfw1,ams\n", []string{`a.csv:2: [0].labels.Site name: "Site name" is not a label name; use letters, digits and underscores, and do not begin with a digit`}},
		{"a.csv", "name,labels\nfw1,site\n", []string{`a.csv:2: [0].labels.site: is empty; write a string`}},
		{"a.txt", "name\nfw1\n", []string{`a.txt:1: "a.txt" does not end in .yml, .yaml, .json or .csv; rename the file, or change devices_files`}},
		{"a.json", "null", []string{"a.json:1: is not a list of devices; write one, or the key devices with one"}},
		{"a.json", "\n", []string{"a.json:1: is empty; write its devices, or remove the file"}},
		{"a.yml", "", []string{"a.yml:1: is empty; write its devices, or remove the file"}},
		{"a.csv", "\ufeff\r\n", []string{"a.csv:1: is empty; write its devices, or remove the file"}},
		{"a.csv", "name\nfw1\nm\xfcnchen\n", []string{"a.csv:3: is not UTF-8; save the file as UTF-8"}},
		{"a.csv", "\xff\xfen\x00a\x00", []string{"a.csv:1: is not UTF-8; save the file as UTF-8"}},
		{"a.json", "[{\"name\": \"m\xfcnchen\"}]", []string{"a.json:1: is not UTF-8; save the file as UTF-8"}},
		{"a.csv/b", "", []string{`a.csv:1: is a directory; name a file in it`}},
	} {
		name := inventoryDir(t, "devices_files: [a.*]\ndevices:\n  - name: own\n", map[string]string{tc.file: tc.content})
		dir := filepath.Dir(name)
		c := mustLoad(t, name)
		want := dir + "/" + strings.Join(tc.want, "\n"+dir+"/")
		if got := c.DevicesError(); got == nil || got.Error() != strings.ReplaceAll(want, "DIR", dir) {
			t.Errorf("%q: got\n%v\nwant\n%s", tc.content, got, want)
		}
		if len(c.Devices) != 1 || c.FileDevices() != nil {
			t.Errorf("%q: %+v", tc.content, c.Devices)
		}
	}
	// An alias of the configuration that a device of a file has.
	c := mustLoad(t, inventoryDir(t, "devices_files: [a.csv]\nidentity:\n  aliases: {old: fw9}\n", map[string]string{"a.csv": "name\nold\n"}))
	if err := c.DevicesError(); err == nil || !regexp.MustCompile(`/c\.yml:3: identity\.aliases\.old: "old" belongs to device "old" already \(.*/a\.csv:2\); remove one$`).MatchString(err.Error()) {
		t.Error(err)
	}
}

// A name or pattern without a file is a warning, also under a policy that needs
// devices.
func TestMissingDevicesFiles(t *testing.T) {
	c := mustLoad(t, inventoryDir(t, "identity: {unknown: reject}\ndevices_files:\n  - \"dir/*.yml\"\n  - netbox.json\n", nil))
	want := []string{
		`:3: devices_files[0]: no file is called, or matches, "dir/*.yml"; its devices are missing until there is one`,
		`:4: devices_files[1]: no file is called, or matches, "netbox.json"; its devices are missing until there is one`,
	}
	got := c.Warnings()
	if len(got) != 2 || !strings.HasSuffix(got[0], want[0]) || !strings.HasSuffix(got[1], want[1]) || c.DevicesError() != nil {
		t.Errorf("%q, %v", got, c.DevicesError())
	}
}

// Files that change are read again, and only they. What they had stays if they
// cannot be used.
func TestReread(t *testing.T) {
	name := inventoryDir(t, "devices_files: [a.csv]\ndevices: [{name: own}]\n", map[string]string{"a.csv": "name\nfw1\n"})
	file := filepath.Join(filepath.Dir(name), "a.csv")
	change := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := mustLoad(t, name)
	if v, err := c.DevicesVersion(); err != nil || v != c.DevicesRead() || v == "" {
		t.Errorf("%q, %v, not %q", v, err, c.DevicesRead())
	}
	change(name, "not: [a configuration\n")
	change(file, "name\nfw1\nfw2\n")
	if v, _ := c.DevicesVersion(); v == c.DevicesRead() {
		t.Error("the change is not noticed")
	}
	second, err := c.Reread()
	if err != nil || len(second.Devices) != 3 || second.DevicesError() != nil {
		t.Fatal(err, second)
	}
	change(file, "name\nfw1\nfw2\nfw1\n")
	third, err := second.Reread()
	if err != nil || third.DevicesError() == nil || len(third.Devices) != 1 {
		t.Fatal(err, third)
	}
	third.KeepDevices(second)
	if len(third.Devices) != 3 || third.Devices[2].Name != "fw2" || len(third.FileDevices()) != 2 {
		t.Errorf("%+v", third.Devices)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	fourth, err := third.Reread()
	if err != nil || len(fourth.Devices) != 1 || fourth.DevicesError() != nil || len(fourth.Warnings()) != 1 {
		t.Fatal(err, fourth)
	}

	without := mustLoad(t, inventoryDir(t, "", nil))
	if again, err := without.Reread(); again != without || err != nil || without.DevicesRead() != "" || without.DevicesError() != nil {
		t.Error("a configuration without such files")
	}
	without.KeepDevices(second)
	if len(without.Devices) != 0 {
		t.Error("it has got devices")
	}
}

// FuzzDevicesFiles checks that no file makes the readers of the formats panic, and
// that every mistake has its line.
func FuzzDevicesFiles(f *testing.F) {
	for _, content := range []string{
		"name,addresses,hosts,labels,site\nfw1,192.0.2.1 2001:db8::1,a;b,role=edge,ams\n", "name\n\"fw", "- {name: fw1, addresses: [192.0.2.1]}\n",
		`[{"name": "fw1", "hosts": ["\ud83d\ude00"], "labels": {"a": "b"}}]`, `{"devices": [1, null, true, {"name": [[]]}]}`, "- &a [*a]\n", "devices: *x\n",
	} {
		for format := range byte(3) {
			f.Add(format, []byte(content))
		}
	}
	line := regexp.MustCompile(`(?s)^f\.\w+:[1-9][0-9]*: .*; .`)
	f.Fuzz(func(t *testing.T, format byte, data []byte) {
		name := "f." + [...]string{"yml", "json", "csv"}[format%3]
		d := newDocument("c.yml", scalars())
		root := d.parse([]byte("{}"))
		d.addDevices(root, name, data)
		c := newConfig(testDefaults())
		d.readNode(root, c)
		check := checker{d, c}
		check.all()
		for _, err := range d.inOrder(d.problems) {
			if !line.MatchString(err.Error()) && !strings.HasPrefix(err.Error(), "c.yml:1: devices: the inventory has") {
				t.Errorf("error without line or remedy: %v", err)
			}
		}
	})
}
