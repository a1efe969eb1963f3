package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/bench"
)

type benchFlags struct {
	options    bench.Options
	only       string
	output     string
	writeLines string
}

const benchHelp = `Measure what the exporter costs, in CPU-seconds, lost datagrams and memory.

It generates the lines of many firewalls, the same for equal flags: on average 205 bytes, a tenth of them about hardware, quotas, threat rates and cluster load, the others what firewalls say all day long. It starts this program as an exporter of its own, on free ports of 127.0.0.1 and with a state file in the directory for temporary files, and sends it the lines in several ways. It needs no network, talks to no exporter that runs, and ends by itself, after some ten minutes with the default flags. Beside each figure is that of a sink in Go that only receives and counts: nothing in Go is cheaper.

The parts, for --only:

	file      replay reads the lines from a file
	tcp       over 1 and 16 connections, as fast as they are read
	udp       as datagrams at each --rate, and as fast as possible
	lossless  the highest rate of datagrams at which none is lost
	scrape    a table of --series: text, OpenMetrics, gzip, zstd; then what is lost at each --rate while one scrape follows the other

CPU time is that of the exporter's process, user and system, until it has read everything and what must be on disk at once is there. The status is 1 if counts do not add up, that is, unless every line that was sent has been received or counted as dropped, and every line received is in the table.

Measure on a quiet machine, and on two cores at least. In haste:

	ftd_exporter bench --runs=1 --only=tcp,file

Measuring needs Linux; --write-lines works everywhere.`

func benchCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f benchFlags
	cmd := app.Command("bench", benchHelp)
	cmd.Flag("only", "What to measure, separated by commas: some of "+strings.Join(bench.Parts(), ",")+".").
		PlaceHolder("PARTS").StringVar(&f.only)
	cmd.Flag("runs", "How often to measure, 1 to 100; the report has the median, the least and the most.").
		Default("5").IntVar(&f.options.Runs)
	cmd.Flag("lines", "Number of lines, 1 to 10000000.").
		Default("1000000").IntVar(&f.options.Workload.Lines)
	cmd.Flag("devices", "Number of firewalls that send them, 1 to 10000.").
		Default("200").IntVar(&f.options.Workload.Devices)
	cmd.Flag("seed", "Picks the lines.").
		Default("1").Uint64Var(&f.options.Workload.Seed)
	cmd.Flag("rate", "Lines a second of paced datagrams. Repeatable.").
		Default("10000", "200000").Float64ListVar(&f.options.Rates)
	cmd.Flag("max-time", "How long a run sends paced datagrams at most; a slow rate sends fewer lines.").
		Default("10s").DurationVar(&f.options.MaxTime)
	cmd.Flag("series", "Number of series for the scrapes, up to 50 for each of 10000 devices and then more for each.").
		Default("500000").IntVar(&f.options.Series)
	cmd.Flag("exporter", "Program to measure, for instance another version; this one by default.").
		PlaceHolder("FILE").StringVar(&f.options.Exporter)
	cmd.Flag("output", "Format of the report. One of: [text, markdown, json]").
		Default("text").EnumVar(&f.output, "text", "markdown", "json")
	cmd.Flag("write-lines", "Write the lines into this file, and measure nothing.").
		PlaceHolder("FILE").StringVar(&f.writeLines)
	return cmd, f.run
}

func (f *benchFlags) run(ctx context.Context, s streams) error {
	if f.only != "" {
		f.options.Only = strings.Split(f.only, ",")
	}
	if err := f.options.Validate(); err != nil {
		return err
	}
	if f.writeLines != "" {
		return f.write()
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	f.options.Exporter = cmp.Or(f.options.Exporter, self)
	f.options.Sink = []string{self, sinkName}
	f.options.Progress = s.err
	report, err := bench.Run(ctx, f.options)
	if err != nil {
		return err
	}
	write := map[string]func() error{
		"text":     func() error { return report.Text(s.out) },
		"markdown": func() error { return report.Markdown(s.out) },
		"json":     func() error { return report.JSON(s.out) },
	}[f.output]
	if err := write(); err != nil {
		return err
	}
	if n := len(report.Problems); n > 0 {
		return fmt.Errorf("counts do not add up: %s", report.Problems[0])
	}
	return nil
}

func (f *benchFlags) write() error {
	out, err := os.Create(f.writeLines)
	if err != nil {
		return err
	}
	if _, err := f.options.Workload.Generate().WriteTo(out); err != nil {
		return errors.Join(fmt.Errorf("--write-lines: %w", err), out.Close())
	}
	return out.Close()
}

// sinkName is a command for bench only. Its flags are those of serve.
const sinkName = "bench-sink"

type sinkFlags struct{ listen, web, file string }

func sinkCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f sinkFlags
	cmd := app.Command(sinkName, "Receive and count, for bench.").Hidden()
	cmd.Flag("syslog.listen-address", "Where to receive.").StringVar(&f.listen)
	cmd.Flag("web.listen-address", "Where to tell how much.").StringVar(&f.web)
	cmd.Arg("file", "What to read instead.").StringVar(&f.file)
	return cmd, f.run
}

func (f *sinkFlags) run(ctx context.Context, s streams) error {
	if f.file != "" {
		return bench.SinkFile(f.file, s.err)
	}
	return bench.Sink(ctx, f.listen, f.web)
}
