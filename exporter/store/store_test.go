package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/collectors"
	"github.com/ftd-exporter/ftd_exporter/exporter/store"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fileName is the name of the file in its directory, by which users know it.
const fileName = "state.db"

// epoch is the time in all tests. It is not before what is in testdata.
var epoch = time.Unix(1_795_839_763, 0).UTC()

// A feeder has a table and a clock that stands still.
type feeder struct {
	t       testing.TB
	catalog *catalog.Catalog
	table   *state.Table
}

func newFeeder(t testing.TB) *feeder {
	t.Helper()
	c, err := catalog.Compile(catalog.Messages())
	if err != nil {
		t.Fatal(err)
	}
	table, err := state.New(c, collectors.All(), state.Options{Now: func() time.Time { return epoch }, Persist: true})
	if err != nil {
		t.Fatal(err)
	}
	return &feeder{t, c, table}
}

var syslogLine = regexp.MustCompile(`([\w.]\S*?)[ :-]*%\S+?-(\d)-(\d+): (.*)`)

// say applies messages to the table. The word before the tag is the device;
// lines without a tag do nothing.
func (f *feeder) say(lines ...string) {
	for _, line := range lines {
		part := syslogLine.FindStringSubmatch(line)
		if part == nil {
			continue
		}
		severity, _ := strconv.ParseUint(part[2], 10, 8)
		id, _ := strconv.ParseUint(part[3], 10, 32)
		text := []byte(part[4])
		o := state.Observation{Device: []byte(part[1]), Severity: uint8(severity), Time: epoch, Text: text}
		var m catalog.Message
		if f.catalog.Match(catalog.ID(id), text, &m) == catalog.Matched {
			o.Message = &m
		}
		f.table.Update(&o)
	}
}

// exposition returns what a table shows, in an order that does not depend on its
// history.
func exposition(t testing.TB, table *state.Table) string {
	t.Helper()
	var b strings.Builder
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.Sorted(strings.Lines(b.String())), "")
}

// A life is one run of an exporter with a state file.
type life struct {
	*feeder
	store *store.Store
	log   *testutil.Buffer
	stop  func() // Ends the life in order.
	ended error  // What Run has returned.
}

// prepare returns a life that has not begun: its file is not open.
func prepare(t testing.TB, dir string) *life {
	t.Helper()
	l := &life{feeder: newFeeder(t), log: &testutil.Buffer{}}
	l.store = store.New(dir, l.table, newLogger(l.log))
	return l
}

func newLogger(log *testutil.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(log, nil)) }

// begin starts a life on a directory, whether its file can be used or not.
func begin(t testing.TB, dir string) *life {
	t.Helper()
	l := prepare(t, dir)
	_ = l.store.Open(context.Background())
	l.run()
	return l
}

func (l *life) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.ended = l.store.Run(ctx)
	}()
	l.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	l.t.Cleanup(l.stop)
}

func (l *life) devices() string {
	l.t.Helper()
	return exposition(l.t, l.table)
}

// path returns the name of the life's file.
func (l *life) path() string { return l.store.Status().Path }

// expect compares some of the store's metrics.
func (l *life) expect(what string, want map[string]float64) {
	l.t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := l.store.Register(reg); err != nil {
		l.t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		l.t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		got[f.GetName()] = f.Metric[0].GetGauge().GetValue() + f.Metric[0].GetCounter().GetValue()
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got["ftd_exporter_state_"+name]; !ok || value != want[name] {
			l.t.Errorf("%s: %s is %g (%t), want %g", what, name, value, ok, want[name])
		}
	}
}

const (
	fanFailed = "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	fanWorks  = "fw1 : %FTD-1-735001: Cooling Fan 1: OK"
)

// fanAlternates returns fanFailed and fanWorks in turns.
func fanAlternates(i int) string { return []string{fanFailed, fanWorks}[i%2] }

func fleetLog(t testing.TB) []string {
	t.Helper()
	log, err := os.ReadFile("../../examples/fleet.log")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
}

func TestStateOutlivesTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	first := begin(t, dir)
	first.say(fleetLog(t)...)
	want := first.devices()
	if first.table.Stats().Series < 100 {
		t.Fatalf("only %d series", first.table.Stats().Series)
	}
	first.stop()

	second := begin(t, dir)
	if got := second.devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
	second.expect("second life", map[string]float64{
		"restore_successful": 1, "restored_series": float64(second.table.Stats().Series), "skipped_series": 0, "commit_failures_total": 0,
	})
	second.say(fleetLog(t)...)
	want = second.devices()
	second.stop()
	if got := begin(t, dir).devices(); got != want {
		t.Error(testutil.FirstDifference(got, want))
	}
}

