package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// startTime is how long a process may take until it is ready.
	startTime = 30 * time.Second
	// stopTime is how long it may take to end.
	stopTime = 15 * time.Second
	// drainTime is how long it may take to read what has been sent.
	drainTime = time.Minute
	// quietTime is how long it may go on working after that.
	quietTime = 20 * time.Second
)

// A child is a process that is measured.
type child struct {
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	ended   chan struct{} // Closed when the process has ended.
	log     tail
	web     string
	udp     netip.AddrPort // Where it listens, if it does.
	tcp     netip.AddrPort
	client  *http.Client
	body    bytes.Buffer  // Of the last scrape.
	drained time.Duration // How long the last drain took.
}

// startChild starts a command that serves metrics and receives from the given
// networks, and waits until it does.
func startChild(ctx context.Context, command []string, networks ...string) (*child, error) {
	c := &child{ended: make(chan struct{}), client: &http.Client{
		Transport: &http.Transport{DisableCompression: true},
		Timeout:   2 * time.Minute,
	}}
	web, err := freeAddress("tcp")
	if err != nil {
		return nil, err
	}
	c.web = web.String()
	args := append(slices.Clip(command[1:]), "--web.listen-address="+c.web)
	for _, network := range networks {
		address, err := freeAddress(network)
		if err != nil {
			return nil, err
		}
		if network == "udp" {
			c.udp = address
		} else {
			c.tcp = address
		}
		args = append(args, "--syslog.listen-address="+network+"://"+address.String())
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.cmd = exec.CommandContext(ctx, command[0], args...)
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = stopTime
	c.cmd.Stderr = &c.log
	if err := c.cmd.Start(); err != nil {
		c.cancel()
		return nil, err
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // Its end is the news; why, is in its log.
	}()
	err = c.wait(ctx, startTime, func() (bool, error) {
		resp, err := c.client.Get("http://" + c.web + "/-/ready")
		if err != nil {
			return false, nil //nolint:nilerr // It does not listen yet.
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("start %s: %w", strings.Join(c.cmd.Args, " "), err)
	}
	return c, nil
}

// freeAddress returns an address of this machine that was free a moment ago.
func freeAddress(network string) (netip.AddrPort, error) {
	const anyPort = "127.0.0.1:0"
	if network == "udp" {
		conn, err := net.ListenPacket(network, anyPort)
		if err != nil {
			return netip.AddrPort{}, err
		}
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
	}
	l, err := net.Listen(network, anyPort)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// stop ends the process.
func (c *child) stop() {
	c.cancel()
	<-c.ended
	c.client.CloseIdleConnections()
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// wait asks every millisecond or so until a condition is true, an error occurs,
// the process ends or the time is over.
func (c *child) wait(ctx context.Context, atMost time.Duration, condition func() (bool, error)) error {
	deadline := time.Now().Add(atMost)
	for {
		if done, err := condition(); err != nil || done {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %s\n%s", atMost, c.log.String())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return fmt.Errorf("it has ended\n%s", c.log.String())
		case <-time.After(time.Millisecond):
		}
	}
}

// drain waits until the kernel has nothing more for the process.
func (c *child) drain(ctx context.Context) error {
	begin := time.Now()
	err := c.wait(ctx, drainTime, func() (bool, error) {
		for network, address := range map[string]netip.AddrPort{"udp": c.udp, "tcp": c.tcp} {
			if !address.IsValid() {
				continue
			}
			if s, err := portState(network, address.Port()); err != nil || s.waiting > 0 {
				return false, err
			}
		}
		return true, nil
	})
	c.drained = time.Since(begin)
	if err != nil {
		return fmt.Errorf("read what was sent: %w", err)
	}
	return nil
}

// settle waits until the process has done its work, and returns the CPU time
// that it has used until then.
func (c *child) settle(ctx context.Context) (time.Duration, error) {
	const (
		pause = 20 * time.Millisecond
		idle  = pause / 50
		calm  = 3 // Pauses without work: a commit may wait for the disk in one.
	)
	before, err := cpuTime(c.pid())
	if err != nil {
		return 0, err
	}
	next, calmed := time.Now().Add(pause), 0
	giveUp := time.Now().Add(quietTime)
	err = c.wait(ctx, 2*quietTime, func() (bool, error) {
		if time.Now().Before(next) {
			return false, nil
		}
		now, err := cpuTime(c.pid())
		if err != nil {
			return false, err
		}
		if calmed++; now-before > idle {
			calmed = 0
		}
		before, next = now, time.Now().Add(pause)
		// A process that is never idle costs what it costs.
		return calmed == calm || time.Now().After(giveUp), nil
	})
	return before, err
}

// A scrape is one answer of the process, read to its end.
type scrape struct {
	encoding string // That of the answer, empty if it is not compressed.
	size     int    // As sent.
	took     time.Duration
	samples  int
	values   map[string]float64 // Sums by name, and by listener after a blank.
}

// scrape gets the metrics. Accept and encoding are what it asks for. One scrape
// must follow the other.
func (c *child) scrape(ctx context.Context, accept, encoding string) (*scrape, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.web+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", encoding)
	begin := time.Now()
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("a scrape: %s", resp.Status)
	}
	// Read first and understood later, so that the process need not wait.
	c.body.Reset()
	if _, err := c.body.ReadFrom(resp.Body); err != nil {
		return nil, fmt.Errorf("a scrape: %w", err)
	}
	s := &scrape{encoding: resp.Header.Get("Content-Encoding"), size: c.body.Len(), took: time.Since(begin)}
	return s, s.read(c.body.Bytes())
}

const (
	textFormat  = "text/plain;version=0.0.4"
	openMetrics = "application/openmetrics-text;version=1.0.0"
)

// What is read of a scrape, besides the number of samples.
const (
	framesTotal     = "ftd_exporter_syslog_frames_total"
	rejectedTotal   = "ftd_exporter_syslog_rejected_total"
	droppedTotal    = "ftd_exporter_syslog_dropped_total"
	seriesGauge     = "ftd_exporter_series"
	messagesTotal   = "ftd_syslog_messages_total"
	allocatedBytes  = "go_memstats_alloc_bytes_total"
	allocatedObject = "go_memstats_mallocs_total"
)

func (s *scrape) read(body []byte) error {
	var r io.Reader = bytes.NewReader(body)
	switch s.encoding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		defer z.Close()
		r = z
	}
	s.values = map[string]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		s.samples++
		name := line[:max(0, bytes.IndexAny(line, "{ "))]
		switch string(name) {
		case framesTotal, rejectedTotal, droppedTotal, seriesGauge, messagesTotal, allocatedBytes, allocatedObject:
		default:
			continue
		}
		value, err := strconv.ParseFloat(string(line[bytes.LastIndexByte(line, ' ')+1:]), 64)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		s.values[string(name)] += value
		if _, rest, ok := bytes.Cut(line, []byte(`listener="`)); ok {
			listener, _, _ := bytes.Cut(rest, []byte{'"'})
			s.values[string(name)+" "+string(listener)] += value
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("a scrape: %w", err)
	}
	return nil
}

// A total is what the process and the kernel say of one listener, since it
// listens.
type total struct {
	received, rejected, dropped int64
	kernelDropped               int64 // Dropped, from another source.
	messages                    int64 // In the table.
	table                       bool  // There is a table.
}

// total returns the sums of a listener.
func (c *child) total(ctx context.Context, network string) (total, error) {
	s, err := c.scrape(ctx, textFormat, "identity")
	if err != nil {
		return total{}, err
	}
	address := c.tcp
	if network == "udp" {
		address = c.udp
	}
	suffix := " " + network + "://" + address.String()
	t := total{
		received: int64(s.values[framesTotal+suffix]),
		rejected: int64(s.values[rejectedTotal+suffix]),
		messages: int64(s.values[messagesTotal]),
	}
	_, t.table = s.values[seriesGauge]
	if network == "udp" {
		state, err := portState(network, address.Port())
		if err != nil {
			return total{}, err
		}
		t.kernelDropped = int64(state.dropped)
		t.dropped = t.kernelDropped
		if v, ok := s.values[droppedTotal+suffix]; ok || t.table {
			t.dropped = int64(v)
		}
	}
	return t, nil
}

// A tail keeps the end of a log.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-most):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// A fileRun is a command that read a file to its end.
type fileRun struct {
	cpu, took       time.Duration
	memory          int64
	lines, rejected int64
}

// runFile runs a command that reads a file and ends, and writes on standard
// error how many lines it has read and rejected.
func runFile(ctx context.Context, command []string) (fileRun, error) {
	var log tail
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = &log
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return fileRun{}, err
	}
	// The kernel's own record of the memory, in the resource usage, begins with
	// that of the parent.
	memory := make(chan int64)
	ended, end := context.WithCancel(ctx)
	go func() { memory <- watchMemory(ended, cmd.Process.Pid) }()
	err := cmd.Wait()
	r := fileRun{took: time.Since(begin), lines: -1, rejected: -1}
	end()
	r.memory = <-memory
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, log.String())
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	for line := range strings.Lines(log.String()) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		switch {
		case err != nil:
		case fields[0] == "lines":
			r.lines = n
		case fields[0] == "rejected":
			r.rejected = n
		}
	}
	if r.lines < 0 || r.rejected < 0 {
		return r, fmt.Errorf("%s: it does not tell how much it has read\n%s", strings.Join(command, " "), log.String())
	}
	return r, nil
}

// watchMemory returns the most memory that a process was seen to use until ctx
// is done.
func watchMemory(ctx context.Context, pid int) (peak int64) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if n, err := peakMemory(pid); err == nil {
			peak = max(peak, n)
		}
		select {
		case <-ctx.Done():
			return peak
		case <-ticker.C:
		}
	}
}
