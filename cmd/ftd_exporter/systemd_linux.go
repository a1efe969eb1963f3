package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// monotonicMicroseconds returns the time of the monotonic clock, as systemd
// expects it.
func monotonicMicroseconds() string {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // This clock always exists.
	return strconv.FormatInt(now.Nano()/1000, 10)
}
