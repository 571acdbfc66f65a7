package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"parley.dev/parley/harness/plan"
)

// listed is one cell in the JSON form of list.
type listed struct {
	ID       string            `json:"id"`
	Number   string            `json:"number,omitempty"`
	Row      int               `json:"row,omitempty"`
	Scenario string            `json:"scenario"`
	Feature  string            `json:"feature"`
	URI      string            `json:"uri"`
	Line     int               `json:"line"`
	Cast     string            `json:"cast"`
	Roles    map[string]string `json:"roles"`
	Tags     []string          `json:"tags"`
	// Parameters are those that the scenario's text has, with their values.
	Parameters map[string]string `json:"parameters,omitempty"`
	// OnDemand are the tags for which the scenario runs on demand only, LeftOut is
	// whether the selection leaves it out for that.
	OnDemand []string `json:"onDemand,omitempty"`
	LeftOut  bool     `json:"leftOut,omitempty"`
}

// listing is what a selection would run.
type listing struct {
	*plan.Selected
	onDemand   []string
	parameters map[string]string
}

func newList(p *project) *cobra.Command {
	var (
		sel    plan.Selection
		format string
	)
	cmd := &cobra.Command{
		Use:   "list [SELECTOR …]",
		Short: "Shows what a selection would run: cells, roles, platforms, tags",
		Long: `Shows the cells that a selection would run, without starting anything. The
selectors are those of run. Scenarios that it would run only on demand are marked.

--format github-matrix prints one line that a GitHub workflow reads with
fromJSON: one entry per cast, to be run as one job each.`,
		Example: `  parley list                       everything
  parley list go_csharp "4.*"       feature 4 with Go in the first role, C# in the second
  parley list --format json 1.1     for other programs`,
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := map[string]func(io.Writer, listing) error{"text": listText, "json": listJSON, "github-matrix": listMatrix}[format]
			if !ok {
				return fmt.Errorf("--format '%s': there are text, json and github-matrix", format)
			}
			if err := p.load(); err != nil {
				return err
			}
			sel.Words = args
			selected, err := p.selectCells(p.request(sel))
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), listing{selected, p.config.OnDemand, p.config.Parameters})
		},
	}
	cmd.Flags().StringVar(&sel.Tags, "tags", "", "list only scenarios whose tags fit the `EXPRESSION`, like \"@wrap and not @slow\"")
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT` of the list: text, json or github-matrix")
	setFlag(cmd, p)
	return cmd
}

// request is the plan request for a selection, without repeats and shuffling.
func (p *project) request(sel plan.Selection) plan.Request {
	return plan.Request{Selection: sel, Platforms: p.config.PlatformNames(), Roles: p.config.Roles, OnDemand: p.config.OnDemand,
		Dir: p.dir, Root: p.config.Root, Steps: p.other("steps")}
}

func listText(w io.Writer, l listing) error {
	scenarios, err := listCells(w, l.Cells)
	if err != nil {
		return err
	}
	if len(l.LeftOut) > 0 {
		fmt.Fprintln(w, "On demand, left out here:")
		if _, err := listCells(w, l.LeftOut); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s, %s\n", counted(scenarios, "scenario"), counted(len(l.Cells), "cell"))
	for _, name := range l.used() {
		fmt.Fprintf(w, "{%s} is %s; another value: --set %s=VALUE\n", name, l.parameters[name], name)
	}
	if left := l.CountLeftOut(l.onDemand); left.Scenarios > 0 {
		fmt.Fprintln(w, left)
	}
	return nil
}

// used are the parameters that the listed scenarios have.
func (l listing) used() []string {
	var names []string
	for _, c := range append(slices.Clone(l.Cells), l.LeftOut...) {
		names = append(names, c.Scenario.Parameters...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// listCells writes a line for each scenario, and returns how many there are.
func listCells(w io.Writer, cells []*plan.Cell) (int, error) {
	type row struct {
		scenario     *plan.Scenario
		roles, casts []string
	}
	var rows []*row
	for _, c := range cells {
		i := slices.IndexFunc(rows, func(r *row) bool { return r.scenario == c.Scenario })
		if i < 0 {
			rows, i = append(rows, &row{scenario: c.Scenario, roles: rolesOf(c.Cast)}), len(rows)
		}
		if name := c.Cast.String(); name != "" {
			rows[i].casts = append(rows[i].casts, name)
		}
	}
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	var feature *plan.Feature
	for _, r := range rows {
		if r.scenario.Feature != feature {
			feature = r.scenario.Feature
			fmt.Fprintf(t, "%s (%s)\n", feature.Name, feature.URI)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", r.scenario.Key(), r.scenario.Name,
			strings.Join(r.roles, ", "), strings.Join(r.casts, " "), strings.Join(r.scenario.Tags, " "))
	}
	if err := t.Flush(); err != nil {
		return 0, err
	}
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	return len(rows), nil
}

// rolesOf are the roles in the order in which the cast names their platforms.
func rolesOf(c plan.Cast) []string {
	var roles []string
	for _, a := range c {
		roles = append(roles, a.Role)
	}
	return roles
}

// counted says how many there are: 1 cell, 2 cells.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func listJSON(w io.Writer, l listing) error {
	out := make([]listed, 0, len(l.Cells)+len(l.LeftOut))
	for i, c := range append(slices.Clone(l.Cells), l.LeftOut...) {
		s := c.Scenario
		roles := map[string]string{}
		for _, a := range c.Cast {
			roles[a.Role] = a.Platform
		}
		entry := listed{ID: c.ID, Number: s.Number, Row: s.Row, Scenario: s.Name, Feature: s.Feature.Name, URI: s.Feature.URI,
			Line: s.Line, Cast: c.Cast.String(), Roles: roles, Tags: append([]string{}, s.Tags...),
			OnDemand: s.OnDemand(l.onDemand), LeftOut: i >= len(l.Cells)}
		for _, name := range s.Parameters {
			if entry.Parameters == nil {
				entry.Parameters = map[string]string{}
			}
			entry.Parameters[name] = l.parameters[name]
		}
		out = append(out, entry)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// takes reports whether cast, as a selector, also takes the cells of a shorter
// one: scenarios with fewer roles get its first names.
func takes(cast, short string) bool { return strings.HasPrefix(cast, short+"_") }

func listMatrix(w io.Writer, l listing) error {
	type include struct {
		Cast  string `json:"cast"`
		Cells int    `json:"cells"`
	}
	matrix := struct {
		Include []include `json:"include"`
	}{Include: []include{}}
	for _, c := range l.Cells {
		name := c.Cast.String()
		seen := slices.ContainsFunc(matrix.Include, func(x include) bool { return x.Cast == name })
		if seen || slices.ContainsFunc(l.Cells, func(c *plan.Cell) bool { return takes(c.Cast.String(), name) }) {
			continue
		}
		entry := include{Cast: name}
		for _, c := range l.Cells {
			if short := c.Cast.String(); short == name || takes(name, short) {
				entry.Cells++
			}
		}
		matrix.Include = append(matrix.Include, entry)
	}
	return json.NewEncoder(w).Encode(matrix)
}
