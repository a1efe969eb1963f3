package control_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/control"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// path is relative, because a path of more than some 100 bytes is too long for a
// socket. The tests have a working directory of their own.
const path = "control"

func serve(t *testing.T, reload func(context.Context) error) (stop func()) {
	t.Helper()
	stop, err := control.Serve(t.Context(), path, reload)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return stop
}

// The command gets the outcome of the reload that it has caused.
func TestOutcome(t *testing.T) {
	t.Chdir(t.TempDir())
	var result atomic.Pointer[error]
	stop := serve(t, func(context.Context) error { return *result.Load() })
	for _, tc := range []struct {
		result error
		want   string
	}{
		{nil, ""},
		{errors.New("f.yml:1: is wrong"), "the exporter keeps its last valid configuration: f.yml:1: is wrong"},
		{errors.Join(errors.New("one"), errors.New("two")), "the exporter keeps its last valid configuration: one; two"},
		{errors.New(""), "the exporter keeps its last valid configuration: "},
		{errors.New(strings.Repeat("long ", 10_000)), "the exporter keeps its last valid configuration: long "},
		{nil, ""},
	} {
		result.Store(&tc.result)
		got := ""
		if err := control.Reload(t.Context(), path); err != nil {
			got = err.Error()
		}
		if got != tc.want && (tc.want == "" || !strings.HasPrefix(got, tc.want)) {
			t.Errorf("%v: %q, want %q", tc.result, got, tc.want)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the socket is %v, %v", info.Mode(), err)
	}
	stop()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
	if err := control.Reload(t.Context(), path); err == nil || !strings.Contains(err.Error(), "--control.socket=control") {
		t.Errorf("without an exporter: %v", err)
	}
}

// A caller whose time is over does not wait for the reload, and an exporter that
// ends while it reloads is an error.
func TestNoAnswer(t *testing.T) {
	t.Chdir(t.TempDir())
	stop := serve(t, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := control.Reload(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the limit: %v", err)
	}
	failed := make(chan error, 1)
	go func() { failed <- control.Reload(t.Context(), path) }()
	stop()
	if err := <-failed; err == nil {
		t.Error("an exporter that ends answers ok")
	}
}

// Only a whole answer counts.
func TestForeignAnswers(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := []string{"", "ok", "okay\n", "\n", "ok\nok\n", strings.Repeat("x", 100<<10)}
	go func() {
		for _, answer := range answers {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(answer))
			conn.Close()
		}
	}()
	for _, answer := range answers {
		if err := control.Reload(t.Context(), path); err == nil {
			t.Errorf("%.20q is an answer", answer)
		}
	}
}

// A socket of a killed exporter is replaced; another file, or the socket of a
// running exporter, is not.
func TestStaleSocket(t *testing.T) {
	t.Chdir(t.TempDir())
	nothing := func(context.Context) error { return nil }
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	if runtime.GOOS != "windows" { // It does not report that the file is a socket.
		stop := serve(t, nothing)
		if _, err := control.Serve(t.Context(), path, nothing); err == nil || !strings.Contains(err.Error(), "in use by another process") {
			t.Errorf("a second exporter: %v", err)
		}
		if err := control.Reload(t.Context(), path); err != nil {
			t.Error(err)
		}
		stop()
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Serve(t.Context(), "file", nothing); err == nil || !strings.Contains(err.Error(), "is not a socket") {
		t.Errorf("a file: %v", err)
	}
	if _, err := control.Serve(t.Context(), "no/directory", nothing); err == nil {
		t.Error("without the directory there is no error")
	}
}

// Nothing stays behind.
func TestStopEndsGoroutines(t *testing.T) {
	t.Chdir(t.TempDir())
	before := runtime.NumGoroutine()
	stop := serve(t, func(context.Context) error { return nil })
	for range 10 {
		if err := control.Reload(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	testutil.Eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
}
