package exporter

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// pem returns the authority's own certificate.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// A certPair is a certificate and its key in PEM form.
type certPair struct{ cert, key []byte }

// issue signs a certificate for 127.0.0.1, which change may change before.
func (a *authority) issue(t testing.TB, change func(*x509.Certificate)) certPair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "fw1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return certPair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}
}

func (p certPair) certificate(t testing.TB) tls.Certificate {
	t.Helper()
	c, err := tls.X509KeyPair(p.cert, p.key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }

func writeFile(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A pki is a listener's files, and who signs what.
type pki struct {
	t               testing.TB
	servers, others *authority // Others are trusted by nobody.
	clients         *authority
	settings        TLSConfig
}

// newPKI writes the files of a listener into a directory of the test.
func newPKI(t testing.TB) *pki {
	t.Helper()
	dir := t.TempDir()
	p := &pki{
		t: t, servers: newAuthority(t, "servers"), clients: newAuthority(t, "clients"), others: newAuthority(t, "clients"),
		settings: TLSConfig{
			CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
			ClientCAFile: filepath.Join(dir, "ca.pem"), MinVersion: TLS12,
		},
	}
	p.write(p.servers.issue(t, nil))
	writeFile(t, p.settings.ClientCAFile, p.clients.pem())
	return p
}

func (p *pki) write(server certPair) {
	p.t.Helper()
	writeFile(p.t, p.settings.CertFile, server.cert)
	writeFile(p.t, p.settings.KeyFile, server.key)
}

// config is the configuration of a listener with these files.
func (p *pki) config(auth ClientAuth) *Config {
	c := DefaultConfig()
	c.TLS = p.settings
	c.TLS.ClientAuth = auth
	return c
}

// client is that of a firewall that trusts the right authority.
func (p *pki) client(certificates ...tls.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(p.servers.cert)
	return &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", Certificates: certificates}
}

// apply applies a configuration that is in no file.
func (f *fixture) apply(c *Config) {
	f.t.Helper()
	if err := f.Configure(c); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) dialTLS(l Listener, config *tls.Config) (*tls.Conn, error) {
	f.t.Helper()
	conn, err := tls.Dial("tcp", l.Addr().String(), config)
	if err == nil {
		f.t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

func (f *fixture) handshakeFailures(l Listener) float64 {
	return testutil.ToFloat64(f.metrics.tls.handshakeFailures.WithLabelValues(l.Name()))
}

const failedFan = "%FTD-1-735002: Cooling Fan 1: Failure Detected\n"

// Whom a listener accepts, and who accepts it. What is refused is counted, and
// the next sender is none the worse for it.
func TestTLSHandshakes(t *testing.T) {
	p := newPKI(t)
	with := func(a *authority, change func(*x509.Certificate)) func(*tls.Config) {
		cert := a.issue(t, change).certificate(t)
		return func(c *tls.Config) {
			// As asked for or not: a client that is told which authorities
			// count would send nothing.
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
		}
	}
	nothing := func(*tls.Config) {}
	version := func(v uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion = min(v, tls.VersionTLS12), v }
	}
	self := newAuthority(t, "fw1")
	for _, tc := range []struct {
		name   string
		auth   ClientAuth
		server func(*x509.Certificate)
		client func(*tls.Config)
		ok     bool
	}{
		{"nobody asks the client", ClientAuthNone, nil, nothing, true},
		{"nobody asks the client, who would have one", ClientAuthNone, nil, with(p.others, nil), true},
		{"TLS 1.2", ClientAuthNone, nil, version(tls.VersionTLS12), true},
		{"TLS 1.1", ClientAuthNone, nil, version(tls.VersionTLS11), false},
		{"the client trusts another authority", ClientAuthNone, nil, func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, false},
		{"the listener's certificate has expired", ClientAuthNone, expired, nothing, false},
		{"the listener's certificate has another name", ClientAuthNone, func(c *x509.Certificate) { c.IPAddresses = nil }, nothing, false},
		{"a client with a certificate", ClientAuthRequire, nil, with(p.clients, nil), true},
		{"a client without", ClientAuthRequire, nil, nothing, false},
		{"a client's certificate from another authority of that name", ClientAuthRequire, nil, with(p.others, nil), false},
		{"a client's certificate signed by itself", ClientAuthRequire, nil, with(self, nil), false},
		{"a client's certificate that has expired", ClientAuthRequire, nil, with(p.clients, expired), false},
		{"a client's certificate for servers", ClientAuthRequire, nil, with(p.clients, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}), false},
		{"optional, with", ClientAuthOptional, nil, with(p.clients, nil), true},
		{"optional, without", ClientAuthOptional, nil, nothing, true},
		{"optional, with a wrong one", ClientAuthOptional, nil, with(p.others, nil), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p.write(p.servers.issue(t, tc.server))
			f := newFixture(t)
			f.apply(p.config(tc.auth))
			l, _ := f.listen("tls://127.0.0.1:0")
			client := p.client()
			tc.client(client)
			conn, err := f.dialTLS(l, client)
			if tc.ok {
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, failedFan)
				eventually(t, "message", func() bool { return f.state.Stats().Devices == 1 })
				if n := f.handshakeFailures(l); n != 0 {
					t.Errorf("%g failures", n)
				}
				return
			}
			if err == nil { // By TLS 1.3, a client is done before it is accepted.
				io.WriteString(conn, failedFan)
			}
			eventually(t, "failure", func() bool { return f.handshakeFailures(l) == 1 })
			if n := f.frames(l.Name()); n != 0 {
				t.Errorf("%g frames of a client that was refused", n)
			}
			p.write(p.servers.issue(t, nil))
			l.(*tcpListener).certificates.reload(false)
			good := p.client()
			with(p.clients, nil)(good)
			if conn, err = f.dialTLS(l, good); err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, failedFan)
			eventually(t, "the next sender's message", func() bool { return f.frames(l.Name()) == 1 })
		})
	}
}

