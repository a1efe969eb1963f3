// Command gen generates the Grafana dashboards. To change a dashboard, edit this
// program and run
//
//	make golden
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen DIRECTORY")
		os.Exit(2)
	}
	for name, content := range files() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), content, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// files returns the content of each dashboard by the name of its file.
func files() map[string][]byte {
	out := map[string][]byte{}
	for _, b := range []board{fleet(), device(), capacity(), exporter()} {
		out[b.uid+".json"] = b.json()
	}
	return out
}
