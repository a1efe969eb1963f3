package exporter

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// certificateCheck is how often a listener looks whether its certificate
	// files have changed.
	certificateCheck = 10 * time.Second
	// maxPEMFile is the largest certificate or key file that is read, in bytes.
	maxPEMFile = 1 << 20
)

// A tlsFile is one of the files of a listener, by the key of the configuration.
type tlsFile int

const (
	certFile tlsFile = iota
	keyFile
	clientCAFile
	numTLSFiles
)

func (f tlsFile) String() string {
	return [numTLSFiles]string{"cert_file", "key_file", "client_ca_file"}[f]
}

// path returns where the file is, or nothing if there is none.
func (t *TLSConfig) path(f tlsFile) *string {
	return [numTLSFiles]*string{&t.CertFile, &t.KeyFile, &t.ClientCAFile}[f]
}

// A tlsError says which of a listener's files is wrong.
type tlsError struct {
	file tlsFile
	err  error // What is wrong; what to do.
}

func (e *tlsError) Error() string { return fmt.Sprintf("tls.%s: %v", e.file, e.err) }
func (e *tlsError) Unwrap() error { return e.err }

// tlsContents are the files of a listener as they were read.
type tlsContents [numTLSFiles][]byte

// A credential is what a listener proves itself with, and what it wants of
// its clients. It does not change.
type credential struct {
	config *tls.Config
	// The time in which all certificates of the chain are valid.
	notBefore, notAfter time.Time
}

// read reads the files that t names.
func (t *TLSConfig) read() (contents tlsContents, err error) {
	for f := range numTLSFiles {
		name := *t.path(f)
		if name == "" {
			if f != clientCAFile {
				return contents, &tlsError{f, errors.New("there is none; set tls.cert_file and tls.key_file in the configuration file (--config.file)")}
			}
			continue
		}
		if contents[f], err = readPEMFile(name); err != nil {
			return contents, &tlsError{f, fmt.Errorf("%w; correct the path or the file", err)}
		}
	}
	return contents, nil
}

// readPEMFile reads a file, unless it could have no end.
func readPEMFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
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

// credential makes of the files what a listener needs. Clients' certificates
// are checked anew for each connection, none is trusted for having been
// trusted before: there is no resumption of sessions.
func (t *TLSConfig) credential(contents tlsContents) (*credential, error) {
	chain, err := parseCertificates(contents[certFile])
	if err != nil {
		return nil, &tlsError{certFile, fmt.Errorf("%s %w; give the certificate and those between it and its root in PEM form", t.CertFile, err)}
	}
	pair, err := tls.X509KeyPair(contents[certFile], contents[keyFile])
	if err != nil {
		return nil, &tlsError{keyFile, fmt.Errorf("%s does not fit %s: %w; give the private key of that certificate in PEM form, without a passphrase", t.KeyFile, t.CertFile, err)}
	}
	c := &credential{
		config: &tls.Config{
			Certificates:           []tls.Certificate{pair},
			MinVersion:             tls.VersionTLS12,
			SessionTicketsDisabled: true,
		},
		notBefore: chain[0].NotBefore,
		notAfter:  chain[0].NotAfter,
	}
	for _, cert := range chain[1:] {
		if cert.NotBefore.After(c.notBefore) {
			c.notBefore = cert.NotBefore
		}
		if cert.NotAfter.Before(c.notAfter) {
			c.notAfter = cert.NotAfter
		}
	}
	if t.MinVersion == TLS13 {
		c.config.MinVersion = tls.VersionTLS13
	}
	if t.ClientAuth == ClientAuthNone {
		return c, nil
	}
	c.config.ClientAuth = tls.RequireAndVerifyClientCert
	if t.ClientAuth == ClientAuthOptional {
		c.config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	if t.ClientCAFile == "" {
		return nil, &tlsError{clientCAFile, fmt.Errorf("there is none, and client certificates are wanted; name it or write client_auth: %s", ClientAuthNone)}
	}
	authorities, err := parseCertificates(contents[clientCAFile])
	if err != nil {
		return nil, &tlsError{clientCAFile, fmt.Errorf("%s %w; give the certificates of those who sign the clients' in PEM form", t.ClientCAFile, err)}
	}
	c.config.ClientCAs = x509.NewCertPool()
	for _, cert := range authorities {
		c.config.ClientCAs.AddCert(cert)
	}
	return c, nil
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
		return nil, errors.New("has no certificate")
	}
	return all, nil
}

// load reads the files that t names.
func (t *TLSConfig) load() (*credential, tlsContents, error) {
	contents, err := t.read()
	if err != nil {
		return nil, contents, err
	}
	c, err := t.credential(contents)
	return c, contents, err
}

