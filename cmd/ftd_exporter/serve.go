package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"github.com/coreos/go-systemd/v22/activation"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/control"
)

type serveFlags struct {
	options   exporter.Options
	control   string
	logLevel  string
	logFormat string
}

func serveCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f serveFlags
	o := &f.options
	cmd := app.Command("serve", "Receive syslog and serve metrics.").Default()
	o.Web = kingpinflag.AddFlags(cmd, ":10061")
	cmd.Flag("web.telemetry-path", "Path under which to expose metrics.").
		Default("/metrics").StringVar(&o.TelemetryPath)
	cmd.Flag("web.enable-lifecycle", "Allow POST /-/reload, which reloads the configuration, as SIGHUP does.").
		BoolVar(&o.Lifecycle)
	cmd.Flag("web.enable-admin-api", "Allow HTTP API calls that change the state or copy it: POST /api/v1/forget and GET /api/v1/state/backup.").
		BoolVar(&o.AdminAPI)
	cmd.Flag("web.enable-pprof", "Serve profiles of the Go runtime under /debug/pprof/.").
		BoolVar(&o.Profiling)
	cmd.Flag("web.max-requests", "Maximum number of scrapes that are answered at a time; one that has waited two seconds for its turn gets 503.").
		Default("16").IntVar(&o.MaxRequests)
	cmd.Flag("syslog.listen-address", "Address on which to receive syslog: udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT (the certificates are in the configuration file) or unixgram:///PATH. An empty host means all addresses, IPv4 and IPv6. Repeatable. Examples: `udp://:5514`, `tcp://192.0.2.1:1470`, `tls://:6514`, `udp://[2001:db8::1]:514`").
		Default("udp://:5514", "tcp://:5514").StringsVar(&o.ListenAddresses)
	cmd.Flag("syslog.replay-file", "Log file to read at startup, such as the log of the time before the exporter; .gz and .zst files are decompressed. Time follows the timestamps in the lines. Lines that the state already covers are left out, so the flag may stay. Repeatable.").
		StringsVar(&o.ReplayFiles)
	configFlag(cmd, &o.ConfigFile, "Configuration file with inventory and policy; validate it with check-config. Without it, messages from every sender are accepted, and devices are named by the host name in the message or the sender address.")
	storageFlag(cmd, &o.StoragePath, " Empty keeps the state in memory only.")
	cmd.Flag("control.socket", "Unix socket on which the command reload reloads the configuration. Only the user of the exporter can use it.").
		PlaceHolder("PATH").StringVar(&f.control)
	cmd.Flag("capacity.expiry", "How long to expose gauges of capacity, such as threat rates and quotas, after their last report. Hardware states never expire.").
		Default("15m").DurationVar(&o.Expiry)
	cmd.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.logLevel, promslog.LevelFlagOptions...)
	cmd.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.logFormat, promslog.FormatFlagOptions...)
	return cmd, f.run
}

// configFlag adds the flag shared by the commands that name devices.
func configFlag(cmd *kingpin.CmdClause, name *string, help string) {
	cmd.Flag("config.file", help).PlaceHolder("FILE").StringVar(name)
}

// run runs the exporter. Its log has every error, so that who reads that needs to
// read nothing else.
func (f *serveFlags) run(ctx context.Context, s streams) error {
	// Writing to a log whose reader has gone would end the process otherwise.
	signal.Ignore(syscall.SIGPIPE)
	log := newLogQueue(s.err)
	defer log.close(flushLimit)
	logConfig := promslog.Config{Level: promslog.NewLevel(), Format: promslog.NewFormat(), Writer: log}
	if err := errors.Join(logConfig.Level.Set(f.logLevel), logConfig.Format.Set(f.logFormat)); err != nil {
		return err
	}
	logger := promslog.New(&logConfig)
	if err := f.serve(ctx, s, log, logger); err != nil {
		for _, mistake := range mistakes(err) {
			logger.Error("Fatal error", "err", mistake)
		}
		return loggedError{err}
	}
	return nil
}

// mistakes returns the errors that are joined in err, or err alone.
func mistakes(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) // An error around them has more to say.
	if !ok || errors.Join(joined.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, mistakes(e)...)
	}
	return all
}

func (f *serveFlags) serve(ctx context.Context, s streams, log *logQueue, logger *slog.Logger) error {
	if f.options.Expiry <= 0 {
		return fmt.Errorf("--capacity.expiry=%s: must be positive", f.options.Expiry)
	}
	if f.options.MaxRequests < 1 {
		return fmt.Errorf("--web.max-requests=%d: must be 1 or more", f.options.MaxRequests)
	}
	log.tell(func(lines uint64) {
		logger.Warn("Lines of the log were dropped, because it was not read fast enough or could not be written", "lines", lines)
	})
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP) // A signal during startup must not end the process.
	defer signal.Stop(hangup)
	systemd := newNotifier(logger)
	defer systemd.close(flushLimit)

	f.options.Entries, f.options.Collectors = catalog.Messages(), collectors.All()
	f.options.Stdin = s.in
	f.options.Inherited = activation.Files(true)
	f.options.Supervisor = systemd
	f.options.Logger, f.options.LogLinesDropped = logger, log.Dropped
	e, err := exporter.New(f.options)
	if err != nil {
		return err
	}
	logger.Info("Starting ftd_exporter", "version", version.Info(), "build", version.BuildContext())
	collectSooner()
	limitMemory(logger)
	if f.control != "" {
		stop, err := control.Serve(ctx, f.control, e.Reload)
		if err != nil {
			return fmt.Errorf("--control.socket=%s: %w", f.control, err)
		}
		defer stop()
	}
	ctx, stop := context.WithCancel(ctx)
	reloads := make(chan struct{})
	go func() {
		defer close(reloads)
		for {
			select {
			case <-hangup:
				_ = e.Reload(ctx) // Reload logs the error; the last valid configuration stays.
			case <-ctx.Done():
				return
			}
		}
	}()
	err = e.Run(ctx)
	stop()
	<-reloads
	return err
}
