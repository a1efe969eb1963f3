package prometheus

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// newest builds a program of the Prometheus in go.mod, without the clients of clouds,
// and returns its path, in Go's build cache. The first time takes minutes.
func newest(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.Command("go", "tool", "-n", program)
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=remove_all_sd", "CGO_ENABLED=0")
	path, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatalf("go tool -n %s: %v", program, err)
	}
	return strings.TrimSpace(string(path))
}

// both returns the paths of the newest and the installed version of a program.
func both(t *testing.T, program string) map[string]string {
	t.Helper()
	versions := map[string]string{"newest": newest(t, program)}
	if installed, err := exec.LookPath(program); err == nil {
		versions["installed"] = installed
	}
	return versions
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}
