package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ftd-exporter/ftd_exporter/catalog"
)

// messagesPage is the reference of messages.
type messagesPage struct {
	page
	Query      string
	Count, All int
	Families   []familyRows
}

// A familyRows is the messages of a family. ID is where the page has it.
type familyRows struct {
	Name, ID string
	Messages []messageRow
}

// A messageRow is an entry of the catalog.
type messageRow struct {
	ID, Severity, Family, Summary string
	Templates                     []string
	Meaning, Action               string
	Metrics                       []string
	words                         string // All of it in lower case, for the search.
}

func newMessageRows(c *catalog.Catalog, table Table) []messageRow {
	rows := make([]messageRow, 0, c.Len())
	for i := range c.Len() {
		e := c.At(i)
		row := messageRow{
			ID: e.ID.String(), Severity: strconv.Itoa(e.Severity), Family: e.Family, Summary: e.Summary,
			Templates: e.Templates, Meaning: e.Meaning, Action: e.Action, Metrics: table.FedBy(e.ID),
		}
		words := slices.Concat([]string{row.ID, row.Family, row.Summary, row.Meaning, row.Action}, row.Templates, row.Metrics)
		row.words = strings.ToLower(strings.Join(words, "\n"))
		rows = append(rows, row)
	}
	return rows
}

// matches reports whether a message contains all words.
func (m *messageRow) matches(words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(m.words, word) })
}

func (p *pages) serveMessages(w http.ResponseWriter, r *http.Request) {
	page := messagesPage{page: p.newPage("Messages", 0), Query: r.URL.Query().Get("q"), All: len(p.messages)}
	words := strings.Fields(strings.ToLower(page.Query))
	byFamily := map[string][]messageRow{}
	for i := range p.messages {
		if m := &p.messages[i]; m.matches(words) {
			byFamily[m.Family] = append(byFamily[m.Family], *m)
			page.Count++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFamily)) {
		page.Families = append(page.Families, familyRows{formatName(name), "family-" + name, byFamily[name]})
	}
	p.write(w, http.StatusOK, "messages.html", page)
}
