package web

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // So that the reference offers it, too.
)

const (
	openMetrics = "application/openmetrics-text;version=1.0.0"
	protobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// offered are the content encodings, the preferred one first.
func offered() []promhttp.Compression {
	return []promhttp.Compression{promhttp.Identity, promhttp.Zstd, promhttp.Gzip}
}

// accepts are headers of clients, and some nonsense.
func accepts() []string {
	return []string{
		"", "*/*", "text/*", "text/plain", "text/plain;version=0.0.4", "text/plain;version=9", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
		openMetrics, "application/openmetrics-text", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0", "application/openmetrics-text;version=2.0.0-rc;escaping=underscores", "application/openmetrics-text;version=2.0.0;q=0.9," + openMetrics + ";q=0.8",
		openMetrics + ";escaping=allow-utf-8", openMetrics + ";escaping=underscores", openMetrics + ";escaping=dots", "text/plain;version=0.0.4;escaping=values", openMetrics + ";escaping=bogus",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		protobuf + ";escaping=allow-utf-8;q=0.7," + openMetrics + ";q=0.6,text/plain;q=0.3",
		protobuf, protobuf + ";escaping=dots", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
		openMetrics + ";q=0.1,text/plain;q=0.9", "nonsense", ";;;,,,", "text/plain;q=x", "\x80",
	}
}

// encodings are headers of clients.
func encodings() []string {
	return []string{
		"", "gzip", "zstd", "identity", "*", "br", "gzip, zstd", "zstd, gzip", "gzip;q=0.5, zstd;q=0.7", "zstd ; q=0.2,gzip; q=0.1", "deflate, gzip, br, zstd",
		"gzip;q=0", "gzip;q=0, zstd;q=0", "identity;q=0", "identity;q=0, *;q=0", "*;q=0", "gzip;q=0.5, *;q=1", "GZIP", "gzip;level=1", "gzip;q=", "gzip;q=-1",
	}
}

// Any well-formed Accept-Encoding gives the same encoding as with promhttp if that
// prefers zstd.
func TestEncodingIsThatOfPromhttp(t *testing.T) {
	reference := promhttp.HandlerFor(prometheus.NewRegistry(), promhttp.HandlerOpts{OfferedCompressions: offered()})
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for range 5000 {
		h := http.Header{}
		for range random.IntN(3) {
			var parts []string
			for range 1 + random.IntN(4) {
				part := pick("gzip", "zstd", "identity", "*", "br", "deflate")
				if random.IntN(2) == 0 {
					part += pick(";", " ;", "; ", " ; ") + "q=" + pick("0", "1", "0.5", "0.25", "0.001", "1.0", "0.", "0.000")
				}
				parts = append(parts, part)
			}
			h.Add("Accept-Encoding", strings.Join(parts, pick(",", ", ")))
		}
		w := httptest.NewRecorder()
		reference.ServeHTTP(w, &http.Request{Header: h})
		if got, want := negotiateEncoding(h), w.Header().Get("Content-Encoding"); got != want {
			t.Fatalf("%q: %q, want %q", h["Accept-Encoding"], got, want)
		}
	}
}
