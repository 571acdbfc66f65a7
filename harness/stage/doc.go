// Package stage runs servants and services as processes: it starts them, speaks
// the wire contract of docs/servant-contract.md to servants, lends them to
// cells, ends them with everything they started, and verifies that they are
// gone. It also owns what a run leaves on the machine (processes, shared memory,
// lock files), so that a run that was killed can be cleaned up by its guard, by
// the next start, or by [Clean].
//
// A [Stage] is opened once per run. [Stage.Acquire] lends a [Servant] to a cell
// and [Stage.Release] takes it back; [Stage.Start] and [Stage.End] do the same
// for a [Service], a program that is not a servant. Every way in which one of
// them can go wrong is a [*Failure] with one sentence that names the cause.
//
// While a stage is open the coordinator is a child subreaper: orphans of its
// servants become its children. A child that the stage did not start, in a
// session other than the coordinator's, is taken for such an orphan and killed;
// other packages therefore start programs that need a session of their own with
// [Stage.Start].
//
// Main functions and TestMain call [GuardMain] first.
package stage
