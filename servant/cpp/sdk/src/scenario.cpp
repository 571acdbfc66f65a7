#include "parley/scenario.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "messages.hpp"
#include "step_run.hpp"

namespace parley {

namespace {

/// A number of initialize, or of the environment where that has none. Contract: "Environment".
std::string number_or(std::int64_t number, const char* variable) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* set = number > 0 ? nullptr : std::getenv(variable);
  return set == nullptr ? std::to_string(number) : set;
}

bool is_media_type(const std::string& text) {
  const std::size_t slash = text.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < text.size();
}

}  // namespace

Scenario::Scenario(detail::Initialize request)
    : request_(std::make_unique<const detail::Initialize>(std::move(request))) {}

Scenario::~Scenario() = default;

const std::string& Scenario::role() const noexcept {
  return request_->role;
}
const std::string& Scenario::name() const noexcept {
  return request_->scenario;
}
const std::string& Scenario::platform() const noexcept {
  return request_->platform;
}
const std::string& Scenario::run_id() const noexcept {
  return request_->test_run_id;
}
const std::string& Scenario::work_dir() const noexcept {
  return request_->work_dir;
}

std::string Scenario::instance() {
  return std::to_string(getpid());
}

std::string Scenario::resource(std::string_view plain) const {
  if (request_->resource_prefix) {
    return *request_->resource_prefix + std::string(plain);
  }
  return std::string(plain) + "_" + number_or(request_->host_pid, "HARMONY_HOST_PID") + "_" +
         number_or(request_->feature_id, "HARMONY_FEATURE_ID");
}

std::optional<std::string> Scenario::get(const std::string& key) const {
  const auto map = shared();
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, std::string> Scenario::shared() const {
  const std::lock_guard lock(mutex_);
  return run_ ? run_->record().shared() : std::map<std::string, std::string>();
}

void Scenario::set(const std::string& key, std::string value) {
  running("share a value")->record().set(key, std::move(value));
}

Cancellation Scenario::cancel() const {
  const std::lock_guard lock(mutex_);
  return run_ ? run_->cancellation() : Cancellation();
}

void Scenario::log(Level level, std::string message) {
  std::shared_ptr<detail::StepRun> run;
  {
    const std::lock_guard lock(mutex_);
    run = run_;
  }
  if (run) {
    run->record().log(level, std::move(message));
  } else {
    (void)std::fprintf(stderr, "%s\n", message.c_str());
  }
}

void Scenario::attach(const std::string& name, const std::string& media_type, std::string_view body) {
  if (name.empty()) {
    throw std::invalid_argument("an attachment needs a name");
  }
  if (!is_media_type(media_type)) {
    throw std::invalid_argument("'" + media_type + "' of attachment '" + name +
                                "' is no media type; one is of the form text/plain");
  }
  running("attach data")->record().attach({name, media_type, std::string(body)});
}

void Scenario::progress(double done, double total, const std::string& unit) {
  running("tell progress")->progress(done, total, unit);
}

void Scenario::enter(std::shared_ptr<detail::StepRun> run) {
  const std::lock_guard lock(mutex_);
  run_ = std::move(run);
}

std::shared_ptr<detail::StepRun> Scenario::running(const char* doing) const {
  const std::lock_guard lock(mutex_);
  if (!run_) {
    throw std::logic_error(std::string("no step runs; only a step can ") + doing);
  }
  return run_;
}

}  // namespace parley
