package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A Report has the results.
type Report struct {
	Machine  Machine        `json:"machine"`
	Workload WorkloadReport `json:"workload"`
	Runs     int            `json:"runs"`
	Intake   []IntakeRow    `json:"intake,omitempty"`
	Lossless []LosslessRow  `json:"lossless,omitempty"`
	Scrapes  []ScrapeRow    `json:"scrapes,omitempty"`
	// DuringScrape has a row for each rate.
	DuringScrape []DuringScrapeRow `json:"during_scrapes,omitempty"`
	Problems     []string          `json:"problems"` // Inconsistent counts.
}

// Machine is the computer, and the exporter that was measured on it.
type Machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	Kernel   string `json:"kernel"`
	Go       string `json:"go"`
	Exporter string `json:"exporter"`
}

// WorkloadReport describes the lines.
type WorkloadReport struct {
	Lines     int     `json:"lines"`
	Devices   int     `json:"devices"`
	Seed      uint64  `json:"seed"`
	MeanBytes float64 `json:"mean_bytes"`
}

// A Spread summarizes the runs.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spread returns the spread of any number of values.
func spread(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	if len(v) == 0 {
		return Spread{}
	}
	n := len(v)
	return Spread{(v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1]}
}

// Counts are the lines of one run.
type Counts struct {
	Sent int64 `json:"sent"`
	// Received counts the lines that the receiver has read, Rejected the lines
	// among them that it has rejected.
	Received int64 `json:"received"`
	Rejected int64 `json:"rejected"`
	// Dropped counts the datagrams that the kernel has dropped at the socket,
	// LostBefore the datagrams that it has dropped before the socket.
	Dropped    int64 `json:"dropped"`
	LostBefore int64 `json:"lost_before"`
}

func (c *Counts) lost() int64 { return c.Dropped + c.LostBefore }

// An IntakeRow is the cost of receiving the lines in one way.
type IntakeRow struct {
	Case    string   `json:"case"`
	Subject string   `json:"subject"`
	CPU     Spread   `json:"cpu_seconds_per_million_lines"`
	Rate    Spread   `json:"lines_per_second"` // Sent, or read from a file.
	Lost    Spread   `json:"lost_ratio"`
	Memory  Spread   `json:"peak_memory_bytes"`
	Counts  []Counts `json:"counts"`
}

// A LosslessRow is the highest rate of datagrams without loss.
type LosslessRow struct {
	Subject string   `json:"subject"`
	Rate    Spread   `json:"lines_per_second"`
	Ends    []string `json:"ends"` // Why a higher rate failed in each run.
}

// A ScrapeRow is the cost of a scrape.
type ScrapeRow struct {
	Format   string `json:"format"`
	Series   int    `json:"series"`
	CPU      Spread `json:"cpu_seconds"`
	Duration Spread `json:"seconds"`
	Size     Spread `json:"bytes"`
	// The allocations of the exporter's Go runtime during the scrape.
	AllocatedBytes Spread `json:"allocated_bytes"`
	Allocations    Spread `json:"allocations"`
	Memory         int64  `json:"peak_memory_bytes"`
}

// A DuringScrapeRow is the loss of paced datagrams during back-to-back scrapes.
type DuringScrapeRow struct {
	Case     string   `json:"case"`
	Series   int      `json:"series"`
	Scrapes  Spread   `json:"scrapes"`
	Duration Spread   `json:"scrape_seconds"`
	Rate     Spread   `json:"lines_per_second"`
	Lost     Spread   `json:"lost_ratio"`
	Counts   []Counts `json:"counts"`
}

// JSON writes r as JSON, in base units: seconds and bytes.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Text writes r as tables with aligned columns.
func (r *Report) Text(w io.Writer) error {
	return r.write(w, func(w io.Writer, rows [][]string) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintln(t, strings.Join(row, "\t"))
		}
		t.Flush()
	})
}

