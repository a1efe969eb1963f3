package listener

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// An fdConn is the descriptor of a socket that only its user closes.
type fdConn int

// Control implements [rawConn].
func (d fdConn) Control(f func(fd uintptr)) error {
	f(uintptr(d))
	return nil
}

// enlargeReceiveBuffer asks for a receive buffer of n bytes, beyond the system's
// limit if the process may do that, and never makes a buffer smaller. It returns
// what the socket has then, in the unit of n and of the limit: the kernel allots
// twice as much, because it counts its own needs too.
func enlargeReceiveBuffer(c rawConn, n int) (granted int, err error) {
	controlErr := c.Control(func(fd uintptr) {
		s := int(fd)
		if granted, err = receiveBufferOf(s); err != nil || granted >= n {
			return
		}
		if unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) != nil {
			// The limit would also cut down what an inherited socket has been
			// given by force, so try with another socket first.
			if most, err := receiveBufferLimit(n); err != nil || most <= granted {
				return
			}
			if err = unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUF, n); err != nil {
				return
			}
		}
		granted, err = receiveBufferOf(s)
	})
	if controlErr != nil {
		return 0, controlErr
	}
	return granted, err
}

// receiveBufferLimit returns what an unprivileged process gets that asks for n.
func receiveBufferLimit(n int) (int, error) {
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(s)
	if err := unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUF, n); err != nil {
		return 0, err
	}
	return receiveBufferOf(s)
}

func receiveBufferOf(s int) (int, error) {
	n, err := unix.GetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return n / 2, err
}

// socketMemory returns the size of the receive buffer and the number of
// datagrams that found it full, from the socket option SO_MEMINFO.
func socketMemory(c rawConn) (buffer, drops uint32, ok bool) {
	const ( // Places in the kernel's answer, from linux/sock_diag.h.
		rcvbuf = 1
		dropsi = 8
	)
	var info [16]uint32
	size := uint32(unsafe.Sizeof(info))
	err := c.Control(func(fd uintptr) {
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		ok = errno == 0 && size > dropsi*4
	})
	return info[rcvbuf], info[dropsi], ok && err == nil
}

// socketCookie returns the number of a socket, or 0 if it is not known.
func socketCookie(c rawConn) (cookie uint64) {
	_ = c.Control(func(fd uintptr) {
		cookie, _ = unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_COOKIE)
	})
	return cookie
}
