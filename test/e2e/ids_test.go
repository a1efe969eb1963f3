package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

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
	out, err := exec.Command(testutil.Program(t), "catalog", "--output=json").Output()
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
