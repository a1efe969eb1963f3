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
	gauge := func(name, help string, value func(*Status) int) error {
		opts := prometheus.GaugeOpts{Name: "ftd_exporter_state_" + name, Help: help}
		return reg.Register(prometheus.NewGaugeFunc(opts, func() float64 {
			st := s.Status()
			return float64(value(&st))
		}))
	}
	return errors.Join(
		counter("commits_total", "Writes of changed series to the state file.",
			func(st *Status) uint64 { return st.Commits }),
		counter("commit_failures_total", "Writes to the state file that failed; the changes are kept and written later.",
			func(st *Status) uint64 { return st.Failures }),
		gauge("restored_series", "Series that were read from the state file.",
			func(st *Status) int { return st.Restored }),
		gauge("skipped_series", "Series in the state file that this version does not support or has no room for.",
			func(st *Status) int { return st.Skipped }),
		gauge("restore_successful", "Whether the state file could be read (1) or the state of earlier runs is missing (0).",
			func(st *Status) int {
				if st.RestoreSuccessful {
					return 1
				}
				return 0
			}),
	)
}
