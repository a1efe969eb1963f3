package simulator_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// A wire is a connection that keeps the data written to it until it breaks.
type wire struct {
	net.Conn
	writes []string
	times  []time.Time
	breaks int // The number of writes after which it breaks; 0 means never.
}

func (w *wire) Write(b []byte) (int, error) {
	if w.breaks > 0 && len(w.writes) == w.breaks {
		return 0, errors.New("broken")
	}
	w.writes, w.times = append(w.writes, string(b)), append(w.times, time.Now())
	return len(b), nil
}

func (*wire) Close() error { return nil }

// to returns a dialer that always connects to w.
func to(w *wire) simulator.Dialer {
	return func(context.Context, string, string) (net.Conn, error) { return w, nil }
}

func TestParseTarget(t *testing.T) {
	for _, tc := range []struct {
		target string
		local  bool
		err    string
	}{
		{"udp://127.0.0.1:5514", true, ""},
		{"tcp://127.8.9.1:5514", true, ""},
		{"tcp://[::1]:5514", true, ""},
		{"udp://[::ffff:127.0.0.1]:5514", true, ""},
		{"udp://localhost:5514", true, ""},
		{"udp://192.0.2.1:5514", false, ""},
		{"udp://0.0.0.0:5514", false, ""},
		{"tcp://exporter:5514", false, ""},
		{"udp://:5514", false, "host or port is missing; write udp://127.0.0.1:5514"},
		{"tcp://127.0.0.1", false, "missing port in address; write tcp://127.0.0.1:5514"},
		{"tls://127.0.0.1:5514", false, "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514"},
		{"127.0.0.1:5514", false, "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514"},
	} {
		target, err := simulator.ParseTarget(tc.target)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %v, want %s", tc.target, err, tc.err)
			}
		} else if err != nil || target.IsLocal() != tc.local || target.Network+"://"+target.Address != tc.target {
			t.Errorf("%s: %+v, %v", tc.target, target, err)
		}
	}
}

// Messages are sent evenly until the duration is over.
func TestPlayerPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		start := time.Now()
		p := simulator.NewPlayer(
			simulator.Options{Devices: 30, Rate: 50, Speed: 60, Seed: 1, Duration: time.Minute},
			simulator.NewSender(simulator.Target{Network: "udp"}, to(&w), nil))
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(w.writes) != 60*50 {
			t.Errorf("%d messages, want %d", len(w.writes), 60*50)
		}
		for i, at := range w.times {
			if want := start.Add(time.Duration(i) * time.Second / 50); !at.Equal(want) {
				t.Fatalf("message %d is %s late", i, at.Sub(want))
			}
		}
		if strings.Contains(strings.Join(w.writes, ""), "\n") {
			t.Error("a datagram has a newline")
		}
		s := p.Stats()
		if s.Sent != 3000 || s.Begun < 1 || s.Ended < 1 || s.Ended > s.Begun || s.Errors != 0 || s.Rate() < 49 || s.Rate() > 51 {
			t.Errorf("%+v, %g messages/s", s, s.Rate())
		}
	})
}

// When a connection breaks, the sender connects again, at most once a second,
// and does not lose the message that it could not write. It reports its first
// error only.
func TestSenderReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			dialed   []time.Time
			wires    []*wire
			reported []error
		)
		sender := simulator.NewSender(simulator.Target{Network: "tcp"}, func(context.Context, string, string) (net.Conn, error) {
			dialed = append(dialed, time.Now())
			if len(dialed)%3 == 1 {
				return nil, errors.New("nobody listens")
			}
			w := &wire{breaks: 7}
			wires = append(wires, w)
			return w, nil
		}, func(err error) { reported = append(reported, err) })
		p := simulator.NewPlayer(simulator.Options{Devices: 3, Rate: 100, Speed: 60, Seed: 1, Duration: time.Minute}, sender)
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(dialed) < 50 {
			t.Errorf("only %d attempts", len(dialed))
		}
		for i := 1; i < len(dialed); i++ {
			if pause := dialed[i].Sub(dialed[i-1]); pause < time.Second {
				t.Errorf("%s between two attempts", pause)
			}
		}
		messages := 0
		for _, w := range wires {
			messages += len(w.writes)
			for _, s := range w.writes {
				if strings.Count(s, "\n") != 1 || !strings.HasSuffix(s, "\n") {
					t.Errorf("a frame is %q", s)
				}
			}
		}
		if sent := p.Stats().Sent; sent != int64(messages) {
			t.Errorf("%d messages reported as sent, but %d were sent", sent, messages)
		}
		if len(reported) != 1 || reported[0].Error() != "nobody listens" {
			t.Errorf("reported %q", reported)
		}
	})
}

// A player fails if it could not send any message. The end of its context ends it
// at once, without an error.
func TestPlayerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := simulator.Options{Devices: 3, Rate: 100, Speed: 1, Seed: 1, Duration: 3 * time.Second}
		refuse := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody listens") }
		p := simulator.NewPlayer(o, simulator.NewSender(simulator.Target{Network: "tcp"}, refuse, nil))
		if err := p.Run(t.Context()); err == nil || err.Error() != "nothing was sent: nobody listens" {
			t.Errorf("error %v", err)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		o.Duration = 0
		start := time.Now()
		p = simulator.NewPlayer(o, simulator.NewSender(simulator.Target{Network: "udp"}, to(&wire{}), nil))
		if err := p.Run(ctx); err != nil || time.Since(start) != time.Second {
			t.Errorf("error %v after %s", err, time.Since(start))
		}
	})
}
