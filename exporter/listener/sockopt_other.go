//go:build !linux

package listener

// socketMemory is known on Linux only.
func socketMemory(rawConn) (buffer, drops uint32, ok bool) { return 0, 0, false }

func socketCookie(rawConn) uint64 { return 0 }
