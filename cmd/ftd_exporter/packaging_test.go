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

// A usage is a command or a flag in the documentation of the command line.
type usage struct {
	Name, Synopsis, Help, Default string
	IsDefault                     bool // The command that runs if none is given.
	Flags                         []usage
}

// flagUsages returns the flags of a command.
func flagUsages(group *kingpin.FlagGroupModel) (all []usage) {
	for _, f := range group.Flags {
		if f.Hidden {
			continue
		}
		u := usage{Name: f.Name, Synopsis: "--" + f.Name, Help: f.HelpWithEnvar()}
		if f.Short != 0 {
			u.Synopsis = "-" + string(f.Short) + ", " + u.Synopsis
		}
		if !f.IsBoolFlag() {
			u.Synopsis += "=" + f.FormatPlaceHolder()
			u.Default = strings.Join(f.Default, ", ")
		}
		all = append(all, u)
	}
	return all
}

// commandUsages returns the flags of all commands together and the commands.
func commandUsages() (help string, flags, commands []usage) {
	app, _ := commandLine()
	model := app.Model()
	for _, c := range model.FlattenedCommands() {
		if c.Hidden {
			continue
		}
		u := usage{Name: c.FullCommand, Synopsis: c.FullCommand, Help: c.Help, IsDefault: c.Default, Flags: flagUsages(c.FlagGroupModel)}
		if len(c.Flags) > 0 {
			u.Synopsis += " " + c.FlagSummary()
		}
		if len(c.Args) > 0 {
			u.Synopsis += " " + c.ArgSummary()
			if v, ok := c.Args[len(c.Args)-1].Value.(interface{ IsCumulative() bool }); ok && v.IsCumulative() {
				u.Synopsis += "..."
			}
		}
		commands = append(commands, u)
	}
	return model.Help, flagUsages(model.FlagGroupModel), commands
}

// writeUsage writes a page about the command line by the template in a file.
func writeUsage(t *testing.T, page, name string, functions template.FuncMap) {
	t.Helper()
	parsed, err := template.New(filepath.Base(name)).Funcs(functions).ParseFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	help, flags, commands := commandUsages()
	var out bytes.Buffer
	if err := parsed.Execute(&out, map[string]any{"Help": help, "Flags": flags, "Commands": commands}); err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, page, out.Bytes())
}

func TestManPage(t *testing.T) {
	writeUsage(t, filepath.Join(packagingDir, "ftd_exporter.1"), filepath.Join(packagingDir, "ftd_exporter.1.tmpl"), template.FuncMap{"escape": escapeRoff, "text": roffText})
}

// The page has every command and flag.
func TestCommandLinePage(t *testing.T) {
	const page = "../../docs/command-line.md"
	cell := strings.NewReplacer("\n\n", " ", "\n", " ", "|", `\|`)
	writeUsage(t, page, page+".tmpl", template.FuncMap{
		"cell":       cell.Replace,
		"paragraphs": markdownText,
		"firstSentence": func(s string) string {
			s, _, _ = strings.Cut(cell.Replace(s)+" ", ". ")
			return strings.TrimSuffix(strings.TrimSpace(s), ".") + "."
		},
		"anchor": func(s string) string { return strings.ReplaceAll(s, " ", "-") },
	})
}

// markdownText writes a help text, in which a tab begins a preformatted line.
func markdownText(s string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(s) + "\n") {
		if example, ok := strings.CutPrefix(line, "\t"); ok {
			line = "<!-- not run: an example of --help -->\n\n    " + example
		}
		b.WriteString(line)
	}
	return strings.TrimSuffix(b.String(), "\n")
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
