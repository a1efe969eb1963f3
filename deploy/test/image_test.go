// Package deploy tests the Dockerfile and the Helm chart without a container
// engine and without a cluster: what BuildKit and Helm make of them, and the
// exporter itself in a file system that has what the image has, with the flags,
// files and rights that Kubernetes would give it. It is a module of its own
// because of what that takes.
package deploy

import (
	"bytes"
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
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

// An image is the file system of the image that the Dockerfile describes, for
// this machine.
type image struct {
	root     string
	uid, gid int
}

// workDir is where the image is built, built the image: once for all tests.
var (
	workDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "ftd_exporter-image-") })
	built   = sync.OnceValues(buildImage)
)

func theImage(t *testing.T) image {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to change the root directory and the user as a container engine does")
	}
	img, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, err := workDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(status)
}

// buildImage does what the instructions of the Dockerfile say, the stages in a
// directory each.
func buildImage() (img image, err error) {
	dir, err := workDir()
	if err != nil {
		return img, err
	}
	content, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	if err != nil {
		return img, err
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return img, err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return img, err
	}
	for i, stage := range stages {
		s := stageDir{root: filepath.Join(dir, cmp.Or(stage.Name, strconv.Itoa(i))), workdir: "/", stages: dir}
		if err := os.Mkdir(s.root, 0o755); err != nil {
			return img, err
		}
		for _, command := range stage.Commands {
			if err := s.do(command); err != nil {
				return img, fmt.Errorf("%s: %w", command, err)
			}
		}
		img = image{s.root, s.uid, s.gid}
	}
	return img, nil
}

// A stageDir is a stage of the build, as far as it has come.
type stageDir struct {
	root, workdir, stages string
	uid, gid              int
}

func (s *stageDir) do(command instructions.Command) error {
	switch c := command.(type) {
	case *instructions.WorkdirCommand:
		s.workdir = c.Path
		return os.MkdirAll(filepath.Join(s.root, c.Path), 0o755)
	case *instructions.UserCommand:
		_, err := fmt.Sscanf(c.User, "%d:%d", &s.uid, &s.gid)
		return err
	case *instructions.CopyCommand:
		return s.copy(c)
	case *instructions.RunCommand:
		run := exec.Command("/bin/sh", "-c", strings.Join(c.CmdLine, " "))
		run.Dir = filepath.Join(s.root, s.workdir)
		run.Env = append(os.Environ(), "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH, "TARGETVARIANT=")
		for key, value := range buildArgs {
			run.Env = append(run.Env, key+"="+value)
		}
		if out, err := run.CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	case *instructions.ArgCommand, *instructions.LabelCommand, *instructions.ExposeCommand, *instructions.VolumeCommand, *instructions.EntrypointCommand:
		return nil // Of the configuration, not of the file system.
	}
	return errors.New("the test does not know this instruction")
}

// copy copies what the sources, which must be directories, have in them.
func (s *stageDir) copy(c *instructions.CopyCommand) error {
	from, ignore := repository, true
	if c.From != "" {
		from, ignore = filepath.Join(s.stages, c.From), false
	}
	uid, gid := 0, 0
	if c.Chown != "" {
		if _, err := fmt.Sscanf(c.Chown, "%d:%d", &uid, &gid); err != nil {
			return err
		}
	}
	dest := c.DestPath
	if !path.IsAbs(dest) {
		dest = path.Join(s.workdir, dest)
	}
	for _, source := range c.SourcePaths {
		files, err := contents(filepath.Join(from, source), ignore)
		if err != nil {
			return err
		}
		if err := copyFile(filepath.Join(from, source), filepath.Join(s.root, dest), uid, gid); err != nil {
			return err
		}
		for _, name := range files {
			if err := copyFile(filepath.Join(from, source, name), filepath.Join(s.root, dest, name), uid, gid); err != nil {
				return err
			}
		}
	}
	return nil
}

// contents lists what a directory has in it, parents before what is in them;
// with ignore, without what .dockerignore there keeps from the builder.
func contents(dir string, ignore bool) (names []string, err error) {
	var patterns []string
	if ignore {
		f, err := os.Open(filepath.Join(dir, ".dockerignore"))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if patterns, err = ignorefile.ReadAll(f); err != nil {
			return nil, err
		}
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		if name == ".git" {
			return fs.SkipDir // It is large, and TestBuildContext sees that it is ignored.
		}
		skip, err := ignored.MatchesOrParentMatches(name)
		if err == nil && !skip {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

func copyFile(from, to string, uid, gid int) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		return os.Chown(to, uid, gid)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, content, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Chown(to, uid, gid)
}

// The builder gets what the binary is made of: no secret that may lie about,
// and nothing whose change would build everything again.
func TestBuildContext(t *testing.T) {
	files, err := contents(repository, true)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{
		"LICENSE", "Makefile", "NOTICE", "catalog", "cmd", "collectors", "exporter", "go.mod", "go.sum", "packaging/THIRD_PARTY_NOTICES", "simulator",
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

// The image has one program that needs nothing beside it, licences, and one
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
	p.wait(t)
	for _, arg := range []string{"VERSION", "REVISION", "BRANCH", "BUILD_DATE"} {
		if !strings.Contains(p.output(), buildArgs[arg]) {
			t.Errorf("--version does not tell %s:\n%s", arg, p.output())
		}
	}
}
