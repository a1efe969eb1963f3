package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

const (
	// slice is the minimum sleep of the paced sender. Lines that become due
	// meanwhile are sent by one system call.
	slice = 100 * time.Microsecond
	// batch is the maximum number of datagrams of one system call.
	batch = 64
	// writeTimeout is the maximum time without progress of a receiver.
	writeTimeout = 30 * time.Second
)

// loopbackOnly refuses to send to another machine, whose monitoring would show
// simulated faults and high load.
func loopbackOnly(to netip.AddrPort) error {
	if !to.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s is not a loopback address; the load generator sends to this machine only", to)
	}
	return nil
}

// sendUDP sends n lines, beginning with the line first and continuing at the
// start after the last line, each as a datagram without the newline. Rate is in
// lines per second, 0 for as many as possible. It returns the time that it took.
func sendUDP(ctx context.Context, to netip.AddrPort, lines *simulator.Lines, first, n int, rate float64) (time.Duration, error) {
	s, err := dialUDP(to)
	if err != nil {
		return 0, err
	}
	defer s.close()
	// Sleep in a system call, because the runtime's timers are too coarse.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("set the timer slack: %w", err)
	}
	defer unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)

	start, err := monotonic()
	if err != nil {
		return 0, err
	}
	for sent := 0; sent < n; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		now, err := monotonic()
		if err != nil {
			return 0, err
		}
		due := batch
		if rate > 0 {
			// Line i is due at i/rate, independent of when the others were sent.
			due = min(int((now-start).Seconds()*rate)+1-sent, batch)
		}
		if due <= 0 {
			next := start + time.Duration(float64(sent)/rate*float64(time.Second))
			if err := sleep(max(next, now+slice)); err != nil {
				return 0, err
			}
			continue
		}
		done, err := s.send(lines, first+sent, min(due, n-sent))
		if err != nil {
			return 0, err
		}
		sent += done
	}
	end, err := monotonic()
	return end - start, err
}

// monotonic returns the time of the monotonic clock.
func monotonic() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0, fmt.Errorf("read the clock: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// sleep returns at a time of the monotonic clock, or earlier after a signal.
func sleep(until time.Duration) error {
	t := unix.NsecToTimespec(int64(until))
	if err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &t, nil); err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("sleep: %w", err)
	}
	return nil
}

// A udpSender is a socket connected to one receiver. It belongs to one goroutine.
type udpSender struct {
	fd       int
	messages [batch]unix.Mmsghdr
	texts    [batch]unix.Iovec
}

func dialUDP(to netip.AddrPort) (*udpSender, error) {
	if err := loopbackOnly(to); err != nil {
		return nil, err
	}
	var address unix.Sockaddr = &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	family := unix.AF_INET6
	if to.Addr().Is4() {
		address, family = &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}, unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	if err := unix.Connect(fd, address); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("connect to %s: %w", to, err)
	}
	s := &udpSender{fd: fd}
	for i := range s.messages {
		s.messages[i].Hdr.Iov = &s.texts[i]
		s.messages[i].Hdr.SetIovlen(1)
	}
	return s, nil
}

func (s *udpSender) close() { unix.Close(s.fd) }

// send sends n lines, at most a batch, and returns the number that the kernel
// accepted.
func (s *udpSender) send(lines *simulator.Lines, first, n int) (int, error) {
	for i := range n {
		line := lines.Line((first + i) % lines.Len())
		s.texts[i].Base = &line[0]
		s.texts[i].SetLen(len(line) - 1)
	}
	done, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.messages[0])), uintptr(n), 0, 0, 0)
	switch errno {
	case 0:
		return int(done), nil
	case unix.EINTR, unix.ENOBUFS:
		return 0, nil // Not sent; the next call tries again.
	}
	return 0, fmt.Errorf("send a datagram: %w", errno)
}

// sendTCP sends all lines over a number of connections, as fast as the receiver
// reads. All lines of a device go over the same connection, in order. It returns
// the time that it took.
func sendTCP(ctx context.Context, to netip.AddrPort, lines *simulator.Lines, connections int) (time.Duration, error) {
	if err := loopbackOnly(to); err != nil {
		return 0, err
	}
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for c := range connections {
		group.Go(func() error {
			conn, err := (&net.Dialer{Timeout: writeTimeout}).DialContext(ctx, "tcp", to.String())
			if err != nil {
				return err
			}
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			w := bufio.NewWriterSize(&deadlineConn{conn}, 64<<10)
			for i := range lines.Len() {
				if lines.Device(i)%connections != c {
					continue
				}
				if _, err := w.Write(lines.Line(i)); err != nil {
					return err
				}
			}
			return w.Flush()
		})
	}
	err := group.Wait()
	return time.Since(begin), err
}

// A deadlineConn returns an error if the receiver stops reading.
type deadlineConn struct{ net.Conn }

func (c *deadlineConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
