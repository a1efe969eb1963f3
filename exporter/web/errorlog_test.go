package web

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// One line a minute is about clients; each panic has its own.
func TestErrorLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			level slog.Level
			want  string
		}{
			{slog.LevelInfo, "WARN ERROR ERROR WARN"},
			{slog.LevelDebug, "WARN DEBUG ERROR DEBUG ERROR DEBUG WARN DEBUG"},
			{slog.LevelError, "ERROR ERROR"},
		} {
			var log strings.Builder
			l := slog.NewLogLogger(newErrorLog(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: tc.level}))), slog.LevelError)
			client := func() { l.Print("http: TLS handshake error from 192.0.2.1:1: \x1b[31m\nlevel=INFO") }
			client()
			client()
			l.Print("http: panic serving 192.0.2.1:1: a bug\ngoroutine 1")
			client()
			l.Print("http: panic serving 192.0.2.1:1: a bug")
			time.Sleep(59 * time.Second)
			client()
			time.Sleep(time.Second)
			client()
			client()
			var levels []string
			for line := range strings.Lines(log.String()) {
				_, rest, _ := strings.Cut(line, " level=")
				level, rest, _ := strings.Cut(rest, " ")
				levels = append(levels, level)
				if !strings.HasPrefix(rest, `msg="The web server `) || !strings.Contains(rest, `err="http: `) || strings.Contains(line, "\x1b") {
					t.Errorf("%q", line)
				}
			}
			if got := strings.Join(levels, " "); got != tc.want {
				t.Errorf("%s: %s, want %s", tc.level, got, tc.want)
			}
		}
	})
}
