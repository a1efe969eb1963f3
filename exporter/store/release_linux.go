package store

import "syscall"

// releaseMapped lets go of the pages of a file that are mapped from an address on.
// They are read again, mostly from the memory of the kernel, when they are needed.
func releaseMapped(address uintptr, size int64) {
	// Only memory is at stake, so a failure does not matter.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, address, uintptr(size), syscall.MADV_DONTNEED)
}
