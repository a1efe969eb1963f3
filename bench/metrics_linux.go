package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A scrape is one response of the process, read to its end.
type scrape struct {
	encoding string // Content-Encoding, empty if the response is not compressed.
	size     int    // As sent.
	took     time.Duration
	samples  int
	values   map[string]float64 // Sums by name, and by name, a space and listener.
}

// scrape gets the metrics with the headers Accept and Accept-Encoding. It must
// not be called while another scrape is in progress.
func (c *child) scrape(ctx context.Context, accept, encoding string) (*scrape, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.web+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", encoding)
	begin := time.Now()
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("a scrape: %s", resp.Status)
	}
	// Read everything before parsing, so that the process does not wait.
	c.body.Reset()
	if _, err := c.body.ReadFrom(resp.Body); err != nil {
		return nil, fmt.Errorf("a scrape: %w", err)
	}
	s := &scrape{encoding: resp.Header.Get("Content-Encoding"), size: c.body.Len(), took: time.Since(begin)}
	return s, s.read(c.body.Bytes())
}

const (
	textFormat  = "text/plain;version=0.0.4"
	openMetrics = "application/openmetrics-text;version=1.0.0"
)

// The metrics that are read in a scrape.
const (
	framesTotal     = "ftd_exporter_syslog_frames_total"
	rejectedTotal   = "ftd_exporter_syslog_rejected_total"
	droppedTotal    = "ftd_exporter_syslog_dropped_total"
	seriesGauge     = "ftd_exporter_series"
	messagesTotal   = "ftd_syslog_messages_total"
	allocatedBytes  = "go_gc_heap_allocs_bytes_total"
	allocationCount = "go_gc_heap_allocs_objects_total"
)

// read parses the metrics of a response.
func (s *scrape) read(body []byte) error {
	var r io.Reader = bytes.NewReader(body)
	switch s.encoding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		defer z.Close()
		r = z
	}
	s.values = map[string]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		s.samples++
		name := line[:max(0, bytes.IndexAny(line, "{ "))]
		switch string(name) {
		case framesTotal, rejectedTotal, droppedTotal, seriesGauge, messagesTotal, allocatedBytes, allocationCount:
		default:
			continue
		}
		value, err := strconv.ParseFloat(string(line[bytes.LastIndexByte(line, ' ')+1:]), 64)
		if err != nil {
			return fmt.Errorf("a scrape: %w", err)
		}
		s.values[string(name)] += value
		if _, rest, ok := bytes.Cut(line, []byte(`listener="`)); ok {
			listener, _, _ := bytes.Cut(rest, []byte{'"'})
			s.values[string(name)+" "+string(listener)] += value
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("a scrape: %w", err)
	}
	return nil
}

// A total has the counts of the process and of the kernel for one listener, since
// it was opened.
type total struct {
	received, rejected, dropped int64
	kernelDropped               int64 // Dropped, as counted by the kernel.
	messages                    int64 // In the table.
	table                       bool  // The process has a table; the sink does not.
}

// total returns the counts of the listener for a network.
func (c *child) total(ctx context.Context, network string) (total, error) {
	s, err := c.scrape(ctx, textFormat, "identity")
	if err != nil {
		return total{}, err
	}
	address := c.tcp
	if network == "udp" {
		address = c.udp
	}
	suffix := " " + network + "://" + address.String()
	t := total{
		received: int64(s.values[framesTotal+suffix]),
		rejected: int64(s.values[rejectedTotal+suffix]),
		messages: int64(s.values[messagesTotal]),
	}
	_, t.table = s.values[seriesGauge]
	if network == "udp" {
		state, err := portState(network, address.Port())
		if err != nil {
			return total{}, err
		}
		t.kernelDropped = int64(state.dropped)
		t.dropped = t.kernelDropped
		if v, ok := s.values[droppedTotal+suffix]; ok || t.table {
			t.dropped = int64(v)
		}
	}
	return t, nil
}
