package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCatalogCommand(t *testing.T) {
	_, out, _ := call(t, "", "catalog", "--output=json", "735007", "302013")
	if out != "" {
		t.Errorf("an unknown id among known ones: %s", out)
	}
	_, out, _ = call(t, "", "catalog", "--output=json", "735007")
	var entries []catalogEntry
	if err := json.Unmarshal([]byte(out), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].ID != "735007" || entries[0].Severity != 1 || entries[0].Family != "environment" ||
		!slices.Equal(entries[0].Fields, []catalogField{{"unit", "word"}, {"value", "celsius"}, {"reading", "text"}}) ||
		!slices.Equal(entries[0].Metrics, []string{"ftd_temperature_celsius", "ftd_temperature_state", "ftd_temperature_alarms_total", "ftd_temperature_state_changed_timestamp_seconds", "ftd_environment_monitoring_up"}) ||
		!slices.Equal(entries[0].MayCarry, []string{"735015", "735020"}) || len(entries[0].Own) != 0 ||
		entries[0].Meaning == "" || entries[0].Action == "" {
		t.Errorf("%+v", entries)
	}
	_, out, _ = call(t, "", "catalog", "--output=json", "735024", "735009")
	if err := json.Unmarshal([]byte(out), &entries); err != nil {
		t.Fatal(err)
	}
	if e := entries[0]; len(e.Own) != 6 || !slices.Equal(e.Own, e.Text[len(e.Text)-6:]) || entries[1].MayCarry == nil || len(entries[1].MayCarry) != 0 {
		t.Errorf("%+v", entries)
	}
	_, out, _ = call(t, "", "catalog", "735003")
	if !strings.Contains(out, "  carries   735004\n") {
		t.Errorf("the text lacks the ids that 735003 may carry:\n%s", out)
	}
	for _, output := range []string{"text", "markdown", "json"} {
		status, out, _ := call(t, "", "catalog", "--output="+output)
		if status != 0 || len(regexp.MustCompile(`\b7[2-7]\d{4}\b`).FindAllString(out, -1)) < 335 {
			t.Errorf("%s: status %d, %d bytes", output, status, len(out))
		}
	}
}
