package docs

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A schemaNode is a part of config.schema.json, whose keys keep their order.
type schemaNode struct{ *yaml.Node }

// get returns the value of a key, or nil.
func (n schemaNode) get(key string) *yaml.Node {
	if n.Node == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// text returns the text of a key, or "".
func (n schemaNode) text(key string) string {
	if v := n.get(key); v != nil {
		return v.Value
	}
	return ""
}

// properties returns the keys that an object can have, and their schemas.
func (n schemaNode) properties() (names []string, all []schemaNode) {
	properties := n.get("properties")
	for i := 0; properties != nil && i+1 < len(properties.Content); i += 2 {
		names = append(names, properties.Content[i].Value)
		all = append(all, schemaNode{properties.Content[i+1]})
	}
	return names, all
}

// flow writes a value as YAML in one line.
func flow(n *yaml.Node) (string, error) {
	flat := *n
	var flatten func(n *yaml.Node)
	flatten = func(n *yaml.Node) {
		n.Style = 0
		if n.Kind != yaml.ScalarNode {
			n.Style = yaml.FlowStyle
		}
		n.Content = slices.Clone(n.Content)
		for i, c := range n.Content {
			n.Content[i] = new(*c)
			flatten(n.Content[i])
		}
	}
	flatten(&flat)
	text, err := yaml.Marshal(&flat)
	return strings.TrimSpace(string(text)), err
}

// example returns how a key is written: an example of the schema, or else its
// default, or one of the words that it can have.
func (n schemaNode) example() (string, error) {
	for _, key := range []string{"examples", "enum"} {
		if all := n.get(key); all != nil {
			return flow(all.Content[0])
		}
	}
	if n.text("type") == "array" {
		items := schemaNode{n.get("items")}
		if variants := items.get("anyOf"); variants != nil && items.get("examples") == nil {
			items = schemaNode{variants.Content[0]}
		}
		item, err := items.example()
		return "[" + item + "]", err
	}
	if v := n.get("default"); v != nil {
		return flow(v)
	}
	return "", fmt.Errorf("the key does not have examples, a default or an enum")
}

// row writes a key as a row of a table.
func (n schemaNode) row(path string) (string, error) {
	example, err := n.example()
	if err != nil {
		return "", fmt.Errorf("config.schema.json: %s: %w", path, err)
	}
	meaning := n.text("description")
	if meaning == "" {
		return "", fmt.Errorf("config.schema.json: %s does not have a description", path)
	}
	if words := n.get("enum"); words != nil {
		var all []string
		for _, w := range words.Content {
			all = append(all, w.Value)
		}
		meaning += " One of " + codes(all) + "."
	}
	byDefault := ""
	if v := n.get("default"); v != nil {
		text, err := flow(v)
		if err != nil {
			return "", err
		}
		byDefault = "`" + text + "`"
	}
	if low, high := n.text("minimum"), n.text("maximum"); high != "" {
		meaning += fmt.Sprintf(" %s to %s.", low, high)
	}
	return fmt.Sprintf("| `%s` | %s | `%s` | %s |\n", path, byDefault, example, meaning), nil
}

// rows writes the keys of an object, and those within them.
func (n schemaNode) rows(b *strings.Builder, path string) error {
	names, all := n.properties()
	for i, s := range all {
		at := path + names[i]
		inner := s
		if s.text("type") == "array" {
			if items := (schemaNode{s.get("items")}); items.get("properties") != nil {
				inner, at = items, at+"[]"
			}
		}
		if inner.get("properties") != nil {
			if err := inner.rows(b, at+"."); err != nil {
				return err
			}
			continue
		}
		row, err := s.row(at)
		if err != nil {
			return err
		}
		b.WriteString(row)
	}
	return nil
}

// configuration returns a section with a table for each key at the top of the
// configuration file.
func (s *source) configuration(string) (string, error) {
	data, err := os.ReadFile("config.schema.json")
	if err != nil {
		return "", err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return "", err
	}
	var b strings.Builder
	names, all := schemaNode{document.Content[0]}.properties()
	for i, s := range all {
		fmt.Fprintf(&b, "### `%s`\n\n%s\n\n| key | default | example | meaning |\n|---|---|---|---|\n", names[i], s.text("description"))
		inner, path := s, names[i]+"."
		if items := (schemaNode{s.get("items")}); items.get("properties") != nil {
			inner, path = items, names[i]+"[]."
		}
		if inner.get("properties") == nil {
			row, err := s.row(names[i])
			if err != nil {
				return "", err
			}
			b.WriteString(row)
		} else if err := inner.rows(&b, path); err != nil {
			return "", err
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
