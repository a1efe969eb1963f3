package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
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

// serveNarrow serves the fixture's handler with small buffers until the test
// ends.
func (f *fixture) serveNarrow() (address string) {
	f.Helper()
	server := f.server(f.handler())
	server.Listener = narrowListener{server.Listener}
	server.Start()
	f.Cleanup(server.Close)
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
	return string(b) // A reset is an end, too.
}

func TestSlowReadersAreCutOff(t *testing.T) {
	for _, tc := range []struct {
		name string
		// limit sets the limit in question; the others are far away.
		limit func(*limits)
		read  func(conn net.Conn)
	}{
		{"one that does not read", func(l *limits) { l.stall = 100 * time.Millisecond }, func(net.Conn) {}},
		{"one that reads a little at a time", func(l *limits) { l.write = 300 * time.Millisecond }, func(conn net.Conn) {
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
				f.limits.scrapes = 1
				f.Gatherer = f.registry
				tc.limit(&f.limits)
				address := f.serveNarrow()
				conn := connect(t, address, "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: "+accept+"\r\n\r\n")
				var wg sync.WaitGroup
				wg.Go(func() { tc.read(conn) })
				testutil.Eventually(t, "abortion", func() bool { return f.scrapes(scrapeAborted) == 1 })
				conn.Close()
				wg.Wait()
				// Its place is free again, and others are answered.
				testutil.Eventually(t, "another scrape", func() bool {
					resp, err := http.Get("http://" + address + "/metrics?name[]=ftd_exporter_http_connections")
					if err != nil {
						t.Fatal(err)
					}
					defer resp.Body.Close()
					body, err := io.ReadAll(resp.Body)
					return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), "\nftd_exporter_http_connections ")
				})
				http.DefaultClient.CloseIdleConnections()
			})
		}
	}
}

// What ends early does not look complete to the client.
func TestAbortedScrapesLookAborted(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}} // Which would look cut short.
	defer client.CloseIdleConnections()
	for _, devices := range []int{1, 200} { // Less and more than what is sent at a time.
		f := newFixture(t)
		f.populate(devices)
		// A gauge of the type counter cannot be written.
		f.Gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			gauge := &dto.Metric{Gauge: &dto.Gauge{Value: new(1.0)}}
			return []*dto.MetricFamily{{Name: new("zzz"), Type: dto.MetricType_COUNTER.Enum(), Metric: []*dto.Metric{gauge}}}, nil
		})
		resp, err := client.Get(f.serve(f.handler()) + "/metrics")
		if err == nil {
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err == nil {
				t.Errorf("status %d and %d bytes, which look complete", resp.StatusCode, n)
			}
		}
		if n := f.scrapes(scrapeAborted); n != 1 {
			t.Errorf("%g aborted", n)
		}
	}
}

// Neither the header nor the body of a request may take for ever.
func TestSlowRequestsAreCutOff(t *testing.T) {
	f := newFixture(t)
	f.limits.readHeader, f.limits.read, f.limits.idle = 100*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond
	address := f.serveNarrow()
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
	testutil.Eventually(t, "no connection", func() bool { return f.connections() == 0 })
}

func TestHugeHeaders(t *testing.T) {
	f := newFixture(t)
	f.say(fanFailed)
	url := f.serve(f.handler())
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
				continue // The server has hung up before the client had sent everything.
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

// A slow answer is not a slow request: it may take longer than a request may, and
// the connection stays.
func TestAnswersMayTakeLongerThanRequests(t *testing.T) {
	f := newFixture(t)
	f.limits.readHeader, f.limits.read = 300*time.Millisecond, 300*time.Millisecond
	f.Stored = func(time.Duration) bool {
		time.Sleep(2 * f.limits.read) // What is tested is that this time passes.
		return true
	}
	conn := connect(t, f.serveNarrow(), "")
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
			f.limits.connections = 3
			server := f.server(f.handler())
			if secure {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			address := server.Listener.Addr().String()

			var idle []net.Conn
			for i := range 3 { // With TLS, they never begin to shake hands.
				idle = append(idle, connect(t, address, ""))
				testutil.Eventually(t, "connection", func() bool { return f.connections() == float64(i+1) })
			}
			resp, err := server.Client().Get(server.URL + "/-/healthy")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body) // Otherwise the client would hang up.
			resp.Body.Close()
			// The first has been idle longest.
			wantClosed(t, idle[0])
			if f.evicted() != 1 || f.connections() != 3 {
				t.Errorf("%g evicted, %g open", f.evicted(), f.connections())
			}
			for _, conn := range idle[1:] {
				conn.Close()
			}
			server.Client().CloseIdleConnections()
			testutil.Eventually(t, "no connection", func() bool { return f.connections() == 0 })
		})
	}
}

// If all connections are being answered, the oldest gives way.
func TestTooManySlowReaders(t *testing.T) {
	f := newFixture(t)
	f.populate(200)
	f.limits.connections = 3
	address := f.serveNarrow()
	var slow []net.Conn
	for i := range 3 {
		slow = append(slow, connect(t, address, get("/api/v1/devices")))
		testutil.Eventually(t, "connection", func() bool { return f.connections() == float64(i+1) })
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
	if n := f.evicted(); n != 1 {
		t.Errorf("%g evicted", n)
	}
}

// Browsers and Prometheus speak HTTP/2 over TLS. A scrape needs its deadlines.
func TestScrapeOverHTTP2(t *testing.T) {
	f := newFixture(t)
	f.populate(200)
	server := f.server(f.handler())
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.ProtoMajor != 2 || !strings.Contains(string(body), `device="fw00199"`) {
		t.Errorf("%s, %d bytes, %v", resp.Proto, len(body), err)
	}
	testutil.Eventually(t, "complete scrape", func() bool { return f.scrapes(scrapeComplete) == 1 })
}
