// A subject is anything that answers cases. An answer is a value, a refusal, a statement that the
// subject does not support the case, or the fact that the subject was lost.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof {

// The operator does not answer this question. `clause` is a name such as
// "shape.rank", or empty where a foreign subject only said a message.
struct Refusal {
  std::string clause;
  std::string message;
};

// The subject does not support this kind of question (a dtype, a rank, a layout).
struct Unsupported {
  std::string what;
};

// The subject crashed, hung, or broke the protocol.
struct Lost {
  std::string why;
};

using Answer = std::variant<Tensor, Refusal, Unsupported, Lost>;
using BackwardAnswer = std::variant<Gradients, Refusal, Unsupported, Lost>;

// Which text binds a subject: PyTorch's documentation, or that of the operator GridSample of ONNX,
// in its first version (16) or a later one (20, 22). Where that one is silent and the documentation
// is not, any answer that the silence allows is within its latitude; the clauses say where.
enum class Dialect : std::uint8_t { pytorch, onnx_16, onnx };
template <>
inline constexpr auto names<Dialect> = std::to_array<Named<Dialect>>(
    {{Dialect::pytorch, "pytorch"}, {Dialect::onnx_16, "onnx-16"}, {Dialect::onnx, "onnx"}});

// What a subject says of itself: empty where it says nothing.
struct SubjectInfo {
  std::string name;
  std::string version;
  std::string language;
  std::string homepage;
  std::string issues;                  // where to report what is found
  Dialect dialect = Dialect::pytorch;  // the text that it is to be judged by
};

class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  // Answers one case. Does not throw for anything that a case can contain. One thread at a time.
  virtual Answer answer(const Case& test_case) = 0;

  // Answers several cases, in their order, for subjects that are faster this way than one by one.
  virtual std::vector<Answer> answers(std::span<const Case> test_cases) {
    std::vector<Answer> all;
    for (const Case& test_case : test_cases) all.push_back(answer(test_case));
    return all;
  }

  // The gradients of one case, likewise. Many subjects have none.
  virtual BackwardAnswer backward(const BackwardCase& /*test_case*/) {
    return Unsupported{"gradients"};
  }

  // Who it is, as far as it says so.
  [[nodiscard]] virtual SubjectInfo info() const { return {}; }
};

// An entry in the list of subjects. `open` makes an instance for one thread; it throws
// std::runtime_error with one sentence when the subject cannot be started at all.
struct SubjectEntry {
  std::string name;
  std::string description;
  std::function<std::unique_ptr<Subject>()> open;
  std::string spec;  // by which a command finds it again, where that is not the name
  // The files that it consists of, as far as they are known. If they change, it is a different
  // subject.
  std::vector<std::string> files = {};
};

// A subject that is a function from case to answer, and another for gradients, if it has those.
class FunctionSubject final : public Subject {
 public:
  using Forward = std::function<Answer(const Case&)>;
  using Backward = std::function<BackwardAnswer(const BackwardCase&)>;

  explicit FunctionSubject(Forward forward, Backward backward = nullptr)
      : forward_(std::move(forward)), backward_(std::move(backward)) {}
  Answer answer(const Case& test_case) override { return forward_(test_case); }
  BackwardAnswer backward(const BackwardCase& test_case) override {
    return backward_ ? backward_(test_case) : Subject::backward(test_case);
  }

 private:
  Forward forward_;
  Backward backward_;
};

}  // namespace gridproof
