#include "parley/detail/state_store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::detail {
namespace {

std::vector<std::string>& events() {
  static std::vector<std::string> all;
  return all;
}

template <int N>
struct Noted {
  Noted() = default;
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  Noted(Noted&&) = delete;
  Noted& operator=(Noted&&) = delete;
  ~Noted() { events().push_back("destroyed " + std::to_string(N)); }
  void close() const { events().push_back("closed " + std::to_string(N)); }
  int value = 0;
};

template <class T>
T& get(StateStore& store) {
  return store.get<T>([] { return T(); });
}

class States : public testing::Test {
 protected:
  void SetUp() override { events().clear(); }
};

TEST_F(States, AreOneOfEachType) {
  StateStore store;
  get<Noted<1>>(store).value = 7;
  EXPECT_EQ(get<Noted<1>>(store).value, 7);
  EXPECT_EQ(get<Noted<2>>(store).value, 0);
}

TEST_F(States, AreClosedAndDestroyedInReverse) {
  StateStore store;
  (void)get<Noted<1>>(store);
  (void)get<Noted<2>>(store);
  (void)get<Noted<1>>(store);
  EXPECT_TRUE(store.end().empty());
  EXPECT_EQ(events(), (std::vector<std::string>{"closed 2", "destroyed 2", "closed 1", "destroyed 1"}));
  EXPECT_TRUE(store.end().empty());
  EXPECT_EQ(events().size(), 4U);
}

struct Needs {
  explicit Needs(StateStore& store) : other(get<Noted<1>>(store)) {}
  ~Needs() { events().push_back("destroyed the one that needs " + std::to_string(other.value)); }
  Needs(const Needs&) = delete;
  Needs& operator=(const Needs&) = delete;
  Needs(Needs&&) = delete;
  Needs& operator=(Needs&&) = delete;
  Noted<1>& other;
};

TEST_F(States, OutliveThoseThatNeedThem) {
  {
    StateStore store;
    (void)store.get<Needs>([&] { return Needs(store); });
  }
  EXPECT_EQ(events(), (std::vector<std::string>{"destroyed the one that needs 0", "closed 1", "destroyed 1"}));
}

struct Fails {
  static void close() { throw std::runtime_error("it is stuck"); }
};
struct Throws {
  static void close() { throw 1; }
};

TEST_F(States, ThatFailToCloseAreNamedAndDoNotKeepTheOthers) {
  StateStore store;
  (void)get<Noted<1>>(store);
  (void)get<Fails>(store);
  (void)get<Throws>(store);
  const std::vector<std::string> failures = store.end();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_NE(failures[0].find("Throws: close() threw something"), std::string::npos) << failures[0];
  EXPECT_NE(failures[1].find("Fails: it is stuck"), std::string::npos) << failures[1];
  EXPECT_EQ(events().size(), 2U);
}

struct Ring {
  explicit Ring(StateStore& store) {
    (void)store.get<Ring>([&] { return Ring(store); });
  }
};

TEST_F(States, ThatNeedThemselvesAreRefused) {
  StateStore store;
  EXPECT_THROW((void)store.get<Ring>([&] { return Ring(store); }), std::logic_error);
}

TEST_F(States, AreRefusedAfterTheEnd) {
  StateStore store;
  (void)store.end();
  EXPECT_THROW(get<Noted<1>>(store), std::logic_error);
}

TEST_F(States, ThatCannotBeMadeAreTriedAgain) {
  StateStore store;
  EXPECT_THROW((void)store.get<Noted<1>>([]() -> Noted<1> { throw std::runtime_error("not yet"); }),
               std::runtime_error);
  EXPECT_EQ(get<Noted<1>>(store).value, 0);
}

}  // namespace
}  // namespace parley::detail
