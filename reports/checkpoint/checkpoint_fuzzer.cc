// Any text is lines of a checkpoint or a CheckpointError; and what was read is written so that it
// reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reports/checkpoint/checkpoint_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gridproof::reports;
  try {
    const CheckpointLines lines =
        read_checkpoint_lines(std::string_view(reinterpret_cast<const char*>(data), size));
    if (lines.whole > size) std::abort();
    std::string written;
    for (const auto& [ordinal, judgments] : lines.judged) {
      written += judged_line(ordinal, lines.spent, judgments);
    }
    for (const auto& [ordinal, judgments] : lines.gradients)
      written += gradients_line(ordinal, judgments);
    const CheckpointLines again = read_checkpoint_lines(written);
    if (again.judged.size() != lines.judged.size() || again.whole != written.size()) std::abort();
    if (again.gradients.size() != lines.gradients.size()) std::abort();
  } catch (const CheckpointError&) {  // anything else ends the program
  }
  return 0;
}
