package store

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Register registers the metrics of the store.
func (s *Store) Register(reg prometheus.Registerer) error {
	counter := func(name, help string, value func(*Status) uint64) error {
		opts := prometheus.CounterOpts{Name: "ftd_exporter_state_" + name, Help: help}
		return reg.Register(prometheus.NewCounterFunc(opts, func() float64 {
			st := s.Status()
			return float64(value(&st))
		}))
	}
	gauge := func(name, help string, value func(*Status) float64) error {
		opts := prometheus.GaugeOpts{Name: "ftd_exporter_state_" + name, Help: help}
		return reg.Register(prometheus.NewGaugeFunc(opts, func() float64 {
			st := s.Status()
			return value(&st)
		}))
	}
	return errors.Join(
		counter("commits_total", "Writes of changed series to the state file.",
			func(st *Status) uint64 { return st.Commits }),
		counter("commit_failures_total", "Writes to the state file that failed or did not end in time, and failed attempts to open it; the changes are kept and written later.",
			func(st *Status) uint64 { return st.Failures }),
		counter("rewrites_total", "How often the state file was written anew from memory, because it was removed, replaced or damaged.",
			func(st *Status) uint64 { return st.Rewrites }),
		gauge("writable", "Whether the state file can be written (1), or the state is in memory only (0).",
			func(st *Status) float64 { return oneIf(!st.Degraded) }),
		gauge("last_commit_timestamp_seconds", "When the state file was written last, 0 if not since the start.",
			func(st *Status) float64 {
				if st.LastCommit.IsZero() {
					return 0
				}
				return float64(st.LastCommit.UnixNano()) / 1e9
			}),
		gauge("file_bytes", "Size of the state file.",
			func(st *Status) float64 { return float64(st.FileBytes) }),
		gauge("restored_series", "Series that were read from the state file.",
			func(st *Status) float64 { return float64(st.Restored) }),
		gauge("skipped_series", "Series in the state file that this version does not support or does not have room for.",
			func(st *Status) float64 { return float64(st.Skipped) }),
		gauge("damaged_series", "Series and events of the state file that were missing at the start, or left out because their checksum was wrong.",
			func(st *Status) float64 { return float64(st.Damaged) }),
		gauge("restore_successful", "Whether the state file could be read (1) or the state of earlier runs is missing (0).",
			func(st *Status) float64 { return oneIf(st.RestoreSuccessful) }),
		reg.Register(s.duration),
	)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
