#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "parley/ring/error_kind.hpp"

namespace parley::ring {

/// The base of everything that this library throws.
class Exception : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A wait that was given up because its Cancel token asked for it.
class Cancelled : public Exception {
 public:
  using Exception::Exception;
};

/// What an Error is about beyond its kind. Which members mean something depends on the kind.
struct ErrorFacts {
  /// The buffer's name.
  std::string name;
  /// What is wrong in shared memory (Corrupt, VersionMismatch).
  std::string field;
  /// What was found (Corrupt, VersionMismatch), or the size asked for in bytes (FrameTooLarge, MetadataTooLarge).
  std::uint64_t value = 0;
  /// What `value` must not exceed, or must be.
  std::uint64_t limit = 0;
  /// Sequence numbers (SequenceGap).
  std::uint64_t expected = 0;
  std::uint64_t actual = 0;
  /// How long the call waited (BufferFull, ReadTimeout).
  std::chrono::nanoseconds timeout{0};
  /// The process that owns the buffer, writes it or died; 0 if unknown.
  std::uint64_t pid = 0;
  /// The system call that failed, and its errno (System).
  std::string call;
  int error_number = 0;
  /// Where it happened or what to do about it.
  std::string hint;
};

/// An error of the ring; its message says what, where and what to do about it in one line.
class Error : public Exception {
 public:
  Error(ErrorKind kind, ErrorFacts facts) : Exception(describe(kind, facts)), kind_(kind), facts_(std::move(facts)) {}

  ErrorKind kind() const { return kind_; }
  const ErrorFacts& facts() const { return facts_; }

  using Value = std::variant<std::uint64_t, std::string>;
  /// The values that the kind carries, under the names that all languages share: field, value, limit, size, largest,
  /// timeout (in milliseconds), expected, actual, call, errno.
  std::vector<std::pair<std::string, Value>> details() const {
    switch (kind_) {
      case ErrorKind::Corrupt:
        return {{"field", facts_.field}, {"value", facts_.value}, {"limit", facts_.limit}};
      case ErrorKind::FrameTooLarge:
        return {{"size", facts_.value}, {"largest", facts_.limit}};
      case ErrorKind::BufferFull:
        return {{"timeout", static_cast<std::uint64_t>(
                                std::chrono::duration_cast<std::chrono::milliseconds>(facts_.timeout).count())}};
      case ErrorKind::SequenceGap:
        return {{"expected", facts_.expected}, {"actual", facts_.actual}};
      case ErrorKind::System:
        return {{"call", facts_.call}, {"errno", static_cast<std::uint64_t>(facts_.error_number)}};
      default:
        return {};
    }
  }

  static Error corrupt(std::string_view name, std::string_view field, std::uint64_t value, std::uint64_t limit,
                       std::string hint = {}) {
    ErrorFacts facts;
    facts.name = name;
    facts.field = field;
    facts.value = value;
    facts.limit = limit;
    facts.hint = std::move(hint);
    return {ErrorKind::Corrupt, std::move(facts)};
  }

  /// A system call that failed with `error_number`; `where` is the path or what else it was about.
  static Error system(std::string_view name, std::string_view call, const std::string& where, int error_number) {
    ErrorFacts facts;
    facts.name = name;
    facts.call = call;
    facts.error_number = error_number;
    facts.hint = where + ": " + std::generic_category().message(error_number);
    if (error_number == ENOSPC) {
      // The most frequent cause is full shared memory.
      facts.hint += "; free space there or ask for smaller sizes";
    }
    return {ErrorKind::System, std::move(facts)};
  }

  /// An error about the process `pid`, 0 if unknown.
  static Error of(ErrorKind kind, std::string_view name, std::uint64_t pid = 0, std::string hint = {}) {
    ErrorFacts facts;
    facts.name = name;
    facts.pid = pid;
    facts.hint = std::move(hint);
    return {kind, std::move(facts)};
  }

