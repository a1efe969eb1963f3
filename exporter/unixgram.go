package exporter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
)

// unixgramMode lets every process of the machine send, as with /dev/log and as
// with UDP. Who wants less restricts the directory.
const unixgramMode = 0o666

// listenUnixgram opens a Unix datagram socket at path, or, if that begins with
// @, at an abstract name of Linux. It replaces a socket that a process has left
// there when it was killed, but nothing else. The file is removed when the
// listener stops.
func (e *Exporter) listenUnixgram(ctx context.Context, name, path string, logger *slog.Logger) (Listener, error) {
	var config net.ListenConfig
	abstract := strings.HasPrefix(path, "@")
	if !abstract {
		if err := removeStaleSocket(ctx, path); err != nil {
			return nil, wrapUnixError(name, err)
		}
	}
	packetConn, err := config.ListenPacket(ctx, "unixgram", path)
	if err != nil {
		return nil, wrapUnixError(name, err)
	}
	conn := packetConn.(*net.UnixConn)
	l := e.newUnixgram(name, conn, logger)
	if abstract {
		return l, nil
	}
	// Until here the mode is that of the umask, which would have to be changed
	// for the whole process.
	if err := os.Chmod(path, unixgramMode); err != nil {
		conn.Close()
		os.Remove(path)
		return nil, wrapUnixError(name, err)
	}
	ours, err := os.Lstat(path)
	l.unlink = func() { // Unless another has replaced it.
		if now, nowErr := os.Lstat(path); err == nil && nowErr == nil && os.SameFile(ours, now) {
			os.Remove(path)
		}
	}
	return l, nil
}

// removeStaleSocket removes a socket that nobody listens on.
func removeStaleSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s exists and is no socket; remove it or choose another path", path)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unixgram", path)
	if err == nil {
		conn.Close()
		return errAddressInUse
	}
	if !errors.Is(err, syscall.ECONNREFUSED) { // Another kind of socket is in use, or may not be asked.
		return err
	}
	return os.Remove(path)
}

// wrapUnixError is [wrapListenError] for addresses that are paths.
func wrapUnixError(address string, err error) error {
	switch {
	case errors.Is(err, errAddressInUse):
		return fmt.Errorf("listen on %s: %w; another process receives there: stop it or choose another path", address, err)
	case errors.Is(err, errPermission):
		return fmt.Errorf("listen on %s: %w; the exporter must be able to write to the directory", address, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("listen on %s: %w; create the directory", address, err)
	case errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("listen on %s: %w; a path of more than some 100 bytes is too long for a socket", address, err)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}
