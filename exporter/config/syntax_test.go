package config

import (
	"strings"
	"testing"
)

// Mistakes of YAML have a remedy.
func TestSyntaxRemedies(t *testing.T) {
	for text, want := range map[string]string{
		"listeners:\n\t- address: udp://:1\n":                  "2: not YAML: found character that cannot start any token; the line is indented with a tab; indent with spaces",
		"listeners:\n  \t- address: udp://:1\n":                "2: not YAML: found character that cannot start any token; the line is indented with a tab; indent with spaces",
		"limits:\n  devices: 5\n   series: 6\n":                "3: not YAML: mapping values are not allowed in this context; the line is indented by 3 spaces, which matches no line above; write 2, as on line 2",
		"limits:\n  devices: 5\n series: 6\n":                  "3: not YAML: did not find expected key in what begins on line 2; the line is indented by 1 space, which matches no line above; write 0, as on line 1",
		"devices:\n  - name: a\n   addresses: [192.0.2.1]\n":   "3: not YAML: did not find expected '-' indicator in what begins on line 1; the line is indented by 3 spaces, which matches no line above; write 2, as on line 2",
		"devices:\n  - name: a\n     addresses: [192.0.2.1]\n": "3: not YAML: mapping values are not allowed in this context; the line is indented by 5 spaces, which matches no line above; write 4, as on line 2",
		"limits\n  devices: 5\n":                               "2: not YAML: mapping values are not allowed in this context; write a colon after limits on line 1",
		"devices:\n- name: \"a\n":                              "2: not YAML: found unexpected end of stream; a quote is not closed",
		"identity: {strict: true\nlimits: {}\n":                "1: not YAML: did not find expected ',' or '}'; a brace or bracket is not closed, or a comma is missing",
		"devices:\n- name: @a\n":                               "2: not YAML: found character that cannot start any token; put the value in quotes, because it begins with a special character",
		"web: grafana_url: https://x\n":                        "1: not YAML: mapping values are not allowed in this context; put a value that has a colon in quotes, and each key on a line of its own",
	} {
		_, err := load("f.yml", []byte(text), nil)
		if err == nil || strings.TrimPrefix(err.Error(), "f.yml:") != want {
			t.Errorf("%q:\ngot  f.yml:%s\nwant f.yml:%s", text, strings.TrimPrefix(err.Error(), "f.yml:"), want)
		}
	}
}
