package state_test

import (
	"slices"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestRecordKeysAreTakenApart(t *testing.T) {
	for _, values := range [][]string{nil, {""}, {"fan", "1"}, {"", "a b", ""}} {
		r := state.Record{Key: state.RecordKey("ftd_x", values...)}
		if r.Metric() != "ftd_x" || !slices.Equal(r.Values(), values) {
			t.Errorf("%q: %q %q", values, r.Metric(), r.Values())
		}
	}
	var damaged state.Record
	if damaged.Metric() != "" || damaged.Values() != nil {
		t.Errorf("%q %q", damaged.Metric(), damaged.Values())
	}
}
