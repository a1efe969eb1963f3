package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter"
	"github.com/ftd-exporter/ftd_exporter/exporter/fleet"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// played returns what a simulation says in that time, on a clock of the
// test's.
func played(devices int, seed uint64, speed, rate float64, lasts time.Duration) ([]string, *simulation) {
	start := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	s := newSimulation(fleet.New(devices, rand.New(rand.NewPCG(seed, 0))), speed, start)
	var lines []string
	for i := range int(rate * lasts.Seconds()) {
		lines = append(lines, s.next(start.Add(time.Duration(float64(i)/rate*float64(time.Second)))))
	}
	return lines, s
}

func TestSimulationDependsOnItsSeedOnly(t *testing.T) {
	first, _ := played(30, 1, 60, 20, 5*time.Minute)
	again, _ := played(30, 1, 60, 20, 5*time.Minute)
	other, _ := played(30, 2, 60, 20, 5*time.Minute)
	if !slices.Equal(first, again) {
		t.Error("equal seeds give unequal lines")
	}
	if slices.Equal(first, other) {
		t.Error("unequal seeds give equal lines")
	}
}

// Every line is read, most are ordinary, and all incidents of a fleet that is
// left alone for long end.
func TestSimulationIsRead(t *testing.T) {
	c, state, err := newState(collectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := exporter.New(c, state, nil)
	for _, tc := range []struct {
		devices     int
		speed, rate float64
	}{{1, 600, 5}, {30, 60, 100}, {150, 1000, 50}} {
		t.Run(fmt.Sprintf("%d devices", tc.devices), func(t *testing.T) {
			lines, s := played(tc.devices, 1, tc.speed, tc.rate, 10*time.Minute)
			outcomes := map[string]int{}
			for _, line := range lines {
				x := e.Explain([]byte(line), "nobody")
				outcomes[x.Outcome]++
				if x.Outcome != "matched" && x.Outcome != "uncatalogued" || x.Device == "" || x.Device == "nobody" {
					t.Errorf("%s (%s) of %q: %s", x.Outcome, x.Reason, x.Device, line)
				}
			}
			if outcomes["uncatalogued"] < len(lines)/3 || outcomes["matched"] < 100 {
				t.Errorf("outcomes are %v", outcomes)
			}
			begun, ended := s.begun.Load(), s.ended.Load()
			if ended < 10 || begun-ended > int64(tc.devices) {
				t.Errorf("%d incidents, %d of them over", begun, ended)
			}
		})
	}
}

// With a high speed an observer sees something within a minute.
func TestSimulationDoesNotBore(t *testing.T) {
	for seed := range uint64(20) {
		_, s := played(30, seed, 10, 50, time.Minute)
		if s.begun.Load() == 0 {
			t.Errorf("seed %d: no incident within a minute", seed)
		}
	}
}

func TestSimulateRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--target=udp://192.0.2.1:5514":          "192.0.2.1 may be another machine, whose monitoring would show invented faults; if you mean it, add --allow-remote",
		"--target=tcp://syslog.example.com:5514": "add --allow-remote",
		"--target=udp://[2001:db8::1]:5514":      "add --allow-remote",
		"--target=udp://0.0.0.0:5514":            "add --allow-remote",
		"--target=udp://:5514":                   "host or port is missing",
		"--target=udp://127.0.0.1":               "missing port in address; write udp://127.0.0.1:5514",
		"--target=127.0.0.1:5514":                "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514",
		"--target=tls://127.0.0.1:5514":          "write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514",
		"--devices=0":                            "must be 1 to 10000",
		"--rate=0":                               "must be more than 0",
		"--rate=NaN":                             "must be more than 0",
		"--speed=-1":                             "must be more than 0",
		"--duration=-1s":                         "must not be negative",
	} {
		if status, _, stderr := call(t, "", "simulate", args); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", args, status, stderr)
		}
	}
}

func TestSimulateAccepts(t *testing.T) {
	for _, f := range []simulateFlags{
		{target: "udp://127.0.0.1:5514"},
		{target: "tcp://127.8.9.1:5514"},
		{target: "tcp://[::1]:5514"},
		{target: "udp://[::ffff:127.0.0.1]:5514"},
		{target: "udp://localhost:5514"},
		{target: "udp://192.0.2.1:5514", allowRemote: true},
		{target: "tcp://exporter:5514", allowRemote: true},
	} {
		if _, _, err := f.destination(); err != nil {
			t.Error(err)
		}
	}
}

// A wire is a connection that keeps what is written to it, until it breaks.
type wire struct {
	net.Conn
	writes []string
	times  []time.Time
	breaks int // After so many writes; 0 is never.
}

func (w *wire) Write(b []byte) (int, error) {
	if w.breaks > 0 && len(w.writes) == w.breaks {
		return 0, errors.New("broken")
	}
	w.writes, w.times = append(w.writes, string(b)), append(w.times, time.Now())
	return len(b), nil
}

func (*wire) Close() error { return nil }

