#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley {

/// A step's data table; the first row of the feature file gives the headers. Contract: "executeStep", Table.
class Table {
 public:
  Table(std::vector<std::string> headers, std::vector<std::vector<std::string>> rows)
      : headers_(std::move(headers)), rows_(std::move(rows)) {}

  /// In the order of the feature file.
  const std::vector<std::string>& headers() const noexcept { return headers_; }

  /// The number of rows below the headers.
  std::size_t size() const noexcept { return rows_.size(); }

  /// The cell of a row, from 0, below a header. Throws std::out_of_range for a row or header that is not there; the
  /// message names the headers that are.
  const std::string& at(std::size_t row, std::string_view header) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

/// A step's doc string. Contract: "executeStep", DocString.
struct DocString {
  std::string content;
  /// As in text/plain; empty when the feature names none.
  std::string media_type;
};

}  // namespace parley
