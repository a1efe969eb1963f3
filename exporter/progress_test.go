package exporter

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The start waits for a restore that gets on, but neither for one that is stuck
// nor for ever.
func TestWhileProgress(t *testing.T) {
	for name, tc := range map[string]struct{ progress, want time.Duration }{
		"stuck":          {0, 10 * time.Second},
		"stuck later":    {15 * time.Second, 25 * time.Second},
		"slow, but ends": {time.Hour, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var n atomic.Int64
				ctx, cancel := whileProgress(t.Context(), func() int {
					if time.Since(began) <= tc.progress {
						n.Add(1)
					}
					return int(n.Load())
				}, 10*time.Second, time.Minute)
				defer cancel()
				<-ctx.Done()
				if took := time.Since(began); took < tc.want || took > tc.want+time.Second {
					t.Errorf("waited for %v, want %v", took, tc.want)
				}
			})
		})
	}
}
