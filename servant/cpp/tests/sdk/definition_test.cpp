#include "parley/definition.hpp"

#include <gtest/gtest.h>

#include "parley/scenario.hpp"
#include "registry.hpp"

namespace parley {
namespace {

template <class Function>
Definition step(const std::string& pattern, Function function, const std::string& type = "step",
                Location at = Location::here()) {
  return {type, pattern, function, "", at};
}

std::string mistake_in(std::vector<Definition> definitions) {
  try {
    const detail::Registry registry(std::move(definitions));
  } catch (const detail::DefinitionError& e) {
    return e.what();
  }
  return "none";
}

void takes_nothing(Scenario& /*s*/) {}
void takes_one(Scenario& /*s*/, const std::string& /*a*/) {}
void takes_table(Scenario& /*s*/, int /*a*/, const Table& /*t*/) {}

TEST(Definition, KnowsItsPlaceRelativeToTheProject) {
  const Location at = Location::here();
  EXPECT_EQ(to_string(at), "servant/cpp/tests/sdk/definition_test.cpp:" + std::to_string(at.line));
  const Definition definition = step("x", takes_nothing, "Given");
  EXPECT_EQ(to_string(definition),
            "Given \"x\" (servant/cpp/tests/sdk/definition_test.cpp:" + std::to_string(at.line + 2) + ")");
}

TEST(Definition, DeducesWhatItsFunctionTakes) {
  EXPECT_EQ(step("", takes_nothing).shape().captures, 0U);
  EXPECT_EQ(step("", takes_one).shape().captures, 1U);
  const Definition with_table = step("", takes_table);
  EXPECT_EQ(with_table.shape().captures, 1U);
  EXPECT_EQ(with_table.shape().block, detail::Block::table);
  const auto lambda = [](Scenario& /*s*/, int /*a*/, std::string_view /*b*/, const DocString& /*c*/) {};
  EXPECT_EQ(step("", lambda).shape().block, detail::Block::doc_string);
}

TEST(Registry, RefusesAFunctionOfAnotherNumberOfArguments) {
  const Location at = Location::here();
  EXPECT_EQ(
      mistake_in({step("a (b) (c)", takes_one)}),
      "step definition step \"a (b) (c)\" (servant/cpp/tests/sdk/definition_test.cpp:" + std::to_string(at.line + 1) +
          ") takes 1 argument, but its pattern has 2 groups; each group is a parameter after the Scenario, in order");
  EXPECT_NE(mistake_in({step("a", takes_one)}).find("takes 1 argument, but its pattern has no groups"),
            std::string::npos);
}

TEST(Registry, CountsOnlyGroupsThatCapture) {
  EXPECT_EQ(mistake_in({step(R"((?:(?:the|a new) )?'([^'(]*)' \(x\) [(])", takes_one)}), "none");
}

TEST(Registry, RefusesWhatIsNoPatternOfSteps) {
  EXPECT_NE(mistake_in({step("(a", takes_nothing)}).find("is no regular expression: "), std::string::npos);
  EXPECT_NE(mistake_in({step("a(?=b)", takes_nothing)}).find("has lookaround"), std::string::npos);
  EXPECT_NE(mistake_in({step("a(?!b)", takes_nothing)}).find("has lookaround"), std::string::npos);
  EXPECT_NE(mistake_in({step(R"((a)\1)", takes_one)}).find("has a backreference"), std::string::npos);
  EXPECT_EQ(mistake_in({step(R"([(?=)\]]x\(?)", takes_nothing)}), "none");
}

TEST(Registry, RefusesASecondDefinitionOfTheSamePatternAndType) {
  const Location at = Location::here();
  const std::string mistake = mistake_in({step("a", takes_nothing), step("a", takes_nothing)});
  EXPECT_NE(
      mistake.find("is there already, at servant/cpp/tests/sdk/definition_test.cpp:" + std::to_string(at.line + 1)),
      std::string::npos)
      << mistake;
  EXPECT_EQ(mistake_in({step("a", takes_nothing, "Given"), step("a", takes_nothing, "When")}), "none");
}

TEST(Registry, MatchesTheWholeTextOfStepsOfItsType) {
  const detail::Registry registry(
      {step("a (b*)", takes_one, "Given"), step("a (.*)", takes_one), step("c|cc", takes_nothing)});
  const auto both = registry.matches("Given", "a bb");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].arguments, (std::vector<std::string>{"bb"}));
  EXPECT_EQ(registry.matches("When", "a bb").size(), 1U);
  EXPECT_EQ(registry.matches("When", "xa bb").size(), 0U);
  EXPECT_EQ(registry.matches("When", "cc").size(), 1U);
  EXPECT_EQ(registry.matches("When", "ccc").size(), 0U);
}

TEST(Registry, AGroupThatTookNoPartCapturesTheEmptyString) {
  const detail::Registry registry({step("a(b)?", takes_one)});
  EXPECT_EQ(registry.matches("Then", "a").at(0).arguments, (std::vector<std::string>{""}));
}

TEST(Registry, MatchesLongTextsUpToItsLimit) {
  const detail::Registry registry({step("'([^']*)'", takes_one)});
  const std::string longest(detail::Pattern::kMaxText - 2, 'x');
  EXPECT_EQ(registry.matches("Then", "'" + longest + "'").size(), 1U);
  EXPECT_THROW(registry.matches("Then", "'" + longest + "x'"), std::length_error);
}

TEST(Registry, FindsDefinitionsByTheirIdsFrom1) {
  const detail::Registry registry({step("a", takes_nothing), step("b", takes_nothing)});
  EXPECT_EQ(registry.by_id(0), nullptr);
  EXPECT_EQ(registry.by_id(1)->pattern(), "a");
  EXPECT_EQ(registry.by_id(2)->pattern(), "b");
  EXPECT_EQ(registry.by_id(3), nullptr);
  EXPECT_EQ(registry.by_id(-1), nullptr);
}

}  // namespace
}  // namespace parley
