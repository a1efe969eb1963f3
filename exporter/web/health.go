package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// Status is the state of the exporter itself, for the status page.
type Status struct {
	// Listeners are shown in this order.
	Listeners []ListenerStatus
	// Store is zero if the state is in memory only.
	Store StoreStatus
	// ConfigLoaded is whether the last attempt to load the configuration
	// succeeded.
	ConfigLoaded bool
	// Unmatched counts messages whose id is in the catalog, but whose text does
	// not match a template.
	Unmatched uint64
	// Unread are the last messages about hardware among them, in this order.
	Unread []UnreadMessage
}

// An UnreadMessage is a message about hardware whose text matches no template. Text
// is the last one of Count.
type UnreadMessage struct {
	Device    string
	MessageID catalog.ID
	Text      string
	Count     uint64
	Last      time.Time
}

// A ListenerStatus has the traffic and the losses of a listener.
type ListenerStatus struct {
	Name   string
	Frames uint64
	// LastFrame is when the last one was received, zero if none was since the
	// start.
	LastFrame time.Time
	// Rejected counts frames by the reason of ftd_exporter_syslog_rejected_total.
	Rejected map[string]uint64
	// Connections are open and Evicted were closed because there were too many.
	// Both are shown only for a Stream.
	Stream      bool
	Connections int
	Evicted     uint64
	// Dropped counts datagrams that the kernel dropped because the receive buffer
	// was full. It is shown only if DropsKnown.
	DropsKnown bool
	Dropped    uint64
}

// A StoreStatus is how the store is doing.
type StoreStatus struct {
	// Path is the name of the file, empty if there is none.
	Path string
	// Restored is how many series were read from the file at startup.
	// RestoreSuccessful is false if the file could not be read.
	Restored          int
	RestoreSuccessful bool
	// Commits counts writes, Failures writes that failed.
	Commits, Failures uint64
	// Degraded is set while changes are in memory only because the file cannot be
	// written.
	Degraded bool
}

// A listenerRow is a listener for a reader.
type listenerRow struct {
	Name, Frames, Rejected, Reasons string
	Dropped, Connections, Evicted   string
}

// A healthRow is a part of the exporter, and how it is doing.
type healthRow struct {
	Name  string
	State badge
	Text  string
}

func newHealthRow(name, level, text string) healthRow {
	return healthRow{name, levelBadge(level), text}
}

// An unreadRow is a message about hardware whose text matches no template.
type unreadRow struct {
	Device string
	reportRow
	Count string // Empty for 1.
	Last  *pageTime
}

func newUnreadRows(messages []UnreadMessage, now time.Time) []unreadRow {
	var rows []unreadRow
	for i := range messages {
		m := &messages[i]
		row := unreadRow{Device: m.Device, reportRow: reportRow{Text: m.Text, ID: m.MessageID.String()}, Last: newPageTime(&m.Last, now)}
		if m.Count > 1 {
			row.Count = formatNumber(m.Count)
		}
		rows = append(rows, row)
	}
	return rows
}

// newHealth returns what the fleet page shows of the exporter.
func (p *pages) newHealth(status *Status, now time.Time) ([]listenerRow, []healthRow) {
	var (
		listeners []listenerRow
		dropped   uint64
	)
	for i := range status.Listeners {
		l := &status.Listeners[i]
		listeners = append(listeners, newListenerRow(l))
		if l.DropsKnown {
			dropped += l.Dropped
		}
	}
	health := []healthRow{listenersHealth(p.ready(), status.Listeners, now), storeHealth(&status.Store), configHealth(status.ConfigLoaded)}
	if dropped > 0 {
		health = append(health, newHealthRow("Losses", levelWarning, "datagrams that the kernel dropped because the receive buffer was full: "+formatNumber(dropped)+"."))
	}
	if row, ok := rejectedHealth(status.Listeners); ok {
		health = append(health, row)
	}
	health = append(health, tableHealth(p.table))
	if n := status.Unmatched; n > 0 {
		health = append(health, newHealthRow("Unmatched texts", levelWarning, "messages with a known id whose text matches no template: "+formatNumber(n)+". Please report them."))
	}
	return listeners, health
}

