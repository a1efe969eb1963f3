package packages

import (
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// repository is the root of the product's source.
const repository = "../.."

// work is the directory of the releases, which are built once for all tests.
var work string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ftd_exporter-packages")
	if err != nil {
		panic(err)
	}
	work = dir
	status := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(status)
}

// needs skips the test if a program is missing that scripts/setup-tests.sh
// would install from a Debian package.
func needs(t *testing.T, programs map[string]string) {
	t.Helper()
	for program, pkg := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing: apt-get install --no-install-recommends %s", program, pkg)
		}
	}
}

// buildOptions are the differences of a release from make dist.
type buildOptions struct {
	source   string // A copy of the repository.
	version  string
	platform string // For this platform only.
	cache    string // Another build cache.
	config   string // Another /etc/ftd_exporter/ftd_exporter.yml.
	shell    string // Commands to run before make.
	env      []string
}

// build builds a release and returns its directory.
func build(o buildOptions) (string, error) {
	text, err := os.ReadFile(filepath.Join(o.source, ".goreleaser.yml"))
	if err != nil {
		return "", err
	}
	name, err := os.MkdirTemp(work, o.version+"-")
	if err != nil {
		return "", err
	}
	config := "dist: " + filepath.Join(name, "dist") + "\n" + string(text)
	if o.cache != "" {
		config = strings.Replace(config, "env: &env [CGO_ENABLED=0]", "env: &env [CGO_ENABLED=0, GOCACHE="+o.cache+"]", 1)
	}
	if o.config != "" {
		config = strings.Replace(config, "src: packaging/ftd_exporter.yml", "src: "+o.config, 1)
	}
	file := filepath.Join(name, "goreleaser.yml")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return "", err
	}
	cmd := exec.Command("bash", "-c", o.shell+"\nexec make dist VERSION="+o.version+" PLATFORM="+o.platform+" GORELEASERCONFIG="+file)
	cmd.Dir = o.source
	cmd.Env = append(os.Environ(), o.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(err.Error() + "\n" + string(out))
	}
	return filepath.Join(name, "dist"), nil
}

// release is the release 0.0.1 of this tree for every platform.
var release = sync.OnceValues(func() (string, error) {
	return build(buildOptions{source: repository, version: "0.0.1"})
})

// nextConfig is the configuration file of the next release.
const nextConfig = "# The next version.\nlisteners:\n  - address: udp://:514\n  - address: tcp://:1470\n"

// next is a release 0.0.2 for linux/amd64 with another configuration file.
var next = sync.OnceValues(func() (string, error) {
	config := filepath.Join(work, "next.yml")
	if err := os.WriteFile(config, []byte(nextConfig), 0o644); err != nil {
		return "", err
	}
	return build(buildOptions{source: repository, version: "0.0.2", platform: "linux/amd64", config: config})
})

// built returns the directory of a release.
func built(t *testing.T, release func() (string, error)) string {
	t.Helper()
	dir, err := release()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// output runs a command to its end and returns its output.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func sum(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// checksums returns the checksums of a release by file name.
func checksums(t *testing.T, dir string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "sha256sums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(data)) {
		hash, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = hash
	}
	return sums
}

