package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// An attachment of this name and media type holds what a step measured; reports
// show it.
const (
	figuresName      = "figures.json"
	figuresMediaType = "application/vnd.parley.figures+json"
)

// Units of figures; a ratio has none.
const (
	microseconds = "µs"
	nanoseconds  = "ns"
	framesEach   = "frames/s"
	megabytes    = "MB/s" // of 10^6 bytes
	percent      = "%"
	ratio        = ""
)

// figure is one number that a step measured.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// String is the figure for people, with three digits at least.
func (f figure) String() string {
	digits := 2
	for bound := 10.0; digits > 0 && math.Abs(f.Value) >= bound; bound *= 10 {
		digits--
	}
	s := f.Name + " " + strconv.FormatFloat(f.Value, 'f', digits, 64)
	if f.Unit == ratio {
		return s
	}
	return s + " " + f.Unit
}

// report logs figures as one line and attaches them for the reports.
func report(ctx context.Context, title string, figures ...figure) error {
	line, body, err := written(title, figures)
	if err != nil {
		return err
	}
	s := servant.Scenario(ctx)
	s.Logf(contract.LevelInformation, "%s", line)
	return s.Attach(figuresName, figuresMediaType, body)
}

// written writes figures for people, and as JSON. Values that are no finite
// numbers are errors.
func written(title string, figures []figure) (line string, body []byte, err error) {
	texts := make([]string, len(figures))
	for i, f := range figures {
		texts[i] = f.String()
	}
	body, err = json.Marshal(struct {
		Title   string   `json:"title"`
		Figures []figure `json:"figures"`
	}{title, figures})
	if err != nil {
		return "", nil, fmt.Errorf("figures of %s: %w", title, err)
	}
	return title + ": " + strings.Join(texts, ", "), body, nil
}

// distribution describes durations, at least one, in microseconds. A quantile is
// the smallest duration that at least that share of all does not exceed.
func distribution(durations []time.Duration) []figure {
	sorted := slices.Sorted(slices.Values(durations))
	sum := time.Duration(0)
	for _, d := range sorted {
		sum += d
	}
	quantile := func(share float64) time.Duration {
		return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
	}
	named := func(name string, d time.Duration) figure {
		return figure{name, float64(d) / float64(time.Microsecond), microseconds}
	}
	return []figure{
		named("min", sorted[0]),
		{"mean", float64(sum) / float64(len(sorted)) / float64(time.Microsecond), microseconds},
		named("p50", quantile(0.5)), named("p90", quantile(0.9)), named("p99", quantile(0.99)), named("p99.9", quantile(0.999)),
		named("max", sorted[len(sorted)-1]),
	}
}
