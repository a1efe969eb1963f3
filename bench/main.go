// Command bench measures the cost of ftd_exporter. It generates the lines of
// firewalls, sends them over loopback to an exporter process that it starts,
// reads the CPU time and the counters of that process, and compares them with a
// sink that only receives and counts:
//
//	make bench-wire
//
// Measuring needs Linux, because it reads costs and losses from /proc; the lines
// are the same everywhere.
//
// The program is for contributors and not part of a release. It uses the
// exporter's command line and metrics, and imports only the package simulator;
// nothing imports bench.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run parses args, measures and returns the exit status: 0 on success, 1 if
// measuring failed or counts do not add up, 2 if args are wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	execute := runBench
	if len(args) > 0 && args[0] == sinkCommand {
		execute, args = runSink, args[1:]
	}
	err := execute(ctx, args, stdout, stderr)
	var wrong *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "bench: %v; try --help\n", err)
		return 2
	}
	fmt.Fprintf(stderr, "bench: %v\n", err)
	return 1
}

// A usageError is a wrong command line.
type usageError struct{ error }

// parse parses the flags of app. It reports whether there is nothing to do,
// because the user asked for help.
func parse(app *kingpin.Application, args []string, stdout, stderr io.Writer) (helped bool, err error) {
	app.HelpFlag.Short('h')
	app.UsageWriter(stdout).ErrorWriter(stderr)
	// Kingpin calls Terminate after --help.
	app.Terminate(func(int) { helped = true })
	if _, err := app.Parse(args); err != nil && !helped {
		return false, &usageError{err}
	}
	return helped, nil
}

const help = `Measure the cost of the exporter, in CPU-seconds, lost datagrams and memory.

It generates the lines of many firewalls, the same for equal flags: 205 bytes on average, a tenth of them about hardware, quotas, threat rates and cluster load, the others ordinary traffic. It starts an exporter on free ports of 127.0.0.1, with a state file in a temporary directory, and sends it the lines in several ways. It needs no network, does not affect an exporter that is already running, and takes about ten minutes with the default flags. For comparison, each row also has the result of a minimal Go program that only receives and counts.

The parts, for --only:

	file      replay reads the lines from a file
	tcp       over 1 and 16 connections, as fast as they are read
	udp       as datagrams at each --rate, and as fast as possible
	lossless  the highest rate of datagrams without loss
	scrape    a table of --series: text, OpenMetrics, gzip, zstd; then the losses at each --rate during back-to-back scrapes

CPU time is the user and system time of the exporter's process until it has read everything and has committed hardware states to disk. The exit status is 1 if counts do not add up: every line sent must be received or counted as dropped, and every line received must be in the table.

Measure on an idle machine with at least two cores. For a quick run:

	bench --runs=1 --only=tcp,file

Measuring needs Linux; --write-lines works everywhere.`

func runBench(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	app := kingpin.New("bench", help)
	o := options{progress: stderr}
	only := app.Flag("only", "Parts to measure, separated by commas: "+strings.Join(parts(), ",")+". Default: all.").
		PlaceHolder("PARTS").String()
	app.Flag("runs", "Number of runs, 1 to 100; the report has the median, the minimum and the maximum.").
		Default("5").IntVar(&o.runs)
	app.Flag("lines", "Number of lines, 1 to 10000000.").
		Default("1000000").IntVar(&o.workload.Lines)
	app.Flag("devices", "Number of firewalls that send them, 1 to 10000.").
		Default("200").IntVar(&o.workload.Devices)
	app.Flag("seed", "Seed of the lines: equal seeds give equal lines.").
		Default("1").Uint64Var(&o.workload.Seed)
	app.Flag("rate", "Lines per second of paced datagrams. Repeatable.").
		Default("10000", "200000").Float64ListVar(&o.rates)
	app.Flag("max-time", "Maximum time that a run sends paced datagrams; at a low rate it sends fewer lines.").
		Default("10s").DurationVar(&o.maxTime)
	app.Flag("series", "Number of series for the scrapes: up to 50 for each of 10000 devices, then more for each device.").
		Default("500000").IntVar(&o.series)
	app.Flag("exporter", "Program to measure.").
		Default("./ftd_exporter").StringVar(&o.exporter)
	output := app.Flag("output", "Format of the report. One of: [text, markdown, json]").
		Default("text").Enum("text", "markdown", "json")
	linesFile := app.Flag("write-lines", "Write the lines to this file without measuring.").
		PlaceHolder("FILE").String()
	if helped, err := parse(app, args, stdout, stderr); helped || err != nil {
		return err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	if err := o.validate(); err != nil {
		return err
	}
	if *linesFile != "" {
		return writeLines(o, *linesFile)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.sink = []string{self, sinkCommand}
	r, err := measure(ctx, o)
	if err != nil {
		return err
	}
	write := map[string]func(io.Writer) error{"text": r.Text, "markdown": r.Markdown, "json": r.JSON}[*output]
	if err := write(stdout); err != nil {
		return err
	}
	if len(r.Problems) > 0 {
		return fmt.Errorf("counts do not add up: %s", r.Problems[0])
	}
	return nil
}

func writeLines(o options, name string) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := o.workload.Generate().WriteTo(out); err != nil {
		return errors.Join(fmt.Errorf("--write-lines: %w", err), out.Close())
	}
	return out.Close()
}

// sinkCommand is the first argument when bench starts itself as the sink. The
// flags that follow have the same names as the exporter's flags.
const sinkCommand = "sink"

func runSink(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	app := kingpin.New("bench "+sinkCommand, "Receive and count only, for comparison with the exporter.")
	listen := app.Flag("syslog.listen-address", "Address to receive on.").String()
	web := app.Flag("web.listen-address", "Address to serve the count on.").String()
	file := app.Arg("file", "File to read instead.").String()
	if helped, err := parse(app, args, stdout, stderr); helped || err != nil {
		return err
	}
	if *file != "" {
		return countFile(*file, stderr)
	}
	return serveSink(ctx, *listen, *web)
}
