package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// container returns a root directory with what the image has in it, for one
// test. Only the directory of the state belongs to the user of the image.
func (img image) container(t *testing.T) (root string) {
	t.Helper()
	workDir, err := workDir()
	if err != nil {
		t.Fatal(err)
	}
	// Beside the image, so that the binary need not be copied.
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

// A process is the exporter at work, in a container as far as it can see.
type process struct {
	cmd *exec.Cmd
	log lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (p *process) output() string {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.b.String()
}

// start runs the program of the image as its user, with nothing but root to
// see. When the test ends, the process is killed.
func (img image) start(t *testing.T, root string, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command("/ftd_exporter", args...)}
	p.cmd.Dir = "/"
	p.cmd.Env = append([]string{}, env...) // A nil one would be that of the test.
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Credential: &syscall.Credential{Uid: uint32(img.uid), Gid: uint32(img.gid)},
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("%q said:\n%s", args, p.output())
		}
	})
	return p
}

// wait waits until the process has ended well.
func (p *process) wait(t *testing.T) {
	t.Helper()
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, p.output())
	}
}

// stop ends the process as a container engine does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wait(t)
}

// eventually waits until f has no more to complain of.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// freePort returns a port of the loopback address that nobody uses.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// get returns what a URL gives, and an error unless its status is 200.
func get(client *http.Client, url string) (string, error) {
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s\n%s", url, resp.Status, body)
	}
	return string(body), err
}

// shows checks that metrics have a line.
func shows(client *http.Client, url, line string) error {
	metrics, err := get(client, url)
	if err == nil && !strings.Contains(metrics, "\n"+line+"\n") {
		err = fmt.Errorf("%s does not show %s", url, line)
	}
	return err
}

// ownerOf returns the id of the user that a file belongs to.
func ownerOf(info fs.FileInfo) (int, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: no owner is known", info.Name())
	}
	return int(stat.Uid), nil
}

// The image works as it is, and what a firewall has said is there after a
// restart: the directory for the state is the one that is mounted.
func TestImageKeepsState(t *testing.T) {
	img := theImage(t)
	web, udp := freePort(t), freePort(t)
	args := []string{"serve", fmt.Sprintf("--web.listen-address=127.0.0.1:%d", web), fmt.Sprintf("--syslog.listen-address=udp://127.0.0.1:%d", udp)}
	metrics := fmt.Sprintf("http://127.0.0.1:%d/metrics", web)
	const failed = `ftd_component_ok{component="fan",device="fw1",unit="2"} 0`

	root := img.container(t)
	p := img.start(t, root, nil, args...)
	eventually(t, func() error {
		_, err := get(http.DefaultClient, strings.Replace(metrics, "metrics", "-/ready", 1))
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
	eventually(t, func() error { return shows(http.DefaultClient, metrics, failed) })
	p.stop(t)

	img.start(t, root, nil, args...)
	eventually(t, func() error { return shows(http.DefaultClient, metrics, failed) })
}
