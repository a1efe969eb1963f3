package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

type catalogFlags struct {
	output string
	ids    []string
}

func catalogCommand(app *kingpin.Application) (*kingpin.CmdClause, command) {
	var f catalogFlags
	cmd := app.Command("catalog", "Print the catalog of messages: their templates, fields, metrics, meaning, and recommended action.")
	cmd.Flag("output", "Output format: text, json (an array), or markdown.").
		Default("text").EnumVar(&f.output, "text", "json", "markdown")
	cmd.Arg("id", "Message ids such as 735002. Default: all messages.").StringsVar(&f.ids)
	return cmd, f.run
}

// A catalogEntry is a message as the catalog command prints it.
type catalogEntry struct {
	ID        string   `json:"id"`
	Rule      string   `json:"rule,omitempty"`
	Component string   `json:"component,omitempty"`
	Family    string   `json:"family"`
	Severity  int      `json:"severity"`
	Summary   string   `json:"summary"`
	Text      []string `json:"text"`
	// Own are the last of Text: those that are for this id only, also if another
	// may carry its texts.
	Own []string `json:"own_text"`
	// MayCarry are the ids whose texts a message with this id may have.
	MayCarry []string       `json:"may_carry"`
	Fields   []catalogField `json:"fields"`
	Metrics  []string       `json:"metrics"`
	Samples  []string       `json:"samples"`
	Meaning  string         `json:"meaning"`
	Action   string         `json:"action"`
}

type catalogField struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func (f *catalogFlags) run(_ context.Context, s streams) error {
	c, table, err := newTable(state.Options{})
	if err != nil {
		return err
	}
	var indices []int
	for _, id := range f.ids {
		parsed, err := catalog.ParseID(id)
		i := c.Index(parsed)
		if err != nil || i < 0 {
			return fmt.Errorf("%q is not a message id in the catalog; run without an id to list all", id)
		}
		indices = append(indices, i)
	}
	if len(f.ids) == 0 {
		for i := range c.Len() {
			indices = append(indices, i)
		}
	}
	entries := make([]catalogEntry, 0, len(indices))
	for _, i := range indices {
		entries = append(entries, describe(c, table, i))
	}
	switch f.output {
	case "json":
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(entries)
	case "markdown":
		return printMarkdown(s.out, entries)
	}
	return printText(s.out, entries)
}

func describe(c *catalog.Catalog, table *state.Table, i int) catalogEntry {
	e := c.At(i)
	x := catalogEntry{
		ID: e.ID.String(), Rule: e.Rule, Component: e.Component, Family: e.Family, Severity: e.Severity, Summary: e.Summary,
		Text: e.Templates, Samples: e.Samples, Meaning: e.Meaning, Action: e.Action,
		Own: append([]string{}, e.Templates[len(e.Templates)-e.Own:]...), MayCarry: []string{},
		Fields: []catalogField{}, Metrics: append([]string{}, table.FedBy(e.ID)...),
	}
	for _, id := range e.MayCarry {
		x.MayCarry = append(x.MayCarry, id.String())
	}
	for n := range e.Templates {
		for _, spec := range c.Fields(i, n) {
			field := catalogField{spec.Name, cmp.Or(spec.Words, spec.Kind.String())}
			if !slices.Contains(x.Fields, field) {
				x.Fields = append(x.Fields, field)
			}
		}
	}
	return x
}

func (x *catalogEntry) fieldList() string {
	var fields []string
	for _, f := range x.Fields {
		fields = append(fields, f.Name+" ("+f.Kind+")")
	}
	return cmp.Or(strings.Join(fields, ", "), "none")
}

func printText(w io.Writer, entries []catalogEntry) error {
	var b strings.Builder
	for _, x := range entries {
		fmt.Fprintf(&b, "%s  %s\n", x.ID, x.Summary)
		fmt.Fprintf(&b, "  family    %s, severity %d\n", x.Family, x.Severity)
		if x.Rule != "" {
			fmt.Fprintf(&b, "  rule      %s, about the component %s\n", x.Rule, x.Component)
		}
		for _, text := range x.Text {
			fmt.Fprintf(&b, "  text      %s\n", text)
		}
		if len(x.MayCarry) > 0 {
			fmt.Fprintf(&b, "  carries   %s\n", strings.Join(x.MayCarry, ", "))
		}
		fmt.Fprintf(&b, "  fields    %s\n", x.fieldList())
		fmt.Fprintf(&b, "  metrics   %s\n", cmp.Or(strings.Join(x.Metrics, ", "), "ftd_messages_total only"))
		fmt.Fprintf(&b, "  means     %s\n", x.Meaning)
		fmt.Fprintf(&b, "  to do     %s\n\n", x.Action)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printMarkdown(w io.Writer, entries []catalogEntry) error {
	var b strings.Builder
	for _, x := range entries {
		fmt.Fprintf(&b, "## %s: %s\n\n", x.ID, x.Summary)
		fmt.Fprintf(&b, "Family `%s`, severity %d.", x.Family, x.Severity)
		if x.Rule != "" {
			fmt.Fprintf(&b, " Rule `%s`, component `%s`.", x.Rule, x.Component)
		}
		b.WriteString("\n\n")
		for _, text := range x.Text {
			fmt.Fprintf(&b, "    %s\n", text)
		}
		fmt.Fprintf(&b, "\n- Fields: %s\n", x.fieldList())
		if len(x.MayCarry) > 0 {
			fmt.Fprintf(&b, "- May carry the texts of: %s\n", strings.Join(x.MayCarry, ", "))
		}
		var metrics []string
		for _, m := range x.Metrics {
			metrics = append(metrics, "`"+m+"`")
		}
		fmt.Fprintf(&b, "- Metrics: %s\n", cmp.Or(strings.Join(metrics, ", "), "`ftd_messages_total` only"))
		fmt.Fprintf(&b, "- Meaning: %s\n- Action: %s\n\n", x.Meaning, x.Action)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
