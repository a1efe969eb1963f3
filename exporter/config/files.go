package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// files are the files of [Config.DevicesFiles], and what the configuration was read
// from, so that it can be read again with other files.
type files struct {
	name     string // Of the configuration file.
	source   []byte
	defaults *Config

	devices []identity.Device // What the files have.
	version string            // Which they are.
	wrong   []string          // Why they could not be used.
}

// A devicesFile is a file of [Config.DevicesFiles].
type devicesFile struct {
	name    string
	version string // Its name, size and time: another one has other content.
}

// listFiles returns the files that match patterns, which are relative to the
// directory of the configuration file, sorted, each once, and the indexes of the
// patterns that none matches.
func listFiles(config string, patterns []string) (found []devicesFile, unmatched []int, err error) {
	type result struct {
		files     []devicesFile
		unmatched []int
	}
	r, err := limited("listing the files of devices_files", func() (r result, err error) {
		for i, pattern := range patterns {
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(config), pattern)
			}
			names, err := filepath.Glob(pattern)
			if err != nil {
				return r, err
			}
			if len(names) == 0 {
				r.unmatched = append(r.unmatched, i)
			}
			for _, name := range names {
				info, err := os.Stat(name)
				if err != nil { // It has gone since, or a link leads nowhere: reading it reports it.
					r.files = append(r.files, devicesFile{name, name})
					continue
				}
				r.files = append(r.files, devicesFile{name, fmt.Sprintf("%s %d %d", name, info.Size(), info.ModTime().UnixNano())})
			}
		}
		return r, nil
	})
	byName := func(a, b devicesFile) int { return cmp.Compare(a.name, b.name) }
	slices.SortFunc(r.files, byName)
	return slices.CompactFunc(r.files, func(a, b devicesFile) bool { return a.name == b.name }), r.unmatched, err
}

func versionOf(all []devicesFile) string {
	var b strings.Builder
	for _, f := range all {
		b.WriteString(f.version + "\n")
	}
	return b.String()
}

// DevicesVersion identifies the present files with devices by their names, sizes and
// times. It is empty without [Config.DevicesFiles]. It takes as long as the disk, but
// at most ten seconds.
func (c *Config) DevicesVersion() (string, error) {
	if c.files == nil {
		return "", nil
	}
	all, _, err := listFiles(c.files.name, c.DevicesFiles)
	return versionOf(all), err
}

// DevicesRead returns what [Config.DevicesVersion] returned when c was read.
func (c *Config) DevicesRead() string {
	if c.files == nil {
		return ""
	}
	return c.files.version
}

// Reread returns c with the present content of the files with devices. It returns the
// errors that [Load] does, if something else that the configuration names is not as
// it was.
func (c *Config) Reread() (*Config, error) {
	if c.files == nil {
		return c, nil
	}
	return load(c.files.name, c.files.source, c.files.defaults)
}

