// Any text is a report or an InputError; and what was read can be merged and compared.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reports/render/read_report.h"
#include "reports/text/input_error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gridproof::reports;
  try {
    Report report = parse_report({reinterpret_cast<const char*>(data), size}, "fuzzed");
    mark_known(report, report);
    report.options.shard = {};
    (void)merge({report});
  } catch (const InputError&) {  // anything else ends the program
  }
  return 0;
}
