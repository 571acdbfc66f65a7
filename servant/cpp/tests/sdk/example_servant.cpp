// A servant for tests: what steps do to the process that performs them.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "parley/servant.hpp"

namespace {

// Printed before main: it must not get into the protocol either.
const bool printed = [] {
  std::cout << "a print of a static initializer" << std::endl;
  return true;
}();

struct Scratch {
  Scratch() : file(std::tmpfile()) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::fclose(file);
    std::fputs("the scratch file is closed\n", stderr);
  }
  std::FILE* file;
};

const parley::Step passes{"passes", [](parley::Scenario& /*s*/) {}, "Does nothing."};

const parley::Step prints{"prints to standard output", [](parley::Scenario& /*s*/) {
                            std::printf("a stray print");
                            std::cout << ", and another";
                            (void)!write(STDOUT_FILENO, "a write\n", 8);
                          }};

const parley::Step child{"a child process prints and reads", [](parley::Scenario& /*s*/) {
                           if (std::system("echo of a child; read line") == 0) {
                             parley::fail("there was something to read");
                           }
                         }};

const parley::Step opens{"opens a file", [](parley::Scenario& s) { (void)s.state<Scratch>(); }};

const parley::Step blocks{"blocks for ever", [](parley::Scenario& s) {
                            s.log("started");
                            while (true) {
                              pause();
                            }
                          }};

const parley::Step names{"the resource '([^']*)'",
                         [](parley::Scenario& s, const std::string& name) { s.set("resource", s.resource(name)); }};

const parley::Step exits{"exits with '(\\d+)'", [](parley::Scenario& /*s*/, int status) { std::exit(status); }};

}  // namespace

int main(int argc, char** argv) {
  return parley::Servant().run(argc, argv);
}
