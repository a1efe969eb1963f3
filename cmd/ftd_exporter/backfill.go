package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type backfillFlags struct {
	lines  lineFlags
	opts   history.BackfillOptions
	labels []string
	maxGap model.Duration
	output string
	files  []string
}

const backfillHelp = `Convert archived logs into history for Prometheus, with the devices' own timestamps.

--output=DIR writes blocks, which take less than a byte for each sample, into a new or empty directory. Move them into Prometheus' data directory, with Prometheus' user as owner; Prometheus finds them within a minute. It deletes them at once if they are older than its retention (--storage.tsdb.retention.time). The last three hours belong to Prometheus itself: leave them out. The program ftd_exporter_blocks, which is part of every package and archive, writes the blocks.

--output=FILE.om writes OpenMetrics text, which takes about 120 bytes for each sample, for promtool tsdb create-blocks-from openmetrics. For logs that span many days, run promtool with --max-block-duration=162h; by default it reads the file once for every two hours of data.

Timestamps without a time zone are read in the time zone that the configuration file gives to the device, or else in the time zone of this machine; set TZ to change it.`

func backfillCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f backfillFlags
	cmd := app.Command("backfill", backfillHelp)
	cmd.Flag("output", "Directory for blocks, new or empty, or, with a name that ends in .om, file for OpenMetrics text.").
		Required().PlaceHolder("DIR|FILE.om").StringVar(&f.output)
	f.lines.add(cmd)
	cmd.Flag("label", "Label to add to every series, as Prometheus does when it scrapes; repeatable. The dashboards join the history with the live metrics of the exporter whose job and instance it has. Without a value, a default is left out.").
		Default("job=ftd", "instance=backfill").PlaceHolder("NAME=VALUE").StringsVar(&f.labels)
	cmd.Flag("interval", "Time between two samples of metrics that count messages. Metrics of hardware and capacity are sampled at the time of each message.").
		Default("1m").DurationVar(&f.opts.Interval)
	cmd.Flag("refresh", "Time after which a series that has not changed is sampled again; at most 4m, because Prometheus considers a series ended 5m after its last sample.").
		Default("4m").DurationVar(&f.opts.Refresh)
	cmd.Flag("window", "How late a line may appear in a log and still be put in order. Lines that are later are dropped.").
		Default("1h").DurationVar(&f.opts.Window)
	cmd.Flag("max-gap", "How far ahead of all lines before it a timestamp is believed at once. A line that is further ahead has a wrong clock and gets the time of the line before, unless 20 lines in a row agree: then the log has a gap, and so do the series. 0 believes every timestamp and fills gaps of any length with samples.").
		Default("30d").SetValue(&f.maxGap)
	cmd.Arg("file", "Log files, oldest first, with one message per line; - is standard input. Files compressed with gzip or zstd are decompressed.").
		Required().StringsVar(&f.files)
	return cmd, f.run
}

// A backfillOutput is what a backfill writes its samples to.
type backfillOutput interface {
	history.Sink
	// finish writes what is left to where it belongs. It returns the number of
	// blocks, if it writes blocks, and of bytes.
	finish(ctx context.Context, b *history.Backfill) (blocks int, bytes int64, err error)
	// close leaves nothing behind of an output that is not finished.
	close() error
}

func (f *backfillFlags) run(ctx context.Context, s streams) (err error) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		return err
	}
	conf, err := f.lines.config(s.err)
	if err != nil {
		return err
	}
	if f.opts.Labels, err = parseLabels(f.labels); err != nil {
		return err
	}
	start := time.Now()
	f.opts.MaxGap = time.Duration(f.maxGap)
	f.opts.Config, f.opts.DefaultDevice = conf.Ingest(), f.lines.defaultDevice
	out, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, out.close())
		if ctx.Err() != nil && err != nil {
			err = errors.New("interrupted; nothing was written")
		}
	}()
	b, err := history.NewBackfill(c, func(o state.Options) (*state.Table, error) { return configuredTable(c, conf, o) }, out, f.opts)
	if err != nil {
		return err
	}
	b.JSONField = f.lines.jsonField
	for _, name := range f.files {
		if err := f.read(ctx, b, cmp.Or(name, "-"), s); err != nil {
			return err
		}
	}
	if isTerminal(s.err) {
		fmt.Fprintf(s.err, "writing %s\n", f.output)
	}
	err = b.Finish(ctx)
	writeUnread(s.err, &b.Lines)
	if err != nil {
		return err
	}
	blocks, size, err := out.finish(ctx, b)
	if err != nil {
		return err
	}
	writeSummary(s.err, &b.Summary.Summary, time.Since(start))
	writeBackfillSummary(s.err, &b.Summary, blocks, size)
	return nil
}

