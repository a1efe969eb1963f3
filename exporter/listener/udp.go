package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

const (
	// receiveBuffer is the size of the socket buffer that a UDP listener asks
	// for. A burst of a busy firewall fills the usual 200 KiB within
	// milliseconds.
	receiveBuffer = 8 << 20

	// coalescePause is how long a UDP listener lets datagrams gather at least,
	// while they arrive one upon the other. Most of the cost of a datagram is the
	// wakeup for it, which does not grow if there are hundreds. If fewer than a
	// batch gather, the pause becomes longer, up to what the buffer has room for.
	coalescePause = 2 * time.Millisecond
	// coalesceBuffer is the size of the socket buffer for which that is the
	// longest pause: at a million datagrams a second, half of it fills. With a
	// smaller one a listener does not pause. The kernel counts 1,300 bytes for a
	// usual datagram, and makes the buffer twice as large.
	coalesceBuffer = 2 << 20

	// errorPause is how long a listener waits if the kernel cannot hand over
	// what it has, for lack of memory.
	errorPause = 10 * time.Millisecond
	// maxDatagram is as long as any datagram of UDP.
	maxDatagram = 1 << 16
	// minDatagram is less than the kernel counts for any datagram in a buffer.
	minDatagram = 512
	// closeTime is how long a socket that receives no more is read before it is
	// closed. What its buffer holds takes a fraction of that.
	closeTime = 2 * time.Second
	// dropsInterval is how often the kernel is asked what it has dropped while
	// datagrams arrive.
	dropsInterval = time.Second
)

// A datagramReceiver receives a frame with each datagram, from a UDP socket or a
// Unix socket. It reads in one goroutine, because the order of a device's
// messages counts: the last of "failed" and "OK" wins.
type datagramReceiver struct {
	conn    datagramConn
	feed    Feed
	now     func() time.Time
	arrival *arrival
	losses  *lossLog
	logger  *slog.Logger
	// leave has what lets no more datagrams arrive while those that have are
	// read, as [leaving] returns it. It is empty if systemd keeps the socket open.
	leave    []func(rawConn) error
	pulse    pulse
	caughtUp chan struct{} // Closed when it has read what was there when it began.
	// read reads one datagram from conn.
	read func([]byte) (int, netip.Addr, error)
	// maxPause is how long to let datagrams gather at most; 0 for never.
	maxPause time.Duration
	drops    *dropCollector
	tracked  *trackedSocket // Nil if the kernel does not report what it drops.
	unlink   func()         // As in [socket].
}

type datagramConn interface {
	net.PacketConn
	syscall.Conn
}

// newDatagramReceiver returns the receiver for one of the sockets of o, which
// share losses.
func (s *Set) newDatagramReceiver(o *socket, conn datagramConn, losses *lossLog) *datagramReceiver {
	name := o.config.Address
	r := &datagramReceiver{
		conn:     conn,
		feed:     s.options.NewFeed(name, "", false),
		now:      s.options.Now,
		arrival:  s.metrics.arrivals.of(name),
		losses:   losses,
		logger:   s.logger(name),
		caughtUp: make(chan struct{}),
		drops:    s.metrics.drops,
		unlink:   o.unlink,
	}
	if !o.inherited {
		r.leave = leaving(o)
	}
	switch conn := conn.(type) {
	case *net.UDPConn:
		r.initUDP(name, conn)
	case *net.UnixConn:
		// It loses nothing: while its buffer is full, the sender has to wait.
		r.read = func(b []byte) (int, netip.Addr, error) {
			n, err := conn.Read(b)
			return n, netip.Addr{}, err
		}
	}
	return r
}

// initUDP enlarges the receive buffer of a UDP socket as far as the system
// allows, and begins to count what the kernel drops.
func (r *datagramReceiver) initUDP(name string, conn *net.UDPConn) {
	r.read = func(b []byte) (int, netip.Addr, error) {
		n, from, err := conn.ReadFromUDPAddrPort(b)
		return n, from.Addr(), err
	}
	first := r.losses.remedy == "" // Of the sockets of the listener, which are alike.
	if first {
		r.losses.remedy = "send less, or give the exporter more CPU"
	}
	granted, err := r.enlargeReceiveBuffer(receiveBuffer)
	switch {
	case err != nil: // What the kernel grants is exported; the default is not a reason to fail.
		r.logger.Warn("Could not enlarge the receive buffer", "err", err)
	case granted < receiveBuffer && first:
		r.losses.remedy = fmt.Sprintf("sysctl -w net.core.rmem_max=%d, and restart", receiveBuffer)
		r.logger.Warn("The receive buffer is smaller than it should be; bursts may be lost",
			"bytes", granted, "wanted", receiveBuffer, "remedy", r.losses.remedy)
	}
	if granted >= coalesceBuffer {
		r.maxPause = coalescePause * time.Duration(min(granted, receiveBuffer)) / coalesceBuffer
	}
	if raw, err := conn.SyscallConn(); err == nil {
		r.tracked = r.drops.add(name, raw, r.losses)
	}
}

// finish does what must be done while the socket is still open.
func (r *datagramReceiver) finish() {
	r.drops.remove(r.tracked)
	r.losses.close()
	if r.unlink != nil {
		r.unlink()
	}
}

// begin begins a batch.
func (r *datagramReceiver) begin() {
	now := r.now()
	r.arrival.at(now)
	r.feed.Begin(now)
}

// frame hands a datagram of size bytes to the feed. Its caller begins and ends
// the batch. B has the datagram as far as it fitted in.
func (r *datagramReceiver) frame(b []byte, size int, from netip.Addr) {
	bad := syslog.OK
	if size > syslog.MaxFrame {
		bad = syslog.TooLong
	}
	if reason := r.feed.Frame(b, size, from, bad); reason != syslog.OK {
		r.losses.note(lossCause(reason), from, b)
	}
}

