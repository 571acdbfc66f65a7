// Package steps holds the step definitions of the ring buffer's features in Go,
// one file per feature file. Register adds them all; the Go servant serves them
// (cmd/parley-servant), and tests bind them in process.
//
// The definitions of every language have the same texts and the same meaning:
//
//   - A process's buffer is the one it created or connected to last; connecting
//     again closes the earlier writer first.
//   - Frames and metadata carry the shared test pattern (package pattern).
//     Reading checks the sequence number, the size and every byte.
//   - "reads" holds a frame until it is released, "reads frames 'a' to 'b'" and
//     "reads and releases" do not.
//   - "fails to …: 'Kind'" performs the action and passes only if it ends with
//     exactly that error of the ring. Details and words of its message may be
//     given as well: "Kind[ detail=value]*[ naming WORDS]".
//   - The next frame is the one after the last that the process read; the next
//     record is the next frame.
//   - A process is one end of one channel: opening a channel, or connecting to
//     one, closes the earlier. Request n carries the test pattern of frame n, and
//     a response answers the oldest request that has none.
//   - Sizes, holds and pauses "seed 'S'" are the same in every language, and so
//     are the fields of records: see servant/golden.
//   - A step that measures logs its figures in one line and attaches them.
//
// # Races
//
// The processes that race to create buffers report through the scenario's
// shared map. The key is "race." and what tells the process from the others:
// its process id, with a suffix where one process hosts several. The value
// lists the buffers in the order of the attempts, "name=won" or "name=" and
// the name of the ring's error, with commas between:
//
//	race.4711 → race-1=won,race-2=InUse,race-3=won
package steps
