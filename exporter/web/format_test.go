package web

import (
	"testing"
	"time"
)

func TestFormatNumber(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 1: "1", 0.5: "0.5", 92.25: "92.25", 1e3: "1,000", 1234567.891: "1,234,567.89", -1234: "-1,234", 999: "999"} {
		if got := formatNumber(f); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Second: "5 s", time.Minute: "1 min", 65 * time.Second: "1 min 5 s", 3*time.Hour + 12*time.Minute: "3 h 12 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
