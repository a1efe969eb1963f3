package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/state"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// progressInterval is how often a replay reports on a terminal.
const progressInterval = 500 * time.Millisecond

type replayFlags struct {
	lines lineFlags
	files []string
}

func replayCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f replayFlags
	cmd := app.Command("replay", "Read log files and print the resulting device metrics to standard output and a summary to standard error. Time follows the timestamps in the lines.")
	f.lines.add(cmd)
	cmd.Arg("file", "Log files with one message per line, the files of one device oldest first; - is standard input. Files compressed with gzip or zstd are decompressed.").
		Required().StringsVar(&f.files)
	return cmd, f.run
}

func (f *replayFlags) run(ctx context.Context, s streams) error {
	var clock history.Clock
	p, table, err := f.lines.pipeline(s.err, state.Options{Now: clock.Now})
	if err != nil {
		return err
	}
	var (
		r     = history.NewReplay(p, table, f.lines.defaultDevice, &clock)
		errs  []error
		start = time.Now()
	)
	r.JSONField = f.lines.jsonField
	for _, name := range f.files {
		name = cmp.Or(name, "-") // Kingpin turns a hyphen into an empty argument.
		if err := replayLog(ctx, r, name, s); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := table.WriteText(s.out); err != nil {
		errs = append(errs, err)
	}
	writeUnread(s.err, &r.Lines)
	writeSummary(s.err, &r.Summary, time.Since(start))
	return errors.Join(errs...)
}

// replayLog reads one log into a replay.
func replayLog(ctx context.Context, r *history.Replay, name string, s streams) error {
	log, err := history.Open(name, s.in)
	if err != nil {
		return err
	}
	defer log.Close()
	r.Open(name)
	if isTerminal(s.err) {
		stop := showProgress(s.err, name, log, &r.Summary)
		defer stop()
	}
	err = r.Read(ctx, &contextReader{ctx, log})
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// A contextReader ends a read when the user interrupts the command.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, errors.New("interrupted")
	}
	return r.r.Read(b)
}

// writeUnread writes which lines were not read, if there are any.
func writeUnread(w io.Writer, lines *history.Lines) {
	if n := lines.Unread(); n > 0 {
		fmt.Fprintf(w, "not read, the first %d for each reason:\n", n)
		_ = lines.WriteUnread(w) // A terminal that is gone is not a failure of the command.
	}
}

func writeSummary(w io.Writer, sum *history.Summary, took time.Duration) {
	lines := sum.Lines.Load()
	fmt.Fprintf(w, "lines         %d\n", lines)
	fmt.Fprintf(w, "matched       %d\n", sum.Matched.Load())
	fmt.Fprintf(w, "unmatched     %d\n", sum.Unmatched.Load())
	fmt.Fprintf(w, "uncatalogued  %d\n", sum.Uncatalogued.Load())
	var rejected int64
	var reasons, meanings []string
	for r := syslog.OK + 1; r < syslog.NumReasons; r++ {
		if n := sum.Rejected[r].Load(); n > 0 {
			rejected += n
			reasons = append(reasons, fmt.Sprintf("%s %d", r, n))
			meanings = append(meanings, fmt.Sprintf("  %-11s the line %s\n", r.String()+":", r.Meaning()))
		}
	}
	for _, x := range []struct {
		name string
		n    int64
	}{{"not_json", sum.NotJSON.Load()}, {"no_field", sum.NoField.Load()}} {
		if x.n > 0 {
			rejected += x.n
			reasons = append(reasons, fmt.Sprintf("%s %d", x.name, x.n))
		}
	}
	fmt.Fprintf(w, "rejected      %d", rejected)
	if len(reasons) > 0 {
		fmt.Fprintf(w, " (%s)", strings.Join(reasons, ", "))
	}
	fmt.Fprintf(w, "\n%s", strings.Join(meanings, ""))
	fmt.Fprintf(w, "time          %s, %.0f lines/s\n", took.Round(time.Millisecond), float64(lines)/max(took.Seconds(), 1e-9))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// showProgress shows how much of a log has been read, until stop is called.
func showProgress(w io.Writer, name string, log *history.Log, sum *history.Summary) (stop func()) {
	start := time.Now()
	return showLine(w, func() string {
		return progressLine(name, log.BytesRead(), log.Size, sum.Lines.Load(), time.Since(start))
	})
}

// showLine rewrites one line on a terminal until stop is called.
func showLine(w io.Writer, line func() string) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(progressInterval)
		defer ticker.Stop()
		for shown := false; ; {
			select {
			case <-done:
				if shown {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			case <-ticker.C:
				shown = true
				fmt.Fprintf(w, "\r\x1b[K%s", line())
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}

func progressLine(name string, read, size, lines int64, took time.Duration) string {
	line := fmt.Sprintf("%s: %d lines, %d MiB", name, lines, read>>20)
	if size > 0 {
		line += fmt.Sprintf(" of %d, %d%%", size>>20, 100*read/size)
		if read > 0 && read < size {
			left := time.Duration(float64(took) * float64(size-read) / float64(read))
			line += fmt.Sprintf(", %s left", left.Round(time.Second))
		}
	}
	return line
}
