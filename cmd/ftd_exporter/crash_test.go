package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// buildProgram returns the program, built without the race detector.
func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ftd_exporter")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// A process is the program itself, which can be killed.
type process struct {
	cmd    *exec.Cmd
	web    string
	syslog string
	log    bytes.Buffer
}

func startProcess(t *testing.T, binary, dir string) *process {
	t.Helper()
	syslog := freePort(t)
	p := serveProcess(t, binary, freePort(t), "--syslog.listen-address=tcp://"+syslog, "--storage.path="+dir)
	p.syslog = syslog
	return p
}

// serveProcess starts the program and returns when it is ready.
func serveProcess(t *testing.T, binary, web string, args ...string) *process {
	t.Helper()
	p := &process{web: web}
	p.cmd = exec.Command(binary, append([]string{"serve", "--web.listen-address=" + web}, args...)...)
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		resp, err := http.Get("http://" + p.web + "/-/ready")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return p
			}
		}
		if time.Now().After(deadline) {
			p.kill()
			t.Fatalf("not ready\n%s", p.log.String())
		}
	}
}

// kill ends the process as a power cut would, without a chance to say goodbye.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// A supply fails and recovers in turn; after n reports it has failed
// (n+1)/2 times and works if n is even. So its two series tell n, and whether
// they belong together. The number of messages is counted besides, under the
// device's name with "messages" behind it.
func (p *process) reports(t *testing.T) (n map[string]int) {
	t.Helper()
	resp, err := http.Get("http://" + p.web + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	ok, failures := map[string]int{}, map[string]int{}
	n = map[string]int{}
	s := bufio.NewScanner(resp.Body)
	for s.Scan() {
		if rest, found := strings.CutPrefix(s.Text(), `ftd_messages_total{device="`); found {
			device, rest, _ := strings.Cut(rest, `"`)
			_, value, _ := strings.Cut(rest, "} ")
			v, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("%s: %v", s.Text(), err)
			}
			n[device+" messages"] += v
		}
		for name, values := range map[string]map[string]int{"ftd_component_ok": ok, "ftd_component_failures_total": failures} {
			rest, found := strings.CutPrefix(s.Text(), name+`{component="power_supply",device="`)
			if !found {
				continue
			}
			device, value, _ := strings.Cut(rest, `",unit="1"} `)
			v, err := strconv.Atoi(value)
			if err != nil {
				t.Fatalf("%s: %v", s.Text(), err)
			}
			values[device] = v
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	for device, f := range failures {
		n[device] = 2*f - 1 + ok[device]
		if f == 0 {
			n[device] = 0
		}
	}
	return n
}

// Whatever moment the process is killed in, every state of hardware and every
// count that a scrape has shown is there after a restart. FTD_CRASH_ROUNDS sets the number
// of rounds.
func TestKilledProcessKeepsWhatItHasShown(t *testing.T) {
	rounds := 8
	if s := os.Getenv("FTD_CRASH_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	binary := buildProgram(t)
	defer http.DefaultClient.CloseIdleConnections()

	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	shown := map[string]int{}
	scrapes, reports := 0, 0
	for round := range rounds {
		p := startProcess(t, binary, dir)
		now := p.reports(t)
		for device, n := range shown {
			if now[device] < n {
				t.Fatalf("round %d: %s is back at %d, a scrape had shown %d\n%s", round, device, now[device], n, p.log.String())
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		conn, err := net.Dial("tcp", p.syslog)
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan int)
		go func() {
			total := 0
			defer func() { sent <- total }()
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
				total++
			}
		}()
		for range 1 + random.IntN(5) {
			shown = p.reports(t)
			scrapes++
		}
		p.kill()
		stop()
		conn.Close()
		reports += <-sent
	}
	t.Logf("%d rounds, %d reports, %d scrapes, none lost", rounds, reports, scrapes)
}
