package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

const (
	// maxUnread is how many lines are kept for each reason for which they were not
	// read.
	maxUnread = 3
	// maxUnreadText is how much of a line is kept, in bytes.
	maxUnreadText = 160
)

// Why a line was not read, besides the reasons of package syslog.
const (
	unreadUnmatched = "unmatched"
	unreadJSON      = "json" // It was read as a message, perhaps without its host.
	unreadNotJSON   = "not_json"
	unreadNoField   = "no_field"
	unreadLate      = "late"
	unreadNoTime    = "no_time"
)

// Lines are the lines of logs that are read one after the other.
type Lines struct {
	// JSONField is the field with the message if each line is JSON, or empty. See
	// the flag --json-field.
	JSONField string

	at     position
	counts tally
	unread []unreadLine
	known  map[string]int // How many lines were not read, by reason.
}

// A position is where a line stands.
type position struct {
	log    string
	number int64 // From 1 on.
}

type unreadLine struct {
	position
	reason, text string
}

// Open means that the lines that follow are those of a log.
func (l *Lines) Open(log string) { l.at = position{log: log} }

// read hands the texts of a log to take, and calls pause when there is nothing more
// in the buffer. A text is a line, or what a line of JSON has in its field. It ends
// early, with ctx's error, when ctx is done.
func (l *Lines) read(ctx context.Context, log io.Reader, take func(text []byte, bad syslog.Reason) error, pause func()) error {
	longest := syslog.MaxFrame
	if l.JSONField != "" {
		longest = MaxJSONLine
	}
	lines := syslog.NewLineReader(log, longest)
	for {
		for {
			line, bad, ok := lines.Frame()
			if !ok {
				break
			}
			l.at.number++
			l.counts.lines++
			var err error
			if l.JSONField == "" && len(line) > 0 && line[0] == '<' {
				err = take(line, bad)
			} else {
				err = l.texts(line, bad, take)
			}
			if err != nil {
				return err
			}
		}
		pause()
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := lines.Fill(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// texts hands the texts of a line to take.
func (l *Lines) texts(line []byte, bad syslog.Reason, take func([]byte, syslog.Reason) error) error {
	if l.JSONField == "" || bad != syslog.OK {
		if len(line) > 0 && (line[0] == '{' || line[0] == '[') && l.known[unreadJSON] < maxUnread {
			if _, ok := JSONField(line); ok {
				l.skip(l.at, unreadJSON, line)
			}
		}
		return take(line, bad)
	}
	texts, why := JSONTexts(line, l.JSONField)
	switch why {
	case "":
		if len(texts) == 0 {
			return take(line, syslog.Empty)
		}
	case unreadNotJSON:
		l.counts.notJSON++
		l.skip(l.at, why, line)
	case unreadNoField:
		l.counts.noField++
		l.skip(l.at, why, line)
	}
	for _, text := range texts {
		if err := take([]byte(text), syslog.OK); err != nil {
			return err
		}
	}
	return nil
}

// count counts what became of a message in the line at a position.
func (l *Lines) count(at *position, r *ingest.Result) {
	if r.Reason == syslog.OK {
		if l.counts.outcomes[r.Outcome]++; r.Outcome == catalog.Unmatched {
			l.skip(*at, unreadUnmatched, r.Bytes)
		}
		return
	}
	if l.counts.rejected[r.Reason]++; r.Reason != syslog.Empty {
		l.skip(*at, r.Reason.String(), r.Bytes)
	}
}

// skip notes a line that was not read, unless there are enough for the reason.
func (l *Lines) skip(at position, reason string, line []byte) {
	if l.known == nil {
		l.known = map[string]int{}
	}
	if l.known[reason]++; l.known[reason] > maxUnread {
		return
	}
	text := strconv.QuoteToASCII(string(line[:min(len(line), maxUnreadText)]))
	text = text[1 : len(text)-1]
	if len(line) > maxUnreadText {
		text += "..."
	}
	if reason == unreadJSON {
		path, _ := JSONField(line)
		text += " (" + JSONRemedy(path) + ")"
	}
	l.unread = append(l.unread, unreadLine{at, reason, text})
}

// JSONRemedy returns what to do about a line of JSON that has a message at a path,
// or none if that is empty.
func JSONRemedy(path string) string {
	if path == "" {
		path = "NAME"
	}
	return "the line is JSON; read the message in it with --json-field=" + path
}

// Unread returns how many lines at most are kept for each reason for which lines
// were not read, or 0 if all were.
func (l *Lines) Unread() int {
	if len(l.unread) == 0 {
		return 0
	}
	return maxUnread
}

// WriteUnread writes the first lines that were not read for each reason, each as
// FILE:LINE: reason: line. What a terminal would take for more than text is escaped,
// and of a long line the beginning is written. Empty lines and messages that are not
// in the catalog are left out: nothing is wrong with them.
func (l *Lines) WriteUnread(w io.Writer) error {
	for _, u := range l.unread {
		if _, err := fmt.Fprintf(w, "%s:%d: %s: %s\n", u.log, u.number, u.reason, u.text); err != nil {
			return err
		}
	}
	return nil
}
