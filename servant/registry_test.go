package servant_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parley.dev/parley/servant"
)

func TestRegistrationsThatPanic(t *testing.T) {
	type odd struct{}
	tests := []struct {
		name, pattern string
		fn            any
		want          string
	}{
		{"broken pattern", `a (b`, nothing, "no regular expression"},
		{"lookaround", `a (?=b)`, func(context.Context) error { return nil }, "no regular expression in RE2 syntax"},
		{"no function", `a`, 5, "it is bound to int"},
		{"nil", `a`, nil, "it is bound to <nil>"},
		{"nil function", `a`, (func(context.Context) error)(nil), "it is bound to func(context.Context) error"},
		{"no context", `a`, func() error { return nil }, "is not a context.Context"},
		{"context elsewhere", `(a)`, func(string, context.Context) error { return nil }, "is not a context.Context"},
		{"no error", `a`, func(context.Context) {}, "exactly one error"},
		{"two results", `a`, func(context.Context) (int, error) { return 0, nil }, "exactly one error"},
		{"another result", `a`, func(context.Context) string { return "" }, "exactly one error"},
		{"variadic", `(a)`, func(context.Context, ...string) error { return nil }, "is variadic"},
		{"parameter of another type", `(a)`, func(context.Context, odd) error { return nil }, "has type servant_test.odd"},
		{"table in the middle", `(a)`, func(context.Context, *servant.Table, string) error { return nil }, "has type *contract.Table"},
		{"too few parameters", `(a) (b)`, func(context.Context, string) error { return nil }, "captures 2 arguments"},
		{"too many parameters", `(a)`, func(context.Context, string, int) error { return nil }, "captures 1 argument, func(context.Context, string, int) error takes 2"},
		{"twice", `taken`, nothing, "registered already, at servant/registry_test.go:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := servant.NewRegistry()
			r.Given(`taken`, nothing)
			defer func() {
				message := fmt.Sprint(recover())
				for _, want := range []string{test.want, "`" + test.pattern + "`", "servant/registry_test.go:"} {
					if !strings.Contains(message, want) {
						t.Errorf("panic %q lacks %q", message, want)
					}
				}
			}()
			r.Given(test.pattern, test.fn)
			t.Error("the registration passed")
		})
	}
}

func TestSamePatternForAnotherType(t *testing.T) {
	r := servant.NewRegistry()
	r.Given(`there`, nothing)
	r.Then(`there`, nothing)
	if n := len(r.Definitions()); n != 2 {
		t.Errorf("%d definitions", n)
	}
}

func TestNewTable(t *testing.T) {
	table, err := servant.NewTable([][]string{{"k", "v"}, {"a", "1"}, {"b", ""}})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Headers) != 2 || len(table.Rows) != 2 || table.Rows[0]["v"] != "1" || table.Rows[1]["k"] != "b" {
		t.Errorf("table %+v", table)
	}
	for _, test := range []struct {
		cells [][]string
		want  string
	}{
		{nil, "no header row"},
		{[][]string{{"k", "k"}}, `header "k" occurs twice`},
		{[][]string{{"k", "v"}, {"a"}}, "row 1 has 1 cell, the header row has 2"},
	} {
		if _, err := servant.NewTable(test.cells); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.cells, err, test.want)
		}
	}
}
