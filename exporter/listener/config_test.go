package listener

import (
	"crypto/tls"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]Address{
		"udp://:5514":                             {UDP, ":5514"},
		"tcp://192.0.2.1:5514":                    {TCP, "192.0.2.1:5514"},
		"tls://[2001:db8::1]:6514":                {TLS, "[2001:db8::1]:6514"},
		"udp://localhost:syslog":                  {UDP, "localhost:syslog"},
		"unixgram:///run/ftd_exporter/syslog":     {Unixgram, "/run/ftd_exporter/syslog"},
		"unixgram://@name":                        {Unixgram, "@name"},
		"unixgram:///" + strings.Repeat("x", 106): {Unixgram, "/" + strings.Repeat("x", 106)},
	} {
		if got, err := ParseAddress(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	const examples = "; write for example udp://:5514, tcp://192.0.2.1:5514 or udp://[2001:db8::1]:5514"
	const unix = "; write for example unixgram:///run/ftd_exporter/syslog, or unixgram://@name for an abstract socket"
	for text, want := range map[string]string{
		"5514":                       `"5514" lacks a scheme` + examples,
		"http://:80":                 `"http://:80": scheme "http" is unknown; use udp, tcp, tls or unixgram`,
		"udp://fw":                   `"udp://fw" lacks HOST:PORT` + examples,
		"udp://:99999":               `"udp://:99999": port "99999" is not 0 to 65535` + examples,
		"udp://\xff:5514":            `"udp://\xff:5514" has a byte that is not text and cannot be in a label value` + examples,
		"udp://\n:5514":              `"udp://\n:5514" has a byte that is not text and cannot be in a label value` + examples,
		"tls://:syslog-over-pigeons": `"tls://:syslog-over-pigeons": port "syslog-over-pigeons" is not 0 to 65535` + examples,
		"udp://:":                    `"udp://:": port "" is not 0 to 65535` + examples,
		"unixgram://":                `"unixgram://" lacks the absolute path of a socket` + unix,
		"unixgram://run/x":           `"unixgram://run/x" lacks the absolute path of a socket` + unix,
		"unixgram:///run/":           `"unixgram:///run/" lacks the absolute path of a socket` + unix,
		"unixgram://@":               `"unixgram://@" lacks the absolute path of a socket` + unix,
		"unixgram:///" + strings.Repeat("x", 107): "the path has 108 bytes, and the system allows 107; choose a shorter one",
	} {
		if got, err := ParseAddress(text); err == nil || !strings.HasSuffix(err.Error(), want) || got != (Address{}) {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestTLSDefaults(t *testing.T) {
	top := TLSConfig{CertFile: "top.pem", KeyFile: "top.key", ClientCAFile: "ca.pem", ClientAuth: ClientAuthOptional, MinVersion: TLS13}
	for _, tc := range []struct {
		name                string
		own, defaults, want TLSConfig
	}{
		{"nothing", TLSConfig{}, TLSConfig{}, TLSConfig{ClientAuth: ClientAuthNone, MinVersion: TLS12}},
		{"the top", TLSConfig{}, top, top},
		{"what differs", TLSConfig{ClientAuth: ClientAuthNone, KeyFile: "own.key"}, top, TLSConfig{"top.pem", "own.key", "ca.pem", ClientAuthNone, TLS13}},
		{"authorities require a certificate", TLSConfig{ClientCAFile: "ca.pem"}, TLSConfig{}, TLSConfig{ClientCAFile: "ca.pem", ClientAuth: ClientAuthRequire, MinVersion: TLS12}},
		{"also those of the top", TLSConfig{}, TLSConfig{ClientCAFile: "ca.pem"}, TLSConfig{ClientCAFile: "ca.pem", ClientAuth: ClientAuthRequire, MinVersion: TLS12}},
	} {
		got := tc.own.WithDefaults(tc.defaults)
		if got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
		if again := got.WithDefaults(TLSConfig{}); again != got {
			t.Errorf("%s: applied twice: %+v", tc.name, again)
		}
	}
}

func TestTrustedProxies(t *testing.T) {
	c := Config{ProxyProtocol: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("fe80::/10")}}
	for addr, want := range map[string]bool{
		"192.0.2.7": true, "::ffff:192.0.2.7": true, "198.51.100.1": false, "fe80::1%eth0": true, "2001:db8::1": false,
	} {
		if got := c.trustsProxy(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
	if c.trustsProxy(netip.Addr{}) {
		t.Error("a sender without an address is a proxy")
	}
}

// The check of a configuration states which file is wrong and what to do, and
// warns of what clients will refuse.
func TestCertificateCheck(t *testing.T) {
	p := newPKI(t)
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	writeFile(t, garbage, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	long := filepath.Join(t.TempDir(), "long.pem")
	writeFile(t, long, make([]byte, maxPEMFile+1))
	const none = TLSFile(-1)
	for _, tc := range []struct {
		file   TLSFile
		want   string
		change func(*TLSConfig)
	}{
		{none, "", func(*TLSConfig) {}},
		{none, "", func(c *TLSConfig) { c.ClientAuth = ClientAuthOptional }},
		{none, "", func(c *TLSConfig) { c.ClientCAFile, c.ClientAuth = "", "" }},
		{CertFile, "tls.cert_file: is not set; set tls.cert_file and tls.key_file in the configuration file (--config.file)", func(c *TLSConfig) { *c = TLSConfig{} }},
		{KeyFile, "tls.key_file: is not set; ", func(c *TLSConfig) { c.KeyFile = "" }},
		{CertFile, "tls.cert_file: stat /nowhere: no such file or directory; ", func(c *TLSConfig) { c.CertFile = "/nowhere" }},
		{CertFile, "tls.cert_file: /dev/null is not a regular file; ", func(c *TLSConfig) { c.CertFile = os.DevNull }},
		{CertFile, "is longer than 1048576 bytes; ", func(c *TLSConfig) { c.CertFile = long }},
		{CertFile, "has a certificate that cannot be read: x509: ", func(c *TLSConfig) { c.CertFile = garbage }},
		{CertFile, "does not contain a certificate; give the certificate", func(c *TLSConfig) { c.CertFile = c.KeyFile }},
		{KeyFile, "tls: private key does not match public key; ", func(c *TLSConfig) { writeFile(t, c.KeyFile, p.servers.Issue(t).Key) }},
		{ClientCAFile, "does not contain a certificate; give the certificates of the authorities", func(c *TLSConfig) { c.ClientCAFile = c.KeyFile }},
		{ClientCAFile, "tls.client_ca_file: is not set, and client certificates are to be verified; ", func(c *TLSConfig) {
			c.ClientCAFile, c.ClientAuth = "", ClientAuthOptional
		}},
	} {
		p.write(p.servers.Issue(t))
		c := p.settings
		tc.change(&c)
		c = c.WithDefaults(TLSConfig{})
		warning, err := c.Check(time.Now())
		if warning != nil {
			t.Errorf("warning: %v", warning)
		}
		if tc.file == none {
			if err != nil {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		var wrong *TLSFileError
		if !errors.As(err, &wrong) || wrong.File != tc.file || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "; ") {
			t.Errorf("want %v, %s\ngot  %v", tc.file, tc.want, err)
		}
		if f := newFixture(t); true {
			err := f.try(Config{Address: "tls://127.0.0.1:0", TLS: c})
			if err == nil || err.Error() != "listen on tls://127.0.0.1:0: "+wrong.Error() {
				t.Errorf("the listener says %v, the check %v", err, wrong)
			}
		}
	}
	for want, now := range map[string]time.Time{
		"the certificate expired on ":          time.Now().Add(25 * time.Hour),
		"the certificate is not valid before ": time.Now().Add(-25 * time.Hour),
	} {
		p.write(p.servers.Issue(t))
		c := p.settings.WithDefaults(TLSConfig{})
		if warning, err := c.Check(now); err != nil || warning == nil || !strings.HasPrefix(warning.Error(), want) {
			t.Errorf("want %s, got %v, %v", want, warning, err)
		}
	}
}

// A pki is the files of a tls:// listener, and the authorities behind them.
type pki struct {
	t               testing.TB
	servers, others *testutil.CA // Others are trusted by nobody.
	clients         *testutil.CA
	settings        TLSConfig
}

// newPKI writes the files of a listener into a directory of the test.
func newPKI(t testing.TB) *pki {
	t.Helper()
	dir := t.TempDir()
	p := &pki{t: t, servers: testutil.NewCA(t, "servers"), clients: testutil.NewCA(t, "clients"), others: testutil.NewCA(t, "clients")}
	p.settings = TLSConfig{
		CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
		ClientCAFile: filepath.Join(dir, "ca.pem"), MinVersion: TLS12,
	}
	p.write(p.servers.Issue(t))
	writeFile(t, p.settings.ClientCAFile, p.clients.PEM())
	return p
}

func (p *pki) write(server testutil.KeyPair) {
	p.t.Helper()
	server.Write(p.t, filepath.Dir(p.settings.CertFile))
}

func writeFile(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// client returns the settings of a firewall that trusts the right authority.
func (p *pki) client(certificates ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: p.servers.Pool(), ServerName: "127.0.0.1", Certificates: certificates}
}
