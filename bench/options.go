package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// options select the measurements.
type options struct {
	workload simulator.Workload
	// only has the names of the parts to measure; all parts if it is empty.
	only []string
	// runs is the number of runs.
	runs int
	// rates are the rates of the paced datagrams, in lines per second.
	rates []float64
	// maxTime limits how long a run sends paced datagrams.
	maxTime time.Duration
	// series is the size of the table for the scrapes.
	series int
	// exporter is the program to measure, sink the command that runs the sink.
	exporter string
	sink     []string
	// progress receives a line for each step.
	progress io.Writer
}

// parts returns the names of all parts.
func parts() []string { return []string{"file", "tcp", "udp", "lossless", "scrape"} }

func (o *options) wants(part string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, part)
}

// validate returns an error for the user if a flag is out of its range.
func (o *options) validate() error {
	for _, part := range o.only {
		if !slices.Contains(parts(), part) {
			return fmt.Errorf("--only=%s: must be one of %s", part, strings.Join(parts(), ","))
		}
	}
	for _, rate := range o.rates {
		if !(rate >= 1 && rate <= maxRate) {
			return fmt.Errorf("--rate=%g: must be 1 to %d", rate, maxRate)
		}
	}
	switch {
	case o.runs < 1 || o.runs > 100:
		return fmt.Errorf("--runs=%d: must be 1 to 100", o.runs)
	case o.maxTime <= 0 || o.maxTime > 10*time.Minute:
		return fmt.Errorf("--max-time=%s: must be more than 0s and at most 10m", o.maxTime)
	case o.series < seriesPerDevice || o.series > maxDevices*maxSeriesPerDevice:
		return fmt.Errorf("--series=%d: must be %d to %d", o.series, seriesPerDevice, maxDevices*maxSeriesPerDevice)
	case o.workload.Lines < 1 || o.workload.Lines > 10_000_000:
		return fmt.Errorf("--lines=%d: must be 1 to 10000000", o.workload.Lines)
	case o.workload.Devices < 1 || o.workload.Devices > maxDevices:
		return fmt.Errorf("--devices=%d: must be 1 to %d", o.workload.Devices, maxDevices)
	}
	return nil
}

const (
	// maxRate exceeds the rate of any sender.
	maxRate = 10_000_000
	// maxDevices is the default limit of the exporter.
	maxDevices = 10_000
	// seriesPerDevice is the number of series of a device for the scrapes, as
	// long as the table has room for more devices.
	seriesPerDevice    = 50
	maxSeriesPerDevice = 200
)
