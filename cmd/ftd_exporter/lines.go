package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// lineFlags are the flags of the commands that read lines of a log.
type lineFlags struct {
	configFile    string
	defaultDevice string
	jsonField     string
}

func (f *lineFlags) add(cmd *kingpin.CmdClause) {
	configFlag(cmd, &f.configFile, "The exporter's configuration file. With it, devices have the same names as in the exporter.")
	cmd.Flag("default-device", "Device name for lines that do not contain a host name.").
		Default("replay").PlaceHolder("NAME").StringVar(&f.defaultDevice)
	cmd.Flag("json-field", "Read lines of JSON, and the message in this field of each: a name, or a path such as log.original. Each line is an object; an array of objects may be on one line, or have each on a line of its own.").
		PlaceHolder("NAME").StringVar(&f.jsonField)
	cmd.Flag("peer", "Former name of --default-device.").Hidden().StringVar(&f.defaultDevice)
}

// config returns the configuration, which applies to lines of a log just as to
// messages from the network. Warnings go to w.
func (f *lineFlags) config(w io.Writer) (*config.Config, error) {
	if f.defaultDevice == "" {
		return nil, errors.New("--default-device is empty; name the device of lines that do not name a host")
	}
	defaults := config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())})
	if f.configFile == "" {
		return defaults, nil
	}
	c, err := config.Load(f.configFile, defaults)
	if err == nil {
		err = c.DevicesError()
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range c.Warnings() {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	return c, nil
}

// pipeline returns a pipeline into an empty table, and the table. Warnings about
// the configuration go to w.
func (f *lineFlags) pipeline(w io.Writer, opts state.Options) (*ingest.Pipeline, *state.Table, error) {
	conf, err := f.config(w)
	if err != nil {
		return nil, nil, err
	}
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		return nil, nil, err
	}
	table, err := configuredTable(c, conf, opts)
	if err != nil {
		return nil, nil, err
	}
	p, err := ingest.New(c, table, ingest.Options{Now: opts.Now})
	if err != nil {
		return nil, nil, err
	}
	p.Configure(conf.Ingest())
	return p, table, nil
}

// configuredTable returns an empty table with the configured limits and expiries.
func configuredTable(c *catalog.Catalog, conf *config.Config, opts state.Options) (*state.Table, error) {
	opts.Limits = conf.Limits.Table()
	table, err := state.New(c, collectors.All(), opts)
	if err != nil {
		return nil, err
	}
	return table, table.SetExpiry(conf.Expiry.Collectors)
}
