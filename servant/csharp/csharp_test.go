// Package csharp_test lets `go test ./...` also run the C# ring's, SDK's and steps' own tests.
package csharp_test

import (
	"testing"

	"parley.dev/parley/servant/languagetest"
)

func TestCSharp(t *testing.T) { languagetest.Run(t, "csharp") }
