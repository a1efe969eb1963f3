package main

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/fleet"
)

const (
	// reconnectPause is the least time from one attempt to connect to the next.
	reconnectPause = time.Second
	// mostLate is how far the traffic may be behind its pace, and catch up.
	mostLate = time.Second
)

type simulateFlags struct {
	devices     int
	target      string
	allowRemote bool
	rate        float64
	speed       float64
	seed        uint64
	duration    time.Duration
}

const simulateHelp = `Play a fleet of invented firewalls, and send their syslog to an exporter.

Most of it is what firewalls say all day long. Now and then a device has an incident, and recovers: a fan fails and is replaced, a supply loses its feed, a CPU becomes too hot, a quota fills up, somebody scans the network, a cluster carries too much, a self-test fails. At the start each device reports that its parts work.

At --speed=1 an incident takes minutes to an hour, as in reality, and one begins every few minutes. With this, something happens every few seconds:

	ftd_exporter simulate --speed=60

It ends on Ctrl-C or after --duration, and prints a summary.`

func simulateCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f simulateFlags
	cmd := app.Command("simulate", simulateHelp)
	cmd.Flag("devices", "Number of firewalls, 1 to 10000.").
		Default("30").IntVar(&f.devices)
	cmd.Flag("target", "Where to send to: udp://HOST:PORT or tcp://HOST:PORT, on this machine. Over TCP each message ends with a newline.").
		Default("udp://127.0.0.1:5514").StringVar(&f.target)
	cmd.Flag("allow-remote", "Send to another machine than this one. Its exporter will show invented faults and its alerts will fire, so never name one that watches real firewalls.").
		BoolVar(&f.allowRemote)
	cmd.Flag("rate", "Messages a second, over all devices; at most 1000000. At least half of them are ordinary ones.").
		Default("200").Float64Var(&f.rate)
	cmd.Flag("speed", "How many times as fast as in reality incidents happen and take their course. The rate of messages stays.").
		Default("1").Float64Var(&f.speed)
	cmd.Flag("seed", "Picks the incidents: equal seeds give equal devices and stories.").
		Default("1").Uint64Var(&f.seed)
	cmd.Flag("duration", "How long to play; 0s means until Ctrl-C.").
		Default("0s").DurationVar(&f.duration)
	return cmd, f.run
}

func (f *simulateFlags) run(ctx context.Context, s streams) error {
	network, address, err := f.destination()
	if err != nil {
		return err
	}
	switch {
	case f.devices < 1 || f.devices > 10_000:
		return fmt.Errorf("--devices=%d: must be 1 to 10000", f.devices)
	case !(f.rate > 0 && f.rate <= 1e6):
		return fmt.Errorf("--rate=%g: must be more than 0 and at most 1000000", f.rate)
	case !(f.speed > 0 && f.speed <= 1e6):
		return fmt.Errorf("--speed=%g: must be more than 0 and at most 1000000", f.speed)
	case f.duration < 0:
		return fmt.Errorf("--duration=%s: must not be negative", f.duration)
	}
	return f.play(ctx, s, &sender{network: network, address: address, dial: (&net.Dialer{Timeout: 5 * time.Second}).DialContext})
}

// destination returns where to send to.
func (f *simulateFlags) destination() (network, address string, err error) {
	network, address, ok := strings.Cut(f.target, "://")
	if !ok || network != "udp" && network != "tcp" {
		return "", "", fmt.Errorf("--target=%s: write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514", f.target)
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || port == "") {
		err = errors.New("host or port is missing")
	}
	if err != nil {
		return "", "", fmt.Errorf("--target=%s: %w; write %s://127.0.0.1:5514", f.target, err, network)
	}
	if ip, err := netip.ParseAddr(host); !f.allowRemote && host != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
		return "", "", fmt.Errorf("--target=%s: %s may be another machine, whose monitoring would show invented faults; if you mean it, add --allow-remote", f.target, host)
	}
	return network, address, nil
}

