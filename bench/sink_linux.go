package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// sinkBuffer is the size of the receive buffer that the sink requests, in bytes,
// the same as the exporter's.
const sinkBuffer = 8 << 20

// serveSink receives on an address, udp://HOST:PORT or tcp://HOST:PORT, until ctx
// is done. It only counts, which is the minimum for a receiver in Go, and serves
// the count under the name of the exporter's metric at the address web.
func serveSink(ctx context.Context, address, web string) error {
	network, host, _ := strings.Cut(address, "://")
	var lines atomic.Int64
	var receive func() error
	var socket io.Closer
	var config net.ListenConfig
	switch network {
	case "udp":
		packets, err := config.ListenPacket(ctx, network, host)
		if err != nil {
			return err
		}
		conn := packets.(*net.UDPConn)
		if err := enlargeBuffer(conn); err != nil {
			return errors.Join(err, conn.Close())
		}
		socket, receive = conn, func() error { return countDatagrams(conn, &lines) }
	case "tcp":
		l, err := config.Listen(ctx, network, host)
		if err != nil {
			return err
		}
		socket, receive = l, func() error { return countStreams(l, &lines) }
	default:
		return fmt.Errorf("%s: neither udp:// nor tcp://", address)
	}
	defer socket.Close()
	l, err := config.Listen(ctx, "tcp", web)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /-/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s{listener=%q} %d\n", framesTotal, address, lines.Load())
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() {
		server.Close()
		socket.Close()
	})
	defer stop()
	ended := func(err error) error {
		if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	}
	group.Go(func() error { return ended(server.Serve(l)) })
	group.Go(func() error { return ended(receive()) })
	return group.Wait()
}

// enlargeBuffer requests the same receive buffer as the exporter. The kernel may
// grant less.
func enlargeBuffer(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, sinkBuffer) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, sinkBuffer)
		}
	})
}

func countDatagrams(conn *net.UDPConn, lines *atomic.Int64) error {
	buf := make([]byte, 8<<10)
	for {
		if _, _, err := conn.ReadFromUDPAddrPort(buf); err != nil {
			return err
		}
		lines.Add(1)
	}
}

// countStreams counts lines until the listener is closed. A connection is read
// until its sender closes it.
func countStreams(l net.Listener, lines *atomic.Int64) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			_ = countLines(conn, lines)
		}()
	}
}

func countLines(r io.Reader, lines *atomic.Int64) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		lines.Add(int64(bytes.Count(buf[:n], []byte{'\n'})))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// countFile counts the lines of a file, and writes their number in the format of
// the replay command.
func countFile(name string, w io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var lines atomic.Int64
	if err := countLines(f, &lines); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "lines         %d\nrejected      0\n", lines.Load())
	return err
}
