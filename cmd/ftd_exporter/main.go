// Command ftd_exporter is a Prometheus exporter for the hardware health and
// capacity of Cisco FTD and ASA firewalls, derived from their syslog.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // For time zones of devices, on systems without a database.

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func main() {
	if info, ok := debug.ReadBuildInfo(); ok && version.Version == "" {
		version.Version = strings.TrimPrefix(info.Main.Version, "v") // Of a build without the linker flags of the Makefile.
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// A command runs with its flags parsed and returns an error for the user.
type command func(ctx context.Context, s streams) error

// statusUnwritten is the exit status of an exporter that stopped in order, but
// could not write all of its state.
const statusUnwritten = 3

// run parses args, runs the command and returns the exit status: 0 on
// success, 1 if the command failed, 2 if args are wrong, 3 if serve could not
// write all of its state at the end.
func run(ctx context.Context, args []string, s streams) int {
	app, commands := commandLine()
	app.UsageWriter(s.out).ErrorWriter(s.err)

	// Kingpin calls Terminate after --help and --version.
	terminated, status := false, 0
	app.Terminate(func(code int) { terminated, status = true, code })

	name, err := app.Parse(args)
	if terminated {
		return status
	}
	if err != nil {
		fmt.Fprintf(s.err, "ftd_exporter: %v; try --help\n", usageError(args, err))
		return 2
	}
	if err := commands[name](ctx, s); err != nil {
		if _, ok := errors.AsType[loggedError](err); ok {
			return failureStatus(err)
		}
		last := newLogQueue(s.err) // Nobody may read it any more.
		fmt.Fprintf(last, "ftd_exporter %s: %v\n", name, err)
		last.close(flushLimit)
		return failureStatus(err)
	}
	return 0
}

// A loggedError is an error that the log of a command has.
type loggedError struct{ error }

func (e loggedError) Unwrap() error { return e.error }

// failureStatus returns the exit status for the error of a command.
func failureStatus(err error) int {
	if errors.Is(err, store.ErrUnwritten) {
		return statusUnwritten
	}
	return 1
}

// commandLine returns the flags and commands of ftd_exporter, and the function
// of each command by its full name.
func commandLine() (*kingpin.Application, map[string]command) {
	app := kingpin.New("ftd_exporter", help)
	app.HelpFlag.Short('h')
	app.UsageTemplate(usageTemplate())
	app.Version(version.Print("ftd_exporter"))
	commands := map[string]command{}
	for _, register := range []func(*kingpin.Application) (*kingpin.CmdClause, command){
		serveCommand, replayCommand, backfillCommand, explainCommand, catalogCommand, checkConfigCommand, reloadCommand, stateDumpCommand, stateForgetCommand, simulateCommand, testMessageCommand,
	} {
		clause, run := register(app)
		commands[clause.FullCommand()] = run
	}
	return app, commands
}

// usageTemplate returns the template of kingpin's help with the flags of the
// default command in the help of the program.
func usageTemplate() string {
	const commands = "{{else if .App.Commands -}}\nCommands:"
	const flags = `{{else if .App.Commands -}}
{{range .App.Commands}}{{if .Default}}Flags of {{.Name}}, the command that runs if none is given:
{{.Flags|FlagsToTwoColumns|FormatTwoColumns}}
{{end}}{{end -}}
Commands:`
	return strings.Replace(kingpin.DefaultUsageTemplate, commands, flags, 1)
}

const help = `Prometheus exporter for the hardware health and capacity of Cisco FTD and ASA firewalls.

It receives the firewalls' syslog, keeps the last reported state of each device's fans, power supplies, temperatures, PCI devices, self-tests, quotas, threat rates and cluster load, and exposes it on /metrics.

Configure the firewalls to send syslog to UDP or TCP port 5514 of this machine, and Prometheus to scrape port 10061.`

// newTable returns the built-in catalog and an empty table for it.
func newTable(opts state.Options) (*catalog.Catalog, *state.Table, error) {
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		return nil, nil, err
	}
	table, err := state.New(c, collectors.All(), opts)
	return c, table, err
}
