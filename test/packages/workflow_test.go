package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// A workflow is what the test reads of a file in .github/workflows.
type workflow struct {
	Jobs map[string]struct {
		Permissions map[string]string
		Env         map[string]string
		Steps       []struct {
			Uses, Run string
			Env       map[string]string
		}
	}
}

func readWorkflow(t *testing.T, name string) (w workflow) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, ".github", "workflows", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// Actions are named by the hash of a commit, because a tag can be moved.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)
	for _, name := range []string{"ci.yml", "release.yml"} {
		for _, job := range readWorkflow(t, name).Jobs {
			for _, step := range job.Steps {
				if step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s uses %s", name, step.Uses)
				}
			}
		}
	}
}

// stubs are the programs that the release workflow runs against services: they note
// their arguments, and answer like the originals.
var stubs = map[string]string{
	"sudo": "",
	"docker": `for arg; do
	case $arg in
	--metadata-file=*) echo '{"containerimage.digest": "sha256:1234"}' >"${arg#*=}" ;;
	esac
done`,
	"helm": `[[ $1 = push ]] && echo "Digest: sha256:5678" || true`,
	"cosign": `for arg; do
	case $arg in
	--bundle=*) echo signed >"${arg#*=}" ;;
	esac
done`,
}

// TestReleaseWorkflow tags a release in a clone, by the one command that the
// maintainers run, and runs the steps of the release workflow there, for one
// platform, without services.
func TestReleaseWorkflow(t *testing.T) {
	needs(t, map[string]string{"apt-ftparchive": "apt-utils", "createrepo_c": "createrepo-c", "gpg": "gnupg", "jq": "jq"})
	root := t.TempDir()
	clone, bin, calls, pages := filepath.Join(root, "clone"), filepath.Join(root, "bin"), filepath.Join(root, "calls"), filepath.Join(root, "pages")
	for _, dir := range []string{bin, filepath.Join(root, "keys")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range stubs {
		text := "#!/usr/bin/env bash\nset -euo pipefail\necho \"" + name + " $*\" >>" + calls + "\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copyRepository(t, clone)
	output(t, "git", "init", "--quiet", "--bare", pages)
	git := func(args ...string) string {
		t.Helper()
		return strings.TrimSpace(output(t, "git", append([]string{"-C", clone, "-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...))
	}
	git("add", "--all")
	git("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message=Present state")
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "COSIGN="+filepath.Join(bin, "cosign"), "PAGES="+pages,
		"PLATFORM=linux/amd64", "RELEASEFLAGS=--skip=publish", "SIGN=--annotate", "GITHUB_ACTOR=somebody", "GITHUB_REF_NAME=v9.8.7",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
	run := func(script string, env ...string) (string, error) {
		cmd := exec.Command("bash", "-eo", "pipefail", "-c", script)
		cmd.Dir, cmd.Env = clone, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, wrong := range []string{"make release", "make release VERSION=v9.8.7", "make release VERSION=9.8"} {
		if out, err := run(wrong, env...); err == nil {
			t.Errorf("%s succeeds:\n%s", wrong, out)
		}
	}
	if out, err := run("make release VERSION=9.8.7", env...); err != nil || !strings.Contains(out, "git push --atomic origin HEAD v9.8.7") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run("make release VERSION=9.8.7", env...); err == nil || !strings.Contains(out, "the tag v9.8.7 exists") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	if git("cat-file", "-t", "v9.8.7") != "tag" || git("rev-parse", "v9.8.7^{commit}") != git("rev-parse", "HEAD") || git("status", "--porcelain") != "" {
		t.Errorf("the tag is a %s of %s; changes: %s", git("cat-file", "-t", "v9.8.7"), git("rev-parse", "v9.8.7^{commit}"), git("status", "--porcelain"))
	}
	if got, want := git("show", "HEAD:CHANGELOG.md"), "## Unreleased\n\n## 9.8.7 / "+time.Now().UTC().Format(time.DateOnly)+"\n\n"; !strings.HasPrefix(got, want) {
		t.Errorf("the changelog begins with %.80q", got)
	}
	if chart := git("show", "HEAD:deploy/helm/ftd-exporter/Chart.yaml"); !strings.Contains(chart, "\nversion: 9.8.7\n") || !strings.Contains(chart, "\nappVersion: \"9.8.7\"\n") {
		t.Errorf("the chart is\n%s", chart)
	}

	keys := filepath.Join(root, "keys")
	t.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir="+keys, "--kill", "all").Run() })
	output(t, "gpg", "--homedir="+keys, "--batch", "--quiet", "--passphrase=", "--quick-generate-key", "test@example.com", "ed25519", "sign")
	secrets := map[string]string{
		"${{ github.token }}":           "token",
		"${{ secrets.REPOSITORY_KEY }}": output(t, "gpg", "--homedir="+keys, "--batch", "--armor", "--export-secret-keys"),
	}
	job := readWorkflow(t, "release.yml").Jobs["release"]
	if job.Permissions["id-token"] != "write" || job.Permissions["packages"] != "write" || job.Permissions["contents"] != "write" {
		t.Errorf("permissions %v", job.Permissions)
	}
	for _, step := range job.Steps {
		if step.Run == "" {
			continue
		}
		stepEnv := slices.Clone(env)
		for _, variables := range []map[string]string{job.Env, step.Env} {
			for name, value := range variables {
				if secrets[value] == "" {
					t.Fatalf("%s: the test does not support %s", name, value)
				}
				stepEnv = append(stepEnv, name+"="+secrets[value])
			}
		}
		start := time.Now()
		if out, err := run(step.Run, stepEnv...); err != nil {
			t.Fatalf("%s: %v\n%s", step.Run, err, out)
		}
		t.Logf("%s: %v", step.Run, time.Since(start).Round(time.Second))
	}

	text, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	const image, charts = "ghcr.io/ftd-exporter/ftd_exporter", "ghcr.io/ftd-exporter/charts"
	at := 0
	for _, want := range []string{
		`docker login ghcr\.io --username=somebody --password-stdin`,
		`cosign sign-blob --bundle=\S*sha256sums\.txt\.sigstore\.json --yes \S*sha256sums\.txt`,
		`docker buildx build .*--platform=linux/amd64,linux/arm64,linux/arm/v7 --push .*--build-arg=VERSION=9\.8\.7 .*--tag=` + image + `:9\.8\.7 --tag=` + image + `:latest \.`,
		`cosign sign --yes ` + image + `@sha256:1234`,
		`helm package deploy/helm/ftd-exporter --version=9\.8\.7 --app-version=9\.8\.7 .*`,
		`helm push \S*/ftd-exporter-9\.8\.7\.tgz oci://` + charts,
		`cosign sign --yes ` + charts + `/ftd-exporter@sha256:5678`,
	} {
		found := regexp.MustCompile(`(?m)^` + want + `$`).FindIndex(text[at:])
		if found == nil {
			t.Fatalf("%s is not in, or not in this order:\n%s", want, text)
		}
		at += found[1]
	}
	if values, err := os.ReadFile(filepath.Join(repository, "deploy/helm/ftd-exporter/values.yaml")); err != nil || !strings.Contains(string(values), "\n  repository: "+image+"\n") {
		t.Errorf("the chart uses another image: %v", err)
	}
	published := strings.Split(output(t, "git", "-C", pages, "ls-tree", "-r", "--name-only", "gh-pages"), "\n")
	for _, want := range []string{
		".nojekyll", "index.html", "sitemap.xml", "docs/install.html", "docs/runbooks/FTDComponentFailed.html", "ftd_exporter.asc",
		"deb/dists/stable/InRelease", "deb/pool/ftd-exporter_9.8.7_amd64.deb", "rpm/repodata/repomd.xml.asc", "rpm/ftd-exporter-9.8.7-1.x86_64.rpm",
	} {
		if !slices.Contains(published, want) {
			t.Errorf("%s is not published", want)
		}
	}
	if t.Failed() {
		t.Logf("published: %q", published)
	}
}
