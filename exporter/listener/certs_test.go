package listener

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A new certificate is for new connections, and one that cannot be used for none.
func TestCertificatesAreReloaded(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthRequire))
	client := p.client(p.clients.Issue(t).TLS(t))
	serial := func() string {
		t.Helper()
		conn, err := f.dialTLS(client)
		if err != nil {
			t.Fatal(err)
		}
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	const reloaded, notAfter = "ftd_exporter_tls_certificate_reload_successful", "ftd_exporter_tls_certificate_not_after_timestamp_seconds"

	old, err := f.dialTLS(client)
	if err != nil {
		t.Fatal(err)
	}
	first := serial()
	f.apply(p.config(ClientAuthRequire))
	if serial() != first || f.log.count("Certificate loaded") != 0 {
		t.Error("without a change there is a new certificate")
	}

	later := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	p.write(p.servers.Issue(t, func(c *x509.Certificate) { c.NotAfter = later }))
	change, err := f.Prepare(t.Context(), []Config{p.config(ClientAuthRequire)}, f.limits)
	if err != nil {
		t.Fatal(err)
	}
	if serial() != first {
		t.Error("a certificate is in use before the commit")
	}
	change.Commit()
	second := serial()
	if second == first {
		t.Error("a new connection gets the old certificate")
	}
	f.counts(notAfter, tlsAddress, float64(later.Unix()))
	f.counts(reloaded, tlsAddress, 1)
	say(t, old, fanFailedLine)
	f.eventually(tlsAddress, 1)

	// What is wrong makes the change fail, which then changes nothing.
	for name, breakIt := range map[string]func(){
		"a key of another certificate": func() { writeFile(t, p.settings.CertFile, p.servers.Issue(t).Cert) },
		"not a certificate":            func() { writeFile(t, p.settings.CertFile, []byte("none")) },
		"no file":                      func() { os.Remove(p.settings.CertFile) },
		"no authorities":               func() { writeFile(t, p.settings.ClientCAFile, nil) },
	} {
		breakIt()
		added := free(t)
		if err := f.try(p.config(ClientAuthRequire), Config{Address: added}); err == nil || !strings.HasPrefix(err.Error(), "listen on "+tlsAddress+": tls.") {
			t.Errorf("%s: %v", name, err)
		}
		isFree(t, added)
		if serial() != second {
			t.Errorf("%s: the last valid one is gone", name)
		}
		p.write(p.servers.Issue(t))
		writeFile(t, p.settings.ClientCAFile, p.clients.PEM())
		f.apply(p.config(ClientAuthRequire))
		second = serial()
	}

	// Other authorities are for new connections at once.
	writeFile(t, p.settings.ClientCAFile, p.others.PEM())
	f.apply(p.config(ClientAuthRequire))
	before := f.handshakeFailures()
	if conn, err := f.dialTLS(client); err == nil {
		_, _ = io.WriteString(conn, fanFailedLine)
	}
	f.counts("ftd_exporter_tls_handshake_failures_total", tlsAddress, before+1)

	// So are other settings, and a new configuration may name other files.
	f.apply(p.config(ClientAuthNone))
	if _, err := f.dialTLS(p.client()); err != nil {
		t.Error(err)
	}

	f.apply()
	for _, name := range []string{reloaded, notAfter} {
		if _, ok := f.metric(name, tlsAddress); ok {
			t.Errorf("a listener that is gone has %s", name)
		}
	}
}

// Files that change are noticed within seconds, and what is wrong with them is
// logged, but not each time.
func TestCertificateFilesAreWatched(t *testing.T) {
	p := newPKI(t)
	second := p.servers.Issue(t)
	settings := p.settings
	pair, err := settings.load()
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics()
	synctest.Test(t, func(t *testing.T) {
		var log logged
		c := newCertReloader("tls://:6514", pair, m, log.logger())
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go c.watch(ctx)
		wait := func() {
			time.Sleep(certificateCheck + time.Second) // In the time of the bubble.
			synctest.Wait()
		}
		wait()
		if c.current.Load() != pair || log.String() != "" {
			t.Errorf("loaded without a change: %s", &log)
		}
		p.write(second)
		wait()
		current := c.current.Load()
		if current == pair {
			t.Fatal("the change was not noticed")
		}
		writeFile(t, p.settings.KeyFile, nil)
		for range 30 {
			wait()
		}
		if c.current.Load() != current {
			t.Error("a certificate without a key is in use")
		}
		const failed = "Loading the certificate failed"
		if n := log.count(failed); n != 1 {
			t.Errorf("%d lines about one failure:\n%s", n, &log)
		}
		for i := range 30 { // Five minutes and a half, with another failure each time.
			writeFile(t, p.settings.CertFile, []byte(strings.Repeat("x", i)))
			writeFile(t, p.settings.KeyFile, []byte(fmt.Sprint(i)))
			os.Remove(p.settings.CertFile)
			if i%2 == 0 {
				writeFile(t, p.settings.CertFile, []byte("x"))
			}
			wait()
		}
		if n := log.count(failed); n < 3 || n > 7 {
			t.Errorf("%d lines in five minutes:\n%s", n, &log)
		}
		p.write(second)
		wait()
		if n := log.count("Certificate loaded"); n != 2 || c.failure != "" {
			t.Errorf("not loaded again when it was mended:\n%s", &log)
		}
	})
}
