package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/yuin/goldmark/ast"
)

// A reader is somebody who tries every example of the documentation: in a copy
// of the repository, with the program built, and an exporter that runs.
type reader struct {
	dir      string
	exporter *exporterProcess
	ports    *strings.Replacer // From those in the text to those of the exporter.
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{dir: filepath.Join(t.TempDir(), "ftd_exporter")}
	r.copyRepository(t)
	r.write(t, "ftd_exporter", readFile(t, buildExporter(t)), 0o700)
	log := readFile(t, filepath.Join(root, "examples/fleet.log"))

	r.write(t, ".curlrc", []byte("fail\n"), 0o600) // An answer of 404 is a failure.

	// Files and devices that examples speak of.
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	if _, err := z.Write(log); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r.write(t, "firewalls-2025-12.log.gz", compressed.Bytes(), 0o600)
	log = append(log, "<161>fw1 : %FTD-1-735003: Power Supply 1: OK\n<161>192.0.2.11 : %FTD-1-735003: Power Supply 1: OK\n"...)
	r.write(t, "more.log", log, 0o600)

	c := newCertificate(t)
	for name, file := range map[string]string{"cert.pem": c.cert, "key.pem": c.key, "clients.pem": c.ca} {
		r.write(t, "tls/"+name, readFile(t, file), 0o600)
	}

	p := newExporter(t, filepath.Join(r.dir, "ftd_exporter"))
	p.run(t, "--web.enable-admin-api", "--web.enable-lifecycle", "--syslog.replay-file="+filepath.Join(r.dir, "more.log"))
	r.exporter, r.ports = p, portReplacer(p.web, p.udp)
	return r
}

// portReplacer replaces the default ports.
func portReplacer(web, syslog string) *strings.Replacer {
	_, w, _ := net.SplitHostPort(web)
	_, s, _ := net.SplitHostPort(syslog)
	return strings.NewReplacer("10061", w, "5514", s)
}

// copyRepository copies what belongs to the project.
func (r *reader) copyRepository(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case name == ".":
			return nil
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || name == "data" || name == "dist"):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || name == "ftd_exporter":
			return nil
		}
		r.write(t, name, readFile(t, path), 0o600)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *reader) write(t *testing.T, name string, data []byte, mode fs.FileMode) {
	t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// command returns a command that runs in the copy.
func (r *reader) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "PATH="+r.dir+":"+os.Getenv("PATH"), "CURL_HOME="+r.dir)
	return cmd
}

// try runs a command and fails the test unless it succeeds. It returns what the
// command has printed.
func (r *reader) try(t *testing.T, name string, args ...string) (out []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := r.command(ctx, name, args...)
	cmd.WaitDelay = time.Second // Whatever it has started.
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if bytes.Contains(out, []byte(`"error":`)) {
		t.Errorf("an error of the API: %s", out)
	}
	return out
}

// tryScript runs an example for the shell. What it sends must arrive.
func (r *reader) tryScript(t *testing.T, text string) {
	t.Helper()
	_, before, err := r.exporter.deviceMetrics()
	if err != nil {
		t.Fatal(err)
	}
	sent := strings.Count(text, "/dev/udp/")
	text = strings.ReplaceAll(r.ports.Replace(text), "/var/lib/prometheus/data", filepath.Join(r.dir, "prometheus"))
	r.try(t, "bash", "-euo", "pipefail", "-c", text)
	eventually(t, "what was sent", func() error {
		_, after, err := r.exporter.deviceMetrics()
		if err == nil && after-before != sent {
			err = fmt.Errorf("%d messages have arrived instead of %d", after-before, sent)
		}
		return err
	})
}

// A runningOutput is the output of a program that runs.
type runningOutput struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *runningOutput) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *runningOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// tryUntil runs an example that does not end by itself, on ports of its own,
// until it prints what it should.
func (r *reader) tryUntil(t *testing.T, text, want string) {
	t.Helper()
	ports := portReplacer(freeAddress(t), freeAddress(t))
	makefile := string(readFile(t, filepath.Join(root, "Makefile")))
	r.write(t, "Makefile", []byte(ports.Replace(makefile)), 0o600)
	var out runningOutput
	cmd := r.command(t.Context(), "bash", "-euo", "pipefail", "-c", ports.Replace(text))
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	ended := false
	eventually(t, want, func() error {
		if strings.Contains(out.String(), want) {
			return nil
		}
		select {
		case err := <-done:
			ended = true
			t.Errorf("it ended: %v\n%s", err, out.String())
			return nil
		default:
			return fmt.Errorf("not in the output:\n%s", out.String())
		}
	})
	if !ended {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		<-done
	}
}

