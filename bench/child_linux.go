package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout is the maximum time until a process is ready.
	startTimeout = 30 * time.Second
	// stopTimeout is the maximum time until it has ended.
	stopTimeout = 15 * time.Second
	// drainTimeout is the maximum time until it has read everything sent.
	drainTimeout = time.Minute
	// settleTimeout is the maximum time until it is idle after that.
	settleTimeout = 20 * time.Second
)

// A child is a measured process.
type child struct {
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	ended   chan struct{} // Closed when the process has ended.
	log     tail
	web     string
	udp     netip.AddrPort // The addresses it listens on, if any.
	tcp     netip.AddrPort
	client  *http.Client
	body    bytes.Buffer  // The body of the last scrape.
	drained time.Duration // The duration of the last drain.
}

// startChild starts a command that serves metrics and receives from the given
// networks, udp or tcp, and waits until it is ready. The caller must stop it.
func startChild(ctx context.Context, command []string, networks ...string) (*child, error) {
	c := &child{ended: make(chan struct{}), client: &http.Client{
		Transport: &http.Transport{DisableCompression: true},
		Timeout:   2 * time.Minute,
	}}
	web, err := freeAddress("tcp")
	if err != nil {
		return nil, err
	}
	c.web = web.String()
	args := append(slices.Clip(command[1:]), "--web.listen-address="+c.web)
	for _, network := range networks {
		address, err := freeAddress(network)
		if err != nil {
			return nil, err
		}
		if network == "udp" {
			c.udp = address
		} else {
			c.tcp = address
		}
		args = append(args, "--syslog.listen-address="+network+"://"+address.String())
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.cmd = exec.CommandContext(ctx, command[0], args...)
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = stopTimeout
	c.cmd.Stderr = &c.log
	if err := c.cmd.Start(); err != nil {
		c.cancel()
		return nil, err
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // The log has the reason.
	}()
	err = c.wait(ctx, startTimeout, func() (bool, error) {
		resp, err := c.client.Get("http://" + c.web + "/-/ready")
		if err != nil {
			return false, nil //nolint:nilerr // It does not listen yet.
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("start %s: %w", strings.Join(c.cmd.Args, " "), err)
	}
	return c, nil
}

// freeAddress returns an address of this machine that was just free.
func freeAddress(network string) (netip.AddrPort, error) {
	const anyPort = "127.0.0.1:0"
	if network == "udp" {
		conn, err := net.ListenPacket(network, anyPort)
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
	}
	l, err := net.Listen(network, anyPort)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// stop ends the process.
func (c *child) stop() {
	c.cancel()
	<-c.ended
	c.client.CloseIdleConnections()
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// wait polls every millisecond or so until a condition is true. It returns an
// error if the condition fails, the process ends or the timeout expires.
func (c *child) wait(ctx context.Context, timeout time.Duration, condition func() (bool, error)) error {
	deadline := time.Now().Add(timeout)
	for {
		if done, err := condition(); err != nil || done {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %s\n%s", timeout, c.log.String())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return fmt.Errorf("the process has ended\n%s", c.log.String())
		case <-time.After(time.Millisecond):
		}
	}
}

// drain waits until the process has read everything in its sockets.
func (c *child) drain(ctx context.Context) error {
	begin := time.Now()
	err := c.wait(ctx, drainTimeout, func() (bool, error) {
		for network, address := range map[string]netip.AddrPort{"udp": c.udp, "tcp": c.tcp} {
			if !address.IsValid() {
				continue
			}
			if s, err := portState(network, address.Port()); err != nil || s.waiting > 0 {
				return false, err
			}
		}
		return true, nil
	})
	c.drained = time.Since(begin)
	if err != nil {
		return fmt.Errorf("drain the sockets: %w", err)
	}
	return nil
}

// settle waits until the process is idle, and returns its CPU time until then.
func (c *child) settle(ctx context.Context) (time.Duration, error) {
	const (
		pause     = 20 * time.Millisecond
		idle      = pause / 50
		idleCount = 3 // Pauses without work: a commit may wait for the disk in one.
	)
	before, err := cpuTime(c.pid())
	if err != nil {
		return 0, err
	}
	next, quiet := time.Now().Add(pause), 0
	giveUp := time.Now().Add(settleTimeout)
	err = c.wait(ctx, 2*settleTimeout, func() (bool, error) {
		if time.Now().Before(next) {
			return false, nil
		}
		now, err := cpuTime(c.pid())
		if err != nil {
			return false, err
		}
		if quiet++; now-before > idle {
			quiet = 0
		}
		before, next = now, time.Now().Add(pause)
		// Give up on a process that is never idle.
		return quiet == idleCount || time.Now().After(giveUp), nil
	})
	return before, err
}

// A tail keeps the end of a log.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const maximum = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-maximum):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
