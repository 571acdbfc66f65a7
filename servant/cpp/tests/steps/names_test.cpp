// The steps that take names from a table.
#include "cell.hpp"

namespace parley::test {
namespace {

/// Tables of names: where one name is not refused, the step fails.
class NamesInATable : public Cell {
 protected:
  static constexpr const char* kCreate = "reader fails to create a buffer under each of these names: 'InvalidName'";
  static constexpr const char* kConnect =
      "reader fails to connect to a buffer under each of these names: 'InvalidName'";

  static Json names(const std::vector<std::string>& cells) { return with_table("name in JSON", cells); }
};

TEST_F(NamesInATable, AllRefused) {
  EXPECT_EQ(step(kCreate, names({R"("a/b")", R"("")", R"("a\nb")"}))["status"], "passed");
  EXPECT_EQ(step(kConnect, names({R"("a/b")", R"("")"}))["status"], "passed");
}

TEST_F(NamesInATable, OneThatIsAllowed) {
  const std::string free = resource("free");
  fail(kCreate, {"create a buffer named '" + free + "': error", "InvalidName", "success"},
       names({R"("a/b")", '"' + free + '"'}));
}

TEST_F(NamesInATable, OneOfABufferThatThereCouldBe) {
  const std::string free = resource("free");
  fail(kConnect, {"connect to a buffer named '" + free + "': error", "InvalidName", "NotFound (", "NotFound"},
       names({R"("")", '"' + free + '"'}));
}

TEST_F(NamesInATable, OneThatIsNoJson) {
  fail(kCreate, {"a is no string in JSON"}, names({"a"}));
  fail(kCreate, {"7 is no string in JSON"}, names({"7"}));
}

TEST_F(NamesInATable, None) {
  fail(kCreate, {"at least one name"}, names({}));
  fail(kCreate, {"the one column 'name in JSON'"}, with_table("name", {R"("a")"}));
  EXPECT_EQ(step(kCreate)["status"], "failed");
}

}  // namespace
}  // namespace parley::test
