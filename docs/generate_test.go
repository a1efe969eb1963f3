// Package docs has the documentation. Its only code are tests that write the
// parts of it that follow from the catalog and the collectors, so that a new
// message or family of metrics does not need an edit here.
//
// A page asks for such a part with a pair of marks, which may be in any page
// below the root of the repository; what is between them is written by make
// golden:
//
//	<!-- NAME: begin (written by make golden) -->
//	<!-- NAME: end -->
//
// [parts] lists the names.
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// parts maps the first word of a part's name to what writes the part. The rest
// of the name is the argument of the function.
func parts() map[string]func(*source, string) (string, error) {
	return map[string]func(*source, string) (string, error){
		"alerts":        (*source).alerts,        // Table of the alerts.
		"asa":           (*source).asa,           // Configuration of an ASA that sends nothing yet.
		"configuration": (*source).configuration, // Tables of all keys of the configuration file.
		"ids":           (*source).ids,           // Table of the messages to let a firewall send.
		"labels":        (*source).labels,        // Table of the labels that have a closed set of values.
		"messages":      (*source).messages,      // Table of the messages that feed a metric, such as ftd_component_ok{component!="fan"}.
		"metrics":       (*source).metrics,       // Table of the metrics of devices.
		"states":        (*source).states,        // Table of the states and their levels.
		"thresholds":    (*source).thresholds,    // Table of the thresholds of rules that can be changed.
	}
}

var (
	mark     = regexp.MustCompile(`<!-- ([a-z]+)((?: [^:>]*)?): (begin|end)(?: \(written by make golden\))? -->\n?`)
	pageDirs = []string{"docs", "deploy", "examples", "dashboards", "packaging"}
)

// pages returns the paths of all pages of the documentation.
func pages(t *testing.T) []string {
	t.Helper()
	root := testutil.Root(t)
	all, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range pageDirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".md") {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestGeneratedParts(t *testing.T) {
	s := newSource(t)
	used := map[string]bool{}
	for _, path := range pages(t) {
		for _, m := range mark.FindAllStringSubmatch(readPage(t, path), -1) {
			if m[3] == "end" {
				continue
			}
			name, argument := m[1], strings.TrimSpace(m[2])
			used[name] = true
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				write := parts()[name]
				if write == nil {
					t.Fatalf("%s: there is no generated part %q; docs/generate_test.go lists them", path, name)
				}
				text, err := write(s, argument)
				if err != nil {
					t.Fatalf("%s: %s%s: %v", path, name, m[2], err)
				}
				testutil.GoldenPart(t, path, m[0], fmt.Sprintf("<!-- %s%s: end -->", name, m[2]), "\n"+text+"\n")
			})
		}
	}
	for name := range parts() {
		if !used[name] {
			t.Errorf("no page has the marks of the generated part %q; add them where readers look for it", name)
		}
	}
}

// An alert that goes by message ids must fire for every message that its
// runbook lists, also for those that were added later.
func TestAlertsCoverTheMessagesOfTheirRunbooks(t *testing.T) {
	s := newSource(t)
	idMatcher := regexp.MustCompile(`message_id=~?"([^"]*)"`)
	found := 0
	for _, alert := range s.rules {
		name, _, _ := strings.Cut(alert, "\n")
		matcher := idMatcher.FindStringSubmatch(alert)
		if matcher == nil {
			continue
		}
		ids, err := regexp.Compile("^(?:" + matcher[1] + ")$")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		runbook := readPage(t, filepath.Join("runbooks", name+".md"))
		for _, m := range mark.FindAllStringSubmatch(runbook, -1) {
			if m[1] != "messages" || m[3] != "begin" {
				continue
			}
			fed, err := s.feeding(strings.TrimSpace(m[2]))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, id := range fed {
				if !ids.MatchString(fmt.Sprint(id)) {
					t.Errorf("%s: %s does not fire for %s, which feeds%s; add it to %s", alertFile, name, id, m[2], matcher[0])
				}
			}
			found++
		}
	}
	if found < 5 {
		t.Errorf("only %d alerts that go by message ids were found", found)
	}
}

// Every alert that goes by a metric of devices has a runbook with the messages
// that feed it, so that the list cannot be forgotten.
func TestRunbooksListMessages(t *testing.T) {
	without := []string{ // About the exporter, or about any message.
		"FTDDeviceClockSkew", "FTDDeviceNameConflict", "FTDDeviceNeverHeard", "FTDDeviceSilent",
	}
	paths, err := filepath.Glob("runbooks/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no runbooks: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		want := !strings.HasPrefix(name, "FTDExporter") && !slices.Contains(without, name)
		if got := strings.Contains(readPage(t, path), "<!-- messages "); got != want {
			t.Errorf("%s: lists messages: %t, want %t", path, got, want)
		}
	}
}
