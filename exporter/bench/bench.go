package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Options says what to measure.
type Options struct {
	Workload Workload
	// Only names the parts to measure, of [Parts]; all if it is empty.
	Only []string
	// Runs is how often, for the median.
	Runs int
	// Rates are those of the paced datagrams, in lines a second.
	Rates []float64
	// MaxTime limits how long a run sends paced datagrams.
	MaxTime time.Duration
	// Series is how many the table has for the scrapes.
	Series int
	// Exporter is the program to measure, Sink the command that calls [Sink] or
	// [SinkFile].
	Exporter string
	Sink     []string
	// Progress is told what goes on, a line each time.
	Progress io.Writer
}

// Parts returns the names of all parts.
func Parts() []string { return []string{"file", "tcp", "udp", "lossless", "scrape"} }

func (o *Options) wants(part string) bool {
	return len(o.Only) == 0 || slices.Contains(o.Only, part)
}

// Validate returns an error for the user if o makes no sense.
func (o *Options) Validate() error {
	for _, part := range o.Only {
		if !slices.Contains(Parts(), part) {
			return fmt.Errorf("--only=%s: must be of %s", part, strings.Join(Parts(), ","))
		}
	}
	for _, rate := range o.Rates {
		if !(rate >= 1 && rate <= maxRate) {
			return fmt.Errorf("--rate=%g: must be 1 to %d", rate, maxRate)
		}
	}
	switch {
	case o.Runs < 1 || o.Runs > 100:
		return fmt.Errorf("--runs=%d: must be 1 to 100", o.Runs)
	case o.MaxTime <= 0 || o.MaxTime > 10*time.Minute:
		return fmt.Errorf("--max-time=%s: must be more than 0s and at most 10m", o.MaxTime)
	case o.Series < seriesPerDevice || o.Series > 10_000*maxSeriesPerDevice:
		return fmt.Errorf("--series=%d: must be %d to %d", o.Series, seriesPerDevice, 10_000*maxSeriesPerDevice)
	}
	return o.Workload.Validate()
}

const (
	// maxRate is more than any sender reaches.
	maxRate = 10_000_000
	// seriesPerDevice is how many the devices get for the scrapes, as long as
	// the table has room for more devices.
	seriesPerDevice    = 50
	maxSeriesPerDevice = 200
)
