package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// simulate returns the lines of a simulation, on a clock of the test.
func simulate(devices int, seed uint64, speed, rate float64, lasts time.Duration) ([]string, *simulator.Simulation) {
	s := simulator.NewSimulation(simulator.NewFleet(devices, random(seed)), speed, start)
	var lines []string
	for i := range int(rate * lasts.Seconds()) {
		lines = append(lines, s.Next(start.Add(time.Duration(float64(i)/rate*float64(time.Second)))))
	}
	return lines, s
}

func TestSimulationDependsOnItsSeedOnly(t *testing.T) {
	first, _ := simulate(30, 1, 60, 20, 5*time.Minute)
	again, _ := simulate(30, 1, 60, 20, 5*time.Minute)
	other, _ := simulate(30, 2, 60, 20, 5*time.Minute)
	if !slices.Equal(first, again) {
		t.Error("equal seeds give unequal lines")
	}
	if slices.Equal(first, other) {
		t.Error("unequal seeds give equal lines")
	}
}

// An exporter can read every line, most are ordinary traffic, and incidents end.
func TestSimulationCanBeRead(t *testing.T) {
	for _, tc := range []struct {
		devices     int
		speed, rate float64
	}{{1, 600, 5}, {30, 60, 100}, {150, 1000, 50}} {
		t.Run(fmt.Sprintf("%d devices", tc.devices), func(t *testing.T) {
			r := newReader(t, compile(t))
			lines, s := simulate(tc.devices, 1, tc.speed, tc.rate, 10*time.Minute)
			outcomes := map[string]int{}
			for _, line := range lines {
				outcomes[r.explain(line, "").Outcome]++
			}
			if outcomes["uncatalogued"] < len(lines)/3 || outcomes["matched"] < 100 {
				t.Errorf("outcomes are %v", outcomes)
			}
			if begun, ended := s.Incidents(); ended < 10 || begun-ended > int64(tc.devices) {
				t.Errorf("%d incidents have begun, %d have ended", begun, ended)
			}
		})
	}
}

// At a high speed an incident begins within a minute.
func TestSimulationSpeed(t *testing.T) {
	for seed := range uint64(20) {
		_, s := simulate(30, seed, 10, 50, time.Minute)
		if begun, _ := s.Incidents(); begun == 0 {
			t.Errorf("seed %d: no incident within a minute", seed)
		}
	}
}
