package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/config"
	"github.com/ftd-exporter/ftd_exporter/exporter/control"
)

type checkConfigFlags struct{ file string }

func checkConfigCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f checkConfigFlags
	cmd := app.Command("check-config", "Check a configuration file, and the certificates and files with devices that it names, and report every mistake with its line number. Warnings are about settings that are valid and probably not meant.")
	cmd.Arg("file", "The configuration file, as for serve --config.file.").Required().StringVar(&f.file)
	return cmd, f.run
}

func (f *checkConfigFlags) run(_ context.Context, s streams) error {
	c, err := config.Load(f.file, config.Default(config.Options{ExpiryNames: collectors.ExpiryNames(collectors.All())}))
	if err == nil {
		err = c.DevicesError()
	}
	if mistakes := (interface{ Unwrap() []error })(nil); errors.As(err, &mistakes) {
		// Each on a line of its own, so that an editor can go through them.
		return fmt.Errorf("%s\n%w", count(len(mistakes.Unwrap()), "mistake"), err)
	}
	if err != nil {
		return err
	}
	for _, w := range c.Warnings() {
		fmt.Fprintf(s.err, "warning: %s\n", w)
	}
	_, err = fmt.Fprintf(s.out, "%s: valid: %s, %s, %s, %s ignored, %s counted\n", f.file,
		count(len(c.Devices), "device"), count(len(c.Listeners), "listener"), count(len(c.Identity.Aliases), "alias"),
		count(len(c.Messages.Ignore), "message"), count(len(c.Messages.Count), "message"))
	return err
}

type reloadFlags struct {
	socket  string
	timeout time.Duration
}

func reloadCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f reloadFlags
	cmd := app.Command("reload", "Reload the configuration of a running exporter, and fail with the reason if it refuses the configuration. It then keeps its last valid one.")
	cmd.Flag("timeout", "How long to wait for the outcome.").Default("1m").DurationVar(&f.timeout)
	cmd.Arg("socket", "The socket, as for serve --control.socket.").Required().StringVar(&f.socket)
	return cmd, f.run
}

func (f *reloadFlags) run(ctx context.Context, _ streams) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	return control.Reload(ctx, f.socket)
}

// count returns "1 device" or "2 devices".
func count(n int, noun string) string {
	switch {
	case n == 1:
	case noun[len(noun)-1] == 's':
		noun += "es"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
