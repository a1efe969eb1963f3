package listener

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// inOwnNetwork makes this test binary run in a network of its own.
const inOwnNetwork = "FTD_EXPORTER_TEST_NETWORK"

// alone runs the test again in a process that has a network of its own, whose
// packets have at most mtu bytes. It reports whether this is that process.
func alone(t *testing.T, mtu int) bool {
	t.Helper()
	if os.Getenv(inOwnNetwork) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), inOwnNetwork+"=true")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if os.Geteuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		}
		switch out, err := cmd.CombinedOutput(); {
		case err == nil && bytes.Contains(out, []byte("--- SKIP")):
			t.Skipf("a network of one's own cannot be set up here:\n%s", out)
		case err == nil:
		case cmd.ProcessState == nil:
			t.Skipf("no network of one's own is allowed here: %v", err)
		default:
			t.Errorf("%v\n%s", err, out)
		}
		return false
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	for request, set := range map[uint]func(*unix.Ifreq){
		unix.SIOCSIFMTU:   func(r *unix.Ifreq) { r.SetUint32(uint32(mtu)) },
		unix.SIOCSIFFLAGS: func(r *unix.Ifreq) { r.SetUint16(unix.IFF_UP) },
	} {
		r, err := unix.NewIfreq("lo")
		if err != nil {
			t.Fatal(err)
		}
		set(r)
		if err := unix.IoctlIfreq(socket, request, r); errors.Is(err, unix.EPERM) {
			t.Skip(err) // The system allows the network, but not to do anything with it.
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// fragments returns how many fragments this network has had.
func fragments(t *testing.T) (n int) {
	t.Helper()
	for file, name := range map[string]string{"snmp": "ReasmReqds", "snmp6": "Ip6ReasmReqds"} {
		counters, err := os.ReadFile("/proc/self/net/" + file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(counters), "\n")
		for i, line := range lines {
			words := strings.Fields(line)
			for j, word := range words {
				value := 0
				switch {
				case word != name:
					continue
				case file == "snmp": // Under its name.
					fmt.Sscan(strings.Fields(lines[i+1])[j], &value)
				default: // Beside it.
					fmt.Sscan(words[j+1], &value)
				}
				n += value
			}
		}
	}
	return n
}

// Datagrams that come in fragments are read whole, those that are too long are
// one frame, and those of which fragments are missing do no harm.
func TestFragments(t *testing.T) {
	const mtu = 1500
	if !alone(t, mtu) {
		return
	}
	const line = fanFailed
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		for _, tc := range []struct {
			name   string
			size   int
			reason syslog.Reason
		}{
			{"two fragments", 2000, syslog.OK},
			{"the longest that is read", syslog.MaxFrame, syslog.OK},
			{"too long by a byte", syslog.MaxFrame + 1, syslog.TooLong},
			{"the longest that there is", 65_507, syslog.TooLong}, // Some 45 fragments.
		} {
			t.Run(host+" "+tc.name, func(t *testing.T) {
				f := newFixture(t)
				address := "udp://" + host + ":0"
				f.listen(address)
				conn := f.dial(address)
				before := fragments(t)
				say(t, conn, line+strings.Repeat(" ", tc.size-len(line)))
				f.eventually(address, 1)
				if n := fragments(t) - before; n <= tc.size/mtu {
					t.Errorf("%d fragments", n)
				}
				if got := f.last(address); got.size != tc.size || got.reason != tc.reason {
					t.Errorf("%d bytes, %v, want %d, %v", got.size, got.reason, tc.size, tc.reason)
				}
			})
		}
	}

	t.Run("first fragments only", func(t *testing.T) {
		raw, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(raw)
		f := newFixture(t)
		const address = "udp://127.0.0.1:0"
		f.listen(address)
		conn := f.dial(address)
		before := fragments(t)
		const count = 5000
		for id := range count {
			packet := make([]byte, 20+8+1000)
			packet[0] = 4<<4 | 5
			binary.BigEndian.PutUint16(packet[4:], uint16(id))
			binary.BigEndian.PutUint16(packet[6:], 1<<13) // More will follow.
			packet[8], packet[9] = 64, unix.IPPROTO_UDP
			copy(packet[12:], net.IPv4(127, 0, 0, 1).To4())
			copy(packet[16:], net.IPv4(127, 0, 0, 1).To4())
			udp := packet[20:]
			binary.BigEndian.PutUint16(udp[2:], uint16(conn.RemoteAddr().(*net.UDPAddr).Port))
			binary.BigEndian.PutUint16(udp[4:], 60_000)
			copy(udp[8:], line)
			if err := unix.Sendto(raw, packet, 0, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
				t.Fatal(err)
			}
		}
		if n := fragments(t) - before; n != count {
			t.Errorf("%d fragments, want %d", n, count)
		}
		say(t, conn, line)
		f.eventually(address, 1)
	})
}
