/// @file
/// Puts one side of a ring buffer into a shell, to try, to measure and to debug any two implementations against each
/// other. Every language has the same program with the same words (ring protocol, "ring-probe: one ring from a shell").

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "command.hpp"
#include "interrupt.hpp"
#include "result.hpp"
#include "run.hpp"

namespace parley::probe {

void say_ready() {
  std::cout << "ready" << std::endl;
}

namespace {

std::string perform(const Command& command) {
  const Interrupt interrupt;
  const ring::Cancel cancel = interrupt.token();
  if (command.verb == "read") {
    return read(command, cancel);
  }
  if (command.verb == "write") {
    return write(command, cancel);
  }
  if (command.verb == "pong") {
    return pong(command, cancel);
  }
  if (command.verb == "ping") {
    return ping(command, cancel);
  }
  return inspect(command);
}

/// Prints the line of JSON and gives the exit status.
int print(const std::string& json, ExitStatus status) {
  std::cout << json << std::endl;
  if (!std::cout) {
    std::cerr << "ring-probe: cannot print the result\n";
    return status == kExitOk ? kExitFailed : status;
  }
  return status;
}

int run(const std::vector<std::string>& words) {
  try {
    return print(perform(parse(words)), kExitOk);
  } catch (const WrongWords& wrong) {
    std::cerr << "ring-probe: " << wrong.what() << '\n';
    return kExitWords;
  } catch (const Failure& failure) {
    return print(failure.json(), failure.status());
  } catch (const std::exception& error) {
    return print(Failure("System", error.what()).json(), kExitFailed);
  }
}

}  // namespace
}  // namespace parley::probe

int main(int argc, char** argv) {
  return parley::probe::run({argv + 1, argv + argc});
}
