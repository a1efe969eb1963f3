package ingest

import (
	"bytes"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

const (
	// maxUnread is how many unread messages are remembered.
	maxUnread = 20
	// maxUnreadText is how much of a text is remembered, in bytes.
	maxUnreadText = 256
	// The log gets at most unreadLines lines within unreadInterval, and one about
	// the same device and id.
	unreadInterval = time.Minute
	unreadLines    = 10
)

// An UnreadMessage is a message about hardware whose text no template matches: what
// it reports is not known. A device may never repeat it.
type UnreadMessage struct {
	Device    string
	MessageID catalog.ID
	// Text is the last one, made harmless: at most 256 bytes of valid UTF-8, with a
	// question mark for what is not for reading.
	Text string
	// Count counts such messages of the device with this id, and Last is when the
	// last one was received.
	Count uint64
	Last  time.Time
}

// unread keeps the unread messages that were received last. Noting one allocates
// nothing, as long as it is not logged.
type unread struct {
	logger *slog.Logger // Nil for none.

	mu       sync.Mutex
	messages []unreadEntry // The last one received comes last.
	// The lines that were logged since a time, and the messages that were not.
	since  time.Time
	lines  int
	silent uint64
}

// An unreadEntry is an [UnreadMessage] with memory of its own.
type unreadEntry struct {
	device, text []byte
	id           catalog.ID
	count        uint64
	last, logged time.Time
}

// Unread returns the messages about hardware whose text matches no template, for
// each of the devices and ids that sent the last ones; the last one comes first.
func (p *Pipeline) Unread() []UnreadMessage {
	p.unread.mu.Lock()
	defer p.unread.mu.Unlock()
	var all []UnreadMessage
	for _, e := range slices.Backward(p.unread.messages) {
		all = append(all, UnreadMessage{string(e.device), e.id, string(e.text), e.count, e.last})
	}
	return all
}

// noteUnmatched notes the present message, whose text matches no template, if it is
// about hardware.
func (f *Feed) noteUnmatched(s *sender) {
	if h := &f.header; f.pipeline.table.IsHardware(h.ID) {
		f.pipeline.unread.note(s.device, h.ID, h.Text, uint64(h.Count), f.observed.Time, f.now)
	}
}

// note notes messages that were received at a time; now is the present, which is
// later for those of a log.
func (u *unread) note(device []byte, id catalog.ID, text []byte, count uint64, at, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	i := slices.IndexFunc(u.messages, func(e unreadEntry) bool { return e.id == id && string(e.device) == string(device) })
	var e unreadEntry
	switch {
	case i >= 0:
		e = u.messages[i]
	case len(u.messages) == maxUnread:
		i, e = 0, unreadEntry{device: u.messages[0].device, text: u.messages[0].text}
	}
	if i >= 0 {
		u.messages = slices.Delete(u.messages, i, i+1)
	}
	e.device, e.id = append(e.device[:0], device...), id
	e.text = appendReadable(e.text[:0], text, maxUnreadText)
	e.count += count
	e.last = at
	u.log(&e, now)
	u.messages = append(u.messages, e)
}

// log logs a message, unless there were enough lines.
func (u *unread) log(e *unreadEntry, now time.Time) {
	if u.logger == nil {
		return
	}
	if since := now.Sub(u.since); since >= unreadInterval || since < 0 { // A clock can be set back.
		u.since, u.lines = now, 0
	}
	if u.lines == unreadLines || now.Sub(e.logged).Abs() < unreadInterval {
		u.silent++
		return
	}
	u.lines++
	e.logged = now
	u.logger.Warn("A message about the state of the device matches no template and changed nothing; treat it by hand", "device", string(e.device), "message_id", e.id.String(),
		"text", string(e.text), "count", e.count, "not_logged", u.silent)
	u.silent = 0
}

// appendReadable appends a text, or as much of it as limit bytes have room for, with
// a question mark for each character that moves the cursor, changes colors or the
// direction of writing, and for each byte that is not UTF-8.
func appendReadable(dst, text []byte, limit int) []byte {
	limit += len(dst)
	text = bytes.TrimSpace(text)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			r = '?'
		}
		if len(dst)+utf8.RuneLen(r) > limit {
			break
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
