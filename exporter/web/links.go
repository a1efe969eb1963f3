package web

import (
	"net/url"
	"strings"
)

// A Config has the links to other programs on the pages. Its keys are those of the
// configuration file.
type Config struct {
	// GrafanaURL is the address of a Grafana with the boards of this project; empty
	// for none.
	GrafanaURL string `yaml:"grafana_url"`
	// RunbookURL is the address of the operator's own instructions. With
	// [RunbookID] in it, it is one address for each message; without, one for all.
	// Empty for none.
	RunbookURL string `yaml:"runbook_url"`
}

// RunbookID is what stands in [Config.RunbookURL] for the id of a message.
const RunbookID = "{message_id}"

// board returns the address of the board of a device or, without one, of all; empty
// without a Grafana.
func (c *Config) board(device string) string {
	switch base := strings.TrimRight(c.GrafanaURL, "/"); {
	case base == "":
		return ""
	case device == "":
		return base + "/d/ftd-fleet"
	default:
		return base + "/d/ftd-device?var-device=" + url.QueryEscape(device)
	}
}

// runbook returns the address of the instructions for a message or, without an id,
// for all of them; empty if there are none.
func (c *Config) runbook(id string) string {
	if (id == "") == strings.Contains(c.RunbookURL, RunbookID) {
		return ""
	}
	return strings.ReplaceAll(c.RunbookURL, RunbookID, url.PathEscape(id))
}
