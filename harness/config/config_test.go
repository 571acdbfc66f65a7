package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const minimal = `version: 1
platforms:
  go:
    command: [bin/servant, --fast]
  csharp:
    command: [mono, servant.exe]
`

func TestParseFillsDefaultsAndKeepsTheOrderOfPlatforms(t *testing.T) {
	c, err := Parse("/x/parley.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.PlatformNames(), []string{"go", "csharp"}) {
		t.Errorf("platforms %v", c.PlatformNames())
	}
	if got := c.Platform("go").Command; !slices.Equal(got, []string{"/x/bin/servant", "--fast"}) {
		t.Errorf("command %v", got)
	}
	if got := c.Platform("csharp").Command[0]; got != "mono" {
		t.Errorf("a command without a slash is looked up in PATH, got %q", got)
	}
	if c.StepTimeout != 30*time.Second || c.StartTimeout != 10*time.Second || c.Features[0] != "/x/features" || c.Out != "/x/.parley" {
		t.Errorf("defaults: %+v", c)
	}
	if c.Platform("rust") != nil {
		t.Error("an unknown platform is nil")
	}
}

func TestTheWorkingDirectoryDoesNotMatter(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "100% odd #1")
	if err := os.Mkdir(odd, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(odd)
	if _, err := Parse("/x/parley.yaml", []byte(minimal)); err != nil {
		t.Error(err)
	}
}

func TestMistakesNamePlaceAndRemedy(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"empty":           {"", "/x/parley.yaml: is empty; it needs at least version and platforms"},
		"not yaml":        {"version: 1\nplatforms: [", "parley.yaml:2:1: not valid YAML"},
		"tab":             {"version: 1\nplatforms:\n\tgo: x\n", "parley.yaml:3:1: not valid YAML"},
		"unknown key":     {"version: 1\nplatfroms:\n  go: {command: [a]}\n", `parley.yaml:2:1: unknown key "platfroms" (did you mean 'platforms'?)`},
		"nested key":      {"version: 1\nplatforms:\n  go:\n    comand: [a]\n    command: [a]\n", `parley.yaml:4:5: unknown key "comand" (did you mean 'command'?); known here: build, check, command`},
		"missing command": {"version: 1\nplatforms:\n  go:\n    dir: x\n", "parley.yaml:4:5: platforms.go.command is missing"},
		"wrong type":      {"version: 1\nplatforms:\n  go:\n    command: servant\n", "parley.yaml:4:14: platforms.go.command: this is a text, and a list is wanted; write it like [a, b]"},
		"version":         {"version: 2\nplatforms:\n  go:\n    command: [a]\n", "parley.yaml:1:10: version: "},
		"bad duration":    {"version: 1\nstepTimeout: soon\nplatforms:\n  go:\n    command: [a]\n", "parley.yaml:2:14: stepTimeout: "},
		"number duration": {"version: 1\nstepTimeout: 30\nplatforms:\n  go:\n    command: [a]\n", "parley.yaml:2:14: stepTimeout: this is a number, and a text is wanted"},
		"no platforms":    {"version: 1\nplatforms: {}\n", "parley.yaml:2:12: platforms is empty; it needs at least one entry"},
		"role twice":      {"version: 1\nroles: [a, b, a]\nplatforms:\n  go:\n    command: [a]\n", "parley.yaml:2:8: roles: entries 1 and 3 are the same"},
		"zero duration":   {"version: 1\nstepTimeout: 0s\nplatforms:\n  go:\n    command: [a]\n", `stepTimeout: "0s" is not a positive duration; write it like 500ms`},
		"platform all":    {"version: 1\nplatforms:\n  all:\n    command: [a]\n", `parley.yaml:3:3: platform name "all" is not allowed`},
		"platform name":   {"version: 1\nplatforms:\n  a_b:\n    command: [a]\n", `parley.yaml:3:3: platform name "a_b" is not allowed; use letters`},
		"tag":             {"version: 1\nonDemand: [stress]\nplatforms:\n  go:\n    command: [a]\n", `parley.yaml:2:12: onDemand.0: "stress" is not allowed here; a tag begins with @`},
		"parameter":       {"version: 1\nparameters:\n  a: 'x|y'\nplatforms:\n  go:\n    command: [a]\n", `parley.yaml:3:6: parameters.a: "x|y" is not allowed here; a value is one line`},
		"parameter name":  {"version: 1\nparameters:\n  a_b: 1\nplatforms:\n  go:\n    command: [a]\n", `parley.yaml:3:3: parameter name "a_b" is not allowed; use letters`},
		"parameter list":  {"version: 1\nparameters:\n  a: [1]\nplatforms:\n  go:\n    command: [a]\n", `parley.yaml:3:6: parameters.a: this is a list, and a number or a text is wanted`},
		"no mapping":      {"- 1\n", "parley.yaml:1:1: the file: this is a list, and a mapping is wanted"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("/x/parley.yaml", []byte(tc.yaml))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %s\nwant %s", err, tc.want)
			}
		})
	}
}

func TestFindLooksUpwards(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(deep); err == nil || !strings.Contains(err.Error(), "--config FILE") {
		t.Errorf("without a file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, FileName), []byte(minimal), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(deep); err != nil || got != filepath.Join(root, FileName) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRel(t *testing.T) {
	c := &Config{Root: "/x/y"}
	for path, want := range map[string]string{"/x/y/z": "z", "/x/y": ".", "/x/other": "/x/other", "/x/yz": "/x/yz"} {
		if got := c.Rel(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
