package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// reports returns how many reports of a power supply an exporter has counted, by
// device. A supply fails and recovers in turn; after n reports it has failed
// (n+1)/2 times and works if n is even. So n follows from its two series, and
// so does whether they are consistent. The number of messages is returned under
// the device's name followed by " messages".
func reports(t *testing.T, e *testutil.Exporter) (n map[string]int) {
	t.Helper()
	metrics, err := e.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	ok, failures := map[string]int{}, map[string]int{}
	n = map[string]int{}
	for line := range strings.Lines(metrics) {
		line = strings.TrimSuffix(line, "\n")
		if rest, found := strings.CutPrefix(line, `ftd_syslog_messages_total{device="`); found {
			device, rest, _ := strings.Cut(rest, `"`)
			_, value, _ := strings.Cut(rest, "} ")
			v, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			n[device+" messages"] += v
		}
		for name, values := range map[string]map[string]int{"ftd_component_ok": ok, "ftd_component_failures_total": failures} {
			rest, found := strings.CutPrefix(line, name+`{component="power_supply",device="`)
			if !found {
				continue
			}
			device, value, _ := strings.Cut(rest, `",unit="1"} `)
			v, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			values[device] = v
		}
	}
	for device, f := range failures {
		n[device] = 2*f - 1 + ok[device]
		if f == 0 {
			n[device] = 0
		}
	}
	return n
}

// Whenever the process is killed, every hardware state and every count that a
// scrape has shown is there after a restart. FTD_CRASH_ROUNDS sets the number of
// rounds.
func TestKilledProcessKeepsWhatItHasShown(t *testing.T) {
	rounds := 8
	if s := os.Getenv("FTD_CRASH_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()

	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	shown := map[string]int{}
	scrapes, sent := 0, 0
	for round := range rounds {
		e := testutil.Serve(t, "--syslog.listen-address=tcp://"+testutil.FreeAddr(t), "--storage.path="+dir)
		now := reports(t, e)
		for device, n := range shown {
			if now[device] < n {
				t.Fatalf("round %d: %s is back at %d, a scrape had shown %d\n%s", round, device, now[device], n, e.Log())
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		conn, err := net.Dial("tcp", e.TCP)
		if err != nil {
			t.Fatal(err)
		}
		total := make(chan int)
		go func() {
			n := 0
			defer func() { total <- n }()
			for i := 0; ctx.Err() == nil; i++ {
				device := fmt.Sprintf("fw%d", i%3)
				line := "%FTD-1-735004: Power Supply 1: Failure Detected"
				if now[device]%2 == 1 {
					line = "%FTD-1-735003: Power Supply 1: OK"
				}
				if _, err := io.WriteString(conn, device+" : "+line+"\n"); err != nil {
					return
				}
				now[device]++
				n++
			}
		}()
		for range 1 + random.IntN(5) {
			shown = reports(t, e)
			scrapes++
		}
		e.Kill()
		stop()
		conn.Close()
		sent += <-total
	}
	t.Logf("%d rounds, %d reports, %d scrapes, none lost", rounds, sent, scrapes)
}
