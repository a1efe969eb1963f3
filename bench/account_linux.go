package main

import (
	"context"
	"time"
)

// account calls send, which sends lines to a process, and returns the counts of
// these lines. It adds a problem to the report for each inconsistent count.
func (r *runner) account(ctx context.Context, name, network string, c *child, send func() (int, error)) (Counts, error) {
	earlier, err := c.total(ctx, network)
	if err != nil {
		return Counts{}, err
	}
	lostEarlier, err := lostBeforeSockets()
	if err != nil {
		return Counts{}, err
	}
	n, err := send()
	if err != nil {
		return Counts{}, err
	}
	// Lines that have left the sockets are counted with a small delay.
	var now total
	var counts Counts
	for deadline := time.Now().Add(5 * time.Second); ; {
		if now, err = c.total(ctx, network); err != nil {
			return Counts{}, err
		}
		counts = Counts{
			Sent: int64(n), Received: now.received - earlier.received,
			Rejected: now.rejected - earlier.rejected, Dropped: now.dropped - earlier.dropped,
		}
		// A scrape reads the table before it reads the counters.
		settled := counts.Received+counts.Dropped >= counts.Sent &&
			(!now.table || now.messages-earlier.messages >= counts.Received-counts.Rejected)
		if settled || time.Now().After(deadline) {
			break
		}
		if err := c.drain(ctx); err != nil {
			return Counts{}, err
		}
	}
	missing := counts.Sent - counts.Received - counts.Dropped
	if missing > 0 {
		lost, err := lostBeforeSockets()
		if err != nil {
			return Counts{}, err
		}
		counts.LostBefore = min(missing, int64(lost-lostEarlier))
	}
	if missing != counts.LostBefore {
		r.problem("%s: %d sent, %d received, %d dropped, %d lost before the socket", name, counts.Sent, counts.Received, counts.Dropped, counts.LostBefore)
	}
	if counts.Rejected != 0 {
		r.problem("%s: %d of %d rejected", name, counts.Rejected, counts.Received)
	}
	if dropped := now.kernelDropped - earlier.kernelDropped; counts.Dropped != dropped {
		r.problem("%s: the exporter reports %d datagrams dropped by the kernel, the kernel reports %d", name, counts.Dropped, dropped)
	}
	if messages := now.messages - earlier.messages; now.table && messages != counts.Received-counts.Rejected {
		r.problem("%s: %d received, %d in the table", name, counts.Received, messages)
	}
	return counts, nil
}
