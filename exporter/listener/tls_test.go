package listener

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

const tlsAddress = "tls://127.0.0.1:0"

// config is a listener with these files.
func (p *pki) config(auth ClientAuth) Config {
	c := Config{Address: tlsAddress, TLS: p.settings}
	c.TLS.ClientAuth = auth
	return c
}

func (f *fixture) dialTLS(config *tls.Config) (*tls.Conn, error) {
	f.t.Helper()
	conn := tls.Client(f.dial(tlsAddress), config)
	return conn, conn.Handshake()
}

func (f *fixture) handshakeFailures() float64 {
	f.t.Helper()
	n, _ := f.metric("ftd_exporter_tls_handshake_failures_total", tlsAddress)
	return n
}

func expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }

// Which clients a listener accepts, and which accept it. What is refused is counted, and
// does not disturb the next sender.
func TestTLSHandshakes(t *testing.T) {
	p := newPKI(t)
	with := func(ca *testutil.CA, change ...func(*x509.Certificate)) func(*tls.Config) {
		cert := ca.Issue(t, change...).TLS(t)
		return func(c *tls.Config) {
			// Whether it is asked for or not: a client that is told which
			// authorities count would send nothing.
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
		}
	}
	nothing := func(*tls.Config) {}
	version := func(v uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion = min(v, tls.VersionTLS12), v }
	}
	self := testutil.NewCA(t, "fw1")
	for _, tc := range []struct {
		name   string
		auth   ClientAuth
		server func(*x509.Certificate)
		client func(*tls.Config)
		ok     bool
	}{
		{"nobody asks the client", ClientAuthNone, nil, nothing, true},
		{"nobody asks the client, who would have one", ClientAuthNone, nil, with(p.others), true},
		{"TLS 1.2", ClientAuthNone, nil, version(tls.VersionTLS12), true},
		{"TLS 1.1", ClientAuthNone, nil, version(tls.VersionTLS11), false},
		{"the client trusts another authority", ClientAuthNone, nil, func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, false},
		{"the listener's certificate has expired", ClientAuthNone, expired, nothing, false},
		{"the listener's certificate has another name", ClientAuthNone, func(c *x509.Certificate) { c.IPAddresses = nil }, nothing, false},
		{"a client with a certificate", ClientAuthRequire, nil, with(p.clients), true},
		{"a client without", ClientAuthRequire, nil, nothing, false},
		{"a client's certificate from another authority of that name", ClientAuthRequire, nil, with(p.others), false},
		{"a client's certificate signed by itself", ClientAuthRequire, nil, with(self), false},
		{"a client's certificate that has expired", ClientAuthRequire, nil, with(p.clients, expired), false},
		{"a client's certificate for servers", ClientAuthRequire, nil, with(p.clients, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}), false},
		{"optional, with", ClientAuthOptional, nil, with(p.clients), true},
		{"optional, without", ClientAuthOptional, nil, nothing, true},
		{"optional, with a wrong one", ClientAuthOptional, nil, with(p.others), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var change []func(*x509.Certificate)
			if tc.server != nil {
				change = append(change, tc.server)
			}
			p.write(p.servers.Issue(t, change...))
			f := newFixture(t)
			f.apply(p.config(tc.auth))
			client := p.client()
			tc.client(client)
			conn, err := f.dialTLS(client)
			if tc.ok {
				if err != nil {
					t.Fatal(err)
				}
				say(t, conn, fanFailedLine)
				f.eventually(tlsAddress, 1)
				if n := f.handshakeFailures(); n != 0 {
					t.Errorf("%g failures", n)
				}
				return
			}
			if err == nil { // In TLS 1.3, a client is done before it is accepted.
				_, _ = io.WriteString(conn, fanFailedLine)
			}
			f.counts("ftd_exporter_tls_handshake_failures_total", tlsAddress, 1)
			if n := f.count(tlsAddress); n != 0 {
				t.Errorf("%d frames of a client that was refused", n)
			}
			p.write(p.servers.Issue(t))
			f.apply(p.config(tc.auth))
			good := p.client()
			with(p.clients)(good)
			if conn, err = f.dialTLS(good); err != nil {
				t.Fatal(err)
			}
			say(t, conn, fanFailedLine)
			f.eventually(tlsAddress, 1)
		})
	}
}

func TestTLSMinVersion(t *testing.T) {
	p := newPKI(t)
	p.settings.MinVersion = TLS13
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	old := p.client()
	old.MaxVersion = tls.VersionTLS12
	if _, err := f.dialTLS(old); err == nil {
		t.Error("TLS 1.2 was accepted")
	}
	if _, err := f.dialTLS(p.client()); err != nil {
		t.Error(err)
	}
}

