// Steps of features/08-platform.feature. Sizes are bytes.
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"

namespace parley::steps {

namespace {

/// Each cell is a string in JSON, so that a feature can hold names that a table cannot.
constexpr const char* kNameColumn = "name in JSON";

/// Sizes of the buffers that are made for their names.
constexpr ring::Sizes kNamedSizes{64, 1024};

std::string create_and_close(const std::string& name) {
  ring::Reader::create(name, kNamedSizes).close();
  return "success";
}

std::string connect_and_close(const std::string& name) {
  ring::Writer::connect(name).close();
  return "success";
}

/// The names of a table as they are there: without the prefix that keeps cells apart.
std::vector<std::string> names_in(const Table& table, Location at = Location::here()) {
  if (table.headers() != std::vector<std::string>{kNameColumn} || table.size() == 0) {
    fail(std::string("the step needs a table with the one column '") + kNameColumn + "' and at least one name", at);
  }
  std::vector<std::string> names;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string& cell = table.at(row, kNameColumn);
    const auto name = nlohmann::json::parse(cell, nullptr, false);
    if (!name.is_string()) {
      fail(cell + " is no string in JSON", at);
    }
    names.push_back(name.get<std::string>());
  }
  return names;
}

/// A name of size bytes that belongs to the running cell.
std::string name_of(const Scenario& s, std::size_t size, Location at = Location::here()) {
  std::string name = s.resource("x");
  if (name.size() > size) {
    fail("a name of " + std::to_string(size) + " bytes is shorter than this cell's shortest, " + name + " of " +
             std::to_string(name.size()) + " bytes",
         at);
  }
  name.resize(size, 'x');
  return name;
}

const Step fail_to_create_under{
    role + "fails to create a buffer under each of these names: " + text,
    [](Scenario& /*s*/, const std::string& /*role*/, const ExpectedError& expected, const Table& table) {
      for (const std::string& name : names_in(table)) {
        expect_error(expected, "create a buffer named '" + name + "'", [&] { return create_and_close(name); });
      }
    }};

const Step fail_to_connect_under{
    role + "fails to connect to a buffer under each of these names: " + text,
    [](Scenario& /*s*/, const std::string& /*role*/, const ExpectedError& expected, const Table& table) {
      for (const std::string& name : names_in(table)) {
        expect_error(expected, "connect to a buffer named '" + name + "'", [&] { return connect_and_close(name); });
      }
    }};

const Step fail_to_create_name_of{
    role + "fails to create a buffer with a name of " + number + " bytes: " + text,
    [](Scenario& s, const std::string& /*role*/, std::size_t size, const ExpectedError& expected) {
      const std::string name = name_of(s, size);
      expect_error(expected, "create a buffer with a name of " + std::to_string(size) + " bytes",
                   [&] { return create_and_close(name); });
    }};

const Step create_and_close_name_of{
    role + "creates and closes a buffer with a name of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::size_t size) { create_and_close(name_of(s, size)); }};

const Step create_and_close_named{
    role + "creates and closes buffer " + text,
    [](Scenario& s, const std::string& /*role*/, const std::string& name) { create_and_close(s.resource(name)); }};

}  // namespace

}  // namespace parley::steps
