package config

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificates returns a folder with the files of the cases below.
func certificates(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	ca := testutil.NewCA(t, "servers")
	server := ca.Issue(t)
	old := ca.Issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	future := ca.Issue(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	for name, content := range map[string][]byte{
		"cert.pem": server.Cert, "key.pem": server.Key, "ca.pem": testutil.NewCA(t, "clients").PEM(),
		"other.pem": ca.Issue(t).Key, "empty.pem": nil,
		"expired.pem": old.Cert, "expired.key": old.Key, "future.pem": future.Cert, "future.key": future.Key,
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

// The files of a configuration are read when it is; each problem has the line
// of the path that is wrong.
func TestCertificates(t *testing.T) {
	dir := certificates(t)
	const top = "tls:\n  cert_file: cert.pem\n  key_file: key.pem\n"
	for _, tc := range []struct {
		name, config string
		problems     []string // Beginnings, after FILE:.
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
			[]string{`2: tls: lacks key_file; add it`},
			nil,
		},
		{
			"no key at the listener", "listeners:\n  - address: tls://:6514\n    tls:\n      cert_file: cert.pem\n",
			[]string{`4: listeners[0].tls: lacks key_file; add it`},
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
			"two missing files", "tls:\n  cert_file: nofile.pem\n  key_file: nokey.pem\n",
			[]string{
				`2: tls.cert_file: stat ` + dir + `/nofile.pem: no such file or directory; correct the path or the file`,
				`3: tls.key_file: stat ` + dir + `/nokey.pem: no such file or directory; correct the path or the file`,
			},
			nil,
		},
		{
			"the key of another", "tls:\n  cert_file: cert.pem\n  key_file: other.pem\n",
			[]string{`3: tls.key_file: ` + dir + `/other.pem does not match ` + dir + `/cert.pem: tls: private key does not match public key; give`},
			nil,
		},
		{
			"the key at the top, the certificate at the listener", "listeners:\n  - address: tls://:6514\n    tls:\n      cert_file: expired.pem\n" + top,
			[]string{`7: tls.key_file: ` + dir + `/key.pem does not match ` + dir + `/expired.pem`},
			nil,
		},
		{
			"empty authorities", top + "  client_ca_file: empty.pem\n",
			[]string{`4: tls.client_ca_file: ` + dir + `/empty.pem does not contain a certificate; give`},
			nil,
		},
		{
			"no authorities", top + "  client_auth: require\n",
			[]string{`2: tls: lacks client_ca_file, without which client certificates cannot be verified; add it or write client_auth: none`},
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
			c, err := Load(name, nil)
			var problems, warnings []string
			if list := (interface{ Unwrap() []error })(nil); errors.As(err, &list) {
				for _, err := range list.Unwrap() {
					problems = append(problems, err.Error())
				}
			} else {
				warnings = c.Warnings()
			}
			for _, list := range []struct {
				what      string
				got, want []string
			}{{"problems", problems, tc.problems}, {"warnings", warnings, tc.warnings}} {
				if !slices.EqualFunc(list.got, list.want, func(got, want string) bool { return strings.HasPrefix(got, name+":"+want) }) {
					t.Errorf("%s: got  %q\nwant %q", list.what, list.got, list.want)
				}
			}
		})
	}
}
