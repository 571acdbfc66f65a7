"""Step definitions of the ring buffer's features, one module per feature file.

The definitions of every language have the same texts and the same meaning:

- A process's buffer is the one it created or connected to last; connecting again closes the earlier
  writer first.
- Frames and metadata carry the shared test pattern. Reading checks the sequence number, the size
  and every byte.
- "reads" holds a frame until it is released, "reads frames 'a' to 'b'" and "reads and releases" do
  not.
- "fails to …: 'Kind'" performs the action and passes only if it ends with exactly that error of the
  ring.
"""
