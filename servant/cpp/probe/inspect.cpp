#include <string>

#include "json.hpp"
#include "parley/ring.hpp"
#include "result.hpp"
#include "run.hpp"

namespace parley::probe {
namespace {

std::string semaphore_json(const ring::SemaphoreState& state) {
  return JsonObject()
      .add("exists", state.exists)
      .add("size", state.size)
      .add("value", std::uint64_t{state.value})
      .add("waiters", std::uint64_t{state.waiters})
      .add("private", std::uint64_t{state.private_flag})
      .text();
}

std::string version_json(const ring::State& state) {
  std::string numbers;
  for (const std::uint8_t number : state.version) {
    numbers += (numbers.empty() ? "" : ",") + std::to_string(number);
  }
  return "[" + numbers + "]";
}

}  // namespace

std::string inspect(const Command& command) {
  const ring::State state = setting_up([&] { return ring::inspect(command.name); });
  return JsonObject()
      .add("ok", true)
      .add("segment_size", state.segment_size)
      .add("oieb_size", std::uint64_t{state.oieb_size})
      .add_json("version", version_json(state))
      .add("metadata_size", state.metadata_size)
      .add("metadata_free_bytes", state.metadata_free_bytes)
      .add("metadata_written_bytes", state.metadata_written_bytes)
      .add("payload_size", state.payload_size)
      .add("payload_free_bytes", state.payload_free_bytes)
      .add("payload_write_pos", state.payload_write_pos)
      .add("payload_read_pos", state.payload_read_pos)
      .add("payload_written_count", state.payload_written_count)
      .add("payload_read_count", state.payload_read_count)
      .add("writer_pid", state.writer_pid)
      .add("reader_pid", state.reader_pid)
      .add_json("sem_w", semaphore_json(state.data_semaphore))
      .add_json("sem_r", semaphore_json(state.space_semaphore))
      .add_json("lock", JsonObject().add("exists", state.lock.exists).add("held", state.lock.held).text())
      .text();
}

}  // namespace parley::probe
