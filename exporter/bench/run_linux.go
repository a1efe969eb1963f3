package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The subjects. Without a state file, the exporter forgets when it ends; what
// it costs less tells what durability costs.
const (
	theExporter = "ftd_exporter"
	forgetful   = "ftd_exporter, no state file"
	theSink     = "bare Go sink"
)

// Run measures, and returns the report even if counts do not add up.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ftd_exporter-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &runner{Options: o, dir: dir, report: &Report{Machine: machine(), Runs: o.Runs, Problems: []string{}}}
	r.report.Machine.Cores = runtime.NumCPU()
	if err := r.identify(ctx); err != nil {
		return nil, err
	}
	r.note("generating %d lines", o.Workload.Lines)
	r.lines = o.Workload.Generate()
	r.report.Workload = WorkloadReport{
		Lines: r.lines.Len(), Devices: o.Workload.Devices, Seed: o.Workload.Seed,
		MeanBytes: float64(len(r.lines.data)) / float64(r.lines.Len()),
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"file", r.file}, {"tcp", r.tcp}, {"udp", r.udp}, {"lossless", r.lossless}, {"scrape", r.scrape},
	} {
		if !o.wants(part.name) {
			continue
		}
		if err := part.measure(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return r.report, nil
}

// A runner measures one thing after the other.
type runner struct {
	Options
	dir      string // For files of this run.
	children int
	lines    *Lines
	report   *Report
}

func (r *runner) note(format string, args ...any) {
	fmt.Fprintf(r.Progress, format+"\n", args...)
}

func (r *runner) problem(format string, args ...any) {
	p := fmt.Sprintf(format, args...)
	r.report.Problems = append(r.report.Problems, p)
	r.note("this does not add up: %s", p)
}

// identify asks the exporter what it is.
func (r *runner) identify(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, r.Exporter, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", r.Exporter, err)
	}
	for line := range strings.Lines(string(out)) {
		if version, ok := strings.CutPrefix(line, "ftd_exporter, version "); ok {
			r.report.Machine.Exporter = strings.TrimSpace(version)
		}
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), "go version:"); ok {
			r.report.Machine.Go = strings.TrimSpace(version)
		}
	}
	return nil
}

// start starts a subject that receives from the networks.
func (r *runner) start(ctx context.Context, subject string, networks ...string) (*child, error) {
	if subject == theSink {
		return startChild(ctx, r.Sink, networks...)
	}
	storage := ""
	if subject == theExporter {
		r.children++
		storage = filepath.Join(r.dir, fmt.Sprintf("state-%d", r.children))
	}
	return startChild(ctx, []string{r.Exporter, "serve", "--log.level=warn", "--storage.path=" + storage}, networks...)
}

// receivers returns the subjects that receive over a network.
func receivers() []string { return []string{theExporter, forgetful, theSink} }

// A run is what one run of a subject has shown.
type run struct {
	Counts
	cpu, took time.Duration
	memory    int64
}

// intake repeats a way to receive for the subjects, in turn, and adds a row for
// each.
func (r *runner) intake(ctx context.Context, name string, subjects []string, once func(ctx context.Context, subject string) (run, error)) error {
	runs := make([][]run, len(subjects))
	for n := range r.Runs {
		for i, subject := range subjects {
			one, err := once(ctx, subject)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", name, subject, err)
			}
			runs[i] = append(runs[i], one)
			r.note("%s, %s, run %d of %d: %s CPU-s per million, %d sent, %d lost", name, subject, n+1, r.Runs,
				number(one.perMillion()), one.Sent, one.lost())
		}
	}
	for i, subject := range subjects {
		row := IntakeRow{
			Case: name, Subject: subject,
			CPU:    over(runs[i], (*run).perMillion),
			Rate:   over(runs[i], (*run).rate),
			Lost:   over(runs[i], (*run).lostRatio),
			Memory: over(runs[i], func(r *run) float64 { return float64(r.memory) }),
		}
		for _, one := range runs[i] {
			row.Counts = append(row.Counts, one.Counts)
		}
		r.report.Intake = append(r.report.Intake, row)
	}
	return nil
}

func over[T any](runs []T, value func(*T) float64) Spread {
	var values []float64
	for i := range runs {
		values = append(values, value(&runs[i]))
	}
	return spread(values)
}

// perMillion returns the CPU time for a million lines that were received.
func (r *run) perMillion() float64 {
	return r.cpu.Seconds() / max(float64(r.Received), 1) * 1e6
}

func (r *run) rate() float64      { return float64(r.Sent) / max(r.took.Seconds(), 1e-9) }
func (r *run) lostRatio() float64 { return float64(r.lost()) / max(float64(r.Sent), 1) }

