#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

namespace parley::detail {

template <class T, class = void>
inline constexpr bool kHasClose = false;
template <class T>
inline constexpr bool kHasClose<T, std::void_t<decltype(std::declval<T&>().close())>> = true;

/// The state of one scenario: at most one object of each type, made on demand, closed and destroyed in the reverse
/// order of its creation. For any thread.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  StateStore(StateStore&&) = delete;
  StateStore& operator=(StateStore&&) = delete;
  ~StateStore() { end(); }

  /// The object of type T, made by make() at the first call. Throws what make throws, and std::logic_error when the
  /// scenario has ended or two constructors need each other.
  template <class T, class Make>
  T& get(Make make) {
    const std::lock_guard lock(mutex_);
    if (void* known = find(typeid(T))) {
      return *static_cast<T*>(known);
    }
    const Making making(*this, typeid(T));
    auto holder = std::make_unique<HolderOf<T>>(make);
    T& made = holder->object;
    holders_.push_back(std::move(holder));
    return made;
  }

  /// Closes and destroys everything, whatever fails on the way. Safe to call twice. Returns what failed, each with the
  /// name of its type.
  std::vector<std::string> end();

 private:
  struct Holder {
    explicit Holder(const std::type_info& of) : type(of) {}
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    Holder(Holder&&) = delete;
    Holder& operator=(Holder&&) = delete;
    virtual ~Holder() = default;
    virtual void* address() = 0;
    virtual void close() = 0;

    std::type_index type;
  };

  template <class T>
  struct HolderOf : Holder {
    template <class Make>
    explicit HolderOf(Make& make) : Holder(typeid(T)), object(make()) {}
    void* address() override { return &object; }
    void close() override {
      if constexpr (kHasClose<T>) {
        object.close();
      }
    }

    T object;
  };

  /// Notes what is being made, to notice circles.
  class Making {
   public:
    Making(StateStore& store, const std::type_info& type);
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;
    Making(Making&&) = delete;
    Making& operator=(Making&&) = delete;
    ~Making() { store_.making_.pop_back(); }

   private:
    StateStore& store_;
  };

  void* find(std::type_index type);

  std::recursive_mutex mutex_;  // a constructor may ask for another object
  std::vector<std::unique_ptr<Holder>> holders_;
  std::vector<std::type_index> making_;
  bool ended_ = false;
};

}  // namespace parley::detail
