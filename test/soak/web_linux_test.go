package soak

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// scrape gets the metrics in one format after the other, and parses each.
func (s *soak) scrape(ctx context.Context) error {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer decoder.Close()
	last := 0
	return pace(ctx, 10, func(n int) error {
		accept := [...]string{"text/plain", "application/openmetrics-text; version=1.0.0", string(expfmt.NewFormat(expfmt.TypeProtoDelim))}[n%3]
		encoding := [...]string{"identity", "gzip", "zstd"}[n/3%3]
		header, body, err := s.get("/metrics", accept, encoding)
		if err != nil {
			return err
		}
		switch got := header.Get("Content-Encoding"); got {
		case "gzip":
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				return err
			}
			if body, err = io.ReadAll(z); err != nil {
				return err
			}
		case "zstd":
			if body, err = decoder.DecodeAll(body, nil); err != nil {
				return err
			}
		case "":
		default:
			return fmt.Errorf("content encoding %q", got)
		}
		s.scrapes++
		if n%3 == 1 {
			if !bytes.HasSuffix(body, []byte("\n# EOF\n")) {
				return fmt.Errorf("OpenMetrics: %d bytes end in %q", len(body), body[max(0, len(body)-20):])
			}
			return nil
		}
		r := reading{}
		for d := expfmt.NewDecoder(bytes.NewReader(body), expfmt.ResponseFormat(header)); ; {
			var f dto.MetricFamily
			if err := d.Decode(&f); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("%s: %w", accept, err)
			}
			r[f.GetName()] = &f
		}
		frames := r.sum("ftd_exporter_syslog_frames_total")
		if frames < last {
			return fmt.Errorf("a scrape shows %d frames, an earlier one %d", frames, last)
		}
		last = frames
		return nil
	})
}

func (s *soak) get(path, accept, encoding string) (http.Header, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+s.web+path, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", encoding)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return resp.Header, body, err
}

// browse gets all pages and API responses.
func (s *soak) browse(ctx context.Context) error {
	pages := []string{"/", "/messages", "/api/v1/devices", "/api/v1/events", "/-/healthy", "/-/ready", "/device?name=tcp-bomb", "/device?name=udp-control", "/api/v1/devices?device=unix-control"}
	return pace(ctx, 5, func(n int) error {
		s.requests++
		_, _, err := s.get(pages[n%len(pages)], "*/*", "identity")
		return err
	})
}

// reload repeatedly loads a file with a mistake and then the other of the two
// valid files, and the first file at the end. It waits until each is loaded.
func (s *soak) reload(ctx context.Context) error {
	const success = "ftd_exporter_config_last_reload_successful"
	load := func(text string, done func(r reading) bool) error {
		s.write("ftd_exporter.yml", text)
		if err := s.exporter.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
			return err
		}
		s.reloads++
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			switch r, err := s.tryRead(); {
			case err != nil:
				return err
			case done(r):
				return nil
			case time.Now().After(deadline):
				return errors.New("not loaded within 30 s")
			}
		}
	}
	mistake := func() error {
		s.broken++
		return load("listeners: []\n", func(r reading) bool { return r.sum(success) == 0 })
	}
	valid := func(i int) error {
		return load(s.configs[i], func(r reading) bool { return r.sum(success) == 1 })
	}
	err := pace(ctx, 1, func(n int) error {
		if err := mistake(); err != nil {
			return err
		}
		return valid(1 - n%2)
	})
	if err != nil {
		return err
	}
	if err := mistake(); err != nil {
		return err
	}
	return valid(0)
}

// linger opens connections to the web server that do not send a complete request,
// or do not read the response.
func (s *soak) linger(ctx context.Context) error {
	return s.visitors.open(ctx, s.web, 1, func(n int) string {
		return [...]string{"", "GET /metrics HTTP/1.1\r\nHost: x\r\nX-", "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: " + strings.Repeat("text/plain;q=0.1,", 400) + "\r\n\r\n"}[n%3]
	})
}
