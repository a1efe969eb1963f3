package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/bench"
)

type benchFlags struct {
	workload   bench.Workload
	writeLines string
}

const benchHelp = `Measure what the exporter costs, with generated lines.

The lines are those of many firewalls: a tenth of them are about hardware, quotas, threat rates and cluster load, the others are what firewalls say all day long. Equal flags give equal lines, on average 205 bytes long.`

func benchCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f benchFlags
	cmd := app.Command("bench", benchHelp)
	cmd.Flag("lines", "Number of lines, 1 to 10000000.").
		Default("1000000").IntVar(&f.workload.Lines)
	cmd.Flag("devices", "Number of firewalls that send them, 1 to 10000.").
		Default("200").IntVar(&f.workload.Devices)
	cmd.Flag("seed", "Picks the lines.").
		Default("1").Uint64Var(&f.workload.Seed)
	cmd.Flag("write-lines", "Write the lines into this file, and measure nothing.").
		PlaceHolder("FILE").StringVar(&f.writeLines)
	return cmd, f.run
}

func (f *benchFlags) run(_ context.Context, _ streams) error {
	if err := f.workload.Validate(); err != nil {
		return err
	}
	if f.writeLines != "" {
		return f.write()
	}
	return errors.New("name a file for the lines with --write-lines")
}

func (f *benchFlags) write() error {
	out, err := os.Create(f.writeLines)
	if err != nil {
		return err
	}
	if _, err := f.workload.Generate().WriteTo(out); err != nil {
		return errors.Join(fmt.Errorf("--write-lines: %w", err), out.Close())
	}
	return out.Close()
}
