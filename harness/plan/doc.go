// Package plan turns features and a selection into cells: it parses the feature
// files, expands outlines, casts the roles, routes every step to the process
// that must perform it, and matches it against the definitions that servants
// report, all before anything runs.
//
// docs/architecture.md describes the rules of routing and casting.
package plan
