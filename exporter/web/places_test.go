package web

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// Readers that are slow, more of them than there are places, are not in the way
// of others: the slowest lose their places.
func TestSlowReadersAreNotInTheWay(t *testing.T) {
	for path, places := range map[string]int{"/metrics": defaultLimits().scrapes, "/api/v1/devices": defaultLimits().reads} {
		t.Run(path, func(t *testing.T) {
			f := newFixture(t)
			f.populate(200)
			f.Gatherer = f.registry
			f.limits.queue, f.limits.patience = time.Minute, time.Second // The machine may be busy.
			address := f.serveNarrow()
			for range 20 {
				connect(t, address, get(path))
			}
			testutil.Eventually(t, "slow readers", func() bool { return f.connections() >= float64(places) }) // They are in each other's way, too.
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					resp, err := client.Get("http://" + address + path)
					if err != nil {
						t.Error(err)
						return
					}
					defer resp.Body.Close()
					body, err := io.ReadAll(resp.Body)
					if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "fw00199") {
						t.Errorf("status %d, %d bytes, %v", resp.StatusCode, len(body), err)
					}
				})
			}
			wg.Wait()
		})
	}
}

// A heldTable lets a test hold those who read all devices.
type heldTable struct {
	Table
	calls   atomic.Int32
	release chan struct{}
}

func (h *heldTable) Snapshots() iter.Seq[state.DeviceState] {
	h.calls.Add(1)
	<-h.release
	return h.Table.Snapshots()
}

// However many read all devices, few are at work at a time, the others are told
// when to come again, and neither scrapes nor other requests wait for them.
func TestReadersAreBounded(t *testing.T) {
	for _, tc := range []struct {
		path, contentType, refusal string
	}{
		{"/api/v1/devices", "application/json", `{"error":"Limit of concurrent requests reached (3), try again later."}`},
		{"/", "text/plain; charset=utf-8", "Limit of concurrent requests reached (3), try again later."},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t)
			f.say(fanFailed)
			held := &heldTable{Table: f.table, release: make(chan struct{})}
			f.Table = held
			f.limits.reads, f.limits.pages = 3, 3
			h := f.handler()
			var (
				wg      sync.WaitGroup
				answers [200]*httptest.ResponseRecorder
			)
			for i := range answers {
				wg.Go(func() { answers[i] = request(h, "GET", tc.path) })
			}
			synctest.Wait()
			if n := held.calls.Load(); n > 3 {
				t.Errorf("%s: %d at work", tc.path, n)
			}
			start := time.Now()
			if w := scrape(h, "", ""); w.Code != http.StatusOK || time.Since(start) != 0 {
				t.Errorf("%s: a scrape has status %d after %s", tc.path, w.Code, time.Since(start))
			}
			time.Sleep(f.limits.queue) // Of the clock of the test.
			synctest.Wait()
			close(held.release)
			wg.Wait()
			ok := 0
			for _, w := range answers {
				if w.Code == http.StatusOK {
					ok++
					continue
				}
				if body := strings.TrimSpace(w.Body.String()); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" ||
					w.Header().Get("Content-Type") != tc.contentType || body != tc.refusal {
					t.Errorf("%s: status %d, %v, %q", tc.path, w.Code, w.Header(), body)
				}
			}
			if ok != 3 {
				t.Errorf("%s: %d answers, want 3", tc.path, ok)
			}
			if w := request(h, "GET", tc.path); w.Code != http.StatusOK {
				t.Errorf("%s: status %d afterward", tc.path, w.Code)
			}
		})
	}
}

// A request that waits gets the place that becomes free, and a client that leaves
// waits no longer.
func TestWaitingForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(1, defaultLimits())
		r := httptest.NewRequest("GET", "/", nil)
		w := recorder{httptest.NewRecorder()}
		first := p.take(w, r)
		start := time.Now()
		go func() {
			time.Sleep(p.queue / 2)
			first.free()
		}()
		second := p.take(w, r)
		if waited := time.Since(start); second == nil || waited != p.queue/2 {
			t.Errorf("%v after %s", second, waited)
		}
		if p.take(w, r) != nil {
			t.Error("there is a second place")
		}
		if waited := time.Since(start); waited != p.queue/2+p.queue {
			t.Errorf("refused after %s", waited)
		}
	})
}

// A deadlineWriter notes the deadlines that are set.
type deadlineWriter struct {
	recorder
	deadlines int
}

func (w *deadlineWriter) SetWriteDeadline(time.Time) error {
	w.deadlines++
	return nil
}

// The connection of a place that is free may have another request: nobody
// touches it. A place that was lost writes no more.
func TestLostPlaces(t *testing.T) {
	p := newPlaces(1, defaultLimits())
	r := httptest.NewRequest("GET", "/", nil)
	w := &deadlineWriter{recorder: recorder{httptest.NewRecorder()}}
	pl := p.take(w, r)
	pl.free()
	pl.cut()
	if w.deadlines != 0 {
		t.Error("a deadline is set on the connection of an answer that is complete")
	}
	pl = p.take(w, r)
	pl.waited = p.patience
	if p.take(recorder{httptest.NewRecorder()}, r) == nil {
		t.Fatal("the slow reader keeps its place")
	}
	if _, err := fmt.Fprint(pl, "x"); err == nil || w.deadlines != 1 || w.Body.Len() != 0 {
		t.Errorf("%v, %d deadlines, %q", err, w.deadlines, w.Body)
	}
	pl.free() // It frees nothing that is somebody else's.
	if len(p.taken) != 1 {
		t.Errorf("%d places taken", len(p.taken))
	}
}
