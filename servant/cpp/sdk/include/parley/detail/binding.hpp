#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "parley/argument.hpp"
#include "parley/table.hpp"

namespace parley {
class Scenario;
}

/// How step functions are called: their parameters are deduced, and made of what comes with a step.
namespace parley::detail {

/// What comes with a step. Contract: "executeStep".
struct StepInput {
  std::vector<std::string> arguments;
  std::optional<Table> table;
  std::optional<DocString> doc_string;
};

enum class Block { none, table, doc_string };

/// What a step function takes after the scenario.
struct Shape {
  std::size_t captures;
  Block block;
};

/// What came with a step does not fit its definition.
class ArgumentError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Body = std::function<void(Scenario&, const StepInput&)>;

template <class T>
using Bare = std::remove_cv_t<std::remove_reference_t<T>>;

template <class T>
inline constexpr bool kIsBlock = std::is_same_v<Bare<T>, Table> || std::is_same_v<Bare<T>, DocString>;

template <class... Parameters>
constexpr Shape shape_of() {
  constexpr std::size_t blocks = (std::size_t{0} + ... + (kIsBlock<Parameters> ? 1 : 0));
  static_assert(blocks <= 1, "a step brings a table or a doc string, not both");
  if constexpr (blocks == 0) {
    return {sizeof...(Parameters), Block::none};
  } else {
    using Last = std::tuple_element_t<sizeof...(Parameters) - 1, std::tuple<Parameters...>>;
    static_assert(kIsBlock<Last>, "the Table or DocString is the last parameter");
    return {sizeof...(Parameters) - 1, std::is_same_v<Bare<Last>, Table> ? Block::table : Block::doc_string};
  }
}

/// The parameters of a step function: of a lambda or another class with one operator(), or of a plain function.
template <class Function>
struct Signature : Signature<decltype(&Function::operator())> {};

template <class Result, class... Parameters>
struct Signature<Result (*)(Scenario&, Parameters...)> {
  static_assert(std::is_void_v<Result>, "nobody would look at what the step function returns");
  static constexpr Shape shape = shape_of<Parameters...>();

  template <class Function>
  static void call(Function& function, Scenario& scenario, const StepInput& input) {
    call(function, scenario, input, std::index_sequence_for<Parameters...>());
  }

 private:
  template <class Function, std::size_t... I>
  static void call(Function& function, Scenario& scenario, const StepInput& input, std::index_sequence<I...> /*each*/) {
    std::tuple<Bare<Parameters>...> values{value<Bare<Parameters>>(input, I)...};
    function(scenario, static_cast<Parameters&&>(std::get<I>(values))...);
  }

  template <class T>
  static T value([[maybe_unused]] const StepInput& input, [[maybe_unused]] std::size_t i) {
    if constexpr (std::is_same_v<T, Table>) {
      return *input.table;
    } else if constexpr (std::is_same_v<T, DocString>) {
      return *input.doc_string;
    } else {
      try {
        return Argument<T>::from(input.arguments[i]);
      } catch (const std::invalid_argument& e) {
        throw ArgumentError("argument " + std::to_string(i + 1) + ": " + e.what());
      }
    }
  }
};

template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...)> : Signature<Result (*)(Parameters...)> {};

template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...) const> : Signature<Result (*)(Parameters...)> {};

template <class Function>
Body bind(Function function) {
  return [function = std::move(function)](Scenario& scenario, const StepInput& input) mutable {
    Signature<Function>::call(function, scenario, input);
  };
}

}  // namespace parley::detail
