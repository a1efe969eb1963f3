package listener

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

func TestLossLogWritesOneLineForEachCauseAndMinute(t *testing.T) {
	const tooLong, noTag = lossCause(syslog.TooLong), lossCause(syslog.NoTag)
	first, second := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2")
	synctest.Test(t, func(t *testing.T) {
		var log logged
		l := newLossLog(log.logger(), 1)
		l.remedy = "a larger buffer"
		for _, step := range []struct {
			name string
			do   func()
			want string
		}{
			{
				"the first loss is logged at once", func() { l.note(tooLong, first, []byte("a")) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 sender=192.0.2.1 example=a meaning=\"each is longer than 8 KiB\"\n",
			},
			{"the next ones are not", func() {
				for range 1000 {
					l.note(tooLong, second, []byte("b"))
				}
				time.Sleep(lossInterval - 1)
			}, ""},
			{
				"another cause does not wait for them", func() { l.note(noTag, netip.Addr{}, []byte("c")) },
				"level=WARN msg=\"Rejected messages\" reason=no_tag count=1 sender=local example=c meaning=\"each does not have a tag such as %FTD-1-735004:, so it is not a message of a firewall\"\n",
			},
			{
				"they come together when the minute is over", func() { time.Sleep(time.Nanosecond) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1000 sender=192.0.2.2 example=b meaning=\"each is longer than 8 KiB\"\n",
			},
			{"and the next minute begins", func() {
				l.note(tooLong, second, []byte("d"))
				time.Sleep(lossInterval - 1)
			}, ""},
			{
				"with a line of its own", func() { time.Sleep(time.Nanosecond) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 sender=192.0.2.2 example=d meaning=\"each is longer than 8 KiB\"\n",
			},
			{"where nothing is lost nothing is logged", func() { time.Sleep(10 * lossInterval) }, ""},
			{
				"and then the next loss is logged at once again", func() { l.note(tooLong, first, nil) },
				"level=WARN msg=\"Rejected messages\" reason=too_long count=1 sender=192.0.2.1 example=\"\" meaning=\"each is longer than 8 KiB\"\n",
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
			}, "level=WARN msg=\"Rejected messages\" reason=not_allowed count=1 sender=192.0.2.1 example=\"\\\\x1b[2J\\\\n\\\\\\\"level=ERROR\\\\xff\\\\u202e\" meaning=\"each comes from a sender that may not send or is unknown\"\n"},
			{"of a long message the beginning is enough", func() {
				l.note(lossCause(syslog.BadFrame), first, bytes.Repeat([]byte("x"), 65507))
			}, "level=WARN msg=\"Rejected messages\" reason=bad_frame count=1 sender=192.0.2.1 example=" + strings.Repeat("x", exampleLength) + "... meaning=\"each begins with a number that is not its length\"\n"},
			{"at the end the rest is logged", func() {
				l.note(tooLong, first, []byte("e"))
				l.close()
			}, "level=WARN msg=\"Rejected messages\" reason=too_long count=1 sender=192.0.2.1 example=e meaning=\"each is longer than 8 KiB\"\n"},
			{"and nothing after it", func() {
				l.note(tooLong, first, []byte("f"))
				time.Sleep(10 * lossInterval)
				l.close()
			}, ""},
		} {
			before := len(log.String())
			step.do()
			synctest.Wait()
			if got := log.String()[before:]; got != step.want {
				t.Errorf("%s:\ngot  %swant %s", step.name, got, step.want)
			}
		}
	})
}

// However many goroutines note losses, the counts of the lines add up.
func TestLossLogCountsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		l := newLossLog(log.logger(), 1)
		var noting sync.WaitGroup
		for range 8 {
			noting.Go(func() {
				for i := range 1000 {
					l.note(lossCause(syslog.NoTag), netip.IPv6Loopback(), []byte("x"))
					if i%100 == 0 {
						time.Sleep(lossInterval / 3)
					}
				}
			})
		}
		noting.Wait()
		l.close()
		sum, lines := 0, 0
		for line := range strings.Lines(log.String()) {
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
	l := newLossLog(slog.New(slog.DiscardHandler), 1)
	defer l.close()
	message := []byte("nothing of Cisco's")
	note := func() { l.note(lossCause(syslog.NoTag), netip.IPv6Loopback(), message) }
	note() // Writes.
	if n := testing.AllocsPerRun(100, note); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What the feed rejects is in the log, and all of it when the listener stops.
func TestRejectedMessagesAreLogged(t *testing.T) {
	for _, scheme := range []string{"udp", "tcp"} {
		f := newFixture(t)
		address := scheme + "://127.0.0.1:0"
		f.listen(address)
		conn := f.dial(address)
		for range 3 {
			say(t, conn, "<161>fw1 : nothing\n")
		}
		f.eventually(address, 3)
		f.apply()
		one := `level=WARN msg="Rejected messages" listener=` + address + ` reason=no_tag count=%d sender=127.0.0.1 example="<161>fw1 : nothing`
		if f.log.count("reason=no_tag") != 2 || f.log.count(fmt.Sprintf(one, 1)) != 1 || f.log.count(fmt.Sprintf(one, 2)) != 1 {
			t.Errorf("%s: got\n%s", scheme, f.log)
		}
	}
}
