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
		{"bogus", 2, "", "unknown command bogus; try --help"},
		{"server", 2, "", "unknown command server; did you mean serve?; try --help"},
		{"serve extra", 2, "", "unexpected argument extra of serve; try --help"},
		{"state", 2, "", "state needs one of the commands dump, forget; try --help"},
		{"state dmp", 2, "", "unknown command state dmp; did you mean state dump?; try --help"},
		{"serve --bogus", 2, "", "unknown flag --bogus of serve; try --help"},
		{"--config=x", 2, "", "unknown flag --config of serve; did you mean --config.file?; try --help"},
		{"--verson", 2, "", "unknown flag --verson of serve; did you mean --version?; try --help"},
		{"--listen-address=:1", 2, "", "did you mean --web.listen-address or --syslog.listen-address?"},
		{"serve --syslog.listen-adress=udp://:1", 2, "", "unknown flag --syslog.listen-adress of serve; did you mean --syslog.listen-address?"},
		{"catalog --outptu json", 2, "", "unknown flag --outptu of catalog; did you mean --output?"},
		{"--capacity.expiry=15", 2, "", "--capacity.expiry=15: is not a duration; write for example 15m or 1h30m"},
		{"simulate --duration 5", 2, "", "--duration=5: is not a duration"},
		{"simulate --rate=fast", 2, "", "--rate=fast: is not a number"},
		{"--log.level=verbose", 2, "", "--log.level=verbose: write one of debug, info, warn, error"},
		{"--web.enable-pprof=true", 2, "", "--web.enable-pprof does not have a value; write --web.enable-pprof or leave it out"},
		{"--web.telemetry-path=metrics", 1, "", "--web.telemetry-path=metrics: must begin with /"},
		{"--web.listen-address=10071 --syslog.listen-address=udp://127.0.0.1:0 --storage.path=", 1, "", "--web.listen-address=10071: "},
		{"--syslog.listen-address=5514 --web.listen-address=127.0.0.1:0 --storage.path=", 1, "", `--syslog.listen-address: listen address \"5514\" lacks a scheme`},
		{"--web.config.file=nofile.yml", 1, "", "--web.config.file=nofile.yml: open nofile.yml: no such file"},
		{"replay", 2, "", "required argument 'file' not provided"},
		{"replay nofile", 1, "", "open nofile: no such file or directory"},
		{"replay ..", 1, "", "is a directory"},
		{"catalog 12", 1, "", `"12" is not a message id in the catalog`},
		{"catalog fan", 1, "", `"fan" is not a message id in the catalog`},
		{"catalog --output=xml", 2, "", "--output=xml: write one of text, json, markdown"},
		{"serve --storage.path= --syslog.listen-address=5514", 1, "", "lacks a scheme"},
		{"replay --default-device= x", 1, "", "--default-device is empty; name the device"},
		{"serve --capacity.expiry=0s", 1, "", "--capacity.expiry=0s: must be positive"},
		{"serve --storage.path= --web.telemetry-path=metrics", 1, "", "must begin with /"},
		{"serve --log.level=loud", 2, "", "--log.level=loud: write one of debug, info, warn, error"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			status, out, err := call(t, "", strings.Fields(tc.args)...)
			if status != tc.status || !strings.Contains(out, tc.out) || !strings.Contains(err, tc.err) {
				t.Errorf("status %d, stdout %q, stderr %q", status, out, err)
			}
		})
	}
}
