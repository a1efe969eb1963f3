package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// packagingDir has the files that the packages contain besides the binary. Some
// of them are generated from the command line and the dependencies.
const packagingDir = "../../packaging"

func TestManPage(t *testing.T) {
	app, _ := commandLine()
	model := app.Model()
	type entry struct {
		Synopsis, Help string
		Default        bool
		Flags          []entry
	}
	flags := func(group *kingpin.FlagGroupModel) (entries []entry) {
		for _, f := range group.Flags {
			if f.Hidden {
				continue
			}
			e := entry{Synopsis: "--" + f.Name, Help: f.HelpWithEnvar()}
			if f.Short != 0 {
				e.Synopsis = "-" + string(f.Short) + ", " + e.Synopsis
			}
			if !f.IsBoolFlag() {
				e.Synopsis += "=" + f.FormatPlaceHolder()
			}
			entries = append(entries, e)
		}
		return entries
	}
	var commands []entry
	for _, c := range model.FlattenedCommands() {
		if c.Hidden {
			continue
		}
		e := entry{Synopsis: c.FullCommand, Help: c.Help, Default: c.Default, Flags: flags(c.FlagGroupModel)}
		if len(c.Flags) > 0 {
			e.Synopsis += " " + c.FlagSummary()
		}
		if len(c.Args) > 0 {
			e.Synopsis += " " + c.ArgSummary()
			if v, ok := c.Args[len(c.Args)-1].Value.(interface{ IsCumulative() bool }); ok && v.IsCumulative() {
				e.Synopsis += "..."
			}
		}
		commands = append(commands, e)
	}
	name := filepath.Join(packagingDir, "ftd_exporter.1.tmpl")
	page, err := template.New(filepath.Base(name)).Funcs(template.FuncMap{"escape": escapeRoff, "text": roffText}).ParseFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{"Help": model.Help, "Flags": flags(model.FlagGroupModel), "Commands": commands})
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, filepath.Join(packagingDir, "ftd_exporter.1"), out.Bytes())
}

// escapeRoff writes s so that a page shows it as it is.
func escapeRoff(s string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `"`, `\(dq`, `^`, `\(ha`, `~`, `\(ti`).Replace(s)
}

// roffText writes a help text, in which an empty line ends a paragraph and a
// tab begins a preformatted line.
func roffText(s string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(s), "\n") {
		example, isExample := strings.CutPrefix(line, "\t")
		switch {
		case line == "":
			b.WriteString(".PP\n")
		case isExample:
			b.WriteString(".nf\n.RS\n" + escapeRoff(example) + "\n.RE\n.fi\n")
		default:
			if i > 0 && (line[0] == '.' || line[0] == '\'') {
				b.WriteString(`\&`)
			}
			b.WriteString(escapeRoff(line) + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// A linkedModule is one that the binary of some platform contains.
type linkedModule struct{ Path, Dir string }

// TestThirdPartyNotices collects the licenses of all modules linked into the
// binaries. Versions are left out, so that an update of a dependency changes
// the file only if it changes the license.
func TestThirdPartyNotices(t *testing.T) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{"The Go standard library": strings.TrimSpace(string(goroot))}
	for _, goos := range []string{"linux", "darwin", "windows", "freebsd"} {
		for _, program := range []string{".", "../../blocks"} {
			for _, m := range linkedModules(t, program, goos) {
				modules[m.Path] = m.Dir
			}
		}
	}
	byText := map[string][]string{}
	for path, dir := range modules {
		text := licenses(t, dir)
		if text == "" {
			t.Fatalf("%s has no license file in %s", path, dir)
		}
		byText[text] = append(byText[text], path)
	}
	for _, paths := range byText {
		slices.Sort(paths)
	}
	texts := slices.SortedFunc(maps.Keys(byText), func(a, b string) int { return strings.Compare(byText[a][0], byText[b][0]) })
	var out bytes.Buffer
	out.WriteString("The binaries of ftd_exporter contain the following software under the licenses that follow each list.\n")
	for _, text := range texts {
		out.WriteString("\n" + strings.Repeat("=", 79) + "\n" + strings.Join(byText[text], "\n") + "\n\n" + text)
	}
	testutil.Golden(t, filepath.Join(packagingDir, "THIRD_PARTY_NOTICES"), out.Bytes())
}

// linkedModules returns the modules of others that the binary of a program for goos
// contains.
func linkedModules(t *testing.T, program, goos string) []linkedModule {
	t.Helper()
	list := exec.Command("go", "list", "-C", program, "-deps", "-json=Module", ".")
	list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var modules []linkedModule
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module *struct {
				linkedModule
				Main bool
			}
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return modules
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main && p.Module.Path != "github.com/ftd-exporter/ftd_exporter" {
			modules = append(modules, p.Module.linkedModule)
		}
	}
}

// licenses returns the texts of license and notice in the root of a module.
func licenses(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range files {
		upper := strings.ToUpper(f.Name())
		if f.IsDir() || !slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE"}, func(p string) bool { return strings.HasPrefix(upper, p) }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " \t\f")
		}
		texts = append(texts, strings.Trim(strings.Join(lines, "\n"), "\n")+"\n")
	}
	return strings.Join(texts, "\n")
}
