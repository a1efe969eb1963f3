//go:build !linux

package exporter

import "net"

// isListening is true: there is no systemd to pass anything else.
func isListening(net.Listener) bool { return true }
