package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// An exporterProcess is the program itself, built for the test.
type exporterProcess struct {
	binary, web, udp, tcp string
	log                   bytes.Buffer
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// buildExporter builds the program and returns its path.
func buildExporter(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "ftd_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/ftd_exporter")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// startExporter builds and starts the exporter, with the sample fleet in it or
// with nothing.
func startExporter(t *testing.T, fleet bool) *exporterProcess {
	t.Helper()
	var args []string
	if fleet {
		args = append(args, "--syslog.replay-file=../examples/fleet.log")
	}
	p := newExporter(t, buildExporter(t))
	p.run(t, args...)
	return p
}

// newExporter returns an exporter that has addresses and does not run yet.
func newExporter(t *testing.T, binary string) *exporterProcess {
	t.Helper()
	return &exporterProcess{binary: binary, web: freeAddress(t), udp: freeAddress(t), tcp: freeAddress(t)}
}

// run starts the exporter, which keeps its state in memory.
func (p *exporterProcess) run(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{
		"serve", "--storage.path=", "--web.listen-address=" + p.web, "--syslog.listen-address=udp://" + p.udp, "--syslog.listen-address=tcp://" + p.tcp,
	}, args...)
	cmd := exec.Command(p.binary, args...)
	cmd.Stderr = &p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(p.log.String())
		}
	})
	eventually(t, "exporter", func() error {
		resp, err := http.Get("http://" + p.web + "/-/ready")
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}

func (p *exporterProcess) say(t *testing.T, line string) {
	t.Helper()
	conn, err := net.Dial("udp", p.udp)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(line)); err != nil {
		t.Fatal(err)
	}
}

// eventually polls until f succeeds, at first often.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	pause := 5 * time.Millisecond
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(pause) {
		pause = min(2*pause, 100*time.Millisecond)
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// A browser is a tab of a real Chromium that notes what must not happen.
type browser struct {
	context.Context
	mu       sync.Mutex
	requests int
	problems []string
}

func openBrowser(t *testing.T, allowed string) *browser {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is missing: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &browser{Context: ctx}
	err = chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			b.problems = append(b.problems, fmt.Sprintf("console: %s", e.Type))
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
		case *network.EventLoadingFailed:
			if !e.Canceled {
				b.problems = append(b.problems, "load: "+e.ErrorText)
			}
		case *network.EventRequestWillBeSent:
			b.requests++
			if u, err := url.Parse(e.Request.URL); err != nil || u.Host != allowed {
				b.problems = append(b.problems, "request to "+e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// do performs an action and returns its result.
func do[T any](t *testing.T, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b, 2*time.Minute)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// text returns what a person reads on the page.
func (b *browser) text(t *testing.T) string {
	t.Helper()
	// While the page refreshes itself, it has no body for a moment.
	return do(t, b, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
}

func TestStatusPageInABrowser(t *testing.T) {
	p := startExporter(t, true)
	b := openBrowser(t, p.web)
	do(t, b, chromedp.Navigate("http://"+p.web+"/"))
	if text := b.text(t); !strings.Contains(text, "lon-edge-fw1") || !strings.Contains(text, "Cooling Fan") {
		t.Errorf("the failed fan of the sample fleet is not there:\n%s", text)
	}

	// A message shows when the page refreshes itself.
	p.say(t, "<161>2026-03-17T12:00:00Z new-fw1 : %FTD-1-735004: Power Supply 2: Failure Detected")
	// What a sender makes up is text, or, as the name of a host, not believed.
	p.say(t, "<161><script>alert(1)</script> : %FTD-1-735002: Cooling Fan <img/src=x/onerror=alert(1)>: Failure Detected")
	p.say(t, "<161>fw&lt;img&gt : %FTD-1-735002: Cooling Fan </q><script>alert(2)</script>: Failure Detected")
	eventually(t, "a refresh of the page", func() error {
		text := b.text(t)
		for _, want := range []string{"new-fw1", "Power Supply 2: Failure Detected", "<img/src=x/onerror=alert(1)>", "</q><script>alert(2)</script>"} {
			if !strings.Contains(text, want) {
				return fmt.Errorf("no %s", want)
			}
		}
		return nil
	})
	if n := do(t, b, chromedp.Evaluate[int]("document.querySelectorAll('script, img').length")); n != 0 {
		t.Errorf("%d elements that a sender has injected", n)
	}

	for name, size := range map[string][2]int64{"phone": {390, 844}, "wall": {1920, 1080}} {
		do(t, b, chromedp.EmulateViewport(size[0], size[1]))
		if do(t, b, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth")) {
			t.Errorf("%s: the page is wider than the screen", name)
		}
		picture := do(t, b, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), picture, 0o644); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{"/device?name=lon-edge-fw1", "/messages", "/messages?q=fan"} {
		do(t, b, chromedp.Navigate("http://"+p.web+path))
		if text := b.text(t); !strings.Contains(text, "Cooling fan") && !strings.Contains(text, "Cooling Fan") {
			t.Errorf("%s:\n%.500s", path, text)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests < 5 {
		t.Errorf("only %d requests were seen", b.requests)
	}
	for _, problem := range b.problems {
		t.Error(problem)
	}
}
