package listener

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// maxPEMFile is the largest certificate or key file that is read, in bytes.
const maxPEMFile = 1 << 20

// A TLSFile is one of the files that a [TLSConfig] names.
type TLSFile int

// The files of a TLSConfig.
const (
	CertFile TLSFile = iota
	KeyFile
	ClientCAFile
	numTLSFiles
)

// TLSFiles returns all of them.
func TLSFiles() []TLSFile { return []TLSFile{CertFile, KeyFile, ClientCAFile} }

// String returns the key that a configuration file has for the path.
func (f TLSFile) String() string {
	return [numTLSFiles]string{"cert_file", "key_file", "client_ca_file"}[f]
}

// Path returns the field of t that has the path of a file. The path is empty if
// there is no such file.
func (t *TLSConfig) Path(f TLSFile) *string {
	return [numTLSFiles]*string{&t.CertFile, &t.KeyFile, &t.ClientCAFile}[f]
}

// A TLSFileError states which file of a [TLSConfig] is wrong, or is missing: then
// its path is empty.
type TLSFileError struct {
	File TLSFile
	Err  error // What is wrong; what to do.
}

// Error implements error.
func (e *TLSFileError) Error() string { return fmt.Sprintf("tls.%s: %v", e.File, e.Err) }

// Unwrap returns e.Err.
func (e *TLSFileError) Unwrap() error { return e.Err }

// Check reads the files of t, to which [TLSConfig.WithDefaults] has been
// applied, and returns what a listener would say: an error, a [*TLSFileError] or
// several of them joined, if it could not use them; else a warning if clients will not
// accept the certificate at this time.
func (t *TLSConfig) Check(now time.Time) (warning, err error) {
	pair, err := t.load()
	if err != nil {
		return nil, err
	}
	return pair.validity(now), nil
}

// tlsContents are the files of a listener as they were read.
type tlsContents [numTLSFiles][]byte

func (c *tlsContents) equal(other *tlsContents) bool {
	for i := range c {
		if !bytes.Equal(c[i], other[i]) {
			return false
		}
	}
	return true
}

// A keypair is a listener's certificate and key, and what it requires of
// clients. It is immutable.
type keypair struct {
	// What it was made from.
	settings TLSConfig
	contents tlsContents

	config *tls.Config
	// The time in which all certificates of the chain are valid.
	notBefore, notAfter time.Time
}

// load reads the files that t names.
func (t *TLSConfig) load() (*keypair, error) {
	contents, err := t.read()
	if err != nil {
		return nil, err
	}
	return t.keypair(contents)
}

// read reads the files that t names.
func (t *TLSConfig) read() (contents tlsContents, err error) {
	var errs []error
	unset := false // The error names both files.
	for f := range numTLSFiles {
		name := *t.Path(f)
		if name == "" {
			if f != ClientCAFile && !unset {
				unset = true
				errs = append(errs, &TLSFileError{f, errors.New("is not set; set tls.cert_file and tls.key_file in the configuration file (--config.file)")})
			}
			continue
		}
		if contents[f], err = readPEMFile(name); err != nil {
			errs = append(errs, &TLSFileError{f, fmt.Errorf("%w; correct the path or the file", err)})
		}
	}
	return contents, errors.Join(errs...)
}

// readPEMFile reads a file. It refuses devices and pipes, which may never end,
// and files that are longer than any certificate.
func readPEMFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxPEMFile+1))
	if err == nil && len(content) > maxPEMFile {
		err = fmt.Errorf("%s is longer than %d bytes", name, maxPEMFile)
	}
	return content, err
}

