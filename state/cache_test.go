package state_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// TestASeriesThatExpiredBeginsAnew: what a device remembers of its series must
// not keep alive one that is no longer shown.
func TestASeriesThatExpiredBeginsAnew(t *testing.T) {
	f := newFixture(t, state.Options{CapacityExpiry: time.Minute})
	const name = `ftd_quota_used{device="fw1",resource="management_session",scope="system"}`
	say := func(used int) {
		f.feed(fmt.Sprintf("fw1 : %%FTD-3-768002: QUOTA: management session quota exceeded: requested 1, current %d, limit 15", used))
	}
	for round, used := range []int{15, 15, 16} {
		say(used)
		if got := f.values()[name]; got != fmt.Sprint(used) {
			t.Errorf("round %d: %s is %q, not %d", round, name, got, used)
		}
		f.now = f.now.Add(2 * time.Minute)
		if got, ok := f.values()[name]; ok {
			t.Errorf("round %d: %s is %s and should have expired", round, name, got)
		}
	}
	if got := f.values()[`ftd_quota_rejections_total{device="fw1",resource="management_session",scope="system"}`]; got != "3" {
		t.Errorf("%s rejections", got)
	}
}

// TestManyLabelsOfOneDeviceDoNotAllocate sends more different labels than are
// remembered, and more than the limit allows.
func TestManyLabelsOfOneDeviceDoNotAllocate(t *testing.T) {
	f := newFixture(t, state.Options{Limits: state.Limits{SeriesPerMetric: 300}})
	var texts [][]byte
	for i := range 1000 {
		texts = append(texts, fmt.Appendf(nil, "Cooling Fan %d: OK", i))
	}
	var m catalog.Message
	e := state.Observation{Device: []byte("fw1"), Severity: 1, Count: 1, Time: epoch, Message: &m}
	say := func(i int) {
		e.Text = texts[i%len(texts)]
		if f.cat.Match(735001, e.Text, &m) != catalog.Matched {
			t.Fatalf("%s does not match", e.Text)
		}
		f.state.Update(&e)
	}
	for i := range texts {
		say(i)
	}
	i := 0
	if n := testing.AllocsPerRun(3000, func() { say(i); i++ }); n != 0 {
		t.Errorf("%v allocations for each message", n)
	}
}
