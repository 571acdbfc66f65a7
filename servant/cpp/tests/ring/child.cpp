#include "child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <deque>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "parley/ring.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

/// The two ends of a pipe, closed on exec.
std::pair<detail::Fd, detail::Fd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2");
  }
  return {detail::Fd(ends[0]), detail::Fd(ends[1])};
}

/// The child's side of the ring.
class Player {
 public:
  std::string perform(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    try {
      if (verb == "create") {
        std::string name;
        Sizes sizes;
        words >> name >> sizes.metadata >> sizes.payload;
        reader_.emplace(Reader::create(name, sizes, {kLimit}));
      } else if (verb == "connect") {
        std::string name;
        words >> name;
        writer_.emplace(Writer::connect(name, {kLimit}));
      } else if (verb == "write") {
        std::size_t size = 0;
        std::uint64_t sequence = 0;
        words >> size >> sequence;
        writer_->write(content(size, sequence));
      } else if (verb == "acquire") {
        std::size_t size = 0;
        words >> size;
        slot_ = writer_->acquire(size);
        pattern::fill_frame(slot_.data(), size / 2, 1);
      } else if (verb == "read") {
        held_.push_back(reader_->read());
        const Frame& frame = held_.back();
        const std::string wrong = pattern::check_frame(frame.data(), frame.size(), frame.sequence());
        return wrong.empty() ? "ok " + std::to_string(frame.sequence()) + " " + std::to_string(frame.size()) : wrong;
      } else if (verb == "release") {
        held_.pop_front();
      } else if (verb == "close") {
        writer_.reset();
        reader_.reset();
      }
      return "ok";
    } catch (const Error& error) {
      return std::string(to_string(error.kind()));
    } catch (const std::exception& error) {
      return error.what();
    }
  }

 private:
  std::optional<Reader> reader_;
  std::optional<Writer> writer_;
  Slot slot_;
  std::deque<Frame> held_;
};

}  // namespace

Child::Child() {
  auto [child_in, our_out] = make_pipe();
  auto [our_in, child_out] = make_pipe();
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_out.get(), STDOUT_FILENO);
  std::string program = "/proc/self/exe";
  std::string word = "child";
  const std::array<char*, 3> words = {program.data(), word.data(), nullptr};
  const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    throw std::runtime_error("posix_spawn: " + std::to_string(failed));
  }
  in_ = std::move(our_out);
  out_ = std::move(our_in);
}

Child::~Child() {
  kill();
}

void Child::send(const std::string& command) const {
  const std::string line = command + "\n";
  ASSERT_EQ(::write(in_.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

std::string Child::answer() {
  while (true) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    pollfd readable{out_.get(), POLLIN, 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kLimit).count();
    std::array<char, 256> part{};
    if (::poll(&readable, 1, static_cast<int>(patience)) <= 0) {
      return "the child did not answer";
    }
    const auto length = ::read(out_.get(), part.data(), part.size());
    if (length <= 0) {
      return "the child ended";
    }
    unread_.append(part.data(), static_cast<std::size_t>(length));
  }
}

std::string Child::ask(const std::string& command) {
  send(command);
  return answer();
}

void Child::signal(int number) const {
  ::kill(pid_, number);
}

void Child::kill() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    detail::retrying([this] { return ::waitpid(pid_, nullptr, 0); });
    pid_ = -1;
  }
}

char Child::state() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const auto command_end = stat.rfind(')');
  return command_end + 2 < stat.size() ? stat[command_end + 2] : ' ';
}

std::uint64_t dead_pid() {
  const Child child;
  return child.pid();
}

int play_child() {
  // A parent that crashes leaves no child.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Player player;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << player.perform(line) << std::endl;
  }
  return 0;
}

}  // namespace parley::ring
