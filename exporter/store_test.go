package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/bbolt"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	families "github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
	collectors "github.com/ftd-exporter/ftd_exporter/state"
)

// run is one life of an exporter with a state file.
type life struct {
	*fixture
	store *Store
	feed  *feed
	log   *syncBuffer
	stop  func() // Ends the life in order.
}

// begin starts a life on a directory.
func begin(t testing.TB, dir string) *life {
	t.Helper()
	l := prepare(t, dir)
	_ = l.store.Open()
	l.run()
	return l
}

// prepare makes a life that has not begun: its file is not open.
func prepare(t testing.TB, dir string) *life {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return epoch }
	state, err := collectors.New(c, families.All(), collectors.Options{Now: now, Persist: true})
	if err != nil {
		t.Fatal(err)
	}
	l := &life{fixture: &fixture{t, New(c, state, now)}, log: &syncBuffer{}}
	l.store = NewStore(dir, state, slog.New(slog.NewTextHandler(l.log, nil)))
	l.feed = l.newFeed(l.metrics.listener("x", false))
	return l
}

func (l *life) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.store.Run(ctx)
	}()
	l.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	l.t.Cleanup(l.stop)
}

// A syncBuffer is a buffer that may be written and read by two goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (l *life) say(lines ...string) {
	for _, line := range lines {
		l.feed.handle([]byte(line), peerAddr, syslog.OK)
	}
}

// metric returns the value of one of the store's metrics.
func (l *life) metric(name string) float64 {
	l.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(l.store); err != nil {
		l.t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "ftd_exporter_state_"+name {
			return f.Metric[0].GetGauge().GetValue() + f.Metric[0].GetCounter().GetValue()
		}
	}
	l.t.Fatalf("no metric %s", name)
	return 0
}

func (l *life) expect(what string, want map[string]float64) {
	l.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := l.metric(name); got != want[name] {
			l.t.Errorf("%s: %s is %g, want %g", what, name, got, want[name])
		}
	}
}

const (
	fanFailed = "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	fanWorks  = "fw1 : %FTD-1-735001: Cooling Fan 1: OK"
)

func TestStateOutlivesTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	first := begin(t, dir)
	first.say(fleetLog(t)...)
	want := first.devices()
	first.stop()

	second := begin(t, dir)
	if got := second.devices(); got != want {
		t.Error(firstDifference(got, want))
	}
	second.expect("second life", map[string]float64{"restore_successful": 1, "restored_series": float64(second.state.Stats().Series), "skipped_series": 0, "commit_failures_total": 0})
	second.say(fleetLog(t)...)
	want = second.devices()
	second.stop()
	if got := begin(t, dir).devices(); got != want {
		t.Error(firstDifference(got, want))
	}
}

// What a scrape has shown is in the file when the answer goes out.
func TestScrapeWaitsForTheFile(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	handler := l.scrapeHandler(l.store, defaultWebLimits())
	for i := range 20 {
		l.say([]string{fanFailed, fanWorks}[i%2])
		accept := []string{"text/plain", protobuf}[i/2%2]
		if w := scrape(handler, "GET", "/metrics", accept, ""); w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
		l.store.mu.Lock()
		committed := l.store.committed
		l.store.mu.Unlock()
		if version := l.state.Version(); committed < version {
			t.Fatalf("version %d of %d is stored", committed, version)
		}
	}
}

// Counters of ordinary messages too: one that a crash took back by a single
// message would be a reset to Prometheus, and count all over again.
func TestWhatAScrapeHasShownIsInTheFile(t *testing.T) {
	l := begin(t, t.TempDir())
	handler := l.scrapeHandler(l.store, defaultWebLimits())
	for i := range 20 {
		l.say("fw1 : %FTD-6-302013: Built")
		w := scrape(handler, "GET", "/metrics", "text/plain", "")
		shown := fmt.Sprintf("ftd_syslog_messages_total{device=\"fw1\",severity=\"6\"} %d\n", i+1)
		if !strings.Contains(w.Body.String(), shown) {
			t.Fatalf("not shown: %s", shown)
		}
		// What a crash would leave.
		left := t.TempDir()
		file, err := os.ReadFile(l.store.Path())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, storeFile), file, 0o600); err != nil {
			t.Fatal(err)
		}
		after := prepare(t, left)
		if err := after.store.Open(); err != nil {
			t.Fatal(err)
		}
		closeQuietly(after.store.db)
		if !strings.Contains(after.devices(), shown) {
			t.Fatalf("not in the file: %s", shown)
		}
	}
}

func TestAFloodOfChangesIsWrittenWithRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		state, err := collectors.New(f.catalog, families.All(), collectors.Options{Persist: true})
		if err != nil {
			t.Fatal(err)
		}
		e := New(f.catalog, state, nil)
		feed := e.newFeed(e.metrics.listener("x", false))
		say := func(fan string) {
			feed.handle([]byte("fw1 : %FTD-1-"+fan), peerAddr, syslog.OK)
		}
		store := NewStore(t.TempDir(), state, quiet)
		const write = 5 * time.Millisecond
		var writes atomic.Int64
		store.update = func(func(*bbolt.Tx) error) error {
			time.Sleep(write)
			writes.Add(1)
			return nil
		}
		ctx, stop := context.WithCancel(t.Context())
		go store.Run(ctx)
		time.Sleep(2 * maxRest)

		start := time.Now()
		say("735002: Cooling Fan 1: Failure Detected")
		synctest.Wait()
		time.Sleep(write)
		synctest.Wait()
		if n := writes.Load(); n != 1 {
			t.Errorf("a change after quiet was written %d times at once", n)
		}
		for range 3000 {
			say("735001: Cooling Fan 1: OK")
			say("735002: Cooling Fan 1: Failure Detected")
			time.Sleep(time.Millisecond)
		}
		n, most := writes.Load(), 1+int64(time.Since(start)/(write*restFactor))
		if n < 3 || n > most {
			t.Errorf("%d writes in %s, want 3 to %d", n, time.Since(start), most)
		}
		// A scrape does not wait for the end of the rest.
		say("735001: Cooling Fan 1: OK")
		start = time.Now()
		store.Wait(time.Minute)
		if d := time.Since(start); d > 2*write {
			t.Errorf("a scrape waited for %s", d)
		}
		stop()
		synctest.Wait()
		time.Sleep(write)
	})
}

func TestForgottenDevicesStayForgotten(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	l.say(fanFailed, strings.Replace(fanFailed, "fw1", "fw2", 1))
	l.store.Wait(10 * time.Second)
	l.state.Forget("fw1")
	l.store.Wait(10 * time.Second)
	l.stop()
	if got := begin(t, dir).devices(); strings.Contains(got, "fw1") || !strings.Contains(got, "fw2") {
		t.Error(got)
	}
}

// A file that will not get better is kept under another name.
func TestUnreadableFilesAreSetAside(t *testing.T) {
	good := func(t *testing.T) (path string) {
		dir := t.TempDir()
		l := begin(t, dir)
		l.say(fleetLog(t)...)
		l.stop()
		return l.store.Path()
	}
	overwrite := func(t *testing.T, path string, at, n int64) {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(n)), at); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name   string
		spoil  func(t *testing.T, path string)
		suffix string
	}{
		{"text", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("not a database\n"), 9999), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		{"cut in half", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()/2); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		{"cut to a page", func(t *testing.T, path string) {
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		{"head overwritten", func(t *testing.T, path string) { overwrite(t, path, 0, 8192) }, "damaged"},
		{"body overwritten", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, 8192, info.Size()-8192)
		}, "damaged"},
		{"later version", func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyVersion, []byte("2")) }); err != nil {
				t.Fatal(err)
			}
		}, "version2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := good(t)
			tc.spoil(t, path)
			l := begin(t, filepath.Dir(path))
			aside, err := filepath.Glob(path + "." + tc.suffix + "-*")
			if err != nil || len(aside) != 1 {
				t.Errorf("kept: %v, %v\n%s", aside, err, l.log)
			}
			if !strings.Contains(l.log.String(), "starting without the state of earlier runs") {
				t.Errorf("log: %s", l.log)
			}
			l.say(fanFailed)
			l.store.Wait(10 * time.Second)
			l.expect("after it", map[string]float64{"restore_successful": 0, "commit_failures_total": 0})
			want := l.devices()
			l.stop()
			next := begin(t, filepath.Dir(path))
			if got := next.devices(); got != want {
				t.Error(firstDifference(got, want))
			}
			next.expect("next life", map[string]float64{"restore_successful": 1})
		})
	}
}

