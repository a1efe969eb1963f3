package exporter

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
)

// A narrowListener gives connections small buffers, so that a client that does
// not read is noticed soon.
type narrowListener struct{ net.Listener }

func (l narrowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(4096)
	}
	return conn, err
}

// serveNarrow serves a handler with small buffers, until the test ends.
func (f *fixture) serveNarrow(h http.Handler, limits webLimits) (address string) {
	f.t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config = f.newServer(h, limits)
	server.Listener = narrowListener{server.Listener}
	server.Start()
	f.t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// connect opens a connection with a small buffer and sends what is given.
func connect(t *testing.T, address, send string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	return conn
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n" }

// wantClosed reads until the server closes the connection, and returns what
// came.
func wantClosed(t *testing.T, conn net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // It comes as it is.
		t.Fatalf("the connection stays open; %d bytes read", len(b))
	}
	return string(b) // A reset is an end too.
}

func TestSlowReadersAreCutOff(t *testing.T) {
	for _, tc := range []struct {
		name string
		// limit sets the limit in question; the others are far away.
		limit func(*webLimits)
		read  func(conn net.Conn)
	}{
		{"one that does not read", func(l *webLimits) { l.stall = 100 * time.Millisecond }, func(net.Conn) {}},
		{"one that reads a little at a time", func(l *webLimits) { l.write = 300 * time.Millisecond }, func(conn net.Conn) {
			for b := make([]byte, 64); ; time.Sleep(5 * time.Millisecond) { // For as long as it may.
				if _, err := conn.Read(b); err != nil {
					return
				}
			}
		}},
	} {
		for _, accept := range []string{"text/plain", protobuf} {
			t.Run(tc.name+" "+accept[:4], func(t *testing.T) {
				f := newFixture(t)
				f.populate(200) // Some 900 KB.
				limits := defaultWebLimits()
				limits.scrapes = 1
				tc.limit(&limits)
				address := f.serveNarrow(f.scrapeHandler(nil, limits), limits)
				conn := connect(t, address, "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: "+accept+"\r\n\r\n")
				var wg sync.WaitGroup
				wg.Go(func() { tc.read(conn) })
				eventually(t, "abortion", func() bool { return f.scrapes(scrapeAborted) == 1 })
				conn.Close()
				wg.Wait()
				// Its place is free again, and others are answered.
				eventually(t, "another scrape", func() bool {
					resp, err := http.Get("http://" + address + "/metrics?name[]=ftd_exporter_devices")
					if err != nil {
						t.Fatal(err)
					}
					defer resp.Body.Close()
					body, err := io.ReadAll(resp.Body)
					return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), "\nftd_exporter_devices 200\n")
				})
				http.DefaultClient.CloseIdleConnections()
			})
		}
	}
}

// What ends early does not look complete to the client.
func TestAbortedScrapesLookAborted(t *testing.T) {
	f := newFixture(t)
	// A gauge that says that it is a counter cannot be written.
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		gauge := &dto.Metric{Gauge: &dto.Gauge{Value: new(1.0)}}
		return []*dto.MetricFamily{{Name: new("zzz"), Type: dto.MetricType_COUNTER.Enum(), Metric: []*dto.Metric{gauge}}}, nil
	})
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}} // Which would look cut short.
	defer client.CloseIdleConnections()
	for i, devices := range []int{1, 200} { // Less and more than what is sent at a time.
		f.populate(devices)
		limits := defaultWebLimits()
		resp, err := client.Get(f.serveHTTP(f.scrapeHandlerOf(broken, nil, limits), limits) + "/metrics")
		if err == nil {
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err == nil {
				t.Errorf("status %d and %d bytes, which look complete", resp.StatusCode, n)
			}
		}
		if n := f.scrapes(scrapeAborted); n != float64(i+1) {
			t.Errorf("%g aborted, want %d", n, i+1)
		}
	}
}

// Neither the header nor the body of a request may take for ever.
func TestSlowRequestsAreCutOff(t *testing.T) {
	f := newFixture(t)
	limits := defaultWebLimits()
	limits.readHeader, limits.read, limits.idle = 100*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond
	address := f.serveNarrow(f.scrapeHandler(nil, limits), limits)
	for _, tc := range []struct{ send, want string }{
		{"", ""},
		{"GET /metr", "HTTP/1.1 400 "},
		{"GET /-/healthy HTTP/1.1\r\nHost: x\r\nAccept: tex", ""},
		{"POST /api/v1/forget HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfive", "HTTP/1.1 403 "},
		{"GET /-/healthy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n", "HTTP/1.1 200 "},
		{get("/-/healthy"), "HTTP/1.1 200 "}, // And then nothing.
		{"nonsense\r\n\r\n", "HTTP/1.1 400 "},
	} {
		if got := wantClosed(t, connect(t, address, tc.send)); !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%q: %q, want %q", tc.send, got, tc.want)
		}
	}
	eventually(t, "no connection", func() bool { return testutil.ToFloat64(f.metrics.httpConnections) == 0 })
}

