#include <gtest/gtest.h>

#include <iostream>
#include <string_view>

#include "child.hpp"
#include "support.hpp"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "child") {
    return parley::ring::play_child();
  }
  testing::InitGoogleTest(&argc, argv);
  int status = RUN_ALL_TESTS();
  for (const std::string& path : parley::ring::leftovers(parley::ring::name_prefix())) {
    std::cerr << "left behind: " << path << '\n';
    status = 1;
  }
  return status;
}
