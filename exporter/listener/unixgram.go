package listener

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// unixgramMode lets every process of the machine send, as with /dev/log and as
// with UDP. To restrict access, restrict the directory.
const unixgramMode = 0o666

// openUnixgram opens a Unix datagram socket at a path, or, if that begins with
// @, at an abstract name of Linux. It replaces a socket that a killed process has
// left there, but nothing else.
func (s *socket) openUnixgram(ctx context.Context) error {
	var config net.ListenConfig
	name, path := s.config.Address, s.address.Target
	abstract := strings.HasPrefix(path, "@")
	if !abstract {
		if err := removeStaleSocket(ctx, path); err != nil {
			return wrapUnixError(name, err)
		}
	}
	conn, err := config.ListenPacket(ctx, "unixgram", path)
	if err != nil {
		return wrapUnixError(name, err)
	}
	s.packets = []datagramConn{conn.(*net.UnixConn)}
	if abstract {
		return nil
	}
	// Until here the mode is what the umask allows, which would have to be
	// changed for the whole process.
	if err := os.Chmod(path, unixgramMode); err != nil {
		conn.Close()
		os.Remove(path)
		return wrapUnixError(name, err)
	}
	ours, err := os.Lstat(path)
	s.unlink = func() { // Unless another process has replaced it.
		if now, nowErr := os.Lstat(path); err == nil && nowErr == nil && os.SameFile(ours, now) {
			os.Remove(path)
		}
	}
	return nil
}

// removeStaleSocket removes a socket that no process receives on.
func removeStaleSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s exists and is not a socket; remove it or choose another path", path)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unixgram", path)
	if err == nil {
		conn.Close()
		return syscall.EADDRINUSE
	}
	if !errors.Is(err, syscall.ECONNREFUSED) { // Another kind of socket is in use, or access is denied.
		return err
	}
	return os.Remove(path)
}

// wrapUnixError is [wrapListenError] for addresses that are paths.
func wrapUnixError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s: %w; another process receives there: stop it or choose another path", address, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s: %w; the exporter must be able to write to the directory", address, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("listen on %s: %w; create the directory", address, err)
	case errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("listen on %s: %w; a path of more than some 100 bytes is too long for a socket", address, err)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}
