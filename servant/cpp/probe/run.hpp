#pragma once

#include <string>

#include "command.hpp"
#include "parley/ring/cancel.hpp"

namespace parley::probe {

// The commands (ring protocol, "ring-probe: one ring from a shell"). Each gives the line of JSON of its success and
// throws Failure otherwise.

/// Creates the buffer, reads frames, checks sequence, size and every byte.
std::string read(const Command& command, const ring::Cancel& cancel);
/// Connects, waiting for the buffer, and writes frames of seeded sizes.
std::string write(const Command& command, const ring::Cancel& cancel);
/// Answers each request with its own bytes until the client closes.
std::string pong(const Command& command, const ring::Cancel& cancel);
/// Measures round trips.
std::string ping(const Command& command, const ring::Cancel& cancel);
/// Prints the state of a buffer and changes nothing.
std::string inspect(const Command& command);

/// Tells whoever waits that the buffer can be connected to.
void say_ready();

}  // namespace parley::probe
