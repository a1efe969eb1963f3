package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type explainFlags struct {
	lines     lineFlags
	output    string
	anonymize bool
	names     *anonymizer // Nil if lines are explained as they are.
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
	if f.anonymize {
		f.names = newAnonymizer()
	}
	if f.line != "" {
		return f.explain(s.out, p, []byte(f.line), source)
	}
	longest := syslog.MaxFrame
	if f.lines.jsonField != "" {
		longest = history.MaxJSONLine
	}
	lines := syslog.NewLineReader(&contextReader{ctx, s.in}, longest)
	for {
		line, reason, err := lines.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case reason != syslog.OK:
			err = f.print(s.out, ingest.Rejected(reason))
		default:
			err = f.explain(s.out, p, line, source)
		}
		if err != nil {
			return err
		}
	}
}

// explain prints the explanation of each message of a line.
func (f *explainFlags) explain(w io.Writer, p *ingest.Pipeline, line []byte, source ingest.Source) error {
	texts := [][]byte{line}
	if f.lines.jsonField != "" {
		fields, why := history.JSONTexts(line, f.lines.jsonField)
		if why != "" {
			x := ingest.Rejected(syslog.NoTag)
			x.Reason = why
			return f.print(w, x)
		}
		texts = texts[:0]
		for _, s := range fields {
			texts = append(texts, []byte(s))
		}
	}
	for _, text := range texts {
		var shown string
		if f.names != nil {
			shown = f.names.line(string(text))
			text = []byte(shown)
		}
		for _, x := range p.ExplainAll(text, source) {
			x.Line = strings.ToValidUTF8(shown, "?")
			if path, ok := history.JSONField(text); ok {
				x.Reason = strings.TrimPrefix(x.Reason+"; "+history.JSONRemedy(path), "; ")
			}
			if err := f.print(w, x); err != nil {
				return err
			}
		}
	}
	return nil
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
