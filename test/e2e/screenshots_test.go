package e2e

import (
	"bytes"
	"errors"
	"image/png"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
	"github.com/ftd-exporter/ftd_exporter/simulator"
)

// screens are the sizes that pages are looked at in.
var screens = []struct {
	name          string
	width, height int64
}{{"wall", 1920, 1080}, {"laptop", 1366, 768}, {"phone", 390, 844}}

// Pictures of all pages, at three sizes, for people to look at: of the sample fleet, of
// 300 devices, and of devices that have been silent for a day. They are artifacts of
// this test; make screenshots keeps them. No page is wider than its screen.
func TestScreenshots(t *testing.T) {
	fleets := map[string][]string{
		"sample": {"--syslog.replay-file=" + sampleLog},
		"large":  {},
		"silent": {"--syslog.replay-file=" + logOf(t, 30, time.Now().Add(-26*time.Hour))},
	}
	dir := t.ArtifactDir()
	for name, flags := range fleets {
		t.Run(name, func(t *testing.T) {
			syslog := testutil.FreeAddr(t)
			p := testutil.Serve(t, append(flags, "--syslog.listen-address=tcp://"+syslog)...)
			pages := map[string]string{"status": "/"}
			switch name {
			case "sample":
				pages["device"], pages["messages"], pages["found"] = "/device?name=lon-edge-fw1", "/messages", "/messages?q=fan"
				pages["unknown"] = "/device?name=nobody"
			case "large":
				sendLog(t, syslog, logOf(t, 300, time.Now()))
				testutil.Eventually(t, "300 devices", func() error {
					metrics, err := p.Get("/metrics?name[]=ftd_exporter_devices")
					if err == nil && !regexp.MustCompile(`(?m)^ftd_exporter_devices 3\d\d$`).MatchString(metrics) {
						err = errors.New(metrics)
					}
					return err
				})
			}
			b := openBrowser(t, p.Web)
			for page, path := range pages {
				do(t, b, chromedp.Navigate("http://"+p.Web+path))
				for _, screen := range screens {
					do(t, b, chromedp.EmulateViewport(screen.width, screen.height))
					if do(t, b, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth")) {
						t.Errorf("%s is wider than a %s", path, screen.name)
					}
					picture := do(t, b, chromedp.CaptureScreenshot())
					config, err := png.DecodeConfig(bytes.NewReader(picture))
					if err != nil || int64(config.Width) != screen.width || int64(config.Height) != screen.height {
						t.Errorf("the picture of %s is %v: %v", path, config, err)
					}
					file := filepath.Join(dir, name+"-"+page+"-"+screen.name+".png")
					if err := os.WriteFile(file, picture, 0o644); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// logOf writes a log in which that many devices report at a time that their parts work,
// and, if there are more than 30, one of each kind of incident begins.
func logOf(t *testing.T, devices int, at time.Time) string {
	t.Helper()
	fleet := simulator.NewFleet(devices, rand.New(rand.NewPCG(1, 2)))
	var log bytes.Buffer
	write := func(d *simulator.Device, steps []simulator.Step) {
		for _, step := range steps {
			log.WriteString(d.Line(at, step.Message) + "\n")
		}
	}
	for _, d := range fleet.Devices {
		write(d, fleet.Boot(d))
	}
	if devices > simulator.SampleSize {
		for i, incident := range simulator.Incidents() {
			steps := incident.Steps(fleet, fleet.Devices[7*i])
			write(fleet.Devices[7*i], steps[:(len(steps)+1)/2])
		}
	}
	file := filepath.Join(t.TempDir(), "devices.log")
	if err := os.WriteFile(file, log.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// sendLog sends a file to a listener.
func sendLog(t *testing.T, address, file string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(readFile(t, file)); err != nil {
		t.Fatal(err)
	}
}

// The pictures in the documentation are small enough for a page, and all described.
func TestPicturesOfTheDocumentation(t *testing.T) {
	files, err := filepath.Glob(root + "/docs/images/*.png")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	described := string(readFile(t, root+"/docs/images/README.md"))
	for _, file := range files {
		picture := readFile(t, file)
		if config, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || len(picture) > 150_000 || config.Width != 1366 {
			t.Errorf("%s has %d bytes and is %d pixels wide: %v", file, len(picture), config.Width, err)
		}
		if name := filepath.Base(file); !strings.Contains(described, "("+name+")") {
			t.Errorf("docs/images/README.md does not describe %s", name)
		}
	}
}