func TestTLSMinVersion(t *testing.T) {
	p := newPKI(t)
	p.settings.MinVersion = TLS13
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	l, _ := f.listen("tls://127.0.0.1:0")
	old := p.client()
	old.MaxVersion = tls.VersionTLS12
	if _, err := f.dialTLS(l, old); err == nil {
		t.Error("TLS 1.2 was spoken")
	}
	if _, err := f.dialTLS(l, p.client()); err != nil {
		t.Error(err)
	}
}

// A client's certificate says which device it is, as far as the order of
// identity wants to know.
func TestTLSClientName(t *testing.T) {
	p := newPKI(t)
	named := func(common string, dns ...string) tls.Certificate {
		return p.clients.issue(t, func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: common}
			c.DNSNames = dns
		}).certificate(t)
	}
	header := "<161>2026-03-17T12:00:00Z liar : " + failedFan
	for _, tc := range []struct {
		name     string
		identity func(*Config)
		cert     tls.Certificate
		line     string
		device   string
	}{
		{"the common name", func(*Config) {}, named("cn"), failedFan, "cn"},
		{"the first DNS name before the common name", func(*Config) {}, named("cn", "dns1.example.com", "dns2"), failedFan, "dns1.example.com"},
		{"no name", func(*Config) {}, named(""), failedFan, "127.0.0.1"},
		{"the host in the header goes first", func(*Config) {}, named("cn"), header, "liar"},
		{"unless the order says otherwise", func(c *Config) { c.Identity.Order = []IdentitySource{SourceClientName, SourceDeviceID} }, named("cn"), header, "cn"},
		{"strict: a header is not believed, a certificate is", func(c *Config) { c.Identity.Strict = true }, named("cn"), header, "cn"},
		{"strict: a host of the inventory in the header of somebody else", func(c *Config) {
			c.Identity.Strict = true
			c.Devices = []DeviceConfig{{Name: "victim", Hosts: []string{"liar"}, Addresses: prefixes("192.0.2.1/32")}}
		}, named("cn"), header, "cn"},
		{"a name of the inventory", func(c *Config) { c.Devices = []DeviceConfig{{Name: "edge", Hosts: []string{"cn"}}} }, named("cn"), failedFan, "edge"},
		{"a domain is removed from it", func(c *Config) { c.Identity.StripDomain = true }, named("", "fw9.example.com"), failedFan, "fw9"},
		{"only certificates name a device", func(c *Config) { c.Identity.Order = []IdentitySource{SourceClientName} }, named("cn"), header, "cn"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			c := p.config(ClientAuthRequire)
			tc.identity(c)
			f.apply(c)
			l, _ := f.listen("tls://127.0.0.1:0")
			conn, err := f.dialTLS(l, p.client(tc.cert))
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, tc.line)
			eventually(t, "message", func() bool { return f.frames(l.Name()) == 1 && f.state.Stats().Devices == 1 })
			if want := fmt.Sprintf(`device=%q`, tc.device); !strings.Contains(f.devices(), want) {
				t.Errorf("no %s in\n%s", want, f.devices())
			}
		})
	}
}

