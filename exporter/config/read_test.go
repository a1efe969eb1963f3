package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only a regular file of a sane size is a configuration file; a link to one is as
// good.
func TestLoadReadsRegularFilesOnly(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long.yml")
	if err := os.WriteFile(long, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(long, maxFile+1); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "good.yml")
	if err := os.WriteFile(good, []byte("limits: {devices: 7}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.yml")
	if err := os.Symlink("good.yml", link); err != nil {
		t.Skip(err)
	}
	for name, want := range map[string]string{
		dir:         "is a directory; name a file in it",
		os.DevNull:  "is not a regular file",
		"/dev/zero": "is not a regular file",
		long:        "is longer than 16 MiB",
	} {
		if _, err := os.Stat(name); err != nil {
			continue // Not on this system.
		}
		if _, err := Load(name, nil); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	c, err := Load(link, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Limits.Devices != 7 {
		t.Errorf("devices: %d", c.Limits.Devices)
	}
}