// receiveOneByOne receives with the means of the standard library, where the
// system does not support better ones.
func (r *datagramReceiver) receiveOneByOne(ctx context.Context) error {
	defer r.conn.Close()
	defer r.finish()
	wakeUp := func() { r.conn.SetReadDeadline(time.Now()) }
	r.pulse.begin(wakeUp)
	defer r.pulse.end()
	stop := context.AfterFunc(ctx, r.pulse.wakeUp)
	defer stop()
	close(r.caughtUp)

	// A longer datagram than any of UDP would have to be cut, which some systems
	// report as an error.
	buf := make([]byte, maxDatagram)
	for ctx.Err() == nil {
		r.pulse.beat()
		if err := r.readOne(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			r.conn.SetReadDeadline(time.Time{}) // Ctx is done after that only if the loop ends now.
			if ctx.Err() != nil {
				break
			}
		} else if err != nil {
			return err
		}
	}
	raw, err := r.conn.SyscallConn()
	if err != nil {
		return err
	}
	return r.drain(raw, func(most time.Duration) error { return r.readAllOneByOne(buf, most) })
}

// readOne reads and handles a datagram. It returns an error if the deadline has
// passed, or if the socket is lost.
func (r *datagramReceiver) readOne(buf []byte) error {
	n, from, err := r.read(buf)
	switch {
	case err == nil:
		r.begin()
		r.frame(buf[:min(n, syslog.MaxFrame)], n, from)
		r.feed.End()
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed):
		return err
	}
	// A pending ICMP error of another datagram; the socket still works.
	r.logger.Debug("Reading a datagram failed", "err", err)
	return nil
}

// readAllOneByOne reads until nothing is left, or for a time. A deadline can pass
// before the read that it is for begins, so nothing is left only if that happens
// several times.
func (r *datagramReceiver) readAllOneByOne(buf []byte, most time.Duration) error {
	for start, empty := time.Now(), 0; empty < 3 && time.Since(start) < most; {
		r.conn.SetReadDeadline(time.Now().Add(errorPause))
		switch err := r.readOne(buf); {
		case err == nil:
			empty = 0
		case errors.Is(err, os.ErrDeadlineExceeded):
			empty++
		default:
			return err
		}
	}
	return nil
}

// drain reads what has arrived, with readAll. Every datagram that arrives until
// the socket is closed is received, or counted as dropped by it, or meets a closed
// port, as far as the steps of r.leave work.
func (r *datagramReceiver) drain(c rawConn, readAll func(most time.Duration) error) error {
	for _, step := range r.leave {
		if err := step(c); err != nil {
			r.logger.Debug("Datagrams that arrive while the listener is being closed are not counted", "err", err)
			continue
		}
		if err := readAll(closeTime); err != nil {
			return err
		}
		// One that was on its way before may still reach the buffer.
		time.Sleep(errorPause)
	}
	return readAll(drainTime)
}

// leavePort lets a UDP socket receive from nobody but itself, by connecting it.
// What has arrived stays to be read. What arrives from now on goes to another
// socket that has the port, or is answered as if the port were closed.
func leavePort(c rawConn) error { return connectToItself(c, syscall.Getsockname, syscall.Connect) }

// connectToItself is leavePort with the calls of the system, for its type of
// descriptors.
func connectToItself[D ~int | ~uintptr](c rawConn, name func(D) (syscall.Sockaddr, error), connect func(D, syscall.Sockaddr) error) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		var own syscall.Sockaddr
		if own, err = name(D(fd)); err != nil {
			return
		}
		switch a := own.(type) {
		case *syscall.SockaddrInet4:
			if a.Addr == [4]byte{} {
				a.Addr = [4]byte{127, 0, 0, 1}
			}
		case *syscall.SockaddrInet6:
			if a.Addr == [16]byte{} { // ::ffff:127.0.0.1, because IPv6 may be turned off.
				a.Addr = [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}
			}
		}
		err = connect(D(fd), own)
	}); controlErr != nil {
		return controlErr
	}
	return err
}

// datagramReceivers are the receiver of a listener of datagrams: one for each
// socket, which is usually one.
type datagramReceivers []*datagramReceiver

// newDatagramReceivers returns the receiver for open sockets.
func (s *Set) newDatagramReceivers(o *socket) datagramReceivers {
	losses := newLossLog(s.logger(o.config.Address), len(o.packets))
	var all datagramReceivers
	for _, conn := range o.packets {
		all = append(all, s.newDatagramReceiver(o, conn, losses))
	}
	return all
}

// serve implements receiver.
//
// While the sockets were opened, one after the other, the number of those that
// the kernel could choose from grew, and a sender moved on to later ones. So each
// waits until those before it have read what they got in that time.
func (all datagramReceivers) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	for i, r := range all {
		ended := make(chan struct{})
		wait.Go(func() {
			defer close(ended)
			if errs[i] = r.serve(ctx); errs[i] != nil {
				cancel()
			}
		})
		select {
		case <-r.caughtUp:
		case <-ended:
		}
	}
	wait.Wait()
	return errors.Join(errs...)
}

// configure implements receiver: there is nothing to configure.
func (all datagramReceivers) configure(Config, *keypair) {}

// stats implements receiver. What the kernel reports, the set adds.
func (all datagramReceivers) stats(s *Stats) { s.LastFrame = all[0].arrival.last() }

// probe implements receiver.
func (all datagramReceivers) probe() (passed func() bool) {
	var each []func() bool
	for _, r := range all {
		each = append(each, r.pulse.probe(), r.losses.free)
	}
	return allOf(each)
}
