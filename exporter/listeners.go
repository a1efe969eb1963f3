package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
)

// Listeners is a changing set of listeners. Its zero value is not useful; see
// [Exporter.NewListeners].
type Listeners struct {
	exporter  *Exporter
	inherited *Inherited
	configure func(*Config) error // [Exporter.Configure], but for a test.
	logger    *slog.Logger
	failed    chan error

	mu      sync.Mutex
	running map[string]*runningListener
}

type runningListener struct {
	Listener
	stop context.CancelFunc
	done chan struct{}
}

// NewListeners returns an empty set. What systemd has opened already, if
// anything, is in inherited.
func (e *Exporter) NewListeners(inherited *Inherited, logger *slog.Logger) *Listeners {
	return &Listeners{exporter: e, inherited: inherited, configure: e.Configure, logger: logger, failed: make(chan error, 1), running: map[string]*runningListener{}}
}

// Set opens the sockets for the addresses that are new and closes the listeners
// whose addresses are gone. Then it calls [Exporter.Configure], and after that
// the new listeners receive: no message over a listener is handled by a
// configuration that does not know it. The others keep their sockets, and what
// is in their buffers. If a socket cannot be opened, nothing changes.
//
// A listener whose address is that of an inherited socket receives on that one.
// All of them must be in use, apart from those of the web server.
func (l *Listeners) Set(ctx context.Context, addresses []string, config *Config) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	sockets := l.inherited.assign(ctx, addresses)
	if err := l.inherited.check(sockets); err != nil {
		return err
	}
	var opened []Listener
	var errs []error
	open := func(datagrams bool) {
		for _, address := range addresses {
			s := sockets[address]
			if datagrams != (s != nil && !s.stream()) || l.running[address] != nil ||
				slices.ContainsFunc(opened, func(o Listener) bool { return o.Name() == address }) {
				continue
			}
			var listener Listener
			var err error
			if s != nil {
				listener, err = l.exporter.listenOn(s, address, config, l.logger)
			} else {
				listener, err = l.exporter.listen(ctx, address, config, l.logger)
			}
			if err != nil {
				errs = append(errs, err)
				continue
			}
			opened = append(opened, listener)
		}
	}
	// Datagrams of inherited sockets must stay in them if the rest fails, so
	// these come last. With them nothing can go wrong any more.
	open(false)
	if len(errs) == 0 {
		open(true)
	}
	if len(errs) > 0 {
		for _, o := range opened {
			stopped, cancel := context.WithCancel(ctx)
			cancel()
			_ = o.Serve(stopped) // Closes it.
		}
		return errors.Join(errs...)
	}
	for address, r := range l.running {
		if !slices.Contains(addresses, address) {
			l.logger.Info("No longer receiving syslog", "listener", address)
			r.close()
			delete(l.running, address)
		}
	}
	configured := l.configure(config)
	for _, o := range opened {
		l.logger.Info("Receiving syslog", "listener", o.Name(), "address", o.Addr().String(), "inherited", sockets[o.Name()] != nil)
		// It outlives the context of the call; Set or Stop ends it.
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r := &runningListener{o, cancel, make(chan struct{})}
		l.running[o.Name()] = r
		go func() {
			defer close(r.done)
			if err := r.Serve(ctx); err != nil {
				select {
				case l.failed <- fmt.Errorf("listener %s: %w", r.Name(), err):
				default:
				}
			}
		}()
	}
	return configured
}

func (r *runningListener) close() {
	r.stop()
	<-r.done
}

// Failed returns a channel that receives an error if a listener loses its
// socket.
func (l *Listeners) Failed() <-chan error { return l.failed }

// Stop reads what has arrived and closes all listeners, at the same time.
func (l *Listeners) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.running {
		r.stop()
	}
	for _, r := range l.running {
		<-r.done
	}
	clear(l.running)
}
