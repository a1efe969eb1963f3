package store_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/store"
)

// BenchmarkStore writes and reads 10,000 devices with 50 series each.
func BenchmarkStore(b *testing.B) {
	dir := b.TempDir()
	l := prepare(b, dir)
	if err := l.store.Open(context.Background()); err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		for j := range 8 {
			l.say(fmt.Sprintf("fw%05d : %%FTD-1-735001: Cooling Fan %d: OK", i, j))
		}
		for j := range 2 {
			l.say(fmt.Sprintf("fw%05d : %%FTD-1-735020: CPU %d: Temp: 58 C OK", i, j))
		}
	}
	start := time.Now()
	store.Commit(l.store)
	write := time.Since(start)
	store.Close(l.store)
	info, err := os.Stat(l.path())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		again := prepare(b, dir)
		b.StartTimer()
		if err := again.store.Open(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		store.Close(again.store)
		b.StartTimer()
	}
	b.ReportMetric(write.Seconds(), "s/first-write")
	b.ReportMetric(float64(l.table.Stats().Series), "series")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// BenchmarkCommit writes what 200 devices have changed again, as happens many
// times a minute when they are busy.
func BenchmarkCommit(b *testing.B) {
	l := prepare(b, b.TempDir())
	if err := l.store.Open(context.Background()); err != nil {
		b.Fatal(err)
	}
	defer store.Close(l.store)
	say := func() {
		for i := range 200 {
			for j := range 8 {
				l.say(fmt.Sprintf("fw%05d : %%FTD-1-735001: Cooling Fan %d: OK", i, j))
			}
			for j := range 8 {
				l.say(fmt.Sprintf("fw%05d : %%FTD-1-735020: CPU %d: Temp: 58 C OK", i, j))
			}
		}
	}
	say()
	store.Commit(l.store)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		say()
		b.StartTimer()
		store.Commit(l.store)
	}
	b.ReportMetric(float64(l.table.Stats().Series), "series")
}