// A new certificate is for new connections, a broken one for nobody.
func TestTLSCertificatesAreReloaded(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthRequire))
	l, stop := f.listen("tls://127.0.0.1:0")
	certificates := l.(*tcpListener).certificates
	client := p.client(p.clients.issue(t, nil).certificate(t))
	serial := func() string {
		t.Helper()
		conn, err := f.dialTLS(l, client)
		if err != nil {
			t.Fatal(err)
		}
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	success := func() float64 { return testutil.ToFloat64(f.metrics.tls.reloadSuccess.WithLabelValues(l.Name())) }
	notAfter := func() float64 { return testutil.ToFloat64(f.metrics.tls.notAfter.WithLabelValues(l.Name())) }

	old, err := f.dialTLS(l, client)
	if err != nil {
		t.Fatal(err)
	}
	first, firstEnd := serial(), notAfter()
	certificates.reload(false)
	if serial() != first {
		t.Error("without a change there is a new certificate")
	}

	later := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	p.write(p.servers.issue(t, func(c *x509.Certificate) { c.NotAfter = later }))
	certificates.reload(false)
	second := serial()
	if second == first {
		t.Error("a new connection sees the old certificate")
	}
	if got := notAfter(); got != float64(later.Unix()) || got == firstEnd {
		t.Errorf("it expires at %f, want %d", got, later.Unix())
	}
	io.WriteString(old, failedFan)
	eventually(t, "a message over the old connection", func() bool { return f.frames(l.Name()) == 1 })

	good := p.servers.issue(t, nil)
	for name, breakIt := range map[string]func(){
		"a key of another certificate": func() { writeFile(t, p.settings.CertFile, p.servers.issue(t, nil).cert) },
		"no certificate":               func() { writeFile(t, p.settings.CertFile, []byte("none")) },
		"no file":                      func() { os.Remove(p.settings.CertFile) },
		"no authorities":               func() { writeFile(t, p.settings.ClientCAFile, nil) },
	} {
		breakIt()
		certificates.reload(false)
		if success() != 0 {
			t.Errorf("%s: a success", name)
		}
		if serial() != second {
			t.Errorf("%s: the last good one is gone", name)
		}
		p.write(good)
		writeFile(t, p.settings.ClientCAFile, p.clients.pem())
		certificates.reload(false)
		if success() != 1 {
			t.Errorf("after %s: no success", name)
		}
		second = serial()
	}

	// Other authorities are for new connections at once.
	writeFile(t, p.settings.ClientCAFile, p.others.pem())
	f.apply(p.config(ClientAuthRequire)) // As a reload of the configuration does.
	before := f.handshakeFailures(l)
	if conn, err := f.dialTLS(l, client); err == nil {
		io.WriteString(conn, failedFan)
	}
	eventually(t, "a refused client", func() bool { return f.handshakeFailures(l) == before+1 })

	// So are other settings, and a new configuration may name other files.
	f.apply(p.config(ClientAuthNone))
	if _, err := f.dialTLS(l, p.client()); err != nil {
		t.Error(err)
	}

	stop()
	if n := testutil.CollectAndCount(f.metrics.tls.notAfter); n != 0 {
		t.Error("a listener that is gone has a certificate that will expire")
	}
}

