#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// Shared memory that is unmapped with its owner.
class Mapping {
 public:
  Mapping() = default;
  /// Maps the first `size` bytes of the file `fd`, which has at least as many, for reading and writing.
  /// @throws Error System.
  Mapping(std::string_view name, const std::string& path, int fd, std::size_t size)
      : start_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)), size_(size) {
    if (start_ == MAP_FAILED) {
      throw Error::system(name, "mmap", path, errno);
    }
  }
  Mapping(Mapping&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(size_, other.size_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (size_ > 0) {
      ::munmap(start_, size_);
    }
  }

  std::uint8_t* bytes() const { return static_cast<std::uint8_t*>(start_); }
  std::size_t size() const { return size_; }

 private:
  void* start_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace parley::ring::detail
