package web

import (
	"testing"

	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestHealth(t *testing.T) {
	store := StoreStatus{Path: "data/state.db", Restored: 1234, RestoreSuccessful: true, Commits: 5, Failures: 6}
	for _, tc := range []struct {
		name string
		set  func(*fixture)
		want []string
	}{
		{"all well", func(f *fixture) { f.status.Store = store }, []string{
			"ok Listeners: open.", "ok State file: 1,234 series restored, 5 writes, 6 failed writes.", "ok Configuration: loaded.", "ok Table: devices: 0, series: 0. listener", "None is open.",
		}},
		{"nothing well", func(f *fixture) {
			f.ready = false
			f.status = Status{Unmatched: 7}
		}, []string{
			"failed Listeners: not open.", "off State file: none; a restart loses all state.", "failed Configuration: could not be loaded", "warning Unmatched texts: messages with a known id whose text matches no template: 7. Please report them.",
		}},
		{"texts that are not understood", func(f *fixture) {
			f.status.Unread = []UnreadMessage{
				{Device: "<fw1>", MessageID: 735004, Text: "Power Supply 1 <b>is</b> broken", Count: 1200, Last: epoch},
				{Device: "fw2", MessageID: 743001, Text: "gone", Count: 1, Last: epoch},
			}
		}, []string{"Not understood", "They changed nothing", "&lt;fw1&gt; 1,200 times", "Power Supply 1 &lt;b&gt;is&lt;/b&gt; broken 735004", "fw2", "gone 743001", "Last events"}},
		{"a file that cannot be written", func(f *fixture) {
			f.status.Store = store
			f.status.Store.Degraded, f.status.Store.RestoreSuccessful = true, false
		}, []string{"failed State file: cannot be written; changes are in memory only. The log has the reason. 1,234 series"}},
		{"a file that could not be read", func(f *fixture) {
			f.status.Store = store
			f.status.Store.RestoreSuccessful = false
		}, []string{"warning State file: could not be read at startup; the state of earlier runs is missing. 1,234 series"}},
		{"limits", func(f *fixture) {
			f.table.SetLimits(state.Limits{Devices: 1, SeriesPerMetric: 10, Series: 100})
			f.say("fw1 : %FTD-6-302013: Built", "fw2 : %FTD-6-302013: Built")
		}, []string{"warning Table: devices: 1, series:", "Refused by the limit of devices: 1."}},
		{"listeners", func(f *fixture) {
			f.status.Listeners = []ListenerStatus{
				{Name: "tcp://:5514", Frames: 2000, Rejected: map[string]uint64{"too_long": 2, "no_tag": 1000, "empty": 0}, Stream: true, Connections: 3, Evicted: 4},
				{Name: "udp://:5514", Frames: 5, DropsKnown: true},
				{Name: "unixgram:///run/log", Dropped: 9},
			}
		}, []string{"ok Table", "listener frames rejected dropped connections evicted tcp://:5514 2,000 1,002 (1,000 no tag, 2 too long) – 3 4 udp://:5514 5 0 0 – – unixgram:///run/log 0 0 – – –"}},
		{"losses", func(f *fixture) {
			f.status.Listeners = []ListenerStatus{{Name: "udp://:1", DropsKnown: true, Dropped: 1000}, {Name: "udp://:2", DropsKnown: true, Dropped: 1}}
		}, []string{"warning Losses: datagrams that the kernel dropped because the receive buffer was full: 1,001.", "udp://:1 0 0 1,000"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFixture(t)
			tc.set(f)
			wantInOrder(t, readPage(t, f.handler(), "/"), tc.want...)
		})
	}
}
