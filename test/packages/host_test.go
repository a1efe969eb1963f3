package packages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A host is a temporary Debian system with its own file system, processes and
// network.
type host struct {
	t   *testing.T
	pid int // The process id of its first process.
}

// hostScript mounts a temporary file system over the base system and runs a
// command there. All its mounts end with it.
const hostScript = `set -eu
base=$1 top=$2
shift 2
mount --make-rprivate /
mount -t tmpfs tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" "$top/root"
cd "$top/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ip link set lo up
hostname throw-away
exec chroot . env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
`

// namespaces are what a host does not share with the machine.
const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWCGROUP

// privileges returns why there can be no temporary system: root of a container may
// do not have privileges, and whoever starts the tests can ask to do without.
func privileges() error {
	if os.Getenv("FTD_UNPRIVILEGED") != "" {
		return errors.New("FTD_UNPRIVILEGED is set")
	}
	if os.Geteuid() != 0 {
		return errors.New("this is not root")
	}
	cmd := exec.Command("mount", "--make-rprivate", "/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("no namespaces and mounts: %w: %s", err, out)
	}
	return nil
}

// Without privileges, tests skip rather than fail.
func TestPrivileges(t *testing.T) {
	t.Setenv("FTD_UNPRIVILEGED", "true")
	if privileges() == nil {
		t.Error("FTD_UNPRIVILEGED does not count")
	}
	if run, err := os.ReadFile("../../.ci/run"); err != nil || !bytes.Contains(run, []byte("unprivileged) export CI=false FTD_UNPRIVILEGED=true ;;")) {
		t.Errorf(".ci/run does not set it: %v", err)
	}
}

// newHost starts a host with systemd, or a host without services, as when building
// an image.
func newHost(t *testing.T, systemd bool) *host {
	t.Helper()
	base := baseSystem(t)
	first := []string{"sleep", "infinity"}
	if systemd {
		first = []string{"/lib/systemd/systemd", "--system", "--unit=multi-user.target", "--log-target=journal", "--show-status=no"}
	}
	var log bytes.Buffer
	cmd := exec.Command("bash", append([]string{"-c", hostScript, "host", base, t.TempDir()}, first...)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &host{t, cmd.Process.Pid}
	t.Cleanup(func() {
		if t.Failed() && systemd {
			journal, _ := h.try("journalctl", "--no-pager", "--lines=40")
			t.Log(journal)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if log.Len() > 0 {
			t.Log(log.String())
		}
	})
	testutil.Eventually(t, "start", func() error {
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", h.pid))
		if err == nil && filepath.Base(name) != filepath.Base(first[0]) {
			err = fmt.Errorf("%s is still setting up", name)
		}
		if err == nil && systemd {
			// The state is degraded on machines without some kernel features.
			if state, _ := h.try("systemctl", "is-system-running"); state != "running\n" && state != "degraded\n" {
				err = fmt.Errorf("systemd is %s", state)
			}
		}
		return err
	})
	return h
}

// baseSystem returns the directory of a minimal Debian with systemd and rpm,
// which is created once for each user of this machine.
func baseSystem(t *testing.T) string {
	t.Helper()
	if err := privileges(); err != nil {
		t.Skipf("a temporary system needs privileges: %v", err)
	}
	needs(t, map[string]string{"debootstrap": "debootstrap", "ip": "iproute2", "nsenter": "util-linux"})
	dir, err := makeBase()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var makeBase = sync.OnceValues(func() (string, error) {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "", err
	}
	codename := regexp.MustCompile(`(?m)^VERSION_CODENAME="?(\w+)`).FindSubmatch(release)
	if codename == nil {
		return "", fmt.Errorf("/etc/os-release does not have a code name")
	}
	suite := string(codename[1])
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "ftd_exporter", "base-1-"+suite)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	mirror, err := debianMirror(suite)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(filepath.Dir(dir), "building-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(building)
	root := filepath.Join(building, "root")
	cmd := exec.Command("debootstrap", "--variant=minbase", "--include=adduser,rpm,systemd", suite, root, mirror)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("debootstrap: %w\n%s", err, out)
	}
	return dir, os.Rename(root, dir)
})

// debianMirror returns the mirror of a suite in this machine's apt sources.
func debianMirror(suite string) (string, error) {
	names, err := filepath.Glob("/etc/apt/sources.list.d/*")
	if err != nil {
		return "", err
	}
	for _, name := range append(names, "/etc/apt/sources.list") {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		// One line: deb [options] URI suite main.
		for line := range strings.Lines(string(text)) {
			line = regexp.MustCompile(`\[.*\]`).ReplaceAllString(line, "")
			if f := strings.Fields(line); len(f) > 3 && f[0] == "deb" && f[2] == suite && slices.Contains(f[3:], "main") {
				return f[1], nil
			}
		}
		// Or a paragraph with fields.
		for paragraph := range strings.SplitSeq(string(text), "\n\n") {
			field := map[string][]string{}
			for line := range strings.Lines(paragraph) {
				key, value, _ := strings.Cut(line, ":")
				field[key] = strings.Fields(value)
			}
			if uris := field["URIs"]; len(uris) > 0 && slices.Contains(field["Suites"], suite) && slices.Contains(field["Components"], "main") {
				return uris[0], nil
			}
		}
	}
	return "", fmt.Errorf("the apt sources do not have %s", suite)
}

// try runs a command in the host and returns its output.
func (h *host) try(args ...string) (string, error) {
	// Longer than the timeout of systemd for starting or stopping a service.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	enter := []string{
		"--target", fmt.Sprint(h.pid), "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd",
		"env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive",
	}
	out, err := exec.CommandContext(ctx, "nsenter", append(enter, args...)...).CombinedOutput()
	return string(out), err
}

