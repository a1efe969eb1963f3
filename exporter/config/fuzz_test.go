package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// FuzzConfig checks that no input makes the reader or what it feeds panic, and
// that every mistake has its line.
func FuzzConfig(f *testing.F) {
	names, err := filepath.Glob("testdata/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, exampleFile) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	line := regexp.MustCompile(`^f\.yml:[1-9][0-9]*: .*; .`)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse("f.yml", data, testDefaults())
		if err != nil {
			var problems interface{ Unwrap() []error }
			if !errors.As(err, &problems) {
				t.Fatalf("not a list: %v", err)
			}
			for _, err := range problems.Unwrap() {
				if !line.MatchString(err.Error()) {
					t.Errorf("error without line or remedy: %v", err)
				}
			}
			return
		}
		id := identity.New(&c.Identity, c.Devices, nil)
		id.Name(nil, &identity.Sender{DeviceID: data, Addr: netip.MustParseAddr("192.0.2.1")})
	})
}
