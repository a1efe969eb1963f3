package main

import (
	"bytes"
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCgroupMemory(t *testing.T) {
	const mib = 1 << 20
	for name, tc := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no control groups": {nil, 0},
		"systemd": {map[string]string{
			"proc/self/cgroup":                                             "0::/system.slice/ftd_exporter.service\n",
			"sys/fs/cgroup/system.slice/memory.max":                        "max\n",
			"sys/fs/cgroup/system.slice/ftd_exporter.service/memory.max":   "1073741824\n",
			"sys/fs/cgroup/system.slice/ftd_exporter.service/memory.high":  "max\n",
			"sys/fs/cgroup/system.slice/other.service/memory.max":          "1048576\n",
			"sys/fs/cgroup/system.slice/ftd_exporter.service/memory.stat":  "anon 17\n",
			"sys/fs/cgroup/system.slice/ftd_exporter.service/cgroup.procs": "1\n",
		}, 1024 * mib},
		"throttled before the limit": {map[string]string{
			"proc/self/cgroup":               "0::/a\n",
			"sys/fs/cgroup/a/memory.max":     "1073741824\n",
			"sys/fs/cgroup/a/memory.high":    "536870912\n",
			"sys/fs/cgroup/memory.pressure":  "some\n",
			"sys/fs/cgroup/a/b/c/memory.max": "1\n",
		}, 512 * mib},
		"the slice has less": {map[string]string{
			"proc/self/cgroup":             "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "1073741824\n",
			"sys/fs/cgroup/a/memory.max":   "268435456\n",
		}, 256 * mib},
		"container": {map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "134217728\n",
		}, 128 * mib},
		"container that sees its outer name": {map[string]string{
			"proc/self/cgroup":         "0::/kubepods/burstable/pod1/abc\n",
			"sys/fs/cgroup/memory.max": "134217728\n",
		}, 128 * mib},
		"no limit": {map[string]string{
			"proc/self/cgroup":           "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "max\n",
		}, 0},
		"version 1": {map[string]string{
			"proc/self/cgroup": "12:cpu,cpuacct:/docker/abc\n9:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/system.slice\n",
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "67108864\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            "9223372036854771712\n",
		}, 64 * mib},
		"version 1 without a limit": {map[string]string{
			"proc/self/cgroup":                           "9:memory:/docker/abc\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 0},
		"nonsense": {map[string]string{
			"proc/self/cgroup":                  "\n:\n0::../../..\nmemory\n",
			"sys/fs/cgroup/memory.max":          "-1\n",
			"sys/fs/cgroup/unified/memory.high": "0\n",
		}, 0},
	} {
		root := fstest.MapFS{}
		for file, content := range tc.files {
			root[file] = &fstest.MapFile{Data: []byte(content)}
		}
		if got, ok := cgroupMemory(root); ok != (tc.want > 0) || ok && got != tc.want {
			t.Errorf("%s: %d %v, want %d", name, got, ok, tc.want)
		}
	}
}

// GOMEMLIMIT wins.
func TestLimitMemoryLeavesAnExplicitLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	debug.SetMemoryLimit(math.MaxInt64 / 2)
	t.Setenv("GOMEMLIMIT", "3GiB")
	var log bytes.Buffer
	limitMemory(slog.New(slog.NewTextHandler(&log, nil)))
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64/2 || !strings.Contains(log.String(), "limit=3GiB") {
		t.Errorf("limit %d\n%s", got, log.String())
	}
}

// GOGC wins.
func TestCollectSooner(t *testing.T) {
	before := debug.SetGCPercent(77)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	for _, tc := range []struct {
		value string
		want  int
	}{{"150", 77}, {"off", 77}, {"", gcPercent}} {
		t.Setenv("GOGC", tc.value)
		collectSooner()
		if got := debug.SetGCPercent(77); got != tc.want {
			t.Errorf("with GOGC=%s: %d%%, want %d%%", tc.value, got, tc.want)
		}
	}
}