// DevicesError returns why the files with devices could not be used, or nil: every
// mistake in them, as [Load] returns those of the configuration file. Then Devices
// lacks the devices of all of them.
func (c *Config) DevicesError() error {
	if c.files == nil {
		return nil
	}
	var errs []error
	for _, text := range c.files.wrong {
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}

// FileDevices returns the devices that are from other files. They are the last of
// Devices.
func (c *Config) FileDevices() []identity.Device {
	if c.files == nil {
		return nil
	}
	return c.files.devices
}

// KeepDevices takes the devices of files over from last, if those of c could not be
// used. A name or address that c has as well belongs to the device of c.
func (c *Config) KeepDevices(last *Config) {
	if kept := last.FileDevices(); c.DevicesError() != nil {
		c.files.devices = kept
		c.Devices = slices.Concat(c.Devices, kept)
	}
}

// withDevices returns the configuration in a file with the devices of other files,
// given what was read without them, or the latter if they cannot be used.
func withDevices(without *Config, f *files) *Config {
	without.files = f
	all, unmatched, err := listFiles(f.name, without.DevicesFiles)
	f.version = versionOf(all)
	if err != nil {
		f.wrong = []string{err.Error()}
		return without
	}
	c, d, own := newConfig(f.defaults), newDocument(f.name, scalars()), len(without.Devices)
	root := d.parse(f.source)
	for _, file := range all {
		d.readDevices(root, file.name)
	}
	d.readNode(root, c)
	check := checker{d, c}
	check.all()
	for _, i := range unmatched {
		d.warn(&c.DevicesFiles[i], "no file is called, or matches, %q; its devices are missing until there is one", c.DevicesFiles[i])
	}
	for _, err := range d.inOrder(d.problems) {
		f.wrong = append(f.wrong, err.Error())
	}
	if len(f.wrong) > 0 {
		return without
	}
	for _, w := range d.inOrder(d.warnings) {
		c.warnings = append(c.warnings, w.Error())
	}
	c.files, f.devices = f, c.Devices[min(own, len(c.Devices)):]
	return c
}

// readDevices reads a file with devices and adds them to the key devices of the
// configuration, whose root is given.
func (d *document) readDevices(root *yaml.Node, name string) {
	data, err := readFile(name)
	if err != nil {
		d.reportAt(position{name, "", &yaml.Node{Line: 1}}, "%w", withoutName(err, name))
		return
	}
	d.addDevices(root, name, data)
}

// addDevices is readDevices for a file that has been read.
func (d *document) addDevices(root *yaml.Node, name string, data []byte) {
	for _, p := range d.parseDevices(name, data) {
		list := devicesNode(root)
		list.Content = append(list.Content, p.node)
		d.origins[p.node] = p
	}
}

// withoutName returns an error of [readFile] without the name of the file, with a
// remedy.
func withoutName(err error, name string) error {
	if wrong := (*os.PathError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf("%w; make it readable, or change devices_files", wrong.Err)
	}
	return errors.New(strings.TrimLeft(strings.TrimPrefix(err.Error(), name), ": "))
}

// devicesNode returns the list of devices in a configuration, which it adds if there
// is none.
func devicesNode(root *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "devices" {
			if value := root.Content[i+1]; value.Kind == yaml.AliasNode { // Its list must stay as it is elsewhere.
				root.Content[i+1] = new(*value.Alias)
				root.Content[i+1].Content = slices.Clone(value.Alias.Content)
			}
			return root.Content[i+1]
		}
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: 1}
	root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "devices", Line: 1}, list)
	return list
}

// parseDevices returns where the devices of a file stand, whose format is that of its
// name. It reports mistakes of the format.
func (d *document) parseDevices(name string, data []byte) []position {
	file := newDocument(name, nil)
	var root *yaml.Node
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	parse, ok := map[string]func([]byte) *yaml.Node{
		".yml": file.parse, ".yaml": file.parse, ".json": file.parseJSON, ".csv": file.parseCSV,
	}[strings.ToLower(filepath.Ext(name))]
	switch {
	case !ok:
		file.reportAt(file.line1(), "%q does not end in .yml, .yaml, .json or .csv; rename the file, or change devices_files", filepath.Base(name))
	case len(bytes.TrimSpace(data)) == 0: // The output of a failed export must not end the inventory.
		file.reportAt(file.line1(), "is empty; write its devices, or remove the file")
	case file.checkUTF8(data):
		root = parse(data)
	}
	d.problems = append(d.problems, file.problems...)
	d.warnings = append(d.warnings, file.warnings...)
	if root == nil || len(file.problems) > 0 {
		return nil
	}
	path := ""
	if root.Kind == yaml.MappingNode && len(root.Content) == 2 && root.Content[0].Value == "devices" {
		path, root = "devices", root.Content[1]
	}
	if path != "" && root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil
	}
	if root.Kind != yaml.SequenceNode {
		d.reportAt(position{name, path, root}, "is not a list of devices; write one, or the key devices with one")
		return nil
	}
	var devices []position
	for i, item := range root.Content {
		devices = append(devices, position{name, fmt.Sprintf("%s[%d]", path, i), item})
	}
	return devices
}
