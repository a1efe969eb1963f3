package history

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/samples"
)

// Labels are added to every series, in their place.
func TestBackfillLabels(t *testing.T) {
	b := newBackfill(t, BackfillOptions{Labels: []samples.Label{{Name: "job", Value: "a\"b"}, {Name: "device_group", Value: "x"}}})
	out := backfill(t, b, epoch, "2026-03-17T12:00:00Z fw1 : %FTD-6-302013: Built\n")
	if want := "\n" + `ftd_syslog_messages_total{device="fw1",device_group="x",job="a\"b",severity="6"} 1 17`; !strings.Contains(out, want) {
		t.Errorf("no %s in\n%s", want, out)
	}
}

// A disorder records how far samples are out of order.
type disorder struct {
	last          []int64
	latest, worst int64
	values        []float64
}

func (d *disorder) Series([]samples.Label) error {
	d.last, d.values = append(d.last, math.MinInt64), append(d.values, 0)
	return nil
}

func (d *disorder) Sample(series int, at int64, value float64) error {
	if at <= d.last[series] {
		return fmt.Errorf("series %d: %d after %d", series, at, d.last[series])
	}
	d.last[series], d.values[series] = at, value
	d.latest = max(d.latest, at)
	d.worst = max(d.worst, d.latest-at)
	return nil
}

// However many changes a log has at one time, their samples are not set later than
// by maxAhead, so that samples are in order of time by samples.Disorder.
func TestBackfillOrder(t *testing.T) {
	const n = 70_000
	var log strings.Builder
	for i := range n {
		fmt.Fprintf(&log, "%s fw1 : %%FTD-1-73500%d: Cooling Fan 1: %s\n", epoch.Format(time.RFC3339), 1+i%2, [2]string{"OK", "Failure Detected"}[i%2])
	}
	var sink disorder
	b, err := NewBackfill(newCatalog(t), tables(newCatalog(t), nil), &sink, BackfillOptions{Interval: MaxInterval, Now: func() time.Time { return epoch.AddDate(0, 1, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Read(t.Context(), strings.NewReader(log.String()), epoch); err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ahead := sink.latest - epoch.UnixMilli(); ahead > maxAhead+10 || sink.worst > samples.Disorder.Milliseconds() {
		t.Errorf("%d ms ahead, out of order by %d ms", ahead, sink.worst)
	}
	if !slices.Contains(sink.values, n/2) {
		t.Errorf("the failures of the fan, %d, are not the last value of a series: %v", n/2, sink.values)
	}
}
