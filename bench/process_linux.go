package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns the user and system CPU time of a process. It reads the clock
// of the process, which counts nanoseconds; /proc/PID/stat counts hundredths of a
// second.
func cpuTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED, see clock_getcpuclockid(3).
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("read the CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// peakMemory returns the maximum resident memory of a process, in bytes.
func peakMemory(pid int) (int64, error) {
	var peak int64
	err := readLines(fmt.Sprintf("/proc/%d/status", pid), func(fields []string) error {
		if fields[0] != "VmHWM:" {
			return nil
		}
		kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
		peak = kilobytes << 10
		return err
	})
	if err == nil && peak == 0 {
		err = fmt.Errorf("/proc/%d/status does not have VmHWM", pid)
	}
	return peak, err
}

// A socketState is the state of the sockets of a port in the kernel.
type socketState struct {
	waiting uint64 // Bytes on the way to the receiver, or not yet read by it.
	dropped uint64 // Datagrams dropped because the receive buffer was full.
}

// portState returns the state of a port of 127.0.0.1.
func portState(network string, port uint16) (socketState, error) {
	var s socketState
	found := false
	suffix := fmt.Sprintf(":%04X", port)
	err := readLines("/proc/net/"+network, func(fields []string) error {
		if fields[0] == "sl" {
			return nil
		}
		const drops = 12 // The last column, of UDP only.
		if len(fields) < drops || network == "udp" && len(fields) == drops {
			return errors.New("unknown columns")
		}
		local, remote := strings.HasSuffix(fields[1], suffix), strings.HasSuffix(fields[2], suffix)
		if !local && !remote {
			return nil
		}
		sending, receiving, _ := strings.Cut(fields[4], ":")
		if local {
			found = true
			sending = receiving
		}
		waiting, err := strconv.ParseUint(sending, 16, 64)
		if err != nil {
			return err
		}
		s.waiting += waiting
		if local && network == "udp" {
			dropped, err := strconv.ParseUint(fields[drops], 10, 64)
			if err != nil {
				return err
			}
			s.dropped += dropped
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("/proc/net/%s does not list port %d", network, port)
	}
	return s, err
}

// lostBeforeSockets returns the number of packets that the kernel of this machine
// has dropped before they reached a socket, because a CPU was too busy.
func lostBeforeSockets() (uint64, error) {
	var lost uint64
	err := readLines("/proc/net/softnet_stat", func(fields []string) error {
		if len(fields) < 2 {
			return errors.New("/proc/net/softnet_stat does not list drops")
		}
		n, err := strconv.ParseUint(fields[1], 16, 64)
		lost += n
		return err
	})
	return lost, err
}

// readLines calls use with the fields of each line of a file, except for empty
// lines.
func readLines(name string, use func(fields []string) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if fields := strings.Fields(s.Text()); len(fields) > 0 {
			if err := use(fields); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	return s.Err()
}

// machine describes this computer.
func machine() Machine {
	m := Machine{CPU: "unknown", Kernel: "unknown"}
	_ = readLines("/proc/cpuinfo", func(fields []string) error {
		if m.CPU == "unknown" && len(fields) > 3 && fields[0] == "model" && fields[1] == "name" {
			m.CPU = strings.Join(fields[3:], " ")
		}
		return nil
	})
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	return m
}
