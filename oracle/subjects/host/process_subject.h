// A subject behind the process protocol (reference/contract/protocol.md), in any language. Whatever
// the process does wrong is an answer, `Lost`, and the next case gets a fresh process; once that
// cannot be started any more, everything is lost. A case that is not answered in time is asked once
// more, of a fresh process and while no other subject of this program is at work, before it is
// lost. Tested by process_subject_test.cc, with children of every kind of bad behavior.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "oracle/subjects/host/child.h"
#include "oracle/subjects/protocol/wire.h"
#include "reference/contract/subject.h"

namespace gridproof {

// What the instances of one subject share. Of a fork server: those that are idle, each with the
// open files that its copies have.
class Spares {
 public:
  struct Spare {
    std::unique_ptr<Child> child;
    CaseFiles files;
  };
  void add(Spare spare);
  // One that has been renewed.
  std::optional<Spare> take();

  // How long it took to start the program the last time.
  std::atomic<std::chrono::milliseconds> start_took{};

 private:
  std::mutex mutex_;
  std::vector<Spare> spares_;
};

// An output of another shape or dtype than the question demands is an answer, which the judge must
// see; it is not lost.
class ProcessSubject final : public Subject {
 public:
  // Starts the command and waits for it to say who it is. Throws std::runtime_error with one
  // sentence (and then the command's last words) when it cannot be started.
  explicit ProcessSubject(std::vector<std::string> command, const ProcessLimits& limits = {},
                          std::shared_ptr<Spares> spares = std::make_shared<Spares>());
  ~ProcessSubject() override;

  Answer answer(const Case& test_case) override;
  // Small cases are under way together. When the child is lost, all are asked again one at a time,
  // so that the case that loses it is the one that is said to.
  std::vector<Answer> answers(std::span<const Case> test_cases) override;
  // Of a subject that does not say that it has gradients none are asked.
  BackwardAnswer backward(const BackwardCase& test_case) override;

  [[nodiscard]] SubjectInfo info() const override { return started_.info; }
  [[nodiscard]] const Started& started() const { return started_; }

 private:
  void start();
  bool take_spare();  // whether there is one
  void make_child();
  void put_child_aside();  // which is lost or has ended
  // A question is a Case, which has an Answer, or a BackwardCase, which has a BackwardAnswer.
  template <class AnswerTo, class Question>
  AnswerTo answer_within_limits(const Question& question);
  template <class AnswerTo, class Question>
  AnswerTo ask(const Question& question);
  template <class AnswerTo, class Question>
  AnswerTo ask_again_alone(const Question& question, const ChildLate& late);
  [[nodiscard]] std::chrono::milliseconds time_for_a_case() const;
  void ask_together(std::span<const Case> test_cases, std::map<std::int64_t, std::size_t> places,
                    std::vector<std::optional<Answer>>& answers);

  std::vector<std::string> command_;
  ProcessLimits limits_;
  std::shared_ptr<Spares> spares_;  // of all instances of the subject
  Started started_;
  std::unique_ptr<Child> child_;  // none after a loss
  std::string no_start_;          // why it cannot be started any more
  std::int64_t last_id_ = 0;
  std::string line_;
  CaseFiles files_;
  bool files_are_used_ = false;  // by the case before
};

// The entry of such a subject in the list of subjects.
SubjectEntry process_subject(std::string name, std::string description,
                             std::vector<std::string> command, const ProcessLimits& limits = {});

}  // namespace gridproof
