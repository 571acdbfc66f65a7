package servant

import (
	"fmt"
	"slices"

	"parley.dev/parley/servant/contract"
)

// Table is a step's data table: the first row of the feature file is Headers,
// each further row maps every header to its cell.
type Table = contract.Table

// DocString is a step's doc string with its media type, if it has one.
type DocString = contract.DocString

// NewTable builds a Table from the rows of a feature file, the first of which
// holds the headers. Rows of another length than the first, and headers that
// occur twice, are errors. It adapts the tables of other Gherkin runners.
func NewTable(cells [][]string) (*Table, error) {
	if len(cells) == 0 {
		return nil, fmt.Errorf("data table: it has no header row")
	}
	headers := cells[0]
	for i, h := range headers {
		if slices.Contains(headers[:i], h) {
			return nil, fmt.Errorf("data table: header %q occurs twice", h)
		}
	}
	table := &Table{Headers: slices.Clone(headers), Rows: make([]map[string]string, 0, len(cells)-1)}
	for i, cellsOfRow := range cells[1:] {
		if len(cellsOfRow) != len(headers) {
			return nil, fmt.Errorf("data table: row %d has %s, the header row has %d",
				i+1, count(len(cellsOfRow), "cell"), len(headers))
		}
		row := make(map[string]string, len(headers))
		for j, cell := range cellsOfRow {
			row[headers[j]] = cell
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}
