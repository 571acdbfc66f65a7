// Package servant is the Go SDK for servants: processes that play one role of
// a scenario and perform the steps that the coordinator sends them. It
// implements the servant wire contract (docs/servant-contract.md).
//
// A servant is a table of step definitions and one call:
//
//	func main() {
//		servant.Main(func(r *servant.Registry) {
//			r.Given(`the '([^']+)' process counts to '(\d+)'`, countTo)
//		})
//	}
//
//	func countTo(ctx context.Context, role string, n int) error {
//		c := servant.State[counter](ctx)
//		…
//	}
//
// A step definition is a plain function. It takes a context, then one typed
// argument per capture of its pattern, then at most one *Table or *DocString,
// and returns an error. What belongs to the scenario is reached through the
// context: State for the definitions' own data, Scenario for the role, names of
// resources, the shared string map, logs and attachments.
//
// A nil error passes the step. Failf and Mismatch describe failures, ErrPending
// and ErrSkipped are verdicts of their own, and a panic is a failure with its
// stack. A function should return when its context ends; one that does not is
// abandoned at the step's limit and its scenario performs no further step.
//
// Main owns the process: it keeps standard output for the protocol and exits.
// Serve runs the same servant over any connection, several in one process if
// need be.
package servant
