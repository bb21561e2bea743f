#include "oracle/subjects/host/process_subject.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace gridproof {
namespace {

constexpr std::size_t max_idle = std::size_t{4} << 20U;  // what is kept for the next line

// So that questions and answers of several fit into the pipes, and nobody waits for anybody.
bool is_small(const Case& test_case) {
  constexpr std::int64_t max_elements = 4096;
  if (test_case.input.rank() < 2) return true;
  const std::int64_t outputs = sample_count(test_case) * test_case.input.size(1);
  return test_case.input.storage_size() + test_case.grid.storage_size() + outputs <= max_elements;
}

// Who is at work: many subjects side by side, or one of them alone.
class Turns {
 public:
  static Turns& of_this_process() {
    static Turns turns;
    return turns;
  }

  void begin(bool alone) {
    std::unique_lock lock(mutex_);
    waiting_to_be_alone_ += alone ? 1 : 0;
    changed_.wait(
        lock, [&] { return !is_alone_ && (alone ? at_work_ == 0 : waiting_to_be_alone_ == 0); });
    waiting_to_be_alone_ -= alone ? 1 : 0;
    is_alone_ = alone;
    ++at_work_;
  }
  void end() {
    {
      const std::scoped_lock lock(mutex_);
      --at_work_;
      is_alone_ = false;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int at_work_ = 0;
  int waiting_to_be_alone_ = 0;
  bool is_alone_ = false;
};

class Turn {
 public:
  explicit Turn(bool alone) { Turns::of_this_process().begin(alone); }
  ~Turn() { Turns::of_this_process().end(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

bool has_large(const Case& asked) { return is_large(asked.input) || is_large(asked.grid); }
bool has_large(const BackwardCase& asked) {
  return has_large(asked.forward) || is_large(asked.grad_output);
}

// The case that a message answers; none if it does not say.
std::optional<std::int64_t> id_of(const SubjectMessage& message) {
  if (const auto* const gradients = std::get_if<GradientsReply>(&message)) return gradients->id;
  const auto* const reply = std::get_if<Reply>(&message);
  return reply == nullptr ? std::nullopt : reply->id;
}

// What a message answers to such a question. Throw WireError where it answers another.
Answer answer_in(SubjectMessage&& message, const Case& /*asked*/) {
  if (auto* const reply = std::get_if<Reply>(&message)) return std::move(reply->answer);
  throw WireError("gradients were not asked for");
}
BackwardAnswer answer_in(SubjectMessage&& message, const BackwardCase& asked) {
  if (auto* const reply = std::get_if<Reply>(&message)) {
    return std::visit(
        []<class Kind>(Kind& answer) -> BackwardAnswer {
          if constexpr (std::is_same_v<Kind, Tensor>) {
            throw WireError("gradients were asked for");
          } else {
            return std::move(answer);
          }
        },
        reply->answer);
  }
  Gradients& gradients = std::get<GradientsReply>(message).gradients;
  for (const auto& [what, is_there, is_wanted] :
       {std::tuple{"grad_input", gradients.input.has_value(), asked.output_mask.input},
        {"grad_grid", gradients.grid.has_value(), asked.output_mask.grid}}) {
    if (is_wanted && !is_there) throw WireError(std::string("the field ") + what + " is missing");
    if (is_there && !is_wanted) throw WireError(std::string(what) + " was not asked for");
  }
  return std::move(gradients);
}

void clear(const CaseFiles& files) {
  for (const MemoryFile* const file : {&files.input, &files.grid, &files.output, &files.grad_output,
                                       &files.grad_input, &files.grad_grid})
    file->clear();
}

std::string as_typed(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

void Spares::add(Spare spare) {
  const std::scoped_lock lock(mutex_);
  spares_.push_back(std::move(spare));
}

std::optional<Spares::Spare> Spares::take() {
  while (true) {
    std::optional<Spare> spare;
    {
      const std::scoped_lock lock(mutex_);
      if (spares_.empty()) return std::nullopt;
      spare = std::move(spares_.back());
      spares_.pop_back();
    }
    if (spare->child->renew()) return spare;
  }
}

ProcessSubject::ProcessSubject(std::vector<std::string> command, const ProcessLimits& limits,
                               std::shared_ptr<Spares> spares)
    : command_(std::move(command)), limits_(limits), spares_(std::move(spares)) {
  start();
}

ProcessSubject::~ProcessSubject() {
  if (!child_) return;
  std::string line;
  append_stop(line);
  child_->finish(line);
  put_child_aside();
}

void ProcessSubject::put_child_aside() {
  if (limits_.fork_server && child_) {
    child_->end();
    spares_->add({std::move(child_), std::move(files_)});
  }
  child_.reset();
}

bool ProcessSubject::take_spare() {
  auto spare = spares_->take();
  if (!spare) return false;
  child_ = std::move(spare->child);
  files_ = std::move(spare->files);
  clear(files_);
  return true;
}

void ProcessSubject::make_child() {
  files_ = {};  // nothing of an earlier one
  const std::array files = {files_.input.descriptor(),      files_.grid.descriptor(),
                            files_.output.descriptor(),     files_.grad_output.descriptor(),
                            files_.grad_input.descriptor(), files_.grad_grid.descriptor()};
  child_ = std::make_unique<Child>(command_, limits_, files);
}

void ProcessSubject::start() {
  if (!no_start_.empty()) throw std::runtime_error(no_start_);
  const auto fail = [&](const std::string& why) {
    child_.reset();
    no_start_ = "'" + as_typed(command_) + "' cannot be started: " + why;
    throw std::runtime_error(no_start_);
  };
  std::string line;
  append_start(line);
  for (int attempt = 1;;) {
    files_are_used_ = false;
    const auto begin = std::chrono::steady_clock::now();
    const bool is_spare = take_spare();
    try {
      if (!is_spare) make_child();
      SubjectMessage message = decode_subject_line(child_->exchange(line, limits_.start),
                                                   allocate_plainly, limits_.validate);
      if (const auto* const started = std::get_if<Started>(&message)) {
        started_ = *started;
        if (is_spare) return;
        const auto took = std::chrono::steady_clock::now() - begin;
        spares_->start_took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
        return;
      }
      const auto* const reply = std::get_if<Reply>(&message);
      const auto* const lost = reply == nullptr ? nullptr : std::get_if<Lost>(&reply->answer);
      fail(lost != nullptr ? child_->give_up("it says: " + lost->why)
                           : child_->give_up("it answers before any question was sent"));
    } catch (const WireError& error) {
      fail(child_->give_up(error.what()));
    } catch (const ChildLost& lost) {  // perhaps the machine's fault
      if (!is_spare && attempt++ >= limits_.attempts) fail(std::string("it ") + lost.what());
    }
  }
}

Answer ProcessSubject::answer(const Case& test_case) {
  return answer_within_limits<Answer>(test_case);
}

BackwardAnswer ProcessSubject::backward(const BackwardCase& test_case) {
  return answer_within_limits<BackwardAnswer>(test_case);
}

template <class AnswerTo, class Question>
AnswerTo ProcessSubject::answer_within_limits(const Question& question) {
  if (auto part = unsupported_part(started_.supports, question)) {
    return Unsupported{std::move(*part)};
  }
  try {
    const Turn turn(false);
    if (!child_) start();
    return ask<AnswerTo>(question);
  } catch (const ChildLate& late) {
    put_child_aside();
    return ask_again_alone<AnswerTo>(question, late);
  } catch (const ChildLost& lost) {
    put_child_aside();
    return Lost{lost.what()};
  } catch (const std::runtime_error& no_start) {
    return Lost{no_start.what()};
  }
}

template <class AnswerTo, class Question>
AnswerTo ProcessSubject::ask_again_alone(const Question& question, const ChildLate& late) {
  const Turn turn(true);
  try {
    start();
    return ask<AnswerTo>(question);
  } catch (const ChildLate& again) {
    put_child_aside();
    const std::string measured = again.what();
    const std::size_t end = measured.find('\n');
    return Lost{measured.substr(0, end) + ", nor when the case was sent again alone" +
                (end == std::string::npos ? "" : measured.substr(end))};
  } catch (const ChildLost& lost) {
    put_child_aside();
    return Lost{std::string(lost.what()) + "\nbefore, it " + late.what()};
  } catch (const std::runtime_error& no_start) {
    return Lost{no_start.what()};
  }
}

// A budget does not cut below what a start took: the first case may well load what is left.
std::chrono::milliseconds ProcessSubject::time_for_a_case() const {
  if (limits_.budget.count() == 0) return limits_.per_case;
  return std::min(limits_.per_case, std::max(limits_.budget, 2 * spares_->start_took.load()));
}

std::vector<Answer> ProcessSubject::answers(std::span<const Case> test_cases) {
  std::vector<std::optional<Answer>> answers(test_cases.size());
  std::map<std::int64_t, std::size_t> places;  // by id
  for (std::size_t i = 0; i < test_cases.size(); ++i) {
    if (!unsupported_part(started_.supports, test_cases[i]) && is_small(test_cases[i])) {
      places[++last_id_] = i;
    }
  }
  if (places.size() > 1 && child_) {
    try {
      const Turn turn(false);
      ask_together(test_cases, std::move(places), answers);
    } catch (const std::runtime_error&) {  // ChildLost or WireError
      put_child_aside();
      // Nor is what it said before to be trusted: it may have mixed up its answers.
      answers.assign(test_cases.size(), std::nullopt);
    }
  }
  std::vector<Answer> all;
  for (std::size_t i = 0; i < test_cases.size(); ++i) {
    std::optional<Answer>& together = answers[i];
    all.push_back(together ? std::move(*together) : answer(test_cases[i]));
  }
  return all;
}

// Fills in what is answered. Throws ChildLost or WireError when an answer is none.
void ProcessSubject::ask_together(std::span<const Case> test_cases,
                                  std::map<std::int64_t, std::size_t> places,
                                  std::vector<std::optional<Answer>>& answers) {
  line_.clear();
  for (const auto& [id, place] : places) append_case(line_, id, test_cases[place]);
  std::string_view lines = line_;
  while (!places.empty()) {
    SubjectMessage message =
        decode_subject_line(child_->exchange(lines, time_for_a_case(), places.size()),
                            allocate_plainly, limits_.validate);
    lines = {};
    auto* const reply = std::get_if<Reply>(&message);
    const auto place = reply == nullptr || !reply->id ? places.end() : places.find(*reply->id);
    if (place == places.end()) throw ChildLost("answered a case that was not sent");
    if (auto* const lost = std::get_if<Lost>(&reply->answer)) {
      reply->answer = Lost{"reported an error: " + lost->why};
    }
    answers[place->second] = std::move(reply->answer);
    places.erase(place);
  }
}

template <class AnswerTo, class Question>
AnswerTo ProcessSubject::ask(const Question& question) {
  const std::int64_t id = ++last_id_;
  if (line_.capacity() > max_idle) line_ = {};
  line_.clear();
  // A small case needs no files, whatever its answer is.
  const bool with_files = started_.files && has_large(question);
  // What another case left must not be taken for an answer, nor fill the memory.
  if (std::exchange(files_are_used_, with_files)) clear(files_);
  append_case(line_, id, question, with_files ? &files_ : nullptr);
  const std::string_view reply_line = child_->exchange(line_, time_for_a_case());
  std::string why;
  try {
    SubjectMessage message = decode_subject_line(reply_line, allocate_plainly, limits_.validate,
                                                 with_files ? &files_ : nullptr, limits_.output);
    const auto answered = id_of(message);
    if (std::holds_alternative<Started>(message)) {
      why = "sent a second 'started'";
    } else if (answered == id) {
      AnswerTo answer = answer_in(std::move(message), question);
      auto* const lost = std::get_if<Lost>(&answer);
      if (lost == nullptr) return answer;
      // It keeps to the protocol, so it may go on.
      return Lost{"reported an error: " + lost->why};
    } else if (answered) {
      why = "answered case " + std::to_string(*answered) + " instead of case " + std::to_string(id);
    } else {
      why = "reported an error: " + std::get<Lost>(std::get<Reply>(message).answer).why;
    }
  } catch (const WireError& error) {
    why = std::string("broke the protocol: ") + error.what();
  }
  throw ChildLost(child_->give_up(why));
}

SubjectEntry process_subject(std::string name, std::string description,
                             std::vector<std::string> command, const ProcessLimits& limits) {
  std::vector<std::string> files;
  for (const std::filesystem::path& file : files_of(command)) files.push_back(file.string());
  return {.name = std::move(name),
          .description = std::move(description),
          .open = [command = std::move(command), limits,
                   spares = std::make_shared<Spares>()]() -> std::unique_ptr<Subject> {
            return std::make_unique<ProcessSubject>(command, limits, spares);
          },
          .spec = {},
          .files = std::move(files)};
}

}  // namespace gridproof
