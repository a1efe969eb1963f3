package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type stateFlags struct {
	path            string
	file            string
	device          string
	component, unit string
	hasUnit         bool
	labels          map[string]string
}

// storageFlag adds the flag shared by serve and the state commands. More is what help
// adds for a command.
func storageFlag(cmd *kingpin.CmdClause, path *string, more string) {
	cmd.Flag("storage.path", "Directory of the state file, which preserves the state of all devices over restarts."+more).
		Default("data/").StringVar(path)
}

func stateDumpCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f stateFlags
	cmd := stateParent(app).Command("dump", "Print the state file in the Prometheus text format, each series with the time it was last set. The exporter must be stopped.")
	storageFlag(cmd, &f.path, " The packages have it in /var/lib/ftd_exporter.")
	cmd.Arg("file", "A state file to print instead, such as a backup.").StringVar(&f.file)
	return cmd, f.dump
}

func stateForgetCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	f := stateFlags{labels: map[string]string{}}
	cmd := stateParent(app).Command("forget", "Remove a device, or a part of it, from the state file, and print the series of a part. The exporter must be stopped.")
	storageFlag(cmd, &f.path, " The packages have it in /var/lib/ftd_exporter.")
	cmd.Flag("component", "Remove only the parts with this label component, such as fan.").PlaceHolder("NAME").StringVar(&f.component)
	cmd.Flag("unit", "Remove only the parts with this label unit, such as 2.").PlaceHolder("UNIT").IsSetByUser(&f.hasUnit).StringVar(&f.unit)
	cmd.Flag("label", "Remove only the parts with this label, such as resource=management_session. Repeatable.").PlaceHolder("NAME=VALUE").StringMapVar(&f.labels)
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

// load returns a table with what a state file has: everything, without expiry and
// limits.
func (f *stateFlags) load(s streams, o state.Options) (*state.Table, error) {
	o.CapacityExpiry = time.Duration(math.MaxInt64) / 2
	o.Limits = state.Limits{Devices: math.MaxInt, SeriesPerMetric: math.MaxUint16, Series: math.MaxInt, LabelBytes: math.MaxInt, LabelBytesPerDevice: math.MaxInt}
	_, table, err := newTable(o)
	if err != nil {
		return nil, err
	}
	result, err := store.Load(cmp.Or(f.file, f.path), table)
	if err != nil {
		return nil, err
	}
	if n := result.Skipped; n > 0 {
		fmt.Fprintf(s.err, "skipped %d series that this version does not support\n", n)
	}
	if n := result.Damaged; n > 0 {
		fmt.Fprintf(s.err, "left out %d series that are damaged or missing\n", n)
	}
	if result.CutOff {
		fmt.Fprintln(s.err, "the last write was cut off, or is damaged; this is the state before it")
	}
	return table, nil
}

func (f *stateFlags) dump(_ context.Context, s streams) error {
	table, err := f.load(s, state.Options{Timestamps: true})
	if err != nil {
		return err
	}
	return table.WriteText(s.out)
}

func (f *stateFlags) forget(_ context.Context, s streams) error {
	table, err := f.load(s, state.Options{Persist: true})
	if err != nil {
		return err
	}
	table.TakeChanges() // The file has them.
	labels := f.labels
	if f.component != "" {
		labels["component"] = f.component
	}
	if f.hasUnit {
		labels["unit"] = f.unit
	}
	found, removed := false, []state.SeriesName(nil)
	if len(labels) == 0 {
		found = table.Forget(f.device)
	} else if removed, found, err = table.ForgetPart(f.device, labels); err != nil {
		return err
	}
	switch {
	case !found:
		return fmt.Errorf("%s: there is no device %q", f.path, f.device)
	case len(labels) > 0 && len(removed) == 0:
		return fmt.Errorf("%s: device %q does not have a part with these labels; state dump shows what it has", f.path, f.device)
	}
	changes := table.TakeChanges()
	changes.Seen = nil
	if err := store.Write(f.path, changes); err != nil {
		return err
	}
	for _, x := range removed {
		fmt.Fprintf(s.out, "forgot %s\n", seriesText(f.device, x))
	}
	if len(removed) == 0 {
		fmt.Fprintf(s.out, "forgot %s\n", f.device)
	}
	return nil
}

// seriesText returns a series as Prometheus spells it.
func seriesText(device string, x state.SeriesName) string {
	labels := []string{fmt.Sprintf("device=%q", device)}
	for _, name := range slices.Sorted(maps.Keys(x.Labels)) {
		labels = append(labels, fmt.Sprintf("%s=%q", name, x.Labels[name]))
	}
	return x.Metric + "{" + strings.Join(labels, ",") + "}"
}
