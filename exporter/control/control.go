// Package control is a Unix socket on which a service manager reloads the
// configuration and gets the outcome, which a signal does not return. The exporter
// serves it, and the command reload calls it.
//
// A connection is one reload. The caller sends nothing; the answer is one line, "ok"
// or "error: " with the reason, and the end of the connection. Who may write to the
// socket may reload: the file is for the user of the exporter only.
package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	socketMode = 0o600
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 64 << 10
	// writeLimit is how long a caller may take to read its answer, which fits into
	// the buffer of a socket.
	writeLimit = 5 * time.Second

	answerOK    = "ok"
	answerError = "error: "
)

// Serve opens the socket at path, and calls reload for each connection. It replaces
// a socket that a killed process has left there, but nothing else. The context of
// reload is done when ctx is or stop is called. After stop, which waits for the
// reloads that run, the socket is removed.
func Serve(ctx context.Context, path string, reload func(context.Context) error) (stop func(), err error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		l.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // No descriptor is left, for example: the caller tries again.
				select {
				case <-time.After(time.Second):
					continue
				case <-ctx.Done():
					return
				}
			}
			running.Go(func() { answer(ctx, conn, reload) })
		}
	})
	return func() {
		cancel()
		l.Close()
		running.Wait()
	}, nil
}

// answer reloads, and writes the outcome to conn, which it closes.
func answer(ctx context.Context, conn net.Conn, reload func(context.Context) error) {
	defer conn.Close()
	line := answerOK
	if err := reload(ctx); err != nil {
		line = answerError + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	if conn.SetWriteDeadline(time.Now().Add(writeLimit)) == nil {
		_, _ = io.WriteString(conn, line+"\n") // A caller that has gone does not need it.
	}
}

// Reload reloads the configuration of the exporter that serves the socket at path. It
// returns an error if the exporter refuses the configuration, which then keeps the
// last valid one, or does not answer before ctx is done.
func Reload(ctx context.Context, path string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("%w; does the exporter run with --control.socket=%s?", err, path)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	got, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	line, whole := strings.CutSuffix(string(got), "\n")
	reason, refused := strings.CutPrefix(line, answerError)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("no answer from the exporter, which may still be reloading: %w", context.Cause(ctx))
	case refused:
		return fmt.Errorf("the exporter keeps its last valid configuration: %s", reason)
	case whole && line == answerOK:
		return nil
	case err == nil:
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the exporter ended without an answer: %w", err)
}

// removeStale removes a socket that no process serves.
func removeStale(ctx context.Context, path string) error {
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
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%s is in use by another process; stop it or choose another path", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) { // Another kind of socket, or access is denied.
		return err
	}
	return os.Remove(path)
}
