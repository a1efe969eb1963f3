package exporter

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
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
		if err := unix.IoctlIfreq(socket, request, r); err != nil {
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

// Datagrams that come in fragments are read whole, those that are too long
// count once, and those of which fragments are missing harm nobody.
func TestFragments(t *testing.T) {
	const mtu = 1500
	if !alone(t, mtu) {
		return
	}
	line := "fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected"
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		for _, tc := range []struct {
			name    string
			size    int
			tooLong float64
		}{
			{"two fragments", 2000, 0},
			{"the longest that is read", MaxFrame, 0},
			{"too long by an octet", MaxFrame + 1, 1},
			{"the longest that there is", 65_507, 1}, // Some 45 fragments.
		} {
			t.Run(host+" "+tc.name, func(t *testing.T) {
				f := newFixture(t)
				l, _ := f.listen("udp://" + host + ":0")
				conn := f.dial(l)
				before := fragments(t)
				if _, err := io.WriteString(conn, line+strings.Repeat(" ", tc.size-len(line))); err != nil {
					t.Fatal(err)
				}
				eventually(t, "datagram", func() bool { return f.frames(l.Name()) == 1 })
				if n := fragments(t) - before; n <= tc.size/mtu {
					t.Errorf("%d fragments", n)
				}
				if n := f.bytes(l.Name()); n != float64(tc.size) {
					t.Errorf("%g bytes, want %d", n, tc.size)
				}
				if n := f.rejected(l.Name(), "too_long"); n != tc.tooLong {
					t.Errorf("%g too long, want %g", n, tc.tooLong)
				}
				if devices := f.state.Stats().Devices; devices != 1-int(tc.tooLong) {
					t.Errorf("%d devices", devices)
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
		l, _ := f.listen("udp://127.0.0.1:0")
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
			binary.BigEndian.PutUint16(udp[2:], uint16(l.Addr().(*net.UDPAddr).Port))
			binary.BigEndian.PutUint16(udp[4:], 60_000)
			copy(udp[8:], line)
			if err := unix.Sendto(raw, packet, 0, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
				t.Fatal(err)
			}
		}
		if n := fragments(t) - before; n != count {
			t.Errorf("%d fragments, want %d", n, count)
		}
		io.WriteString(f.dial(l), line)
		eventually(t, "datagram", func() bool { return f.frames(l.Name()) == 1 })
		f.shows(`ftd_component_ok{component="fan",device="fw1",unit="1"} 0`)
	})
}
