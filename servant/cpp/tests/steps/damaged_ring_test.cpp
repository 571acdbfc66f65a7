// Steps notice what another process has done to shared memory.
#include <filesystem>

#include "cell.hpp"
#include "records.hpp"

namespace parley::test {
namespace {

/// Cells with buffer 'b' in which something happens that no step does.
class DamagedRing : public Cell {
 protected:
  static constexpr std::size_t kMetadata = 1024;
  static constexpr std::size_t kHeader = 16;

  DamagedRing() { open(kMetadata); }

  /// Changes a byte of the first frame of the buffer.
  void change(std::size_t at, std::uint8_t byte) const { damage("b", kMetadata, kHeader + at, byte); }
};

TEST_F(DamagedRing, AFrameThatIsNotThePattern) {
  pass({"writer writes a frame of '5' bytes"});
  change(4, 9);
  fail("reader reads and releases the next frame of '5' bytes", {"byte 4 of frame 1", "0x05", "0x09"});
}

TEST_F(DamagedRing, AHeldFrameThatChanges) {
  pass({"writer writes a frame of '5' bytes", "reader reads frame '1' of '5' bytes"});
  change(2, 0);
  fail("reader still holds frame '1' unchanged", {"byte 2 of frame 1", "0x03", "0x00"});
}

TEST_F(DamagedRing, ATornRecord) {
  pass({"writer writes '1' records of '3' fields in place"});
  const std::uint64_t field = steps::records::field(1, 2);
  change(3 * steps::records::kFieldSize - 1, static_cast<std::uint8_t>((field >> 56U) + 1));
  fail("reader reads '1' records of '3' fields in place",
       {"field 2 of record 1", "0x000000023c6ef362", "0x010000023c6ef362"});
}

TEST_F(DamagedRing, AnotherStamp) {
  pass({"writer writes '1' time stamps, '1000' a second"});
  change(8, 2);
  fail("reader reads '1' time stamps and reports how long each was on its way", {"number of the time stamp", "1", "2"});
}

TEST_F(DamagedRing, AStampOfTheFuture) {
  pass({"writer writes '1' time stamps, '1000' a second"});
  change(7, 0x40);
  fail("reader reads '1' time stamps and reports how long each was on its way",
       {"time stamp 1 was written", "before it was read", "4"});
}

TEST_F(DamagedRing, ASeriesOfWhichOneCarriesNothing) {
  pass({"reader creates buffer 'm4' with '0' bytes of metadata and '64' bytes of payload",
        "reader creates buffers 'm1', 'm2' and so on until it is refused: 'InUse'"});
  // The last four are destroyed before frames are written.
  pass({"reader has created at least '3' of them, and each carries a frame", "reader closes all of them"});
  pass({"reader creates buffer 'n7' with '0' bytes of metadata and '64' bytes of payload",
        "reader creates buffers 'n1', 'n2' and so on until it is refused: 'InUse'"});
  std::filesystem::remove("/dev/shm/" + resource("n2"));
  fail("reader has created at least '6' of them, and each carries a frame", {"-n2\"", "", "", "NotFound"});
}

}  // namespace
}  // namespace parley::test
