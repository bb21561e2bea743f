#include "oracle/subjects/protocol/wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <ctime>
#include <limits>

namespace gridproof {
namespace {

// Any bits in any layout: permuted, expanded, negative, with an offset, with storage to spare.
rc::Gen<Tensor> any_tensor() {
  return rc::gen::exec([] {
    const auto dtype =
        *rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64, Dtype::i32);
    const auto rank = *rc::gen::inRange<std::size_t>(0, 6);
    const Shape shape = *rc::gen::container<Shape>(rank, rc::gen::inRange<std::int64_t>(0, 5));
    Shape strides = contiguous_strides(shape);
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    std::int64_t offset = 0;
    const bool dense = *rc::gen::arbitrary<bool>();
    if (!dense) {
      strides = *rc::gen::container<Shape>(rank, rc::gen::inRange<std::int64_t>(-7, 8));
      offset = *rc::gen::inRange<std::int64_t>(0, 4);
    }
    for (std::size_t axis = 0; axis < rank; ++axis) {
      const std::int64_t reach = strides[axis] * std::max<std::int64_t>(shape[axis] - 1, 0);
      (reach < 0 ? lowest : highest) += reach;
    }
    const std::int64_t size =
        dense ? element_count(shape)
              : highest - lowest + 1 + offset + *rc::gen::inRange<std::int64_t>(0, 3);
    const auto bytes = static_cast<std::size_t>(size) * size_of(dtype);
    auto storage = allocate_plainly(bytes);
    const auto bits =
        *rc::gen::container<std::vector<std::uint8_t>>(bytes, rc::gen::arbitrary<std::uint8_t>());
    std::ranges::transform(bits, storage.get(), [](std::uint8_t b) { return std::byte{b}; });
    return Tensor::strided(dtype, shape, strides, offset - lowest, storage, size);
  });
}

std::vector<std::byte> storage_of(const Tensor& tensor) {
  const auto size = static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
  return {tensor.storage(), tensor.storage() + size};
}

// The same layout over the same bits, those that the layout does not reach included.
void assert_identical(const Tensor& a, const Tensor& b) {
  RC_ASSERT(a.dtype() == b.dtype());
  RC_ASSERT(a.shape() == b.shape());
  RC_ASSERT(layout_of(a) == layout_of(b));
  if (layout_of(a) != Layout::dense) RC_ASSERT(a.strides() == b.strides());
  RC_ASSERT(a.offset() == b.offset());
  RC_ASSERT(storage_of(a) == storage_of(b));
}

// A message without the newline that it has to end with.
std::string without_newline(std::string line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  line.pop_back();
  return line;
}

std::string case_line(std::int64_t id, const Case& test_case) {
  std::string line;
  append_case(line, id, test_case);
  return without_newline(line);
}
std::string case_line(std::int64_t id, const BackwardCase& test_case) {
  std::string line;
  append_case(line, id, test_case);
  return without_newline(line);
}

std::string reply_line(const Reply& reply) {
  std::string line;
  append_reply(line, reply);
  return without_newline(line);
}

std::string gradients_line(const GradientsReply& reply) {
  std::string line;
  append_gradients(line, reply);
  return without_newline(line);
}

RC_GTEST_PROP(Wire, CasesComeBackAsTheyWere, (std::uint32_t id)) {
  Case test_case{.request = {}, .input = *any_tensor(), .grid = *any_tensor()};
  // Names of one byte a character: what is no UTF-8 cannot travel in JSON.
  const auto name = rc::gen::maybe(rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(0, 128), [](int c) { return static_cast<char>(c); })));
  const auto mode = *name;
  if (mode) test_case.request.mode = *mode;
  const auto padding_mode = *name;
  if (padding_mode) test_case.request.padding_mode = *padding_mode;
  const auto align_corners = *rc::gen::maybe(rc::gen::arbitrary<bool>());
  if (align_corners) test_case.request.align_corners = *align_corners;
  const Ask ask = std::get<Ask>(decode_host_line(case_line(id, test_case)));
  RC_ASSERT(ask.id == id);
  RC_ASSERT(ask.test_case.request == test_case.request);
  RC_ASSERT(!ask.unknown_field);
  assert_identical(ask.test_case.input, test_case.input);
  assert_identical(ask.test_case.grid, test_case.grid);
}