// open checks before hours of work whether the output can be written, and opens
// it.
func (f *backfillFlags) open(ctx context.Context) (backfillOutput, error) {
	if strings.HasSuffix(f.output, ".om") {
		if err := f.checkFile(); err != nil {
			return nil, err
		}
		text, err := history.NewOpenMetrics(filepath.Dir(f.output), samplesInMemory)
		return &textOutput{text, f.output}, err
	}
	if info, err := os.Stat(f.output); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("--output=%s: is a file; name a new directory for blocks, or a file that ends in .om for OpenMetrics text", f.output)
	}
	return startBlocks(ctx, f.output)
}

// parseLabels reads labels as NAME=VALUE. The last of a name counts.
func parseLabels(args []string) ([]samples.Label, error) {
	values := map[string]string{"job": "ftd", "instance": "backfill"}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok || !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, "__"):
			return nil, fmt.Errorf("--label=%s: must be NAME=VALUE, with a name of letters, digits and underscores", arg)
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("--label=%s: the value is not valid UTF-8", arg)
		}
		values[name] = value
	}
	var labels []samples.Label
	for name, value := range values {
		if value != "" {
			labels = append(labels, samples.Label{Name: name, Value: value})
		}
	}
	return labels, nil
}

// samplesInMemory is how many samples wait in memory before they are written to a
// temporary file.
const samplesInMemory = 1 << 20

// A textOutput writes OpenMetrics text to a file.
type textOutput struct {
	*history.OpenMetrics
	name string
}

func (o *textOutput) finish(ctx context.Context, b *history.Backfill) (blocks int, bytes int64, err error) {
	err = createFile(o.name, func(w io.Writer) (err error) {
		bytes, err = o.WriteTo(ctx, b.Table(), w)
		return err
	})
	return 0, bytes, err
}

func (o *textOutput) close() error { return o.Close() }

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

// checkFile checks whether the output can be written as a file.
func (f *backfillFlags) checkFile() error {
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

func writeBackfillSummary(w io.Writer, sum *history.BackfillSummary, blocks int, size int64) {
	fmt.Fprintf(w, "from          %s\n", sum.From.Format(time.RFC3339))
	fmt.Fprintf(w, "to            %s\n", sum.To.Format(time.RFC3339))
	fmt.Fprintf(w, "series        %d\n", sum.Series)
	fmt.Fprintf(w, "samples       %d\n", sum.Samples)
	if blocks > 0 {
		fmt.Fprintf(w, "blocks        %d\n", blocks)
	}
	fmt.Fprintf(w, "size          %d bytes\n", size)
	for _, x := range []struct {
		name, hint string
		n          int64
	}{
		{"late", "dropped; name the files oldest first, or raise --window", sum.Late},
		{"no time", "dropped; they precede the first line with a time", sum.NoTime},
		{"bad time", "read with the time of the line before; clocks were not set, or more than --max-gap ahead: raise it for a log in which months without a line are normal", sum.BadTime},
		{"gaps", "longer than --max-gap; series end before and begin anew after each", sum.Gaps},
		{"evicted", "put in order within less than --window to save memory", sum.Evicted},
		{"refused", "updates lost to the limits on devices and series", int64(sum.Refused)},
	} {
		if x.n > 0 || x.name == "late" {
			fmt.Fprintf(w, "%-13s %d (%s)\n", x.name, x.n, x.hint)
		}
	}
}
