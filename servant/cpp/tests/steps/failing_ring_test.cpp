// Each check of the ring's steps of features 5 to 11 notices what it is there for.
#include "cell.hpp"

namespace parley::test {
namespace {

using FailingRingStep = FailingSteps;

TEST_P(FailingRingStep, SaysWhatWasExpectedAndWhatCame) {
  open();
  pass(GetParam().before);
  fail(GetParam().words, GetParam().how);
}

INSTANTIATE_TEST_SUITE_P(
    Corruption, FailingRingStep,
    testing::Values(
        FailingStep{"CommitSucceeds",
                    {"writer acquires a frame of '9' bytes"},
                    "writer fails to commit the acquired frame: 'ReaderDead'",
                    {"commit the acquired frame: error", "ReaderDead", "success"}},
        FailingStep{"NothingToCommit",
                    {},
                    "writer fails to commit the acquired frame: 'ReaderDead'",
                    {"this process has acquired no frame"}},
        FailingStep{"MetadataCanBeRead",
                    {"writer writes '7' bytes of metadata"},
                    "reader fails to read the metadata: 'Corrupt'",
                    {"read the metadata: error", "Corrupt", "7 bytes"}},
        FailingStep{"MetadataIsNotWritten",
                    {},
                    "reader fails to read the metadata: 'Corrupt'",
                    {"read the metadata: error", "Corrupt", "none written"}},
        FailingStep{"ReadAndReleased",
                    {"writer writes a frame of '5' bytes"},
                    "reader fails to read and release a frame: 'Corrupt'",
                    {"read and release a frame: error", "Corrupt", "frame 1 of 5 bytes"}},
        FailingStep{"WrittenAtOnce",
                    {},
                    "writer fails to write a frame of '5' bytes at once: 'BufferFull'",
                    {"write a frame of 5 bytes: error", "BufferFull", "success"}},
        FailingStep{"FullAtOnce",
                    {"writer writes a frame of '10224' bytes"},
                    "writer fails to write a frame of '5' bytes at once: 'BufferFull timeout=20'",
                    {"write a frame of 5 bytes: error", "BufferFull timeout=20", "BufferFull timeout=0", "BufferFull"}},
        FailingStep{"ABurstThatWouldWait",
                    {},
                    "writer writes '2' frames of '6000' bytes without waiting",
                    {"no room", "", "", "BufferFull"}},
        FailingStep{"OneOfTheListedSizes",
                    {"writer writes frames of '4, 6' bytes"},
                    "reader reads frames of '4, 5' bytes from frame '1' on",
                    {"bytes of frame 2", "5", "6"}},
        FailingStep{"NoList", {}, "writer writes frames of '4, x' bytes", {"'x' in '4, x' is no size"}},
        FailingStep{"AListThatEndsInAComma", {}, "writer writes frames of '4,' bytes", {"'' in '4,' is no size"}},
        FailingStep{"AListWithAHole", {}, "writer writes frames of '4,,5' bytes", {"'' in '4,,5' is no size"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Resources, FailingRingStep,
    testing::Values(
        FailingStep{"CreatedAfterAll",
                    {},
                    "reader fails to create buffer 'c' with '0' bytes of metadata and '64' bytes of payload: "
                    "'System errno=ENOSPC'",
                    {"create buffer 'c': error", "System errno=ENOSPC", "success"}},
        FailingStep{"RefusedForAnotherReason",
                    {},
                    "reader fails to create buffer 'b' with '0' bytes of metadata and '64' bytes of payload: 'System'",
                    {"create buffer 'b': error", "System", "InUse (", "InUse"}},
        FailingStep{"RecordsOfAnotherSize",
                    {"writer writes '1' records of '3' fields in place"},
                    "reader reads '1' records of '4' fields in place",
                    {"bytes of frame 1", "32", "24"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Names, FailingRingStep,
    testing::Values(FailingStep{"ALongNameThatIsAllowed",
                                {},
                                "reader fails to create a buffer with a name of '245' bytes: 'InvalidName'",
                                {"create a buffer with a name of 245 bytes: error", "InvalidName", "success"}},
                    FailingStep{"ANameTooLong",
                                {},
                                "reader creates and closes a buffer with a name of '246' bytes",
                                {"246 bytes", "", "", "InvalidName"}},
                    FailingStep{"ANameShorterThanAny",
                                {},
                                "reader creates and closes a buffer with a name of '3' bytes",
                                {"a name of 3 bytes is shorter than this cell's shortest"}},
                    FailingStep{"Taken", {}, "reader creates and closes buffer 'b'", {"-b\"", "", "", "InUse"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Stress, FailingRingStep,
    testing::Values(
        FailingStep{
            "TakenAgainAndAgain", {}, "reader creates and destroys buffer 'b' '2' times", {"-b\"", "", "", "InUse"}},
        FailingStep{"ToldSomethingElse",
                    {},
                    "writer connects to buffer 'b' and closes it '1' times, told nothing but 'NotFound, NoReader' in "
                    "between",
                    {"having done so 0 of 1 times", "NotFound, NoReader", "WriterExists ("}},
        FailingStep{"ToldWhatThereIsNot",
                    {},
                    "writer connects to buffer 'b' and closes it '1' times, told nothing but 'NotFound, None' in "
                    "between",
                    {"no error named 'None'", "", "", "std::invalid_argument"}},
        FailingStep{"SomethingOpen",
                    {},
                    "reader has nothing open",
                    {"open in this process", "nothing", "a buffer that it created"}},
        FailingStep{"TwoSeries",
                    {},
                    "reader creates buffers 'a-1', 'b-2' and so on until it is refused: 'InUse'",
                    {"are not the first two of one series"}},
        FailingStep{"ASeriesRefusedForAnotherReason",
                    {"reader creates buffer 'm3' with '0' bytes of metadata and '64' bytes of payload"},
                    "reader creates buffers 'm1', 'm2' and so on until it is refused: 'System'",
                    {"create buffer 'm3': error", "System", "InUse (", "InUse"}},
        FailingStep{"TooFew",
                    {"reader creates buffer 'm8' with '0' bytes of metadata and '64' bytes of payload",
                     "reader creates buffers 'm1', 'm2' and so on until it is refused: 'InUse'"},
                    "reader has created at least '8' of them, and each carries a frame",
                    {"buffers created", "at least 8", "7"}},
        FailingStep{"FurtherBuffersOpen",
                    {"reader creates buffer 'm3' with '0' bytes of metadata and '64' bytes of payload",
                     "reader creates buffers 'm1', 'm2' and so on until it is refused: 'InUse'",
                     "reader closes its buffer", "reader closes its buffer"},
                    "reader has nothing open",
                    {"open in this process", "nothing", "further buffers"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    SeededTraffic, FailingRingStep,
    testing::Values(
        FailingStep{"AnotherSeed",
                    {"writer writes '3' frames of '1' to '900' bytes, seed '7'"},
                    "reader reads '3' frames of '1' to '900' bytes, seed '8', holding up to '1' and pausing up to '0' "
                    "microseconds",
                    {"bytes of frame 1", "23", "688"}},
        FailingStep{"SizesBackwards",
                    {},
                    "writer writes '3' frames of '9' to '8' bytes, seed '7'",
                    {"frames of 9 to 8 bytes cannot be drawn"}},
        FailingStep{"NoSize",
                    {},
                    "reader reads frames of '0' to '8' bytes, seed '7', until the writer rests",
                    {"frames of 0 to 8 bytes cannot be drawn"}},
        FailingStep{"RestWithoutTraffic",
                    {"writer writes a frame of '9' bytes"},
                    "reader reads frames of '1' to '8' bytes, seed '7', until the writer rests",
                    {"frames before the closing one", "at least 1", "0"}},
        FailingStep{"NoRest",
                    {"writer writes '3' frames of '1' to '8' bytes, seed '7'"},
                    "reader reads frames of '1' to '8' bytes, seed '7', until the writer rests",
                    {"", "", "", "ReadTimeout"}},
        FailingStep{"ASizeAmidTraffic",
                    {"writer writes '3' frames of '1' to '8' bytes, seed '7'", "writer writes a frame of '10' bytes"},
                    "reader reads frames of '1' to '8' bytes, seed '7', until the writer rests",
                    {"bytes of frame 4", "4", "10"}},
        FailingStep{"TheNextFrame",
                    {"writer writes '2' frames of '5' bytes", "reader reads and releases frame '1' of '5' bytes"},
                    "reader reads and releases the next frame of '6' bytes",
                    {"bytes of frame 2", "6", "5"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Benchmarks, FailingRingStep,
    testing::Values(
        FailingStep{"ARateOfOtherFrames",
                    {"writer writes '2' frames of '5' bytes"},
                    "reader reads frames '1' to '2' of '6' bytes and reports the rate",
                    {"bytes of frame 1", "6", "5"}},
        FailingStep{"ARateBackwards",
                    {},
                    "reader reads frames '2' to '1' of '6' bytes and reports the rate against memcpy",
                    {"frames 2 to 1 are none"}},
        FailingStep{"OneRate",
                    {"writer writes a frame of '5' bytes",
                     "reader reads frames '1' to '1' of '5' bytes and reports the rate against memcpy"},
                    "reader reports the ratio of its last two rates",
                    {"this process has reported 1 rates"}},
        FailingStep{"NoAtomicAdditions",
                    {},
                    "reader measures '0' atomic additions against '1' plain ones",
                    {"0 atomic and 1 plain additions cannot be compared"}},
        FailingStep{"NoPlainAdditions",
                    {},
                    "reader measures '1' atomic additions against '0' plain ones",
                    {"1 atomic and 0 plain additions cannot be compared"}},
        FailingStep{"NoRateOfStamps", {}, "writer writes '1' time stamps, '0' a second", {"0 time stamps a second"}},
        FailingStep{
            "NoStamps", {}, "reader reads '0' time stamps and reports how long each was on its way", {"0 time stamps"}},
        FailingStep{"NoStamp",
                    {"writer writes a frame of '15' bytes"},
                    "reader reads '1' time stamps and reports how long each was on its way",
                    {"bytes of time stamp 1", "16", "15"}},
        FailingStep{"AStampTooFew",
                    {"writer writes '1' time stamps, '1000' a second"},
                    "reader reads '2' time stamps and reports how long each was on its way",
                    {"", "", "", "ReadTimeout"}}),
    name_of);

}  // namespace
}  // namespace parley::test
