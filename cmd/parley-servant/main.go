// Command parley-servant is the Go servant: it plays any role of the features
// with the step definitions of package steps.
package main

import (
	"parley.dev/parley/servant"
	"parley.dev/parley/steps"
)

func main() { servant.Main(steps.Register) }
