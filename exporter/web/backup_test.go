package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftd-exporter/ftd_exporter/internal/testutil"
)

const backupPath = "/api/v1/state/backup"

func TestBackup(t *testing.T) {
	copied := strings.Repeat("state\x00", 100_000)
	whole := func(w io.Writer) error {
		_, err := io.WriteString(w, copied)
		return err
	}
	for _, tc := range []struct {
		name   string
		off    bool
		backup func(io.Writer) error
		method string
		header string
		status int
		want   string
	}{
		{"complete", false, whole, "GET", "", 200, copied},
		{"asked for only", false, nil, "HEAD", "", 404, ""},
		{"head", false, func(io.Writer) error { panic("it need not be made") }, "HEAD", "", 200, ""},
		{"off", true, whole, "GET", "", 403, `{"error":"this call is off; start ftd_exporter with --web.enable-admin-api to allow it"}`},
		{"from a page", false, whole, "GET", "Sec-Fetch-Site: same-origin", 403, `{"error":"this call is not for web pages; use curl"}`},
		{"in memory only", false, nil, "GET", "", 404, `{"error":"there is no state file; start ftd_exporter with --storage.path to have one"}`},
		{"failed", false, func(io.Writer) error { return errors.New("the disk is full") }, "GET", "", 503, `{"error":"the disk is full"}`},
		{"wrong method", false, whole, "POST", "", 405, `{"error":"/api/v1/state/backup takes GET, not POST"}`},
	} {
		f := newFixture(t)
		f.AdminAPI, f.Backup = !tc.off, tc.backup
		w := request(f.handler(), tc.method, backupPath, splitHeader(tc.header)...)
		if body := strings.TrimSpace(w.Body.String()); tc.method != "HEAD" && body != tc.want || w.Code != tc.status {
			t.Errorf("%s: %d, %.200q", tc.name, w.Code, body)
		}
		contentType, disposition := "application/json", ""
		if tc.status == http.StatusOK {
			contentType, disposition = "application/octet-stream", `attachment; filename="ftd_exporter-20260317T120000Z.db"`
		}
		if h := w.Header(); h.Get("Content-Type") != contentType || h.Get("Content-Disposition") != disposition {
			t.Errorf("%s: %v", tc.name, h)
		}
	}
}

// A backup takes as long as its client reads, and is the only one meanwhile.
func TestBackupHasNoLimitOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.AdminAPI = true
		f.Backup = func(w io.Writer) error {
			for range 10 {
				if _, err := io.WriteString(w, "state"); err != nil {
					return err
				}
				time.Sleep(time.Hour) // Of the clock of the test.
			}
			return nil
		}
		h := f.handler()
		var wg sync.WaitGroup
		wg.Go(func() {
			if w := request(h, "GET", backupPath); w.Code != http.StatusOK || w.Body.Len() != 50 {
				t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
			}
		})
		time.Sleep(2 * time.Hour)
		if w := request(h, "GET", backupPath); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("a second one: %d, %s", w.Code, w.Body)
		}
		wg.Wait()
	})
}

// What ends early does not look complete: a client that does not read is cut off,
// and so is one whose backup fails half-way.
func TestBackupThatEndsEarly(t *testing.T) {
	t.Run("a client that does not read", func(t *testing.T) {
		f := newFixture(t)
		f.AdminAPI, f.limits.stall = true, 100*time.Millisecond
		ended := make(chan error, 1)
		f.Backup = func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(make([]byte, 16<<20)))
			ended <- err
			return err
		}
		conn := connect(t, f.serveNarrow(), get(backupPath))
		if err := <-ended; err == nil {
			t.Error("16 MB went to nobody")
		}
		if n := len(wantClosed(t, conn)); n > 15<<20 {
			t.Errorf("%d bytes", n)
		}
	})
	t.Run("a file that cannot be read", func(t *testing.T) {
		f := newFixture(t)
		f.AdminAPI = true
		f.Backup = func(w io.Writer) error {
			_, _ = w.Write(make([]byte, 1<<20))
			return errors.New("a bad sector")
		}
		resp, err := http.Get(f.serve(f.handler()) + backupPath)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Error("it looks complete")
		}
		http.DefaultClient.CloseIdleConnections()
		testutil.Eventually(t, "no connection", func() bool { return f.connections() == 0 })
	})
}
