package main

import (
	"encoding/json"
	"regexp"
	"slices"
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
		!slices.Equal(entries[0].Fields, []catalogField{{"unit", "word"}, {"value", "celsius"}}) ||
		!slices.Equal(entries[0].Metrics, []string{"ftd_component_state_changed_timestamp_seconds", "ftd_temperature_celsius", "ftd_temperature_state"}) ||
		entries[0].Meaning == "" || entries[0].Action == "" {
		t.Errorf("%+v", entries)
	}
	for _, output := range []string{"text", "markdown", "json"} {
		status, out, _ := call(t, "", "catalog", "--output="+output)
		if status != 0 || len(regexp.MustCompile(`\b7[2-7]\d{4}\b`).FindAllString(out, -1)) < 335 {
			t.Errorf("%s: status %d, %d bytes", output, status, len(out))
		}
	}
}
