#include "records.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

#include "parley/servant.hpp"

namespace parley::steps::records {

namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 24> digits{};
  (void)std::snprintf(digits.data(), digits.size(), "0x%016" PRIx64, value);
  return digits.data();
}

}  // namespace

void fill(std::uint8_t* data, std::size_t size, std::uint64_t record) {
  for (std::size_t number = 0; number < size / kFieldSize; ++number) {
    const std::uint64_t value = field(record, number);
    std::memcpy(data + number * kFieldSize, &value, kFieldSize);
  }
}

void check(ring::View data, std::uint64_t record, Location at) {
  for (std::size_t number = 0; number < data.size / kFieldSize; ++number) {
    std::uint64_t value = 0;
    std::memcpy(&value, data.data + number * kFieldSize, kFieldSize);
    if (const std::uint64_t expected = field(record, number); value != expected) {
      mismatch("field " + std::to_string(number) + " of record " + std::to_string(record), hex(expected), hex(value),
               at);
    }
  }
}

}  // namespace parley::steps::records
