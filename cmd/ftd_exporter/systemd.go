package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A notifier reports to systemd how the service does (sd_notify). If the program
// was not started by systemd, it does nothing. It implements
// [exporter.Supervisor].
type notifier struct{ logger *slog.Logger }

// Ready says that the service is ready, with a line for systemctl status.
func (n notifier) Ready(status string) { n.send(daemon.SdNotifyReady, "STATUS="+status) }

// Reloading says that the configuration is being loaded. The time tells systemd
// that it is not the answer to an earlier request.
func (n notifier) Reloading() {
	n.send(daemon.SdNotifyReloading, "MONOTONIC_USEC="+monotonicMicroseconds())
}

// Stopping says that the service is about to end.
func (n notifier) Stopping() { n.send(daemon.SdNotifyStopping, "STATUS=Stopping") }

// Watch reports twice in the time that systemd allows that the program is alive,
// if alive returns. It ends with ctx.
func (n notifier) Watch(ctx context.Context, alive func()) {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		n.logger.Warn("The watchdog of systemd is not served", "err", err)
	}
	if limit == 0 {
		return
	}
	ticker := time.NewTicker(limit / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		alive()
		if ctx.Err() == nil {
			n.send(daemon.SdNotifyWatchdog)
		}
	}
}

// send sends variables, each of one line.
func (n notifier) send(variables ...string) {
	for i, v := range variables {
		variables[i] = strings.ReplaceAll(v, "\n", " ")
	}
	if _, err := daemon.SdNotify(false, strings.Join(variables, "\n")); err != nil {
		n.logger.Warn("Notifying systemd failed", "err", err)
	}
}
