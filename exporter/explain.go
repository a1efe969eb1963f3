package exporter

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// An Explanation says how a line was read.
type Explanation struct {
	// Outcome is matched, unmatched (the id is known, the text fits no
	// wording), uncatalogued or rejected.
	Outcome string `json:"outcome"`
	// Reason says why the outcome is not matched.
	Reason   string `json:"reason,omitempty"`
	Device   string `json:"device,omitempty"`
	Product  string `json:"product,omitempty"`
	Severity *uint8 `json:"severity,omitempty"`
	// MessageID is the id in the tag. In a rejected line it is what the line
	// looks like: the id in an impossible tag, or the entry that the text of a
	// line without a tag fits.
	MessageID string `json:"message_id,omitempty"`
	// ReadAs is the id whose text was found, if it is not MessageID.
	ReadAs string `json:"read_as,omitempty"`
	Count  uint32 `json:"count,omitempty"`
	// Timestamp is the device's own stamp.
	Timestamp string `json:"timestamp,omitempty"`
	// Fields are the values in the text: numbers for numeric fields.
	Fields map[string]any `json:"fields"`
	// Updates are what the rules do.
	Updates []collectors.Effect `json:"updates"`

	entry *catalog.Entry
}

// Rejected is the explanation of a line that is no message.
func Rejected(reason syslog.Reason) Explanation {
	return Explanation{Outcome: "rejected", Reason: reason.String(), Fields: map[string]any{}, Updates: []collectors.Effect{}}
}

// Explain says how line would be read if it came from peer. It changes nothing.
func (e *Exporter) Explain(line []byte, peer string) Explanation {
	d := NewDecoder(e.catalog)
	d.Decode(line, []byte(peer))
	h := &d.Header
	x := Rejected(d.Reason)
	if d.Reason != syslog.OK {
		if h.ID != 0 {
			x.MessageID = formatID(h.ID)
		} else if d.Reason == syslog.NoTag {
			if entry, ok := e.catalog.MatchText(line, &d.Message); ok {
				x.MessageID, x.entry = formatID(entry.ID), entry
			}
		}
		return x
	}
	x.Reason = ""
	x.Device, x.Product, x.Severity = string(d.Device), h.Product.String(), &h.Severity
	x.MessageID, x.Count = formatID(h.ID), h.Count
	now := e.now()
	if t, ok := pastStamp(d.Parser, h, now, now.Add(future)); ok {
		x.Timestamp = t.Format(time.RFC3339Nano)
	}
	switch d.Outcome {
	case catalog.UnknownID:
		x.Outcome, x.Reason = "uncatalogued", "the catalogue has no message "+x.MessageID
	case catalog.Unmatched:
		x.Outcome, x.Reason = "unmatched", "the text fits no known wording of "+x.MessageID
		x.entry = e.catalog.At(e.catalog.Index(h.ID))
	case catalog.Matched:
		x.Outcome, x.entry = "matched", d.Message.Entry
		if d.Message.TextOf != 0 {
			x.ReadAs = formatID(d.Message.Entry.ID)
		}
		x.Fields = fieldValues(&d.Message)
		x.Updates = e.state.Explain(x.Device, &d.Message, h.Count, now)
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

func formatID(id uint32) string { return strconv.FormatUint(uint64(id), 10) }

// Text writes the explanation for a reader.
func (x *Explanation) Text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString(x.Outcome)
	if x.MessageID != "" {
		b.WriteString(" " + x.MessageID)
	}
	b.WriteByte('\n')
	if x.Reason != "" {
		line("reason", "%s", x.Reason)
		if x.Outcome == "rejected" && x.entry != nil {
			line("", "the text is that of %s, but the tag before it is missing", x.MessageID)
		}
	}
	if x.Device != "" {
		line("device", "%s", x.Device)
		line("tag", "%s, severity %d", x.Product, *x.Severity)
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
		line("read as", "%s: the text contradicts the id, and the text decides", x.ReadAs)
	}
	if x.Outcome == "unmatched" {
		for _, text := range x.entry.Templates {
			line("wording", "%s", text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Fields)) {
		line("field", "%s = %v", name, x.Fields[name])
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