func TestRelease(t *testing.T) {
	dir := built(t, release)
	sums := checksums(t, dir)
	if got, want := slices.Sorted(maps.Keys(sums)), []string{
		"ftd-exporter-0.0.1-1.aarch64.rpm",
		"ftd-exporter-0.0.1-1.armv7hl.rpm",
		"ftd-exporter-0.0.1-1.x86_64.rpm",
		"ftd-exporter_0.0.1_amd64.deb",
		"ftd-exporter_0.0.1_arm64.deb",
		"ftd-exporter_0.0.1_armhf.deb",
		"ftd_exporter-0.0.1.darwin-amd64.cdx.json",
		"ftd_exporter-0.0.1.darwin-amd64.tar.gz",
		"ftd_exporter-0.0.1.darwin-arm64.cdx.json",
		"ftd_exporter-0.0.1.darwin-arm64.tar.gz",
		"ftd_exporter-0.0.1.freebsd-amd64.cdx.json",
		"ftd_exporter-0.0.1.freebsd-amd64.tar.gz",
		"ftd_exporter-0.0.1.freebsd-arm64.cdx.json",
		"ftd_exporter-0.0.1.freebsd-arm64.tar.gz",
		"ftd_exporter-0.0.1.linux-amd64.cdx.json",
		"ftd_exporter-0.0.1.linux-amd64.tar.gz",
		"ftd_exporter-0.0.1.linux-arm64.cdx.json",
		"ftd_exporter-0.0.1.linux-arm64.tar.gz",
		"ftd_exporter-0.0.1.linux-armv7.cdx.json",
		"ftd_exporter-0.0.1.linux-armv7.tar.gz",
		"ftd_exporter-0.0.1.windows-amd64.cdx.json",
		"ftd_exporter-0.0.1.windows-amd64.zip",
		"ftd_exporter-0.0.1.windows-arm64.cdx.json",
		"ftd_exporter-0.0.1.windows-arm64.zip",
		"ftd_exporter_blocks-0.0.1.darwin-amd64.cdx.json",
		"ftd_exporter_blocks-0.0.1.darwin-arm64.cdx.json",
		"ftd_exporter_blocks-0.0.1.freebsd-amd64.cdx.json",
		"ftd_exporter_blocks-0.0.1.freebsd-arm64.cdx.json",
		"ftd_exporter_blocks-0.0.1.linux-amd64.cdx.json",
		"ftd_exporter_blocks-0.0.1.linux-arm64.cdx.json",
		"ftd_exporter_blocks-0.0.1.linux-armv7.cdx.json",
		"ftd_exporter_blocks-0.0.1.windows-amd64.cdx.json",
		"ftd_exporter_blocks-0.0.1.windows-arm64.cdx.json",
	}; !slices.Equal(got, want) {
		t.Errorf("files %q", got)
	}
	for name, want := range sums {
		if got := sum(t, filepath.Join(dir, name)); got != want {
			t.Errorf("%s has the checksum %s, and is listed with %s", name, got, want)
		}
	}
}

func TestBinaries(t *testing.T) {
	dir := built(t, release)
	for _, tc := range []struct{ dir, platform, machine string }{
		{"linux_amd64_v1", "linux-amd64", "EM_X86_64"},
		{"linux_arm64_v8.0", "linux-arm64", "EM_AARCH64"},
		{"linux_arm_7", "linux-armv7", "EM_ARM"},
		{"darwin_amd64_v1", "darwin-amd64", "CpuAmd64"},
		{"darwin_arm64_v8.0", "darwin-arm64", "CpuArm64"},
		{"windows_amd64_v1", "windows-amd64", "8664"},
		{"windows_arm64_v8.0", "windows-arm64", "aa64"},
		{"freebsd_amd64_v1", "freebsd-amd64", "EM_X86_64"},
		{"freebsd_arm64_v8.0", "freebsd-arm64", "EM_AARCH64"},
	} {
		t.Run(tc.platform, func(t *testing.T) {
			prefix, archive, exe := filepath.Join(dir, "ftd_exporter-0.0.1."+tc.platform), ".tar.gz", ""
			if strings.HasPrefix(tc.platform, "windows") {
				archive, exe = ".zip", ".exe"
			}
			for _, program := range []string{"ftd_exporter", "ftd_exporter_blocks"} {
				checkBinary(t, filepath.Join(dir, program+"_"+tc.dir, program+exe), tc.platform, tc.machine)
			}

			root := filepath.Base(prefix) + "/"
			want := []string{
				root + "CHANGELOG.md",
				root + "LICENSE",
				root + "NOTICE",
				root + "README.md",
				root + "SECURITY.md",
				root + "THIRD_PARTY_NOTICES",
				root + "ftd_exporter" + exe,
				root + "ftd_exporter.yml",
				root + "ftd_exporter_blocks" + exe,
				root + "examples/alertmanager.yml",
				root + "dashboards/grafana/provisioning/dashboards/ftd.yml",
				root + "dashboards/grafana/provisioning/datasources/prometheus.yml",
				root + "dashboards/prometheus/ftd.alerts.yml",
				root + "dashboards/prometheus/ftd.rules.yml",
			}
			for _, board := range []string{"capacity", "device", "exporter", "fleet"} {
				want = append(want, root+"dashboards/grafana/ftd-"+board+".json")
			}
			for _, page := range pages(t) {
				want = append(want, root+page)
			}
			slices.Sort(want)
			if got := archived(t, prefix+archive); !slices.Equal(got, want) {
				t.Errorf("archive of %q, want %q", got, want)
			}
		})
	}
	revision := strings.TrimSpace(output(t, "git", "-C", repository, "rev-parse", "HEAD"))
	for _, program := range []string{"ftd_exporter", "ftd_exporter_blocks"} {
		version := output(t, filepath.Join(dir, program+"_linux_amd64_v1", program), "--version")
		for _, want := range []string{program + ", version 0.0.1 (branch: ", "revision: " + revision, "platform:         linux/amd64"} {
			if !strings.Contains(version, want) {
				t.Errorf("--version lacks %q:\n%s", want, version)
			}
		}
	}
}

