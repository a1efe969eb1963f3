package main

import (
	"bytes"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/history"
	"github.com/ftd-exporter/ftd_exporter/exporter/ingest"
	"github.com/ftd-exporter/ftd_exporter/simulator"
	"github.com/ftd-exporter/ftd_exporter/state"
)

// BenchmarkReplay processes the mixed lines of a fleet, from bytes to a table
// that already has their devices and series.
func BenchmarkReplay(b *testing.B) {
	lines := simulator.Workload{Lines: 300_000, Devices: 200, Seed: 1}.Generate()
	var data bytes.Buffer
	if _, err := lines.WriteTo(&data); err != nil {
		b.Fatal(err)
	}
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		b.Fatal(err)
	}
	table, err := state.New(c, collectors.All(), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	p, err := ingest.New(c, table, ingest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	replay := func() {
		r := history.NewReplay(p, table, "bench", &history.Clock{}) // Its time begins anew.
		if err := r.Read(b.Context(), bytes.NewReader(data.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
	replay()
	b.ReportAllocs()
	for b.Loop() {
		replay()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(lines.Len()), "ns/line")
}