// run is try for commands that must succeed.
func (h *host) run(args ...string) string {
	h.t.Helper()
	out, err := h.try(args...)
	if err != nil {
		h.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// fails runs a command that must fail, and returns its output.
func (h *host) fails(args ...string) string {
	h.t.Helper()
	out, err := h.try(args...)
	if err == nil {
		h.t.Fatalf("%s: no error\n%s", strings.Join(args, " "), out)
	}
	return out
}

// path returns the path of the host's file outside of the host.
func (h *host) path(name string) string { return fmt.Sprintf("/proc/%d/root%s", h.pid, name) }

func (h *host) read(name string) string {
	h.t.Helper()
	data, err := os.ReadFile(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(data)
}

func (h *host) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(h.path(name), []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) exists(name string) bool {
	_, err := os.Lstat(h.path(name))
	return err == nil
}

// put copies the package of a release into the host and returns its name there.
func (h *host) put(release func() (string, error), pattern string) string {
	h.t.Helper()
	names, err := filepath.Glob(filepath.Join(built(h.t, release), pattern))
	if err != nil || len(names) != 1 {
		h.t.Fatalf("%s: %q, %v", pattern, names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		h.t.Fatal(err)
	}
	name := "/tmp/" + filepath.Base(names[0])
	h.write(name, string(data))
	return name
}

// dpkg installs a package, and keeps configuration files that were changed.
func (h *host) dpkg(name string) string {
	h.t.Helper()
	return h.run("dpkg", "--force-confdef", "--force-confold", "--force-unsafe-io", "--install", name)
}

// files returns the files of the host with their mode, owner and, below /etc,
// content. Logs and the databases of dpkg and rpm are left out.
func (h *host) files() map[string]string {
	h.t.Helper()
	files := map[string]string{}
	root := h.path("")
	err := filepath.WalkDir(root+"/", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root)
		switch {
		case slices.Contains([]string{"/proc", "/sys", "/dev", "/run", "/tmp", "/var/log", "/var/cache", "/var/lib/dpkg", "/var/lib/rpm", "/root/.rpmdb"}, name):
			return filepath.SkipDir
		case strings.HasPrefix(name, "/etc/") && strings.HasSuffix(name, "-"):
			return nil // The backup of passwd.
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		owner := info.Sys().(*syscall.Stat_t)
		files[name] = fmt.Sprintf("%s %d:%d", info.Mode(), owner.Uid, owner.Gid)
		if info.Mode().IsRegular() && strings.HasPrefix(name, "/etc/") {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files[name] += " " + string(data)
		}
		return nil
	})
	if err != nil || len(files) < 1000 {
		h.t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// differences returns the names of the files that differ between two results of
// files.
func differences(a, b map[string]string) (names []string) {
	for name, what := range a {
		if b[name] != what {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
