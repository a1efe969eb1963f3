package exporter

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

var (
	errAddressInUse error = unix.EADDRINUSE
	errPermission   error = unix.EACCES
)

// setReceiveBuffer asks for a receive buffer of n bytes, beyond the system's
// limit if the process may do that.
func setReceiveBuffer(conn *net.UDPConn, n int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, n) != nil {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, n)
		}
	})
	if err != nil {
		return err
	}
	return failed
}

// socketMemory returns the size of the receive buffer and the number of
// datagrams that found it full, from the socket option SO_MEMINFO.
func socketMemory(conn *net.UDPConn) (buffer, drops uint32, ok bool) {
	const ( // Places in the kernel's answer, from linux/sock_diag.h.
		rcvbuf = 1
		dropsi = 8
	)
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	var info [16]uint32
	size := uint32(unsafe.Sizeof(info))
	err = raw.Control(func(fd uintptr) {
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		ok = errno == 0 && size > dropsi*4
	})
	return info[rcvbuf], info[dropsi], ok && err == nil
}