// The feed gets the name in a client's certificate.
func TestTLSClientName(t *testing.T) {
	p := newPKI(t)
	named := func(common string, dns ...string) *tls.Config {
		return p.client(p.clients.Issue(t, func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: common}
			c.DNSNames = dns
		}).TLS(t))
	}
	for _, tc := range []struct {
		name    string
		auth    ClientAuth
		client  *tls.Config
		want    string
		refused bool
	}{
		{"the common name", ClientAuthRequire, named("cn"), "cn", false},
		{"the first DNS name before the common name", ClientAuthRequire, named("cn", "dns1.example.com", "dns2"), "dns1.example.com", false},
		{"no name", ClientAuthRequire, named(""), "", false},
		{"no certificate", ClientAuthOptional, p.client(), "", false},
		{"a certificate that was not asked for", ClientAuthNone, named("cn"), "", false},
		{"a dot at the end", ClientAuthRequire, named("FW1."), "FW1", false},
		{"an address", ClientAuthRequire, named("192.0.2.1"), "192.0.2.1", false},
		{"other letters", ClientAuthRequire, named("f\u00fcnf-fw"), "f\u00fcnf-fw", false},
		{"a line end and an escape sequence", ClientAuthRequire, named("fw\nx\x1b[31m"), "", true},
		{"an override of the direction", ClientAuthRequire, named("fw\u202e1"), "", true},
		{"a space", ClientAuthRequire, named("Edge Firewall"), "", true},
		{"a space that is not in ASCII", ClientAuthRequire, named("edge\u00a0fw"), "", true},
		{"a wildcard", ClientAuthRequire, named("cn", "*.example.com"), "", true},
		{"a wildcard in the common name", ClientAuthRequire, named("fw*.example.com"), "", true},
		{"nothing but a dot", ClientAuthRequire, named("."), "", true},
		{"a long name", ClientAuthRequire, named(strings.Repeat("x", 256)), "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			f.apply(p.config(tc.auth))
			conn, err := f.dialTLS(tc.client)
			if err != nil {
				t.Fatal(err)
			}
			say(t, conn, fanFailedLine)
			f.eventually(tlsAddress, 1)
			if last := f.last(tlsAddress); last.client != tc.want || !last.stream || last.text != fanFailed {
				t.Errorf("%+v, want the client %q", last, tc.want)
			}
			n, _ := f.metric("ftd_exporter_tls_client_names_refused_total", tlsAddress)
			if logged := f.log.count("cannot name a device"); (n == 1) != tc.refused || (logged == 1) != tc.refused {
				t.Errorf("%g names are refused, %d lines:\n%s", n, logged, f.log)
			}
		})
	}
}

// Clients that do not finish the handshake delay no other client.
func TestTLSHandshakesThatNeverFinish(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	silent, half := f.dial(tlsAddress), f.dial(tlsAddress)
	say(t, half, string(halfRecord()))
	conn, err := f.dialTLS(p.client())
	if err != nil {
		t.Fatal(err)
	}
	say(t, conn, fanFailedLine)
	f.eventually(tlsAddress, 1)
	f.counts("ftd_exporter_tcp_connections", tlsAddress, 3)

	begin := time.Now()
	f.Stop()
	if took := time.Since(begin); took > handshakeTime/2 {
		t.Errorf("stopping took %s", took)
	}
	for name, c := range map[string]net.Conn{"silent": silent, "half": half} {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection is still open: %v", name, err)
		}
	}
}

// halfRecord is the head of a client's first record.
func halfRecord() []byte { return []byte{22, 3, 1, 2, 0, 1} }

func TestTLSHandshakeTime(t *testing.T) {
	p := newPKI(t)
	c := p.config(ClientAuthNone)
	pair, err := c.TLS.load()
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string][]byte{"silence": nil, "half of a record": halfRecord()} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				defer serve(t, f.newStreamReceiver(l.socket(tlsAddress, pair)).serve)()
				conn := l.dial(netip.AddrPort{})
				go conn.Write(first)
				begin := time.Now()
				_, _ = io.Copy(io.Discard, conn) // Until the listener closes it.
				if took := time.Since(begin); took != handshakeTime {
					t.Errorf("given up after %s", took)
				}
				conn.Close()
			})
			if n := f.handshakeFailures(); n != 1 {
				t.Errorf("%g failures", n)
			}
		})
	}
}

// What is not TLS is counted and logged with the remedy. A check whether the port
// is open is neither.
func TestPlainTextOnATLSPort(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	for range 5 {
		f.dial(tlsAddress).Close()
	}
	for i := range 5 {
		say(t, f.dial(tlsAddress), "<161>"+fanFailedLine)
		f.counts("ftd_exporter_tls_handshake_failures_total", tlsAddress, float64(i+1))
	}
	f.apply()
	if n := f.handshakeFailures(); f.count(tlsAddress) != 0 || n != 5 {
		t.Errorf("%d frames, %g failures", f.count(tlsAddress), n)
	}
	if n := f.log.count("does not use TLS; turn it on there"); n != 1 {
		t.Errorf("%d lines:\n%s", n, f.log)
	}
}

// A connection whose handshake is not done counts, and is closed before one that
// has brought messages.
func TestEvictionCountsHandshakes(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.limits.TCPConnections = 2
	f.apply(p.config(ClientAuthNone))
	firewall, err := f.dialTLS(p.client())
	if err != nil {
		t.Fatal(err)
	}
	say(t, firewall, fanFailedLine)
	f.eventually(tlsAddress, 1)
	for i := range 10 { // The firewall is idle longest all the time.
		f.dial(tlsAddress)
		f.counts("ftd_exporter_tcp_connections_evicted_total", tlsAddress, float64(i))
	}
	say(t, firewall, fanFailedLine)
	f.eventually(tlsAddress, 2)
	if n, _ := f.metric("ftd_exporter_tcp_connections", tlsAddress); n > 2 {
		t.Errorf("%g connections", n)
	}
}
