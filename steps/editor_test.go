package steps_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/machine"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/packs/ring"
	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/steps"
)

var update = flag.Bool("update", false, "rewrite the file of step patterns for editors")

// editorGlue is what the Cucumber extension of editors reads: it wants literal
// expressions, which the definitions themselves are not.
const editorGlue = "../.vscode/steps.js"

// prefix is what the coordinator takes off a step.
const prefix = `(?:meanwhile |within '\d+' seconds )?`

// TestEditorGlue keeps completion of steps in editors in line with the
// definitions of the servant and the packs.
func TestEditorGlue(t *testing.T) {
	registry := servant.NewRegistry()
	steps.Register(registry)
	var out strings.Builder
	out.WriteString("// Every step, for completion in editors. Generated: go test ./steps -run TestEditorGlue -update\n")
	out.WriteString("const { Given, When, Then } = require('@cucumber/cucumber')\n\n")
	line := func(stepType, pattern string) {
		word := contract.Given // the extension offers a step after any keyword
		if stepType == contract.When || stepType == contract.Then {
			word = stepType
		}
		out.WriteString(word + "(/^" + prefix + strings.ReplaceAll(pattern, "/", `\/`) + "$/, () => {})\n")
	}
	for _, d := range registry.Definitions() {
		line(d.Type, d.Pattern)
	}
	for _, p := range packs.NewSet(process.Pack(), ring.Pack(), machine.Pack()).Packs() {
		for _, d := range p.Steps {
			line("", d.Pattern)
		}
	}
	if *update {
		if err := os.WriteFile(editorGlue, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(editorGlue)
	if err != nil || string(have) != out.String() {
		t.Errorf("%s is not what the definitions say (%v); rewrite it: go test ./steps -run TestEditorGlue -update", editorGlue, err)
	}
}
