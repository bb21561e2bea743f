// Children of every kind of bad behavior: none of them takes the host along, each is named.
#include "oracle/subjects/host/process_subject.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <thread>
#include <variant>

#include "oracle/subjects/testing/emulator.h"

namespace gridproof {
namespace {

using std::chrono::milliseconds;

constexpr ProcessLimits limits{.start = milliseconds(20'000),
                               .per_case = milliseconds(20'000),
                               .memory = 0,
                               .output = 1U << 20U,
                               .attempts = 2};
constexpr ProcessLimits impatient{.start = milliseconds(20'000),
                                  .per_case = milliseconds(300),
                                  .memory = 0,
                                  .output = 1U << 20U,
                                  .attempts = 2};

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;  // the child is as well, and needs memory without limit
#else
constexpr bool sanitized = false;
#endif

std::vector<std::string> subject(const std::string& mode) {
  // A sanitized child is to die of signals like any other.
  setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0", 1);
  return {std::string(GRIDPROOF_BINARY_DIR) + "/gridproof-test-subject", mode};
}

Case test_case(const std::string& mode = "bilinear") {
  std::vector<double> values(24);
  std::iota(values.begin(), values.end(), 1.0);
  return {.request = {.mode = mode, .padding_mode = {}, .align_corners = {}},
          .input = Tensor(Dtype::f32, {1, 2, 3, 4}, values),
          .grid = Tensor(Dtype::f32, {1, 1, 1, 2})};
}

BackwardCase backward_case(const std::string& mode = "bilinear", OutputMask mask = {}) {
  return {.forward = test_case(mode),
          .grad_output = Tensor(Dtype::f32, {1, 2, 1, 1}),
          .output_mask = mask};
}

// Why the answer was lost; empty when it was not.
template <class... Kinds>
std::string loss(const std::variant<Kinds...>& answer) {
  const auto* const lost = std::get_if<Lost>(&answer);
  return lost == nullptr ? "" : without_emulator(lost->why);
}
std::string loss(const std::string& mode, const ProcessLimits& within = limits) {
  return loss(ProcessSubject(subject(mode), within).answer(test_case()));
}
constexpr const char* late = "gave no answer within 300 ms, nor when the case was sent again alone";
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string no_start(std::vector<std::string> command, const ProcessLimits& within = limits) {
  try {
    const ProcessSubject started(std::move(command), within);
    return "";
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    return what.substr(what.find("cannot be started"));
  }
}

TEST(ProcessSubject, SaysWhoItIs) {
  const ProcessSubject served(subject("serve"), limits);
  EXPECT_EQ(served.info().name, "test subject");
  EXPECT_EQ(served.info().issues, "https://example.org/issues");
}

// Different questions of which each has its own answer.
std::vector<Case> several(int count) {
  std::vector<Case> cases;
  for (int i = 0; i < count; ++i) {
    Case asked = test_case(i % 5 == 3 ? "refuse" : "bilinear");
    asked.input = Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{i + 1.0, 0});
    cases.push_back(std::move(asked));
  }
  return cases;
}

TEST(ProcessSubject, SeveralCasesAreUnderWayTogether) {
  ProcessSubject served(subject("serve"), limits);
  std::vector<Case> asked = several(40);
  asked[7].input = Tensor(Dtype::f32, {1, 1, 300, 500});  // not with the others
  const std::vector<Answer> answers = served.answers(asked);
  ASSERT_EQ(answers.size(), asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (i % 5 == 3) {
      EXPECT_TRUE(std::holds_alternative<Refusal>(answers[i])) << i;
    } else {
      ASSERT_TRUE(std::holds_alternative<Tensor>(answers[i])) << i << loss(answers[i]);
      EXPECT_TRUE(std::get<Tensor>(answers[i]).same_values(asked[i].input)) << i;
    }
  }
}

TEST(ProcessSubject, AcceptsAnswersInAnyOrder) {
  ProcessSubject served(subject("answers backwards"), limits);
  const std::vector<Case> asked = several(4);
  const std::vector<Answer> answers = served.answers(asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_TRUE(std::holds_alternative<Tensor>(answers[i])) << i << loss(answers[i]);
    EXPECT_TRUE(std::get<Tensor>(answers[i]).same_values(asked[i].input)) << i;
  }
}

// Only the case that crashes it is lost, wherever it stands among the others.
TEST(ProcessSubject, TheCaseThatLosesItIsTheOneThatIsLost) {
  ProcessSubject served(subject("serve"), limits);
  std::vector<Case> asked = several(20);
  asked[11].request.mode = "crash";
  const std::vector<Answer> answers = served.answers(asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(loss(answers[i]).empty(), i != 11) << i << loss(answers[i]);
  }
}

TEST(ProcessSubject, NoticesOneExtraAnswerAmongSeveral) {
  const std::vector<Case> asked = several(3);
  for (const std::string mode : {"answer twice", "wrong id", "garbage", "exit"}) {
    ProcessSubject served(subject(mode), limits);
    for (const Answer& answer : served.answers(asked)) EXPECT_NE(loss(answer), "") << mode;
  }
}

Case large_question(Dtype dtype) {
  std::vector<double> values(100'000);
  std::iota(values.begin(), values.end(), 0.0);
  return {.request = {.mode = "bilinear", .padding_mode = {}, .align_corners = {}},
          .input = Tensor(dtype, {1, 1, 200, 500}, values),
          .grid = Tensor(dtype, {1, 1, 1, 2})};
}

TEST(ProcessSubject, LargeTensorsTravelInFiles) {
  ProcessSubject served(subject("serve"), limits);
  EXPECT_TRUE(served.started().files);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64}) {
    Case asked = large_question(dtype);
    for (int round = 0; round < 2; ++round) {
      const Answer answer = served.answer(asked);
      ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << loss(answer);
      EXPECT_TRUE(std::get<Tensor>(answer).same_values(asked.input));
      asked.input = asked.input.permuted(std::array{0, 1, 3, 2});  // layouts travel as well
    }
  }
}

TEST(ProcessSubject, AFileThatIsNotTheAnswerIsLost) {
  const Case asked = large_question(Dtype::f32);
  const std::string head = "broke the protocol: output.file cannot be used: ";
  EXPECT_EQ(loss(ProcessSubject(subject("names another file"), limits).answer(asked)),
            head + "it is not the file that the case named");
  EXPECT_EQ(loss(ProcessSubject(subject("names another file"), limits).answer(test_case())),
            head + "it is not the file that the case named");
  EXPECT_EQ(loss(ProcessSubject(subject("writes no file"), limits).answer(asked)),
            head + "it ends too early");
  // What the case before left there is no answer to this one.
  ProcessSubject once(subject("writes the file once"), limits);
  EXPECT_EQ(loss(once.answer(asked)), "");
  EXPECT_EQ(loss(once.answer(asked)), head + "it ends too early");
  // Nor is more than the host accepts.
  ProcessLimits tight = limits;
  tight.output = 1000;
  EXPECT_EQ(loss(ProcessSubject(subject("writes the file once"), tight).answer(asked)),
            head + "it is too large");
}

TEST(ProcessSubject, AnswersTheCaseThatWasSent) {
  ProcessSubject served(subject("serve"), limits);
  for (int round = 0; round < 3; ++round) {
    const Case asked = test_case();
    const Answer answer = served.answer(asked);
    ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << loss(answer);
    EXPECT_TRUE(std::get<Tensor>(answer).same_values(asked.input));

    const Answer refused = served.answer(test_case("refuse"));
    ASSERT_TRUE(std::holds_alternative<Refusal>(refused)) << loss(refused);
    EXPECT_EQ(std::get<Refusal>(refused).clause, "options.mode");
    EXPECT_EQ(std::get<Refusal>(refused).message, "no \"mode\"\n");

    const Answer unsupported = served.answer(test_case("unsupported"));
    ASSERT_TRUE(std::holds_alternative<Unsupported>(unsupported)) << loss(unsupported);
    EXPECT_EQ(std::get<Unsupported>(unsupported).what, "the mode");

    EXPECT_EQ(loss(served.answer(test_case("throw"))), "reported an error: thrown");
    // What a library prints does not end up among the answers.
    EXPECT_TRUE(std::holds_alternative<Tensor>(served.answer(test_case("print"))));
  }
}

TEST(ProcessSubject, AnswersTheGradientsThatAreWanted) {
  ProcessSubject served(subject("serve"), limits);
  for (const bool wants_input : {true, false}) {
    for (const bool wants_grid : {true, false}) {
      const BackwardCase asked =
          backward_case("bilinear", {.input = wants_input, .grid = wants_grid});
      const BackwardAnswer answer = served.backward(asked);
      ASSERT_TRUE(std::holds_alternative<Gradients>(answer)) << loss(answer);
      const auto& [input, grid] = std::get<Gradients>(answer);
      ASSERT_EQ(input.has_value(), wants_input);
      ASSERT_EQ(grid.has_value(), wants_grid);
      EXPECT_TRUE(!wants_input || input->same_values(asked.forward.input));
      EXPECT_TRUE(!wants_grid || grid->same_values(asked.forward.grid));
      EXPECT_TRUE(std::holds_alternative<Tensor>(served.answer(test_case())));
    }
  }
  const BackwardAnswer refused = served.backward(backward_case("refuse"));
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused)) << loss(refused);
  EXPECT_EQ(std::get<Refusal>(refused).clause, "options.mode");
  const BackwardAnswer unsupported = served.backward(backward_case("unsupported"));
  ASSERT_TRUE(std::holds_alternative<Unsupported>(unsupported)) << loss(unsupported);
  EXPECT_EQ(std::get<Unsupported>(unsupported).what, "the mode");
  EXPECT_EQ(loss(served.backward(backward_case("throw"))), "reported an error: thrown");
  EXPECT_EQ(loss(served.backward(backward_case("over"))),
            "was killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(loss(served.backward(backward_case())), "");
}

// One that would crash is not even asked.
TEST(ProcessSubject, AsksNoGradientsOfASubjectThatDoesNotSayThatItHasThem) {
  ProcessSubject served(subject("serve f32 only"), limits);
  const BackwardAnswer answer = served.backward(backward_case("crash"));
  ASSERT_TRUE(std::holds_alternative<Unsupported>(answer)) << loss(answer);
  EXPECT_EQ(std::get<Unsupported>(answer).what, "gradients");
  // What says that it has them and has no function for them says so when it is asked.
  ProcessSubject without(subject("serve no gradients"), limits);
  const BackwardAnswer none = without.backward(backward_case("crash"));
  ASSERT_TRUE(std::holds_alternative<Unsupported>(none)) << loss(none);
  EXPECT_EQ(std::get<Unsupported>(none).what, "gradients");
}

TEST(ProcessSubject, LargeGradientsTravelInFiles) {
  ProcessLimits tight = limits;
  tight.output = 600'000;  // which a line of base64 would be beyond
  ProcessSubject served(subject("serve"), tight);
  std::vector<double> values(100'000);
  std::iota(values.begin(), values.end(), 0.0);
  BackwardCase asked{.forward = {.request = {},
                                 .input = Tensor(Dtype::f32, {1, 1, 200, 500}, values),
                                 .grid = Tensor(Dtype::f32, {1, 100, 500, 2}, values)},
                     .grad_output = Tensor(Dtype::f32, {1, 1, 100, 500}),
                     .output_mask = {}};
  for (int round = 0; round < 3; ++round) {
    asked.output_mask.input = round != 1;
    const BackwardAnswer answer = served.backward(asked);
    ASSERT_TRUE(std::holds_alternative<Gradients>(answer)) << loss(answer);
    const auto& [input, grid] = std::get<Gradients>(answer);
    ASSERT_EQ(input.has_value(), asked.output_mask.input);
    EXPECT_TRUE(!input || input->same_values(asked.forward.input));
    EXPECT_TRUE(grid->same_values(asked.forward.grid));
  }
  EXPECT_EQ(loss(ProcessSubject(subject("file of gradients"), limits).backward(asked)),
            "broke the protocol: grad_input.file cannot be used: "
            "it is not the file that the case named");
}

TEST(ProcessSubject, EveryWayToLoseGradientsIsNamed) {
  const auto loss_of = [](const std::string& mode, OutputMask mask = {}) {
    return loss(ProcessSubject(subject(mode), limits).backward(backward_case("bilinear", mask)));
  };
  EXPECT_EQ(loss_of("crash"), "was killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(loss_of("exit"), "exited with status 5");
  EXPECT_EQ(loss_of("half an answer"), "exited with status 0 in the middle of a line");
  EXPECT_EQ(loss_of("wrong id"), "answered case 2 instead of case 1");
  EXPECT_EQ(loss_of("garbage").substr(0, 42), "broke the protocol: the line is not JSON: ");
  EXPECT_EQ(loss_of("start again"), "sent a second 'started'");
  EXPECT_EQ(loss_of("error without id"), "reported an error: the device is lost");
  EXPECT_EQ(loss_of("endless line"), "wrote more than 1048576 bytes on one line");
  EXPECT_EQ(loss_of("other shape"), "broke the protocol: gradients were asked for");
  EXPECT_EQ(loss("gradient of the input"), "broke the protocol: gradients were not asked for");
  EXPECT_EQ(loss_of("gradient of the input"), "broke the protocol: the field grad_grid is missing");
  EXPECT_EQ(loss_of("gradient of the input", {.input = true, .grid = false}), "");
  EXPECT_EQ(loss_of("gradient of the input", {.input = false, .grid = false}),
            "broke the protocol: grad_input was not asked for");
  EXPECT_EQ(first_line(loss(ProcessSubject(subject("hang"), impatient).backward(backward_case()))),
            late);
}

TEST(ProcessSubject, TakesTensorsBeyondThePipesBuffers) {
  ProcessLimits large = limits;
  large.output = std::size_t{64} << 20U;
  ProcessSubject served(subject("serve"), large);
  Case asked = test_case();
  std::vector<double> values(std::size_t{3} << 20U);
  std::iota(values.begin(), values.end(), 0.0);
  asked.input = Tensor(Dtype::f32, {1, 3, 1024, 1024}, values);
  const Answer answer = served.answer(asked);
  ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << loss(answer);
  EXPECT_TRUE(std::get<Tensor>(answer).same_values(asked.input));
}

TEST(ProcessSubject, DoesNotSendUnsupportedCases) {
  ProcessSubject served(subject("serve f32 only"), limits);
  Case asked = test_case();
  asked.grid = Tensor(Dtype::f16, {1, 1, 1, 2});
  const Answer answer = served.answer(asked);
  ASSERT_TRUE(std::holds_alternative<Unsupported>(answer));
  EXPECT_EQ(std::get<Unsupported>(answer).what, "dtype f16");
  EXPECT_TRUE(std::holds_alternative<Tensor>(served.answer(test_case())));
}

TEST(ProcessSubject, ReadsBeyondATensorAreFatal) {
  ProcessSubject served(subject("serve"), limits);
  for (const char* const where : {"over", "under"}) {
    EXPECT_EQ(loss(served.answer(test_case(where))),
              "was killed by signal 11 (Segmentation fault)");
    EXPECT_TRUE(std::holds_alternative<Tensor>(served.answer(test_case())));
  }
}

TEST(ProcessSubject, EveryWayToBeLostIsNamed) {
  EXPECT_EQ(loss("crash"), "was killed by signal 11 (Segmentation fault)");
  EXPECT_EQ(loss("kill"), "was killed by signal 9 (Killed)");
  EXPECT_EQ(loss("exit"), "exited with status 5");
  EXPECT_EQ(loss("abort with words"),
            "was killed by signal 6 (Aborted)\n"
            "its standard error ended with:\n"
            "  free(): invalid pointer");
  EXPECT_EQ(loss("half an answer"), "exited with status 0 in the middle of a line");
  EXPECT_EQ(loss("wrong id"), "answered case 2 instead of case 1");
  EXPECT_EQ(loss("no base64"),
            "broke the protocol: output.data is not base64: character 5 is wrong");
  EXPECT_EQ(loss("garbage").substr(0, 42), "broke the protocol: the line is not JSON: ");
  EXPECT_EQ(loss("answer twice"), "wrote more than one line in answer to one question");
  EXPECT_EQ(loss("start again"), "sent a second 'started'");
  EXPECT_EQ(loss("error without id"), "reported an error: the device is lost");
  EXPECT_EQ(loss("endless line"), "wrote more than 1048576 bytes on one line");
}

TEST(ProcessSubject, HangingIsLosing) {
  for (const char* const mode : {"hang", "reads no question", "closes stdin"}) {
    EXPECT_EQ(first_line(loss(mode, impatient)), late) << mode;
  }
  // A question that does not fit into the pipe does not block the host either.
  ProcessSubject deaf(subject("reads no question"), impatient);
  Case large = test_case();
  large.input = Tensor(Dtype::f32, {1, 1, 2048, 2048});
  EXPECT_EQ(first_line(loss(deaf.answer(large))), late);
  EXPECT_EQ(loss("close stdout"), "closed its standard output");
}

TEST(ProcessSubject, RepeatsALateCaseOnce) {
  std::string file = (std::filesystem::temp_directory_path() / "gp-XXXXXX").string();
  close(mkstemp(file.data()));
  std::filesystem::remove(file);
  setenv("GRIDPROOF_TEST_FILE", file.c_str(), 1);
  ProcessLimits open = impatient;
  open.isolation = Isolation::none;  // it leaves a file
  EXPECT_EQ(loss("hang once", open), "");
  EXPECT_TRUE(std::filesystem::remove(file));
}

// Two that are late at once wait for each other.
TEST(ProcessSubject, RepeatsLateCasesOneByOne) {
  std::vector<std::string> whys(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& why : whys) {
      threads.emplace_back([&why] { why = first_line(loss("hang", impatient)); });
    }
  }
  for (const std::string& why : whys) EXPECT_EQ(why, late);
}

TEST(ProcessSubject, DoesNotCountTimeWaitingForAProcessor) {
  std::vector<std::jthread> busy;
  for (int i = 0; i < 15; ++i) {
    busy.emplace_back([](const std::stop_token& stop) {
      cpu_set_t first;
      CPU_ZERO(&first);
      CPU_SET(0, &first);
      sched_setaffinity(0, sizeof first, &first);
      while (!stop.stop_requested()) {
      }
    });
  }
  ProcessSubject subject_at_work(subject("work for 40 ms"), impatient);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(loss(subject_at_work.answer(test_case())), "");
  if (std::chrono::steady_clock::now() - start < impatient.per_case) {
    GTEST_SKIP() << "the processor was not busy enough";
  }
}

TEST(ProcessSubject, ABudgetDoesNotCutBelowWhatAStartTakes) {
  ProcessLimits hasty = limits;
  hasty.budget = milliseconds(1);
  EXPECT_EQ(loss("serve", hasty), "");  // a start takes longer than that
  hasty.per_case = milliseconds(1);     // what is asked for holds all the same
  EXPECT_EQ(first_line(loss("hang", hasty)).substr(0, 26), "gave no answer within 1 ms");
}

TEST(ProcessSubject, ANewChildAnswersTheNextCase) {
  ProcessSubject lost(subject("exit"), limits);
  EXPECT_EQ(loss(lost.answer(test_case())), "exited with status 5");
  EXPECT_EQ(loss(lost.answer(test_case())), "exited with status 5");
  ProcessSubject dying(subject("answer and die"), limits);
  EXPECT_EQ(loss(dying.answer(test_case())), "");
  std::this_thread::sleep_for(milliseconds(500));
  const std::string why = loss(dying.answer(test_case()));
  EXPECT_TRUE(why.starts_with("exited with status 6")) << why;  // between two questions, mostly
  EXPECT_EQ(loss(dying.answer(test_case())), "");
}

TEST(ProcessSubject, StandardErrorIsReadAndNeverMixedIn) { EXPECT_EQ(loss("flood stderr"), ""); }

TEST(ProcessSubject, LeavesAWrongShapeToTheJudge) {
  const Answer answer = ProcessSubject(subject("other shape"), limits).answer(test_case());
  ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << loss(answer);
  EXPECT_EQ(std::get<Tensor>(answer).shape(), Shape{7});
  EXPECT_EQ(std::get<Tensor>(answer).dtype(), Dtype::f64);
}

TEST(ProcessSubject, MemoryIsLimited) {
  if (sanitized) GTEST_SKIP() << "a sanitized child cannot be limited";
  if (!can_limit_memory()) GTEST_SKIP() << "memory cannot be limited here";
  ProcessLimits small = limits;
  small.memory = std::size_t{256} << 20U;
  EXPECT_EQ(loss("eat memory", small).substr(0, 32), "was killed by signal 6 (Aborted)");
  EXPECT_EQ(loss("tell limits", small),
            "reported an error: core 0, data 268435456, leads its session");
}

TEST(ProcessSubject, MovesBetweenThreads) {
  std::unique_ptr<ProcessSubject> served;
  std::thread([&] { served = std::make_unique<ProcessSubject>(subject("serve"), limits); }).join();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(loss(served->answer(test_case())), "");
}

TEST(ProcessSubject, WhatCannotBeStartedSaysWhy) {
  EXPECT_EQ(no_start({}), "cannot be started: it is not a command");
  EXPECT_EQ(no_start({"/nowhere/at all"}),
            "cannot be started: it cannot be run: No such file or directory");
  EXPECT_EQ(no_start(subject("dies at once")), "cannot be started: it exited with status 3");
  EXPECT_EQ(no_start(subject("dies with words")),
            "cannot be started: it exited with status 4\n"
            "its standard error ended with:\n"
            "  first\n"
            "  no license ?[31m found");
  // Whether it is gone before it is asked, or not.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(no_start(subject("says why and dies")), "cannot be started: it says: no license");
  }
  ProcessLimits at_once = limits;
  at_once.start = milliseconds(300);
  EXPECT_EQ(first_line(no_start(subject("never starts"), at_once)),
            "cannot be started: it gave no answer within 300 ms");
  EXPECT_EQ(no_start(subject("speaks protocol 2")),
            "cannot be started: the subject speaks protocol 2, not 1");
  EXPECT_EQ(no_start(subject("supports nonsense")),
            "cannot be started: expected 4 or 5 for an entry of supports.ranks");
  EXPECT_EQ(no_start(subject("has no device")), "cannot be started: it says: there is no device");
}

// ---- Copies of a fork server ----

ProcessLimits by_copies(ProcessLimits within = limits) {
  within.fork_server = true;
  return within;
}

TEST(ForkServer, WhatACopyDoesWrongIsNamedLikeAProgramsOwn) {
  for (const char* const mode :
       {"crash", "abort with words", "kill", "exit", "garbage", "half an answer", "wrong id",
        "no base64", "answer twice", "start again", "error without id", "endless line",
        "flood stderr", "names another file", "reads no question", "tell limits"}) {
    const ProcessLimits& within = std::string(mode) == "reads no question" ? impatient : limits;
    EXPECT_EQ(first_line(loss(mode, by_copies(within))), first_line(loss(mode, within))) << mode;
  }
  EXPECT_EQ(loss("abort with words", by_copies()), loss("abort with words"));
  EXPECT_EQ(first_line(loss("hang", by_copies(impatient))), late);
  EXPECT_EQ(loss("close stdout", by_copies()), "closed its standard output");
  EXPECT_EQ(loss("serve", by_copies()), "");
}

TEST(ForkServer, WhatCannotBeStartedSaysWhy) {
  for (const char* const mode : {"dies with words", "says why and dies", "speaks protocol 2"}) {
    EXPECT_EQ(no_start(subject(mode), by_copies()).substr(0, 80),
              no_start(subject(mode)).substr(0, 80));
  }
  EXPECT_EQ(no_start({"/nowhere/at all"}, by_copies()),
            "cannot be started: it cannot be run: No such file or directory");
  EXPECT_EQ(no_start({"/bin/false"}, by_copies()), "cannot be started: it exited with status 1");
}

TEST(ForkServer, EachInstanceIsACopyThatWasAskedNothing) {
  const SubjectEntry entry = process_subject("", "", subject("tell number"), by_copies());
  std::string last;
  for (int i = 0; i < 3; ++i) {
    const auto instance = entry.open();
    const std::string first = loss(instance->answer(test_case()));
    EXPECT_TRUE(first.ends_with(" was asked 0")) << first;
    EXPECT_TRUE(loss(instance->answer(test_case())).ends_with(" was asked 1"));
    // Programs that are started each have the first number in their namespace.
    EXPECT_NE(first, last);
    last = first;
  }
  // Two at a time have a fork server each.
  const auto one = entry.open();
  const auto other = entry.open();
  EXPECT_TRUE(loss(one->answer(test_case())).ends_with(" was asked 0"));
  EXPECT_TRUE(loss(other->answer(test_case())).ends_with(" was asked 0"));
}

TEST(ForkServer, ACopyThatIsLostIsFollowedByAnother) {
  ProcessSubject lost(subject("tell number and die"), by_copies());
  std::string last;
  for (int i = 0; i < 20; ++i) {
    const std::string why = loss(lost.answer(test_case()));
    EXPECT_TRUE(why.starts_with("exited with status 5\nits standard error")) << why;
    EXPECT_NE(why, last);
    last = why;
  }
  ProcessSubject late_one(subject("hang"), by_copies(impatient));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(first_line(loss(late_one.answer(test_case()))), late);
}

TEST(ForkServer, LargeTensorsReachEveryCopy) {
  ProcessSubject served(subject("serve"), by_copies());
  Case large = test_case();
  large.input = Tensor(Dtype::f32, {1, 1, 300, 500}, std::vector<double>(150'000, 3.0));
  for (int i = 0; i < 3; ++i) {
    const Answer answer = served.answer(large);
    ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << loss(answer);
    EXPECT_TRUE(std::get<Tensor>(answer).same_values(large.input));
    EXPECT_EQ(first_line(loss(served.answer(test_case("crash")))),
              "was killed by signal 11 (Segmentation fault)");
  }
}

TEST(ForkServer, WhatACopyLeavesEndsWithItsServer) {
  ProcessSubject file(subject("leave a file"), by_copies());
  ProcessSubject process(subject("leave a process"), by_copies());
  ProcessSubject server(subject("kill what it was forked from"), by_copies());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(loss(file.answer(test_case())), "exited with status 5");
    EXPECT_EQ(loss(process.answer(test_case())), "exited with status 5");
    EXPECT_EQ(loss(server.answer(test_case())), "exited with status 5");
  }
}

TEST(ForkServer, AProcessWithThreadsIsTheOnlyCopyItself) {
  ProcessSubject served(subject("serve with a thread"), by_copies());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(loss(served.answer(test_case())), "");
    EXPECT_EQ(loss(served.answer(test_case("crash"))),
              "was killed by signal 11 (Segmentation fault)");
  }
}

TEST(ProcessSubject, TheEntryOpensIt) {
  const SubjectEntry entry =
      process_subject("mirror", "a subject of the tests", subject("serve"), limits);
  EXPECT_EQ(entry.name, "mirror");
  EXPECT_EQ(loss(entry.open()->answer(test_case())), "");
}

}  // namespace
}  // namespace gridproof