// checkBinary checks for what and how a program is built, and that its bill of
// materials lists the modules in it.
func checkBinary(t *testing.T, name, platform, want string) {
	t.Helper()
	if got := machine(t, name); got != want {
		t.Errorf("%s is built for %s, want %s", name, got, want)
	}
	info, err := buildinfo.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" {
		t.Errorf("%s: build settings %v", name, settings)
	}
	if arm := settings["GOARM"]; platform == "linux-armv7" && arm != "7" {
		t.Errorf("%s: GOARM is %q", name, arm)
	}
	modules := map[string]string{"std": info.GoVersion}
	for _, d := range info.Deps {
		if d.Replace != nil { // The exporter's own module.
			d = &debug.Module{Path: d.Replace.Path, Version: "(devel)"}
		}
		modules[d.Path] = d.Version
	}
	program := strings.TrimSuffix(filepath.Base(name), ".exe")
	of, version, components := materials(t, filepath.Join(filepath.Dir(filepath.Dir(name)), program+"-0.0.1."+platform+".cdx.json"))
	if of != info.Main.Path || version != "v0.0.1" || !maps.Equal(components, modules) {
		t.Errorf("%s: %s, version %s of %v, want v0.0.1 of %v", name, of, version, components, modules)
	}
}

// machine returns the platform of a binary, and fails the test if it needs a
// dynamic linker.
func machine(t *testing.T, name string) string {
	t.Helper()
	if f, err := elf.Open(name); err == nil {
		defer f.Close()
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				t.Errorf("%s is not static: %v", name, p.Type)
			}
		}
		return f.Machine.String()
	}
	if f, err := macho.Open(name); err == nil {
		defer f.Close()
		return f.Cpu.String()
	}
	f, err := pe.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return hex.EncodeToString([]byte{byte(f.Machine >> 8), byte(f.Machine)})
}

// materials reads a bill of materials.
func materials(t *testing.T, name string) (of, version string, components map[string]string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		BOMFormat string
		Metadata  struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(data, &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" {
		t.Errorf("%s is %s", name, bom.BOMFormat)
	}
	components = map[string]string{}
	for _, c := range bom.Components {
		components[c.Name] = c.Version
	}
	return bom.Metadata.Component.Name, bom.Metadata.Component.Version, components
}

// TestReproducible builds the release again from another directory, with an empty
// build cache and another umask, time zone and language.
func TestReproducible(t *testing.T) {
	first := built(t, release)
	other := filepath.Join(t.TempDir(), "another", "directory")
	copyRepository(t, other)
	second, err := build(buildOptions{
		source: other, version: "0.0.1", platform: "linux/amd64", cache: t.TempDir(), shell: "umask 077",
		env: []string{"TZ=Pacific/Auckland", "LC_ALL=C", "HOSTNAME=another"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want, got := checksums(t, first), checksums(t, second)
	if len(got) != 5 {
		t.Errorf("the other release has the files %q", slices.Sorted(maps.Keys(got)))
	}
	for name, hash := range got {
		if hash != want[name] {
			t.Errorf("%s differs", name)
		}
	}
	archive := "ftd_exporter-0.0.1.linux-amd64.tar.gz"
	if a, b := members(t, filepath.Join(first, archive)), members(t, filepath.Join(second, archive)); a != b {
		t.Errorf("in %s: %s", archive, testutil.FirstDifference(b, a))
	}
	for _, binary := range []string{"ftd_exporter_linux_amd64_v1/ftd_exporter", "ftd_exporter_blocks_linux_amd64_v1/ftd_exporter_blocks"} {
		if sum(t, filepath.Join(first, binary)) != sum(t, filepath.Join(second, binary)) {
			t.Errorf("%s differs", binary)
		}
	}
}

// copyRepository copies the tree, including uncommitted changes, to dir.
func copyRepository(t *testing.T, dir string) {
	t.Helper()
	output(t, "sh", "-c", `umask 077 && git clone --quiet "$0" "$1"`, repository, dir)
	changed := output(t, "git", "-C", repository, "diff", "--name-only", "-z", "HEAD") +
		output(t, "git", "-C", repository, "ls-files", "--others", "--exclude-standard", "-z")
	for name := range strings.SplitSeq(strings.TrimSuffix(changed, "\x00"), "\x00") {
		from, to := filepath.Join(repository, name), filepath.Join(dir, name)
		_, err := os.Stat(from)
		switch {
		case name == "":
			continue
		case errors.Is(err, fs.ErrNotExist):
			err = os.Remove(to)
		case err == nil:
			output(t, "install", "-D", "--mode=0700", from, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
