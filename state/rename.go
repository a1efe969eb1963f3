package state

import (
	"time"

	"github.com/ftd-exporter/ftd_exporter/collectors"
)

// Rename moves all that the table has of a device to another name, and returns
// whether there was such a device. If the other one exists as well, the two become
// one: counters are added, and of two gauges the one that was set later stays; a
// state that is the same in both has been so since the earlier change. Events move
// too.
//
// It is for a name that the configuration replaces by another: call it when
// messages are applied under the new name already. The store gets the records
// under the new name no later than it deletes the old ones.
func (t *Table) Rename(from, to string) bool {
	if from == to || !validDeviceName([]byte(to)) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.devices[from]
	if old == nil {
		return false
	}
	began := t.opts.Now().UnixNano()
	var all []storedSeries
	t.remove(old, func(d *device) bool {
		all = make([]storedSeries, 0, len(d.list))
		for _, s := range d.list {
			began = min(began, s.began)
			if s.is(unset) && s.metric.Type != collectors.Counter {
				continue // It says nothing.
			}
			all = append(all, storedSeries{metric: s.metric, key: s.key, value: s.value, set: s.set, began: s.began, report: s.report})
		}
		return true
	})
	// The place of the old one is free, so there is no need for a limit.
	d := t.devices[to]
	if d == nil {
		d = t.newDevice([]byte(to), time.Unix(0, began), &scratch{}, nobody)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scratch = &scratch{}
	t.merge(d, all, true)
	t.events.rename(from, to)
	if t.opts.Persist {
		for _, s := range d.list {
			s.flags |= dirty | urgent
		}
		t.pending.rename(from, d)
	}
	return true
}
