package store

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// releaseMapped lets go of the pages of a file that is mapped at an address. They
// are read again, mostly from the memory of the kernel, when they are needed.
//
// Only a mapping that is shared and cannot be written is touched, of which the
// file has everything. The kernel has its length: the file may be longer.
func releaseMapped(address uintptr) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return // Only memory is at stake.
	}
	for line := range strings.Lines(string(maps)) {
		// 7f1c00000000-7f1c10000000 r--s 00000000 fe:00 1234 /var/lib/ftd_exporter/state.db
		places, rest, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(places, "-")
		start, err := strconv.ParseUint(from, 16, 64)
		if err != nil || uintptr(start) != address || !strings.HasPrefix(rest, "r--s ") {
			continue
		}
		if end, err := strconv.ParseUint(to, 16, 64); err == nil {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, address, uintptr(end-start), syscall.MADV_DONTNEED)
		}
	}
}
