#include "parley/table.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace parley {

const std::string& Table::at(std::size_t row, std::string_view header) const {
  if (row >= rows_.size()) {
    throw std::out_of_range("the table has no row " + std::to_string(row) + "; it has " + std::to_string(rows_.size()));
  }
  const auto found = std::find(headers_.begin(), headers_.end(), header);
  if (found == headers_.end()) {
    std::string known;
    for (const std::string& name : headers_) {
      known += (known.empty() ? "" : ", ") + name;
    }
    throw std::out_of_range("the table has no column '" + std::string(header) + "'; it has: " + known);
  }
  return rows_[row][static_cast<std::size_t>(std::distance(headers_.begin(), found))];
}

}  // namespace parley
