#include "cell.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "parley/ring.hpp"

namespace parley::test {

namespace {

detail::ServerOptions naming_errors() {
  detail::ServerOptions options;
  options.names.emplace_back([](const std::exception& e) {
    const auto* error = dynamic_cast<const ring::Error*>(&e);
    return error == nullptr ? std::string() : std::string(ring::to_string(error->kind()));
  });
  return options;
}

/// The servant's own steps. Made once: to compile their patterns takes longer than a test does.
std::shared_ptr<const detail::Registry> all_steps() {
  static const auto registry = std::make_shared<const detail::Registry>(detail::registered_definitions());
  return registry;
}

std::string role_in(const std::string& words) {
  return words.substr(0, words.find(' '));
}

}  // namespace

Cell::Cell()
    : prefix_("parley-cpp-test-" + std::to_string(getpid()) + "-"),
      reader_(all_steps(), naming_errors()),
      writer_(all_steps(), naming_errors()) {
  for (ServantInProcess* servant : {&reader_, &writer_}) {
    servant->client().initialize({{"ResourcePrefix", prefix_}});
  }
}

void Cell::TearDown() {
  for (ServantInProcess* servant : {&reader_, &writer_}) {
    EXPECT_TRUE(servant->client().result("cleanup").is_null());
    EXPECT_TRUE(servant->client().result("shutdown").is_null());
    EXPECT_EQ(servant->wait_for_exit(), 0);
  }
  for (const char* folder : {"/dev/shm", "/tmp/zerobuffer"}) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
      EXPECT_EQ(entry.path().string().find(prefix_), std::string::npos) << entry.path();
    }
  }
}

Client& Cell::client_of(const std::string& words) {
  const std::string role = role_in(words);
  if (role != "reader" && role != "writer") {
    throw std::invalid_argument("'" + words + "' does not begin with a role of the cell");
  }
  return role == "reader" ? reader_.client() : writer_.client();
}

Json Cell::step(const std::string& words, const Json& more) {
  const std::string role = role_in(words);
  return client_of(words).step("Then", "the '" + role + "' process" + words.substr(role.size()), more);
}

void Cell::pass(const std::vector<std::string>& steps) {
  for (const std::string& words : steps) {
    const Json result = step(words);
    ASSERT_EQ(result["status"], "passed") << words << "\n" << result;
  }
}

void Cell::fail(const std::string& words, const Fails& how, const Json& more) {
  const Json result = step(words, more);
  ASSERT_EQ(result["status"], "failed") << words << "\n" << result;
  const Json& failure = result["failure"];
  EXPECT_EQ(failure["type"], how.type) << result;
  EXPECT_NE(result["error"].get<std::string>().find(how.message), std::string::npos) << result;
  EXPECT_EQ(failure.value("expected", ""), how.expected) << result;
  const std::string actual = failure.value("actual", "");
  EXPECT_EQ(how.actual.empty() ? actual : actual.substr(0, how.actual.size()), how.actual) << result;
}

void Cell::open(std::uint64_t metadata, std::uint64_t payload) {
  pass({"reader waits at most '20' milliseconds for the other side",
        "writer waits at most '20' milliseconds for the other side",
        "reader creates buffer 'b' with '" + std::to_string(metadata) + "' bytes of metadata and '" +
            std::to_string(payload) + "' bytes of payload",
        "writer connects to buffer 'b'"});
}

void Cell::damage(const std::string& plain, std::size_t metadata, std::size_t at, std::uint8_t byte) const {
  std::fstream file("/dev/shm/" + resource(plain), std::ios::binary | std::ios::in | std::ios::out);
  file.exceptions(std::ios::failbit | std::ios::badbit);
  file.seekp(static_cast<std::streamoff>(ring::detail::kOiebSize + metadata + at));
  file.put(static_cast<char>(byte));
}

void PrintTo(const FailingStep& step, std::ostream* out) {
  *out << step.words;
}

std::string name_of(const testing::TestParamInfo<FailingStep>& info) {
  return info.param.name;
}

Json with_table(const std::string& header, const std::vector<std::string>& cells) {
  Json rows = Json::array();
  for (const std::string& cell : cells) {
    rows.push_back({{header, cell}});
  }
  return {{"Table", {{"headers", {header}}, {"rows", rows}}}};
}

}  // namespace parley::test
