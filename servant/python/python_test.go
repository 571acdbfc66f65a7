// Package python_test lets `go test ./...` also run the Python ring's, SDK's and steps' own checks:
// formatter, linter, types and tests.
package python_test

import (
	"testing"

	"parley.dev/parley/servant/languagetest"
)

func TestPython(t *testing.T) { languagetest.Run(t, "python", "features") }
