package history

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/exporter/syslog"
)

// MaxJSONLine is the longest line of JSON that is read, in bytes. Exports have much
// beside the message.
const MaxJSONLine = 1 << 20

// JSONTexts returns the texts in a field of a line of JSON: an object, or objects in
// an array. Of an array with an object on each line, each line is read for itself.
// The path of the field has dots between its parts, whose names may have dots, too;
// its value is a string or a list of strings. Without texts, why states what is wrong.
// It is empty if the line has nothing but brackets or white space.
func JSONTexts(line []byte, path string) (texts []string, why string) {
	objects, ok := jsonObjects(line)
	if !ok {
		return nil, unreadNotJSON
	}
	for _, object := range objects {
		texts = appendField(texts, object, path)
	}
	if len(texts) == 0 && len(objects) > 0 {
		why = unreadNoField
	}
	return texts, why
}

// jsonObjects returns the objects in a line, which may be a line of a longer array.
// It reports false if there is anything else.
func jsonObjects(line []byte) (objects []map[string]any, ok bool) {
	line = bytes.TrimSpace(line)
	if json.Unmarshal(line, &objects) == nil {
		return objects, true
	}
	line = bytes.TrimSpace(bytes.TrimLeft(line, "[,"))
	line = bytes.TrimSpace(bytes.TrimRight(line, "],"))
	var object map[string]any
	switch {
	case len(line) == 0:
		return nil, true
	case json.Unmarshal(line, &object) != nil, object == nil:
		return nil, false
	}
	return append(objects[:0], object), true
}

// appendField appends the strings at a path in an object.
func appendField(texts []string, object map[string]any, path string) []string {
	switch value := object[path].(type) {
	case string:
		return append(texts, value)
	case []any:
		for _, element := range value {
			if s, ok := element.(string); ok {
				texts = append(texts, s)
			}
		}
		return texts
	}
	for i, c := range path {
		if inner, ok := object[path[:i]].(map[string]any); ok && c == '.' {
			if more := appendField(texts, inner, path[i+1:]); len(more) > len(texts) {
				return more
			}
		}
	}
	return texts
}

// JSONField reports whether a line is JSON, and returns the path of the first field,
// in the order of names, whose text is a message of a firewall. It is empty if there
// is none.
func JSONField(line []byte) (path string, ok bool) {
	if line = bytes.TrimSpace(line); len(line) == 0 || line[0] != '{' && line[0] != '[' {
		return "", false
	}
	objects, ok := jsonObjects(line)
	for _, object := range objects {
		if path := messageField("", object); path != "" {
			return path, true
		}
	}
	return "", ok && len(objects) > 0
}

// messageField is JSONField for a value at a path.
func messageField(path string, value any) string {
	switch value := value.(type) {
	case string:
		var p syslog.Parser
		var h syslog.Header
		if p.Parse([]byte(value), netip.Addr{}, &h) == syslog.OK {
			return path
		}
	case []any:
		for _, element := range value {
			if s, ok := element.(string); ok && messageField(path, s) != "" {
				return path
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if found := messageField(strings.TrimPrefix(path+"."+name, "."), value[name]); found != "" {
				return found
			}
		}
	}
	return ""
}
