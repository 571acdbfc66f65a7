#include "ring_process.hpp"

#include <algorithm>
#include <utility>

namespace parley::steps {

ReaderEnd& RingProcess::reader(Location at) {
  auto* found = find<ReaderEnd>();
  if (found == nullptr) {
    fail("this process has created no buffer, or has closed it; a step that creates one must come first", at);
  }
  return *found;
}

WriterEnd& RingProcess::writer(Location at) {
  auto* found = find<WriterEnd>();
  if (found == nullptr) {
    fail("this process is connected to no buffer; a step that connects must come first", at);
  }
  return *found;
}

ReaderEnd& RingProcess::create(const std::string& name, ring::Sizes sizes) {
  auto end = std::make_unique<ReaderEnd>(make(name, sizes));
  ReaderEnd& created = *end;
  open_.emplace_back(std::move(end));
  return created;
}

WriterEnd& RingProcess::connect(const std::string& name) {
  auto end = std::make_unique<WriterEnd>(join(name));
  WriterEnd& connected = *end;
  open_.emplace_back(std::move(end));
  return connected;
}

ring::Reader RingProcess::make(const std::string& name, ring::Sizes sizes) const {
  return ring::Reader::create(scenario_.resource(name), sizes, options());
}

ring::Writer RingProcess::join(const std::string& name) const {
  return ring::Writer::connect(scenario_.resource(name), options());
}

std::vector<std::string> RingProcess::open_ends() const {
  std::vector<std::string> ends;
  for (const Current& end : current_) {
    ends.emplace_back(std::holds_alternative<ReaderEnd*>(end) ? "a buffer that it created"
                                                              : "a buffer that it is connected to");
  }
  return ends;
}

void RingProcess::close_writer() {
  if (auto* writer = find<WriterEnd>()) {
    current_.erase(std::find(current_.begin(), current_.end(), Current(writer)));
    writer->close();
  }
}

void RingProcess::close_last(Location at) {
  if (current_.empty()) {
    fail("this process has no buffer open; a step that creates or connects must come first", at);
  }
  const Current last = current_.back();
  current_.pop_back();
  std::visit([](auto* end) { end->close(); }, last);
}

void RingProcess::wait_at_most(std::chrono::milliseconds patience) {
  patience_ = patience;
  for (const Current& end : current_) {
    std::visit([this](auto* each) { each->set_timeout(patience_); }, end);
  }
}

void RingProcess::close() {
  current_.clear();
  while (!open_.empty()) {
    const auto last = std::move(open_.back());
    open_.pop_back();
    std::visit([](const auto& end) { end->close(); }, last);
  }
}

template <class End>
End* RingProcess::find() {
  const auto found = std::find_if(current_.rbegin(), current_.rend(),
                                  [](const Current& end) { return std::holds_alternative<End*>(end); });
  return found == current_.rend() ? nullptr : std::get<End*>(*found);
}

ring::Options RingProcess::options() const {
  ring::Options options;
  options.timeout = patience_;
  return options;
}

}  // namespace parley::steps