func TestHugeHeaders(t *testing.T) {
	f := newFixture(t)
	f.say("192.0.2.1", fanFailed)
	limits := defaultWebLimits()
	url := f.serveHTTP(f.scrapeHandler(nil, limits), limits)
	defer http.DefaultClient.CloseIdleConnections()
	for _, tc := range []struct {
		header, value string
		status        int
	}{
		{"Accept", strings.Repeat("text/plain;q=0.5,", 900), http.StatusOK},
		{"Accept", strings.Repeat("a/b,", 3500) + openMetrics, http.StatusOK},
		{"Accept-Encoding", strings.Repeat("x,", 7000) + "identity", http.StatusOK},
		{"Accept", strings.Repeat("text/plain;q=0.5,", 4000), http.StatusRequestHeaderFieldsTooLarge},
		{"Accept-Encoding", strings.Repeat("gzip,", 10000), http.StatusRequestHeaderFieldsTooLarge},
		{"X-Anything", strings.Repeat("x", 1<<20), http.StatusRequestHeaderFieldsTooLarge},
	} {
		r, err := http.NewRequest("GET", url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(tc.header, tc.value)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			if tc.status != http.StatusOK {
				continue // The server has hung up before the client had sent all.
			}
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tc.status || err != nil {
			t.Errorf("%s of %d bytes: status %d, %v", tc.header, len(tc.value), resp.StatusCode, err)
		}
		if tc.status == http.StatusOK && !strings.Contains(string(body), "ftd_component_ok{") {
			t.Errorf("%s of %d bytes: %.100q", tc.header, len(tc.value), body)
		}
	}
	if n := f.scrapes(scrapeComplete); n != 3 {
		t.Errorf("%g scrapes, want 3", n)
	}
}

// A slow answer is no slow request: it may take longer than a request may, and
// the connection stays.
func TestAnswersMayTakeLongerThanRequests(t *testing.T) {
	f := newFixture(t)
	limits := defaultWebLimits()
	limits.readHeader, limits.read = 300*time.Millisecond, 300*time.Millisecond
	own := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		time.Sleep(2 * limits.read) // What is tested is that this time passes.
		return nil, nil
	})
	conn := connect(t, f.serveNarrow(f.scrapeHandlerOf(own, nil, limits), limits), "")
	in := bufio.NewReader(conn)
	for range 2 {
		io.WriteString(conn, get("/metrics"))
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("status %d, %v", resp.StatusCode, err)
		}
		resp.Body.Close()
	}
}

func TestTooManyConnections(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("tls=%t", secure), func(t *testing.T) {
			f := newFixture(t)
			limits := defaultWebLimits()
			limits.connections = 3
			h := f.scrapeHandler(nil, limits)
			server := httptest.NewUnstartedServer(h)
			server.Config = f.newServer(h, limits)
			if secure {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			address := server.Listener.Addr().String()
			open := func() float64 { return testutil.ToFloat64(f.metrics.httpConnections) }

			var idle []net.Conn
			for i := range 3 { // With TLS, they never begin to shake hands.
				idle = append(idle, connect(t, address, ""))
				eventually(t, "connection", func() bool { return open() == float64(i+1) })
			}
			resp, err := server.Client().Get(server.URL + "/-/healthy")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body) // Else the client would hang up.
			resp.Body.Close()
			// The first has been idle for longest.
			wantClosed(t, idle[0])
			if n := testutil.ToFloat64(f.metrics.httpEvicted); n != 1 || open() != 3 {
				t.Errorf("%g evicted, %g open", n, open())
			}
			for _, conn := range idle[1:] {
				conn.Close()
			}
			server.Client().CloseIdleConnections()
			eventually(t, "no connection", func() bool { return open() == 0 })
		})
	}
}

// If all connections are being answered, the oldest gives way.
func TestTooManySlowReaders(t *testing.T) {
	f := newFixture(t)
	f.populate(200)
	limits := defaultWebLimits()
	limits.connections = 3
	address := f.serveNarrow(f.scrapeHandler(nil, limits), limits)
	var slow []net.Conn
	for i := range 3 {
		slow = append(slow, connect(t, address, get("/api/v1/devices")))
		eventually(t, "connection", func() bool { return testutil.ToFloat64(f.metrics.httpConnections) == float64(i+1) })
		// It is being answered once something has come.
		if _, err := slow[i].Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.Get("http://" + address + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	wantClosed(t, slow[0])
	if n := testutil.ToFloat64(f.metrics.httpEvicted); n != 1 {
		t.Errorf("%g evicted", n)
	}
}
