package ingest

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// An Explanation describes how a line was read.
type Explanation struct {
	// Line is the line, if whoever shows the explanation wants to show it too.
	Line string `json:"line,omitempty"`
	// Outcome is matched, unmatched (the catalog has the id, but no template that
	// matches the text), uncatalogued or rejected.
	Outcome string `json:"outcome"`
	// Reason is why the outcome is not matched, or why nothing is updated.
	Reason string `json:"reason,omitempty"`
	Device string `json:"device,omitempty"`
	// Subject is the device that the message is about, if that is not Device. The
	// effects of the rules belong to it.
	Subject string `json:"subject,omitempty"`
	// Candidates are the names that Device was chosen from.
	Candidates []identity.Candidate `json:"candidates"`
	Product    string               `json:"product,omitempty"`
	Severity   *uint8               `json:"severity,omitempty"`
	// MessageID is the id in the tag. In a rejected line it is the id in an invalid
	// tag, or the id of the entry that matches the text of a line without a tag.
	MessageID string `json:"message_id,omitempty"`
	// ReadAs is the id whose text was found, if it is not MessageID.
	ReadAs string `json:"read_as,omitempty"`
	Count  uint32 `json:"count,omitempty"`
	// Timestamp is the device's own timestamp.
	Timestamp string `json:"timestamp,omitempty"`
	// Fields are the values in the text: numbers for numeric fields.
	Fields map[string]any `json:"fields"`
	// Updates are the effects of the rules.
	Updates []state.Effect `json:"updates"`

	entry  *catalog.Entry
	readAs string // Why it is read as that.
}

// Rejected is the explanation of a line that is not a message.
func Rejected(reason syslog.Reason) Explanation {
	return Explanation{Outcome: "rejected", Reason: reason.String(), Candidates: []identity.Candidate{}, Fields: map[string]any{}, Updates: []state.Effect{}}
}

// ExplainAll describes how each message of a line from the source would be handled;
// a line usually has one. It does not change anything.
func (p *Pipeline) ExplainAll(line []byte, source Source) []Explanation {
	var all []Explanation
	device := "" // That of the message before.
	isComplete := func(message []byte) bool {
		return p.explain(message, source, "").Outcome == "matched"
	}
	for rest := line; rest != nil; {
		var message []byte
		message, rest = syslog.CutMessage(rest, isComplete)
		x := p.explain(message, source, device)
		if x.Device != "" {
			device = x.Device
		}
		all = append(all, x)
	}
	return all
}

// Explain is ExplainAll for a line that is one message.
func (p *Pipeline) Explain(line []byte, source Source) Explanation {
	return p.explain(line, source, "")
}

// explain explains a message. Before is the device of the message before it in the
// same line, which it belongs to if it does not name a host.
func (p *Pipeline) explain(line []byte, source Source, before string) Explanation {
	var (
		policy = p.policy.Load()
		parser syslog.Parser
		h      syslog.Header
		m      catalog.Message
	)
	if len(line) > syslog.MaxFrame {
		return Rejected(syslog.TooLong)
	}
	parser.SetRules(policy.headerNames)
	if reason := parser.Parse(line, netip.Addr{}, &h); reason != syslog.OK {
		return p.explainRejected(line, reason, &h)
	}
	who := source.sender(netip.Addr{}, h.Origin)
	name, known := policy.identifier.Name(nil, &who)
	if before != "" && h.Origin.Host() == nil {
		name, known = []byte(before), true
	}
	h.Location = policy.timezones.Of(name)
	x := Rejected(syslog.OK)
	x.Candidates = policy.identifier.Candidates(&who)
	x.Device, x.Product, x.Severity = string(name), h.Product.String(), &h.Severity
	x.MessageID, x.Count = h.ID.String(), h.Count
	now := p.now()
	if t, ok := TimestampBefore(&parser, &h, now, now.Add(MaxClockLead)); ok {
		x.Timestamp = t.Format(time.RFC3339Nano)
	}
	subject, ok := policy.subject(nil, h.Subject, name)
	if !known || !ok {
		x.Reason = syslog.NotAllowed.String()
		return x
	}
	x.Subject = string(subject)
	switch p.catalog.Match(h.ID, h.Text, &m) {
	case catalog.UnknownID:
		x.Outcome, x.Reason = "uncatalogued", "the catalog does not have message "+x.MessageID
	case catalog.Unmatched:
		x.Outcome, x.Reason = "unmatched", "the text does not match any template of "+x.MessageID
		x.entry = p.catalog.At(p.catalog.Index(h.ID))
	case catalog.Matched:
		x.Outcome, x.entry = "matched", m.Entry
		if m.TextOf != 0 {
			x.ReadAs, x.readAs = m.TextOf.String(), "the text contradicts the id, and the text decides"
			if p.catalog.Index(h.ID) < 0 {
				x.readAs = "the catalog does not describe this code, and all faults have the same form"
			}
		}
		x.Fields = fieldValues(&m)
		x.Updates = p.table.Explain(cmp.Or(x.Subject, x.Device), &m, h.Count, now)
	}
	if contains(policy.ignore, h.ID) {
		x.Reason, x.Updates = "the configuration ignores message "+x.MessageID, []state.Effect{}
	}
	return x
}

