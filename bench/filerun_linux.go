package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A fileRun is the result of a command that reads a file.
type fileRun struct {
	cpu, took       time.Duration
	memory          int64
	lines, rejected int64
}

// runFile runs a command that reads a file and writes to standard error how many
// lines it has read and rejected.
func runFile(ctx context.Context, command []string) (fileRun, error) {
	var log tail
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = &log
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return fileRun{}, err
	}
	// The maximum in the resource usage cannot be used: it includes the memory of
	// the parent, which the process shares until it executes the command.
	memory := make(chan int64)
	ended, end := context.WithCancel(ctx)
	go func() { memory <- watchMemory(ended, cmd.Process.Pid) }()
	err := cmd.Wait()
	r := fileRun{took: time.Since(begin), lines: -1, rejected: -1}
	end()
	r.memory = <-memory
	if err != nil {
		return r, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, log.String())
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	for line := range strings.Lines(log.String()) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		switch {
		case err != nil:
		case fields[0] == "lines":
			r.lines = n
		case fields[0] == "rejected":
			r.rejected = n
		}
	}
	if r.lines < 0 || r.rejected < 0 {
		return r, fmt.Errorf("%s: the output does not have the number of lines\n%s", strings.Join(command, " "), log.String())
	}
	return r, nil
}

// watchMemory polls the peak memory of a process until ctx is done, and returns
// the last value in bytes.
func watchMemory(ctx context.Context, pid int) (peak int64) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if n, err := peakMemory(pid); err == nil {
			peak = max(peak, n)
		}
		select {
		case <-ctx.Done():
			return peak
		case <-ticker.C:
		}
	}
}
