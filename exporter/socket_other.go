//go:build !linux

package exporter

import (
	"net"
	"syscall"
)

var (
	errAddressInUse error = syscall.EADDRINUSE
	errPermission   error = syscall.EACCES
)

func setReceiveBuffer(conn *net.UDPConn, n int) error { return conn.SetReadBuffer(n) }

// socketMemory is known on Linux only.
func socketMemory(*net.UDPConn) (buffer, drops uint32, ok bool) { return 0, 0, false }
