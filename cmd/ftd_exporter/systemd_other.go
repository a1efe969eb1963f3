//go:build !linux

package main

// monotonicMicroseconds is not used, because systemd runs on Linux only.
func monotonicMicroseconds() string { return "0" }