RC_GTEST_PROP(Wire, QuestionsForGradientsComeBackAsTheyWere, (std::uint32_t id)) {
  const BackwardCase test_case{
      .forward = {.request = {.mode = "nearest", .padding_mode = {}, .align_corners = true},
                  .input = *any_tensor(),
                  .grid = *any_tensor()},
      .grad_output = *any_tensor(),
      .output_mask = {.input = *rc::gen::arbitrary<bool>(), .grid = *rc::gen::arbitrary<bool>()}};
  const AskBackward ask = std::get<AskBackward>(decode_host_line(case_line(id, test_case)));
  RC_ASSERT(ask.id == id);
  RC_ASSERT(ask.test_case.forward.request == test_case.forward.request);
  RC_ASSERT(ask.test_case.output_mask == test_case.output_mask);
  RC_ASSERT(!ask.unknown_field);
  assert_identical(ask.test_case.forward.input, test_case.forward.input);
  assert_identical(ask.test_case.forward.grid, test_case.forward.grid);
  assert_identical(ask.test_case.grad_output, test_case.grad_output);
}

RC_GTEST_PROP(Wire, GradientsComeBackAsTheyWere, (std::uint32_t id)) {
  Gradients gradients;
  if (*rc::gen::arbitrary<bool>()) gradients.input = *any_tensor();
  if (*rc::gen::arbitrary<bool>()) gradients.grid = *any_tensor();
  const auto reply = std::get<GradientsReply>(decode_subject_line(gradients_line({id, gradients})));
  RC_ASSERT(reply.id == id);
  RC_ASSERT(reply.gradients.input.has_value() == gradients.input.has_value());
  RC_ASSERT(reply.gradients.grid.has_value() == gradients.grid.has_value());
  if (gradients.input) assert_identical(*reply.gradients.input, *gradients.input);
  if (gradients.grid) assert_identical(*reply.gradients.grid, *gradients.grid);
}

RC_GTEST_PROP(Wire, OutputsComeBackAsTheyWere, (std::uint32_t id)) {
  const Tensor output = *any_tensor();
  const Reply reply = std::get<Reply>(decode_subject_line(reply_line({id, output})));
  RC_ASSERT(reply.id == std::optional<std::int64_t>(id));
  assert_identical(std::get<Tensor>(reply.answer), output);
}

TEST(Wire, OtherAnswersComeBackAsTheyWere) {
  const std::string text = "a \"quoted\" \\ line\n\tµ " + std::string(1000, 'x');
  const auto back = [](const Answer& answer) {
    return std::get<Reply>(decode_subject_line(reply_line({7, answer}))).answer;
  };
  const auto refusal = std::get<Refusal>(back(Refusal{"shape.rank", text}));
  EXPECT_EQ(refusal.clause, "shape.rank");
  EXPECT_EQ(refusal.message, text);
  EXPECT_EQ(std::get<Unsupported>(back(Unsupported{text})).what, text);
  EXPECT_EQ(std::get<Lost>(back(Lost{text})).why, text);
  // A message without a backslash is parsed another way.
  const std::string plain(1000, 'x');
  EXPECT_EQ(std::get<Lost>(back(Lost{plain})).why, plain);
  // What is no UTF-8 is replaced, whichever way.
  for (const std::size_t length : {1UL, 1000UL}) {
    const auto why = std::get<Lost>(back(Lost{std::string(length, 'x') + "\xff"})).why;
    EXPECT_EQ(why, std::string(length, 'x') + "\xef\xbf\xbd");
  }
}

