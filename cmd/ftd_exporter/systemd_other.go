//go:build !linux

package main

// monotonicMicroseconds is not asked for where there is no systemd.
func monotonicMicroseconds() string { return "0" }
