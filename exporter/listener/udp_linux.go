package listener

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// batchSize is how many datagrams are read at a time. Their buffers take 512
// KiB, of which only the pages that messages have filled take memory.
const batchSize = 64

// A kernel is what a [batchReader] reads from.
type kernel interface {
	// recvmmsg reads datagrams that have already arrived and never waits. It
	// returns how many there were, or EAGAIN.
	recvmmsg(fd int, messages []unix.Mmsghdr) (int, syscall.Errno)
}

// linux is the real one.
type linux struct{}

// recvmmsg implements kernel. It never waits, so it need not announce itself to
// Go's scheduler, which would cost more than the rest. With MSG_TRUNC the length
// of a message is what it was before it was cut to its buffer.
func (linux) recvmmsg(fd int, messages []unix.Mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(messages))),
		uintptr(len(messages)), unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// A batchReader reads datagrams, many at a time, and waits for them in the
// kernel rather than in Go's network poller, which would wake up for each.
type batchReader struct {
	kernel   kernel
	fd, wake int // The socket, and an event by which wait ends.

	messages [batchSize]unix.Mmsghdr
	vectors  [batchSize]unix.Iovec
	names    [batchSize]unix.RawSockaddrInet6 // Or an Inet4 in the same place.
	buffers  []byte
	polled   [2]unix.PollFd
	timeout  unix.Timespec
	zones    map[uint32]netip.Addr // Any address with the zone, by its number.
}

// newBatchReader returns a reader for the socket of conn, which it copies and
// closes, so that Go's poller no longer watches it. On error conn stays open. The
// senders of a Unix socket do not have names.
func newBatchReader(conn datagramConn, names bool, k kernel) (*batchReader, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	r := &batchReader{kernel: k, buffers: make([]byte, batchSize*syslog.MaxFrame)}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	var dupErr error
	err = raw.Control(func(fd uintptr) { r.fd, dupErr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, dupErr); err != nil {
		unix.Close(r.wake)
		return nil, fmt.Errorf("copy the socket: %w", err)
	}
	// Some sandboxes do not have the call.
	if _, errno := (linux{}).recvmmsg(r.fd, nil); errno == unix.ENOSYS || errno == unix.EPERM {
		r.close()
		return nil, fmt.Errorf("recvmmsg: %w", errno)
	}
	conn.Close()
	for i := range r.messages {
		r.vectors[i].Base = &r.buffers[i*syslog.MaxFrame]
		r.vectors[i].SetLen(syslog.MaxFrame)
		h := &r.messages[i].Hdr
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
		if names {
			h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		}
	}
	r.polled = [2]unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	return r, nil
}

func (r *batchReader) close() {
	unix.Close(r.fd)
	unix.Close(r.wake)
}

// read returns how many datagrams it has read.
func (r *batchReader) read() (int, syscall.Errno) {
	for i := range r.messages { // The kernel has set them to what it used.
		r.messages[i].Hdr.Namelen = unix.SizeofSockaddrInet6
	}
	return r.kernel.recvmmsg(r.fd, r.messages[:])
}

// datagram returns the i-th datagram that has been read, as far as it fitted in,
// and the size that it had.
func (r *batchReader) datagram(i int) (b []byte, size int) {
	size = int(r.messages[i].Len)
	return r.buffers[i*syslog.MaxFrame:][:min(size, syslog.MaxFrame)], size
}

// from returns the address that the i-th datagram came from.
func (r *batchReader) from(i int) netip.Addr {
	if r.messages[i].Hdr.Name == nil || r.messages[i].Hdr.Namelen == 0 {
		return netip.Addr{}
	}
	switch name := &r.names[i]; name.Family {
	case unix.AF_INET:
		return netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(name)).Addr)
	case unix.AF_INET6:
		a := netip.AddrFrom16(name.Addr).Unmap()
		if name.Scope_id != 0 {
			a = r.withZone(a, name.Scope_id)
		}
		return a
	}
	return netip.Addr{}
}