// What the table shows when Wait is called is in the file when it returns,
// counters of ordinary messages too: one that a crash took back by a single
// message would be a reset to Prometheus, and count all over again.
func TestWhatAScrapeHasShownIsInTheFile(t *testing.T) {
	l := begin(t, t.TempDir())
	for i := range 20 {
		l.say(fanAlternates(i), "fw1 : %FTD-6-302013: Built")
		shown := fmt.Sprintf("ftd_syslog_messages_total{device=\"fw1\",severity=\"6\"} %d\n", i+1)
		want := l.devices()
		if !strings.Contains(want, shown) {
			t.Fatalf("not shown: %s", shown)
		}
		l.store.WaitStored(time.Minute)
		if got := leftByACrash(t, l).devices(); got != want {
			t.Fatalf("not in the file: %s", testutil.FirstDifference(got, want))
		}
	}
}

// leftByACrash returns the life that would follow if l ended now by a crash. It
// does not run.
func leftByACrash(t *testing.T, l *life) *life {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, l.path(), dir)
	after := prepare(t, dir)
	if err := after.store.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	store.Close(after.store)
	return after
}

// A slowDatabase takes its time for a write and keeps nothing.
type slowDatabase struct {
	store.Database
	write  time.Duration
	writes atomic.Int64
}

func (d *slowDatabase) Update(func(*bbolt.Tx) error) error {
	time.Sleep(d.write)
	d.writes.Add(1)
	return nil
}

func (*slowDatabase) Close() error { return nil }

func TestAFloodOfChangesIsWrittenWithPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := prepare(t, t.TempDir())
		db := &slowDatabase{write: 5 * time.Millisecond}
		store.SetDatabase(l.store, func(store.Database) store.Database { return db })
		ctx, stop := context.WithCancel(t.Context())
		go l.store.Run(ctx)
		time.Sleep(2 * store.MaxPause)

		start := time.Now()
		l.say(fanFailed)
		synctest.Wait()
		time.Sleep(db.write)
		synctest.Wait()
		if n := db.writes.Load(); n != 1 {
			t.Errorf("a change after quiet was written %d times at once", n)
		}
		for range 3000 {
			l.say(fanWorks, fanFailed)
			time.Sleep(time.Millisecond)
		}
		n, most := db.writes.Load(), 1+int64(time.Since(start)/(db.write*store.PauseFactor))
		if n < 3 || n > most {
			t.Errorf("%d writes in %s, want 3 to %d", n, time.Since(start), most)
		}
		// A scrape does not wait for the end of the pause.
		l.say(fanWorks)
		start = time.Now()
		l.store.WaitStored(time.Minute)
		if d := time.Since(start); d > 2*db.write {
			t.Errorf("a scrape waited for %s", d)
		}
		stop()
		synctest.Wait()
		time.Sleep(db.write)
	})
}

func TestForgottenDevicesStayForgotten(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	l.say(fanFailed, strings.Replace(fanFailed, "fw1", "fw2", 1))
	l.store.WaitStored(time.Minute)
	l.table.Forget("fw1")
	l.store.WaitStored(time.Minute)
	l.stop()
	if got := begin(t, dir).devices(); strings.Contains(got, "fw1") || !strings.Contains(got, "fw2") {
		t.Error(got)
	}
}

// A status covers the whole life of a store.
func TestStatus(t *testing.T) {
	dir := t.TempDir()
	l := prepare(t, dir)
	want := store.Status{Path: filepath.Join(dir, fileName)}
	if got := l.store.Status(); got != want {
		t.Errorf("new: %+v", got)
	}
	if err := l.store.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	want.RestoreSuccessful, want.FileBytes = true, fileSize(t, want.Path)
	if got := l.store.Status(); got != want {
		t.Errorf("open: %+v", got)
	}
	start := time.Now()
	l.run()
	l.say(fanFailed)
	l.store.WaitStored(time.Minute)
	got := l.store.Status()
	if got.Commits == 0 || got.LastCommit.Before(start) || got.LastCommit.After(time.Now()) {
		t.Errorf("written: %+v", got)
	}
	if got.Degraded || !got.DegradedSince.IsZero() || got.LastError != "" || got.Failures != 0 {
		t.Errorf("written: %+v", got)
	}
	l.stop()
	next := begin(t, dir)
	if got, series := next.store.Status(), next.table.Stats().Series; got.Restored != series || got.Skipped != 0 {
		t.Errorf("restored %d of %d, skipped %d", got.Restored, series, got.Skipped)
	}
}

// edit changes the series of a device in a file that is not in use.
func edit(t *testing.T, path, device string, f func(b *bbolt.Bucket) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { return f(tx.Bucket([]byte("devices")).Bucket([]byte(device))) }); err != nil {
		t.Fatal(err)
	}
}

