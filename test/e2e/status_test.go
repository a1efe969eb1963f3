package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

func TestStatusPageInABrowser(t *testing.T) {
	p := testutil.Serve(t, "--syslog.replay-file="+sampleLog)
	b := openBrowser(t, p.Web)
	do(t, b, chromedp.Navigate("http://"+p.Web+"/"))
	if text := b.text(t); !strings.Contains(text, "lon-edge-fw1") || !strings.Contains(text, "Cooling Fan") {
		t.Errorf("the failed fan of the sample fleet is not on the page:\n%s", text)
	}

	// A message appears when the page refreshes itself.
	p.Send("udp", "<161>2026-03-17T12:00:00Z new-fw1 : %FTD-1-735004: Power Supply 2: Failure Detected")
	// Markup from a sender is shown as text, or rejected in a host name.
	p.Send("udp", "<161><script>alert(1)</script> : %FTD-1-735002: Cooling Fan <img/src=x/onerror=alert(1)>: Failure Detected")
	p.Send("udp", "<161>fw&lt;img&gt : %FTD-1-735002: Cooling Fan </q><script>alert(2)</script>: Failure Detected")
	testutil.Eventually(t, "a refresh of the page", func() error {
		text := b.text(t)
		for _, want := range []string{"new-fw1", "Power Supply 2: Failure Detected", "<img/src=x/onerror=alert(1)>", "</q><script>alert(2)</script>"} {
			if !strings.Contains(text, want) {
				return fmt.Errorf("no %s", want)
			}
		}
		return nil
	})
	if n := do(t, b, chromedp.Evaluate[int]("document.querySelectorAll('script, img').length")); n != 0 {
		t.Errorf("%d elements were injected by a sender", n)
	}

	for _, path := range []string{"/device?name=lon-edge-fw1", "/messages", "/messages?q=fan"} {
		do(t, b, chromedp.Navigate("http://"+p.Web+path))
		if text := b.text(t); !strings.Contains(text, "Cooling fan") && !strings.Contains(text, "Cooling Fan") {
			t.Errorf("%s:\n%.500s", path, text)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests < 5 {
		t.Errorf("only %d requests were seen", b.requests)
	}
	for _, problem := range b.problems {
		t.Error(problem)
	}
}