// Every example in the documentation works. One that cannot be tried here says
// why in a comment before it.
func TestExamplesOfTheDocumentation(t *testing.T) {
	for _, tool := range []string{"curl", "jq", "promtool", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: apt-get install curl jq prometheus make", tool)
		}
	}
	r := newReader(t)
	promql := parser.NewParser(parser.Options{})
	tried := map[string]int{}
	for _, p := range pages(t) {
		for i, b := range p.blocks() {
			t.Run(fmt.Sprintf("%s:%d", b.page, b.line), func(t *testing.T) {
				kind, about, _ := strings.Cut(b.note, ": ")
				if kind == "not run" {
					if about == "" {
						t.Error("does not say why it is not run")
					}
					return
				}
				tried[b.language]++
				switch {
				case kind == "runs until stopped" && b.language == "sh":
					r.tryUntil(t, b.text, about)
				case b.language == "sh":
					r.tryScript(t, b.text)
				case kind == "prometheus" && b.language == "yaml":
					name := fmt.Sprintf("prometheus-%d.yml", i)
					r.write(t, name, []byte(b.text), 0o600)
					r.try(t, "promtool", "check", "config", "--syntax-only", name)
				case b.language == "yaml":
					name := fmt.Sprintf("config-%d.yml", i)
					r.write(t, name, []byte(strings.ReplaceAll(b.text, "/etc/ftd_exporter/tls/", r.dir+"/tls/")), 0o600)
					r.try(t, "./ftd_exporter", "check-config", name)
				case b.language == "json":
					if !json.Valid([]byte(b.text)) {
						t.Error("is not JSON")
					}
				case b.language == "promql":
					if _, err := promql.ParseExpr(b.text); err != nil {
						t.Error(err)
					}
				case b.language == "syslog":
					if out := r.try(t, "./ftd_exporter", "explain", strings.TrimSpace(b.text)); !bytes.HasPrefix(out, []byte("matched ")) {
						t.Errorf("is not understood: %s", out)
					}
				case b.page == "docs/relays.md" && slices.ContainsFunc(relays, func(r relay) bool { return r.name == b.language }):
					// TestRelaysKeepWhatFirewallsSay tries it.
				default:
					t.Errorf("a block of %q is neither tried nor marked; write <!-- not run: REASON --> before it", b.language)
				}
			})
		}
	}
	for language, least := range map[string]int{"sh": 30, "yaml": 5, "json": 3, "promql": 3, "syslog": 1, "rsyslog": 4, "syslog-ng": 4} {
		if tried[language] < least {
			t.Errorf("only %d examples in %s were found", tried[language], language)
		}
	}
}

