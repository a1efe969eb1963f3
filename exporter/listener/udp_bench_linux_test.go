package listener

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// BenchmarkUDP is the way of a datagram from the kernel to the feed, with the
// system calls. Its unit is that of the CPU time, user and system, that this
// process takes for a million messages; another process sends them. The time of
// an operation is the sender's.
func BenchmarkUDP(b *testing.B) {
	for _, rate := range []int{1_000, 10_000, 200_000, 0} {
		for _, reader := range []struct {
			name  string
			serve func(r *datagramReceiver, ctx context.Context) error
		}{
			{"coalesced", (*datagramReceiver).serve},
			{"batches", func(r *datagramReceiver, ctx context.Context) error {
				r.maxPause = 0
				return r.serve(ctx)
			}},
			{"portable", (*datagramReceiver).receiveOneByOne},
		} {
			name := fmt.Sprintf("rate=%d/%s", rate, reader.name)
			if rate == 0 {
				name = "flat-out/" + reader.name
			}
			b.Run(name, func(b *testing.B) {
				f, feed := counting(b)
				r := f.receiver("udp://127.0.0.1:0")
				dropped := func() int {
					n, _ := f.metric("ftd_exporter_syslog_dropped_total", "udp://127.0.0.1:0")
					return int(n)
				}
				send := startSender(b, r.conn.LocalAddr().String(), rate, b.N)
				stop := serve(b, func(ctx context.Context) error { return reader.serve(r, ctx) })
				b.ResetTimer()
				before := cpuSeconds(b)
				send()
				testutil.Eventually(b, "all datagrams", func() bool { return int(feed.frames.Load())+dropped() == b.N })
				b.StopTimer()
				used := cpuSeconds(b) - before
				stop()
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(used*1e6/float64(feed.frames.Load()), "cpu-s/1M")
				b.ReportMetric(float64(dropped())*1e6/float64(b.N), "lost/1M")
			})
		}
	}
}

func cpuSeconds(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

const senderVariable = "FTD_EXPORTER_TEST_SENDER"

// startSender starts another process that sends count datagrams when send is
// called, which waits until it has: rate in a second, or as fast as it can.
func startSender(b *testing.B, address string, rate, count int) (send func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", senderVariable, address, rate, count))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	answers := bufio.NewReader(stdout)
	if _, err := answers.ReadString('\n'); err != nil { // It is ready.
		b.Fatal(err)
	}
	return func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

// sendDatagrams is the other process, if this is it.
func sendDatagrams() bool {
	task := strings.Fields(os.Getenv(senderVariable))
	if len(task) != 3 {
		return false
	}
	rate, _ := strconv.Atoi(task[1])
	count, _ := strconv.Atoi(task[2])
	if err := send(task[0], rate, count); err != nil {
		fmt.Fprintln(os.Stderr, "sender:", err)
		os.Exit(1)
	}
	return true
}

func send(address string, rate, count int) error {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	raw, err := conn.(*net.UDPConn).SyscallConn()
	if err != nil {
		return err
	}
	const batch = 64
	var messages [batch]unix.Mmsghdr
	for i := range messages {
		text := fmt.Appendf(nil, "<166>2026-03-17T12:00:00Z fw%d : %%FTD-6-302013: Built inbound TCP connection 154498453 for outside:192.0.2.131/5248 (192.0.2.131/5248) to inside:10.1.2.3/443 (10.1.2.3/443)", i)
		if i%10 == 0 {
			text = fmt.Appendf(nil, "<161>2026-03-17T12:00:00Z fw%d : %%FTD-1-735001: Cooling Fan 1: OK", i)
		}
		vector := &unix.Iovec{Base: unsafe.SliceData(text)}
		vector.SetLen(len(text))
		messages[i].Hdr.Iov = vector
		messages[i].Hdr.SetIovlen(1)
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	start := time.Now()
	for sent := 0; sent < count; {
		due := count
		if rate > 0 {
			// Who was kept from sending does not make up for it in a burst.
			if late := time.Since(start) - time.Duration(sent)*time.Second/time.Duration(rate); late > time.Millisecond {
				start = start.Add(late - time.Millisecond)
			}
			due = min(count, int(time.Since(start).Seconds()*float64(rate))+1)
		}
		if due == sent {
			time.Sleep(min(200*time.Microsecond, time.Second/time.Duration(2*rate)))
			continue
		}
		n := min(batch, due-sent)
		var done uintptr
		var errno syscall.Errno
		err := raw.Control(func(fd uintptr) {
			done, _, errno = unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&messages)), uintptr(n), 0, 0, 0)
		})
		if err != nil {
			return err
		}
		if errno != 0 {
			return errno
		}
		sent += int(done)
	}
	return nil
}
