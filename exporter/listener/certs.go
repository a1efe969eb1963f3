package listener

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// certificateCheck is how often a listener looks whether its certificate files
// have changed.
const certificateCheck = 10 * time.Second

// A certReloader keeps the keypair of a listener up to date. New connections get
// the current one, open ones keep theirs. Files that cannot be used change
// nothing.
type certReloader struct {
	name       string
	metrics    *metrics
	logger     *slog.Logger
	failureLog rate.Sometimes
	current    atomic.Pointer[keypair]

	mu      sync.Mutex
	failure string // Why the last attempt failed; empty if it did not.
}

func newCertReloader(name string, pair *keypair, metrics *metrics, logger *slog.Logger) *certReloader {
	c := &certReloader{name: name, metrics: metrics, logger: logger, failureLog: rate.Sometimes{Interval: time.Minute}}
	c.use(pair)
	return c
}

// close removes the metrics of the listener's certificate.
func (c *certReloader) close() {
	c.metrics.certReloaded.DeleteLabelValues(c.name)
	c.metrics.certNotAfter.DeleteLabelValues(c.name)
}

// watch loads the keypair again whenever its files change. It compares their
// contents, because times and names mislead: files are copied over, renamed and
// reached by links that move.
func (c *certReloader) watch(ctx context.Context) {
	ticker := time.NewTicker(certificateCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.reload()
		case <-ctx.Done():
			return
		}
	}
}

// reload loads the keypair again if its files have changed.
func (c *certReloader) reload() {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.current.Load()
	settings := current.settings
	contents, err := settings.read()
	if err == nil && c.failure == "" && current.contents.equal(&contents) {
		return
	}
	var pair *keypair
	if err == nil {
		pair, err = settings.keypair(contents)
	}
	if err != nil {
		c.metrics.certReloaded.WithLabelValues(c.name).Set(0)
		if err.Error() != c.failure {
			c.failureLog.Do(func() { c.logger.Error("Loading the certificate failed; the last valid one stays in use", "err", err) })
		}
		c.failure = err.Error()
		return
	}
	c.replace(pair)
}

// set makes pair, which a new configuration has loaded, the current one.
func (c *certReloader) set(pair *keypair) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := c.current.Load()
	if c.failure != "" || current.settings != pair.settings || !current.contents.equal(&pair.contents) {
		c.replace(pair)
	}
}

// replace uses pair and logs it. The caller must hold the lock.
func (c *certReloader) replace(pair *keypair) {
	c.failure = ""
	c.use(pair)
	c.logger.Info("Certificate loaded", "file", pair.settings.CertFile, "not_after", pair.notAfter)
}

// use makes pair the one that new connections get.
func (c *certReloader) use(pair *keypair) {
	c.current.Store(pair)
	c.metrics.certReloaded.WithLabelValues(c.name).Set(1)
	c.metrics.certNotAfter.WithLabelValues(c.name).Set(float64(pair.notAfter.UnixNano()) / 1e9)
}
