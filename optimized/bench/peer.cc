#include "optimized/bench/peer.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "optimized/bench/folder.h"
#include "oracle/subjects/host/child.h"

namespace gridproof::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::seconds to_start{30};
constexpr std::chrono::minutes to_answer{5};  // a library may compile the call first

std::size_t byte_count(Dtype dtype, const Shape& shape) {
  return static_cast<std::size_t>(element_count(shape)) * size_of(dtype);
}

class Peer : public Rival {
 public:
  explicit Peer(const std::string& command)
      : command_(command),
        // Tensors pass through a folder that both see.
        child_({"sh", "-c", "exec " + command},
               {.memory = 0, .attempts = 1, .isolation = Isolation::none}) {
    const json name = ask({{"start", 1}}, "name");
    name_ = name.is_string() ? name.get<std::string>() : name.dump();
  }

  [[nodiscard]] const std::string& name() const override { return name_; }

  std::optional<std::string> prepare(const Call& call, int threads) override {
    if (call.grads) return "peers are asked for no gradients";
    write(folder_ / "input", call.input);
    write(folder_ / "grid", call.grid);
    const Options& options = call.workload.options;
    const json answer = exchange({{"prepare",
                                   {{"input", folder_ / "input"},
                                    {"input_shape", call.input.shape()},
                                    {"grid", folder_ / "grid"},
                                    {"grid_shape", call.grid.shape()},
                                    {"output", folder_ / "output"},
                                    {"dtype", gridproof::name(call.dtype())},
                                    {"mode", gridproof::name(options.mode)},
                                    {"padding_mode", gridproof::name(options.padding)},
                                    {"align_corners", options.align_corners},
                                    {"threads", threads}}}});
    if (answer.contains("unsupported")) {
      const json& why = answer.at("unsupported");
      return why.is_string() ? why.get<std::string>() : why.dump();
    }
    output_.resize(byte_count(call.dtype(), call.workload.output_shape()));
    std::ifstream file(folder_ / "output", std::ios::binary);
    file.read(reinterpret_cast<char*>(output_.data()),
              static_cast<std::streamsize>(output_.size()));
    if (!file || file.peek() != std::ifstream::traits_type::eof()) {
      return "its answer has the wrong size";
    }
    return std::nullopt;
  }

  double run() override {
    const json seconds = ask({{"run", 1}}, "seconds");
    if (!seconds.is_number()) lose(child_.give_up("\"seconds\" is not a number"));
    return seconds.get<double>();
  }
  const std::byte* output() override { return output_.data(); }

 private:
  json exchange(const json& message) {
    std::string_view line;
    try {
      const auto time = name_.empty() ? std::chrono::milliseconds(to_start) : to_answer;
      line = child_.exchange(message.dump() + '\n', time);
    } catch (const ChildLost& lost) {
      lose(lost.what());
    }
    json answer = json::parse(line, nullptr, false);
    if (!answer.is_object()) {
      lose(child_.give_up("'" + std::string(line.substr(0, 80)) + "' is not a JSON object"));
    }
    return answer;
  }
  [[noreturn]] void lose(const std::string& why) {
    throw ChildLost("the peer '" + command_ + "': " + why);
  }
  json ask(const json& message, const char* key) {
    json answer = exchange(message);
    if (!answer.contains(key)) {
      lose(child_.give_up("expected \"" + std::string(key) + "\" in " + answer.dump()));
    }
    return answer.at(key);
  }

  std::string command_;
  Child child_;
  Folder folder_;
  std::string name_;
  std::vector<std::byte> output_;
};

}  // namespace

std::unique_ptr<Rival> start_peer(const std::string& command) {
  return std::make_unique<Peer>(command);
}

}  // namespace gridproof::bench
