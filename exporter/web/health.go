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
	Device, ID, Text string
	Count            string // Empty for 1.
	Last             *pageTime
}

func newUnreadRows(messages []UnreadMessage, now time.Time) []unreadRow {
	var rows []unreadRow
	for i := range messages {
		m := &messages[i]
		row := unreadRow{Device: m.Device, ID: m.MessageID.String(), Text: m.Text, Last: newPageTime(&m.Last, now)}
		if m.Count > 1 {
			row.Count = formatNumber(m.Count)
		}
		rows = append(rows, row)
	}
	return rows
}

// newHealth returns what the fleet page shows of the exporter.
func (p *pages) newHealth(status *Status) ([]listenerRow, []healthRow) {
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
	health := []healthRow{listenersHealth(p.ready()), storeHealth(&status.Store), configHealth(status.ConfigLoaded)}
	if dropped > 0 {
		health = append(health, newHealthRow("Losses", levelWarning, "datagrams that the kernel dropped because the receive buffer was full: "+formatNumber(dropped)+"."))
	}
	health = append(health, tableHealth(p.table))
	if n := status.Unmatched; n > 0 {
		health = append(health, newHealthRow("Unmatched texts", levelWarning, "messages with a known id whose text matches no template: "+formatNumber(n)+". Please report them."))
	}
	return listeners, health
}

func newListenerRow(l *ListenerStatus) listenerRow {
	row := listenerRow{Name: l.Name, Frames: formatNumber(l.Frames), Dropped: "–", Connections: "–", Evicted: "–"}
	var (
		rejected uint64
		reasons  []string
	)
	for _, reason := range slices.Sorted(maps.Keys(l.Rejected)) {
		if n := l.Rejected[reason]; n > 0 {
			rejected += n
			reasons = append(reasons, formatNumber(n)+" "+formatName(reason))
		}
	}
	row.Rejected, row.Reasons = formatNumber(rejected), strings.Join(reasons, ", ")
	if l.DropsKnown {
		row.Dropped = formatNumber(l.Dropped)
	}
	if l.Stream {
		row.Connections, row.Evicted = formatNumber(l.Connections), formatNumber(l.Evicted)
	}
	return row
}

func listenersHealth(ready bool) healthRow {
	if ready {
		return newHealthRow("Listeners", levelOK, "open.")
	}
	return newHealthRow("Listeners", levelFailed, "not open.")
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