// withZone adds the name of an interface to an address that is valid on its link
// only. There are as many names as the system has interfaces.
func (r *batchReader) withZone(a netip.Addr, scope uint32) netip.Addr {
	known, ok := r.zones[scope]
	if !ok {
		zone := strconv.FormatUint(uint64(scope), 10)
		if i, err := net.InterfaceByIndex(int(scope)); err == nil {
			zone = i.Name
		}
		known = netip.IPv6LinkLocalAllNodes().WithZone(zone)
		if len(r.zones) > 1000 || r.zones == nil { // Interfaces have come and gone.
			r.zones = map[uint32]netip.Addr{}
		}
		r.zones[scope] = known
	}
	return a.WithZone(known.Zone())
}

// wait waits for a datagram, for wakeUp or, if that is not negative, for a time.
// It reports whether the socket is ready.
func (r *batchReader) wait(d time.Duration) (ready bool, errno syscall.Errno) {
	var timeout *unix.Timespec
	if d >= 0 {
		r.timeout = unix.NsecToTimespec(int64(d))
		timeout = &r.timeout
	}
	// Not by way of unix.Ppoll, whose errors allocate when they are looked at.
	n, _, errno := unix.Syscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&r.polled)), uintptr(len(r.polled)),
		uintptr(unsafe.Pointer(timeout)), 0, 0, 0)
	if errno != 0 || n == 0 {
		return false, errno
	}
	if r.polled[1].Revents != 0 {
		var event [8]byte
		_, _ = unix.Read(r.wake, event[:])
	}
	return r.polled[0].Revents != 0, 0
}

// wakeUp ends the present wait, or else the next one. The context or the pulse
// states what for.
func (r *batchReader) wakeUp() {
	one := [8]byte{7: 1} // Not zero, in any byte order.
	_, _ = unix.Write(r.wake, one[:])
}

func (r *datagramReceiver) enlargeReceiveBuffer(n int) (int, error) {
	raw, err := r.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	return enlargeReceiveBuffer(raw, n)
}

// serve implements receiver.
func (r *datagramReceiver) serve(ctx context.Context) error { return r.receive(ctx, linux{}) }

// receive reads in batches, or one by one where that is not possible.
func (r *datagramReceiver) receive(ctx context.Context, k kernel) error {
	_, names := r.conn.(*net.UDPConn)
	reader, err := newBatchReader(r.conn, names, k)
	if err != nil {
		r.logger.Warn("Cannot read datagrams in batches; this costs more CPU", "err", err)
		return r.receiveOneByOne(ctx)
	}
	defer reader.close()
	r.drops.replace(r.tracked, fdConn(reader.fd))
	defer r.finish()
	r.pulse.begin(reader.wakeUp)
	defer r.pulse.end() // After it, nothing writes to the descriptor that is about to be closed.
	stop := context.AfterFunc(ctx, r.pulse.wakeUp)
	defer stop()
	b := &batchReceiver{datagramReceiver: r, reader: reader}
	return b.run(ctx)
}

// leaving returns the steps by which a socket that is about to be closed receives
// no more.
func leaving(o *socket) []func(rawConn) error {
	switch {
	case o.address.Scheme == Unixgram:
		return []func(rawConn) error{refuseDatagrams}
	case len(o.packets) > 1:
		// After leavePort, senders go to another socket of the listener. What they
		// have sent before must have been read by then.
		return []func(rawConn) error{dropAll, leavePort}
	}
	return []func(rawConn) error{leavePort}
}

// A batchReceiver reads all datagrams that have arrived, again and again. In
// between it waits until the kernel wakes it, so that sparse messages are handled
// at once. If the last ones came close together, it first lets more gather.
type batchReceiver struct {
	*datagramReceiver
	reader *batchReader

	last      time.Time     // When the last datagrams had been read.
	gathered  int           // Datagrams since the last pause or wait.
	pause     time.Duration // The last one, or 0 after a wait.
	ready     bool          // Wait has reported that there is something to read.
	checked   time.Time     // When the drops were last checked.
	unchecked bool          // Datagrams have arrived after that.
	behind    int           // How many datagrams can be left that were there at the start.
}

