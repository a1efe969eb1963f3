package listener

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// An arrival has the time at which a listener has last received something. Any
// number of goroutines may use it at a time.
type arrival struct{ unix atomic.Int64 } // In nanoseconds; 0 for never.

// at notes that something has arrived.
func (a *arrival) at(now time.Time) { a.unix.Store(now.UnixNano()) }

// last returns the time, or the zero time if nothing has arrived yet.
func (a *arrival) last() time.Time {
	if n := a.unix.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// arrivals exports when the open listeners have last received something. One
// that has not received anything yet has no value.
type arrivals struct {
	desc *prometheus.Desc

	mu     sync.Mutex
	byName map[string]*arrival // By [Config.Address].
}

func newArrivals() *arrivals {
	return &arrivals{
		desc: prometheus.NewDesc("ftd_exporter_listener_last_frame_timestamp_seconds",
			"Time at which the listener last received a frame, whatever it contained.", []string{"listener"}, nil),
		byName: map[string]*arrival{},
	}
}

// of returns the arrival of the listener called name.
func (a *arrivals) of(name string) *arrival {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.byName[name]
	if one == nil {
		one = &arrival{}
		a.byName[name] = one
	}
	return one
}

// remove forgets a listener that is closed.
func (a *arrivals) remove(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byName, name)
}

// Describe implements [prometheus.Collector].
func (a *arrivals) Describe(ch chan<- *prometheus.Desc) { ch <- a.desc }

// Collect implements [prometheus.Collector].
func (a *arrivals) Collect(ch chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, one := range a.byName {
		if t := one.last(); !t.IsZero() {
			ch <- prometheus.MustNewConstMetric(a.desc, prometheus.GaugeValue, float64(t.UnixNano())/1e9, name)
		}
	}
}
