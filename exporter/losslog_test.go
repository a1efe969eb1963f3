package exporter

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// logged is a log for tests.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// lines returns what has been logged since the last call, without times.
func (l *logged) lines() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return l.buf.String()
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestLossLogWritesOneLineForEachCauseAndMinute(t *testing.T) {
	const tooLong, noTag = lossCause(syslog.TooLong), lossCause(syslog.NoTag)
	first, second := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2")
	synctest.Test(t, func(t *testing.T) {
		var log logged
		l := newLossLog(log.logger())
		l.remedy = "a larger buffer"
		for _, step := range []struct {
			name string
			do   func()
			want string
		}{
			{
				"the first loss is told at once", func() { l.note(tooLong, first, []byte("a")) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 peer=192.0.2.1 example=a\n",
			},
			{"the next ones are not", func() {
				for range 1000 {
					l.note(tooLong, second, []byte("b"))
				}
				time.Sleep(lossInterval - 1)
			}, ""},
			{
				"nor does another cause wait for them", func() { l.note(noTag, netip.Addr{}, []byte("c")) },
				"level=WARN msg=\"Rejected messages\" reason=no_tag count=1 peer=local example=c\n",
			},
			{
				"they come together when the minute is over", func() { time.Sleep(time.Nanosecond) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1000 peer=192.0.2.2 example=b\n",
			},
			{"and the next minute begins", func() {
				l.note(tooLong, second, []byte("d"))
				time.Sleep(lossInterval - 1)
			}, ""},
			{
				"with a line of its own", func() { time.Sleep(time.Nanosecond) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 peer=192.0.2.2 example=d\n",
			},
			{"where nothing is lost nothing is said", func() { time.Sleep(10 * lossInterval) }, ""},
			{
				"and then the next loss is told at once again", func() { l.note(tooLong, first, nil) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 peer=192.0.2.1 example=\"\"\n",
			},
			{
				"what the kernel drops comes with a remedy", func() { l.add(lossKernel, 7, netip.Addr{}, nil) },
				"level=WARN msg=\"The kernel dropped datagrams because the receive buffer was full\" count=7 remedy=\"a larger buffer\"\n",
			},
			{
				"and what it cannot hand over with its error", func() { l.note(lossReceive, netip.Addr{}, []byte("no memory")) },
				"level=WARN msg=\"Receiving failed; trying again\" count=1 err=\"no memory\"\n",
			},
			{"hostile bytes do not reach the log", func() {
				l.note(lossCause(syslog.NotAllowed), first, []byte("\x1b[2J\n\"level=ERROR\xff\u202e"))
			}, "level=WARN msg=\"Rejected messages\" reason=not_allowed count=1 peer=192.0.2.1 example=\"\\\\x1b[2J\\\\n\\\\\\\"level=ERROR\\\\xff\\\\u202e\"\n"},
			{"and of a long message the beginning is enough", func() {
				l.note(lossCause(syslog.BadFrame), first, bytes.Repeat([]byte("x"), 65507))
			}, "level=WARN msg=\"Rejected messages\" reason=bad_frame count=1 peer=192.0.2.1 example=" + strings.Repeat("x", exampleLength) + "...\n"},
			{"at the end the rest is told", func() {
				l.note(tooLong, first, []byte("e"))
				l.close()
			}, "level=WARN msg=\"Rejected messages\" reason=too_long count=1 peer=192.0.2.1 example=e\n"},
			{"and nothing after it", func() {
				l.note(tooLong, first, []byte("f"))
				time.Sleep(10 * lossInterval)
				l.close()
			}, ""},
		} {
			step.do()
			synctest.Wait()
			if got := log.lines(); got != step.want {
				t.Errorf("%s:\ngot  %swant %s", step.name, got, step.want)
			}
		}
	})
}

// However many tell of losses, the counts of the lines add up.
func TestLossLogCountsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		l := newLossLog(log.logger())
		var noting sync.WaitGroup
		for range 8 {
			noting.Go(func() {
				for i := range 1000 {
					l.note(lossCause(syslog.NoTag), peerAddr, []byte("x"))
					if i%100 == 0 {
						time.Sleep(lossInterval / 3)
					}
				}
			})
		}
		noting.Wait()
		l.close()
		sum, lines := 0, 0
		for line := range strings.Lines(log.lines()) {
			lines++
			var n int
			if _, err := fmt.Sscanf(line[strings.Index(line, "count="):], "count=%d", &n); err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if sum != 8000 || lines > 6 {
			t.Errorf("%d losses in %d lines, want 8000 in 3 minutes", sum, lines)
		}
	})
}

func TestLossLogDoesNotAllocate(t *testing.T) {
	l := newLossLog(quiet)
	defer l.close()
	message := []byte("nothing of Cisco's")
	l.note(lossCause(syslog.NoTag), peerAddr, message) // Writes.
	if n := testing.AllocsPerRun(100, func() { l.note(lossCause(syslog.NoTag), peerAddr, message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What a listener rejects is in the log.
func TestRejectedMessagesAreLogged(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		f := newFixture(t)
		var log logged
		l, stop := f.listenWith(scheme+"://127.0.0.1:0", log.logger())
		conn := f.dial(l)
		for range 3 {
			if _, err := conn.Write([]byte("<161>fw1 : nothing\n")); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "frames", func() bool { return f.frames(l.Name()) == 3 })
		stop()
		one := `level=WARN msg="Rejected messages" listener=` + l.Name() + ` reason=no_tag count=%d peer=127.0.0.1 example="<161>fw1 : nothing`
		got := log.lines()
		if strings.Count(got, "reason=no_tag") != 2 || !strings.Contains(got, strings.ReplaceAll(one, "%d", "1")) || !strings.Contains(got, strings.ReplaceAll(one, "%d", "2")) {
			t.Errorf("%s: got\n%s", scheme, got)
		}
	}
}