// run receives until ctx is done and all that has arrived is read. It returns an
// error if the socket is lost.
func (b *batchReceiver) run(ctx context.Context) error {
	b.behind = 2 * receiveBuffer / minDatagram
	for ctx.Err() == nil {
		b.pulse.beat()
		n, errno := b.readBatch()
		now := time.Now()
		if b.behind > 0 {
			if b.behind -= n; b.behind <= 0 || errno == unix.EAGAIN {
				b.catchUp()
			}
		}
		switch errno {
		case 0:
			b.received(n, now)
		case unix.EAGAIN:
			errno = b.wait(now)
		}
		if errno != 0 {
			if err := b.failed(errno); err != nil {
				return err
			}
		}
	}
	return b.drain(fdConn(b.reader.fd), b.readAll)
}

// catchUp notes that what was there at the start has been read.
func (b *batchReceiver) catchUp() {
	b.behind = 0
	close(b.caughtUp)
}

// readAll reads until nothing is left, or for a time.
func (b *batchReceiver) readAll(most time.Duration) error {
	for start := time.Now(); time.Since(start) < most; {
		n, errno := b.readBatch()
		switch {
		case n > 0:
		case errno == unix.EAGAIN:
			return nil
		default:
			if err := b.failed(errno); err != nil {
				return err
			}
		}
	}
	return nil
}

// readBatch reads and handles the datagrams that have arrived, a batch at most.
func (b *batchReceiver) readBatch() (int, syscall.Errno) {
	n, errno := b.reader.read()
	if n > 0 {
		b.begin()
		for i := range n {
			datagram, size := b.reader.datagram(i)
			b.frame(datagram, size, b.reader.from(i))
		}
		b.feed.End()
	}
	return n, errno
}

// received decides what to do after n datagrams: to check the drops while more
// arrive, and to let more gather unless there are more already.
func (b *batchReceiver) received(n int, now time.Time) {
	b.ready, b.unchecked = false, true
	if now.Sub(b.checked) >= dropsInterval {
		b.drops.check(b.tracked)
		b.checked = now
	}
	if b.gathered += n; n == batchSize {
		return
	}
	if b.maxPause > 0 && (b.gathered > 1 || now.Sub(b.last) < 2*coalescePause) {
		switch {
		case b.pause == 0 || b.gathered > 4*batchSize:
			b.pause = coalescePause
		case b.gathered < batchSize:
			b.pause = min(2*b.pause, b.maxPause)
		}
		time.Sleep(b.pause)
		b.gathered = 0
	}
	b.last = now
}

// wait waits until there is something to read. If the last datagrams have not
// been followed by a check of the drops, it wakes up for that.
func (b *batchReceiver) wait(now time.Time) syscall.Errno {
	if b.ready { // A wrong checksum, or an error that does not go away.
		time.Sleep(time.Millisecond)
	}
	timeout := time.Duration(-1)
	if b.unchecked {
		timeout = dropsInterval
	}
	var errno syscall.Errno
	b.ready, errno = b.reader.wait(timeout)
	if errno == 0 && !b.ready {
		b.drops.check(b.tracked)
		b.checked, b.unchecked = now, false
	}
	b.gathered, b.pause = 0, 0
	return errno
}

// failed deals with an error of the kernel. It returns one if the socket is lost.
func (b *batchReceiver) failed(errno syscall.Errno) error {
	switch errno {
	case unix.EINTR:
		return nil
	case unix.EBADF, unix.ENOTSOCK, unix.EINVAL, unix.EFAULT:
		return fmt.Errorf("receive datagrams: %w", errno)
	case unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.EHOSTDOWN, unix.ENETUNREACH, unix.ENONET,
		unix.EMSGSIZE, unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.EPROTO:
		// An ICMP message about a datagram that was sent from the socket.
		b.logger.Debug("Reading a datagram failed", "err", errno)
		return nil
	}
	b.losses.note(lossReceive, netip.Addr{}, []byte(errno.Error()))
	time.Sleep(errorPause)
	return nil
}
