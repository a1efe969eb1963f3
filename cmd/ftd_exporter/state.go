package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
)

type stateFlags struct {
	path   string
	file   string
	device string
}

// storageFlag adds the flag shared by serve and the state commands.
func storageFlag(cmd *kingpin.CmdClause, path *string) {
	cmd.Flag("storage.path", "Directory of the state file, which preserves the state of all devices over restarts. Empty keeps the state in memory only.").
		Default("data/").StringVar(path)
}

func stateDumpCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f stateFlags
	cmd := stateParent(app).Command("dump", "Print the state file in the Prometheus text format, each series with the time it was last set. The exporter must be stopped.")
	storageFlag(cmd, &f.path)
	cmd.Arg("file", "A state file to print instead, such as a backup.").StringVar(&f.file)
	return cmd, f.dump
}

func stateForgetCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f stateFlags
	cmd := stateParent(app).Command("forget", "Remove a device from the state file. The exporter must be stopped.")
	storageFlag(cmd, &f.path)
	cmd.Arg("device", "The device name, as in the label device.").Required().StringVar(&f.device)
	return cmd, f.forget
}

// stateParent returns the command "state", the parent of dump and forget.
func stateParent(app *kingpin.Application) *kingpin.CmdClause {
	if cmd := app.GetCommand("state"); cmd != nil {
		return cmd
	}
	return app.Command("state", "Show or edit the state file while the exporter is stopped.")
}

func (f *stateFlags) dump(_ context.Context, s streams) error {
	_, table, err := newTable(state.Options{
		// Show everything: no expiry, no limits.
		CapacityExpiry: time.Duration(math.MaxInt64) / 2, Timestamps: true,
		Limits: state.Limits{Devices: math.MaxInt, SeriesPerMetric: math.MaxUint16, Series: math.MaxInt},
	})
	if err != nil {
		return err
	}
	result, err := store.Load(cmp.Or(f.file, f.path), table)
	if err != nil {
		return err
	}
	if n := result.Skipped; n > 0 {
		fmt.Fprintf(s.err, "skipped %d series that this version does not support\n", n)
	}
	if n := result.Damaged; n > 0 {
		fmt.Fprintf(s.err, "skipped %d series that are damaged or missing\n", n)
	}
	if result.CutOff {
		fmt.Fprintln(s.err, "the last write was cut off, or is damaged; this is the state before it")
	}
	return table.WriteText(s.out)
}

func (f *stateFlags) forget(_ context.Context, s streams) error {
	if err := store.Forget(f.path, f.device); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "forgot %s\n", f.device)
	return nil
}
