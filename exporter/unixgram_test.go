//go:build unix

package exporter

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnixgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syslog")
	address := "unixgram://" + path
	f := newFixture(t)
	for range 2 { // A reload may close it and open it again.
		l, stop := f.listen(address)
		if info, err := os.Stat(path); err != nil || info.Mode() != fs.ModeSocket|unixgramMode {
			t.Fatalf("%v, %v", info.Mode(), err)
		}
		conn := f.dial(l)
		before := f.frames(address)
		for _, line := range []string{fan("fw1 : "), fan(""), strings.Repeat("x", 20_000), ""} {
			if _, err := io.WriteString(conn, line); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "messages", func() bool { return f.frames(address) == before+4 })
		stop()
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("the socket is still there: %v", err)
		}
	}
	for _, device := range []string{"fw1", UnknownDevice} {
		if want := fmt.Sprintf(`ftd_component_ok{component="fan",device=%q,unit="1"} 0`, device); !strings.Contains(f.devices(), want) {
			t.Errorf("no %s in\n%s", want, f.devices())
		}
	}
	if f.rejected(address, "too_long") != 2 || f.rejected(address, "empty") != 2 {
		t.Errorf("%g too long, %g empty, want 2 of each", f.rejected(address, "too_long"), f.rejected(address, "empty"))
	}
}

func fan(host string) string { return host + "%FTD-1-735002: Cooling Fan 1: Failure Detected" }

// What is at the path is removed only if it is a socket that nobody uses.
func TestUnixgramPaths(t *testing.T) {
	listen := func(network, path string) func(t *testing.T) {
		return func(t *testing.T) {
			if network == "unix" {
				l, err := net.ListenUnix(network, &net.UnixAddr{Name: path, Net: network})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { l.Close() })
				return
			}
			c, err := net.ListenUnixgram(network, &net.UnixAddr{Name: path, Net: network})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
		}
	}
	abandon := func(path string) func(t *testing.T) {
		return func(t *testing.T) {
			c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, tc := range []struct {
		path    string
		prepare func(t *testing.T)
		want    string // Of the error; empty if there is none.
	}{
		{at("free"), nil, ""},
		{at("abandoned"), abandon(at("abandoned")), ""},
		{at("used"), listen("unixgram", at("used")), "another process receives there"},
		{at("stream"), listen("unix", at("stream")), "wrong type"},
		{at("file"), func(t *testing.T) {
			if err := os.WriteFile(at("file"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "exists and is no socket"},
		{at("none/x"), nil, "create the directory"},
		{at(strings.Repeat("x", 200)), nil, "choose a shorter one"},
		{"relative", nil, "has no absolute path"},
		{"", nil, "has no absolute path"},
		{"@", nil, "has no absolute path"},
	} {
		t.Run(filepath.Base(tc.path), func(t *testing.T) {
			if tc.prepare != nil {
				tc.prepare(t)
			}
			f := newFixture(t)
			l, err := f.Listen(t.Context(), "unixgram://"+tc.path, quiet)
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Fatalf("got error %v, want %s", err, tc.want)
				}
				if _, err := os.Lstat(tc.path); tc.prepare != nil && err != nil {
					t.Errorf("what was there is gone: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f.serve(l, l.Serve)
			io.WriteString(f.dial(l), fan(""))
			eventually(t, "message", func() bool { return f.frames(l.Name()) == 1 })
		})
	}
}

// When another process has taken the path over, its socket stays.
func TestUnixgramLeavesOthersSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syslog")
	f := newFixture(t)
	_, stop := f.listen("unixgram://" + path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	stop()
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}