// Files that change are noticed within the time that README tells, and what is
// broken is logged, but not each time.
func TestTLSFilesAreWatched(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	second := p.servers.issue(t, nil)
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c, err := f.newCertificates("tls://:6514", p.settings, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer c.close(f.Exporter)
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go c.watch(ctx)
		wait := func() {
			time.Sleep(certificateCheck + time.Second) // In the time of the bubble.
			synctest.Wait()
		}
		first := c.present.Load()
		wait()
		if c.present.Load() != first || log.Len() > 0 {
			t.Errorf("loaded without a change: %s", &log)
		}
		p.write(second)
		wait()
		present := c.present.Load()
		if present == first {
			t.Fatal("the change was not noticed")
		}
		writeFile(t, p.settings.KeyFile, nil)
		for range 30 {
			wait()
		}
		if c.present.Load() != present {
			t.Error("a broken certificate is in use")
		}
		if n := strings.Count(log.String(), "Loading the certificate failed"); n != 1 {
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
		if n := strings.Count(log.String(), "Loading the certificate failed"); n < 3 || n > 7 {
			t.Errorf("%d lines in five minutes:\n%s", n, &log)
		}
	})
}

// Who does not get as far as a session of TLS holds up nobody else.
func TestTLSHandshakesThatNeverFinish(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	l, stop := f.listen("tls://127.0.0.1:0")
	silent := f.dial(l)
	half := f.dial(l)
	half.Write([]byte{22, 3, 1, 2, 0, 1}) // The head of a client's first record.
	conn, err := f.dialTLS(l, p.client())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, failedFan)
	eventually(t, "a message", func() bool { return f.frames(l.Name()) == 1 })
	eventually(t, "three connections", func() bool { return testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections) == 3 })

	// The eleventh hour is not waited for.
	begin := time.Now()
	stop()
	if took := time.Since(begin); took > handshakeTime/2 {
		t.Errorf("stopping took %s", took)
	}
	for name, c := range map[string]net.Conn{"silent": silent, "half": half} {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("%s: the connection is still open: %v", name, err)
		}
	}
}

// pipe returns a connection of l in the time of a bubble.
func (l *tcpListener) pipe() (conn *tcpConn, peer net.Conn) {
	server, peer := net.Pipe()
	return &tcpConn{Conn: server, listener: l}, peer
}

func TestTLSHandshakeTime(t *testing.T) {
	p := newPKI(t)
	for name, first := range map[string][]byte{"silence": nil, "half of a record": {22, 3, 1, 2, 0, 1}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.apply(p.config(ClientAuthNone))
			l, _ := f.listen("tls://127.0.0.1:0")
			synctest.Test(t, func(t *testing.T) {
				conn, peer := l.(*tcpListener).pipe()
				go peer.Write(first)
				begin := time.Now()
				l.(*tcpListener).serve(conn)
				if took := time.Since(begin); took != handshakeTime {
					t.Errorf("given up after %s", took)
				}
				peer.Close()
			})
			if n := f.handshakeFailures(l); n != 1 {
				t.Errorf("%g failures", n)
			}
		})
	}
}

// What is no TLS is counted and logged with the remedy; a look whether the port
// is open is neither.
func TestPlainTextOnATLSPort(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	var log syncBuffer
	listener, stop := f.listenWith("tls://127.0.0.1:0", slog.New(slog.NewTextHandler(&log, nil)))
	for range 5 {
		f.dial(listener).Close()
	}
	for i := range 5 {
		io.WriteString(f.dial(listener), "<161>"+failedFan)
		eventually(t, "failure", func() bool { return f.handshakeFailures(listener) == float64(i+1) })
	}
	stop()
	if f.frames(listener.Name()) != 0 || f.handshakeFailures(listener) != 5 {
		t.Errorf("%g frames, %g failures", f.frames(listener.Name()), f.handshakeFailures(listener))
	}
	if n := strings.Count(log.String(), "does not speak TLS; turn it on there"); n != 1 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}

