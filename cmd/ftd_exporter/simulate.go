package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

type simulateFlags struct {
	options     simulator.Options
	target      string
	allowRemote bool
}

const simulateHelp = `Simulate a fleet of firewalls and send its syslog to an exporter.

Most messages are ordinary traffic. From time to time a device has an incident and recovers: a fan fails and is replaced, a power supply fails, a CPU becomes too hot, a quota fills up, a host scans the network, a cluster is overloaded, a self-test fails. At the start each device reports that its parts work.

At --speed=1 incidents take as long as in reality, minutes to an hour, and one begins every few minutes. To see an incident every few seconds:

	ftd_exporter simulate --speed=60

The command ends on Ctrl-C or after --duration, and prints a summary.`

func simulateCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f simulateFlags
	cmd := app.Command("simulate", simulateHelp)
	cmd.Flag("devices", "Number of firewalls, 1 to 10000.").
		Default("30").IntVar(&f.options.Devices)
	cmd.Flag("target", "Address to send to, on this machine: udp://HOST:PORT or tcp://HOST:PORT. Over TCP each message ends with a newline.").
		Default("udp://127.0.0.1:5514").StringVar(&f.target)
	cmd.Flag("allow-remote", "Allow a target on another machine. Its exporter will show simulated faults and fire alerts, so never use an exporter that monitors real firewalls.").
		BoolVar(&f.allowRemote)
	cmd.Flag("rate", "Messages per second of all devices together; at most 1000000. At least half of them are ordinary traffic.").
		Default("200").Float64Var(&f.options.Rate)
	cmd.Flag("speed", "How many times faster than in reality incidents begin and proceed. Does not change the rate of messages.").
		Default("1").Float64Var(&f.options.Speed)
	cmd.Flag("seed", "Seed of the simulation: equal seeds give equal devices and incidents.").
		Default("1").Uint64Var(&f.options.Seed)
	cmd.Flag("duration", "How long to run; 0s means until Ctrl-C.").
		Default("0s").DurationVar(&f.options.Duration)
	return cmd, f.run
}

func (f *simulateFlags) run(ctx context.Context, s streams) error {
	target, err := f.destination()
	if err != nil {
		return err
	}
	if err := f.validate(); err != nil {
		return err
	}
	erase := ""
	if isTerminal(s.err) {
		erase = "\r\x1b[K"
	}
	to := simulator.NewSender(target, (&net.Dialer{Timeout: 5 * time.Second}).DialContext, func(err error) {
		fmt.Fprintf(s.err, "%sftd_exporter simulate: %v; trying again every second\n", erase, err)
	})
	player := simulator.NewPlayer(f.options, to)
	stop := func() {}
	if isTerminal(s.err) {
		stop = showLine(s.err, func() string {
			now := player.Stats()
			return fmt.Sprintf("%s: %d messages, %.0f/s, %d incidents, %d of them over, %d errors", f.target,
				now.Sent, now.Rate(), now.Begun, now.Ended, now.Errors)
		})
	}
	err = player.Run(ctx)
	stop()

	end := player.Stats()
	fmt.Fprintf(s.err, "messages   %d\n", end.Sent)
	fmt.Fprintf(s.err, "incidents  %d, %d of them over\n", end.Begun, end.Ended)
	fmt.Fprintf(s.err, "errors     %d\n", end.Errors)
	fmt.Fprintf(s.err, "time       %s, %.0f messages/s\n", end.Took.Round(time.Millisecond), end.Rate())
	return err
}

// destination returns the target of the messages.
func (f *simulateFlags) destination() (simulator.Target, error) {
	target, err := simulator.ParseTarget(f.target)
	if err != nil {
		return target, fmt.Errorf("--target=%s: %w", f.target, err)
	}
	if !f.allowRemote && !target.IsLocal() {
		return target, fmt.Errorf("--target=%s: %s may be another machine, whose monitoring would show simulated faults; if this is intended, add --allow-remote", f.target, target.Host())
	}
	return target, nil
}

func (f *simulateFlags) validate() error {
	switch o := f.options; {
	case o.Devices < 1 || o.Devices > 10_000:
		return fmt.Errorf("--devices=%d: must be 1 to 10000", o.Devices)
	case !(o.Rate > 0 && o.Rate <= 1e6):
		return fmt.Errorf("--rate=%g: must be more than 0 and at most 1000000", o.Rate)
	case !(o.Speed > 0 && o.Speed <= 1e6):
		return fmt.Errorf("--speed=%g: must be more than 0 and at most 1000000", o.Speed)
	case o.Duration < 0:
		return fmt.Errorf("--duration=%s: must not be negative", o.Duration)
	}
	return nil
}
