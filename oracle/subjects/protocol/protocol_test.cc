// The example in reference/contract/protocol.md is what this code says and understands.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "oracle/subjects/protocol/protocol_schema.h"
#include "oracle/subjects/protocol/wire.h"

namespace gridproof {
namespace {

struct Said {
  bool by_host;
  std::string line;
};

std::vector<Said> example() {
  std::ifstream document(std::string(GRIDPROOF_SOURCE_DIR) + "/reference/contract/protocol.md");
  std::vector<Said> session;
  for (std::string line; std::getline(document, line);) {
    for (const std::string arrow : {"→ ", "← "}) {
      if (line.starts_with(arrow)) session.push_back({arrow == "→ ", line.substr(arrow.size())});
    }
  }
  return session;
}

// A message decoded and encoded again.
std::string said_again(const Said& said) {
  std::string line;
  if (!said.by_host) {
    const SubjectMessage message = decode_subject_line(said.line);
    if (const auto* const started = std::get_if<Started>(&message)) {
      append_started(line, *started);
    } else if (const auto* const gradients = std::get_if<GradientsReply>(&message)) {
      append_gradients(line, *gradients);
    } else {
      append_reply(line, std::get<Reply>(message));
    }
    return line;
  }
  const HostMessage message = decode_host_line(said.line);
  if (std::holds_alternative<Start>(message)) {
    append_start(line);
  } else if (const auto* const ask = std::get_if<Ask>(&message)) {
    EXPECT_EQ(ask->unknown_field, std::nullopt);
    append_case(line, ask->id, ask->test_case);
  } else if (const auto* const backward = std::get_if<AskBackward>(&message)) {
    EXPECT_EQ(backward->unknown_field, std::nullopt);
    append_case(line, backward->id, backward->test_case);
  } else {
    append_stop(line);
  }
  return line;
}

TEST(Protocol, TheExampleIsSpokenHere) {
  const std::vector<Said> session = example();
  ASSERT_EQ(session.size(), 9U);
  for (const Said& said : session) EXPECT_EQ(said_again(said), said.line + "\n");
}

TEST(Protocol, TheExampleAsksWhatTheTextSays) {
  const std::vector<Said> session = example();
  const auto ask = [&](std::size_t i) {
    return std::get<Ask>(decode_host_line(session.at(i).line)).test_case;
  };
  EXPECT_EQ(to_line(ask(2)),
            "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
            "input=f32[1,1,4,4]{1..16} "
            "grid=f32[1,1,2,2]{-0x1.333334p+0,-0x1.333334p-2,0x1.99999ap-4,0x1.ccccccp-1}");
  EXPECT_EQ(ask(4).input.at(std::array<std::int64_t, 4>{0, 0, 0, 0}), 13.0);
  const auto reply = std::get<Reply>(decode_subject_line(session.at(3).line));
  const std::vector<double> values = std::get<Tensor>(reply.answer).values();
  EXPECT_NEAR(values.at(0), 0.46, 1e-6);
  EXPECT_NEAR(values.at(1), 10.29, 1e-6);
}

TEST(Protocol, TheExampleHasTheGradientsThatTheTextSays) {
  const std::vector<Said> session = example();
  const auto asked = std::get<AskBackward>(decode_host_line(session.at(6).line)).test_case;
  EXPECT_EQ(to_line(asked),
            "grid_sample_backward align_corners=False input=f32[1,1,4,4]{1..16} "
            "grid=f32[1,1,1,2]{0x1.99999ap-4,0x1.ccccccp-1} grad_output=f32[1,1,1,1]{1}");
  const auto reply = std::get<GradientsReply>(decode_subject_line(session.at(7).line));
  const std::vector<double> texels = reply.gradients.input.value().values();
  EXPECT_NEAR(texels.at(13), 0.3 * 0.7, 1e-6);
  EXPECT_NEAR(texels.at(14), 0.7 * 0.7, 1e-6);
  const std::vector<double> coordinates = reply.gradients.grid.value().values();
  EXPECT_NEAR(coordinates.at(0), 2 * 0.7, 1e-6);
  EXPECT_NEAR(coordinates.at(1), 2 * -14.7, 1e-5);
}

std::string against(const std::string& line) {
  return against_schema(nlohmann::json::parse(line)).value_or("");
}

TEST(Protocol, TheExampleKeepsToTheSchema) {
  for (const Said& said : example()) EXPECT_EQ(against(said.line), "") << said.line;
}

TEST(Protocol, OwnMessagesMatchTheSchema) {
  std::string line;
  append_started(line, {.info = {.name = "n",
                                 .version = "v",
                                 .language = "l",
                                 .homepage = "h",
                                 .issues = "i",
                                 .dialect = Dialect::onnx_16},
                        .supports = {.dtypes = {{Dtype::f16, Dtype::f64}},
                                     .ranks = {{4, 5}},
                                     .modes = {{Mode::bicubic}},
                                     .padding_modes = {{Padding::border}},
                                     .align_corners = {{true}},
                                     .layouts = {{Layout::strided, Layout::negative}},
                                     .gradients = {{GradientOf::input, GradientOf::grid}}}});
  EXPECT_EQ(against(line), "");
  for (const Answer& answer :
       {Answer(Refusal{.clause = "coord.nan", .message = "m"}), Answer(Unsupported{"w"}),
        Answer(Lost{"e"}), Answer(Tensor(Dtype::bf16, {1, 2}).permuted(std::array{1, 0}))}) {
    line.clear();
    append_reply(line, {.id = 3, .answer = answer});
    EXPECT_EQ(against(line), "") << line;
  }
}

TEST(Protocol, SchemaRejectsOtherMessages) {
  const std::string head = "the message refused does not match protocol.schema.json";
  EXPECT_TRUE(
      against(R"({"type":"refused","id":1,"message":"m","clauses":"typo"})").starts_with(head));
  EXPECT_TRUE(against(R"({"type":"refused","id":1,"message":2})").starts_with(head));
  EXPECT_TRUE(against(R"({"type":"refused","id":-1,"message":"m"})").starts_with(head));
  EXPECT_TRUE(against(R"({"type":"refused","message":"m"})").starts_with(head));
  EXPECT_NE(against(R"({"type":"started","protocol":1,"name":"n","version":"v",)"
                    R"("supports":{"dtype":["f32"]}})"),
            "");
  EXPECT_NE(against(R"({"type":"answer","id":1,"output":{"dtype":"f8","shape":[],"data":""}})"),
            "");
  const std::string name(5000, 'x');
  EXPECT_LT(against(R"({"type":"answer","id":1,"output":{"dtype":"f16","shape":[],"data":"",")" +
                    name + R"(":1},")" + name + R"(":1})")
                .size(),
            1000U);
  // Without it, what a reader does not know is ignored.
  const std::string unknown = R"({"type":"unsupported","id":1,"what":"w","why":"?"})";
  EXPECT_NO_THROW(decode_subject_line(unknown));
  EXPECT_THROW(decode_subject_line(unknown, allocate_plainly, true), WireError);
}

}  // namespace
}  // namespace gridproof
