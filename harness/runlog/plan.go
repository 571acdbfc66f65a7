package runlog

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// Role is a part in a scenario as one process plays it. Instance counts from 1;
// 0 means the same as 1. A pack's work has the pack as Name and no platform.
type Role struct {
	Name     string `json:"name,omitempty"`
	Instance int    `json:"instance,omitempty"`
	Platform string `json:"platform,omitempty"`
}

// String is the role as people write it: writer, or writer#2 for a further instance.
func (r Role) String() string {
	if r.Instance > 1 {
		return fmt.Sprintf("%s#%d", r.Name, r.Instance)
	}
	return r.Name
}

// Definition is a step definition that matches a step.
type Definition struct {
	Platform string `json:"platform,omitempty"`
	// Pattern is a regular expression in the RE2 subset.
	Pattern string `json:"pattern"`
	// Source is where the definition stands, as path:line; it may be empty.
	Source string `json:"source,omitempty"`
}

// Step is one planned step of a cell.
type Step struct {
	// ID is the id of the pickle's step that it performs; unique in the cell.
	ID string `json:"id"`
	// Text is the step without its keyword.
	Text string `json:"text"`
	// Keyword is the word of the feature file: Given, And, *.
	Keyword string `json:"keyword"`
	// Line is the step's line in the feature file, from 1.
	Line int `json:"line"`
	// Target is who performs it: a role ("writer", "writer#2"), "all", or the name of a pack.
	Target   string `json:"target,omitempty"`
	Platform string `json:"platform,omitempty"`
	// PatternSource is the pattern of the definition that matches, DefinedAt where
	// that stands (path:line). A step that several definitions match, because it is
	// ambiguous or broadcast, lists them in Definitions instead.
	PatternSource string       `json:"patternSource,omitempty"`
	DefinedAt     string       `json:"definedAt,omitempty"`
	Definitions   []Definition `json:"definitions,omitempty"`
	// Pack is true when a pack performs the step and no servant.
	Pack bool `json:"pack,omitempty"`
}

// Matches returns the definitions that match the step; none: undefined.
func (s Step) Matches() []Definition {
	if len(s.Definitions) > 0 || s.PatternSource == "" {
		return s.Definitions
	}
	platform := s.Platform
	if s.Pack {
		platform = s.Target
	}
	return []Definition{{Platform: platform, Pattern: s.PatternSource, Source: s.DefinedAt}}
}

// Cell is one scenario in one cast, as planned.
type Cell struct {
	// ID is unique in the run, and the same in every shard of one plan.
	ID string `json:"id"`
	// Number is the scenario's: "1.1"; empty when its name carries none.
	Number string `json:"number,omitempty"`
	// Row is the row of an outline: "#2"; empty for a plain scenario.
	Row     string `json:"row,omitempty"`
	Name    string `json:"name"`
	Feature string `json:"feature"`
	URI     string `json:"uri"`
	Line    int    `json:"line"`
	// Cast is the assignment of platforms to roles: go_csharp.
	Cast  string   `json:"cast"`
	Roles []Role   `json:"roles,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	Steps []Step   `json:"steps,omitempty"`
	// Repeat counts the repetitions of a scenario in a cast from 1; 0 means the same as 1.
	Repeat int `json:"repeat,omitempty"`
	// Rerun is the command that repeats just this cell.
	Rerun string `json:"rerun,omitempty"`
	// Skip is why the cell will not run; empty when it will.
	Skip string `json:"skip,omitempty"`
	// Pickle is the id of its pickle. It may be empty when the cell has steps: then
	// it is the pickle of the first of them.
	Pickle string `json:"pickle,omitempty"`
}

// Title is the scenario's name without the number that Number already says:
// "Test 1.1 - One cycle" becomes "One cycle".
func (c Cell) Title() string {
	rest := strings.TrimSpace(c.Name)
	if c.Number == "" {
		return rest
	}
	if first, after, ok := strings.Cut(rest, " "); ok && strings.EqualFold(first, "test") {
		rest = strings.TrimSpace(after)
	}
	after, ok := strings.CutPrefix(rest, c.Number)
	if !ok {
		return c.Name
	}
	title := strings.TrimLeft(after, " -–—:.")
	if after != "" && title == after {
		return c.Name
	}
	return cmp.Or(title, c.Name)
}

// Label names the scenario and its outline row: "4.8#2"; the title when it has
// no number.
func (c Cell) Label() string {
	if c.Number == "" {
		return c.Title() + c.Row
	}
	return c.Number + c.Row
}

// Feature is one parsed feature file. All features of a run must have been
// parsed with one id generator: ids are unique in a run.
type Feature struct {
	URI      string
	Source   []byte
	Document *messages.GherkinDocument
	Pickles  []*messages.Pickle
}

// Machine is where a run took place.
type Machine struct {
	Host   string `json:"host,omitempty"`
	OS     string `json:"os,omitempty"`
	Kernel string `json:"kernel,omitempty"`
	Arch   string `json:"arch,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	// CPUs is the number of processors that the coordinator may use.
	CPUs int `json:"cpus,omitempty"`
	// MemoryBytes is the size of the main memory.
	MemoryBytes uint64 `json:"memoryBytes,omitempty"`
}

// LeftOut are scenarios that the selection fits and that run on demand only.
type LeftOut struct {
	Scenarios int `json:"scenarios"`
	// Tags are those for which they run on demand.
	Tags []string `json:"tags"`
	// Note says both in one line, and how to ask for them.
	Note string `json:"note"`
}

// RunInfo is what is known about a run before its first cell.
type RunInfo struct {
	RunID   string    `json:"runId"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	// Args is the command line after the program's name.
	Args []string `json:"args,omitempty"`
	// Seed is the shuffle seed; nil when the run is in plan order.
	Seed *uint64 `json:"seed,omitempty"`
	// Jobs is how many cells run at a time.
	Jobs int `json:"jobs,omitempty"`
	// WaitingJobs is how many cells that mostly wait run beside those.
	WaitingJobs int `json:"waitingJobs,omitempty"`
	// Platforms maps each platform to its SDK and version.
	Platforms map[string]string `json:"platforms,omitempty"`
	Machine   Machine           `json:"machine"`
	// Parameters are the values that stood for {name} in the features.
	Parameters map[string]string `json:"parameters,omitempty"`
	// LeftOut are scenarios that nobody asked for; nil when there are none.
	LeftOut *LeftOut `json:"leftOut,omitempty"`
	// Folder is where the run keeps its files.
	Folder string `json:"folder,omitempty"`
	// CI describes the build server; nil outside of one.
	CI *messages.Ci `json:"ci,omitempty"`
}
