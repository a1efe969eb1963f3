package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// monotonicMicroseconds returns the time of the clock that systemd goes by.
func monotonicMicroseconds() string {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // It exists.
	return strconv.FormatInt(now.Nano()/1000, 10)
}
