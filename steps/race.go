package steps

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

// raceKey begins the keys under which racing processes report; see the package
// comment.
const raceKey = "race."

// outcomeWon is the outcome of the process that created the buffer.
const outcomeWon = "won"

// outcome is how one attempt to create a buffer ended: outcomeWon or the name
// of the ring's error.
type outcome struct{ name, ended string }

// outcomeOf judges an attempt; errors that are not the ring's are returned.
func outcomeOf(name string, err error) (outcome, error) {
	var refused *ring.Error
	switch {
	case err == nil:
		return outcome{name, outcomeWon}, nil
	case errors.As(err, &refused):
		return outcome{name, refused.Kind.String()}, nil
	}
	return outcome{}, failed(fmt.Sprintf("create buffer '%s'", name), err)
}

func formatOutcomes(outcomes []outcome) string {
	parts := make([]string, len(outcomes))
	for i, o := range outcomes {
		parts[i] = o.name + "=" + o.ended
	}
	return strings.Join(parts, ",")
}

// raceReports gives, per buffer, how each racing process ended; shared is the
// scenario's map.
func raceReports(shared map[string]string) (map[string][]string, error) {
	reports := map[string][]string{}
	for key, value := range shared {
		if !strings.HasPrefix(key, raceKey) {
			continue
		}
		for part := range strings.SplitSeq(value, ",") {
			name, ended, ok := strings.Cut(part, "=")
			if !ok {
				return nil, servant.Failf("the report %s holds %q, expected name=outcome", key, part)
			}
			reports[name] = append(reports[name], ended)
		}
	}
	return reports, nil
}

// judgeRaces checks that of two processes one won each race and the other was
// told kind.
func judgeRaces(reports map[string][]string, races int, kind string) error {
	if len(reports) != races {
		return servant.Mismatch("races that were reported", races, len(reports))
	}
	want := []string{kind, outcomeWon}
	slices.Sort(want)
	names := make([]string, 0, len(reports))
	for name := range reports {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		ended := slices.Clone(reports[name])
		slices.Sort(ended)
		if !slices.Equal(ended, want) {
			return servant.Mismatch("outcomes of the race for "+name, strings.Join(want, ", "), strings.Join(ended, ", "))
		}
	}
	return nil
}

// nameRange lists the names from first to last, which differ in the number at
// their end.
func nameRange(first, last string) ([]string, error) {
	prefix, from, ok := splitNumber(first)
	lastPrefix, to, lastOK := splitNumber(last)
	if !ok || !lastOK || prefix != lastPrefix || from > to {
		return nil, servant.Failf("'%s' to '%s' is no range; the names must end in numbers that rise, such as 'race-1' to 'race-50'", first, last)
	}
	var names []string
	for n := from; n <= to; n++ {
		names = append(names, prefix+strconv.Itoa(n))
	}
	return names, nil
}

func splitNumber(name string) (prefix string, n int, ok bool) {
	prefix = strings.TrimRight(name, "0123456789")
	n, err := strconv.Atoi(name[len(prefix):])
	return prefix, n, err == nil
}
