#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace parley::ring {

/// What went wrong, with the names that all languages share (ring protocol, "Errors").
enum class ErrorKind {
  InvalidName,             ///< The name is not allowed.
  InUse,                   ///< The name belongs to a buffer that is alive.
  NotFound,                ///< There is no buffer of that name.
  NoReader,                ///< The buffer has no reader, or its reader closed it.
  WriterExists,            ///< Another writer is connected.
  VersionMismatch,         ///< The layout's major version is not 1.
  Corrupt,                 ///< Shared memory holds what cannot be true.
  MetadataTooLarge,        ///< The metadata does not fit into its block.
  MetadataAlreadyWritten,  ///< Metadata is written once per buffer.
  NoMetadataBlock,         ///< The buffer was created with a metadata size of 0.
  FrameTooLarge,           ///< The frame can never fit into this ring.
  EmptyFrame,              ///< A frame has at least one byte.
  BufferFull,              ///< The reader made no room within the write timeout.
  ReadTimeout,             ///< No frame came within the read timeout.
  ReaderDead,              ///< The reader's process ended without closing.
  WriterDead,              ///< The writer's process ended without closing.
  WriterGone,              ///< The writer closed in order, and every frame is read.
  SequenceGap,             ///< A frame does not have the sequence that is next.
  Closed,                  ///< This side was closed by its own process.
  System,                  ///< A system call failed.
};

/// The names of all kinds, in the order of ErrorKind.
inline constexpr std::array<std::string_view, 20> kErrorKindNames = {
    "InvalidName",
    "InUse",
    "NotFound",
    "NoReader",
    "WriterExists",
    "VersionMismatch",
    "Corrupt",
    "MetadataTooLarge",
    "MetadataAlreadyWritten",
    "NoMetadataBlock",
    "FrameTooLarge",
    "EmptyFrame",
    "BufferFull",
    "ReadTimeout",
    "ReaderDead",
    "WriterDead",
    "WriterGone",
    "SequenceGap",
    "Closed",
    "System",
};
static_assert(kErrorKindNames.size() == static_cast<std::size_t>(ErrorKind::System) + 1);

/// The name that all languages share.
constexpr std::string_view to_string(ErrorKind kind) {
  return kErrorKindNames.at(static_cast<std::size_t>(kind));
}

/// The kind of that name; nothing if there is none.
constexpr std::optional<ErrorKind> parse_kind(std::string_view name) {
  for (std::size_t i = 0; i < kErrorKindNames.size(); ++i) {
    if (kErrorKindNames.at(i) == name) {
      return static_cast<ErrorKind>(i);
    }
  }
  return std::nullopt;
}

}  // namespace parley::ring
