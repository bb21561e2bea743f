// A grid_sample in C++, to be judged: copy this file, put yours in the place of `sample`, and try
// it:
//   g++ -O2 -ffp-contract=off adapter.cc -o adapter && gridproof smoke --subject process:./adapter
// Needs nlohmann/json (nlohmann-json3-dev). It speaks the process protocol, one JSON object a line.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using nlohmann::json;

// Dense f32 tensors: input (N, C, H, W), grid (N, H_out, W_out, 2); bilinear with zeros. With the
// gradient of the output, also adds up those of the input and of the grid.
static void sample(const float* input, const std::vector<long>& size, const float* grid,
                   const std::vector<long>& out_size, bool align_corners, float* output,
                   const float* gradient, float* grad_input, float* grad_grid) {
  const long channels = size[1], height = size[2], width = size[3];
  const long samples = out_size[1] * out_size[2];
  const auto position = [&](float x, long extent) {
    if (std::isnan(x)) x = -1;
    const auto n = static_cast<float>(extent);
    return align_corners ? (x + 1) / 2 * (n - 1) : ((x + 1) * n - 1) / 2;
  };
  const auto pixels_per_unit = [&](long extent) {
    return static_cast<float>(align_corners ? extent - 1 : extent) / 2;
  };
  for (long n = 0; n < size[0]; ++n) {
    for (long s = 0; s < samples; ++s) {
      const float* at = grid + 2 * (n * samples + s);
      const float x = position(at[0], width), y = position(at[1], height);
      const float left = std::floor(x), top = std::floor(y);
      for (long c = 0; c < channels; ++c) {
        const float* plane = input + (n * channels + c) * height * width;
        float sum = 0;
        for (int tap = 0; tap < 4; ++tap) {
          const bool right = tap % 2 != 0;
          const bool below = tap >= 2;
          const float column = right ? left + 1 : left;
          const float row = below ? top + 1 : top;
          const float across = right ? x - left : left + 1 - x,
                      down = below ? y - top : top + 1 - y;
          if (!(column >= 0 && column < static_cast<float>(width) && row >= 0 &&
                row < static_cast<float>(height)))
            continue;
          const float* texel = plane + static_cast<long>(row) * width + static_cast<long>(column);
          sum += *texel * (across * down);
          if (gradient == nullptr) continue;
          const float given = gradient[(n * channels + c) * samples + s];
          grad_input[texel - input] += across * down * given;
          float* const along = grad_grid + 2 * (n * samples + s);
          along[0] += (right ? 1 : -1) * pixels_per_unit(width) * down * (*texel * given);
          along[1] += (below ? 1 : -1) * pixels_per_unit(height) * across * (*texel * given);
        }
        output[(n * channels + c) * samples + s] = sum;
      }
    }
  }
}

static const char* const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static std::vector<float> decoded(const std::string& text) {
  std::string bytes;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(std::strchr(alphabet, c) - alphabet);
    if ((have += 6) >= 8) bytes += static_cast<char>(bits >> (have -= 8));
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

static std::string encoded(const std::vector<float>& values) {
  const std::string bytes(reinterpret_cast<const char*>(values.data()),
                          values.size() * sizeof(float));
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = i; k < i + 3; ++k)
      bits = bits << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U);
    for (int k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? alphabet[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

static json message_of(const std::vector<long>& shape, const std::vector<float>& values) {
  return {{"dtype", "f32"}, {"shape", shape}, {"data", encoded(values)}};
}

static json answer(const json& test_case) {
  static const std::set<std::string> known = {"type", "id",           "input",        "grid",
                                              "mode", "padding_mode", "align_corners"};
  static const std::set<std::string> of_backward = {"grad_output", "output_mask"};
  const bool backward = test_case["type"] == "backward";  // gradients are asked for
  for (const auto& field : test_case.items()) {           // another may change the question
    if (known.count(field.key()) == 0 && !(backward && of_backward.count(field.key()) != 0)) {
      return {
          {"type", "unsupported"}, {"id", test_case["id"]}, {"what", "the field " + field.key()}};
    }
  }
  const auto size = test_case["input"]["shape"].get<std::vector<long>>();
  const auto out_size = test_case["grid"]["shape"].get<std::vector<long>>();
  const std::string mode = test_case.value("mode", "bilinear"),
                    padding = test_case.value("padding_mode", "zeros");
  if (mode != "bilinear" || padding != "zeros")
    throw std::invalid_argument("bilinear with zeros only");
  if (size.size() != 4 || out_size.size() != 4 || size[0] != out_size[0] || out_size[3] != 2 ||
      size[2] < 1 || size[3] < 1)
    throw std::invalid_argument("shapes that do not match");
  if (test_case["input"]["dtype"] != test_case["grid"]["dtype"])
    throw std::invalid_argument("two dtypes");
  if (test_case["input"]["dtype"] != "f32") throw std::invalid_argument("f32 only");
  const std::vector<long> shape = {size[0], size[1], out_size[1], out_size[2]};
  const auto input = decoded(test_case["input"]["data"]), grid = decoded(test_case["grid"]["data"]);
  std::vector<float> output(
      static_cast<std::size_t>(size[0] * size[1] * out_size[1] * out_size[2]));
  std::vector<float> gradient, grad_input(input.size()), grad_grid(grid.size());
  if (backward) {
    if (test_case["grad_output"]["dtype"] != "f32" ||
        test_case["grad_output"]["shape"] != json(shape))
      throw std::invalid_argument("a gradient unlike the output");
    gradient = decoded(test_case["grad_output"]["data"]);
  }
  sample(input.data(), size, grid.data(), out_size, test_case.value("align_corners", false),
         output.data(), backward ? gradient.data() : nullptr, grad_input.data(), grad_grid.data());
  json reply = {{"type", backward ? "gradients" : "answer"}, {"id", test_case["id"]}};
  if (!backward) reply["output"] = message_of(shape, output);
  if (backward && test_case["output_mask"][0]) reply["grad_input"] = message_of(size, grad_input);
  if (backward && test_case["output_mask"][1]) reply["grad_grid"] = message_of(out_size, grad_grid);
  return reply;
}

int main() {
  // What it takes part in; nothing else is asked, but for what the operator refuses.
  const json started = {{"type", "started"},
                        {"protocol", 1},
                        {"name", "C++ example"},
                        {"version", "1"},
                        {"supports",
                         {{"dtypes", {"f32"}},
                          {"ranks", {4}},
                          {"modes", {"bilinear"}},
                          {"padding_modes", {"zeros"}},
                          {"layouts", {"dense"}},
                          {"gradients", {"input", "grid"}}}}};
  for (std::string line; std::getline(std::cin, line);) {
    const json message = json::parse(line);
    if (message["type"] == "stop") break;
    json reply = started;
    if (message["type"] != "start") {
      try {
        reply = answer(message);
      } catch (const std::exception& why) {
        reply = {{"type", "refused"}, {"id", message["id"]}, {"message", why.what()}};
      }
    }
    std::cout << reply.dump() << std::endl;
  }
}
