//go:build unix

package listener

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

func TestUnixgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syslog")
	address := "unixgram://" + path
	f := newFixture(t)
	for i := range 2 { // A reload may close it and open it again.
		f.listen(address)
		if info, err := os.Stat(path); err != nil || info.Mode() != fs.ModeSocket|unixgramMode {
			t.Fatalf("%v, %v", info.Mode(), err)
		}
		conn := f.dial(address)
		for _, text := range []string{"fw1 : " + fanFailed, fanFailed, strings.Repeat("x", 20_000), ""} {
			say(t, conn, text)
		}
		if f.eventually(address, 4*(i+1)); f.last(address).from.IsValid() {
			t.Errorf("a sender has the address %s", f.last(address).from)
		}
		f.apply()
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("the socket is still there: %v", err)
		}
	}
	if f.rejected(address, syslog.TooLong) != 2 || f.rejected(address, syslog.Empty) != 2 {
		t.Errorf("%d too long, %d empty, want 2 of each", f.rejected(address, syslog.TooLong), f.rejected(address, syslog.Empty))
	}
}

// What is at the path is removed only if it is a socket that nobody uses.
func TestUnixgramPaths(t *testing.T) {
	open := func(network, path string) func(t *testing.T) {
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
		{at("used"), open("unixgram", at("used")), "another process receives there"},
		{at("stream"), open("unix", at("stream")), "wrong type"},
		{at("file"), func(t *testing.T) { writeFile(t, at("file"), nil) }, "exists and is not a socket"},
		{at("none/x"), nil, "create the directory"},
	} {
		t.Run(filepath.Base(tc.path), func(t *testing.T) {
			if tc.prepare != nil {
				tc.prepare(t)
			}
			f := newFixture(t)
			address := "unixgram://" + tc.path
			err := f.try(Config{Address: address})
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
			say(t, f.dial(address), fanFailed)
			f.eventually(address, 1)
		})
	}
}

// When another process has taken the path over, its socket stays.
func TestUnixgramLeavesOthersSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "syslog")
	f := newFixture(t)
	f.listen("unixgram://" + path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	f.Stop()
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}
