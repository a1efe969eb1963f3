package simulator

import (
	"cmp"
	"container/heap"
	"strings"
	"sync/atomic"
	"time"
)

// A Simulation decides which message the fleet sends next. It does not have a clock: its
// caller passes the time, which must not go back. It belongs to one goroutine,
// except for [Simulation.Incidents].
type Simulation struct {
	fleet *Fleet
	speed float64
	begun atomic.Int64 // Incidents.
	ended atomic.Int64

	traffic, stories schedule
	busy             map[*Device]bool // Has a story in progress.
	shuffled         []Incident       // Every incident in it begins before any repeats.
	every            time.Duration    // Mean time between two incidents.
	nextIncident     time.Time
	storyTurn        bool // The next line may belong to a story.
}

// NewSimulation returns a simulation in which all devices start at the given
// time. Incidents begin and proceed speed times as fast as in reality; ordinary
// traffic is always at real speed.
func NewSimulation(f *Fleet, speed float64, start time.Time) *Simulation {
	s := &Simulation{fleet: f, speed: speed, busy: map[*Device]bool{}}
	// A device has an incident every two hours; a small fleet more often.
	s.every = min(2*time.Hour/time.Duration(len(f.Devices)), 10*time.Minute)
	s.nextIncident = start.Add(s.faster(time.Duration(f.Rand.Int64N(int64(s.every)))))
	for _, d := range f.Devices {
		s.begin(start, d, f.Boot(d), false)
	}
	return s
}

// Incidents returns how many incidents have begun, and how many of them have
// ended. Any goroutine may call it.
func (s *Simulation) Incidents() (begun, ended int64) { return s.begun.Load(), s.ended.Load() }

// faster returns the duration in the simulation of something that takes d in
// reality.
func (s *Simulation) faster(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.speed)
}

// Next returns the line to send now, without a newline. At least every other
// line is ordinary traffic.
func (s *Simulation) Next(now time.Time) string {
	if !now.Before(s.nextIncident) {
		s.nextIncident = now.Add(time.Second) // If all devices are busy, as at the start.
		if s.beginIncident(now) {
			s.nextIncident = now.Add(s.faster(time.Duration(s.fleet.Rand.ExpFloat64() * float64(s.every))))
		}
	}
	if s.storyTurn = !s.storyTurn; s.storyTurn && s.stories.due(now) {
		return s.continueStory(now)
	}
	return s.continueTraffic(now)
}

// continueStory returns the next line of the most urgent boot or incident.
func (s *Simulation) continueStory(now time.Time) string {
	story := s.stories.pop()
	line := story.device.Line(now.UTC(), story.steps[0].Message)
	if story.steps = story.steps[1:]; len(story.steps) > 0 {
		story.at = now.Add(s.faster(story.steps[0].After))
		s.stories.push(story)
		return line
	}
	delete(s.busy, story.device)
	if story.incident {
		s.ended.Add(1)
	}
	return line
}

// threatRateExceeded belongs to incidents here. On an ordinary day it also occurs
// outside of them, but at the rate of a simulation it would occur all the time.
const threatRateExceeded = 733100

// continueTraffic returns the next line of ordinary traffic: of an event in
// progress, or of a new one on any device.
func (s *Simulation) continueTraffic(now time.Time) string {
	if !s.traffic.due(now) {
		d := s.fleet.Devices[s.fleet.Rand.IntN(len(s.fleet.Devices))]
		steps := s.fleet.Traffic(d, now.UTC())
		for steps[0].ID == threatRateExceeded {
			steps = s.fleet.Traffic(d, now.UTC())
		}
		s.traffic.push(&story{at: now, device: d, steps: steps})
	}
	event := s.traffic.pop()
	line := event.device.Line(now.UTC(), event.steps[0].Message)
	if event.steps = event.steps[1:]; len(event.steps) > 0 {
		event.at = now.Add(event.steps[0].After)
		s.traffic.push(event)
	}
	return line
}

// beginIncident begins the next incident on a device that is not busy, and returns
// whether there is one.
func (s *Simulation) beginIncident(now time.Time) bool {
	if len(s.shuffled) == 0 {
		for _, incident := range Incidents() {
			for range incident.Weight {
				s.shuffled = append(s.shuffled, incident)
			}
		}
		s.fleet.Rand.Shuffle(len(s.shuffled), func(i, j int) { s.shuffled[i], s.shuffled[j] = s.shuffled[j], s.shuffled[i] })
	}
	incident := s.shuffled[0]
	var idle, preferred []*Device
	for _, d := range s.fleet.Devices {
		if s.busy[d] {
			continue
		}
		idle = append(idle, d)
		if strings.Contains(d.Name, incident.Prefers) {
			preferred = append(preferred, d)
		}
	}
	if len(preferred) > 0 {
		idle = preferred
	}
	if len(idle) == 0 {
		return false
	}
	d := idle[s.fleet.Rand.IntN(len(idle))]
	s.shuffled = s.shuffled[1:]
	s.begin(now, d, incident.Steps(s.fleet, d), true)
	s.begun.Add(1)
	return true
}

func (s *Simulation) begin(now time.Time, d *Device, steps []Step, incident bool) {
	s.busy[d] = true
	s.stories.push(&story{at: now.Add(s.faster(steps[0].After)), device: d, steps: steps, incident: incident})
}

// A story is the unsent messages of a device about one boot, incident or
// ordinary event.
type story struct {
	at       time.Time // When the first of the steps is due.
	number   int       // Orders stories of the same time.
	device   *Device
	steps    []Step
	incident bool
}

// A schedule is a priority queue of stories, ordered by the time they are due.
type schedule struct {
	stories storyHeap
	number  int
}

func (s *schedule) due(now time.Time) bool {
	return len(s.stories) > 0 && !s.stories[0].at.After(now)
}

func (s *schedule) push(added *story) {
	s.number++
	added.number = s.number
	heap.Push(&s.stories, added)
}

func (s *schedule) pop() *story { return heap.Pop(&s.stories).(*story) }

// storyHeap implements [heap.Interface].
type storyHeap []*story

func (h storyHeap) Len() int { return len(h) }

func (h storyHeap) Less(i, j int) bool {
	return cmp.Or(h[i].at.Compare(h[j].at), cmp.Compare(h[i].number, h[j].number)) < 0
}

func (h storyHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *storyHeap) Push(x any) { *h = append(*h, x.(*story)) }

func (h *storyHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
