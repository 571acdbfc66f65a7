#include "parley/definition.hpp"

namespace parley {

namespace {

std::string mistake_of(const detail::Shape& shape, const detail::StepInput& input) {
  if (shape.captures != input.arguments.size()) {
    return "takes " + std::to_string(shape.captures) + " arguments, but the step brings " +
           std::to_string(input.arguments.size());
  }
  if ((shape.block == detail::Block::table) != input.table.has_value()) {
    return input.table ? "takes no Table, but the step brings one" : "takes a Table, but the step brings none";
  }
  if ((shape.block == detail::Block::doc_string) != input.doc_string.has_value()) {
    return input.doc_string ? "takes no DocString, but the step brings one"
                            : "takes a DocString, but the step brings none";
  }
  return {};
}

std::vector<Definition>& registered() {
  // Made at the first registration: those come from static initializers, in any order.
  static std::vector<Definition> definitions;
  return definitions;
}

}  // namespace

void Definition::perform(Scenario& scenario, const detail::StepInput& input) const {
  const std::string mistake = mistake_of(shape_, input);
  if (!mistake.empty()) {
    throw detail::ArgumentError("step definition " + to_string(*this) + " " + mistake);
  }
  try {
    body_(scenario, input);
  } catch (const detail::ArgumentError& e) {
    throw detail::ArgumentError("step definition " + to_string(*this) + ", " + e.what());
  }
}

std::string to_string(const Definition& definition) {
  return definition.type() + " \"" + definition.pattern() + "\" (" + to_string(definition.location()) + ")";
}

namespace detail {

void register_definition(Definition definition) {
  registered().push_back(std::move(definition));
}

const std::vector<Definition>& registered_definitions() {
  return registered();
}

}  // namespace detail

}  // namespace parley