// An empty file is what a crash at the very first start leaves.
func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, storeFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	begin(t, dir).expect("empty file", map[string]float64{"restore_successful": 1, "restored_series": 0})
}

// While another process has the file, metrics flow; when it lets go, the state
// of the file joins what has come in.
func TestLockedFile(t *testing.T) {
	dir := t.TempDir()
	old := begin(t, dir)
	old.say(fanFailed)

	l := prepare(t, dir)
	if err := l.store.Open(); err == nil || err.Error() != "another process has locked it" {
		t.Fatal(err)
	}
	l.expect("locked", map[string]float64{"restore_successful": 0})
	l.say(strings.Replace(fanFailed, "fw1", "fw2", 1), fanWorks)
	l.store.Wait(time.Hour) // Does not wait for what cannot come.
	if got := l.devices(); !strings.Contains(got, `ftd_component_ok{component="fan",device="fw2",unit="1"} 0`) {
		t.Error("metrics stand still")
	}
	old.stop()
	if err := l.store.Open(); err != nil {
		t.Fatal(err)
	}
	l.run()
	for _, want := range []string{
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 1`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 1`,
		`ftd_component_ok{component="fan",device="fw2",unit="1"} 0`,
	} {
		if got := l.devices(); !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if n := strings.Count(l.log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors logged:\n%s", n, l.log)
	}
}

func TestUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := begin(t, filepath.Join(file, "below"))
	l.say(fanFailed)
	l.store.Wait(time.Hour)
	l.expect("no directory", map[string]float64{"restore_successful": 0, "commits_total": 0})
	if got := l.devices(); !strings.Contains(got, "ftd_component_ok") {
		t.Error("metrics stand still")
	}
	if !strings.Contains(l.log.String(), "keeping state in memory and trying again") {
		t.Errorf("log: %s", l.log)
	}
}

// A full disk costs durability, not metrics, is logged once, and heals.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	l := prepare(t, dir)
	if err := l.store.Open(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	full := true
	update := l.store.update
	l.store.update = func(f func(*bbolt.Tx) error) error {
		mu.Lock()
		defer mu.Unlock()
		if full {
			return &os.PathError{Op: "write", Path: l.store.Path(), Err: syscall.ENOSPC}
		}
		return update(f)
	}
	l.run()
	for i := range 5 {
		l.say([]string{fanFailed, fanWorks}[i%2])
		eventually(t, "a failed write", func() bool { return l.metric("commit_failures_total") > float64(i) })
	}
	if got := l.devices(); !strings.Contains(got, `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`) {
		t.Error("metrics stand still")
	}
	if n := strings.Count(l.log.String(), "no space left on device"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, l.log)
	}
	mu.Lock()
	full = false
	mu.Unlock()
	l.say(fanWorks)
	eventually(t, "a write", func() bool { return l.metric("commits_total") > 0 })
	want := l.devices()
	l.stop()
	if !strings.Contains(l.log.String(), "works again") {
		t.Errorf("log: %s", l.log)
	}
	if got := begin(t, dir).devices(); got != want {
		t.Error(firstDifference(got, want))
	}
}

// A disk that hangs delays a scrape by its limit and blocks no message.
func TestHungDisk(t *testing.T) {
	l := prepare(t, t.TempDir())
	if err := l.store.Open(); err != nil {
		t.Fatal(err)
	}
	hung, writing := make(chan struct{}), make(chan struct{}, 100)
	update := l.store.update
	l.store.update = func(f func(*bbolt.Tx) error) error {
		writing <- struct{}{}
		<-hung
		return update(f)
	}
	l.run()
	l.say(fanFailed)
	<-writing
	for i := range 1000 {
		l.say([]string{fanFailed, fanWorks}[i%2])
	}
	l.store.Wait(time.Millisecond)
	if got := l.devices(); !strings.Contains(got, `ftd_messages_total{device="fw1",message_id="735002"} 501`) {
		t.Errorf("messages are lost:\n%s", got)
	}
	close(hung)
	l.store.Wait(10 * time.Second)
	l.expect("after it", map[string]float64{"commit_failures_total": 0})
}

