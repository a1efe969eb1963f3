//go:build !linux

package listener

import "errors"

// socketMemory is known on Linux only.
func socketMemory(rawConn) (buffer, drops uint32, ok bool) { return 0, 0, false }

func socketCookie(rawConn) uint64 { return 0 }

// sharePort works on Linux only.
func sharePort(rawConn) error {
	return errors.New("on this system, two sockets cannot share a port; restart the exporter to change the form of an address, and leave sockets out")
}

func allowSharing(any) {}

func spreadBySender(rawConn, int) error { return nil } // sharePort has failed.