// validity returns what is wrong with the time of a certificate, or nil.
func (c *credential) validity(now time.Time) error {
	switch {
	case now.After(c.notAfter):
		return fmt.Errorf("the certificate expired on %s; renew it, senders refuse it", c.notAfter.UTC().Format(time.RFC3339))
	case now.Before(c.notBefore):
		return fmt.Errorf("the certificate is not valid before %s; check the clock, senders refuse it until then", c.notBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// clientName returns the name in a client's certificate, if it gave one: the
// first DNS name, else the common name (RFC 5425 section 5.2).
func clientName(state *tls.ConnectionState) string {
	if len(state.VerifiedChains) == 0 {
		return ""
	}
	cert := state.VerifiedChains[0][0]
	if len(cert.DNSNames) > 0 {
		return cert.DNSNames[0]
	}
	return cert.Subject.CommonName
}

// certificates keeps the credential of a listener up to date. New connections
// get the present one; those that are open keep theirs. Files that cannot be
// used change nothing.
type certificates struct {
	name    string
	metrics *tlsMetrics
	logger  *slog.Logger
	present atomic.Pointer[credential]

	mu       sync.Mutex
	settings TLSConfig
	contents tlsContents
	failure  string // Why the last attempt failed.
	lastLog  occasionally
}

// newCertificates loads the credential of the listener called name. The caller
// must call close when the listener ends.
func (e *Exporter) newCertificates(name string, settings TLSConfig, logger *slog.Logger) (*certificates, error) {
	credential, contents, err := settings.load()
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", name, err)
	}
	c := &certificates{name: name, metrics: &e.metrics.tls, logger: logger, settings: settings, contents: contents}
	c.use(credential)
	e.certificates.add(c)
	return c, nil
}

func (c *certificates) close(e *Exporter) {
	e.certificates.remove(c)
	c.metrics.forget(c.name)
}

// configure loads the credential with the settings of a new configuration.
func (c *certificates) configure(settings TLSConfig) {
	c.mu.Lock()
	changed := c.settings != settings
	c.settings = settings
	c.mu.Unlock()
	c.reload(changed)
}

// watch loads the credential again whenever its files change. It looks at what
// is in them, because times and names mislead: files are copied over, renamed
// and reached by links that move.
func (c *certificates) watch(ctx context.Context) {
	ticker := time.NewTicker(certificateCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.reload(false)
		case <-ctx.Done():
			return
		}
	}
}

// reload loads the credential again if the files, or their settings, are not
// those that it was loaded from.
func (c *certificates) reload(changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	contents, err := c.settings.read()
	if err == nil && c.failure == "" && !changed && c.contents.equal(&contents) {
		return
	}
	var credential *credential
	if err == nil {
		credential, err = c.settings.credential(contents)
	}
	if err != nil {
		c.metrics.reloadSuccess.WithLabelValues(c.name).Set(0)
		if err.Error() != c.failure && c.lastLog.now() {
			c.logger.Error("Loading the certificate failed; the last good one stays", "err", err)
		}
		c.failure = err.Error()
		return
	}
	c.contents, c.failure = contents, ""
	c.use(credential)
	c.logger.Info("Certificate loaded", "file", c.settings.CertFile, "not_after", credential.notAfter)
}

// use makes credential the one that new connections get.
func (c *certificates) use(credential *credential) {
	c.present.Store(credential)
	c.metrics.reloadSuccess.WithLabelValues(c.name).Set(1)
	c.metrics.notAfter.WithLabelValues(c.name).Set(seconds(credential.notAfter))
}

func (c *tlsContents) equal(other *tlsContents) bool {
	for i := range c {
		if !bytes.Equal(c[i], other[i]) {
			return false
		}
	}
	return true
}

// A certificateSet has the certificates of all listeners.
type certificateSet struct {
	mu  sync.Mutex
	all map[*certificates]struct{}
}

func (s *certificateSet) add(c *certificates) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[*certificates]struct{}{}
	}
	s.all[c] = struct{}{}
}

func (s *certificateSet) remove(c *certificates) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, c)
}

// configure applies a new configuration to all listeners.
func (s *certificateSet) configure(c *Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for certificates := range s.all {
		certificates.configure(c.tls(certificates.name))
	}
}

// occasionally limits a kind of log line to one a minute.
type occasionally struct{ last atomic.Int64 }

// now reports whether a line may be written now.
func (o *occasionally) now() bool {
	now, last := time.Now().UnixNano(), o.last.Load()
	return (last == 0 || now-last >= int64(time.Minute)) && o.last.CompareAndSwap(last, now)
}

// level returns the level of a line of which one a minute is a warning.
func (o *occasionally) level() slog.Level {
	if o.now() {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
