package listener

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// A Change is a change of a [Set] that is ready to be made. Its caller must call
// Commit or Abort; whatever is called after the first of them does nothing.
type Change struct {
	set     *Set
	configs []Config // Complete, each address once.
	limits  Limits
	opened  []*socket
	// successors are opened after the listeners that have their ports are closed,
	// where the system cannot open both.
	successors []Config
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
// Where the only thing in the way of a new listener is one that the change
// removes, such as udp://127.0.0.1:5514 for udp://:5514, both are open until the
// change is committed, so that no datagram or connection meets a closed port. Only
// Linux can do that; elsewhere the new one is opened when the other is closed.
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
	var later []Config // Where another listener of this process has the port.
	for _, config := range c.configs {
		if r := present[config.Address]; r != nil {
			errs = append(errs, c.keep(r, config))
			continue
		}
		opened, err := openSocket(ctx, config, inherited[config.Address], nil)
		switch {
		case err == nil:
			c.opened = append(c.opened, opened)
		case errors.Is(err, syscall.EADDRINUSE) && inherited[config.Address] == nil && !strings.HasPrefix(config.Address, string(Unixgram)):
			later = append(later, config)
		default:
			errs = append(errs, err)
		}
	}
	besides := make([]*socket, len(later))
	for i, config := range later {
		var err error
		besides[i], err = c.beside(config, present)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	// At last, because these may get what the other listener would have received.
	for i, config := range later {
		errs = append(errs, c.openBeside(ctx, config, besides[i]))
	}
	return errors.Join(errs...)
}

// keep checks the new configuration of a listener that stays.
func (c *Change) keep(r *running, config Config) error {
	if r.socket.inherited && config.sockets() > 1 {
		return inheritedSocketsError(&config)
	}
	if r.socket.address.Scheme != TLS {
		return nil
	}
	pair, err := config.TLS.load()
	if err != nil {
		return fmt.Errorf("listen on %s: %w", config.Address, err)
	}
	c.keypairs[config.Address] = pair
	return nil
}

// beside returns the socket of the listener that has the port of a new one, and
// that the change removes. It is an error if another one has the port.
func (c *Change) beside(config Config, present map[string]*running) (*socket, error) {
	inUse := wrapListenError(config.Address, syscall.EADDRINUSE)
	address, err := ParseAddress(config.Address)
	if err != nil {
		return nil, inUse
	}
	target, err := address.resolve()
	if err != nil {
		return nil, inUse
	}
	var beside *socket
	for name, r := range present {
		if !r.socket.overlaps(address.Scheme.network(), target) {
			continue
		}
		if slices.ContainsFunc(c.configs, func(o Config) bool { return o.Address == name }) {
			return nil, takenError(config, name)
		}
		beside = r.socket
	}
	if beside != nil {
		return beside, nil
	}
	for _, o := range c.opened {
		if o.overlaps(address.Scheme.network(), target) {
			return nil, takenError(config, o.config.Address)
		}
	}
	return nil, inUse
}

// takenError is about two listeners of one configuration.
func takenError(config Config, by string) error {
	return fmt.Errorf("listen on %s: %w; the listener %s has the port: remove one of them", config.Address, syscall.EADDRINUSE, by)
}

// openBeside opens a socket that shares its port with one that the change
// removes.
func (c *Change) openBeside(ctx context.Context, config Config, beside *socket) error {
	address, err := ParseAddress(config.Address)
	if err != nil {
		return err
	}
	target, err := address.resolve()
	if err != nil {
		return err
	}
	for _, o := range c.opened { // The kernel would let them share it, too.
		if o.overlaps(address.Scheme.network(), target) {
			return takenError(config, o.config.Address)
		}
	}
	opened, err := openSocket(ctx, config, nil, beside)
	if errors.Is(err, errors.ErrUnsupported) && config.sockets() == 1 {
		return c.openAfter(ctx, config, address, target)
	}
	if err != nil {
		return err
	}
	c.opened = append(c.opened, opened)
	return nil
}

// openAfter leaves it to Commit to open the socket of a listener, whose address is
// given twice. It returns an error if that cannot succeed.
func (c *Change) openAfter(ctx context.Context, config Config, address Address, target netip.AddrPort) error {
	anyPort := config
	anyPort.Address = string(address.Scheme) + "://" + netip.AddrPortFrom(target.Addr(), 0).String()
	s, err := openSocket(ctx, anyPort, nil, nil)
	if err != nil {
		return err
	}
	s.close()
	c.successors = append(c.successors, config)
	return nil
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
			if n := config.sockets(); n != r.socket.config.sockets() {
				s.logger(config.Address).Warn("The number of sockets of an open listener stays until a restart", "sockets", r.socket.config.sockets(), "configured", n)
			}
			r.configure(config, c.keypairs[config.Address])
		}
	}
	for name := range gone {
		s.options.Logger.Info("No longer receiving syslog", "listener", name)
		delete(s.running, name)
	}
	stopAll(gone)
	for name := range gone {
		s.metrics.arrivals.remove(name)
	}
	for _, config := range c.successors {
		o, err := openSocket(context.Background(), config, nil, nil)
		if err != nil { // Another process was faster.
			s.logger(config.Address).Error("Cannot open the listener after another was closed; reload when that is mended", "err", err)
			continue
		}
		c.opened = append(c.opened, o)
	}
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

// closeOpened closes what Prepare has opened. What has arrived there instead of
// at a listener that goes on, that listener receives.
func (c *Change) closeOpened() {
	for _, o := range c.opened {
		if o.beside == nil || o.stream != nil {
			o.close()
			continue
		}
		o.config = o.beside.config
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = c.set.newReceiver(o).serve(ctx) // It reads what is there, and closes the sockets.
	}
	c.opened = nil
}
