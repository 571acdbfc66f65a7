#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "ends.hpp"
#include "parley/servant.hpp"

/// Time stamps: frames of 16 bytes that say when they were written, in nanoseconds of CLOCK_MONOTONIC, and their number
/// from 1; both u64, little endian.
namespace parley::steps::time_stamps {

/// Writes the first stamp at once, the others when the rate, in stamps a second, says; a late one delays no other.
void write(WriterEnd& writer, std::uint64_t count, std::uint64_t rate, const Cancellation& cancel,
           Location at = Location::here());

/// Reads stamps and checks their numbers. How long each was on its way.
std::vector<std::chrono::nanoseconds> read(ReaderEnd& reader, std::uint64_t count, const Cancellation& cancel,
                                           Location at = Location::here());

}  // namespace parley::steps::time_stamps
