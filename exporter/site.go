package exporter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mdlayher/vsock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/exporter/web"
)

// newServer makes the web server and gives it what it shows.
func (e *Exporter) newServer(c *catalog.Catalog, registry *prometheus.Registry) error {
	o := web.Options{
		Table: e.table, Catalog: c,
		Gatherer: registry, Registerer: registry,
		TelemetryPath: e.options.TelemetryPath,
		Ready:         e.ready.Load,
		Status:        e.webStatus,
		Labels:        e.labels,
		Interfaces:    e.interfaces,
		Links:         func() web.Config { return e.config.Load().Web },
		AdminAPI:      e.options.AdminAPI,
		Profiling:     e.options.Profiling,
		MaxRequests:   e.options.MaxRequests,
		Version:       version.Version,
		Logger:        e.logger,
	}
	if e.store != nil {
		o.Stored, o.Backup = e.store.WaitStored, e.store.Backup
	}
	if e.options.Lifecycle {
		o.Reload = e.reloadSoon
	}
	handler, err := web.New(o)
	if err != nil {
		return err
	}
	e.server, err = web.NewServer(handler, registry, e.logger)
	return err
}

// webStatus returns what the status page shows of the exporter itself.
func (e *Exporter) webStatus() web.Status {
	s := web.Status{ConfigLoaded: e.loaded.Load(), Unmatched: e.pipeline.Unmatched()}
	for _, m := range e.pipeline.Unread() {
		s.Unread = append(s.Unread, web.UnreadMessage(m))
	}
	received := e.pipeline.Stats()
	for _, l := range e.set.Stats() {
		r := received[l.Name]
		rejected := map[string]uint64{}
		for reason := syslog.OK + 1; reason < syslog.NumReasons; reason++ {
			rejected[reason.String()] = r.Rejected[reason]
		}
		s.Listeners = append(s.Listeners, web.ListenerStatus{
			Name: l.Name, Frames: r.Frames, LastFrame: l.LastFrame, Rejected: rejected,
			Stream: l.Stream, Connections: l.Connections, Evicted: l.Evicted,
			DropsKnown: l.DropsKnown, Dropped: l.Dropped,
		})
	}
	if e.store != nil {
		st := e.store.Status()
		s.Store = web.StoreStatus{
			Path: st.Path, Restored: st.Restored, RestoreSuccessful: st.RestoreSuccessful,
			Commits: st.Commits, Failures: st.Failures, Degraded: st.Degraded,
		}
	}
	return s
}

// listenWeb opens the sockets of the web server, or takes those of systemd.
func (e *Exporter) listenWeb(ctx context.Context) ([]net.Listener, error) {
	flags := e.options.Web
	if *flags.WebSystemdSocket {
		var addresses []string
		for _, c := range e.config.Load().ListenerConfigs(e.options.ListenAddresses) {
			addresses = append(addresses, c.Address)
		}
		return e.sockets.Web(ctx, addresses)
	}
	var opened []net.Listener
	for _, address := range *flags.WebListenAddresses {
		l, err := listenOn(ctx, address)
		if err != nil {
			for _, l := range opened {
				l.Close()
			}
			return nil, err
		}
		opened = append(opened, l)
	}
	return opened, nil
}

// listenOn opens a socket of the web server: HOST:PORT, or vsock://:PORT, on
// which the host of a virtual machine can reach it.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	if port, ok := strings.CutPrefix(address, "vsock://:"); ok {
		n, err := strconv.ParseUint(port, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("--web.listen-address=%s: %q is not a port; write for example vsock://:10061", address, port)
		}
		l, err := vsock.Listen(uint32(n), nil)
		if err != nil {
			return nil, fmt.Errorf("--web.listen-address=%s: %w", address, err)
		}
		return l, nil
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w; another program uses the port: stop it or choose another port", err)
	}
	if err != nil {
		return nil, fmt.Errorf("--web.listen-address=%s: %w", address, err)
	}
	return l, nil
}

// stopWeb waits a moment for answers that are being written.
func (e *Exporter) stopWeb(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := e.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = e.server.Close() // A client is too slow.
	}
	return err
}
