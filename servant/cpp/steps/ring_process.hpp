#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ends.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"

namespace parley::steps {

/// What this process has open in one scenario. At the scenario's end held frames are released, an acquired one is
/// abandoned, and every buffer is closed, the last one first.
class RingProcess {
 public:
  explicit RingProcess(Scenario& scenario) : scenario_(scenario) {}

  /// The reader that steps act on: the one created last. Throws a Failure when there is none.
  ReaderEnd& reader(Location at = Location::here());
  /// The writer that steps act on: the one connected last. Throws a Failure when there is none.
  WriterEnd& writer(Location at = Location::here());

  /// Creates a buffer by its plain name, without making it the one that steps act on.
  ReaderEnd& create(const std::string& name, ring::Sizes sizes);
  /// Connects to a buffer by its plain name, without making it the one that steps act on.
  WriterEnd& connect(const std::string& name);

  /// Has steps act on an end.
  void use(ReaderEnd& end) { current_.emplace_back(&end); }
  void use(WriterEnd& end) { current_.emplace_back(&end); }

  /// Creates a buffer by its plain name, to be closed by the caller.
  ring::Reader make(const std::string& name, ring::Sizes sizes) const;
  /// Connects to a buffer by its plain name, to be closed by the caller.
  ring::Writer join(const std::string& name) const;

  /// Names what is open, in words.
  std::vector<std::string> open_ends() const;

  /// How ends wait that are opened from now on.
  ring::Options options() const;

  /// Closes the writer that steps act on, if there is one.
  void close_writer();
  /// Closes the end that was created or connected last. Throws a Failure when there is none.
  void close_last(Location at = Location::here());

  /// How long calls wait for the other side, of the ends that steps act on and of those to come.
  void wait_at_most(std::chrono::milliseconds patience);

  /// Performs something on an end that must not wait for the other side.
  template <class End, class Action>
  void without_waiting(End& end, Action action) {
    end.set_timeout(std::chrono::nanoseconds(0));
    try {
      action();
    } catch (...) {
      end.set_timeout(patience_);
      throw;
    }
    end.set_timeout(patience_);
  }

  /// Closes everything, the last one first.
  void close();

 private:
  using Current = std::variant<ReaderEnd*, WriterEnd*>;

  template <class End>
  End* find();

  Scenario& scenario_;
  std::chrono::nanoseconds patience_ = ring::Options().timeout;
  std::vector<std::variant<std::unique_ptr<ReaderEnd>, std::unique_ptr<WriterEnd>>> open_;
  std::vector<Current> current_;
};

/// What this process has open in a scenario.
inline RingProcess& ring_of(Scenario& scenario) {
  return scenario.state<RingProcess>();
}

}  // namespace parley::steps
