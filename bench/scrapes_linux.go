package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// scrape fills a table and measures scrapes of it, alone and during intake.
func (r *runner) scrape(ctx context.Context) error {
	c, err := r.start(ctx, subjectExporter, "tcp", "udp")
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
	for _, rate := range r.rates {
		if err := r.duringScrape(ctx, c, rate); err != nil {
			return err
		}
	}
	return nil
}

// fill sends reports of parts until the table has all series.
func (r *runner) fill(ctx context.Context, c *child) error {
	devices := min(maxDevices, (r.series+seriesPerDevice-1)/seriesPerDevice)
	filler := simulator.NewSeriesFiller(devices, r.workload.Seed)
	series := 0
	report := func(lines *simulator.Lines) (added int, err error) {
		r.note("filling the table: %d series of %d", series, r.series)
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
	if _, err := report(filler.Boot()); err != nil {
		return err
	}
	each, err := report(filler.Fans(1))
	if err != nil {
		return err
	}
	if each == 0 {
		return fmt.Errorf("the table has %d series and does not accept more", series)
	}
	// Report enough fans for the missing series.
	if missing := (r.series - series + each - 1) / each; missing > 0 {
		if _, err := report(filler.Fans(missing)); err != nil {
			return err
		}
	}
	if series < r.series {
		return fmt.Errorf("the table has %d series and does not accept more", series)
	}
	_, err = c.settle(ctx)
	return err
}

// A scrapeCost is the cost of one scrape.
type scrapeCost struct {
	scrape
	cpu            time.Duration
	allocatedBytes float64
	allocations    float64
}

// scrapes repeats a scrape and adds a row.
func (r *runner) scrapes(ctx context.Context, c *child, name, accept, encoding string) error {
	var costs []scrapeCost
	samples := 0
	var last *scrape
	// The first scrape also allocates buffers that later ones reuse, and is not in
	// the report.
	for n := range r.runs + 1 {
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
			// Each scrape reports the allocations at about the same point of its
			// work, so the difference of two is the cost of one.
			costs = append(costs, scrapeCost{
				*s, after - before,
				s.values[allocatedBytes] - last.values[allocatedBytes],
				s.values[allocationCount] - last.values[allocationCount],
			})
			r.note("scrape, %s, run %d of %d: %s CPU-s", name, n, r.runs, number((after - before).Seconds()))
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
		CPU:            over(costs, func(c *scrapeCost) float64 { return c.cpu.Seconds() }),
		Duration:       over(costs, func(c *scrapeCost) float64 { return c.took.Seconds() }),
		Size:           over(costs, func(c *scrapeCost) float64 { return float64(c.size) }),
		AllocatedBytes: over(costs, func(c *scrapeCost) float64 { return c.allocatedBytes }),
		Allocations:    over(costs, func(c *scrapeCost) float64 { return c.allocations }),
	})
	return nil
}

// duringScrape sends datagrams during back-to-back scrapes.
func (r *runner) duringScrape(ctx context.Context, c *child, rate float64) error {
	row := DuringScrapeRow{Case: pacedName(rate)}
	var scrapes, durations, rates, lost []float64
	n := r.paced(rate)
	for i := range r.runs {
		var took time.Duration
		var times []float64
		counts, err := r.account(ctx, row.Case+" during scrapes", "udp", c, func() (int, error) {
			loading, stop := context.WithCancel(ctx)
			defer stop()
			scraped := make(chan error, 1)
			go func() {
				var err error
				for loading.Err() == nil && err == nil {
					var s *scrape
					// A scrape in progress is not canceled.
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
		one := result{Counts: counts, took: took}
		row.Counts = append(row.Counts, counts)
		scrapes = append(scrapes, float64(len(times)))
		durations = append(durations, times...)
		rates = append(rates, one.rate())
		lost = append(lost, one.lostRatio())
		r.note("%s during scrapes, run %d of %d: %d scrapes, %d lost", row.Case, i+1, r.runs, len(times), counts.lost())
	}
	row.Scrapes, row.Duration, row.Rate, row.Lost = spread(scrapes), spread(durations), spread(rates), spread(lost)
	r.report.DuringScrape = append(r.report.DuringScrape, row)
	return nil
}