// Markdown writes r as Markdown tables.
func (r *Report) Markdown(w io.Writer) error {
	return r.write(w, func(w io.Writer, rows [][]string) {
		for i, row := range rows {
			fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintln(w, strings.Repeat("|---", len(row))+"|")
			}
		}
	})
}

func (r *Report) write(to io.Writer, table func(io.Writer, [][]string)) error {
	var w strings.Builder
	table(&w, [][]string{
		{"what", "is"},
		{"exporter", r.Machine.Exporter},
		{"cpu", fmt.Sprintf("%s, %d cores", r.Machine.CPU, r.Machine.Cores)},
		{"kernel", r.Machine.Kernel},
		{"go", r.Machine.Go},
		{"lines", fmt.Sprintf("%d of %.1f bytes on average, %d devices, seed %d", r.Workload.Lines, r.Workload.MeanBytes, r.Workload.Devices, r.Workload.Seed)},
		{"figures", fmt.Sprintf("median (minimum-maximum) of %d runs", r.Runs)},
	})
	for _, rows := range [][][]string{r.intake(), r.lossless(), r.scrapes(), r.duringScrape()} {
		if len(rows) > 1 {
			fmt.Fprintln(&w)
			table(&w, rows)
		}
	}
	if len(r.Problems) > 0 {
		fmt.Fprintln(&w)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&w, "Counts do not add up: %s\n", p)
	}
	_, err := io.WriteString(to, w.String())
	return err
}

func (r *Report) intake() [][]string {
	rows := [][]string{{"intake", "subject", "CPU-s per million", "lines/s", "lost %", "peak MiB"}}
	for _, row := range r.Intake {
		rows = append(rows, []string{row.Case, row.Subject, row.CPU.text(1), row.Rate.text(1), row.Lost.text(100), row.Memory.text(1. / (1 << 20))})
	}
	return rows
}

func (r *Report) lossless() [][]string {
	rows := [][]string{{"UDP without loss", "lines/s", "a higher rate"}}
	for _, row := range r.Lossless {
		ends := slices.Clone(row.Ends)
		slices.Sort(ends)
		rows = append(rows, []string{row.Subject, row.Rate.text(1), strings.Join(slices.Compact(ends), ", ")})
	}
	return rows
}

func (r *Report) scrapes() [][]string {
	rows := [][]string{{"scrape", "series", "CPU-s", "seconds", "MB", "allocated MB", "allocations", "peak MiB"}}
	for _, row := range r.Scrapes {
		rows = append(rows, []string{
			row.Format, strconv.Itoa(row.Series), row.CPU.text(1), row.Duration.text(1), row.Size.text(1e-6),
			row.AllocatedBytes.text(1e-6), row.Allocations.text(1), number(float64(row.Memory) / (1 << 20)),
		})
	}
	return rows
}

func (r *Report) duringScrape() [][]string {
	rows := [][]string{{"during scrapes", "series", "scrapes", "seconds each", "lines/s", "lost %"}}
	for _, row := range r.DuringScrape {
		rows = append(rows, []string{row.Case, strconv.Itoa(row.Series), row.Scrapes.text(1), row.Duration.text(1), row.Rate.text(1), row.Lost.text(100)})
	}
	return rows
}

// text returns s in another unit, for which values are multiplied by factor.
func (s Spread) text(factor float64) string {
	median, minimum, maximum := number(s.Median*factor), number(s.Min*factor), number(s.Max*factor)
	if minimum == maximum {
		return median
	}
	return fmt.Sprintf("%s (%s-%s)", median, minimum, maximum)
}

// number returns f with three significant digits, or as an integer if that has
// more.
func number(f float64) string {
	switch {
	case f == 0:
		return "0"
	case f >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	case f >= 1:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f >= 0.001:
		return strconv.FormatFloat(f, 'f', 3, 64)
	}
	return strconv.FormatFloat(f, 'g', 2, 64)
}
