package listener

import (
	"syscall"
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

// sharePort lets a socket that is not bound yet have a port that other sockets of
// this process have, if they allow it.
func sharePort(c rawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); controlErr != nil {
		return controlErr
	}
	return err
}

// allowSharing lets a socket that is bound share its port with one that is opened
// by [sharePort] later, when another form of the address takes its place. The
// socket had the port for itself when it was bound, so a second process that is
// started by mistake has met an error, and still does.
func allowSharing(conn any) {
	if conn, ok := conn.(syscall.Conn); ok {
		if raw, err := conn.SyscallConn(); err == nil {
			_ = sharePort(raw) // If it fails, a reload has to be a restart.
		}
	}
}

// spreadBySender distributes the datagrams of n sockets that share a port by the
// sender's address alone, so that a sender's messages stay in order even if its
// port changes. C is the first socket, and not bound yet.
func spreadBySender(c rawConn, n int) error {
	const ipHeader = 0xfff00000 // SKF_NET_OFF of linux/filter.h: offsets from here on are in the IP header.
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: ipHeader + offset}
	}
	op := func(op uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_ALU | op, K: k} }
	toX := unix.SockFilter{Code: unix.BPF_MISC | unix.BPF_TAX}
	xorX := unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_XOR | unix.BPF_X}
	program := []unix.SockFilter{
		load(0), // The version is in the first four bits of the header.
		op(unix.BPF_RSH, 28),
		{Code: unix.BPF_JMP | unix.BPF_JEQ, K: 6, Jt: 2},
		load(12), // The source of IPv4.
		{Code: unix.BPF_JMP | unix.BPF_JA, K: 10},
		load(8), // The source of IPv6.
		toX, load(12), xorX,
		toX, load(16), xorX,
		toX, load(20), xorX,
		// The addresses of firewalls are often one after the other, or have the
		// same last byte. The upper bits of the product depend on all of them.
		op(unix.BPF_MUL, 0x9e3779b1),
		op(unix.BPF_RSH, 16),
		op(unix.BPF_MOD, uint32(n)),
		{Code: unix.BPF_RET | unix.BPF_A},
	}
	return setFilter(c, unix.SO_ATTACH_REUSEPORT_CBPF, program)
}

// dropAll makes a socket drop what arrives from now on, and count it.
func dropAll(c rawConn) error {
	return setFilter(c, unix.SO_ATTACH_FILTER, []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}})
}

func setFilter(c rawConn, option int, program []unix.SockFilter) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, option, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	}); controlErr != nil {
		return controlErr
	}
	return err
}

// refuseDatagrams makes a Unix socket refuse what is sent from now on.
func refuseDatagrams(c rawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) { err = unix.Shutdown(int(fd), unix.SHUT_RD) }); controlErr != nil {
		return controlErr
	}
	return err
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
