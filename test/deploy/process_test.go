package deploy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// container returns a root directory with the files of the image, for one test.
// Only the state directory belongs to the user of the image.
func (img image) container(t *testing.T) (root string) {
	t.Helper()
	workDir, err := workDir()
	if err != nil {
		t.Fatal(err)
	}
	// In the same file system as the image, so that the binary can be linked.
	if root, err = os.MkdirTemp(workDir, "container-"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(img.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := filepath.Join(root, e.Name())
		if e.IsDir() {
			err = errors.Join(os.Mkdir(name, 0o755), os.Chown(name, img.uid, img.gid))
		} else {
			err = os.Link(filepath.Join(img.root, e.Name()), name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// start runs the program of the image as its user, with root as its root
// directory, as in a container.
func (img image) start(t *testing.T, root string, env []string, args ...string) *testutil.Process {
	t.Helper()
	cmd := exec.Command("/ftd_exporter", args...)
	cmd.Dir = "/"
	cmd.Env = append([]string{}, env...) // With nil, it would inherit the environment of the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Credential: &syscall.Credential{Uid: uint32(img.uid), Gid: uint32(img.gid)},
	}
	return testutil.Run(t, cmd)
}

// wait waits until a process has ended with status 0, and returns its output.
func wait(t *testing.T, p *testutil.Process) string {
	t.Helper()
	if err := p.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
	return p.Log()
}

// freePort returns a free port of the loopback address.
func freePort(t *testing.T) int {
	t.Helper()
	address, err := netip.ParseAddrPort(testutil.FreeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	return int(address.Port())
}

// ownerOf returns the id of the user that a file belongs to.
func ownerOf(info fs.FileInfo) (int, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the owner is unknown", info.Name())
	}
	return int(stat.Uid), nil
}

// The image works without configuration, and the state of a firewall survives a
// restart, because the state directory is the mounted one.
func TestImageKeepsState(t *testing.T) {
	img := theImage(t)
	web, udp := freePort(t), freePort(t)
	args := []string{"serve", fmt.Sprintf("--web.listen-address=127.0.0.1:%d", web), fmt.Sprintf("--syslog.listen-address=udp://127.0.0.1:%d", udp)}
	metrics := fmt.Sprintf("http://127.0.0.1:%d/metrics", web)
	const failed = `ftd_component_ok{component="fan",device="fw1",unit="2"} 0`

	root := img.container(t)
	p := img.start(t, root, nil, args...)
	testutil.Eventually(t, "ready", func() error {
		_, err := testutil.Get(http.DefaultClient, strings.Replace(metrics, "metrics", "-/ready", 1))
		return err
	})
	conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", udp))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 2: Failure Detected"); err != nil {
		t.Fatal(err)
	}
	testutil.Eventually(t, failed, func() error { return testutil.Shows(http.DefaultClient, metrics, failed) })
	p.Stop()

	img.start(t, root, nil, args...)
	testutil.Eventually(t, failed, func() error { return testutil.Shows(http.DefaultClient, metrics, failed) })
}
