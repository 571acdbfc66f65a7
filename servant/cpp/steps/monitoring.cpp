// Steps of features/09-monitoring.feature. Sizes are bytes.
#include <cstdint>
#include <string>

#include "figures.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "rates.hpp"

namespace parley::steps {

namespace {

const Step read_and_report_rate{
    role + "reads frames " + number + " to " + number + " of " + number + " bytes and reports the rate",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t first, std::uint64_t last, std::uint64_t size) {
      figures::report(s, rate_title(size), measure_rate(s, first, last, size).as_figures());
    }};

}  // namespace

}  // namespace parley::steps