// play sends what the fleet says until ctx is done or the duration is over.
func (f *simulateFlags) play(ctx context.Context, s streams, to *sender) error {
	defer to.close()
	start := time.Now()
	if f.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, start.Add(f.duration))
		defer cancel()
	}
	sim := newSimulation(fleet.New(f.devices, rand.New(rand.NewPCG(f.seed, 0))), f.speed, start)
	var sent atomic.Int64
	stop, erase := func() {}, ""
	if isTerminal(s.err) {
		erase = "\r\x1b[K"
		stop = showLine(s.err, func() string {
			return fmt.Sprintf("%s: %d messages, %.0f/s, %d incidents, %d of them over, %d errors", f.target,
				sent.Load(), float64(sent.Load())/time.Since(start).Seconds(), sim.begun.Load(), sim.ended.Load(), to.errors.Load())
		})
	}
	to.report = func(err error) {
		fmt.Fprintf(s.err, "%sftd_exporter simulate: %v; trying again every second\n", erase, err)
	}

	interval := time.Duration(float64(time.Second) / f.rate)
	for next := start; f.duration == 0 || next.Sub(start) < f.duration; {
		if sleepUntil(ctx, next) != nil || to.send(ctx, sim.next(time.Now())) != nil {
			break
		}
		sent.Add(1)
		if next = next.Add(interval); time.Since(next) > mostLate {
			next = time.Now()
		}
	}
	stop()

	took := time.Since(start)
	fmt.Fprintf(s.err, "messages   %d\n", sent.Load())
	fmt.Fprintf(s.err, "incidents  %d, %d of them over\n", sim.begun.Load(), sim.ended.Load())
	fmt.Fprintf(s.err, "errors     %d\n", to.errors.Load())
	fmt.Fprintf(s.err, "time       %s, %.0f messages/s\n", took.Round(time.Millisecond), float64(sent.Load())/max(took.Seconds(), 1e-9))
	if sent.Load() == 0 && to.last != nil {
		return fmt.Errorf("nothing was sent: %w", to.last)
	}
	return nil
}

// sleepUntil returns early, with an error, when ctx is done.
func sleepUntil(ctx context.Context, t time.Time) error {
	wait := time.Until(t)
	if wait <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// A sender sends messages and connects again when that fails.
type sender struct {
	network, address string
	dial             func(ctx context.Context, network, address string) (net.Conn, error)
	report           func(error) // Called with the first error.
	errors           atomic.Int64
	last             error // The last of the errors.

	conn    net.Conn
	release func() bool // Ends the watch over conn.
	dialled time.Time   // When the last attempt to connect began.
}

// send sends a message, however often it must connect. Its error means that
// ctx is done.
func (s *sender) send(ctx context.Context, message string) error {
	if s.network == "tcp" {
		message += "\n"
	}
	for {
		err := s.try(ctx, message)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.close()
		if s.errors.Add(1) == 1 {
			s.report(err)
		}
		s.last = err
	}
}

func (s *sender) try(ctx context.Context, message string) error {
	if s.conn == nil {
		if err := sleepUntil(ctx, s.dialled.Add(reconnectPause)); err != nil {
			return err
		}
		s.dialled = time.Now()
		conn, err := s.dial(ctx, s.network, s.address)
		if err != nil {
			return err
		}
		// A peer that reads nothing must not keep the command from ending.
		s.conn, s.release = conn, context.AfterFunc(ctx, func() { conn.Close() })
	}
	_, err := io.WriteString(s.conn, message)
	return err
}

func (s *sender) close() {
	if s.conn != nil {
		s.release()
		s.conn.Close()
		s.conn = nil
	}
}

// A simulation decides what the fleet says next. It knows no clock: it is told
// the time.
type simulation struct {
	fleet *fleet.Fleet
	speed float64
	begun atomic.Int64 // Incidents.
	ended atomic.Int64

	ordinary, stories telling
	busy              map[*fleet.Device]bool // Has a story in progress.
	deck              []fleet.Incident       // What happens before anything happens again.
	every             time.Duration          // From one incident to the next, on average.
	incident          time.Time              // When the next one begins.
	turn              bool                   // Of the stories.
}

// newSimulation returns a simulation in which all devices start.
func newSimulation(f *fleet.Fleet, speed float64, start time.Time) *simulation {
	s := &simulation{fleet: f, speed: speed, busy: map[*fleet.Device]bool{}}
	// A device has an incident every two hours; a small fleet more often.
	s.every = min(2*time.Hour/time.Duration(len(f.Devices)), 10*time.Minute)
	s.incident = start.Add(s.faster(time.Duration(f.Rand.Int64N(int64(s.every)))))
	for _, d := range f.Devices {
		s.begin(start, d, f.Boot(d), false)
	}
	return s
}

// faster returns how long something takes that takes d in reality.
func (s *simulation) faster(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.speed)
}