// keypair makes of the files what a listener needs. Client certificates are
// verified for each connection: sessions are not resumed, so that an authority
// that has been removed is no longer trusted.
func (t *TLSConfig) keypair(contents tlsContents) (*keypair, error) {
	chain, err := parseCertificates(contents[CertFile])
	if err != nil {
		return nil, &TLSFileError{CertFile, fmt.Errorf("%s %w; give the certificate, followed by intermediate certificates, in PEM form", t.CertFile, err)}
	}
	certificate, err := tls.X509KeyPair(contents[CertFile], contents[KeyFile])
	if err != nil {
		return nil, &TLSFileError{KeyFile, fmt.Errorf("%s does not match %s: %w; give the private key of that certificate in PEM form, without a passphrase", t.KeyFile, t.CertFile, err)}
	}
	pair := &keypair{
		settings: *t,
		contents: contents,
		config: &tls.Config{
			Certificates:           []tls.Certificate{certificate},
			MinVersion:             tls.VersionTLS12,
			SessionTicketsDisabled: true,
		},
		notBefore: chain[0].NotBefore,
		notAfter:  chain[0].NotAfter,
	}
	for _, cert := range chain[1:] {
		if cert.NotBefore.After(pair.notBefore) {
			pair.notBefore = cert.NotBefore
		}
		if cert.NotAfter.Before(pair.notAfter) {
			pair.notAfter = cert.NotAfter
		}
	}
	if t.MinVersion == TLS13 {
		pair.config.MinVersion = tls.VersionTLS13
	}
	if err := t.setClientAuth(pair.config, contents[ClientCAFile]); err != nil {
		return nil, err
	}
	return pair, nil
}

// setClientAuth sets what c requires of clients. The certificates of the
// authorities that sign theirs are in ca.
func (t *TLSConfig) setClientAuth(c *tls.Config, ca []byte) error {
	switch t.ClientAuth {
	case ClientAuthNone:
		return nil
	case ClientAuthOptional:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	default:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if t.ClientCAFile == "" {
		return &TLSFileError{ClientCAFile, fmt.Errorf("is not set, and client certificates are to be verified; set it or write client_auth: %s", ClientAuthNone)}
	}
	authorities, err := parseCertificates(ca)
	if err != nil {
		return &TLSFileError{ClientCAFile, fmt.Errorf("%s %w; give the certificates of the authorities that sign client certificates in PEM form", t.ClientCAFile, err)}
	}
	c.ClientCAs = x509.NewCertPool()
	for _, cert := range authorities {
		c.ClientCAs.AddCert(cert)
	}
	return nil
}

// parseCertificates reads all certificates of a PEM file. There is at least
// one.
func parseCertificates(content []byte) (all []*x509.Certificate, err error) {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("has a certificate that cannot be read: %w", err)
		}
		all = append(all, cert)
	}
	if len(all) == 0 {
		return nil, errors.New("does not contain a certificate")
	}
	return all, nil
}

// validity returns what is wrong with the certificate at this time, or nil.
func (p *keypair) validity(now time.Time) error {
	switch {
	case now.After(p.notAfter):
		return fmt.Errorf("the certificate expired on %s; renew it, senders refuse it", p.notAfter.UTC().Format(time.RFC3339))
	case now.Before(p.notBefore):
		return fmt.Errorf("the certificate is not valid before %s; check the clock, senders refuse it until then", p.notBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// clientName returns the name in a client's certificate: the first DNS name,
// else the common name (RFC 5425 section 5.2), without a dot at its end. It is
// empty if the client has not sent a certificate. Ok is false if the name cannot
// be that of a device: it must be as the host of a header, and no wildcard, which
// would make one device of all senders.
func clientName(state *tls.ConnectionState) (name string, ok bool) {
	if len(state.VerifiedChains) == 0 {
		return "", true
	}
	cert := state.VerifiedChains[0][0]
	name = cert.Subject.CommonName
	if len(cert.DNSNames) > 0 {
		name = cert.DNSNames[0]
	}
	host := strings.TrimSuffix(name, ".")
	if name != "" && (!syslog.IsHost(host) || strings.Contains(host, "*")) {
		return name, false
	}
	return host, true
}