TEST(Wire, SubjectsComeBackAsTheyWere) {
  const Started started{
      .info = {.name = "n\"", .version = "1.2", .language = "C", .homepage = "h", .issues = "i"},
      .supports = {.dtypes = {{Dtype::f32, Dtype::bf16}},
                   .ranks = {{4}},
                   .modes = {{Mode::nearest}},
                   .padding_modes = {{Padding::zeros, Padding::border}},
                   .align_corners = {{true}},
                   .layouts = {{Layout::dense}},
                   .gradients = {{GradientOf::grid}}}};
  std::string line;
  append_started(line, started);
  line.pop_back();
  const auto back = std::get<Started>(decode_subject_line(line));
  EXPECT_EQ(back.info.name, started.info.name);
  EXPECT_EQ(back.info.version, started.info.version);
  EXPECT_EQ(back.info.language, started.info.language);
  EXPECT_EQ(back.info.homepage, started.info.homepage);
  EXPECT_EQ(back.info.issues, started.info.issues);
  EXPECT_EQ(back.supports.dtypes, started.supports.dtypes);
  EXPECT_EQ(back.supports.ranks, started.supports.ranks);
  EXPECT_EQ(back.supports.modes, started.supports.modes);
  EXPECT_EQ(back.supports.padding_modes, started.supports.padding_modes);
  EXPECT_EQ(back.supports.align_corners, started.supports.align_corners);
  EXPECT_EQ(back.supports.layouts, started.supports.layouts);
  EXPECT_EQ(back.supports.gradients, started.supports.gradients);
}

// JSON as other libraries write it: white space, another order, escapes.
TEST(Wire, ReadsJsonInAnySpelling) {
  std::string data;
  for (int i = 0; i < 100; ++i) data += "AACAPw//";
  const auto elements = [](const std::string& line) {
    return std::get<Tensor>(std::get<Reply>(decode_subject_line(line)).answer).storage_size();
  };
  const std::string open = R"({ "id" : 1 , "output" : {"data": ")";
  const std::string close = R"(", "shape" : [ 150 ], "dtype":"f32" }, "type":"answer" })";
  EXPECT_EQ(elements(open + data + close), 150);
  std::string escaped;
  for (const char c : data) escaped += c == '/' ? std::string("\\/") : std::string(1, c);
  EXPECT_EQ(elements(open + escaped + close), 150);
  EXPECT_EQ(elements(open + "\\u0041" + data.substr(1) + close), 150);
}

TEST(Wire, AFieldOfTheFutureIsPointedOut) {
  std::string line = case_line(1, {.request = {},
                                   .input = Tensor(Dtype::f32, {1, 1, 1, 1}),
                                   .grid = Tensor(Dtype::f32, {1, 1, 1, 2})});
  line.insert(1, "\"gradient\":true,");
  EXPECT_EQ(std::get<Ask>(decode_host_line(line)).unknown_field, "gradient");
}

// Of a question for gradients as well, and an older subject, which knows no such question, says so.
TEST(Wire, AFieldOfTheFutureIsPointedOutWhereGradientsAreAsked) {
  const Case forward{.request = {},
                     .input = Tensor(Dtype::f32, {1, 1, 1, 1}),
                     .grid = Tensor(Dtype::f32, {1, 1, 1, 2})};
  std::string line = case_line(1, BackwardCase{.forward = forward,
                                               .grad_output = Tensor(Dtype::f32, {1, 1, 1, 1}),
                                               .output_mask = {}});
  line.insert(1, "\"create_graph\":true,");
  EXPECT_EQ(std::get<AskBackward>(decode_host_line(line)).unknown_field, "create_graph");
  line = case_line(1, forward);
  line.insert(1, "\"grad_output\":1,");
  EXPECT_EQ(std::get<Ask>(decode_host_line(line)).unknown_field, "grad_output");
}

