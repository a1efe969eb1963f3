package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type explainFlags struct {
	lines     lineFlags
	output    string
	anonymize bool
	line      string
}

func explainCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f explainFlags
	cmd := app.Command("explain", "Explain how each line is read: its device, message id and fields, and the metrics that it updates.")
	cmd.Flag("output", "Output format: text, or json for one JSON object per line.").
		Default("text").EnumVar(&f.output, "text", "json")
	cmd.Flag("anonymize", "Replace addresses, names, what is in quotes, serial numbers and keys in each line, print the line, and explain that. Look it over before you show it to others.").
		BoolVar(&f.anonymize)
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
	names := newAnonymizer()
	explain := func(line []byte) ingest.Explanation {
		if !f.anonymize {
			return p.Explain(line, source)
		}
		other := names.line(string(line))
		x := p.Explain([]byte(other), source)
		x.Line = strings.ToValidUTF8(other, "?")
		return x
	}
	if f.line != "" {
		return f.print(s.out, explain([]byte(f.line)))
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
		x := explain(line)
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
