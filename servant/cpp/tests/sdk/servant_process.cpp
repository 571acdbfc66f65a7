#include "servant_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

extern char** environ;

namespace parley::test {

namespace {

std::pair<detail::Descriptor, detail::Descriptor> pipe() {
  std::array<int, 2> ends{};
  detail::checked(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  return {detail::Descriptor(ends[0]), detail::Descriptor(ends[1])};
}

std::vector<std::string> environment(std::map<std::string, std::optional<std::string>> variables) {
  variables.try_emplace("PARLEY_ROLE", "reader");
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (variables.count(text.substr(0, text.find('='))) == 0) {
      all.push_back(text);
    }
  }
  for (const auto& [name, value] : variables) {
    if (value) {
      all.push_back(name + "=" + *value);
    }
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) {
    all.push_back(text.data());
  }
  all.push_back(nullptr);
  return all;
}

std::string temporary_file() {
  std::string name = "/tmp/parley-cpp-test-XXXXXX";
  const detail::Descriptor file(detail::checked(::mkstemp(name.data()), "mkstemp"));
  return name;
}

}  // namespace

ServantProcess::ServantProcess(const char* program, std::vector<std::string> words,
                               const std::map<std::string, std::optional<std::string>>& variables)
    : errors_file_(temporary_file()) {
  auto [requests, to_servant] = pipe();
  auto [from_servant, answers] = pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, requests.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answers.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_file_.c_str(), O_WRONLY | O_APPEND, 0);
  words.insert(words.begin(), program);
  std::vector<std::string> set = environment(variables);
  const int error = ::posix_spawn(&pid_, program, &actions, nullptr, pointers(words).data(), pointers(set).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), program);
  }
  to_servant_ = std::move(to_servant);
  from_servant_ = std::move(from_servant);
  client_.emplace(from_servant_.get(), to_servant_.get());
}

ServantProcess::~ServantProcess() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    (void)wait_for_exit();
  }
  ::unlink(errors_file_.c_str());
}

int ServantProcess::wait_for_exit() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServantProcess::errors() {
  std::ifstream file(errors_file_);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace parley::test
