//go:build !linux

package exporter

import "syscall"

var (
	errAddressInUse error = syscall.EADDRINUSE
	errPermission   error = syscall.EACCES
)

// socketMemory is known on Linux only.
func socketMemory(control) (buffer, drops uint32, ok bool) { return 0, 0, false }

func socketCookie(control) uint64 { return 0 }
