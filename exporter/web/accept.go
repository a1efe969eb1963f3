package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/ftd-exporter/ftd_exporter/state"
)

// acceptedFormats returns the formats that are offered, the preferred one first. A
// client gets OpenMetrics 2.0 only if it asks for that version.
func acceptedFormats() []expfmt.Format {
	return append(expfmt.DefaultOpenMetricsAcceptedFormats(), expfmt.FmtOpenMetrics_2_0_0, expfmt.FmtOpenMetrics_2_0_0_rc)
}

// negotiateFormat returns the format of metrics that the client likes best.
func negotiateFormat(h http.Header) expfmt.Format {
	return expfmt.NegotiateAccept(h, acceptedFormats()...)
}

// tableFormat returns the format in which the table writes itself for a client, and
// false if it cannot: for protobuf as text.
func tableFormat(format expfmt.Format) (f state.Format, ok bool) {
	switch format.FormatType() {
	case expfmt.TypeTextPlain:
		return state.Text, true
	case expfmt.TypeOpenMetrics:
		if strings.HasPrefix(format.Version(), "2.") {
			return state.OpenMetrics2, true
		}
		return state.OpenMetrics, true
	case expfmt.TypeProtoDelim:
		return state.Protobuf, true
	}
	return 0, false
}

// hasStarts reports whether a format has the times when counters began.
func hasStarts(f state.Format) bool { return f == state.OpenMetrics2 || f == state.Protobuf }

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