// What `line` is rejected for.
std::string rejected(const std::string& line) {
  try {
    decode_subject_line(line);
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}
std::string rejected_case(const std::string& line) {
  try {
    decode_host_line(line);
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}
std::string rejected_output(const std::string& tensor) {
  return rejected(R"({"type":"answer","id":1,"output":)" + tensor + "}");
}

TEST(Wire, MalformedMessagesAreRejected) {
  EXPECT_EQ(rejected("[1]"), "the line is not a JSON object");
  EXPECT_EQ(rejected("").substr(0, 25), "the line is not JSON: par");
  EXPECT_EQ(rejected(std::string(60, '[')).substr(0, 25), "the line is not JSON: par");
  EXPECT_EQ(rejected("{\"type\":\"" + std::string(1000, 'x')).substr(0, 25),
            "the line is not JSON: par");
  EXPECT_EQ(rejected("{}"), "the field type is missing");
  EXPECT_EQ(rejected(R"({"type":3})"), "expected a string for type");
  EXPECT_EQ(rejected(R"({"type":"case"})"),
            "'case' is not a message type here: expected started, answer, gradients, refused, "
            "unsupported or error");
  EXPECT_EQ(rejected(R"({"type":"answer"})"), "the field id is missing");
  EXPECT_EQ(rejected(R"({"type":"answer","id":1.5})"), "expected a 64-bit integer for id");
  EXPECT_EQ(rejected(R"({"type":"answer","id":9223372036854775808})"),
            "expected a 64-bit integer for id");
  EXPECT_EQ(rejected(R"({"type":"answer","id":-1})"), "the id is negative");
  EXPECT_EQ(rejected(R"({"type":"answer","id":1})"), "the field output is missing");
  EXPECT_EQ(rejected(R"({"type":"refused","id":1})"), "the field message is missing");
  EXPECT_EQ(rejected(R"({"type":"refused","id":1,"message":"m","clause":[]})"),
            "expected a string for clause");
  EXPECT_EQ(rejected_case(R"({"type":"start"})"), "the field protocol is missing");
  EXPECT_EQ(rejected_case(R"({"type":"answer"})"),
            "'answer' is not a message type here: expected start, case, backward or stop");
  EXPECT_EQ(rejected_case(R"({"type":"case","id":1,"align_corners":0})"),
            "expected true or false for align_corners");
  EXPECT_EQ(rejected_case(R"({"type":"case","id":1})"), "the field input is missing");
}

TEST(Wire, MalformedGradientsAreRejected) {
  const std::string tensor = R"({"dtype":"f32","shape":[1],"data":"AACAPw=="})";
  const std::string asked =
      R"({"type":"backward","id":1,"input":)" + tensor + R"(,"grid":)" + tensor;
  EXPECT_EQ(rejected_case(asked + "}"), "the field grad_output is missing");
  const std::string whole = asked + R"(,"grad_output":)" + tensor;
  EXPECT_EQ(rejected_case(whole + "}"), "the field output_mask is missing");
  const std::string flags = "expected two of true and false for output_mask";
  EXPECT_EQ(rejected_case(whole + R"(,"output_mask":true})"), flags);
  EXPECT_EQ(rejected_case(whole + R"(,"output_mask":[true]})"), flags);
  EXPECT_EQ(rejected_case(whole + R"(,"output_mask":[true,0]})"), flags);
  EXPECT_EQ(rejected_case(whole + R"(,"output_mask":[true,false]})"), "");
  EXPECT_EQ(rejected(R"({"type":"gradients"})"), "the field id is missing");
  EXPECT_EQ(rejected(R"({"type":"gradients","id":1,"grad_input":1})"),
            "expected an object for grad_input");
  EXPECT_EQ(rejected(R"({"type":"gradients","id":1,"grad_grid":{"dtype":"f32","shape":[1],)"
                     R"("file":"/etc/passwd"}})"),
            "grad_grid.file cannot be used: it is not the file that the case named");
  EXPECT_EQ(rejected(R"({"type":"started","protocol":1,"name":"n","version":"v",)"
                     R"("supports":{"gradients":["theta"]}})"),
            "'theta' is not known for an entry of supports.gradients: expected one of input, grid");
}

std::string rejected_of_subject(const std::string& line) {
  try {
    decode_subject_line(line);
    return "";
  } catch (const WireError& error) {
    return error.what();
  }
}

TEST(Wire, AKeyThatIsNamedTwiceIsRefused) {
  const std::string twice = "an object in the line names a key twice";
  EXPECT_EQ(rejected_of_subject(R"({"type":"answer","type":"refused","message":"no"})"), twice);
  EXPECT_EQ(rejected_of_subject(R"({"type":"answer","output":{"dtype":"f32","dtype":"f64"}})"),
            twice);
  EXPECT_NE(rejected_of_subject(R"({"a":{"type":1},"type":"answer","b":[{"type":2}]})"), twice);
}

// What would cost a hundred times its length is refused before it is parsed.
TEST(Wire, WhatASubjectSaysIsLimited) {
  const std::clock_t start = std::clock();  // of processor time
  const std::string deep = "the line nests lists and objects more than 64 deep";
  const std::string much = "the line has more than 1 MiB besides its long strings";
  EXPECT_EQ(rejected_of_subject(std::string(20'000'000, '[')), deep);
  EXPECT_EQ(rejected_of_subject("{\"a\":" + std::string(65, '[')), deep);
  std::string objects;
  for (int i = 0; i < 70; ++i) objects += "{\"a\":";
  EXPECT_EQ(rejected_of_subject(objects), deep);
  EXPECT_EQ(rejected_of_subject("{\"a\\\"\":" + std::string(65, '{')), deep);
  std::string list = "{\"type\":\"answer\",\"id\":1,\"shape\":[1";
  for (int i = 0; i < 10'000'000; ++i) list += ",1";
  EXPECT_EQ(rejected_of_subject(list + "]}"), much);
  std::string words = "{\"type\":[\"\"";
  for (int i = 0; i < 5'000'000; ++i) words += ",\"\"";
  EXPECT_EQ(rejected_of_subject(words + "]}"), much);
  EXPECT_EQ(rejected_of_subject(words + ",\"\\n\"]}"), much);
  EXPECT_EQ(rejected_of_subject(std::string(20'000'000, ' ')), much);
  EXPECT_EQ(rejected_of_subject("\"" + std::string(20'000'000, '\\')), much);
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
  // Brackets in strings are none, and what is allowed is allowed.
  EXPECT_EQ(
      rejected_of_subject("{\"type\":\"error\",\"message\":\"" + std::string(100, '[') + "\"}"),
      "");
  EXPECT_EQ(rejected_of_subject("{\"type\":\"error\",\"message\":\"x\",\"more\":" +
                                std::string(60, '[') + std::string(60, ']') + "}"),
            "");
}

TEST(Wire, KeepsTheBeginningOfALongText) {
  const auto message_of = [](const std::string& text) {
    const SubjectMessage message =
        decode_subject_line("{\"type\":\"refused\",\"id\":1,\"message\":\"" + text + "\"}");
    return std::get<Refusal>(std::get<Reply>(message).answer).message;
  };
  EXPECT_EQ(message_of(std::string(4096, 'x')), std::string(4096, 'x'));
  EXPECT_EQ(message_of(std::string(5'000'000, 'x')),
            std::string(4096, 'x') + "… (5000000 bytes in all)");
  EXPECT_EQ(message_of("\\n" + std::string(5000, 'x')),
            "\n" + std::string(4095, 'x') + "… (5001 bytes in all)");
  std::string umlauts;
  for (int i = 0; i < 3000; ++i) umlauts += "ä";
  EXPECT_EQ(message_of("x" + umlauts), "x" + umlauts.substr(0, 4094) + "… (6001 bytes in all)");
  // The host may ask for what it likes.
  const std::string mode(10'000, 'm');
  std::string line;
  append_case(line, 1,
              {.request = {.mode = mode, .padding_mode = {}, .align_corners = {}},
               .input = Tensor(Dtype::f32, {1, 1, 1, 1}),
               .grid = Tensor(Dtype::f32, {1, 1, 1, 2})});
  line.pop_back();
  EXPECT_EQ(std::get<Ask>(decode_host_line(line)).test_case.request.mode, mode);
}

TEST(Wire, MalformedTensorsAreRejected) {
  EXPECT_EQ(rejected_output("[]"), "expected an object for output");
  EXPECT_EQ(rejected_output(R"({"dtype":"f128"})"),
            "'f128' is not known for output.dtype: expected one of f16, bf16, f32, f64, i32");
  EXPECT_EQ(rejected_output(R"({"dtype":"f32","data":""})"), "the field output.shape is missing");
  EXPECT_EQ(rejected_output(R"({"dtype":"f32","shape":"1","data":""})"),
            "expected a list of integers for output.shape");
  const auto f32 = [](const std::string& shape, const std::string& data,
                      const std::string& more = "") {
    return rejected_output(R"({"dtype":"f32","shape":)" + shape + more + R"(,"data":")" + data +
                           "\"}");
  };
  EXPECT_EQ(f32("[1]", "AACAPw=="), "");
  EXPECT_EQ(f32("[1.0]", "AACAPw=="), "expected a 64-bit integer for each entry of output.shape");
  EXPECT_EQ(f32("[1,1,1,1,1,1,1,1,1]", "AACAPw=="), "output.shape has more than 8 entries");
  EXPECT_EQ(f32("[-1]", "AACAPw=="), "output: a size of [-1] is negative");
  EXPECT_EQ(f32("[4294967296,4294967296]", "AACAPw=="),
            "output: the shape [4294967296,4294967296] has too many elements");
  EXPECT_EQ(f32("[1]", "AACAPw="),
            "output.data is not base64: its length is not a multiple of four");
  EXPECT_EQ(f32("[1]", "AACA-w=="), "output.data is not base64: character 5 is wrong");
  EXPECT_EQ(f32("[1]", "AACA"), "output.data ends inside an element");
  EXPECT_EQ(f32("[2]", "AACAPw=="), "output.data holds 1 elements, not the 2 of output.shape");
  EXPECT_EQ(f32("[1]", "AACAPw==", R"(,"offset":0)"), "output has an offset but no strides");
  EXPECT_EQ(f32("[1]", "AACAPw==", R"(,"strides":[1],"offset":2)"),
            "output.offset lies outside the storage of 1 elements");
  EXPECT_EQ(f32("[1]", "AACAPw==", R"(,"strides":[1,1])"),
            "output: there must be one stride for each axis of [1]");
  EXPECT_EQ(f32("[3]", "AACAPw==", R"(,"strides":[9223372036854775807])"),
            "output: the strides [9223372036854775807] overflow");
  EXPECT_EQ(f32("[2]", "AACAPw==", R"(,"strides":[-1])"),
            "output: the layout reaches element -1 of a storage of 1");
}

// Whatever is done to a line, it is a message or rejected, and its tensors are sound.
RC_GTEST_PROP(Wire, MutilatedLinesAreHarmless, ()) {
  const bool ask = *rc::gen::arbitrary<bool>();
  const bool backward = *rc::gen::arbitrary<bool>();
  std::string line;
  if (ask) {
    const Case forward{.request = {.mode = "bilinear", .padding_mode = {}, .align_corners = true},
                       .input = *any_tensor(),
                       .grid = *any_tensor()};
    line = backward ? case_line(1, BackwardCase{.forward = forward,
                                                .grad_output = *any_tensor(),
                                                .output_mask = {}})
                    : case_line(1, forward);
  } else {
    line = backward ? gradients_line({1, {.input = *any_tensor(), .grid = *any_tensor()}})
                    : reply_line({1, *any_tensor()});
  }
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto place = *rc::gen::inRange<std::size_t>(0, line.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        line[place] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        line.erase(place, *rc::gen::inRange<std::size_t>(0, 20));
        break;
      case 2:
        line.insert(place, *rc::gen::element<std::string>("9", "-", "\"", "\\", "[", "}", ",1",
                                                          "99999999999", "null",
                                                          "\\u0000"
                                                          "0"));
        break;
      default:
        line.insert(place, line.substr(*rc::gen::inRange<std::size_t>(0, line.size()), 40));
    }
    if (line.empty()) return;
  }
  const auto touch = [](const Tensor& tensor) {  // every element
    if (tensor.element_count() >= 1000) return;
    const std::vector<double> values = tensor.values();
    RC_ASSERT(values.size() == static_cast<std::size_t>(tensor.element_count()));
  };
  try {
    if (ask) {
      const HostMessage message = decode_host_line(line);
      if (const auto* const asked = std::get_if<Ask>(&message)) {
        touch(asked->test_case.input);
        touch(asked->test_case.grid);
      } else if (const auto* const gradients = std::get_if<AskBackward>(&message)) {
        touch(gradients->test_case.forward.input);
        touch(gradients->test_case.forward.grid);
        touch(gradients->test_case.grad_output);
      }
    } else {
      const SubjectMessage message = decode_subject_line(line);
      if (const auto* const reply = std::get_if<Reply>(&message)) {
        if (const auto* const output = std::get_if<Tensor>(&reply->answer)) touch(*output);
      } else if (const auto* const gradients = std::get_if<GradientsReply>(&message)) {
        if (gradients->gradients.input) touch(*gradients->gradients.input);
        if (gradients->gradients.grid) touch(*gradients->gradients.grid);
      }
    }
  } catch (const WireError& error) {
    RC_ASSERT(std::string_view(error.what()).size() < 300);
  }
}

}  // namespace
}  // namespace gridproof
