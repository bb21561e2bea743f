// Any text is a file of waivers or an InputError; and waivers are written so that they read the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reports/report/waivers.h"
#include "reports/text/input_error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gridproof::reports;
  try {
    for (const auto& waiver :
         parse_waivers({reinterpret_cast<const char*>(data), size}, "fuzzed")) {
      const std::string text = to_toml(waiver);
      const auto again = parse_waivers(text, "written");  // an InputError is no excuse here
      if (again.size() != 1 || to_toml(again.front()) != text) std::abort();
    }
  } catch (const InputError& error) {
    if (std::string_view(error.what()).starts_with("written")) std::abort();
  }
  return 0;
}