// A connection that is still shaking hands counts, and makes room before one
// that has brought messages.
func TestEvictionCountsHandshakes(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	f.apply(p.config(ClientAuthNone))
	f.maxConnections.Store(2)
	l, _ := f.listen("tls://127.0.0.1:0")
	evicted := func() float64 { return testutil.ToFloat64(l.(*tcpListener).metrics.tcpEvicted) }
	firewall, err := f.dialTLS(l, p.client())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(firewall, failedFan)
	eventually(t, "a message", func() bool { return f.frames(l.Name()) == 1 })
	for i := range 10 { // The firewall is the idlest all the time.
		f.dial(l)
		eventually(t, "evictions", func() bool { return evicted() == float64(i) })
	}
	io.WriteString(firewall, failedFan)
	eventually(t, "another message", func() bool { return f.frames(l.Name()) == 2 })
	if n := testutil.ToFloat64(l.(*tcpListener).metrics.tcpConnections); n > 2 {
		t.Errorf("%g connections", n)
	}
}

// A listener without a certificate says which key of the configuration is
// missing or wrong, and what to do.
func TestTLSListenErrorsSayWhatToDo(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	writeFile(t, garbage, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	for want, change := range map[string]func(*TLSConfig){
		"listen on tls://127.0.0.1:0: tls.cert_file: there is none; set tls.cert_file and tls.key_file in the configuration file (--config.file)": func(c *TLSConfig) { *c = TLSConfig{} },
		"tls.key_file: there is none; ":                               func(c *TLSConfig) { c.KeyFile = "" },
		"tls.cert_file: stat /nowhere: no such file or directory; ":   func(c *TLSConfig) { c.CertFile = "/nowhere" },
		"tls.cert_file: /dev/null is no regular file; ":               func(c *TLSConfig) { c.CertFile = os.DevNull },
		"has a certificate that cannot be read: x509: ":               func(c *TLSConfig) { c.CertFile = garbage },
		"has no certificate; give the certificate":                    func(c *TLSConfig) { c.CertFile = c.KeyFile },
		"tls: private key does not match public key; ":                func(c *TLSConfig) { writeFile(t, c.KeyFile, p.servers.issue(t, nil).key) },
		"has no certificate; give the certificates of those who sign": func(c *TLSConfig) { c.ClientCAFile = c.KeyFile },
		"tls.client_ca_file: there is none, and client certificates are wanted; ": func(c *TLSConfig) {
			c.ClientCAFile, c.ClientAuth = "", ClientAuthOptional
		},
	} {
		p.write(p.servers.issue(t, nil))
		c := p.config("")
		change(&c.TLS)
		f.apply(c)
		_, err := f.Listen(t.Context(), "tls://127.0.0.1:0", quiet)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "; ") {
			t.Errorf("want %s\ngot  %v", want, err)
		}
	}
}

