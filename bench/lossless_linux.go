package main

import (
	"context"
	"errors"
	"math"
	"time"
)

const (
	// maxTrial is the maximum duration of a trial of one rate.
	maxTrial = time.Second
	// backlogShare is the fraction of a trial, a twentieth, that the subject may
	// need at the end to read the backlog.
	backlogShare = 20
	// reachedShare is the fraction of a rate that the sender must reach.
	reachedShare = 0.98
)

// lossless searches the highest rate of datagrams without loss.
func (r *runner) lossless(ctx context.Context) error {
	for _, subject := range receivers() {
		row := LosslessRow{Subject: subject}
		var rates []float64
		for n := range r.runs {
			rate, end, err := r.search(ctx, subject)
			if err != nil {
				return err
			}
			r.note("udp without loss, %s, run %d of %d: %.0f/s; a higher rate: %s", subject, n+1, r.runs, rate, end)
			rates = append(rates, rate)
			row.Ends = append(row.Ends, end)
		}
		row.Rate = spread(rates)
		r.report.Lossless = append(r.report.Lossless, row)
	}
	return nil
}

// search doubles the rate until it is too high, then bisects. It returns the
// highest rate that was sent without loss, and why a higher rate failed.
func (r *runner) search(ctx context.Context, subject string) (best float64, end string, err error) {
	c, err := r.start(ctx, subject, "udp")
	if err != nil {
		return 0, "", err
	}
	defer c.stop()
	trial := min(maxTrial, r.maxTime)
	good, bad, sent := 0., math.Inf(1), 0
	for steps := 0; steps < 4; {
		rate := good * 2
		switch {
		case good == 0 && math.IsInf(bad, 1):
			rate = 10_000
		case good == 0:
			rate = bad / 2
		case !math.IsInf(bad, 1):
			rate = math.Sqrt(good * bad)
		}
		if rate < 1 || rate > maxRate {
			break
		}
		var took time.Duration
		n := max(1, int(rate*trial.Seconds()))
		counts, err := r.account(ctx, pacedName(rate)+", "+subject, "udp", c, func() (int, error) {
			took, err = sendUDP(ctx, c.udp, r.lines, sent, n, rate)
			return n, errors.Join(err, c.drain(ctx))
		})
		if err != nil {
			return 0, "", err
		}
		sent += n
		reached := float64(n) / took.Seconds()
		switch {
		case counts.lost() > 0:
			bad, end = rate, "loses datagrams"
		case c.drained > trial/backlogShare:
			bad, end = rate, "builds up a backlog"
		case reached < reachedShare*rate:
			return max(best, reached), "exceeds the sender's maximum", nil
		default:
			good = rate
			best = max(best, reached)
		}
		if !math.IsInf(bad, 1) && good > 0 {
			steps++
		}
	}
	return best, end, nil
}
