#include "reports/sources.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "oracle/process/npy.h"
#include "reference/contract/case.h"
#include "reports/findings/text.h"
#include "reports/input.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_bytes = std::size_t{4} << 30U;

// A nested list, as it stands in a bug report, with its shape.
void flatten(const Json& list, std::size_t depth, Shape& shape, std::vector<double>& values) {
  if (!list.is_array()) {
    if (depth != shape.size()) throw std::invalid_argument("its lists are of different depths");
    if (!list.is_number()) throw std::invalid_argument("it holds something else than numbers");
    return values.push_back(list.get<double>());
  }
  const auto size = static_cast<std::int64_t>(list.size());
  if (depth == shape.size() && values.empty()) shape.push_back(size);
  if (depth >= shape.size() || shape[depth] != size) {
    throw std::invalid_argument("its lists are of different lengths");
  }
  for (const Json& item : list) flatten(item, depth + 1, shape, values);
}

Tensor tensor_of_list(const std::string& text) {
  const Json list = Json::parse(text, nullptr, false);
  if (list.is_discarded()) throw std::invalid_argument("it is no nested list of numbers");
  Shape shape;
  std::vector<double> values;
  flatten(list, 0, shape, values);
  return {Dtype::f32, shape, values};
}

}  // namespace

Tensor read_tensor_argument(const std::string& option, const std::string& text) {
  try {
    if (text.starts_with('[')) return tensor_of_list(text);
    if (text.ends_with(".npy")) {
      const Descriptor file(open(text.c_str(), O_RDONLY | O_CLOEXEC));
      if (file.get() < 0) throw std::invalid_argument(std::strerror(errno));
      return read_npy_tensor(file.get(), most_bytes);
    }
    return parse_tensor(text);
  } catch (const ParseError& error) {
    throw InputError(
        fmt::format("{} is '{}': expected a .npy file, a nested list, or f32[1,2]{{3,4}} "
                    "({})",
                    option, printable(text, 60), error.what()));
  } catch (const std::exception& error) {
    throw InputError(fmt::format("{} '{}': {}", option, printable(text, 60), error.what()));
  }
}

}  // namespace gridproof::reports
