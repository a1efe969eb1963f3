package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
)

// negotiateFormat returns the format of metrics that the client likes best.
func negotiateFormat(h http.Header) expfmt.Format {
	return expfmt.NegotiateAccept(h, expfmt.DefaultOpenMetricsAcceptedFormats()...)
}

// isText reports whether a format is one that the table writes by itself.
func isText(format expfmt.Format) bool {
	t := format.FormatType()
	return t == expfmt.TypeTextPlain || t == expfmt.TypeOpenMetrics
}

// negotiateEncoding returns the content encoding that the client likes best of
// those that are offered, or "" for none. Among encodings that it likes equally,
// none comes first, then zstd, whose answers are smaller and cheaper than those of
// gzip.
func negotiateEncoding(h http.Header) string {
	best, bestQuality := "", -1.0
	for _, offer := range []string{"identity", "zstd", "gzip"} {
		for _, line := range h["Accept-Encoding"] {
			for part := range strings.SplitSeq(line, ",") {
				name, parameter, weighted := strings.Cut(part, ";")
				if name = strings.TrimSpace(name); name != offer && name != "*" {
					continue
				}
				quality := 1.0
				if weighted {
					var err error
					q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
					if quality, err = strconv.ParseFloat(q, 64); !ok || err != nil || quality < 0 {
						continue
					}
				}
				if quality > bestQuality {
					best, bestQuality = offer, quality
				}
			}
		}
	}
	if best == "identity" || bestQuality <= 0 {
		return ""
	}
	return best
}
