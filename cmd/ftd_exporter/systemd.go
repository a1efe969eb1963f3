package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifierQueue is how many notifications may wait for systemd.
const notifierQueue = 16

// A notifier reports the state of the service to systemd (sd_notify). If systemd
// did not start the program, it does nothing. It implements
// [exporter.Supervisor], and none of its methods waits for systemd.
type notifier struct {
	logger *slog.Logger
	queue  chan string
	quit   chan struct{} // Closed when nothing more comes.
	done   chan struct{} // Closed when run has ended.
}

// newNotifier returns a notifier that must be closed.
func newNotifier(logger *slog.Logger) *notifier {
	n := &notifier{logger: logger, queue: make(chan string, notifierQueue), quit: make(chan struct{}), done: make(chan struct{})}
	go n.run()
	return n
}

// run sends what is in the queue.
func (n *notifier) run() {
	defer close(n.done)
	for {
		select {
		case message := <-n.queue:
			n.notify(message)
			continue
		default:
		}
		select {
		case message := <-n.queue:
			n.notify(message)
		case <-n.quit:
			return
		}
	}
}

func (n *notifier) notify(message string) {
	if _, err := daemon.SdNotify(false, message); err != nil {
		n.logger.Warn("Notifying systemd failed", "err", err)
	}
}

// close waits until everything is sent, but not longer than limit. It is called
// once.
func (n *notifier) close(limit time.Duration) {
	close(n.quit)
	select {
	case <-n.done:
	case <-time.After(limit):
	}
}

// Ready reports that the service is ready, with a line for systemctl status.
func (n *notifier) Ready(status string) { n.send(daemon.SdNotifyReady, "STATUS="+status) }

// Reloading reports that the configuration is being loaded. systemd requires the
// time, to distinguish the message from the answer to an earlier request.
func (n *notifier) Reloading() {
	n.send(daemon.SdNotifyReloading, "MONOTONIC_USEC="+monotonicMicroseconds())
}

// Stopping reports that the service is about to end.
func (n *notifier) Stopping() { n.send(daemon.SdNotifyStopping, "STATUS=Stopping") }

// Watch calls alive twice per watchdog interval of systemd, and each time alive
// returns, reports that the program is alive. It returns when ctx ends.
func (n *notifier) Watch(ctx context.Context, alive func()) {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		n.logger.Warn("Reading the watchdog settings of systemd failed; the watchdog is not served", "err", err)
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

// send sends variables, each on one line. If systemd does not read them, they are
// dropped; the watchdog notices.
func (n *notifier) send(variables ...string) {
	for i, v := range variables {
		variables[i] = strings.ReplaceAll(v, "\n", " ")
	}
	select {
	case n.queue <- strings.Join(variables, "\n"):
	default:
	}
}
