package deploy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// An image is the file system of the image, built from the Dockerfile for this
// machine.
type image struct {
	root     string
	uid, gid int
}

// workDir is the directory of the build, and built the image, once for all tests.
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

// buildImage executes the instructions of the Dockerfile, with a directory for
// each stage.
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

// A stageDir is the directory of a stage of the build.
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
		return nil // It does not change the file system.
	}
	return errors.New("the test does not support this instruction")
}

// copy copies the contents of the sources, which must be directories.
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

// contents lists the files in a directory, directories before their contents;
// with ignore, without the files that its .dockerignore excludes.
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
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		if name == ".git" { // It is large, and TestBuildContext checks that it is ignored.
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil // In another working tree it is a file.
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