// file lets the subjects read the lines from a file.
func (r *runner) file(ctx context.Context) error {
	name := filepath.Join(r.dir, "lines.log")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = r.lines.WriteTo(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return r.intake(ctx, "file", []string{theExporter, theSink}, func(ctx context.Context, subject string) (run, error) {
		command := append(slices.Clip(r.Sink), name)
		if subject == theExporter {
			command = []string{r.Exporter, "replay", name}
		}
		read, err := runFile(ctx, command)
		one := run{cpu: read.cpu, took: read.took, memory: read.memory}
		one.Counts = Counts{Sent: int64(r.lines.Len()), Received: read.lines, Rejected: read.rejected}
		if err == nil && (one.Received != one.Sent || one.Rejected != 0) {
			r.problem("file, %s: of %d lines, %d read and %d of them rejected", subject, one.Sent, one.Received, one.Rejected)
		}
		return one, err
	})
}

// tcp sends all lines as fast as they are read.
func (r *runner) tcp(ctx context.Context) error {
	for _, connections := range []int{1, 16} {
		name := fmt.Sprintf("tcp, %d connections", connections)
		if connections == 1 {
			name = "tcp, 1 connection"
		}
		err := r.intake(ctx, name, receivers(), func(ctx context.Context, subject string) (run, error) {
			return r.receive(ctx, name, subject, "tcp", func(ctx context.Context, c *child) (int, time.Duration, error) {
				took, err := sendTCP(ctx, c.tcp, r.lines, connections)
				return r.lines.Len(), took, err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// udp sends datagrams at each of the rates, and as many as possible.
func (r *runner) udp(ctx context.Context) error {
	for _, rate := range append(slices.Clip(r.Rates), 0) {
		name := pacedName(rate)
		n := r.lines.Len()
		if rate > 0 {
			n = r.paced(rate)
		}
		err := r.intake(ctx, name, receivers(), func(ctx context.Context, subject string) (run, error) {
			return r.receive(ctx, name, subject, "udp", func(ctx context.Context, c *child) (int, time.Duration, error) {
				took, err := sendUDP(ctx, c.udp, r.lines, 0, n, rate)
				return n, took, err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func pacedName(rate float64) string {
	if rate == 0 {
		return "udp, flat out"
	}
	return fmt.Sprintf("udp, %.0f/s", rate)
}

// paced returns how many lines are sent at a rate, so that a run ends in time.
func (r *runner) paced(rate float64) int {
	return max(1, min(r.lines.Len(), int(rate*r.MaxTime.Seconds())))
}

// receive starts a subject, sends it lines and returns what that has cost.
func (r *runner) receive(ctx context.Context, name, subject, network string, send func(context.Context, *child) (n int, took time.Duration, err error)) (run, error) {
	c, err := r.start(ctx, subject, network)
	if err != nil {
		return run{}, err
	}
	defer c.stop()
	var one run
	one.Counts, err = r.account(ctx, name+", "+subject, network, c, func() (int, error) {
		before, err := c.settle(ctx)
		if err != nil {
			return 0, err
		}
		n, took, err := send(ctx, c)
		if err != nil {
			return 0, err
		}
		one.took = took
		if err := c.drain(ctx); err != nil {
			return 0, err
		}
		if network == "tcp" { // What the sockets hold is not received yet.
			one.took += c.drained
		}
		after, err := c.settle(ctx)
		if err != nil {
			return 0, err
		}
		one.cpu = after - before
		one.memory, err = peakMemory(c.pid())
		return n, err
	})
	return one, err
}

// account lets send send lines to a process and returns what became of them. It
// notes what does not add up.
func (r *runner) account(ctx context.Context, name, network string, c *child, send func() (int, error)) (Counts, error) {
	earlier, err := c.total(ctx, network)
	if err != nil {
		return Counts{}, err
	}
	lostEarlier, err := lostBeforeSockets()
	if err != nil {
		return Counts{}, err
	}
	n, err := send()
	if err != nil {
		return Counts{}, err
	}
	// What the kernel has given away is counted at once, or nearly.
	var now total
	var counts Counts
	for deadline := time.Now().Add(5 * time.Second); ; {
		if now, err = c.total(ctx, network); err != nil {
			return Counts{}, err
		}
		counts = Counts{
			Sent: int64(n), Received: now.received - earlier.received,
			Rejected: now.rejected - earlier.rejected, Dropped: now.dropped - earlier.dropped,
		}
		// A scrape looks at the table before it looks at the counters.
		settled := counts.Received+counts.Dropped >= counts.Sent &&
			(!now.table || now.messages-earlier.messages >= counts.Received-counts.Rejected)
		if settled || time.Now().After(deadline) {
			break
		}
		if err := c.drain(ctx); err != nil {
			return Counts{}, err
		}
	}
	missing := counts.Sent - counts.Received - counts.Dropped
	if missing > 0 {
		lost, err := lostBeforeSockets()
		if err != nil {
			return Counts{}, err
		}
		counts.LostBefore = min(missing, int64(lost-lostEarlier))
	}
	if missing != counts.LostBefore {
		r.problem("%s: %d sent, %d received, %d dropped, %d lost before the socket", name, counts.Sent, counts.Received, counts.Dropped, counts.LostBefore)
	}
	if counts.Rejected != 0 {
		r.problem("%s: %d of %d rejected", name, counts.Rejected, counts.Received)
	}
	if dropped := now.kernelDropped - earlier.kernelDropped; counts.Dropped != dropped {
		r.problem("%s: it says that the kernel has dropped %d, which says %d", name, counts.Dropped, dropped)
	}
	if messages := now.messages - earlier.messages; now.table && messages != counts.Received-counts.Rejected {
		r.problem("%s: %d received, %d in the table", name, counts.Received, messages)
	}
	return counts, nil
}

const (
	// longestTrial is how long a rate is tried.
	longestTrial = time.Second
	// pile is the share of a trial that may be needed to read what waits at its
	// end.
	pile = 20
	// keepsUp is the share of a rate that a sender must reach.
	keepsUp = 0.98
)

// lossless looks for the highest rate of datagrams of which none is lost.
func (r *runner) lossless(ctx context.Context) error {
	for _, subject := range receivers() {
		row := LosslessRow{Subject: subject}
		var rates []float64
		for n := range r.Runs {
			rate, end, err := r.search(ctx, subject)
			if err != nil {
				return err
			}
			r.note("udp without loss, %s, run %d of %d: %.0f/s; a higher rate: %s", subject, n+1, r.Runs, rate, end)
			rates = append(rates, rate)
			row.Ends = append(row.Ends, end)
		}
		row.Rate = spread(rates)
		r.report.Lossless = append(r.report.Lossless, row)
	}
	return nil
}

// search doubles the rate until it is too high, then comes nearer. It returns
// the highest rate that was sent without loss, and why a higher one was not.
func (r *runner) search(ctx context.Context, subject string) (best float64, end string, err error) {
	c, err := r.start(ctx, subject, "udp")
	if err != nil {
		return 0, "", err
	}
	defer c.stop()
	trial := min(longestTrial, r.MaxTime)
	good, bad, sent := 0., math.Inf(1), 0
	for steps := 0; steps < 4; {
		rate := good * 2
		switch {
		case good == 0 && math.IsInf(bad, 1):
			rate = 10_000
		case good == 0:
			rate = bad / 2
		case !math.IsInf(bad, 1):
			rate = math.Sqrt(good * bad)
		}
		if rate < 1 || rate > maxRate {
			break
		}
		var took time.Duration
		n := max(1, int(rate*trial.Seconds()))
		counts, err := r.account(ctx, pacedName(rate)+", "+subject, "udp", c, func() (int, error) {
			took, err = sendUDP(ctx, c.udp, r.lines, sent, n, rate)
			return n, errors.Join(err, c.drain(ctx))
		})
		if err != nil {
			return 0, "", err
		}
		sent += n
		reached := float64(n) / took.Seconds()
		switch {
		case counts.lost() > 0:
			bad, end = rate, "is lost in part"
		case c.drained > trial/pile:
			bad, end = rate, "piles up"
		case reached < keepsUp*rate:
			return max(best, reached), "is more than the sender reaches", nil
		default:
			good = rate
			best = max(best, reached)
		}
		if !math.IsInf(bad, 1) && good > 0 {
			steps++
		}
	}
	return best, end, nil
}

// scrape fills a table and measures scrapes of it, alone and beside intake.
func (r *runner) scrape(ctx context.Context) error {
	c, err := r.start(ctx, theExporter, "tcp", "udp")
	if err != nil {
		return err
	}
	defer c.stop()
	if err := r.fill(ctx, c); err != nil {
		return err
	}
	for _, format := range []struct{ name, accept, encoding string }{
		{"text", textFormat, "identity"},
		{"OpenMetrics", openMetrics, "identity"},
		{"text, gzip", textFormat, "gzip"},
		{"text, zstd", textFormat, "zstd"},
	} {
		if err := r.scrapes(ctx, c, format.name, format.accept, format.encoding); err != nil {
			return err
		}
	}
	for _, rate := range r.Rates {
		if err := r.beside(ctx, c, rate); err != nil {
			return err
		}
	}
	return nil
}

// fill sends reports of parts until the table has all its series.
func (r *runner) fill(ctx context.Context, c *child) error {
	devices := min(10_000, (r.Series+seriesPerDevice-1)/seriesPerDevice)
	f := newFiller(devices, r.Workload.Seed)
	series := 0
	report := func(lines *Lines) (added int, err error) {
		r.note("filling the table: %d series of %d", series, r.Series)
		if _, err := r.account(ctx, "filling the table", "tcp", c, func() (int, error) {
			_, err := sendTCP(ctx, c.tcp, lines, 1)
			return lines.Len(), errors.Join(err, c.drain(ctx))
		}); err != nil {
			return 0, err
		}
		s, err := c.scrape(ctx, textFormat, "identity")
		if err != nil {
			return 0, err
		}
		before := series
		series = int(s.values[seriesGauge])
		return series - before, nil
	}
	if _, err := report(f.boot()); err != nil {
		return err
	}
	each, err := report(f.fans(1))
	if err != nil {
		return err
	}
	if each == 0 {
		return fmt.Errorf("the table has %d series and takes no more", series)
	}
	// The others report as many fans as are missing.
	if missing := (r.Series - series + each - 1) / each; missing > 0 {
		if _, err := report(f.fans(missing)); err != nil {
			return err
		}
	}
	if series < r.Series {
		return fmt.Errorf("the table has %d series and takes no more", series)
	}
	_, err = c.settle(ctx)
	return err
}

// A cost is what one scrape has cost.
type cost struct {
	scrape
	cpu                   time.Duration
	allocated, allocation float64
}

// scrapes repeats a scrape and adds a row.
func (r *runner) scrapes(ctx context.Context, c *child, name, accept, encoding string) error {
	var costs []cost
	samples := 0
	var last *scrape
	// The first one pays for what all others find, such as buffers.
	for n := range r.Runs + 1 {
		before, err := c.settle(ctx)
		if err != nil {
			return err
		}
		s, err := c.scrape(ctx, accept, encoding)
		if err != nil {
			return err
		}
		after, err := c.settle(ctx)
		if err != nil {
			return err
		}
		if cmp.Or(s.encoding, "identity") != encoding {
			r.note("scrape, %s: not offered", name)
			return nil
		}
		if n > 0 {
			// The counts of allocations are those at about the same moment of
			// each scrape.
			costs = append(costs, cost{*s, after - before, s.values[allocatedBytes] - last.values[allocatedBytes], s.values[allocatedObject] - last.values[allocatedObject]})
			r.note("scrape, %s, run %d of %d: %s CPU-s", name, n, r.Runs, number((after - before).Seconds()))
			if s.samples != samples {
				r.problem("scrape, %s: %d samples after %d", name, s.samples, samples)
			}
		}
		last, samples = s, s.samples
	}
	memory, err := peakMemory(c.pid())
	if err != nil {
		return err
	}
	r.report.Scrapes = append(r.report.Scrapes, ScrapeRow{
		Format: name, Series: int(last.values[seriesGauge]), Memory: memory,
		CPU:            over(costs, func(c *cost) float64 { return c.cpu.Seconds() }),
		Duration:       over(costs, func(c *cost) float64 { return c.took.Seconds() }),
		Size:           over(costs, func(c *cost) float64 { return float64(c.size) }),
		AllocatedBytes: over(costs, func(c *cost) float64 { return c.allocated }),
		Allocations:    over(costs, func(c *cost) float64 { return c.allocation }),
	})
	return nil
}

// beside sends datagrams while one scrape follows the other.
func (r *runner) beside(ctx context.Context, c *child, rate float64) error {
	row := BesideRow{Case: pacedName(rate)}
	var scrapes, durations, rates, lost []float64
	n := r.paced(rate)
	for i := range r.Runs {
		var took time.Duration
		var times []float64
		counts, err := r.account(ctx, row.Case+" beside scrapes", "udp", c, func() (int, error) {
			loading, stop := context.WithCancel(ctx)
			defer stop()
			scraped := make(chan error, 1)
			go func() {
				var err error
				for loading.Err() == nil && err == nil {
					var s *scrape
					// One that has begun is let finish.
					if s, err = c.scrape(ctx, textFormat, "identity"); err == nil {
						times = append(times, s.took.Seconds())
						row.Series = int(s.values[seriesGauge])
					}
				}
				scraped <- err
			}()
			var err error
			took, err = sendUDP(ctx, c.udp, r.lines, 0, n, rate)
			stop()
			return n, errors.Join(err, <-scraped, c.drain(ctx))
		})
		if err != nil {
			return err
		}
		one := run{Counts: counts, took: took}
		row.Counts = append(row.Counts, counts)
		scrapes = append(scrapes, float64(len(times)))
		durations = append(durations, times...)
		rates = append(rates, one.rate())
		lost = append(lost, one.lostRatio())
		r.note("%s beside scrapes, run %d of %d: %d scrapes, %d lost", row.Case, i+1, r.Runs, len(times), counts.lost())
	}
	row.Scrapes, row.Duration, row.Rate, row.Lost = spread(scrapes), spread(durations), spread(rates), spread(lost)
	r.report.Beside = append(r.report.Beside, row)
	return nil
}
