package exporter

import (
	"context"
	"log/slog"
	"strings"
)

// A webLog is the handler for what [net/http.Server] logs. Nearly all of it is
// about clients that do not speak HTTP or TLS, and anybody can make thousands of
// those, so there is one line a minute.
type webLog struct {
	slog.Handler
	limit *occasionally
}

// NewWebLog returns a handler for the ErrorLog of a web server, which writes to
// logger: a panic as an error, anything else as a warning that is written once a
// minute at most. All that the limit holds back is there at level debug.
func NewWebLog(logger *slog.Logger) slog.Handler {
	return webLog{logger.Handler(), &occasionally{}}
}

// Handle implements [slog.Handler].
func (l webLog) Handle(ctx context.Context, r slog.Record) error {
	level, msg := slog.LevelError, "The web server failed"
	if !strings.HasPrefix(r.Message, "http: panic serving ") {
		level, msg = l.limit.level(), "The web server had trouble with a client; more within a minute are logged at level debug"
	}
	if !l.Enabled(ctx, level) {
		return nil
	}
	line := slog.NewRecord(r.Time, level, msg, r.PC)
	line.AddAttrs(slog.String("err", r.Message))
	return l.Handler.Handle(ctx, line)
}