func newListenerRow(l *ListenerStatus) listenerRow {
	row := listenerRow{Name: l.Name, Frames: formatNumber(l.Frames), Dropped: "–", Connections: "–", Evicted: "–"}
	rejected, reasons := formatReasons(l.Rejected)
	row.Rejected, row.Reasons = formatNumber(rejected), reasons
	if l.DropsKnown {
		row.Dropped = formatNumber(l.Dropped)
	}
	if l.Stream {
		row.Connections, row.Evicted = formatNumber(l.Connections), formatNumber(l.Evicted)
	}
	return row
}

// listenersHealth is about all listeners. One that has not received anything since
// the start may not be in use; one that has, and no longer does, has lost its
// senders.
func listenersHealth(ready bool, listeners []ListenerStatus, now time.Time) healthRow {
	const name = "Listeners"
	if !ready {
		return newHealthRow(name, levelFailed, "not open.")
	}
	var silent []string
	for i := range listeners {
		if l := &listeners[i]; !l.LastFrame.IsZero() && now.Sub(l.LastFrame) > silentAfter {
			silent = append(silent, fmt.Sprintf("%s, last frame %s", l.Name, newPageTime(&l.LastFrame, now).Ago()))
		}
	}
	if silent != nil {
		return newHealthRow(name, levelSilent, "open, but nothing is received: "+strings.Join(silent, "; ")+".")
	}
	return newHealthRow(name, levelOK, "open.")
}

// rejectedHealth is about the frames that listeners rejected, if there are any.
func rejectedHealth(listeners []ListenerStatus) (row healthRow, ok bool) {
	reasons := map[string]uint64{}
	for i := range listeners {
		for reason, n := range listeners[i].Rejected {
			reasons[reason] += n
		}
	}
	total, text := formatReasons(reasons)
	return newHealthRow("Rejected", levelWarning, "frames that are not accepted as messages of firewalls: "+text+"."), total > 0
}

// formatReasons returns the sum of numbers by reason, and those that are not 0 for a
// reader.
func formatReasons(reasons map[string]uint64) (total uint64, text string) {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		if n := reasons[reason]; n > 0 {
			total += n
			texts = append(texts, formatNumber(n)+" "+formatName(reason))
		}
	}
	return total, strings.Join(texts, ", ")
}

func storeHealth(s *StoreStatus) healthRow {
	const name = "State file"
	if s.Path == "" {
		return newHealthRow(name, levelOff, "none; a restart loses all state.")
	}
	text := fmt.Sprintf("%s series restored, %s writes, %s failed writes.", formatNumber(s.Restored), formatNumber(s.Commits), formatNumber(s.Failures))
	switch {
	case s.Degraded:
		return newHealthRow(name, levelFailed, "cannot be written; changes are in memory only. The log has the reason. "+text)
	case !s.RestoreSuccessful:
		return newHealthRow(name, levelWarning, "could not be read at startup; the state of earlier runs is missing. "+text)
	}
	return newHealthRow(name, levelOK, text)
}

func configHealth(loaded bool) healthRow {
	if loaded {
		return newHealthRow("Configuration", levelOK, "loaded.")
	}
	return newHealthRow("Configuration", levelFailed, "could not be loaded; the last good one is in force. The log has the reason.")
}

func tableHealth(table Table) healthRow {
	stats := table.Stats()
	row := newHealthRow("Table", levelOK, fmt.Sprintf("devices: %s, series: %s.", formatNumber(stats.Devices), formatNumber(stats.Series)))
	table.Rejected(func(reason string, n uint64) {
		if n > 0 {
			row.State = levelBadge(levelWarning)
			row.Text += fmt.Sprintf(" Refused by the limit of %s: %s.", formatName(reason), formatNumber(n))
		}
	})
	return row
}
