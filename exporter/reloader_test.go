package exporter

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// One reload runs at a time, and everybody who asks meanwhile gets the next.
func TestReloadsCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var begun, ended atomic.Int32
		failure := errors.New("a mistake")
		r := newReloader(func(context.Context, extent) error {
			if begun.Add(1) != ended.Load()+1 {
				t.Error("two at a time")
			}
			time.Sleep(time.Minute)
			if ended.Add(1) == 3 {
				return failure
			}
			return nil
		})
		results := make(chan error, 100)
		ask := func(n int) {
			for range n {
				go func() { results <- r.do(ctx, everything) }()
			}
			synctest.Wait()
		}
		expect := func(n int, want error) {
			t.Helper()
			for range n {
				if err := <-results; !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
		}
		ask(5) // During the start.
		if begun.Load() != 0 {
			t.Error("a reload before the start is done")
		}
		r.start(ctx)
		synctest.Wait()
		ask(7)
		expect(5, nil)
		synctest.Wait()
		if begun.Load() != 2 {
			t.Errorf("%d reloads, want 2", begun.Load())
		}
		ask(3)
		expect(7, nil)
		expect(3, failure)
		if begun.Load() != 3 {
			t.Errorf("%d reloads, want 3", begun.Load())
		}
		stop()
		r.stop(time.Second)
	})
}

// A reload that hangs keeps nobody: neither those who ask nor the stop.
func TestReloadHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run, stop := context.WithCancel(t.Context())
		file := make(chan struct{})
		r := newReloader(func(context.Context, extent) error {
			<-file
			return nil
		})
		r.start(run)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if err := r.do(ctx, everything); !errors.Is(err, errStillRunning) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		waiting := make(chan error)
		go func() { waiting <- r.do(t.Context(), everything) }()
		synctest.Wait()
		began := time.Now()
		stop()
		if err := <-waiting; !errors.Is(err, errStopping) {
			t.Errorf("got %v", err)
		}
		r.stop(time.Second)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %v", took)
		}
		if err := r.do(t.Context(), everything); !errors.Is(err, errStopping) {
			t.Errorf("after the stop: %v", err)
		}
		close(file)
	})
}

// While a reload hangs, the exporter receives, answers and stops.
func TestStopDuringAReload(t *testing.T) {
	file := make(chan struct{})
	address := testutil.FreeAddr(t)
	systemd := false
	e, err := New(Options{
		Entries: catalog.Messages(), Collectors: collectors.All(),
		ListenAddresses: []string{"udp://127.0.0.1:0"}, Lifecycle: true,
		Web:    &toolkit.FlagConfig{WebListenAddresses: &[]string{address}, WebSystemdSocket: &systemd, WebConfigFile: new(string)},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	e.reloads = newReloader(func(context.Context, extent) error {
		close(begun)
		<-file
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	ended, asked := make(chan error), make(chan error, 2)
	go func() { ended <- e.Run(ctx) }()
	go func() { asked <- e.Reload(t.Context()) }()
	<-begun
	go func() { // So has a client of the web server.
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/-/reload", nil)
		e.Handler().ServeHTTP(httptest.NewRecorder(), request)
		asked <- errStopping
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, err := testutil.Get(client, "http://"+address+"/metrics"); err != nil {
		t.Error(err)
	}
	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the stop took %v", took)
	}
	for range 2 {
		if err := <-asked; !errors.Is(err, errStopping) {
			t.Errorf("got %v", err)
		}
	}
	close(file)
}
