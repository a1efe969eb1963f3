package exporter

import (
	"context"
	"errors"
	"net/http"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sync/errgroup"
)

const (
	// The start waits for the state of earlier runs while it comes. A million series
	// take a second or two, and longer if the machine is busy. If for stuckLimit
	// nothing comes, the disk hangs; and more than restoreLimit is too long for
	// firewalls to wait, and for systemd, which allows a start 90 seconds. What is
	// restored later joins what has come in, if there is still room.
	stuckLimit, restoreLimit = 10 * time.Second, time.Minute
	// giveUpLimit is how long the stop waits for a reload that has not ended.
	giveUpLimit = time.Second
)

// Run receives syslog and serves HTTP until ctx is done, and then returns nil. It
// returns an error if the exporter cannot start, or cannot go on, and
// [store.ErrUnwritten] if not all of the state could be written at the end. It is
// called once.
//
// The order of the start decides who has a place in the table, which is bounded:
//
//  1. The sockets open, because a firewall must not meet a closed port. Nothing
//     reads from them yet: what arrives waits in the kernel's buffers, and
//     connections wait to be accepted.
//  2. The configuration is in force, and the devices of its inventory get their
//     places.
//  3. The state of earlier runs is restored. The start goes on when that is done,
//     has failed, or takes too long. Since no message has come before it, none is
//     taken for a change of what it brings.
//  4. Devices that have another name by now take their series along, and those that
//     only a former inventory had go.
//  5. The logs of the command line are read. Which of their lines are new depends
//     on the state that has been restored, but not on what comes next.
//  6. The listeners begin to receive: what is new gets the places that are left.
//     The web server answers, and the store begins to write.
//
// The order of the stop: what has arrived is read, then written, then the process
// ends.
func (e *Exporter) Run(ctx context.Context) (err error) {
	defer e.reloads.stop(giveUpLimit)
	site, err := e.listenWeb(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, l := range site {
			l.Close() // Those that are served have been closed already.
		}
	}()
	e.logWarnings(e.config.Load())
	change, err := e.prepare(ctx, e.config.Load())
	if err != nil {
		return err
	}
	defer change.Abort() // Unless it has been committed.
	defer e.set.Stop()
	restored := true
	if e.store != nil {
		restored = e.restoreState(ctx)
	}
	e.settleDevices()
	err = e.replayFiles(ctx, restored)
	if e.store != nil { // Not before, so that of each device all that a log has is written, or nothing.
		stop := e.keepState(ctx)
		defer func() { err = errors.Join(err, stop()) }()
	}
	if ctx.Err() != nil { // What waits in sockets of systemd waits for the next start.
		e.logger.Info("Stopped before the start was done")
		return nil
	}
	if err != nil {
		return err
	}
	change.Commit()

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := toolkit.ServeMultiple(site, e.server, e.options.Web, e.logger); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		e.options.Supervisor.Watch(ctx, func() { e.checkAlive(ctx) })
		return nil
	})
	e.ready.Store(true)
	e.options.Supervisor.Ready(e.status())
	e.reloads.start(ctx)
	go e.watchDevicesFiles(ctx) // It may hang, and does not hold the end up.
	group.Go(func() error { return e.watch(ctx) })
	if err := group.Wait(); err != nil {
		return err
	}
	e.logger.Info("Stopped")
	return nil
}

// restoreState restores the state, unless that takes too long, and returns whether
// nothing of the file can come later.
func (e *Exporter) restoreState(ctx context.Context) bool {
	limited, cancel := whileProgress(ctx, func() int { return e.table.Stats().Series }, stuckLimit, restoreLimit)
	defer cancel()
	// Without the file the exporter is still of use: the store has logged why,
	// counts it and tries again.
	if e.store.Open(limited) != nil {
		return false
	}
	stats := e.table.Stats()
	e.logger.Info("State restored", "file", e.store.Status().Path, "devices", stats.Devices, "series", stats.Series)
	return true
}

// keepState keeps the file up to date. The returned function writes what is left
// when no more messages come.
func (e *Exporter) keepState(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stored := make(chan error, 1)
	go func() { stored <- e.store.Run(ctx) }()
	return func() error {
		e.set.Stop()
		cancel()
		err := <-stored // The store bounds its last write.
		if err != nil {
			e.logger.Warn("Stopping with state that is not in the file", "file", e.store.Status().Path, "err", err)
		}
		return err
	}
}

// whileProgress returns a context that ends after limit, or when the number that
// progress returns has not changed for stuck.
func whileProgress(ctx context.Context, progress func() int, stuck, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	go func() {
		ticker := time.NewTicker(stuck / 10)
		defer ticker.Stop()
		last, since := progress(), time.Now()
		for time.Since(since) < stuck {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
			if n := progress(); n != last {
				last, since = n, time.Now()
			}
		}
		cancel()
	}()
	return ctx, cancel
}

// watch does what is due from time to time, and stops the web server when ctx is
// done or a listener has failed. Nothing that it calls waits for a disk, a log or
// a configuration file.
func (e *Exporter) watch(ctx context.Context) error {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	e.forgetSilentDevices() // Forgets nothing, but begins to listen.
	var conflicts conflictLog
	for {
		select {
		case err := <-e.set.Failed():
			e.logger.Error("Stopping, because a listener has lost its socket", "err", err)
			e.ready.Store(false)
			e.options.Supervisor.Stopping()
			return errors.Join(err, e.stopWeb(ctx))
		case c := <-e.table.NameConflicts():
			conflicts.log(e.logger, c)
		case <-minute.C:
			conflicts.lines = 0
			e.settleDevices() // The file may have been restored late.
			e.forgetSilentDevices()
		case <-ctx.Done():
			e.ready.Store(false)
			e.logger.Info("Stopping")
			e.options.Supervisor.Stopping()
			return e.stopWeb(ctx)
		}
	}
}

// probeTime is how long the listeners may take to answer before the log reports it.
const probeTime = 5 * time.Second

// checkAlive returns when no lock of the table and no loop of a listener is
// stuck, or when ctx is done.
func (e *Exporter) checkAlive(ctx context.Context) {
	e.table.CheckLocks()
	for ctx.Err() == nil {
		probe, cancel := context.WithTimeout(ctx, probeTime)
		err := e.set.Probe(probe)
		cancel()
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			e.logger.Error("The exporter does not receive; the watchdog will restart it if that lasts", "err", err)
		}
	}
}
