// Any line is a message of a subject or a WireError with a sentence that is not long; and what was
// understood is written so that it reads the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oracle/subjects/protocol/wire.h"

namespace gridproof {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Memory is for those who answer; a shape alone has none.
std::shared_ptr<std::byte[]> allocate_little(std::size_t bytes) {
  require(bytes <= std::size_t{1} << 20U);  // no more than the line itself
  return allocate_plainly(bytes);
}

std::string written(const SubjectMessage& message) {
  std::string line;
  if (const auto* const started = std::get_if<Started>(&message)) {
    append_started(line, *started);
  } else if (const auto* const gradients = std::get_if<GradientsReply>(&message)) {
    append_gradients(line, *gradients);
  } else {
    append_reply(line, std::get<Reply>(message));
  }
  require(line.ends_with('\n') && std::ranges::count(line, '\n') == 1);
  line.pop_back();
  return line;
}

void read(std::string_view line, bool validate) {
  try {
    const SubjectMessage message = decode_subject_line(line, allocate_little, validate);
    const std::string once = written(message);
    // A text that was cut says so, and is cut again where it is a little longer than is kept. One
    // of bytes that are no characters grows.
    if (std::max(line.size(), once.size()) > 4096) return;
    require(written(decode_subject_line(once, allocate_little)) == once);
  } catch (const WireError& error) {
    require(std::string_view(error.what()).size() < 1000);
  }
}

}  // namespace
}  // namespace gridproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view line(reinterpret_cast<const char*>(data), size);
  line = line.substr(0, line.find('\n'));
  gridproof::read(line, false);
  gridproof::read(line, true);
  return 0;
}
