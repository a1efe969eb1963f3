package main

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// call runs a command to its end.
func call(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, streams{strings.NewReader(stdin), &out, &err})
	return status, out.String(), err.String()
}

const fan = "<161>2026-03-17T12:00:00Z fw1 : %FTD-1-735002: Cooling Fan 1: Failure Detected\n"

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
		out    string // A part of standard output.
		err    string // A part of standard error.
	}{
		{"--help", 0, "usage: ftd_exporter", ""},
		{"serve --help", 0, "--syslog.listen-address", ""},
		{"replay --help", 0, "--default-device", ""},
		{"--version", 0, "ftd_exporter, version", ""},
		{"bogus", 2, "", "unexpected bogus; try --help"},
		{"serve --bogus", 2, "", "unknown long flag '--bogus'; try --help"},
		{"replay", 2, "", "required argument 'file' not provided"},
		{"replay nofile", 1, "", "open nofile: no such file or directory"},
		{"replay ..", 1, "", "is a directory"},
		{"catalog 12", 1, "", `"12" is not a message id in the catalog`},
		{"catalog fan", 1, "", `"fan" is not a message id in the catalog`},
		{"catalog --output=xml", 2, "", "enum value must be one of text,json,markdown"},
		{"serve --storage.path= --syslog.listen-address=5514", 1, "", "lacks a scheme"},
		{"replay --default-device= x", 1, "", "--default-device is empty; name the device"},
		{"serve --capacity.expiry=0s", 1, "", "--capacity.expiry=0s: must be positive"},
		{"serve --storage.path= --web.telemetry-path=metrics", 1, "", "must begin with /"},
		{"serve --log.level=loud", 2, "", "enum value must be one of"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			status, out, err := call(t, "", strings.Fields(tc.args)...)
			if status != tc.status || !strings.Contains(out, tc.out) || !strings.Contains(err, tc.err) {
				t.Errorf("status %d, stdout %q, stderr %q", status, out, err)
			}
		})
	}
}
