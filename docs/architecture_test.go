package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// The functions that architecture.md names exist, and it has every package.
func TestArchitectureNamesFunctions(t *testing.T) {
	page := readPage(t, "architecture.md")
	known := exportedFunctions(t)
	named := 0
	for _, m := range regexp.MustCompile("`([a-z]+)\\.((?:[A-Z]\\w*)(?:\\.[A-Z]\\w*)?)`").FindAllStringSubmatch(page, -1) {
		if known[m[1]] == nil {
			continue // Of another module.
		}
		named++
		if !known[m[1]][m[2]] {
			t.Errorf("architecture.md: there is no %s.%s", m[1], m[2])
		}
	}
	if named < 10 {
		t.Errorf("only %d functions were found", named)
	}
	for name := range known {
		if !strings.Contains(page, "| `"+name+"` |") && !strings.Contains(page, "| `exporter/"+name+"` |") {
			t.Errorf("architecture.md does not have the package %s", name)
		}
	}
}

// exportedFunctions returns the exported names at the top of packages, and the
// methods and fields of their types, as Type.Name.
func exportedFunctions(t *testing.T) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	for _, pattern := range []string{"catalog", "collectors", "state", "simulator", "exporter", "exporter/*"} {
		files, err := filepath.Glob(filepath.Join(testutil.Root(t), pattern, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			of := all[f.Name.Name]
			if of == nil {
				of = map[string]bool{}
				all[f.Name.Name] = of
			}
			for _, d := range f.Decls {
				addNames(of, d)
			}
		}
	}
	return all
}

func addNames(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			typ := d.Recv.List[0].Type
			if pointer, ok := typ.(*ast.StarExpr); ok {
				typ = pointer.X
			}
			if id, ok := typ.(*ast.Ident); ok {
				name = id.Name + "." + name
			}
		}
		names[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			typ, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			names[typ.Name.Name] = true
			var fields *ast.FieldList
			switch of := typ.Type.(type) {
			case *ast.StructType:
				fields = of.Fields
			case *ast.InterfaceType:
				fields = of.Methods
			}
			if fields == nil {
				continue
			}
			for _, f := range fields.List {
				for _, n := range f.Names {
					names[typ.Name.Name+"."+n.Name] = true
				}
			}
		}
	}
}
