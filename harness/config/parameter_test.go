package config

import (
	"strings"
	"testing"
)

func TestParametersAreReadAsWrittenAndCanBeSet(t *testing.T) {
	c, err := Parse("/x/parley.yaml", []byte(minimal+"onDemand: ['@stress']\nparameters:\n  endurance: 10\n  load: 1e3\n  word: two words\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"endurance": "10", "load": "1e3", "word": "two words"} {
		if got := c.Parameters[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(c.OnDemand) != 1 || c.OnDemand[0] != "@stress" {
		t.Errorf("on demand: %q", c.OnDemand)
	}
	if err := c.Set("endurance", "60"); err != nil || c.Parameters["endurance"] != "60" {
		t.Errorf("set: %v, %q", err, c.Parameters["endurance"])
	}
}

func TestWhatCannotBeSet(t *testing.T) {
	for name, tc := range map[string]struct{ name, value, want string }{
		"an unknown name": {"enduranec", "1", "no parameter 'enduranec' (did you mean 'endurance'?); there are: endurance"},
		"nothing":         {"endurance", "", `parameter endurance: "" is not allowed; a value is one line`},
		"two lines":       {"endurance", "1\n2", "is not allowed"},
		"a table's bar":   {"endurance", "1|2", "is not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Config{Parameters: map[string]string{"endurance": "10"}}
			if err := c.Set(tc.name, tc.value); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
	none := &Config{Path: "/x/parley.yaml", Root: "/x"}
	if err := none.Set("a", "1"); err == nil || !strings.Contains(err.Error(), "parley.yaml has none") {
		t.Errorf("without parameters: %v", err)
	}
}
