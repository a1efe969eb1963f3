package web

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// An errorLog is the handler for what [net/http.Server] logs. Nearly all of it is
// about clients that do not speak HTTP or TLS, and anybody can cause thousands of
// such lines, so only one a minute is a warning.
type errorLog struct {
	slog.Handler
	warnings *rate.Sometimes
}

// newErrorLog returns a handler that writes to logger: a panic as an error,
// anything else as a warning, which is written at most once a minute. What the
// limit holds back is written at level debug.
func newErrorLog(logger *slog.Logger) slog.Handler {
	return errorLog{logger.Handler(), &rate.Sometimes{Interval: time.Minute}}
}

// Handle implements [slog.Handler].
func (l errorLog) Handle(ctx context.Context, r slog.Record) error {
	level, msg := slog.LevelError, "The web server failed"
	if !strings.HasPrefix(r.Message, "http: panic serving ") {
		level, msg = slog.LevelDebug, "The web server had trouble with a client; more within a minute are logged at level debug"
		l.warnings.Do(func() { level = slog.LevelWarn })
	}
	if !l.Enabled(ctx, level) {
		return nil
	}
	line := slog.NewRecord(r.Time, level, msg, r.PC)
	line.AddAttrs(slog.String("err", r.Message))
	return l.Handler.Handle(ctx, line)
}
