package runlog

import (
	"encoding/json"
)

// Figure is one measured number. Unit is µs, ns, s, frames/s, MB/s, % or empty for
// a ratio.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Figures are what one step measured, as its attachment of [MediaFigures] says.
type Figures struct {
	// Role is who measured; the name of a pack for what the coordinator did.
	Role string `json:"-"`
	// Title says what was measured.
	Title   string   `json:"title"`
	Figures []Figure `json:"figures"`
}

// Figures returns what the steps of the cell's last attempt measured, in order.
// An attachment that is not what its media type says is left to those who show
// attachments.
func (c *CellRun) Figures() []Figures {
	last := c.Last()
	if last == nil {
		return nil
	}
	var all []Figures
	for _, s := range last.Steps {
		if s.Result == nil {
			continue
		}
		for _, a := range s.Result.Attachments {
			f := Figures{Role: a.Role}
			if a.MediaType == MediaFigures && json.Unmarshal(a.Body, &f) == nil && len(f.Figures) > 0 {
				all = append(all, f)
			}
		}
	}
	return all
}
