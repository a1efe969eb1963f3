package main

import (
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
}

func (f *lineFlags) add(cmd *kingpin.CmdClause) {
	configFlag(cmd, &f.configFile, "Configuration file of the exporter, so that devices have the same names here.")
	cmd.Flag("default-device", "Device of lines that do not name a host.").
		Default("replay").PlaceHolder("NAME").StringVar(&f.defaultDevice)
	cmd.Flag("peer", "Former name of --default-device.").Hidden().StringVar(&f.defaultDevice)
}

// config returns the configuration, which applies to lines of a log as it does
// to messages. Warnings go to w.
func (f *lineFlags) config(w io.Writer) (*config.Config, error) {
	defaults := config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())})
	if f.configFile == "" {
		return defaults, nil
	}
	c, err := config.Load(f.configFile, defaults)
	if err != nil {
		return nil, err
	}
	for _, warning := range c.Warnings() {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	return c, nil
}

// pipeline returns the way of lines into an empty table, and the table. Warnings
// about the configuration go to w.
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
