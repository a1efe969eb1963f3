package listener

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A stuckFeed stops at its first frame until it is released.
type stuckFeed struct{ entered, release chan struct{} }

func (f *stuckFeed) Begin(time.Time) {}

func (f *stuckFeed) Frame([]byte, int, netip.Addr, syslog.Reason) syslog.Reason {
	f.entered <- struct{}{}
	<-f.release
	return syslog.OK
}

func (f *stuckFeed) End() {}

// probe probes with a limit of time.
func (f *fixture) probe(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(f.t.Context(), limit)
	defer cancel()
	return f.Probe(ctx)
}

// Listeners that work pass a probe at once, whether they have something to do or
// not, and as often as it comes.
func TestProbe(t *testing.T) {
	p := newPKI(t)
	f := newFixture(t)
	if err := f.probe(time.Minute); err != nil { // There are none.
		t.Error(err)
	}
	path := "unixgram://" + filepath.Join(t.TempDir(), "syslog")
	tcp, udp := "tcp://127.0.0.1:0", free(t)
	f.apply(Config{Address: udp}, Config{Address: free(t), Sockets: 2}, Config{Address: tcp}, Config{Address: "tls://127.0.0.1:0", TLS: p.settings}, Config{Address: path})
	conn := f.dial(tcp)
	begin := time.Now()
	for i := range 100 {
		if err := f.probe(time.Minute); err != nil {
			t.Fatal(err)
		}
		say(t, conn, fanFailedLine)
		f.eventually(tcp, i+1)
	}
	f.sendOne(udp)
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("100 probes took %s", took)
	}
	// Several at a time, while listeners come and go.
	var probes sync.WaitGroup
	for range 4 {
		probes.Go(func() {
			for range 20 {
				if err := f.probe(time.Minute); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		f.apply(Config{Address: udp}, Config{Address: tcp})
		f.apply(Config{Address: udp}, Config{Address: path})
	}
	probes.Wait()
	f.sendOne(udp)
	f.Stop()
	if err := f.probe(time.Minute); err != nil {
		t.Error(err)
	}
}

// The portable way of reading passes, too.
func TestProbeOneByOne(t *testing.T) {
	f := newFixture(t)
	s, err := openSocket(t.Context(), Config{Address: "udp://127.0.0.1:0"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := f.newDatagramReceivers(s)[0]
	conn := dialTo(t, "udp", s.bound.String())
	serve(t, r.receiveOneByOne)
	for i := range 10 {
		passed := r.pulse.probe()
		testutil.Eventually(t, "pulse", passed)
		say(t, conn, fanFailed)
		f.eventually("udp://127.0.0.1:0", i+1)
	}
}

// A loop that is stuck is noticed, and named, while the others pass.
func TestProbeNoticesWhatIsStuck(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFixture(t)
			good, stuck := free(t), scheme+"://127.0.0.1:0"
			feed := &stuckFeed{make(chan struct{}), make(chan struct{})}
			f.options.NewFeed = func(name, client string, stream bool) Feed {
				if name == stuck {
					return feed
				}
				return f.newFeed(name, client, stream)
			}
			f.apply(Config{Address: good}, Config{Address: stuck})
			if err := f.probe(time.Minute); err != nil {
				t.Error(err)
			}
			say(t, f.dial(stuck), fanFailedLine)
			<-feed.entered
			if err := f.probe(100 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "stuck: "+stuck) || strings.Contains(err.Error(), good) {
				t.Errorf("got %v", err)
			}
			close(feed.release)
			if err := f.probe(time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
}

// A log that nobody reads is noticed before a second rejected message waits for
// it.
func TestProbeNoticesAStuckLog(t *testing.T) {
	f := newFixture(t)
	address := free(t)
	f.listen(address)
	losses := f.running[address].receiver.(datagramReceivers)[0].losses
	losses.causes[0].mu.Lock()
	if err := f.probe(50 * time.Millisecond); err == nil {
		t.Error("the probe passed")
	}
	losses.causes[0].mu.Unlock()
	if err := f.probe(time.Minute); err != nil {
		t.Error(err)
	}
}
