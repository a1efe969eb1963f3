package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// maxJSONDepth is how deep values may be in each other. A list of devices needs four.
const maxJSONDepth = 100

// parseJSON returns what a JSON file has, as YAML has it, or nil if it is not JSON,
// which it reports.
func (d *document) parseJSON(data []byte) *yaml.Node {
	r := jsonReader{decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, err = r.decoder.Token(); err == nil {
			err = errors.New("something follows the first value")
		} else if errors.Is(err, io.EOF) {
			return root
		}
	}
	if wrong := (*json.SyntaxError)(nil); errors.As(err, &wrong) {
		r.to(wrong.Offset)
	} else {
		r.to(r.decoder.InputOffset())
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		r.to(int64(len(data)))
		err = errors.New("it ends too early")
	}
	d.reportAt(position{d.name, "", &yaml.Node{Line: r.line}}, "not JSON: %w; check commas, quotes and brackets here and above", err)
	return nil
}

// A jsonReader reads values from left to right, and counts their lines.
type jsonReader struct {
	decoder *json.Decoder
	data    []byte
	offset  int64 // Of the line,
	line    int   // which has this number.
}

// to sets the line to that of an offset, which does not decrease.
func (r *jsonReader) to(offset int64) {
	offset = min(offset, int64(len(r.data)))
	if offset > r.offset {
		r.line += bytes.Count(r.data[r.offset:offset], []byte("\n"))
		r.offset = offset
	}
}

// value reads a value that is in so many others.
func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("more than %d values in each other", maxJSONDepth)
	}
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	r.to(r.decoder.InputOffset())
	node := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line}
	switch token := token.(type) {
	case json.Delim:
		node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		if token == '{' {
			node.Kind, node.Tag = yaml.MappingNode, "!!map"
		}
		// Keys and values, or values: the decoder checks which may come.
		for r.decoder.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, item)
		}
		_, err := r.decoder.Token() // The end, which is the right one.
		return node, err
	case string:
		node.Tag, node.Value = "!!str", token
	case json.Number:
		node.Tag, node.Value = "!!float", token.String()
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(token)
	default:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}
