package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Lines of JSON are read with --json-field. Without it a text at their end is still
// recognized, and for others the commands name the flag.
func TestJSONField(t *testing.T) {
	line := `{"log":{"original":"` + strings.TrimSuffix(fan, "\n") + `"},"host":"192.0.2.11"}`
	if _, out, stderr := call(t, line+"\n", "replay", "-"); !strings.Contains(out, `unit="1"} 0`) || !strings.Contains(stderr, "matched       1\n") {
		t.Errorf("%s%s", out, stderr)
	}
	unread := strings.Replace(line, ": Failure Detected", " burns", 1)
	for _, args := range [][]string{{"replay", "-"}, {"backfill", "--output=" + filepath.Join(t.TempDir(), "x.om"), "-"}} {
		_, _, stderr := call(t, unread+"\n", args...)
		if want := "-:1: "; !strings.Contains(stderr, want) || !strings.Contains(stderr, "the line is JSON; read the message in it with --json-field=log.original") {
			t.Errorf("%s: %s", args[0], stderr)
		}
	}
	if status, out, stderr := call(t, line+"\n", "replay", "--json-field=log.original", "-"); status != 0 || !strings.Contains(out, `ftd_component_ok{component="fan",device="fw1",unit="1"} 0`) ||
		!strings.Contains(stderr, "lines         1\nmatched       1\n") || strings.Contains(stderr, "not read") {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
	if _, _, stderr := call(t, "{}\nx\n", "replay", "--json-field=log.original", "-"); !strings.Contains(stderr, "rejected      2 (not_json 1, no_field 1)") {
		t.Error(stderr)
	}
	_, out, _ := call(t, "", "explain", unread)
	if !strings.Contains(out, "the line is JSON; read the message in it with --json-field=log.original") {
		t.Error(out)
	}
	for _, in := range []string{"", line + "\n"} {
		args := []string{"explain", "--json-field=log.original"}
		if in == "" {
			args = append(args, line)
		}
		if _, out, _ := call(t, in, args...); !strings.HasPrefix(out, "matched 735002\n") || !strings.Contains(out, "device     fw1") || strings.Contains(out, "JSON") {
			t.Error(out)
		}
	}
	if _, out, _ := call(t, "hello\n", "explain", "--json-field=x"); !strings.Contains(out, "not_json") {
		t.Error(out)
	}
}

// Each message of a line is explained.
func TestExplainSeveralMessages(t *testing.T) {
	_, out, _ := call(t, "", "explain", "<161>fw1 %ASA-1-735002: Cooling Fan 1: Failure Detected#012<161>%ASA-1-735004: Power Supply 2: Failure Detected")
	if strings.Count(out, "device     fw1") != 2 || !strings.Contains(out, "matched 735002\n") || !strings.Contains(out, "matched 735004\n") {
		t.Error(out)
	}
}