// next returns the next line, which is sent now. Every other one may belong to
// a story.
func (s *simulation) next(now time.Time) string {
	if !now.Before(s.incident) {
		s.beginIncident(now)
		s.incident = now.Add(s.faster(time.Duration(s.fleet.Rand.ExpFloat64() * float64(s.every))))
	}
	if s.turn = !s.turn; s.turn && s.stories.due(now) {
		t := s.stories.pop()
		line := t.device.Line(now.UTC(), t.steps[0].Message)
		if t.steps = t.steps[1:]; len(t.steps) > 0 {
			t.at = now.Add(s.faster(t.steps[0].After))
			s.stories.push(t)
			return line
		}
		delete(s.busy, t.device)
		if t.incident {
			s.ended.Add(1)
		}
		return line
	}
	if !s.ordinary.due(now) {
		d := s.fleet.Devices[s.fleet.Rand.IntN(len(s.fleet.Devices))]
		steps := s.fleet.Ordinary(d, now.UTC())
		for steps[0].ID == threatRateExceeded {
			steps = s.fleet.Ordinary(d, now.UTC())
		}
		s.ordinary.push(&tale{at: now, device: d, steps: steps})
	}
	t := s.ordinary.pop()
	line := t.device.Line(now.UTC(), t.steps[0].Message)
	if t.steps = t.steps[1:]; len(t.steps) > 0 {
		t.at = now.Add(t.steps[0].After)
		s.ordinary.push(t)
	}
	return line
}

// threatRateExceeded is an incident here. On an ordinary day it also happens
// between incidents, but so much traffic would let it happen all the time.
const threatRateExceeded = 733100

// beginIncident lets something happen to a device that is well, if there is
// one.
func (s *simulation) beginIncident(now time.Time) {
	if len(s.deck) == 0 {
		for _, incident := range fleet.Incidents() {
			for range incident.Weight {
				s.deck = append(s.deck, incident)
			}
		}
		s.fleet.Rand.Shuffle(len(s.deck), func(i, j int) { s.deck[i], s.deck[j] = s.deck[j], s.deck[i] })
	}
	incident := s.deck[0]
	var well, preferred []*fleet.Device
	for _, d := range s.fleet.Devices {
		if s.busy[d] {
			continue
		}
		well = append(well, d)
		if strings.Contains(d.Name, incident.At) {
			preferred = append(preferred, d)
		}
	}
	if len(preferred) > 0 {
		well = preferred
	}
	if len(well) == 0 {
		return
	}
	d := well[s.fleet.Rand.IntN(len(well))]
	s.deck = s.deck[1:]
	s.begin(now, d, incident.Story(s.fleet, d), true)
	s.begun.Add(1)
}

func (s *simulation) begin(now time.Time, d *fleet.Device, steps []fleet.Step, incident bool) {
	s.busy[d] = true
	s.stories.push(&tale{at: now.Add(s.faster(steps[0].After)), device: d, steps: steps, incident: incident})
}

// A tale is something that a device still has to say.
type tale struct {
	at       time.Time // When it says the first of the steps.
	number   int       // Orders tales of the same time.
	device   *fleet.Device
	steps    []fleet.Step
	incident bool
}

// A telling is tales, the most urgent first.
type telling struct {
	tales  tales
	number int
}

func (t *telling) due(now time.Time) bool { return len(t.tales) > 0 && !t.tales[0].at.After(now) }

func (t *telling) push(s *tale) {
	t.number++
	s.number = t.number
	heap.Push(&t.tales, s)
}

func (t *telling) pop() *tale { return heap.Pop(&t.tales).(*tale) }

// tales is a heap.
type tales []*tale

func (t tales) Len() int { return len(t) }
func (t tales) Less(i, j int) bool {
	return cmp.Or(t[i].at.Compare(t[j].at), cmp.Compare(t[i].number, t[j].number)) < 0
}
func (t tales) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *tales) Push(x any)   { *t = append(*t, x.(*tale)) }

func (t *tales) Pop() any {
	last := len(*t) - 1
	x := (*t)[last]
	*t = (*t)[:last]
	return x
}
