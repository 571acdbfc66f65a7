#include "parley/argument.hpp"

#include <locale>
#include <sstream>

namespace parley {

bool Argument<bool>::from(std::string_view text) {
  if (text != "true" && text != "false") {
    throw std::invalid_argument("'" + std::string(text) + "' is neither true nor false");
  }
  return text == "true";
}

double Argument<double>::from(std::string_view text) {
  // Not std::from_chars, which older standard libraries have for whole numbers alone.
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  double value = 0;
  if (!(stream >> std::noskipws >> value) || stream.peek() != std::istringstream::traits_type::eof()) {
    throw std::invalid_argument("'" + std::string(text) + "' is no number");
  }
  return value;
}

}  // namespace parley
