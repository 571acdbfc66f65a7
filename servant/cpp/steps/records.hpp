#pragma once

#include <cstddef>
#include <cstdint>

#include "parley/location.hpp"
#include "parley/ring.hpp"

/// Records: frames of many fields, each a u64, little endian, stored and loaded on its own, in place.
namespace parley::steps::records {

/// The size of a field in bytes.
inline constexpr std::size_t kFieldSize = sizeof(std::uint64_t);

/// The value of a field, from 0, of a record, from 1: record·2^32 + field·2654435761 mod 2^64.
constexpr std::uint64_t field(std::uint64_t record, std::uint64_t number) {
  return (record << 32U) + number * 2654435761U;
}

/// Stores each field of a record that fills size bytes at data.
void fill(std::uint8_t* data, std::size_t size, std::uint64_t record);

/// Loads each field of a record and fails where one is wrong.
void check(ring::View data, std::uint64_t record, Location at = Location::here());

}  // namespace parley::steps::records
