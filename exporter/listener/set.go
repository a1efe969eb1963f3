package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Set is a changing set of listeners. All methods may be called by any number
// of goroutines at a time.
type Set struct {
	options        Options
	metrics        *metrics
	maxConnections atomic.Int64 // Of each listener.
	failed         chan error

	mu      sync.Mutex
	running map[string]*running // By [Config.Address].
	pending *Change             // Has been prepared, and neither committed nor aborted.
	stopped bool
}

// A receiver reads from a socket.
type receiver interface {
	// serve reads until ctx is done, then reads what has already arrived,
	// closes the socket and returns nil. It returns an error only if the socket
	// is lost. It is called once.
	serve(ctx context.Context) error
	// configure applies a new configuration of the listener. Pair is nil unless
	// the listener needs one.
	configure(c Config, pair *keypair)
	// stats sets what the receiver knows in s.
	stats(s *Stats)
}

type running struct {
	receiver
	socket *socket
	stop   context.CancelFunc
	done   chan struct{}
}

// NewSet returns an empty set. It returns an error if o.Metrics refuses the
// metrics of the listeners.
func NewSet(o Options) (*Set, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Set{options: o, metrics: newMetrics(), failed: make(chan error, 1), running: map[string]*running{}}
	if err := s.metrics.register(o.Metrics); err != nil {
		return nil, fmt.Errorf("register the metrics of listeners: %w", err)
	}
	return s, nil
}

// A Change is a change of a [Set] that is ready to be made. Its caller must call
// Commit or Abort; whatever is called after the first of them does nothing.
type Change struct {
	set     *Set
	configs []Config // Complete, each address once.
	limits  Limits
	opened  []*socket
	// keypairs are those of the tls:// listeners that stay, by address.
	keypairs map[string]*keypair
}

// Prepare opens the sockets for the addresses that are new, and loads the
// certificates of all tls:// listeners, to whose settings
// [TLSConfig.WithDefaults] must have been applied with the top of the
// configuration file. Nothing receives yet: what arrives waits in the kernel's
// buffers. An error joins all mistakes that were found, and then nothing has
// changed; in particular, datagrams in the sockets of systemd are still there.
//
// A listener receives on the socket of systemd that is bound to its address, if
// there is one. All of them must be in use, except for the web server's.
//
// The set cannot be changed twice at a time: until the change is committed or
// aborted, another call returns an error.
func (s *Set) Prepare(ctx context.Context, configs []Config, limits Limits) (*Change, error) {
	c := &Change{set: s, limits: limits, keypairs: map[string]*keypair{}}
	for _, config := range configs {
		if !slices.ContainsFunc(c.configs, func(o Config) bool { return o.Address == config.Address }) {
			config.TLS = config.TLS.WithDefaults(TLSConfig{})
			c.configs = append(c.configs, config)
		}
	}
	s.mu.Lock()
	if s.pending != nil || s.stopped {
		s.mu.Unlock()
		return nil, errors.New("the listeners are being changed or have been stopped; try again when that is done")
	}
	s.pending = c
	present := maps.Clone(s.running)
	s.mu.Unlock()

	if err := c.prepare(ctx, present); err != nil {
		c.Abort()
		return nil, err
	}
	return c, nil
}

func (c *Change) prepare(ctx context.Context, present map[string]*running) error {
	var addresses []string
	for _, config := range c.configs {
		addresses = append(addresses, config.Address)
	}
	inherited := c.set.options.Activation.match(ctx, addresses)
	if err := c.set.options.Activation.checkUsed(inherited); err != nil {
		return err
	}
	var errs []error
	for _, config := range c.configs {
		r := present[config.Address]
		if r == nil {
			opened, err := openSocket(ctx, config, inherited[config.Address])
			if err != nil {
				errs = append(errs, err)
				continue
			}
			c.opened = append(c.opened, opened)
		} else if r.socket.address.Scheme == TLS {
			pair, err := config.TLS.load()
			if err != nil {
				errs = append(errs, fmt.Errorf("listen on %s: %w", config.Address, err))
			}
			c.keypairs[config.Address] = pair
		}
	}
	return errors.Join(errs...)
}

// Commit makes the change. Listeners that are gone read what has arrived and
// close. Those that stay keep their sockets and connections; new connections get
// the new certificates and limits. Then the new ones begin to receive. The caller
// has applied the rest of the configuration before, so that no message over a new
// listener is handled by a configuration that does not have it.
func (c *Change) Commit() {
	s := c.set
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != c {
		c.closeOpened() // The set has been stopped.
		return
	}
	s.pending = nil
	s.maxConnections.Store(int64(c.limits.TCPConnections))
	gone := maps.Clone(s.running)
	for _, config := range c.configs {
		if r := s.running[config.Address]; r != nil {
			delete(gone, config.Address)
			r.configure(config, c.keypairs[config.Address])
		}
	}
	for name := range gone {
		s.options.Logger.Info("No longer receiving syslog", "listener", name)
		delete(s.running, name)
	}
	stopAll(gone)
	for _, o := range c.opened {
		s.start(o)
	}
	c.opened = nil
}

// Abort closes what Prepare has opened. Nothing else has changed.
func (c *Change) Abort() {
	c.set.mu.Lock()
	defer c.set.mu.Unlock()
	if c.set.pending == c {
		c.set.pending = nil
	}
	c.closeOpened()
}

func (c *Change) closeOpened() {
	for _, o := range c.opened {
		o.close()
	}
	c.opened = nil
}

// start receives on a socket. The caller must hold s.mu.
func (s *Set) start(o *socket) {
	name := o.config.Address
	s.options.Logger.Info("Receiving syslog", "listener", name, "address", o.bound.String(), "inherited", o.inherited)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{receiver: s.newReceiver(o), socket: o, stop: cancel, done: make(chan struct{})}
	s.running[name] = r
	go func() {
		defer close(r.done)
		if err := r.serve(ctx); err != nil {
			select {
			case s.failed <- fmt.Errorf("listener %s: %w", name, err):
			default: // One is enough to end the process.
			}
		}
	}()
}

func (s *Set) newReceiver(o *socket) receiver {
	if o.stream != nil {
		return s.newStreamReceiver(o)
	}
	return s.newDatagramReceiver(o)
}

// logger returns the logger of a listener.
func (s *Set) logger(name string) *slog.Logger { return s.options.Logger.With("listener", name) }

// stopAll stops listeners at the same time and waits for all of them.
func stopAll(all map[string]*running) {
	for _, r := range all {
		r.stop()
	}
	for _, r := range all {
		<-r.done
	}
}

// Stats returns what is known about the listeners, sorted by name.
func (s *Set) Stats() []Stats {
	s.mu.Lock()
	present := maps.Clone(s.running)
	s.mu.Unlock()
	drops := map[string]dropReport{}
	for _, d := range s.metrics.drops.report() {
		drops[d.name] = d
	}
	all := make([]Stats, 0, len(present))
	for name, r := range present {
		stats := Stats{Name: name, Address: r.socket.bound.String(), Stream: r.socket.stream != nil}
		if d, ok := drops[name]; ok {
			stats.DropsKnown, stats.Dropped, stats.ReceiveBuffer = true, d.dropped, int(d.buffer)
		}
		r.stats(&stats)
		all = append(all, stats)
	}
	slices.SortFunc(all, func(a, b Stats) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Failed returns a channel that receives an error if a listener loses its
// socket.
func (s *Set) Failed() <-chan error { return s.failed }

// Stop reads what has arrived and closes all listeners, at the same time. The set
// cannot be used again.
func (s *Set) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.pending = true, nil
	stopAll(s.running)
	clear(s.running)
}
