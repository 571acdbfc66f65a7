#include "parley/detail/state_store.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "type_name.hpp"

namespace parley::detail {

StateStore::Making::Making(StateStore& store, const std::type_info& type) : store_(store) {
  if (store.ended_) {
    throw std::logic_error("state of type " + type_name(type) +
                           ": the scenario has ended; the step outlived its limit");
  }
  const bool circle = std::find(store.making_.begin(), store.making_.end(), type) != store.making_.end();
  if (circle) {
    throw std::logic_error("state of type " + type_name(type) + ": its constructor needs itself, by way of others");
  }
  store.making_.emplace_back(type);
}

void* StateStore::find(std::type_index type) {
  const auto found =
      std::find_if(holders_.begin(), holders_.end(), [type](const auto& holder) { return holder->type == type; });
  return found == holders_.end() ? nullptr : (*found)->address();
}

std::vector<std::string> StateStore::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  std::vector<std::string> failures;
  while (!holders_.empty()) {
    const std::unique_ptr<Holder> last = std::move(holders_.back());
    holders_.pop_back();
    try {
      last->close();
    } catch (const std::exception& e) {
      failures.push_back(type_name(last->type) + ": " + e.what());
    } catch (...) {
      failures.push_back(type_name(last->type) + ": close() threw something that is no std::exception");
    }
  }
  return failures;
}

}  // namespace parley::detail
