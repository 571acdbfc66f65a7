// Steps of features/02-process-lifecycle.feature.
#include <string>

#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step fail_to_connect{
    role + "fails to connect to buffer " + text + ": " + text,
    [](Scenario& s, const std::string& /*role*/, const std::string& name, const ExpectedError& expected) {
      expect_error(expected, "connect to buffer '" + name + "'", [&] {
        ring_of(s).connect(name).close();
        return std::string("success");
      });
    }};

const Step fail_to_read{role + "fails to read a frame: " + text,
                        [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                          ReaderEnd& reader = ring_of(s).reader();
                          expect_error(expected, "read a frame", [&] { return reader.read_any(s.cancel()); });
                        }};

const Step close_buffer{role + "closes its buffer",
                        [](Scenario& s, const std::string& /*role*/) { ring_of(s).close_last(); }};

}  // namespace

}  // namespace parley::steps
