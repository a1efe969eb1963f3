package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
)

// blocksProgram writes blocks of Prometheus. It is a program of its own because it
// contains parts of Prometheus, which the exporter does without.
const blocksProgram = "ftd_exporter_blocks"

// blocksPatience is how long the program may take to end after an interruption.
const blocksPatience = 10 * time.Second

// A blocksOutput hands samples to the program, which writes them into a directory.
type blocksOutput struct {
	*samples.Writer
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	out, err bytes.Buffer
	ended    bool
}

// startBlocks starts the program, which writes into dir. It ends when ctx is done.
func startBlocks(ctx context.Context, dir string) (*blocksOutput, error) {
	name, err := findBlocksProgram()
	if err != nil {
		return nil, fmt.Errorf("--output=%s: %w", dir, err)
	}
	o := &blocksOutput{cmd: exec.CommandContext(ctx, name, "--", dir)}
	o.cmd.Stdout, o.cmd.Stderr = &o.out, &o.err
	if o.stdin, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	// The program removes what it has written when its input ends too early, or
	// after SIGTERM, unless it has just finished.
	o.cmd.Cancel = func() error {
		_ = o.stdin.Close()
		_ = o.cmd.Process.Signal(syscall.SIGTERM)
		return os.ErrProcessDone
	}
	o.cmd.WaitDelay = blocksPatience
	o.Writer = samples.NewWriter(pipeWriter{o})
	return o, o.cmd.Start()
}

// findBlocksProgram returns the path of the program: beside this one, or in PATH.
func findBlocksProgram() (string, error) {
	if self, err := os.Executable(); err == nil {
		if name, err := exec.LookPath(filepath.Join(filepath.Dir(self), blocksProgram)); err == nil {
			return name, nil
		}
	}
	name, err := exec.LookPath(blocksProgram)
	if err != nil {
		return "", fmt.Errorf("blocks need the program %s, which is in every package and archive of ftd_exporter; put it beside ftd_exporter or into PATH, or write OpenMetrics text by a name that ends in .om", blocksProgram)
	}
	return name, nil
}

// A pipeWriter writes to the program. If the program has ended, what it printed is
// the reason.
type pipeWriter struct{ *blocksOutput }

func (w pipeWriter) Write(b []byte) (int, error) {
	n, err := w.stdin.Write(b)
	if err != nil {
		err = cmp.Or(w.end(), err)
	}
	return n, err
}

// finish ends the stream and waits for the program.
func (o *blocksOutput) finish(context.Context, *history.Backfill) (blocks int, size int64, err error) {
	if err := errors.Join(o.Close(), o.end()); err != nil {
		return 0, 0, err
	}
	var written struct {
		Blocks int
		Bytes  int64
	}
	if err := json.Unmarshal(o.out.Bytes(), &written); err != nil {
		return 0, 0, fmt.Errorf("%s: %w; it must be of the same version as ftd_exporter", blocksProgram, err)
	}
	return written.Blocks, written.Bytes, nil
}

// end ends the program's input and waits for it. It returns an error with what the
// program printed, once.
func (o *blocksOutput) end() error {
	if o.ended {
		return nil
	}
	o.ended = true
	_ = o.stdin.Close() // It may be closed.
	err := o.cmd.Wait()
	if text := strings.TrimSpace(o.err.String()); err != nil && text != "" {
		err = errors.New(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", blocksProgram, err)
	}
	return nil
}

// close makes the program end, if it has not, and remove what it has written.
func (o *blocksOutput) close() error {
	if !o.ended {
		_ = o.end() // The stream is not complete, which is an error for it.
	}
	return nil
}