  /// BufferFull or ReadTimeout.
  static Error timed_out(ErrorKind kind, std::string_view name, std::chrono::nanoseconds timeout,
                         std::string hint = {}) {
    ErrorFacts facts;
    facts.name = name;
    facts.timeout = timeout;
    facts.hint = std::move(hint);
    return {kind, std::move(facts)};
  }

  /// FrameTooLarge, MetadataTooLarge or VersionMismatch.
  static Error exceeds(ErrorKind kind, std::string_view name, std::uint64_t value, std::uint64_t limit) {
    ErrorFacts facts;
    facts.name = name;
    facts.value = value;
    facts.limit = limit;
    return {kind, std::move(facts)};
  }

  static Error sequence_gap(std::string_view name, std::uint64_t expected, std::uint64_t actual) {
    ErrorFacts facts;
    facts.name = name;
    facts.expected = expected;
    facts.actual = actual;
    return {ErrorKind::SequenceGap, std::move(facts)};
  }

 private:
  static std::string describe(ErrorKind kind, const ErrorFacts& facts) {
    std::string text = "ring \"" + facts.name + "\": " + summary(kind, facts);
    if (!facts.hint.empty()) {
      text += ": " + facts.hint;
    }
    return text;
  }

  static std::string summary(ErrorKind kind, const ErrorFacts& facts) {
    switch (kind) {
      case ErrorKind::InvalidName:
        return "invalid name";
      case ErrorKind::InUse:
        return "already in use" + by(facts, " by");
      case ErrorKind::NotFound:
        return "not found: no reader has created it";
      case ErrorKind::NoReader:
        return "no reader: it was closed or died" + by(facts, ",");
      case ErrorKind::WriterExists:
        return "another writer is connected" + by(facts, ",");
      case ErrorKind::VersionMismatch:
        return "layout version " + std::to_string(facts.value) + ", only version " + std::to_string(facts.limit) +
               " is understood";
      case ErrorKind::Corrupt:
        return "corrupt: " + facts.field + " is " + std::to_string(facts.value) + ", limit " +
               std::to_string(facts.limit);
      case ErrorKind::MetadataTooLarge:
        return "metadata of " + fitting(facts);
      case ErrorKind::MetadataAlreadyWritten:
        return "metadata is already written and can be written once";
      case ErrorKind::NoMetadataBlock:
        return "it has no metadata block; create it with a metadata size above 0";
      case ErrorKind::FrameTooLarge:
        return "frame of " + fitting(facts);
      case ErrorKind::EmptyFrame:
        return "a frame has at least 1 byte";
      case ErrorKind::BufferFull:
        return "buffer full: the reader made no room within " + duration(facts.timeout);
      case ErrorKind::ReadTimeout:
        return "no frame within " + duration(facts.timeout);
      case ErrorKind::ReaderDead:
        return "reader dead" + by(facts, ",");
      case ErrorKind::WriterDead:
        return "writer dead" + by(facts, ",");
      case ErrorKind::WriterGone:
        return "writer gone: it closed and every frame was read";
      case ErrorKind::SequenceGap:
        return "sequence gap: expected " + std::to_string(facts.expected) + ", got " + std::to_string(facts.actual);
      case ErrorKind::Closed:
        return "closed";
      case ErrorKind::System:
        return facts.call;
    }
    return std::string(to_string(kind));
  }

  static std::string by(const ErrorFacts& facts, std::string_view before) {
    return facts.pid == 0 ? std::string() : std::string(before) + " pid " + std::to_string(facts.pid);
  }

  static std::string fitting(const ErrorFacts& facts) {
    return std::to_string(facts.value) + " bytes is too large" + ", at most " + std::to_string(facts.limit) + " fit";
  }

  static std::string duration(std::chrono::nanoseconds time) {
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return millis % 1000 == 0 ? std::to_string(millis / 1000) + " s" : std::to_string(millis) + " ms";
  }

  ErrorKind kind_;
  ErrorFacts facts_;
};

}  // namespace parley::ring
