package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A result is the outcome of one run of a subject.
type result struct {
	Counts
	cpu, took time.Duration
	memory    int64
}

// intake repeats one way of receiving for each subject in turn, and adds a row
// for each.
func (r *runner) intake(ctx context.Context, name string, subjects []string, once func(ctx context.Context, subject string) (result, error)) error {
	results := make([][]result, len(subjects))
	for n := range r.runs {
		for i, subject := range subjects {
			one, err := once(ctx, subject)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", name, subject, err)
			}
			results[i] = append(results[i], one)
			r.note("%s, %s, run %d of %d: %s CPU-s per million, %d sent, %d lost", name, subject, n+1, r.runs,
				number(one.perMillion()), one.Sent, one.lost())
		}
	}
	for i, subject := range subjects {
		row := IntakeRow{
			Case: name, Subject: subject,
			CPU:    over(results[i], (*result).perMillion),
			Rate:   over(results[i], (*result).rate),
			Lost:   over(results[i], (*result).lostRatio),
			Memory: over(results[i], func(r *result) float64 { return float64(r.memory) }),
		}
		for _, one := range results[i] {
			row.Counts = append(row.Counts, one.Counts)
		}
		r.report.Intake = append(r.report.Intake, row)
	}
	return nil
}

// over returns the spread of a value over the runs.
func over[T any](runs []T, value func(*T) float64) Spread {
	var values []float64
	for i := range runs {
		values = append(values, value(&runs[i]))
	}
	return spread(values)
}

// perMillion returns the CPU time in seconds for a million received lines.
func (r *result) perMillion() float64 {
	return r.cpu.Seconds() / max(float64(r.Received), 1) * 1e6
}

func (r *result) rate() float64      { return float64(r.Sent) / max(r.took.Seconds(), 1e-9) }
func (r *result) lostRatio() float64 { return float64(r.lost()) / max(float64(r.Sent), 1) }

// file measures reading the lines from a file.
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
	return r.intake(ctx, "file", []string{subjectExporter, subjectSink}, func(ctx context.Context, subject string) (result, error) {
		command := append(slices.Clip(r.sink), name)
		if subject == subjectExporter {
			command = []string{r.exporter, "replay", name}
		}
		read, err := runFile(ctx, command)
		one := result{cpu: read.cpu, took: read.took, memory: read.memory}
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
		err := r.intake(ctx, name, receivers(), func(ctx context.Context, subject string) (result, error) {
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
	for _, rate := range append(slices.Clip(r.rates), 0) {
		name := pacedName(rate)
		n := r.lines.Len()
		if rate > 0 {
			n = r.paced(rate)
		}
		err := r.intake(ctx, name, receivers(), func(ctx context.Context, subject string) (result, error) {
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

// paced returns the number of lines that a run sends at a rate within the maximum
// time.
func (r *runner) paced(rate float64) int {
	return max(1, min(r.lines.Len(), int(rate*r.maxTime.Seconds())))
}

// receive starts a subject, sends it lines and returns the cost of receiving
// them.
func (r *runner) receive(ctx context.Context, name, subject, network string, send func(context.Context, *child) (n int, took time.Duration, err error)) (result, error) {
	c, err := r.start(ctx, subject, network)
	if err != nil {
		return result{}, err
	}
	defer c.stop()
	var one result
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
		if network == "tcp" { // The sockets still had lines.
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