// A file of another version has series that this one does not know.
func TestUnknownSeriesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	l := begin(t, dir)
	l.say(fanFailed)
	l.stop()
	key := []byte("ftd_fan_color\xffred\xff")
	edit(t, l.path(), "fw1", func(b *bbolt.Bucket) error { return b.Put(key, make([]byte, 24)) })
	next := begin(t, dir)
	next.expect("unknown series", map[string]float64{"skipped_series": 1, "restore_successful": 1})
	next.say(fanWorks)
	next.stop()
	edit(t, l.path(), "fw1", func(b *bbolt.Bucket) error {
		if b.Get(key) == nil {
			return errors.New("the unknown series is gone")
		}
		return nil
	})
}

// restored returns what the file at path restores.
func restored(t *testing.T, path string) *life {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, path, dir)
	return begin(t, dir)
}

// shows fails the test unless the table shows samples.
func (l *life) shows(samples ...string) {
	l.t.Helper()
	got := slices.Collect(strings.Lines(l.devices()))
	for _, want := range samples {
		if !slices.Contains(got, want+"\n") {
			name, _, _ := strings.Cut(want, "{")
			others := slices.DeleteFunc(slices.Clone(got), func(line string) bool { return !strings.HasPrefix(line, name+"{") })
			l.t.Errorf("no %s, but\n%s", want, strings.Join(others, ""))
		}
	}
}

// The file was written by the first version that kept state. It must be readable
// for ever.
func TestFirstVersionOfTheFile(t *testing.T) {
	l := restored(t, "testdata/state-v1.db")
	l.expect("first version", map[string]float64{"restore_successful": 1, "skipped_series": 0})
	l.shows(
		`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`,
		`ftd_component_failures_total{component="fan",device="fw1",unit="1"} 2`,
		`ftd_temperature_state{component="cpu",device="fw1",state="warm",unit="1"} 1`,
		`ftd_temperature_celsius{component="cpu",device="fw1",unit="1"} 78`,
		`ftd_syslog_messages_total{device="192.0.2.1",severity="6"} 1`,
		`ftd_message_info{family="environment",message_id="735002",severity="1",summary="Cooling fan failed"} 1`,
	)
}

// renamed has what metrics and labels were called by the versions that wrote
// before-renames.db, and what they are called now.
var renamed = strings.NewReplacer(
	"ftd_thermal_shutdown_boots_total{", "ftd_boots_after_thermal_shutdown_total{",
	"ftd_threat_detection_events{", "ftd_threat_detection_cumulative_events{",
	`,rate="`, `,rate_id="`,
	`ftd_component_state_changed_timestamp_seconds{component="chassis"`, `ftd_temperature_state_changed_timestamp_seconds{component="chassis"`,
	`ftd_component_state_changed_timestamp_seconds{component="cpu"`, `ftd_temperature_state_changed_timestamp_seconds{component="cpu"`,
	`ftd_component_state_changed_timestamp_seconds{component="io_hub"`, `ftd_temperature_state_changed_timestamp_seconds{component="io_hub"`,
)

// The file was written before metrics were renamed. It must be readable for
// ever, under the new names. An exporter of that time was fed with
// before-renames.log, so that it has every metric that there was, and its
// command "state dump" wrote before-renames.prom.
func TestSeriesOfOldNamesAreRestoredUnderTheNewOnes(t *testing.T) {
	old, err := os.ReadFile("testdata/before-renames.prom")
	if err != nil {
		t.Fatal(err)
	}
	l := restored(t, "testdata/before-renames.db")
	l.expect("old names", map[string]float64{"restore_successful": 1, "skipped_series": 0})
	l.shows(strings.Split(strings.TrimSuffix(renamed.Replace(string(old)), "\n"), "\n")...)
	// A supply and its temperature shared this time.
	l.shows(`ftd_temperature_state_changed_timestamp_seconds{component="power_supply",device="fw1",unit="1"} 1.7958397621106205e+09`)
	// They are written under the new names, and the old ones are not there any
	// more to be added once again.
	values := l.devices()
	l.stop()
	next := begin(t, filepath.Dir(l.path()))
	if got := next.devices(); got != values {
		t.Error(testutil.FirstDifference(got, values))
	}
	next.say(`fw1 : %FTD-2-735023: ASA was previously shutdown due to the CPU complex running beyond the maximum thermal operating temperature. The chassis needs to be inspected immediately for ventilation issues.`)
	next.shows(`ftd_boots_after_thermal_shutdown_total{component="cpu",device="fw1"} 4`)
	next.stop()
	last := begin(t, filepath.Dir(l.path()))
	last.shows(`ftd_boots_after_thermal_shutdown_total{component="cpu",device="fw1"} 4`)
}