// A file of another version has series that this one does not know.
func TestUnknownSeriesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	l.say(fanFailed)
	l.stop()
	change := func(f func(b *bbolt.Bucket) error) {
		t.Helper()
		db, err := bbolt.Open(l.store.Path(), 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Update(func(tx *bbolt.Tx) error { return f(tx.Bucket(bucketDevices).Bucket([]byte("fw1"))) }); err != nil {
			t.Fatal(err)
		}
	}
	key := []byte("ftd_fan_colour\xffred\xff")
	change(func(b *bbolt.Bucket) error { return b.Put(key, make([]byte, recordSize)) })
	next := begin(t, dir)
	next.expect("unknown series", map[string]float64{"skipped_series": 1, "restore_successful": 1})
	next.say(fanWorks)
	next.stop()
	change(func(b *bbolt.Bucket) error {
		if b.Get(key) == nil {
			return errors.New("the unknown series is gone")
		}
		return nil
	})
}

// fixtureStateFile was written by the first version that kept state. It must
// be readable for ever.
const fixtureStateFile = "testdata/state-v1.db"

func TestFirstVersionOfTheFile(t *testing.T) {
	content, err := os.ReadFile(fixtureStateFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, storeFile), content, 0o600); err != nil {
		t.Fatal(err)
	}
	l := begin(t, dir)
	l.expect("first version", map[string]float64{"restore_successful": 1, "skipped_series": 0})
	for _, want := range []string{
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
		`ftd_temperature_state{component="cpu",device="fw1",state="warm",unit="1"} 1`,
		`ftd_temperature_celsius{component="cpu",device="fw1",unit="1"} 78`,
		`ftd_syslog_messages_total{device="192.0.2.1",severity="6"} 1`,
		`ftd_message_info{family="environment",message_id="735002",severity="1",summary="Cooling fan failed"} 1`,
	} {
		if got := l.devices(); !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestStateFileCommands(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadStateFile(dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	l := begin(t, dir)
	l.say(fanFailed)
	l.store.Wait(10 * time.Second)
	if err := ForgetInStateFile(dir, "fw1"); err == nil || !strings.Contains(err.Error(), "is in use; stop the exporter first") {
		t.Errorf("in use: %v", err)
	}
	want := l.devices()
	l.stop()
	copied := newFixture(t)
	if skipped, err := LoadStateFile(dir, copied.state); err != nil || skipped != 0 {
		t.Errorf("%d skipped, %v", skipped, err)
	}
	if got := copied.devices(); got != want {
		t.Error(firstDifference(got, want))
	}
	if err := ForgetInStateFile(dir, "fw9"); err == nil || !strings.Contains(err.Error(), `has no device "fw9"`) {
		t.Errorf("unknown device: %v", err)
	}
	if err := ForgetInStateFile(dir, "fw1"); err != nil {
		t.Error(err)
	}
	if got := begin(t, dir).state.Stats().Devices; got != 0 {
		t.Errorf("%d devices left", got)
	}
}

// BenchmarkStore writes and reads 10,000 devices with 50 series each.
func BenchmarkStore(b *testing.B) {
	dir := b.TempDir()
	l := prepare(b, dir)
	if err := l.store.Open(); err != nil {
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
	l.store.commit(l.state.TakeChanges)
	write := time.Since(start)
	closeQuietly(l.store.db)
	info, err := os.Stat(l.store.Path())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		again := prepare(b, dir)
		b.StartTimer()
		if err := again.store.Open(); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		closeQuietly(again.store.db)
		b.StartTimer()
	}
	b.ReportMetric(write.Seconds(), "s/first-write")
	b.ReportMetric(float64(l.state.Stats().Series), "series")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// BenchmarkCommit writes what 200 devices have changed again, as happens many
// times a minute when they are busy.
func BenchmarkCommit(b *testing.B) {
	l := prepare(b, b.TempDir())
	if err := l.store.Open(); err != nil {
		b.Fatal(err)
	}
	defer func() { closeQuietly(l.store.db) }()
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
	l.store.commit(l.state.TakeChanges)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		say()
		b.StartTimer()
		l.store.commit(l.state.TakeChanges)
	}
	b.ReportMetric(float64(l.state.Stats().Series), "series")
}
