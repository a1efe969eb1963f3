package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type backfillFlags struct {
	lines  lineFlags
	opts   history.BackfillOptions
	maxGap model.Duration
	output string
	files  []string
}

func backfillCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f backfillFlags
	cmd := app.Command("backfill", "Convert archived logs into an OpenMetrics file with the devices' own timestamps. promtool tsdb create-blocks-from openmetrics converts that file into blocks for Prometheus. Timestamps without a time zone are read in the time zone that the configuration file gives to the device, or else in that of this machine; set TZ to change it. For logs that span many days, run promtool with --max-block-duration=162h; by default it reads the file once for every two hours of data.")
	cmd.Flag("output", "File to write.").
		Required().PlaceHolder("FILE.om").StringVar(&f.output)
	f.lines.add(cmd)
	cmd.Flag("interval", "Time between two samples of metrics that count messages. Metrics of hardware and capacity are sampled at the time of each message.").
		Default("1m").DurationVar(&f.opts.Interval)
	cmd.Flag("window", "How late a line may appear in a log and still be put in order. Lines that are later are dropped.").
		Default("1h").DurationVar(&f.opts.Window)
	cmd.Flag("max-gap", "How far ahead of all lines before it a timestamp is believed at once. A line that is further ahead has a wrong clock and gets the time of the line before, unless 20 lines in a row agree: then the log has a gap, and so do the series. 0 believes every timestamp and fills gaps of any length with samples.").
		Default("30d").SetValue(&f.maxGap)
	cmd.Arg("file", "Log files, oldest first, with one message per line; - is standard input. Files compressed with gzip or zstd are decompressed.").
		Required().StringsVar(&f.files)
	return cmd, f.run
}

func (f *backfillFlags) run(ctx context.Context, s streams) (err error) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		return err
	}
	if err := f.checkOutput(); err != nil {
		return err
	}
	conf, err := f.lines.config(s.err)
	if err != nil {
		return err
	}
	start := time.Now()
	f.opts.MaxGap = time.Duration(f.maxGap)
	f.opts.Config, f.opts.DefaultDevice, f.opts.Dir = conf.Ingest(), f.lines.defaultDevice, filepath.Dir(f.output)
	b, err := history.NewBackfill(c, func(o state.Options) (*state.Table, error) { return configuredTable(c, conf, o) }, f.opts)
	if err != nil {
		return err
	}
	b.JSONField = f.lines.jsonField
	defer func() { err = errors.Join(err, b.Close()) }()
	defer func() {
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted; nothing was written")
		}
	}()
	for _, name := range f.files {
		if err := f.read(ctx, b, cmp.Or(name, "-"), s); err != nil {
			return err
		}
	}
	var size int64
	if isTerminal(s.err) {
		fmt.Fprintf(s.err, "writing %s\n", f.output)
	}
	err = createFile(f.output, func(w io.Writer) (err error) {
		size, err = b.Finish(ctx, w)
		return err
	})
	writeUnread(s.err, &b.Lines)
	if err != nil {
		return err
	}
	writeSummary(s.err, &b.Summary.Summary, time.Since(start))
	writeBackfillSummary(s.err, &b.Summary, size)
	return nil
}

func (f *backfillFlags) read(ctx context.Context, b *history.Backfill, name string, s streams) error {
	log, err := history.Open(name, s.in)
	if err != nil {
		return err
	}
	defer log.Close()
	b.Open(name)
	if isTerminal(s.err) {
		stop := showProgress(s.err, name, log, &b.Summary.Summary)
		defer stop()
	}
	if err := b.Read(ctx, log, log.Modified); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// checkOutput checks before hours of work whether the output file can be
// written.
func (f *backfillFlags) checkOutput() error {
	output, err := os.Stat(f.output)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !output.Mode().IsRegular() {
		return fmt.Errorf("--output=%s: is not a regular file; name a file to write", f.output)
	}
	for _, name := range f.files {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, output) {
			return fmt.Errorf("--output=%s: is one of the logs; name another file", f.output)
		}
	}
	return nil
}

func writeBackfillSummary(w io.Writer, sum *history.BackfillSummary, size int64) {
	fmt.Fprintf(w, "from          %s\n", sum.From.Format(time.RFC3339))
	fmt.Fprintf(w, "to            %s\n", sum.To.Format(time.RFC3339))
	fmt.Fprintf(w, "series        %d\n", sum.Series)
	fmt.Fprintf(w, "samples       %d\n", sum.Samples)
	fmt.Fprintf(w, "size          %d bytes\n", size)
	for _, x := range []struct {
		name, hint string
		n          int64
	}{
		{"late", "dropped; name the files oldest first, or raise --window", sum.Late},
		{"no time", "dropped; they precede the first line with a time", sum.NoTime},
		{"bad time", "read with the time of the line before; clocks were not set, or more than --max-gap ahead", sum.BadTime},
		{"gaps", "longer than --max-gap; series end before and begin anew after each", sum.Gaps},
		{"evicted", "put in order within less than --window to save memory", sum.Evicted},
		{"refused", "updates lost to the limits on devices and series", int64(sum.Refused)},
	} {
		if x.n > 0 || x.name == "late" {
			fmt.Fprintf(w, "%-13s %d (%s)\n", x.name, x.n, x.hint)
		}
	}
}