// A failover pair behind a relay is two devices with the configuration that
// docs/relays.md proposes for it.
func TestFailoverPairBehindARelay(t *testing.T) {
	var proposed string
	for _, b := range readPage(t, "docs/relays.md").blocks() {
		if b.language == "yaml" && strings.Contains(b.text, "ams-core-a") {
			proposed = b.text
		}
	}
	file := filepath.Join(t.TempDir(), "ftd_exporter.yml")
	if err := os.WriteFile(file, []byte(replaceOnce(t, proposed, "192.0.2.250", "127.0.0.1")), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newExporter(t, buildExporter(t))
	p.run(t, "--config.file="+file)
	p.say(t, "<161>192.0.2.21 <161>2026-03-17T12:00:00Z ams-core : %FTD-1-735002: Cooling Fan 1: Failure Detected")
	p.say(t, "<161>192.0.2.22 <161>2026-03-17T12:00:00Z ams-core : %FTD-1-735001: Cooling Fan 1: OK")
	eventually(t, "two devices", func() error {
		got, _, err := p.deviceMetrics()
		for _, want := range []string{`device="ams-core-a",unit="1"} 0`, `device="ams-core-b",unit="1"} 1`} {
			if err == nil && !slices.Contains(got, `ftd_component_ok{component="fan",`+want) {
				err = fmt.Errorf("no %s", want)
			}
		}
		return err
	})
}

// repository is where links to files of the project lead that are for readers
// elsewhere.
const repository = "https://github.com/ftd-exporter/ftd_exporter/blob/main/"

// Every link between pages, and to files, leads somewhere.
func TestLinksOfTheDocumentation(t *testing.T) {
	anchors := map[string][]string{}
	all := pages(t)
	for _, p := range all {
		anchors[p.name] = p.anchors()
	}
	links := 0
	for _, p := range all {
		p.walk(func(n ast.Node) {
			link, ok := n.(*ast.Link)
			if !ok {
				return
			}
			target := string(link.Destination)
			path, anchor, _ := strings.Cut(target, "#")
			switch {
			case strings.HasPrefix(target, repository):
				path = strings.TrimPrefix(path, repository)
			case strings.Contains(target, "://"):
				return // Of other people.
			case path == "":
				path = p.name
			default:
				path = filepath.Join(filepath.Dir(p.name), path)
			}
			links++
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: %q leads nowhere", p.name, target)
			}
			if anchor != "" && !slices.Contains(anchors[path], anchor) {
				t.Errorf("%s: %q leads to no heading", p.name, target)
			}
		})
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
	for _, p := range all {
		if dir, name := filepath.Split(p.name); dir == "docs/" && name != "README.md" && !strings.Contains(string(readFile(t, root+"/docs/README.md")), "("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// anchors returns the names of the headings as GitHub makes them.
func (p *page) anchors() (all []string) {
	p.walk(func(n ast.Node) {
		if _, ok := n.(*ast.Heading); !ok {
			return
		}
		name := strings.Map(func(c rune) rune {
			switch {
			case c == ' ':
				return '-'
			case c == '-', c == '_', unicode.IsLetter(c), unicode.IsNumber(c):
				return unicode.ToLower(c)
			}
			return -1
		}, p.content(n))
		unique := name
		for i := 1; slices.Contains(all, unique); i++ {
			unique = name + "-" + strconv.Itoa(i)
		}
		all = append(all, unique)
	})
	return all
}

var (
	idRange    = regexp.MustCompile(`\b(\d{6})(?:-(\d{6}))?\b`)
	asaList    = regexp.MustCompile(`(?m)^logging list (\S+) message (\S+)$`)
	markedList = regexp.MustCompile(`(?s)<!-- ids: begin -->(.*?)<!-- ids: end -->`)
)

// An idList is what a page tells to let a firewall send.
type idList struct {
	where string
	text  string // With ids and ranges of them.
}

func (l *idList) has(id int) bool {
	for _, m := range idRange.FindAllStringSubmatch(l.text, -1) {
		first, _ := strconv.Atoi(m[1])
		last := first
		if m[2] != "" {
			last, _ = strconv.Atoi(m[2])
		}
		if first <= id && id <= last {
			return true
		}
	}
	return false
}

// Whoever configures a firewall as the documentation says gets every message
// that feeds a metric.
func TestDocumentedIDsCoverTheRules(t *testing.T) {
	out, err := exec.Command(buildExporter(t), "catalog", "--output=json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		ID       string
		Severity int
		Metrics  []string
	}
	if err := json.Unmarshal(out, &entries); err != nil {
		t.Fatal(err)
	}
	var lists []idList
	for _, p := range pages(t) {
		for _, m := range markedList.FindAllStringSubmatch(string(p.source), -1) {
			lists = append(lists, idList{p.name, m[1]})
		}
		for _, b := range p.blocks() {
			if b.language != "asa" {
				continue
			}
			l := idList{where: fmt.Sprintf("%s:%d", b.page, b.line)}
			for _, m := range asaList.FindAllStringSubmatch(b.text, -1) {
				l.text += m[2] + "\n"
			}
			if l.text != "" {
				lists = append(lists, l)
			}
		}
	}
	if len(lists) < 3 {
		t.Fatalf("only %d lists were found", len(lists))
	}
	fed := 0
	var lessSevere []string
	for _, e := range entries {
		if len(e.Metrics) == 0 {
			continue
		}
		fed++
		id, err := strconv.Atoi(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lists {
			if !l.has(id) {
				t.Errorf("%s: %s is not in the list, but feeds %s", l.where, e.ID, e.Metrics[0])
			}
		}
		if e.Severity > 4 {
			lessSevere = append(lessSevere, e.ID)
		}
	}
	if fed < 40 {
		t.Errorf("only %d messages feed metrics", fed)
	}
	// docs/firewalls.md says that level 4 is enough for all others.
	if want := []string{"748008", "748009"}; !slices.Equal(lessSevere, want) {
		t.Errorf("less severe than 4 are %q; change docs/firewalls.md, What to send", lessSevere)
	}
}
