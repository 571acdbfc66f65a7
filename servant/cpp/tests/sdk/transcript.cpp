#include "transcript.hpp"

#include <chrono>
#include <regex>
#include <stdexcept>

#include "parley/failure.hpp"
#include "parley/scenario.hpp"

namespace parley::test {

namespace {

struct Visits {
  int count = 0;
};

void passes(Scenario& /*s*/, const std::string& /*role*/) {}
void fails(Scenario& /*s*/, const std::string& /*role*/) {
  mismatch("bytes read", 4, 5);
}
void throws(Scenario& /*s*/, const std::string& /*role*/) {
  throw std::runtime_error("boom");
}
void pends(Scenario& /*s*/, const std::string& /*role*/) {
  pending();
}
void skips(Scenario& /*s*/, const std::string& /*role*/) {
  skip("it does not apply");
}

void waits(Scenario& s, const std::string& /*role*/) {
  while (!s.cancel().wait_for(std::chrono::hours(1))) {
  }
  s.cancel().check();
}

void visits(Scenario& s, const std::string& /*role*/) {
  s.set("visits", std::to_string(++s.state<Visits>().count));
}

void names(Scenario& s, const std::string& /*role*/, const std::string& name) {
  s.set("name", s.resource(name));
}

void recalls(Scenario& s, const std::string& /*role*/, const std::string& key, const std::string& value) {
  if (s.get(key) != value) {
    mismatch("the shared value of " + key, value, s.get(key).value_or("nothing"));
  }
}

void counts(Scenario& /*s*/, const std::string& /*role*/, std::size_t rows, const Table& table) {
  if (table.size() != rows) {
    mismatch("rows", rows, table.size());
  }
  for (std::size_t row = 0; row < rows; ++row) {
    if (table.at(row, "k").empty()) {
      fail("row " + std::to_string(row) + " has no cell below k");
    }
  }
}

void says(Scenario& s, const std::string& /*role*/, const DocString& text) {
  s.log(text.content);
  s.attach("said.txt", text.content);
}

std::string different(const std::string& path, const Json& expected, const Json& actual) {
  return path + ": expected " + expected.dump() + ", got " + actual.dump();
}

bool fits(const std::string& placeholder, const Json& actual) {
  const std::size_t blank = placeholder.find(' ');
  const std::string word = placeholder.substr(0, blank);
  const std::string rest = blank == std::string::npos ? "" : placeholder.substr(blank + 1);
  const std::string text = actual.is_string() ? actual.get<std::string>() : "";
  if (word == "$any") {
    return true;
  }
  if (word == "$text") {
    return !text.empty();
  }
  if (word == "$count") {
    return actual.is_number_integer() && actual.get<std::int64_t>() > 0;
  }
  if (word == "$time") {
    return std::regex_match(text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)"));
  }
  if (word == "$prefix") {
    return actual.is_string() && text.rfind(rest, 0) == 0;
  }
  if (word == "$contains") {
    return text.find(rest) != std::string::npos;
  }
  throw std::invalid_argument("unknown placeholder: " + placeholder);
}

std::string different_member(const Json& expected, const Json& actual, const std::string& path) {
  for (const auto& [key, value] : expected.items()) {
    std::string found = difference(value, actual.value(key, Json()), path + "." + key);
    if (!found.empty()) {
      return found;
    }
  }
  return {};
}

std::string different_element(const Json& expected, const Json& actual, const std::string& path) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::string found = difference(expected[i], actual[i], path + "[" + std::to_string(i) + "]");
    if (!found.empty()) {
      return found;
    }
  }
  return {};
}

}  // namespace

Definition define(const std::string& type, const std::string& behaviour, const std::string& pattern,
                  const Cancellation& over) {
  const auto made = [&](auto function) { return Definition(type, pattern, function, "", Location::here()); };
  const auto hangs = [over](Scenario& /*s*/, const std::string& /*role*/) {
    while (!over.wait_for(std::chrono::hours(1))) {
    }
  };
  if (behaviour == "passes") return made(passes);
  if (behaviour == "fails") return made(fails);
  if (behaviour == "throws") return made(throws);
  if (behaviour == "pends") return made(pends);
  if (behaviour == "skips") return made(skips);
  if (behaviour == "waits") return made(waits);
  if (behaviour == "hangs") return made(hangs);
  if (behaviour == "visits") return made(visits);
  if (behaviour == "names") return made(names);
  if (behaviour == "recalls") return made(recalls);
  if (behaviour == "counts") return made(counts);
  if (behaviour == "says") return made(says);
  throw std::invalid_argument("unknown behaviour: " + behaviour);
}

std::string difference(const Json& expected, const Json& actual, const std::string& path) {
  if (expected.is_string() && expected.get<std::string>().rfind('$', 0) == 0) {
    return fits(expected.get<std::string>(), actual) ? "" : different(path, expected, actual);
  }
  if (expected.is_object() && actual.is_object()) {
    return different_member(expected, actual, path);
  }
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
    return different_element(expected, actual, path);
  }
  return expected == actual ? "" : different(path, expected, actual);
}

}  // namespace parley::test
