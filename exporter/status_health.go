package exporter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// A listenerRow tells what a listener has received and lost.
type listenerRow struct {
	Name                                             string
	Frames, Rejected, Dropped, Connections, Evicted  string
	Reasons                                          string
	frames, rejected, dropped, connections, eviction float64
}

// A healthRow tells about a part of the exporter.
type healthRow struct{ Name, State, Text string }

// health returns what the exporter's own metrics say.
func (s *status) health() ([]*listenerRow, []healthRow) {
	families, err := s.own.Gather()
	if err != nil {
		s.logger.Error("Gathering for the status page failed", "err", err)
	}
	byName := map[string]*listenerRow{}
	var unmatched, loaded float64
	for _, family := range families {
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() // One of them is nil.
			switch family.GetName() {
			case "ftd_exporter_messages_unmatched_total":
				unmatched += value
				continue
			case "ftd_exporter_config_last_reload_successful":
				loaded = value
				continue
			}
			l := byName[labels["listener"]]
			if l == nil {
				l = &listenerRow{Name: labels["listener"], Dropped: "–", Connections: "–", Evicted: "–"}
				byName[l.Name] = l
			}
			l.count(family, labels["reason"], value)
		}
	}
	rows := slices.SortedFunc(maps.Values(byName), func(a, b *listenerRow) int { return strings.Compare(a.Name, b.Name) })
	health := []healthRow{s.listening(), s.stateFile()}
	if loaded == 1 {
		health = append(health, healthRow{"Configuration", statusOK, "loaded."})
	} else {
		health = append(health, healthRow{"Configuration", statusFailed, "could not be loaded; the last good one is in force, and the log says why."})
	}
	var dropped float64
	for _, l := range rows {
		dropped += l.dropped
	}
	if dropped > 0 {
		health = append(health, healthRow{"Losses", statusWarning, "datagrams that the kernel dropped because the receive buffer was full: " + count(dropped) + "."})
	}
	health = append(health, s.table())
	if unmatched > 0 {
		health = append(health, healthRow{"Wordings", statusWarning, "messages with a known id and an unknown wording: " + count(unmatched) + ". Please report them."})
	}
	return rows, health
}

// count adds a value of one of the metrics about listeners.
func (l *listenerRow) count(family *dto.MetricFamily, reason string, value float64) {
	add := func(sum *float64, text *string) {
		*sum += value
		*text = count(*sum)
	}
	switch family.GetName() {
	case "ftd_exporter_syslog_frames_total":
		add(&l.frames, &l.Frames)
	case "ftd_exporter_syslog_rejected_total":
		if add(&l.rejected, &l.Rejected); value > 0 {
			l.Reasons = strings.TrimPrefix(l.Reasons+", "+count(value)+" "+strings.ReplaceAll(reason, "_", " "), ", ")
		}
	case "ftd_exporter_syslog_dropped_total":
		add(&l.dropped, &l.Dropped)
	case "ftd_exporter_tcp_connections":
		add(&l.connections, &l.Connections)
	case "ftd_exporter_tcp_connections_evicted_total":
		add(&l.eviction, &l.Evicted)
	}
}

func (s *status) listening() healthRow {
	if s.ready.Load() {
		return healthRow{"Listeners", statusOK, "open."}
	}
	return healthRow{"Listeners", statusFailed, "not open."}
}

func (s *status) stateFile() healthRow {
	const name = "State file"
	if s.store == nil {
		return healthRow{name, statusOff, "a restart forgets everything."}
	}
	s.store.mu.Lock()
	failing := s.store.failing
	s.store.mu.Unlock()
	text := fmt.Sprintf("%s series restored, %s writes, %s failed writes.", count(float64(s.store.restored.Load())),
		count(float64(s.store.commits.Load())), count(float64(s.store.failures.Load())))
	switch {
	case failing:
		return healthRow{name, statusFailed, "cannot be written; the state is in memory only, and the log says why. " + text}
	case !s.store.restoreSuccess.Load():
		return healthRow{name, statusWarning, "could not be read at the start; what came before is missing. " + text}
	}
	return healthRow{name, statusOK, text}
}

func (s *status) table() healthRow {
	stats := s.exporter.state.Stats()
	row := healthRow{"Table", statusOK, fmt.Sprintf("devices: %s, series: %s.", count(float64(stats.Devices)), count(float64(stats.Series)))}
	s.exporter.state.Rejected(func(reason string, n uint64) {
		if n > 0 {
			row.State = statusWarning
			row.Text += fmt.Sprintf(" Refused by the limit of %s: %s.", strings.ReplaceAll(reason, "_", " "), count(float64(n)))
		}
	})
	return row
}
