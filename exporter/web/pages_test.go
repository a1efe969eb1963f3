package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ftd-exporter/ftd_exporter/catalog"
	"github.com/ftd-exporter/ftd_exporter/state"
)

var (
	inlineTags = regexp.MustCompile(`</?(a|b|i|bdi|q|span|small|time|code|svg|rect)\b[^>]*>`)
	otherTags  = regexp.MustCompile(`<[^>]*>`)
)

// readPage returns what a reader sees of a page, with single spaces.
func readPage(t testing.TB, h http.Handler, target string) string {
	t.Helper()
	w := request(h, "GET", target)
	if w.Code != http.StatusOK {
		t.Errorf("%s: status %d", target, w.Code)
	}
	_, body, _ := strings.Cut(w.Body.String(), "<main>")
	body = otherTags.ReplaceAllString(inlineTags.ReplaceAllString(body, ""), " ")
	return strings.Join(strings.Fields(body), " ")
}

// wantInOrder checks that a text has the parts, one after the other.
func wantInOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Fatalf("%q is not there, or too early, in:\n%s", part, text)
		}
		rest = after
	}
}

// Whatever is in a message or a link, it is text.
func TestPagesEscape(t *testing.T) {
	for _, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `{{.Total}}`, `</title><script>`,
		`javascript:alert(1)`, `a&b?c#d`, `--><script>`, "\u202eevil",
	} {
		f := newFixture(t)
		for id, text := range map[catalog.ID]string{
			735002: "Cooling Fan 1: Failure Detected",
			735007: "CPU 1: Temp: 93 C, Critical",
			768002: "QUOTA: management session quota exceeded: requested 1 , current 15 , limit 15",
		} {
			var m catalog.Message
			if f.Catalog.Match(id, []byte(text), &m) != catalog.Matched {
				t.Fatalf("%s: %s does not match", id, text)
			}
			f.table.Update(&state.Observation{Device: []byte(name), Severity: 1, Time: epoch, Message: &m, Text: []byte(name + text)})
		}
		f.Labels = func(string) map[string]string { return map[string]string{"site": name} }
		f.status.Listeners = []ListenerStatus{{Name: name, Rejected: map[string]uint64{name: 1}}}
		h := f.handler()
		query := "?name=" + strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B", " ", "%20", ";", "%3B", `"`, "%22", "<", "%3C", ">", "%3E", "\u202e", "%E2%80%AE").Replace(name)
		known := request(h, "GET", "/device"+query)
		if known.Code != http.StatusOK {
			t.Errorf("%s: status %d", name, known.Code)
		}
		fleet := request(h, "GET", "/").Body.String()
		for _, page := range []string{
			fleet, known.Body.String(),
			request(h, "GET", "/device"+query+"x").Body.String(), request(h, "GET", "/messages?q"+strings.TrimPrefix(query, "?name")).Body.String(),
		} {
			if !strings.HasSuffix(page, "</html>\n") {
				t.Errorf("%s: the page is cut: %s", name, page)
			}
			for _, wrong := range []string{"<script", "<img", "' onmouseover='", `href="javascript:`, "ZgotmplZ", "</title></title>"} {
				if strings.Contains(page, wrong) {
					t.Errorf("%s: the page has %s", name, wrong)
				}
			}
		}
		if !strings.Contains(fleet, `<a href="device?name=`) {
			t.Errorf("%s: no link to the device", name)
		}
	}
}

func TestPagesTakeOneMethod(t *testing.T) {
	f := newFixture(t)
	f.say(fanFailed)
	h := f.handler()
	for path, contentType := range map[string]string{
		"/": "text/html; charset=utf-8", "/device?name=fw1": "text/html; charset=utf-8", "/device?name=fw2": "text/html; charset=utf-8",
		"/messages": "text/html; charset=utf-8", "/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml",
	} {
		get := request(h, "GET", path)
		if got := get.Header().Get("Content-Type"); got != contentType {
			t.Errorf("%s: Content-Type %q", path, got)
		}
		if got := get.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; style-src 'self';") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, got)
		}
		if get.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", path)
		}
		for _, wrong := range []string{"<script", " style=", " onload=", "://"} {
			if strings.Contains(strings.ReplaceAll(get.Body.String(), "http://www.w3.org/2000/svg", ""), wrong) {
				t.Errorf("%s has %s", path, wrong)
			}
		}
		if head := request(h, "HEAD", path); head.Code != get.Code {
			t.Errorf("HEAD %s: %d", path, head.Code)
		}
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			if w := request(h, method, path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/devices", "/pages/fleet.html", "/fleet.html", "/style.css/"} {
		if w := request(h, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if !strings.Contains(request(h, "GET", "/").Body.String(), `<meta http-equiv="refresh" content="30">`) {
		t.Error("the page does not refresh itself")
	}
}

func TestPageLinks(t *testing.T) {
	f := newFixture(t)
	f.TelemetryPath = "/ftd/metrics"
	h := f.handler()
	page := request(h, "GET", "/").Body.String()
	for _, link := range []string{"ftd/metrics", "-/healthy", "-/ready", "api/v1/devices", "api/v1/events", "messages"} {
		if !strings.Contains(page, `href="`+link+`"`) {
			t.Errorf("no link to %s", link)
		}
		if w := request(h, "GET", "/"+link); w.Code != http.StatusOK {
			t.Errorf("%s: %d", link, w.Code)
		}
	}
	if !strings.Contains(page, "ftd_exporter 1.2.3.") {
		t.Error("the page does not show the version")
	}
}

func TestMessagesPage(t *testing.T) {
	h := newFixture(t).handler()
	all := request(h, "GET", "/messages").Body.String()
	for _, e := range catalog.Messages() {
		if anchor := fmt.Sprintf(`<article class="message" id="%s">`, e.ID); strings.Count(all, anchor) != 1 {
			t.Errorf("not one %s", anchor)
		}
		if link, target := fmt.Sprintf(`<a href="#family-%s">`, e.Family), fmt.Sprintf(` id="family-%s">`, e.Family); strings.Count(all, link) != 1 || strings.Count(all, target) != 1 {
			t.Errorf("not one %s and one %s", link, target)
		}
	}
	if found := request(h, "GET", "/messages?q=735004").Body.String(); strings.Contains(found, `class="index"`) {
		t.Error("the result of a search has an index")
	}
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"735004", []string{"735004 Power supply failed", "family environment severity 1", "Power Supply {unit}: Failure Detected", "To do:", "Metrics: ftd_component_ok ftd_component_failures_total"}},
		{"FAN+failed", []string{"735002 Cooling fan failed"}},
		{"ftd_component_ok", []string{"735001", "735006", "743002"}},
		{"no-such-word", []string{"0 of the", "No message contains all these words."}},
		{"722001", []string{"722001", "Metrics: ftd_messages_total only"}},
	} {
		wantInOrder(t, readPage(t, h, "/messages?q="+tc.query), tc.want...)
	}
}
