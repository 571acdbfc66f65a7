package packs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func definition(pattern string) Definition {
	return Definition{Pattern: pattern, Summary: "of " + pattern, Run: func(context.Context, Call) error { return errors.New(pattern) }}
}

func set() *Set {
	return NewSet(
		Pack{Name: "a", Steps: []Definition{definition(`wait for '(\d+)' of '(\d+)'( or not)?`), definition(`x|y`)}},
		Pack{Name: "b", Steps: []Definition{definition(`.* is gone`)}},
	)
}

func TestMatch(t *testing.T) {
	s := set()
	for _, tc := range []struct {
		text, pack, pattern string
		args                []string
	}{
		{"wait for '1' of '23'", "a", `wait for '(\d+)' of '(\d+)'( or not)?`, []string{"1", "23", ""}},
		{"x", "a", "x|y", nil},
		{"buffer is gone", "b", ".* is gone", nil},
		{"x or what", "", "", nil},
		{"not y", "", "", nil},
		{"buffer is gone twice", "", "", nil},
		{"", "", "", nil},
	} {
		def, args, ok := s.Match(tc.text)
		pack, pattern, packOK := s.MatchPack(tc.text)
		if ok != (tc.pack != "") || packOK != ok || pack != tc.pack || pattern != tc.pattern || def.Pattern != tc.pattern {
			t.Errorf("%q: %v %q %q, %v %q", tc.text, packOK, pack, pattern, ok, def.Pattern)
		}
		if !slices.Equal(args, tc.args) {
			t.Errorf("%q: arguments %q, want %q", tc.text, args, tc.args)
		}
		if ok && def.Run(t.Context(), Call{}).Error() != tc.pattern {
			t.Errorf("%q runs another definition", tc.text)
		}
	}
}

func TestPacksKeepTheirOrder(t *testing.T) {
	var got []string
	for _, p := range set().Packs() {
		for _, d := range p.Steps {
			got = append(got, p.Name+" "+d.Pattern)
		}
	}
	want := []string{`a wait for '(\d+)' of '(\d+)'( or not)?`, "a x|y", "b .* is gone"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAPatternThatIsNoneIsABug(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was taken")
		}
	}()
	NewSet(Pack{Name: "a", Steps: []Definition{definition(`(`)}})
}

func TestArguments(t *testing.T) {
	c := Call{Args: []string{"12", "99999999999999999999", "1.5", "", "-1"}}
	if n, err := c.Int(0); n != 12 || err != nil {
		t.Errorf("12 is %d, %v", n, err)
	}
	for _, i := range []int{1, 2, 3} {
		if n, err := c.Int(i); err == nil || !strings.Contains(err.Error(), "'"+c.Args[i]+"'") {
			t.Errorf("%q is the whole number %d, %v", c.Args[i], n, err)
		}
	}
	if d, err := c.Seconds(2); d != 1500*time.Millisecond || err != nil {
		t.Errorf("1.5 seconds are %v, %v", d, err)
	}
	for _, i := range []int{3, 4} {
		if d, err := c.Seconds(i); err == nil || !strings.Contains(err.Error(), "'"+c.Args[i]+"'") {
			t.Errorf("%q seconds are %v, %v", c.Args[i], d, err)
		}
	}
}

func TestMismatch(t *testing.T) {
	m := &Mismatch{What: "bytes free", Expected: "1", Actual: "2"}
	if got := m.Error(); got != "bytes free: expected 1, got 2" {
		t.Error(got)
	}
}
