// The servant as it is: two processes with a ring between them.
#include <gtest/gtest.h>
#include <unistd.h>

#include "servant_process.hpp"

namespace parley::test {
namespace {

Json perform(ServantProcess& servant, const std::string& text) {
  return servant.client().step("Then", text);
}

TEST(Servant, TwoProcessesShareARing) {
  ServantProcess reader{PARLEY_SERVANT};
  ServantProcess writer{PARLEY_SERVANT};
  const Json prefix{{"ResourcePrefix", "parley-cpp-test-" + std::to_string(getpid()) + "-"}};
  reader.client().initialize(prefix);
  writer.client().initialize(prefix);

  EXPECT_EQ(perform(writer, "the 'writer' process connects to buffer 'b'")["failure"]["type"], "NotFound");
  const std::vector<std::pair<ServantProcess*, const char*>> steps{
      {&reader, "the 'reader' process creates buffer 'b' with '0' bytes of metadata and '1024' bytes of payload"},
      {&writer, "the 'writer' process connects to buffer 'b'"},
      {&writer, "the 'writer' process writes '3' frames of '100' bytes"},
      {&reader, "the 'reader' process reads frames '1' to '3' of '100' bytes"}};
  for (const auto& [servant, text] : steps) {
    const Json result = perform(*servant, text);
    EXPECT_EQ(result["status"], "passed") << text << "\n" << result;
  }

  for (ServantProcess* servant : {&writer, &reader}) {
    EXPECT_TRUE(servant->client().result("cleanup").is_null());
    EXPECT_TRUE(servant->client().result("shutdown").is_null());
    EXPECT_EQ(servant->wait_for_exit(), 0) << servant->errors();
  }
}

}  // namespace
}  // namespace parley::test
