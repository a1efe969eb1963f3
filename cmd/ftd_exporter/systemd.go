package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A notifier tells systemd how the service does (sd_notify). If it was not
// systemd that started the program, nothing is told.
type notifier struct{ logger *slog.Logger }

func (n notifier) ready(status string) { n.send(daemon.SdNotifyReady, "STATUS="+status) }

// reloading says that the configuration is being loaded. Systemd must be told
// the time, to know that it is no answer to an earlier request.
func (n notifier) reloading() {
	n.send(daemon.SdNotifyReloading, "MONOTONIC_USEC="+monotonicMicroseconds())
}

func (n notifier) stopping() { n.send(daemon.SdNotifyStopping, "STATUS=Stopping") }

// watchdog tells systemd twice in the time that it allows that the program is
// alive, if alive returns. It ends with ctx.
func (n notifier) watchdog(ctx context.Context, alive func()) {
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
		n.logger.Warn("Telling systemd failed", "err", err)
	}
}
