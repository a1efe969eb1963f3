//go:build !linux

package listener

import "net"

// isListening is true: without systemd, nothing else is passed.
func isListening(net.Listener) bool { return true }
