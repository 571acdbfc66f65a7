#pragma once

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace parley {

/// How a captured text becomes a parameter of type T. Specialize it for a type of your own, with
/// `static T from(std::string_view text)`, which throws std::invalid_argument for a text that is none:
/// `template <> struct parley::Argument<Colour> { … };`. Here: strings, bool (true, false), whole numbers in decimal
/// notation, float and double.
template <class T, class = void>
struct Argument;

template <>
struct Argument<std::string> {
  static std::string from(std::string_view text) { return std::string(text); }
};

template <>
struct Argument<std::string_view> {
  static std::string_view from(std::string_view text) { return text; }
};

template <>
struct Argument<bool> {
  static bool from(std::string_view text);
};

template <>
struct Argument<double> {
  static double from(std::string_view text);
};

template <>
struct Argument<float> {
  static float from(std::string_view text) { return static_cast<float>(Argument<double>::from(text)); }
};

template <class T>
struct Argument<T, std::enable_if_t<std::is_integral_v<T>>> {
  static_assert(!std::is_same_v<T, char> && !std::is_same_v<T, wchar_t>, "take a std::string for characters");

  static T from(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc::result_out_of_range) {
      throw std::invalid_argument("'" + std::string(text) + "' is not in the range " +
                                  std::to_string(std::numeric_limits<T>::min()) + " to " +
                                  std::to_string(std::numeric_limits<T>::max()));
    }
    if (error != std::errc() || rest != end) {
      throw std::invalid_argument("'" + std::string(text) + "' is no whole number");
    }
    return value;
  }
};

}  // namespace parley
