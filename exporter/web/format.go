package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A pageTime is a time as a page shows it: with how long ago it was when the page
// was made.
type pageTime struct{ time, now time.Time }

// newPageTime returns a time for a page, or nil if t is nil.
func newPageTime(t *time.Time, now time.Time) *pageTime {
	if t == nil {
		return nil
	}
	return &pageTime{*t, now}
}

// UTC returns the time for a reader.
func (t *pageTime) UTC() string { return t.time.UTC().Format("2006-01-02 15:04:05 UTC") }

// ISO returns the time for a program.
func (t *pageTime) ISO() string { return t.time.UTC().Format(time.RFC3339) }

// Ago returns how long ago the time was.
func (t *pageTime) Ago() string {
	d := t.now.Sub(t.time)
	if d < time.Second {
		return "just now"
	}
	return formatDuration(d) + " ago"
}

// formatDuration returns a duration in its two largest units.
func formatDuration(d time.Duration) string {
	two := func(large int, largeUnit string, small int, smallUnit string) string {
		if small == 0 {
			return fmt.Sprintf("%d %s", large, largeUnit)
		}
		return fmt.Sprintf("%d %s %d %s", large, largeUnit, small, smallUnit)
	}
	switch s := int(d.Seconds()); {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return two(s/60, "min", s%60, "s")
	case s < 24*3600:
		return two(s/3600, "h", s%3600/60, "min")
	default:
		return two(s/(24*3600), "d", s%(24*3600)/3600, "h")
	}
}

// formatNumber returns a number with at most two decimals and with commas between
// thousands.
func formatNumber[T ~int | ~uint64 | ~float64](n T) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(float64(n), 'f', 2, 64), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}

// Units of values, as package state names them.
const (
	unitCelsius   = "celsius"
	unitRatio     = "ratio"
	unitPerSecond = "per_second"
)

// formatValue returns a value in a unit for a reader, a ratio as a percentage.
func formatValue(f float64, unit string) string {
	switch unit {
	case unitCelsius:
		return formatNumber(f) + " °C"
	case unitRatio:
		return formatNumber(100*f) + " %"
	case unitPerSecond:
		return formatNumber(f) + "/s"
	}
	return formatNumber(f)
}

// formatName returns a name of the metrics, such as power_supply, for a reader.
func formatName(name string) string { return strings.ReplaceAll(name, "_", " ") }

// formatTitle returns the title of a metric or, of one without, its name as words.
func formatTitle(title string) string {
	name, ok := strings.CutPrefix(title, "ftd_")
	if !ok {
		return title
	}
	name = formatName(strings.TrimSuffix(name, "_total"))
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}

// formatLabels returns labels for a reader, without those that are empty.
func formatLabels(labels map[string]string) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if v := labels[name]; v != "" {
			texts = append(texts, formatName(name+" "+v))
		}
	}
	return strings.Join(texts, ", ")
}
