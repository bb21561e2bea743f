#include "oracle/subjects/serve/serve.h"

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <string>
#include <type_traits>
#include <variant>

#include "oracle/subjects/protocol/line_buffer.h"
#include "oracle/subjects/serve/guarded.h"
#include "reference/encoding/descriptor.h"

namespace gridproof {
namespace {

constexpr std::size_t max_idle = std::size_t{4} << 20U;  // what is kept for the next line

// The answer to a case of one kind or the other.
template <class AnswerTo, class Asked>
AnswerTo answer_to(const Asked& ask, const auto& function) {
  if (ask.unknown_field) return Unsupported{"the field " + *ask.unknown_field};
  try {
    return function(ask.test_case);
  } catch (const std::exception& error) {
    return Lost{error.what()};
  }
}

void append_answer(std::string& out, const AskBackward& ask, const BackwardAnswer& answer) {
  std::visit(
      [&]<class Kind>(const Kind& said) {
        if constexpr (std::is_same_v<Kind, Gradients>) {
          append_gradients(out, {ask.id, said}, ask.grad_input_file, ask.grad_grid_file);
        } else {
          append_reply(out, {ask.id, said});
        }
      },
      answer);
}

}  // namespace

int take_standard_output() {
  const int out = dup(STDOUT_FILENO);
  return dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? -1 : out;
}

int serve(const Started& started, const std::function<Answer(const Case&)>& answer,
          const std::function<BackwardAnswer(const BackwardCase&)>& backward, int out) {
  if (out < 0) return 1;
  Started with_files = started;
  with_files.files = true;
  GuardedPool pool;
  const Allocate allocate = [&pool](std::size_t bytes) { return pool.allocate(bytes); };
  LineBuffer lines;
  std::string reply;
  while (true) {
    while (const auto line = lines.take_line()) {
      if (reply.capacity() > max_idle) reply = {};
      reply.clear();
      try {
        const HostMessage message = decode_host_line(*line, allocate);
        if (std::holds_alternative<Stop>(message)) return 0;
        if (const auto* const ask = std::get_if<Ask>(&message)) {
          append_reply(reply, {ask->id, answer_to<Answer>(*ask, answer)}, ask->output_file);
        } else if (const auto* const gradients = std::get_if<AskBackward>(&message)) {
          append_answer(reply, *gradients, answer_to<BackwardAnswer>(*gradients, backward));
        } else if (const int protocol = std::get<Start>(message).protocol;
                   protocol == protocol_version) {
          append_started(reply, with_files);
        } else {
          append_reply(reply, {std::nullopt, Lost{"this subject speaks protocol " +
                                                  std::to_string(protocol_version) + ", not " +
                                                  std::to_string(protocol)}});
        }
      } catch (const WireError& error) {
        append_reply(reply, {error.id(), Lost{error.what()}});
      } catch (const std::bad_alloc&) {
        append_reply(reply, {std::nullopt, Lost{"there is not enough memory"}});
      }
      if (!write_all(out, std::as_bytes(std::span(reply)))) return 1;
    }
    const std::span<char> room = lines.room();
    const auto count = read(STDIN_FILENO, room.data(), room.size());
    if (count == 0) return 0;
    if (count > 0) {
      lines.filled(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return 1;
    }
  }
}

}  // namespace gridproof
