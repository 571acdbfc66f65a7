#pragma once

#include <cstdint>
#include <vector>

#include "figures.hpp"

/// The cost of atomic additions.
namespace parley::steps::additions {

/// Adds 1 again and again to two words of shared memory that no other process uses, checks both sums, and compares the
/// cost of each addition.
std::vector<figures::Figure> measure(std::uint64_t atomically, std::uint64_t plainly, Location at = Location::here());

}  // namespace parley::steps::additions
