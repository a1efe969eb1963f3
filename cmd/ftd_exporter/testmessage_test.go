package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

// A test message arrives, over UDP and TCP.
func TestTestMessage(t *testing.T) {
	p := testutil.Serve(t)
	for _, target := range []string{"udp://" + p.UDP, "tcp://" + p.TCP} {
		status, out, errors := call(t, "", "test-message", "--target="+target, "--device=fw-"+target[:3])
		if status != 0 || !strings.Contains(out, " : %FTD-1-735004: ") || !strings.Contains(out, "ftd_component_ok") {
			t.Errorf("%s: %d\n%s%s", target, status, out, errors)
		}
		want := `ftd_component_ok{component="power_supply",device="fw-` + target[:3] + `",unit="1"} 0`
		testutil.Eventually(t, want, func() error { return p.Shows(want) })
	}
}

// Every message of the catalog can be sent as a test.
func TestTestMessagesOfTheCatalog(t *testing.T) {
	for _, e := range catalog.Messages() {
		if strings.Contains(e.ID.String(), "any") || e.ID == catalog.AnyFault || e.ID == catalog.AnyWorkflowFault {
			continue // It stands for ids that the catalog does not have.
		}
		f := testMessageFlags{id: e.ID.String(), device: "ftd-exporter-test"}
		if _, _, err := f.message(time.Now()); err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
	}
}

func TestTestMessageMistakes(t *testing.T) {
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for want, args := range map[string][]string{
		"--target=5514: write udp://127.0.0.1:5514":               {"--target=5514"},
		"--id=7350: is not a message id in the catalog":           {"--id=7350"},
		"--device=a b: is not a host name":                        {"--device=a b"},
		"nothing receives on this port":                           {"--target=udp://" + closed.LocalAddr().String()},
		"--target=tcp://127.0.0.1:1: dial tcp 127.0.0.1:1: conne": {"--target=tcp://127.0.0.1:1"},
	} {
		status, out, errors := call(t, "", append([]string{"test-message"}, args...)...)
		if status != 1 || !strings.Contains(errors, want) || out != "" {
			t.Errorf("%v: %d, %q, %q, want %q", args, status, out, errors, want)
		}
	}
}
