// Command ftd_exporter_blocks writes blocks for Prometheus: it reads the stream of
// samples of package samples from standard input. `ftd_exporter backfill` runs it,
// and needs it beside itself or in PATH.
//
// It is a program and a module of its own, so that the exporter contains and
// depends on nothing of Prometheus' storage. It imports samples, and of Prometheus
// the packages that write the parts of a block.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/common/version"
)

const usage = `usage: ftd_exporter_blocks DIR

Writes samples from standard input as blocks of Prometheus into DIR, a new or empty directory.
ftd_exporter backfill --output=DIR runs this program, which is of no other use.
`

func main() {
	// On Ctrl-C, the exporter ends the stream, which is then not complete.
	signal.Ignore(os.Interrupt)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit status: 0 on success, 1 if the blocks were not written, 2
// if args are wrong.
func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) int {
	flags := flag.NewFlagSet("ftd_exporter_blocks", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() { fmt.Fprint(log, usage) }
	showVersion := flags.Bool("version", false, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case *showVersion:
		fmt.Fprintln(out, version.Print("ftd_exporter_blocks"))
		return 0
	case flags.NArg() != 1:
		flags.Usage()
		return 2
	}
	sum, err := write(ctx, flags.Arg(0), in)
	if err != nil {
		fmt.Fprintln(log, err)
		return 1
	}
	// The exporter reads this.
	if err := json.NewEncoder(out).Encode(sum); err != nil {
		return 1
	}
	return 0
}
