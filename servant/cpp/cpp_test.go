// Package cpp_test lets `go test ./...` also run the C++ ring's, SDK's and steps' own tests, under the
// sanitizers, and the linter.
package cpp_test

import (
	"testing"

	"parley.dev/parley/servant/languagetest"
)

func TestCpp(t *testing.T) { languagetest.Run(t, "cpp") }
