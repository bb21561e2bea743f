// The messages of the process protocol, one JSON object a line, and their text. The protocol is
// described in reference/contract/protocol.md. Whatever arrives was written by somebody else:
// decoding rejects with one sentence everything that is not a message.
// Tested by wire_test.cc (round trips, malformed lines) and protocol_test.cc (the document).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "oracle/subjects/protocol/supports.h"
#include "reference/contract/subject.h"
#include "reference/encoding/npy.h"

namespace gridproof {

inline constexpr int protocol_version = 1;

// What the host says.
struct Start {
  int protocol = protocol_version;
};
struct Ask {
  std::int64_t id = 0;
  Case test_case;
  // A field of the case that this version does not know. It may change the question, so the only
  // honest answer is `Unsupported`.
  std::optional<std::string> unknown_field;
  std::string output_file;  // where a large output may be written; empty if nowhere
};
struct AskBackward {
  std::int64_t id = 0;
  BackwardCase test_case;
  std::optional<std::string> unknown_field;
  std::string grad_input_file;  // where a large gradient may be written
  std::string grad_grid_file;
};
struct Stop {};
using HostMessage = std::variant<Start, Ask, AskBackward, Stop>;

// What a subject says: who it is and what it can do, or an answer. A message of type "error"
// arrives as `Lost`; only an error may lack an id.
struct Started {
  SubjectInfo info;
  Supports supports;
  bool files = false;  // it reads and writes large tensors in files
};
struct Reply {
  std::optional<std::int64_t> id;
  Answer answer;
};
// The answer to a question for gradients, if it is no refusal or the like, which is a Reply.
struct GradientsReply {
  std::int64_t id = 0;
  Gradients gradients;
};
using SubjectMessage = std::variant<Started, Reply, GradientsReply>;

// A line that is no message: why, in one sentence, and the id of the case if that much was
// readable.
class WireError : public std::runtime_error {
 public:
  explicit WireError(const std::string& what, std::optional<std::int64_t> id = std::nullopt)
      : std::runtime_error(what), id_(id) {}
  [[nodiscard]] std::optional<std::int64_t> id() const { return id_; }

 private:
  std::optional<std::int64_t> id_;
};

// Appends one message to `out`, newline included.
void append_start(std::string& out);
void append_started(std::string& out, const Started& started);
// Whether the storage travels in a file, where there is one: text is faster for less.
bool is_large(const Tensor& tensor);
struct CaseFiles {
  MemoryFile input;
  MemoryFile grid;
  MemoryFile output;
  MemoryFile grad_output;
  MemoryFile grad_input;
  MemoryFile grad_grid;
};
void append_case(std::string& out, std::int64_t id, const Case& test_case,
                 CaseFiles* files = nullptr);
void append_case(std::string& out, std::int64_t id, const BackwardCase& test_case,
                 CaseFiles* files = nullptr);
void append_reply(std::string& out, const Reply& reply, const std::string& output_file = {});
void append_gradients(std::string& out, const GradientsReply& reply,
                      const std::string& grad_input_file = {},
                      const std::string& grad_grid_file = {});
void append_stop(std::string& out);

// The message of a line, without its newline. Throw WireError. The host is trusted. Of a subject's
// message no file is read but those of `results` for what it answers, and of each at most so many
// bytes; 1 MiB beside strings of more than 256 bytes, or 64 lists and objects in one another, are
// refused before they are parsed; of a text for people 4 KiB are kept.
HostMessage decode_host_line(std::string_view line, const Allocate& allocate = allocate_plainly);
// With `validate`, what the schema of the protocol does not have is an error, too.
SubjectMessage decode_subject_line(std::string_view line,
                                   const Allocate& allocate = allocate_plainly,
                                   bool validate = false, CaseFiles* results = nullptr,
                                   std::size_t max_bytes = 0);

}  // namespace gridproof