// explainRejected explains a line in which the parser has not found a message.
func (p *Pipeline) explainRejected(line []byte, reason syslog.Reason, h *syslog.Header) Explanation {
	x := Rejected(reason)
	var m catalog.Message
	if h.ID != 0 {
		x.MessageID = h.ID.String()
	} else if reason == syslog.NoTag {
		if entry, ok := p.catalog.MatchText(line, &m); ok {
			x.MessageID, x.entry = entry.ID.String(), entry
		}
	}
	return x
}

func fieldValues(m *catalog.Message) map[string]any {
	values := map[string]any{}
	for i := range m.Len() {
		switch f := m.Field(i); f.Kind {
		case catalog.Int, catalog.Number, catalog.Celsius, catalog.Ratio:
			values[f.Name] = f.Value
		default:
			values[f.Name] = strings.ToValidUTF8(string(m.AppendLabel(nil, i)), "?")
		}
	}
	return values
}

// Text returns the explanation for a reader. What a sender has written in it is
// quoted if a terminal would take it for more than text.
func (x *Explanation) Text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	if x.Line != "" {
		b.WriteString(printable(x.Line) + "\n")
	}
	b.WriteString(x.Outcome)
	if x.MessageID != "" {
		b.WriteString(" " + x.MessageID)
	}
	b.WriteByte('\n')
	if x.Reason != "" {
		line("reason", "%s", x.Reason)
		for r := syslog.OK + 1; r < syslog.NumReasons; r++ {
			if x.Outcome == "rejected" && x.Reason == r.String() {
				line("", "the line %s", r.Meaning())
			}
		}
		if x.Outcome == "rejected" && x.entry != nil {
			line("", "the text matches %s, but the tag before it is missing", x.MessageID)
		}
	}
	if x.Device != "" {
		line("device", "%s", printable(x.Device))
		line("tag", "%s, severity %d", x.Product, *x.Severity)
	}
	if x.Subject != "" {
		line("about", "%s", printable(x.Subject))
	}
	for _, c := range x.Candidates {
		chosen := ""
		if c.Chosen {
			chosen = ", chosen"
		}
		line("name", "%s from %s%s: %s", printable(c.Name), c.Source, chosen, c.Why)
	}
	if x.Count > 1 {
		line("count", "stands for %d messages", x.Count)
	}
	if x.Timestamp != "" {
		line("timestamp", "%s", x.Timestamp)
	}
	if x.entry != nil {
		line("summary", "%s", x.entry.Summary)
	}
	if x.ReadAs != "" {
		line("read as", "%s: %s", x.ReadAs, x.readAs)
	}
	if x.Outcome == "unmatched" {
		for _, template := range x.entry.Templates {
			line("template", "%s", template)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Fields)) {
		value := x.Fields[name]
		if text, ok := value.(string); ok {
			value = printable(text)
		}
		line("field", "%s = %v", name, value)
	}
	for _, u := range x.Updates {
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(u.Labels)) {
			labels = append(labels, fmt.Sprintf("%s=%q", name, u.Labels[name]))
		}
		sign := "="
		if strings.HasSuffix(u.Metric, "_total") {
			sign = "+="
		}
		line("update", "%s{%s} %s %s", u.Metric, strings.Join(labels, ","), sign, strconv.FormatFloat(u.Value, 'g', -1, 64))
	}
	return b.String()
}

// printable returns s, quoted as in Go if it has characters that are not for
// reading: those that move the cursor, change colors or the direction of writing.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }) {
		return strconv.Quote(s)
	}
	return s
}
