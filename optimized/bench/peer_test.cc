// Rivals in processes: one that answers well, and those that do not.
#include "optimized/bench/peer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "oracle/subjects/host/child.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::bench {
namespace {

class Peer : public testing::Test {
 protected:
  // A peer in Python whose answer is its input, and which gets `change` made to what it says.
  [[nodiscard]] std::string peer(const std::string& change = "") const {
    return "python3 " + folder_.write("peer.py", R"(
import json, shutil, sys
for line in sys.stdin:
    message = json.loads(line)
    if "start" in message:
        answer = {"name": "Copy 1.0"}
    elif "prepare" in message:
        call = message["prepare"]
        assert call["dtype"] == "f32" and call["mode"] == "bicubic" and call["threads"] == 3
        assert call["input_shape"] == [1, 2, 3, 4] and call["grid_shape"] == [1, 3, 4, 2]
        shutil.copy(call["input"], call["output"])
        answer = {"ready": True}
    else:
        answer = {"seconds": 0.25}
    text = json.dumps(answer)
    )" + (change.empty() ? "pass" : change) + "\n    print(text, flush=True)\n");
  }

 private:
  reports::TemporaryFolder folder_;
};

Call call() {
  const Workload workload{"", "", {1, 2, 3, 4}, {3, 4}, {.mode = Mode::bicubic}};
  std::vector<double> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  const std::vector<int> last = {0, 2, 3, 1};
  // Channels last and first again: another layout, the same elements.
  const Tensor input = Tensor(Dtype::f32, {1, 2, 3, 4}, values).permuted(last).contiguous();
  return {workload, input.permuted(std::vector<int>{0, 3, 1, 2}),
          Tensor(Dtype::f32, workload.grid_shape())};
}

std::string loss(const std::string& command) {
  try {
    const auto rival = start_peer(command);
    const Call test_case = call();
    if (const auto why = rival->prepare(test_case, 3)) return *why;
    rival->run();
  } catch (const ChildLost& lost) {
    return lost.what();
  }
  return "";
}

TEST_F(Peer, AnswersInAProcessOfItsOwn) {
  const auto rival = start_peer(peer());
  EXPECT_EQ(rival->name(), "Copy 1.0");
  const Call test_case = call();
  ASSERT_FALSE(rival->prepare(test_case, 3));
  EXPECT_EQ(rival->run(), 0.25);
  for (int i = 0; i < 24; ++i) {
    float element = -1;
    std::memcpy(&element, rival->output() + 4 * i, sizeof element);
    EXPECT_EQ(element, static_cast<float>(i)) << "not dense, or not in order";
  }
}

TEST_F(Peer, MaySayWhatItCannotDo) {
  EXPECT_EQ(loss(peer("text = text.replace('\"ready\": true', '\"unsupported\": \"no\"')")), "no");
}

TEST_F(Peer, IsLostWithAReason) {
  EXPECT_NE(loss("true"), "");
  EXPECT_EQ(loss("no-such-program-anywhere").find("the peer 'no-such-program-anywhere': exited"),
            0);
  EXPECT_NE(loss("echo garbage").find("'garbage' is not a JSON object"), std::string::npos);
  EXPECT_NE(loss(peer("text = text.replace('name', 'nome')")).find("expected \"name\""),
            std::string::npos);
  EXPECT_NE(loss(peer("text = text.replace('0.25', '\"soon\"')")), "");
  EXPECT_EQ(loss(peer("'input' in line and open(call['output'], 'ab').write(b'more')")),
            "its answer has the wrong size");
}

}  // namespace
}  // namespace gridproof::bench
