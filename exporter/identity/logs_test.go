package identity_test

import (
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/exporter/identity"
)

// A line of a log is from a collector that is trusted. If it does not name a
// host it belongs to the default device.
func TestIdentityOfLogs(t *testing.T) {
	plain := func(*config) {}
	for name, tc := range map[string]struct {
		config func(*config)
		cases  map[string]string // Sender to name.
	}{
		"without inventory": {
			func(c *config) { *c = *defaultConfig() },
			map[string]string{
				"default=replay":                    "replay",
				"default=":                          "unknown",
				"device_id=a host=b default=replay": "a",
				"host=b default=replay":             "b",
				"client_name=c address=192.0.2.1 default=replay":       "replay",
				"device_id=" + strings.Repeat("x", 256) + " default=r": "r",
			},
		},
		"inventory": {
			plain,
			map[string]string{
				"device_id=edge-1 default=replay":                     "fw1",
				"device_id=localhost host=fw4 default=replay":         "fw4",
				"device_id=192.0.2.1 default=replay":                  "fw1",
				"device_id=203.0.113.9 default=replay":                "fw4",
				"device_id=old-9 default=replay":                      "new-9",
				"device_id=stranger address=192.0.2.1 default=replay": "stranger",
				"device_id=stranger client_name=fw4 default=replay":   "stranger",
				"default=edge-1": "edge-1", // As it is.
				"address=192.0.2.1 client_name=fw4 default=192.0.2.111": "192.0.2.111",
			},
		},
		"normalization": {
			func(c *config) { c.LowerCase, c.StripDomain = true, true },
			map[string]string{
				"device_id=EDGE-1.example.com default=replay": "fw1",
				"device_id=Stranger.a.b default=replay":       "stranger",
				"default=Replay.example.com":                  "Replay.example.com",
			},
		},
		"strict": {
			func(c *config) { c.Strict = true },
			map[string]string{
				"device_id=fw1 default=replay":           "fw1",
				"device_id=stranger default=replay":      "stranger",
				"device_id=stranger host=fw4 default=":   "fw4",
				"address=192.0.2.1 default=replay":       "replay",
				"device_id=fw1":                          "unknown", // A Unix socket is not a log.
				"client_name=fw1 host=x default=replay":  "x",
				"client_name=stranger default=collector": "collector",
			},
		},
		"order": {
			func(c *config) { c.Order = []identity.Source{identity.SourceAddress, identity.SourceHost} },
			map[string]string{
				"device_id=fw1 host=fw4 default=replay": "fw4",
				"device_id=fw1 default=replay":          "replay",
			},
		},
		"shared": {
			func(c *config) { c.Unknown = identity.UnknownShared },
			map[string]string{
				"device_id=stranger default=replay": "unknown",
				"device_id=fw4 default=replay":      "fw4",
				"default=replay":                    "replay",
			},
		},
		"reject": {
			func(c *config) { c.Unknown = identity.UnknownReject },
			map[string]string{
				"device_id=stranger default=replay": rejected,
				"device_id=old-1 default=replay":    "fw1",
				"default=replay":                    "replay",
				"address=192.0.2.1 default=replay":  "replay",
				"default=":                          rejected,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := fleet()
			tc.config(c)
			id := c.identifier()
			for text, want := range tc.cases {
				name, ok := id.Name(nil, newSender(t, text))
				got := string(name)
				if !ok {
					got = rejected
				}
				if got != want {
					t.Errorf("%s: %q, want %q", text, got, want)
				}
			}
		})
	}
}
