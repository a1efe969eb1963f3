package listener

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// isListening reports whether a socket accepts connections, and is not one
// itself.
func isListening(l net.Listener) bool {
	listening := 0
	if conn, ok := l.(syscall.Conn); ok {
		if raw, err := conn.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				listening, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
			})
		}
	}
	return listening != 0
}
