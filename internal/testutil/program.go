package testutil

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Buffer is a bytes.Buffer that several goroutines may write and read. The
// zero value is empty and ready.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the buffer and never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns everything written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A Process is a running command, killed at the end of the test. Its methods may
// be called from several goroutines.
type Process struct {
	Cmd *exec.Cmd // For its Process; do not call its Wait.

	t     testing.TB
	log   Buffer
	ended chan struct{} // Closed when the command has ended, and err is set.
	err   error
}

// Run starts a command. Its standard error is kept, and its standard output too,
// unless the command has a writer for it. At the end of the test the command is
// killed if it still runs, and its output is logged if the test has failed.
func Run(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{Cmd: cmd, t: t, ended: make(chan struct{})}
	cmd.Stderr = &p.log
	if cmd.Stdout == nil {
		cmd.Stdout = &p.log
	}
	// A child that outlives the command must not block the test.
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("output of %q:\n%s", cmd.Args, p.Log())
		}
	})
	return p
}

// Log returns the output of the command so far.
func (p *Process) Log() string { return p.log.String() }

// Wait waits until the command has ended, and returns nil if that was with
// status 0.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Signal sends a signal and fails the test if the command has ended already.
func (p *Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// Stop ends the command as a service manager does, by SIGTERM, and waits. It
// fails the test if the command does not end with status 0. Windows does not have such
// signal.
func (p *Process) Stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// Kill ends the command as a power cut would, if it runs, and waits.
func (p *Process) Kill() {
	_ = p.Cmd.Process.Kill()
	<-p.ended
}

// Program returns the path of the program ftd_exporter, built from this
// repository without the race detector. It is in Go's build cache, so it is
// linked only after a change and remains after the test.
func Program(t testing.TB) string {
	t.Helper()
	cmd := exec.Command("go", "tool", "-n", "ftd_exporter") // A tool in go.mod.
	cmd.Dir = Root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	path := strings.TrimSpace(string(out))
	if err != nil || !filepath.IsAbs(path) {
		t.Fatalf("building ftd_exporter: %v: %s\n%s", err, path, stderr.String())
	}
	return path
}

// An Exporter is a running ftd_exporter process.
type Exporter struct {
	*Process
	Web      string // The address of its web server, as host:port.
	UDP, TCP string // The addresses at which it receives syslog without TLS; empty without such flags.
}

// Serve starts "ftd_exporter serve" with further flags, and returns when it is
// ready. Without --web.listen-address it gets a free address; without
// --storage.path it keeps its state in memory; without --syslog.listen-address
// and --config.file it receives syslog over UDP and TCP.
func Serve(t testing.TB, flags ...string) *Exporter {
	t.Helper()
	e := Start(t, Program(t), flags...)
	Eventually(t, "ftd_exporter is ready", func() error {
		select {
		case <-e.ended:
			t.Fatalf("ftd_exporter has ended: %v\n%s", e.err, e.Log())
		default:
		}
		_, err := e.Get("/-/ready")
		return err
	})
	return e
}

// Start is Serve for a given program, and does not wait.
func Start(t testing.TB, program string, flags ...string) *Exporter {
	t.Helper()
	has := func(name string) bool {
		return slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, "--"+name+"=") })
	}
	flags = slices.Clone(flags)
	if !has("syslog.listen-address") && !has("config.file") {
		flags = append(flags, "--syslog.listen-address=udp://"+FreeAddr(t), "--syslog.listen-address=tcp://"+FreeAddr(t))
	}
	if !has("web.listen-address") {
		flags = append(flags, "--web.listen-address="+FreeAddr(t))
	}
	if !has("storage.path") {
		flags = append(flags, "--storage.path=")
	}
	e := &Exporter{}
	for name, field := range map[string]*string{
		"--web.listen-address=": &e.Web, "--syslog.listen-address=udp://": &e.UDP, "--syslog.listen-address=tcp://": &e.TCP,
	} {
		for _, flag := range flags {
			if address, ok := strings.CutPrefix(flag, name); ok && *field == "" {
				*field = address
			}
		}
	}
	e.Process = Run(t, exec.Command(program, append([]string{"serve"}, flags...)...))
	return e
}

// Get returns the web server's response at a path, and an error unless its
// status is 200. Each call uses a new connection and leaves no goroutine behind.
func (e *Exporter) Get(path string) (body string, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	return Get(client, "http://"+e.Web+path)
}

// Metrics returns the metrics in the text format of Prometheus.
func (e *Exporter) Metrics() (string, error) { return e.Get("/metrics") }

// Shows returns an error unless /metrics has the line, given complete and
// without its newline. It is for use with Eventually.
func (e *Exporter) Shows(line string) error {
	metrics, err := e.Metrics()
	if err == nil && !strings.Contains("\n"+metrics, "\n"+line+"\n") {
		err = fmt.Errorf("/metrics does not have the line %s", line)
	}
	return err
}

// Send sends one message, given without its newline, over udp or tcp as a
// firewall does.
func (e *Exporter) Send(network, message string) {
	e.t.Helper()
	address, end := e.UDP, ""
	if network == "tcp" {
		address, end = e.TCP, "\n"
	}
	conn, err := net.Dial(network, address)
	if err != nil {
		e.t.Fatal(err)
	}
	_, err = io.WriteString(conn, message+end)
	if err := errors.Join(err, conn.Close()); err != nil {
		e.t.Fatal(err)
	}
}