// The files of a configuration are read when it is; each mistake names the line
// of the path that is wrong.
func TestConfigCertificates(t *testing.T) {
	dir := t.TempDir()
	p := newPKI(t)
	server := p.servers.issue(t, nil)
	for name, content := range map[string][]byte{
		"cert.pem": server.cert, "key.pem": server.key, "ca.pem": p.clients.pem(),
		"other.pem": p.servers.issue(t, nil).key, "expired.pem": nil, "expired.key": nil, "empty.pem": nil,
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	old, future := p.servers.issue(t, expired), p.servers.issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	writeFile(t, filepath.Join(dir, "expired.pem"), old.cert)
	writeFile(t, filepath.Join(dir, "expired.key"), old.key)
	writeFile(t, filepath.Join(dir, "future.pem"), future.cert)
	writeFile(t, filepath.Join(dir, "future.key"), future.key)

	const top = "tls:\n  cert_file: cert.pem\n  key_file: key.pem\n"
	for _, tc := range []struct {
		name, config string
		mistakes     []string // Beginnings, after FILE:.
		warnings     []string
	}{
		{"at the top", top, nil, nil},
		{"at the listener", "listeners: [{address: tls://:6514, tls: {cert_file: cert.pem, key_file: key.pem}}]\n", nil, nil},
		{"for listeners of the command line", top + "  client_ca_file: ca.pem\n  client_auth: optional\n", nil, nil},
		{"the listener has only what differs", "listeners: [{address: tls://:6514, tls: {client_auth: none}}]\n" + top + "  client_ca_file: ca.pem\n", nil, nil},
		{
			"no certificate", "listeners:\n  - address: tls://:6514\n",
			[]string{`2: listeners[0].address: "tls://:6514" needs a certificate; add tls: {cert_file: ..., key_file: ...} here or at the top of the file`},
			nil,
		},
		{
			"no key", "tls:\n  cert_file: cert.pem\n",
			[]string{`2: tls: has no key_file; add it`},
			nil,
		},
		{
			"no key at the listener", "listeners:\n  - address: tls://:6514\n    tls:\n      cert_file: cert.pem\n",
			[]string{`4: listeners[0].tls: has no key_file; add it`},
			nil,
		},
		{
			"not for TCP", "listeners:\n  - address: tcp://:6514\n    tls: {client_auth: none}\n",
			[]string{`3: listeners[0].tls: is for tls:// listeners; write tls:// in the address, or remove it`},
			nil,
		},
		{
			"a missing file", "tls:\n  cert_file: nofile.pem\n  key_file: key.pem\n",
			[]string{`2: tls.cert_file: stat ` + dir + `/nofile.pem: no such file or directory; correct the path or the file`},
			nil,
		},
		{
			"the key of another", "tls:\n  cert_file: cert.pem\n  key_file: other.pem\n",
			[]string{`3: tls.key_file: ` + dir + `/other.pem does not fit ` + dir + `/cert.pem: tls: private key does not match public key; give`},
			nil,
		},
		{
			"the key at the top, the certificate at the listener", "listeners:\n  - address: tls://:6514\n    tls:\n      cert_file: expired.pem\n" + top,
			[]string{`7: tls.key_file: ` + dir + `/key.pem does not fit ` + dir + `/expired.pem`},
			nil,
		},
		{
			"empty authorities", top + "  client_ca_file: empty.pem\n",
			[]string{`4: tls.client_ca_file: ` + dir + `/empty.pem has no certificate; give`},
			nil,
		},
		{
			"no authorities", top + "  client_auth: require\n",
			[]string{`2: tls: has no client_ca_file, without which no client certificate can be checked; add it or write client_auth: none`},
			nil,
		},
		{
			"unknown words", top + "  client_auth: requird\n  client_ca_file: ca.pem\n  min_version: \"1.1\"\n",
			[]string{`4: tls.client_auth: "requird" is unknown; did you mean require?`, `6: tls.min_version: "1.1" is unknown; use 1.2, 1.3`},
			nil,
		},
		{
			"a number", "tls:\n  min_version: 1.3\n",
			[]string{`2: tls.min_version: 1.3 is a number; write "1.3", in quotes`},
			nil,
		},
		{
			"expired", "tls:\n  cert_file: expired.pem\n  key_file: expired.key\n", nil,
			[]string{`2: tls.cert_file: the certificate expired on `},
		},
		{
			"not yet valid, at two listeners", "listeners:\n  - address: tls://:6514\n  - address: tls://:6515\ntls:\n  cert_file: future.pem\n  key_file: future.key\n", nil,
			[]string{`5: tls.cert_file: the certificate is not valid before `},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			name := filepath.Join(dir, "c.yml")
			writeFile(t, name, []byte(tc.config))
			c, err := LoadConfig(name, nil)
			var mistakes, warnings []string
			if list := (interface{ Unwrap() []error })(nil); errors.As(err, &list) {
				for _, err := range list.Unwrap() {
					mistakes = append(mistakes, err.Error())
				}
			} else {
				warnings = c.Warnings()
			}
			for _, list := range []struct {
				what      string
				got, want []string
			}{{"mistakes", mistakes, tc.mistakes}, {"warnings", warnings, tc.warnings}} {
				if !slices.EqualFunc(list.got, list.want, func(got, want string) bool { return strings.HasPrefix(got, name+":"+want) }) {
					t.Errorf("%s: got  %q\nwant %q", list.what, list.got, list.want)
				}
			}
		})
	}
}
