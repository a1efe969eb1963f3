// Package testutil has helpers for the tests of several packages: golden files,
// waiting for a condition, free addresses, certificates, and the program itself
// as a process.
//
// It imports the standard library only, so that any package and the nested
// module test/ can use it without new dependencies. Only tests import it.
package testutil

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// module is the path of the module whose program is under test.
const module = "github.com/ftd-exporter/ftd_exporter"

// Root returns the absolute path of the repository's root folder, from any
// folder in it.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		content, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		if first, _, _ := bytes.Cut(content, []byte("\n")); string(bytes.TrimSpace(first)) == "module "+module {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatalf("no folder above this test has the go.mod of %s", module)
		}
		dir = parent
	}
}

// Eventually polls f until it returns true or no error, first every
// millisecond, later every 50 ms. It fails the test after a minute, with the
// name of the condition and the last error of f, if f returns errors.
func Eventually[F func() bool | func() error](t testing.TB, condition string, f F) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var ok bool
		var err error
		switch f := any(f).(type) {
		case func() bool:
			ok = f()
		case func() error:
			err = f()
			ok = err == nil
		}
		if ok {
			return
		}
		if time.Now().After(deadline) {
			if err != nil {
				t.Fatalf("%s: not within a minute: %v", condition, err)
			}
			t.Fatalf("%s: not within a minute", condition)
		}
		time.Sleep(pause)
	}
}

// FreeAddr returns an address of 127.0.0.1, as host:port, whose port was just
// free for TCP and UDP.
func FreeAddr(t testing.TB) string {
	t.Helper()
	return FreeAddrOn(t, "127.0.0.1")
}

// FreeAddrOn is FreeAddr for another loopback address. On Linux, all of
// 127.0.0.0/8 is loopback: on an address that no other process uses, a port
// stays free while nothing listens there.
func FreeAddrOn(t testing.TB, host string) string {
	t.Helper()
	var errs []error
	for range 20 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		p, err := net.ListenPacket("udp", address)
		l.Close()
		if err == nil {
			p.Close()
			return address
		}
		errs = append(errs, err)
	}
	t.Fatalf("no port of %s is free for both TCP and UDP: %v", host, errs)
	return ""
}

// Get returns the body of a URL, and an error unless its status is 200.
func Get(client *http.Client, url string) (body string, err error) {
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s\n%s", url, resp.Status, content)
	}
	return string(content), err
}

// Shows returns an error unless the metrics at a URL have the line, given
// complete and without its newline. It is for use with Eventually.
func Shows(client *http.Client, url, line string) error {
	metrics, err := Get(client, url)
	if err == nil && !strings.Contains("\n"+metrics, "\n"+line+"\n") {
		err = fmt.Errorf("%s does not have the line %s", url, line)
	}
	return err
}
