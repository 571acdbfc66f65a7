#include "parley/ring.hpp"
#include "parley/servant.hpp"

int main(int argc, char** argv) {
  return parley::Servant()
      .name_failures<parley::ring::Error>(
          [](const parley::ring::Error& e) { return std::string(parley::ring::to_string(e.kind())); })
      .run(argc, argv);
}
