package deploy

import (
	"context"
	"debug/elf"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const repository = "../.."

// What the test gives to the build.
var buildArgs = map[string]string{
	"VERSION":    "1.2.3-test",
	"REVISION":   "0123456789abcdef0123456789abcdef01234567",
	"BRANCH":     "main",
	"BUILD_DATE": "20260317-12:00:00",
	"CREATED":    "2026-03-17T12:00:00Z",
}

func dockerfile(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A bareRegistry says of every image that it exists and that nothing is known
// of it.
type bareRegistry struct{}

func (bareRegistry) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: *opt.ImageOpt.Platform})
	return ref, "", config, err
}

// BuildKit has nothing to say against the Dockerfile, and the image that it
// describes is this one, on every platform.
func TestDockerfile(t *testing.T) {
	builder := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	for _, target := range []ocispecs.Platform{
		builder,
		{OS: "linux", Architecture: "arm64"},
		{OS: "linux", Architecture: "arm", Variant: "v7"},
	} {
		t.Run(target.Architecture, func(t *testing.T) {
			result, err := dockerfile2llb.Dockerfile2LLB(t.Context(), dockerfile(t), dockerfile2llb.ConvertOpt{
				Config:         dockerui.Config{BuildArgs: buildArgs, BuildPlatforms: []ocispecs.Platform{builder}},
				TargetPlatform: &target,
				MetaResolver:   bareRegistry{},
				Warn: func(rule, description, _, message string, at []parser.Range) {
					t.Errorf("%v: %s: %s (%s)", at, rule, message, description)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Image.Platform; got.Architecture != target.Architecture || got.Variant != target.Variant {
				t.Errorf("the image is for %v", got)
			}
			config := result.Image.Config
			if config.Healthcheck != nil || len(config.Cmd) > 0 {
				t.Errorf("healthcheck %v, command %q", config.Healthcheck, config.Cmd)
			}
			for what, values := range map[string]struct{ got, want []string }{
				"user":        {[]string{config.User}, []string{"65532:65532"}},
				"directory":   {[]string{config.WorkingDir}, []string{"/"}},
				"entry point": {config.Entrypoint, []string{"/ftd_exporter"}},
				"ports":       {slices.Sorted(maps.Keys(config.ExposedPorts)), []string{"10061/tcp", "5514/tcp", "5514/udp", "6514/tcp"}},
				"volumes":     {slices.Sorted(maps.Keys(config.Volumes)), []string{"/data"}},
				"labels": {slices.Sorted(maps.Keys(config.Labels)), []string{
					ocispecs.AnnotationCreated, ocispecs.AnnotationDescription, ocispecs.AnnotationDocumentation, ocispecs.AnnotationLicenses,
					ocispecs.AnnotationRevision, ocispecs.AnnotationSource, ocispecs.AnnotationTitle, ocispecs.AnnotationVersion,
				}},
			} {
				if !slices.Equal(values.got, values.want) {
					t.Errorf("%s: %q; want %q", what, values.got, values.want)
				}
			}
			for label, want := range map[string]string{
				ocispecs.AnnotationCreated:  buildArgs["CREATED"],
				ocispecs.AnnotationRevision: buildArgs["REVISION"],
				ocispecs.AnnotationVersion:  buildArgs["VERSION"],
				ocispecs.AnnotationLicenses: "Apache-2.0",
			} {
				if got := config.Labels[label]; got != want {
					t.Errorf("label %s is %q; want %q", label, got, want)
				}
			}
		})
	}
}

// The builder gets what the binary is made of: no secret that may lie about,
// and nothing whose change would build everything again.
func TestBuildContext(t *testing.T) {
	files, err := contents(repository, true)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"LICENSE", "Makefile", "NOTICE", "catalog", "cmd", "collectors", "exporter", "go.mod", "go.sum", "packaging/THIRD_PARTY_NOTICES", "simulator", "state",
	}
	within := func(dir string) func(string) bool {
		return func(name string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }
	}
	for _, name := range files {
		if !slices.ContainsFunc(allowed, func(dir string) bool { return within(dir)(name) }) || strings.HasSuffix(name, "_test.go") || path.Base(name) == "testdata" {
			t.Errorf("%s is in the build context", name)
		}
	}
	for _, name := range allowed {
		if !slices.ContainsFunc(files, within(name)) {
			t.Errorf("%s is not in the build context", name)
		}
	}
	ignore, err := os.ReadFile(filepath.Join(repository, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ignore), "\n*\n") || strings.Contains(string(ignore), "!.git") {
		t.Error(".dockerignore must begin by ignoring everything")
	}
}

// The image has one program that needs nothing beside it, licenses, and one
// directory that its user may write to.
func TestImage(t *testing.T) {
	img := theImage(t)
	var names []string
	err := filepath.WalkDir(img.root, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(img.root, name)
		if err != nil {
			return err
		}
		names = append(names, rel)
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		owner, err := ownerOf(info)
		if err != nil {
			return err
		}
		if wants := map[bool]int{true: img.uid, false: 0}[rel == "data"]; owner != wants {
			t.Errorf("%s belongs to %d; want %d", rel, owner, wants)
		}
		if info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: others may write: %v", rel, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{".", "LICENSE", "NOTICE", "THIRD_PARTY_NOTICES", "data", "ftd_exporter"}; !slices.Equal(names, want) {
		t.Errorf("the image has %q; want %q", names, want)
	}

	binary, err := elf.Open(filepath.Join(img.root, "ftd_exporter"))
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the binary needs %q, %v", libraries, err)
	}
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary needs a dynamic linker")
		}
	}

	p := img.start(t, img.container(t), nil, "--version")
	version := wait(t, p)
	for _, arg := range []string{"VERSION", "REVISION", "BRANCH", "BUILD_DATE"} {
		if !strings.Contains(version, buildArgs[arg]) {
			t.Errorf("--version does not tell %s:\n%s", arg, version)
		}
	}
}
