package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// The subjects. The difference between an exporter with a state file and one
// without is the cost of durability.
const (
	subjectExporter = "ftd_exporter"
	noState         = "ftd_exporter, no state file"
	subjectSink     = "bare Go sink"
)

// measure runs the measurements that valid options select, and returns the report
// even if counts do not add up.
func measure(ctx context.Context, o options) (*Report, error) {
	dir, err := os.MkdirTemp("", "ftd_exporter-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &runner{options: o, dir: dir, report: &Report{Machine: machine(), Runs: o.runs, Problems: []string{}}}
	r.report.Machine.Cores = runtime.NumCPU()
	if err := r.identify(ctx); err != nil {
		return nil, err
	}
	r.note("generating %d lines", o.workload.Lines)
	r.lines = o.workload.Generate()
	r.report.Workload = WorkloadReport{
		Lines: r.lines.Len(), Devices: o.workload.Devices, Seed: o.workload.Seed,
		MeanBytes: float64(r.lines.Size()) / float64(r.lines.Len()),
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

// A runner runs the measurements one after the other.
type runner struct {
	options
	dir      string // For files; removed at the end.
	children int
	lines    *simulator.Lines
	report   *Report
}

func (r *runner) note(format string, args ...any) {
	fmt.Fprintf(r.progress, format+"\n", args...)
}

func (r *runner) problem(format string, args ...any) {
	p := fmt.Sprintf(format, args...)
	r.report.Problems = append(r.report.Problems, p)
	r.note("counts do not add up: %s", p)
}

// identify reads the versions of the exporter and its Go.
func (r *runner) identify(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, r.exporter, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", r.exporter, err)
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
	if subject == subjectSink {
		return startChild(ctx, r.sink, networks...)
	}
	storage := ""
	if subject == subjectExporter {
		r.children++
		storage = filepath.Join(r.dir, fmt.Sprintf("state-%d", r.children))
	}
	return startChild(ctx, []string{r.exporter, "serve", "--log.level=warn", "--storage.path=" + storage}, networks...)
}

// receivers returns the subjects that receive over a network.
func receivers() []string { return []string{subjectExporter, noState, subjectSink} }
