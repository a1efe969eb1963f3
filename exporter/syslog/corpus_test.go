package syslog

import (
	"bufio"
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
)

// The corpus holds lines that others published, so it is not part of this
// repository. Its columns are the id, or a hyphen for what must be rejected,
// the source, and the line.
func TestCorpus(t *testing.T) {
	name := os.Getenv("FTD_CORPUS")
	if name == "" {
		t.Skip("FTD_CORPUS does not name a file of collected lines")
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		columns := strings.SplitN(s.Text(), "\t", 3)
		if len(columns) != 3 || columns[0] == "message_id" {
			continue
		}
		id, source, line := columns[0], columns[1], columns[2]
		if strings.HasPrefix(source, "[escaped]") {
			line = strings.ReplaceAll(line, `\n`, "\n")
		}
		var p Parser
		var h Header
		r := p.Parse([]byte(line), netip.Addr{}, &h)
		lines++
		got, want := fmt.Sprintf("%s %06d", r, h.ID), " "+id
		switch {
		case id == "-":
			want = "no_tag 000000"
		case id == "999999" && bytes.Contains([]byte(line), []byte("-8-")):
			want = "no_tag 999999"
		case strings.HasPrefix(line, "[ Scanning] drop rate-1"):
			want = "no_tag 000000" // A text without its tag.
		}
		if got != want {
			t.Errorf("got %q, want %q: %s", got, want, line)
		}
	}
	if s.Err() != nil || lines < 100 {
		t.Errorf("read %d lines: %v", lines, s.Err())
	}
}
