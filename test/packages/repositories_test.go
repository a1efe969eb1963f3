package packages

import (
	"compress/gzip"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repositories are those with the packages of a release for apt and dnf, signed with
// a key that only the test has.
func repositories(t *testing.T, release string) string {
	t.Helper()
	needs(t, map[string]string{"apt-ftparchive": "apt-utils", "createrepo_c": "createrepo-c", "gpg": "gnupg"})
	keys, dir := filepath.Join(t.TempDir(), "k"), filepath.Join(t.TempDir(), "pages")
	if err := os.Mkdir(keys, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir="+keys, "--kill", "all").Run() })
	output(t, "gpg", "--homedir="+keys, "--batch", "--quiet", "--passphrase=", "--quick-generate-key", "test@example.com", "ed25519", "sign")
	script := `REPOSITORY_KEY=$(gpg --homedir="$1" --batch --armor --export-secret-keys) exec "$0" "$2" "$3"`
	output(t, "bash", "-c", script, filepath.Join(repository, "scripts", "repositories.sh"), keys, release, dir)
	return dir
}

// apt accepts the repository with the key of the release, finds the package and
// checks it; after a change it does not.
func TestAptRepository(t *testing.T) {
	needs(t, map[string]string{"apt-get": "apt"})
	release := built(t, release)
	dir := repositories(t, release)
	root := t.TempDir()
	for _, name := range []string{"lists/partial", "archives/partial", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	source := "deb [signed-by=" + dir + "/ftd_exporter.gpg arch=amd64] file:" + dir + "/deb stable main\n"
	for name, text := range map[string]string{"etc/sources.list": source, "status": ""} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	apt := func(args ...string) (string, error) {
		cmd := exec.Command("apt-get", append([]string{
			"-oDir::Etc=" + root + "/etc", "-oDir::State=" + root, "-oDir::State::Lists=" + root + "/lists", "-oDir::State::status=" + root + "/status",
			"-oDir::Cache=" + root, "-oAPT::Architecture=amd64", "-oAPT::Sandbox::User=root", "-oAPT::Update::Error-Mode=any", "-oAPT::Get::List-Cleanup=false",
		}, args...)...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := apt("update"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := apt("download", "ftd-exporter"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const name = "ftd-exporter_0.0.1_amd64.deb"
	if sum(t, filepath.Join(root, name)) != sum(t, filepath.Join(release, name)) {
		t.Error("apt gets another package")
	}

	packages := filepath.Join(dir, "deb/dists/stable/InRelease")
	text, err := os.ReadFile(packages)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(packages, []byte(strings.Replace(string(text), "Suite: stable", "Suite: Stable", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := apt("update"); err == nil {
		t.Errorf("apt accepts a changed repository:\n%s", out)
	}
}

// The metadata of the rpm repository is signed, and has the checksums of all packages.
func TestRPMRepository(t *testing.T) {
	release := built(t, release)
	dir := repositories(t, release)
	repodata := filepath.Join(dir, "rpm", "repodata")
	output(t, "gpg", "--no-default-keyring", "--keyring="+dir+"/ftd_exporter.gpg", "--homedir="+t.TempDir(), "--batch", "--quiet",
		"--verify", repodata+"/repomd.xml.asc", repodata+"/repomd.xml")
	var repomd struct {
		Data []struct {
			Type     string `xml:"type,attr"`
			Checksum string `xml:"checksum"`
			Location struct {
				Href string `xml:"href,attr"`
			} `xml:"location"`
		} `xml:"data"`
	}
	text, err := os.ReadFile(filepath.Join(repodata, "repomd.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text, &repomd); err != nil {
		t.Fatal(err)
	}
	var primary struct {
		Packages []struct {
			Checksum string `xml:"checksum"`
			Location struct {
				Href string `xml:"href,attr"`
			} `xml:"location"`
		} `xml:"package"`
	}
	for _, d := range repomd.Data {
		file := filepath.Join(dir, "rpm", d.Location.Href)
		if sum(t, file) != d.Checksum {
			t.Errorf("the checksum of %s differs", file)
		}
		if d.Type != "primary" {
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.NewDecoder(z).Decode(&primary); err != nil {
			t.Fatal(err)
		}
	}
	sums := checksums(t, release)
	for _, p := range primary.Packages {
		if p.Checksum != sums[p.Location.Href] {
			t.Errorf("%s has the checksum %s, want %s", p.Location.Href, p.Checksum, sums[p.Location.Href])
		}
	}
	if len(primary.Packages) != 3 {
		t.Errorf("the repository has %d packages", len(primary.Packages))
	}
}

// Without a key there is no repository.
func TestRepositoryNeedsKey(t *testing.T) {
	cmd := exec.Command(filepath.Join(repository, "scripts", "repositories.sh"), t.TempDir(), filepath.Join(t.TempDir(), "pages"))
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "REPOSITORY_KEY must have") {
		t.Errorf("%v: %s", err, out)
	}
}
