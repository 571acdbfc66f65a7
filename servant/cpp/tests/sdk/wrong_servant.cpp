// A servant for tests whose one step definition is wrong.
#include "parley/servant.hpp"

namespace {

const parley::Given wrong{"the count is '(\\d+)'", [](parley::Scenario& /*s*/, int /*n*/, int /*m*/) {}};

}  // namespace

int main(int argc, char** argv) {
  return parley::Servant().run(argc, argv);
}
