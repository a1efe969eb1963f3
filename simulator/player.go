package simulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// maxLag is how far the traffic may fall behind its pace and still catch up.
const maxLag = time.Second

// Options are the options of a [Player].
type Options struct {
	Devices  int           // 1 to 10,000.
	Rate     float64       // Messages per second of all devices, more than 0 and at most a million.
	Speed    float64       // Speed of incidents, more than 0 and at most a million; 1 is as in reality.
	Seed     uint64        // Equal seeds give equal devices and incidents.
	Duration time.Duration // 0 means until the context ends.
}

// A Player sends a simulation at an even pace.
type Player struct {
	options    Options
	to         *Sender
	simulation *Simulation
	start      time.Time
	sent       atomic.Int64
}

// NewPlayer returns a player whose devices start now. Run closes the sender.
func NewPlayer(o Options, to *Sender) *Player {
	start := time.Now()
	fleet := NewFleet(o.Devices, rand.New(rand.NewPCG(o.Seed, 0)))
	return &Player{options: o, to: to, simulation: NewSimulation(fleet, o.Speed, start), start: start}
}

// Run sends until ctx is done or the duration is over, neither of which is an
// error, and closes the sender. It returns an error if no message could be sent.
func (p *Player) Run(ctx context.Context) error {
	defer p.to.Close()
	if p.options.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, p.start.Add(p.options.Duration))
		defer cancel()
	}
	interval := time.Duration(float64(time.Second) / p.options.Rate)
	for next := p.start; p.options.Duration == 0 || next.Sub(p.start) < p.options.Duration; {
		if err := sleepUntil(ctx, next); err != nil {
			break
		}
		if err := p.to.Send(ctx, p.simulation.Next(time.Now())); err != nil {
			break
		}
		p.sent.Add(1)
		if next = next.Add(interval); time.Since(next) > maxLag {
			next = time.Now()
		}
	}
	if err := p.to.LastError(); err != nil && p.sent.Load() == 0 {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	return nil
}

// Stats are the counts of a Player since its start.
type Stats struct {
	Sent   int64 // Messages.
	Begun  int64 // Incidents.
	Ended  int64 // Incidents that have ended.
	Errors int64 // Failures to connect or send.
	Took   time.Duration
}

// Rate returns the number of messages sent per second.
func (s Stats) Rate() float64 { return float64(s.Sent) / max(s.Took.Seconds(), 1e-9) }

// Stats returns the counts until now. Any goroutine may call it.
func (p *Player) Stats() Stats {
	s := Stats{Sent: p.sent.Load(), Errors: p.to.Errors(), Took: time.Since(p.start)}
	s.Begun, s.Ended = p.simulation.Incidents()
	return s
}
