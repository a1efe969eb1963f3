package deploy

import (
	"context"
	"debug/elf"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
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

// The build arguments of the test.
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

// A bareRegistry has every image, with an empty configuration.
type bareRegistry struct{}

func (bareRegistry) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: *opt.ImageOpt.Platform})
	return ref, "", config, err
}

// BuildKit does not report problems in the Dockerfile, and the configuration of
// the image is as expected, on every platform.
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

// The build context has the sources of the binary only: no secrets, and no other
// files whose changes would invalidate the build cache.
func TestBuildContext(t *testing.T) {
	files, err := contents(repository, true)
	if err != nil {
		t.Fatal(err)
	}
	allowed := append([]string{"LICENSE", "blocks", "Makefile", "NOTICE", "go.mod", "go.sum", "packaging/THIRD_PARTY_NOTICES"}, linkedFolders(t)...)
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

// linkedFolders returns the folders in the root of the repository with packages
// of the binary.
func linkedFolders(t *testing.T) (folders []string) {
	t.Helper()
	const module = "github.com/ftd-exporter/ftd_exporter/"
	list := exec.Command("go", "list", "-deps", "./cmd/ftd_exporter")
	list.Dir = repository
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if pkg, ok := strings.CutPrefix(strings.TrimSpace(line), module); ok {
			folder, _, _ := strings.Cut(pkg, "/")
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// The image has two static programs, licenses, and one directory that its user may
// write to.
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
	if want := []string{".", "LICENSE", "NOTICE", "THIRD_PARTY_NOTICES", "data", "ftd_exporter", "ftd_exporter_blocks"}; !slices.Equal(names, want) {
		t.Errorf("the image has %q; want %q", names, want)
	}

	for _, name := range []string{"ftd_exporter", "ftd_exporter_blocks"} {
		binary, err := elf.Open(filepath.Join(img.root, name))
		if err != nil {
			t.Fatal(err)
		}
		defer binary.Close()
		if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
			t.Errorf("%s needs %q, %v", name, libraries, err)
		}
		for _, p := range binary.Progs {
			if p.Type == elf.PT_INTERP {
				t.Errorf("%s needs a dynamic linker", name)
			}
		}
	}

	p := img.start(t, img.container(t), nil, "--version")
	version := wait(t, p)
	for _, arg := range []string{"VERSION", "REVISION", "BRANCH", "BUILD_DATE"} {
		if !strings.Contains(version, buildArgs[arg]) {
			t.Errorf("--version does not have %s:\n%s", arg, version)
		}
	}
}
