package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type explainFlags struct {
	lines  lineFlags
	output string
	line   string
}

func explainCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f explainFlags
	cmd := app.Command("explain", "Explain how each line is read: its device, message id and fields, and the metrics that it updates.")
	cmd.Flag("output", "Output format: text, or json for one JSON object per line.").
		Default("text").EnumVar(&f.output, "text", "json")
	f.lines.add(cmd)
	cmd.Arg("line", "The line, in quotes. Default: lines from standard input.").StringVar(&f.line)
	return cmd, f.run
}

func (f *explainFlags) run(ctx context.Context, s streams) error {
	p, _, err := f.lines.pipeline(s.err, state.Options{})
	if err != nil {
		return err
	}
	source := ingest.Source{Name: "explain", Default: f.lines.defaultDevice}
	if f.line != "" {
		return f.print(s.out, p.Explain([]byte(f.line), source))
	}
	lines := syslog.NewLineReader(&contextReader{ctx, s.in}, syslog.MaxFrame)
	for {
		line, reason, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		x := p.Explain(line, source)
		if reason != syslog.OK {
			x = ingest.Rejected(reason)
		}
		if err := f.print(s.out, x); err != nil {
			return err
		}
	}
}

func (f *explainFlags) print(w io.Writer, x ingest.Explanation) error {
	if f.output == "text" {
		_, err := fmt.Fprintln(w, x.Text())
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(x)
}