// Messages go out evenly, as long as --duration says.
func TestSimulatePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w wire
		var stderr bytes.Buffer
		f := simulateFlags{devices: 30, rate: 50, speed: 60, seed: 1, duration: time.Minute}
		to := &sender{network: "udp", dial: func(context.Context, string, string) (net.Conn, error) { return &w, nil }}
		start := time.Now()
		if err := f.play(t.Context(), streams{err: &stderr}, to); err != nil {
			t.Fatal(err)
		}
		if len(w.writes) != 60*50 {
			t.Errorf("%d messages, want %d", len(w.writes), 60*50)
		}
		for i, at := range w.times {
			if want := start.Add(time.Duration(i) * time.Second / 50); !at.Equal(want) {
				t.Fatalf("message %d comes %s late", i, at.Sub(want))
			}
		}
		if strings.Contains(strings.Join(w.writes, ""), "\n") {
			t.Error("a datagram has a newline")
		}
		summary := regexp.MustCompile(`^messages   3000\nincidents  [1-9]\d*, [1-9]\d* of them over\nerrors     0\ntime       (59\.98s|1m0s), 50 messages/s\n$`)
		if !summary.MatchString(stderr.String()) {
			t.Errorf("summary:\n%s", stderr.String())
		}
	})
}

// A sender whose connections break connects again, once a second at most, and
// loses no message that it could not write. It says once what is wrong.
func TestSimulateReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			dialled []time.Time
			wires   []*wire
			stderr  bytes.Buffer
		)
		to := &sender{network: "tcp", dial: func(context.Context, string, string) (net.Conn, error) {
			dialled = append(dialled, time.Now())
			if len(dialled)%3 == 1 {
				return nil, errors.New("nobody listens")
			}
			w := &wire{breaks: 7}
			wires = append(wires, w)
			return w, nil
		}}
		f := simulateFlags{devices: 3, rate: 100, speed: 60, seed: 1, duration: time.Minute}
		if err := f.play(t.Context(), streams{err: &stderr}, to); err != nil {
			t.Fatal(err)
		}
		if len(dialled) < 50 {
			t.Errorf("only %d attempts", len(dialled))
		}
		for i := 1; i < len(dialled); i++ {
			if pause := dialled[i].Sub(dialled[i-1]); pause < time.Second {
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
		if want := fmt.Sprintf("messages   %d\n", messages); !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in\n%s", want, stderr.String())
		}
		if n := strings.Count(stderr.String(), "nobody listens; trying again every second"); n != 1 {
			t.Errorf("it says %d times what is wrong\n%s", n, stderr.String())
		}
	})
}

// If there was nobody to send to all the time, the command fails. An interrupt
// ends it at once, as success.
func TestSimulateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := simulateFlags{devices: 3, rate: 100, speed: 1, seed: 1, duration: 3 * time.Second}
		nobody := &sender{network: "tcp", dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("nobody listens")
		}}
		var stderr bytes.Buffer
		if err := f.play(t.Context(), streams{err: &stderr}, nobody); err == nil || err.Error() != "nothing was sent: nobody listens" {
			t.Errorf("error %v", err)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f.duration = 0
		start := time.Now()
		somebody := &sender{network: "udp", dial: func(context.Context, string, string) (net.Conn, error) { return &wire{}, nil }}
		if err := f.play(ctx, streams{err: &stderr}, somebody); err != nil || time.Since(start) != time.Second {
			t.Errorf("error %v after %s", err, time.Since(start))
		}
	})
}

// A real exporter sees parts fail and work again.
func TestSimulateShowsInAnExporter(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		t.Run(scheme, func(t *testing.T) {
			server := startServer(t, &http.Client{Transport: &http.Transport{}}, "http")
			ctx, stop := context.WithCancel(t.Context())
			var stderr bytes.Buffer
			ended := make(chan int)
			go func() {
				ended <- run(ctx, []string{"simulate", "--target=" + scheme + "://" + server.udp, "--rate=2000", "--speed=3600"}, streams{err: &stderr})
			}()
			failed, recovered := map[string]bool{}, false
			part := regexp.MustCompile(`(?m)^ftd_component_ok(\{component="(?:fan|power_supply)",.*\}) ([01])$`)
			testutil.Eventually(t, "a part that has failed and works again", func() bool {
				_, _, body := server.get("/metrics", nil)
				for _, m := range part.FindAllStringSubmatch(body, -1) {
					if m[2] == "0" {
						failed[m[1]] = true
					}
					recovered = recovered || m[2] == "1" && failed[m[1]]
				}
				return recovered
			})
			stop()
			if status := <-ended; status != 0 || !strings.Contains(stderr.String(), "errors     0\n") {
				t.Errorf("status %d\n%s", status, stderr.String())
			}
			_, _, body := server.get("/metrics", nil)
			for _, bad := range []string{"ftd_exporter_messages_unmatched_total{", "ftd_exporter_syslog_rejected_total{"} {
				for line := range strings.Lines(body) {
					if strings.HasPrefix(line, bad) && !strings.HasSuffix(line, " 0\n") {
						t.Error(line)
					}
				}
			}
		})
	}
}
