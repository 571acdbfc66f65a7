#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ends.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"

namespace parley::steps {

/// Buffers of one process that differ in the number at the end of their names, as many as it can create.
class BufferSeries {
 public:
  /// Sizes of the buffers that come and go.
  static constexpr ring::Sizes kSizes{0, 1024};

  std::vector<std::unique_ptr<ReaderEnd>>& readers() noexcept { return readers_; }

  /// Closes as many as count of them, the last ones first.
  void close_last(std::size_t count);
  /// Closes all of them.
  void close() { close_last(readers_.size()); }

 private:
  std::vector<std::unique_ptr<ReaderEnd>> readers_;
};

}  // namespace parley::steps
