// A subject for the tests of the process protocol: `gridproof-test-subject MODE`. Two modes serve;
// the others are ways to be a bad child.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "oracle/subjects/host/process_subject.h"
#include "oracle/subjects/serve/fork_server.h"
#include "oracle/subjects/serve/serve.h"

namespace gridproof {
namespace {

const Started started{.info = {.name = "test subject",
                               .version = "1",
                               .language = "C++",
                               .homepage = "https://example.org/",
                               .issues = "https://example.org/issues"},
                      .supports = {.gradients = {{GradientOf::input, GradientOf::grid}}}};

void say(const std::string& text) { std::cout << text << std::flush; }

std::string hear() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

void sleep_forever() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void say_started() {
  std::string line;
  append_started(line, started);
  say(line);
}

std::string answer_line(std::int64_t id, const Answer& answer = Tensor(Dtype::f32, {1})) {
  std::string line;
  append_reply(line, {id, answer});
  return line;
}

// What the serving modes answer: the input itself, or what the case's mode calls for.
Answer reflect(const Case& test_case) {
  const std::string mode = test_case.request.mode.value_or("");
  if (mode == "refuse") return Refusal{.clause = "options.mode", .message = "no \"mode\"\n"};
  if (mode == "unsupported") return Unsupported{"the mode"};
  if (mode == "crash") std::raise(SIGSEGV);
  if (mode == "throw") throw std::runtime_error("thrown");
  if (mode == "print") std::cout << "this is no message" << std::endl;
  if (mode == "over" || mode == "under") {
    const Tensor& grid = test_case.grid;
    const auto bytes = static_cast<std::ptrdiff_t>(grid.storage_size()) *
                       static_cast<std::ptrdiff_t>(size_of(grid.dtype()));
    const volatile std::byte* const beyond = grid.storage() + (mode == "over" ? bytes : -4096);
    if (*beyond == std::byte{1}) return Unsupported{"read beyond the storage"};
  }
  return test_case.input;
}

// The input and the grid themselves, likewise.
BackwardAnswer reflect_backward(const BackwardCase& test_case) {
  const Answer answer = reflect(test_case.forward);
  if (const auto* const refusal = std::get_if<Refusal>(&answer)) return *refusal;
  if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) return *unsupported;
  Gradients gradients;
  if (test_case.output_mask.input) gradients.input = test_case.forward.input;
  if (test_case.output_mask.grid) gradients.grid = test_case.forward.grid;
  return gradients;
}

std::string gradients_line(std::int64_t id) {
  std::string line;
  append_gradients(line, {id, {.input = Tensor(Dtype::f32, {1}), .grid = std::nullopt}});
  return line;
}

// Answers each case with a file of this name as its output.
void answer_in_files(const std::function<std::string(const Ask&)>& file_of) {
  Started with_files = started;
  with_files.files = true;
  std::string line;
  append_started(line, with_files);
  hear();
  say(line);
  for (line = hear(); !line.empty(); line = hear()) {
    const HostMessage message = decode_host_line(line);
    if (std::holds_alternative<Stop>(message)) break;
    const auto& ask = std::get<Ask>(message);
    say("{\"type\":\"answer\",\"id\":" + std::to_string(ask.id) +
        ",\"output\":{\"dtype\":\"f32\",\"shape\":" + to_string(ask.test_case.input.shape()) +
        ",\"file\":\"" + file_of(ask) + "\"}}\n");
  }
}

pid_t program = 0;  // which a copy was forked from

using Modes = std::map<std::string, std::function<void()>>;
const Modes from_the_start = {
    {"serve", [] { std::exit(serve(started, reflect, reflect_backward)); }},
    {"serve with a thread", [] { std::exit(serve(started, reflect, reflect_backward)); }},
    {"serve no gradients", [] { std::exit(serve(started, reflect)); }},
    {"serve f32 only",
     [] {
       Started some = started;
       some.supports = {.dtypes = {{Dtype::f32}}};
       std::exit(serve(some, reflect));
     }},
    {"dies at once", [] { std::exit(3); }},
    {"dies with words",
     [] {
       std::cerr << "first\nno license \x1b[31m found\n";
       std::exit(4);
     }},
    {"says why and dies",
     [] {
       say("{\"type\":\"error\",\"message\":\"no license\"}\n");
       std::exit(2);
     }},
    {"never starts", [] { sleep_forever(); }},
    {"speaks protocol 2",
     [] {
       hear();
       say("{\"type\":\"started\",\"protocol\":2,\"name\":\"x\",\"version\":\"1\"}\n");
       sleep_forever();
     }},
    {"supports nonsense",
     [] {
       hear();
       say("{\"type\":\"started\",\"protocol\":1,\"name\":\"x\",\"version\":\"1\","
           "\"supports\":{\"ranks\":[4,6]}}\n");
       sleep_forever();
     }},
    {"has no device",
     [] {
       hear();
       say("{\"type\":\"error\",\"message\":\"there is no device\"}\n");
       std::exit(1);
     }},
    {"answers backwards",
     [] {
       hear();
       say_started();
       std::vector<std::string> replies;
       for (std::string line = hear(); !line.empty(); line = hear()) {
         const HostMessage message = decode_host_line(line);
         if (std::holds_alternative<Stop>(message)) break;
         const auto& ask = std::get<Ask>(message);
         std::string reply;
         append_reply(reply, {ask.id, Answer(ask.test_case.input)});
         replies.push_back(std::move(reply));
         if (replies.size() < 4) continue;
         for (; !replies.empty(); replies.pop_back()) say(replies.back());
       }
     }},
    {"names another file", [] { answer_in_files([](const Ask&) { return "/etc/passwd"; }); }},
    {"writes no file", [] { answer_in_files([](const Ask& ask) { return ask.output_file; }); }},
    {"writes the file once",
     [] {
       answer_in_files([wrote = false](const Ask& ask) mutable {
         if (!wrote) {
           const int file = open(ask.output_file.c_str(), O_WRONLY);
           wrote = write_npy(file, ask.test_case.input);
           close(file);
         }
         return ask.output_file;
       });
     }},
    {"reads no question",
     [] {
       hear();
       say_started();
       sleep_forever();
     }},
    {"closes stdin",
     [] {
       hear();
       close(STDIN_FILENO);
       say_started();
       sleep_forever();
     }},
};

// These keep to the protocol until a question arrives, with this id.
std::map<std::string, std::function<void(std::int64_t)>> when_asked = {
    {"crash", [](std::int64_t) { std::raise(SIGSEGV); }},
    {"abort with words",
     [](std::int64_t) {
       std::cerr << "free(): invalid pointer\n" << std::flush;
       std::raise(SIGABRT);
     }},
    {"kill", [](std::int64_t) { std::raise(SIGKILL); }},
    {"exit", [](std::int64_t) { std::exit(5); }},
    {"hang", [](std::int64_t) { sleep_forever(); }},
    // Answers only if another has hung before, which leaves a file.
    {"hang once",
     [](std::int64_t id) {
       const std::string file = std::getenv("GRIDPROOF_TEST_FILE");
       if (access(file.c_str(), F_OK) != 0) {
         close(open(file.c_str(), O_WRONLY | O_CREAT, 0600));
         sleep_forever();
       }
       say(answer_line(id));
     }},
    // On the processor that others are to be busy with.
    {"work for 40 ms",
     [](std::int64_t id) {
       cpu_set_t first;
       CPU_ZERO(&first);
       CPU_SET(0, &first);
       sched_setaffinity(0, sizeof first, &first);
       timespec now{};
       clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
       const auto in_ms = [&now] { return now.tv_sec * 1000 + now.tv_nsec / 1'000'000; };
       const auto end = in_ms() + 40;
       while (in_ms() < end) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
       say(answer_line(id));
     }},
    {"garbage", [](std::int64_t) { say("Segmentation fault? No.\n"); }},
    {"half an answer",
     [](std::int64_t id) {
       const std::string whole = answer_line(id);
       say(whole.substr(0, whole.size() / 2));
       std::exit(0);
     }},
    {"wrong id", [](std::int64_t id) { say(answer_line(id + 1)); }},
    {"no base64",
     [](std::int64_t id) {
       say("{\"type\":\"answer\",\"id\":" + std::to_string(id) +
           ",\"output\":{\"dtype\":\"f32\",\"shape\":[1],\"data\":\"AAAA!A==\"}}\n");
     }},
    {"answer twice", [](std::int64_t id) { say(answer_line(id) + answer_line(id)); }},
    {"answer and die",
     [](std::int64_t id) {
       say(answer_line(id));
       std::exit(6);
     }},
    {"start again", [](std::int64_t) { say_started(); }},
    {"gradient of the input", [](std::int64_t id) { say(gradients_line(id)); }},
    {"file of gradients",
     [](std::int64_t id) {
       say("{\"type\":\"gradients\",\"id\":" + std::to_string(id) +
           ",\"grad_input\":{\"dtype\":\"f32\",\"shape\":[1],\"file\":\"/etc/passwd\"}}\n");
     }},
    {"error without id",
     [](std::int64_t) { say("{\"type\":\"error\",\"message\":\"the device is lost\"}\n"); }},
    {"endless line",
     [](std::int64_t) {
       while (true) say(std::string(1 << 16, 'A'));
     }},
    {"flood stderr",
     [](std::int64_t id) {
       for (int i = 0; i < 100'000; ++i) std::cerr << "warning " << i << "\n";
       say(answer_line(id));
     }},
    {"close stdout",
     [](std::int64_t) {
       close(STDOUT_FILENO);
       sleep_forever();
     }},
    {"eat memory",
     [](std::int64_t) {
       std::vector<std::string> eaten;
       while (true) eaten.emplace_back(1 << 20, 'x');
     }},
    // Which process it is, and how many questions it was asked before.
    {"tell number",
     [asked = 0](std::int64_t id) mutable {
       say(answer_line(id, Lost{"process " + std::to_string(getpid()) + " was asked " +
                                std::to_string(asked++)}));
     }},
    {"tell number and die",
     [](std::int64_t) {
       std::cerr << "process " << getpid() << std::flush;
       std::exit(5);
     }},
    // Dies the first time, and each time that something is left of an earlier one.
    {"leave a file",
     [](std::int64_t) {
       const std::string file = std::string(std::getenv("HOME")) + "/file";
       if (access(file.c_str(), F_OK) == 0) std::exit(6);
       close(open(file.c_str(), O_WRONLY | O_CREAT, 0600));
       std::exit(5);
     }},
    {"leave a process",
     [](std::int64_t) {
       if (fork() == 0) sleep_forever();
       std::exit(5);
     }},
    {"kill what it was forked from",
     [](std::int64_t) {
       kill(program, SIGKILL);
       std::exit(5);
     }},
    {"other shape", [](std::int64_t id) { say(answer_line(id, Tensor(Dtype::f64, {7}))); }},
    {"tell limits",
     [](std::int64_t id) {
       rlimit core{};
       rlimit data{};
       getrlimit(RLIMIT_CORE, &core);
       getrlimit(RLIMIT_DATA, &data);
       say(answer_line(id, Lost{"core " + std::to_string(core.rlim_cur) + ", data " +
                                std::to_string(data.rlim_cur) + ", " +
                                (getsid(0) == getpid() ? "leads its session"
                                                       : "is in the session of others")}));
     }},
};

int run(const std::string& mode) {
  if (const auto found = from_the_start.find(mode); found != from_the_start.end()) {
    found->second();
    return 0;
  }
  const auto found = when_asked.find(mode);
  if (found == when_asked.end()) {
    std::cerr << "there is no mode '" << mode << "'\n";
    return 2;
  }
  hear();
  say_started();
  for (std::string line = hear(); !line.empty(); line = hear()) {
    const HostMessage message = decode_host_line(line);
    if (std::holds_alternative<Stop>(message)) break;
    const auto* const gradients = std::get_if<AskBackward>(&message);
    found->second(gradients != nullptr ? gradients->id : std::get<Ask>(message).id);
  }
  return 0;
}

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  gridproof::program = getpid();
  if (mode == "serve with a thread") std::thread(gridproof::sleep_forever).detach();
  gridproof::serve_copies({argv, static_cast<std::size_t>(argc)});
  return gridproof::run(mode);
}
