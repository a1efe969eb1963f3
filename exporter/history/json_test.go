package history

import (
	"encoding/json"
	"slices"
	"testing"
)

const failure = `<161>fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected`

func TestJSONTexts(t *testing.T) {
	for _, tc := range []struct {
		line, path string
		want       []string
		why        string
	}{
		{`{"message":"a"}`, "message", []string{"a"}, ""},
		{` {"host":"h","message":"a\nb"} `, "message", []string{"a\nb"}, ""},
		{`{"log":{"original":"a"}}`, "log.original", []string{"a"}, ""},
		{`{"log.original":"a"}`, "log.original", []string{"a"}, ""},
		{`{"_source":{"event.original":"a"}}`, "_source.event.original", []string{"a"}, ""},
		{`{"a.b":{"c":"x"},"a":{"b":1}}`, "a.b.c", []string{"x"}, ""},
		{`{"message":["a",1,"b"]}`, "message", []string{"a", "b"}, ""},
		{`[{"message":"a"},{"message":"b"},{"other":1}]`, "message", []string{"a", "b"}, ""},
		{`[`, "message", nil, ""},
		{`]`, "message", nil, ""},
		{`[]`, "message", nil, ""},
		{``, "message", nil, ""},
		{` `, "message", nil, ""},
		{`[{"message":"a"},`, "message", []string{"a"}, ""},
		{`{"message":"b"},`, "message", []string{"b"}, ""},
		{`,{"message":"b"}]`, "message", []string{"b"}, ""},
		{`{"message":1}`, "message", nil, "no_field"},
		{`{"msg":"a"}`, "message", nil, "no_field"},
		{`{"message":{"x":"a"}}`, "message", nil, "no_field"},
		{`{"message":null}`, "message", nil, "no_field"},
		{`{"message":"a"`, "message", nil, "not_json"},
		{`"a"`, "message", nil, "not_json"},
		{`null`, "message", nil, ""},
		{`17`, "message", nil, "not_json"},
		{`[1,2]`, "message", nil, "not_json"},
		{failure, "message", nil, "not_json"},
		{`{"message":"a"}{"message":"b"}`, "message", nil, "not_json"},
	} {
		texts, why := JSONTexts([]byte(tc.line), tc.path)
		if !slices.Equal(texts, tc.want) || why != tc.why {
			t.Errorf("%s: %q, %q; want %q, %q", tc.line, texts, why, tc.want, tc.why)
		}
	}
}

func TestJSONField(t *testing.T) {
	quoted, _ := json.Marshal(failure)
	f := string(quoted)
	for _, tc := range []struct {
		line, path string
		ok         bool
	}{
		{`{"message":` + f + `,"host":"192.0.2.11"}`, "message", true},
		{`{"b":{"c":` + f + `},"a":"x"}`, "b.c", true},
		{`[{"a":1},{"b":[` + f + `]}]`, "b", true},
		{`{"a":1}`, "", true},
		{failure, "", false},
		{`[ Scanning] drop rate-1 exceeded`, "", false},
		{`[`, "", false},
		{`{`, "", false},
		{``, "", false},
		{`"` + failure + `"`, "", false},
	} {
		if path, ok := JSONField([]byte(tc.line)); path != tc.path || ok != tc.ok {
			t.Errorf("%s: %q, %t; want %q, %t", tc.line, path, ok, tc.path, tc.ok)
		}
	}
}

// Whatever the line and the path, reading it ends, and states what it has read.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a.b":{"c":["x",1]},"a":{"b.c":"y"}}`), "a.b.c")
	f.Add([]byte(`[{"message":"<161>fw1 : %FTD-1-735002: x"}],`), "message")
	f.Add([]byte(`[,]`), ".")
	f.Fuzz(func(t *testing.T, line []byte, path string) {
		texts, why := JSONTexts(line, path)
		if len(texts) > 0 && why != "" || why != "" && why != unreadNotJSON && why != unreadNoField {
			t.Fatalf("%q, %q", texts, why)
		}
		if found, ok := JSONField(line); ok && found != "" {
			if texts, why := JSONTexts(line, found); len(texts) == 0 {
				t.Fatalf("nothing at %q: %s", found, why)
			}
		}
	})
}
