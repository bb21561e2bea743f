#include "oracle/subjects/protocol/wire.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "oracle/subjects/protocol/protocol_schema.h"
#include "reference/encoding/base64.h"

namespace gridproof {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

using nlohmann::json;

// ---- Encoding: by hand, since the base64 is nearly all of a line and must not be copied. ----

std::string quoted(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_field(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  out += quoted(text);
}

std::size_t bytes_of(const Tensor& tensor) {
  return static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
}

// With a `file`, its path stands for the storage.
void append_tensor(std::string& out, const Tensor& tensor, const std::string& file = {}) {
  out += R"({"dtype":")" + std::string(name(tensor.dtype()));
  out += R"(","shape":)" + to_string(tensor.shape());
  if (layout_of(tensor) != Layout::dense) {
    out += ",\"strides\":" + to_string(tensor.strides());
    out += ",\"offset\":" + std::to_string(tensor.offset());
  }
  if (!file.empty()) {
    append_field(out, "file", file);
    out += '}';
    return;
  }
  out += R"(,"data":")";
  append_base64(out, {tensor.storage(), bytes_of(tensor)});
  out += "\"}";
}

// The same, in a file where the tensor is large and there is one with room for it.
void append_large(std::string& out, const Tensor& tensor, MemoryFile* file) {
  const bool in_file = file != nullptr && is_large(tensor) && write_npy(file->descriptor(), tensor);
  append_tensor(out, tensor, in_file ? file->path() : "");
}

// A tensor that answers, in the file of this path where it is large and there is room.
void append_result(std::string& out, std::string_view key, const Tensor& tensor,
                   const std::string& path) {
  bool in_file = false;
  if (!path.empty() && is_large(tensor)) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    in_file = file.get() >= 0 && write_npy(file.get(), tensor);
  }
  out += ",\"" + std::string(key) + "\":";
  append_tensor(out, tensor, in_file ? path : "");
}

// The path of a file for a result, where there are such files.
void append_path(std::string& out, std::string_view key, MemoryFile& file) {
  if (file.descriptor() >= 0) append_field(out, key, file.path());
}

// What both kinds of question have, without the end.
void append_question(std::string& out, std::string_view type, std::int64_t id,
                     const Case& test_case, CaseFiles* files) {
  out += R"({"type":")" + std::string(type) + R"(","id":)" + std::to_string(id);
  const Request& request = test_case.request;
  if (request.mode) append_field(out, "mode", *request.mode);
  if (request.padding_mode) append_field(out, "padding_mode", *request.padding_mode);
  if (request.align_corners) {
    out += *request.align_corners ? ",\"align_corners\":true" : ",\"align_corners\":false";
  }
  out += ",\"input\":";
  append_large(out, test_case.input, files == nullptr ? nullptr : &files->input);
  out += ",\"grid\":";
  append_large(out, test_case.grid, files == nullptr ? nullptr : &files->grid);
}

template <class T>
void add_list(json& object, const char* key, const std::optional<std::vector<T>>& list) {
  if (!list) return;
  json items = json::array();
  for (const T item : *list) {
    if constexpr (std::is_enum_v<T>) {
      items.push_back(name(item));
    } else {
      items.push_back(item);
    }
  }
  object[key] = std::move(items);
}

// ---- Decoding ----

// How far a line is trusted before it is parsed, which may cost a hundred times its length.
constexpr std::size_t max_text = std::size_t{1} << 20U;  // bytes, without its long strings
constexpr int max_depth = 64;
// How much is kept of what a subject says.
constexpr std::size_t max_said = 4096;

constexpr std::size_t long_string = 256;

// The place of the quotation mark that ends the string which begins after `open`.
std::size_t end_of_string(std::string_view line, std::size_t open, bool has_escapes) {
  for (std::size_t close = line.find('"', open + 1);; close = line.find('"', close + 1)) {
    if (!has_escapes || close == std::string_view::npos) return close;
    std::size_t backslashes = 0;
    while (line[close - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return close;
  }
}

// Of a key that an object names twice, readers take the first or the last: nobody knows what is
// meant.
json parsed(std::string_view line) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  return json::parse(line, [&](int /*depth*/, json::parse_event_t event, const json& name) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(name.get<std::string>()).second) {
      throw WireError("an object in the line names a key twice");
    }
    return true;
  });
}

// A line whose long strings are taken out before it is parsed: the parser looks at every character
// several times, which the base64 does not need. Only a string without a backslash is what it
// looks like, so others stay. One that is taken out is replaced by an escaped NUL and its number; a
// string that stays is never mistaken for that where some were taken out, because a NUL needs a
// backslash, and of a line with one none is taken out.
class Message {
 public:
  enum class Author : std::uint8_t { host, subject };  // who is trusted, and who is not

  Message(std::string_view line, Author author) : author_(author) {
    std::string text;
    const bool has_escapes = line.find('\\') != std::string_view::npos;
    std::size_t kept = 0;     // up to here the line is in `text` or replaced
    std::size_t in_long = 0;  // bytes of the long strings that stay
    int depth = 0;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t open = std::min(line.find('"', at), line.size());
      for (; at < open; ++at) {
        if (line[at] == '[' || line[at] == '{') ++depth;
        if (line[at] == ']' || line[at] == '}') --depth;
        if (depth > max_depth && is_foreign())
          throw WireError("the line nests lists and objects more than 64 deep");
      }
      if (open == line.size()) break;
      const std::size_t close = end_of_string(line, open, has_escapes);
      if (close == std::string_view::npos) break;
      if (close - open > long_string) {
        if (has_escapes) {
          in_long += close - open;
        } else {
          text += line.substr(kept, open + 1 - kept);
          text += "\\u0000" + std::to_string(long_strings_.size());
          long_strings_.push_back(line.substr(open + 1, close - open - 1));
          kept = close;
        }
      }
      at = close + 1;
      if (is_foreign() && text.size() + at - kept - in_long > max_text) break;
    }
    if (is_foreign() && text.size() + line.size() - kept - in_long > max_text) {
      throw WireError("the line has more than 1 MiB besides its long strings");
    }
    if (!long_strings_.empty()) {
      text += line.substr(kept);
      line = text;
    }
    try {
      root_ = parsed(line);
    } catch (const json::exception& error) {
      throw WireError("the line is not JSON: " + plain(error.what()));
    }
    if (!root_.is_object()) throw WireError("the line is not a JSON object");
  }

  [[nodiscard]] const json& root() const { return root_; }

  // The characters of a string that the parser has read, unchecked if they are many.
  [[nodiscard]] std::string_view characters(const std::string& parsed) const {
    if (long_strings_.empty() || !parsed.starts_with('\0')) return parsed;
    return long_strings_.at(std::stoul(parsed.substr(1)));
  }
  // The same for a person to read: whatever is not UTF-8 is replaced, and of very much no more than
  // the beginning is kept.
  [[nodiscard]] std::string text(const std::string& parsed) const {
    const std::string_view all = characters(parsed);
    const bool is_short = !is_foreign() || all.size() <= max_said;
    if (is_short && all.data() == parsed.data()) return parsed;
    std::string_view kept = is_short ? all : all.substr(0, max_said);
    while (kept.size() < all.size() && !kept.empty() && is_inside_character(all[kept.size()])) {
      kept.remove_suffix(1);
    }
    std::string text = json::parse(quoted(kept)).get<std::string>();
    if (kept.size() < all.size()) {
      text += "… (" + std::to_string(all.size()) + " bytes in all)";
    }
    return text;
  }

 private:
  // What the library says, without its own number of the error, and not the whole line.
  static std::string plain(std::string_view what) {
    const std::size_t bracket = what.find("] ");
    if (bracket != std::string_view::npos) what.remove_prefix(bracket + 2);
    return std::string(what.substr(0, 200));
  }

  // Whether a byte is not the first of its character in UTF-8.
  static bool is_inside_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
  }

  [[nodiscard]] bool is_foreign() const { return author_ == Author::subject; }

  Author author_;
  json root_;
  std::vector<std::string_view> long_strings_;
};

std::string at(std::string_view where, std::string_view key) {
  return where.empty() ? std::string(key) : std::string(where) + "." + std::string(key);
}

const json* find(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const json& require(const json& object, const char* key, std::string_view where) {
  const json* const value = find(object, key);
  if (value == nullptr) throw WireError("the field " + at(where, key) + " is missing");
  return *value;
}

std::string text_of(const Message& message, const json& value, const std::string& where) {
  if (!value.is_string()) throw WireError("expected a string for " + where);
  return message.text(value.get_ref<const std::string&>());
}

std::string text_or_nothing(const Message& message, const char* key) {
  const json* const value = find(message.root(), key);
  return value == nullptr ? std::string() : text_of(message, *value, key);
}

std::int64_t integer_of(const json& value, const std::string& where) {
  const bool too_big =
      value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  if (!value.is_number_integer() || too_big) {
    throw WireError("expected a 64-bit integer for " + where);
  }
  return value.get<std::int64_t>();
}

std::int64_t id_of(const json& value) {
  const std::int64_t id = integer_of(value, "id");
  if (id < 0) throw WireError("the id is negative");
  return id;
}

Shape shape_of(const json& value, const std::string& where) {
  if (!value.is_array()) throw WireError("expected a list of integers for " + where);
  if (value.size() > max_rank) throw WireError(where + " has more than 8 entries");
  Shape shape;
  for (const json& size : value) shape.push_back(integer_of(size, "each entry of " + where));
  return shape;
}

template <class Enum>
Enum enum_of(const Message& message, const json& value, const std::string& where) {
  const std::string text = text_of(message, value, where);
  const auto parsed = parse<Enum>(text);
  if (!parsed) {
    std::string known;
    for (const auto& entry : names<Enum>) {
      known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw WireError("'" + text.substr(0, 40) + "' is not known for " + where +
                    ": expected one of " + known);
  }
  return *parsed;
}

// How the storage of a tensor that is in a file is read: from the path that the message gives.
using ReadFile = std::function<NpyStorage(const std::string& path, Dtype dtype)>;

Tensor tensor_of(const Message& message, const json& value, const std::string& where,
                 const Allocate& allocate, const ReadFile& read_file) {
  if (!value.is_object()) throw WireError("expected an object for " + where);
  const auto dtype = enum_of<Dtype>(message, require(value, "dtype", where), at(where, "dtype"));
  Shape shape = shape_of(require(value, "shape", where), at(where, "shape"));
  std::string_view base64;
  NpyStorage from_file;
  if (const json* const file = find(value, "file")) {
    if (value.contains("data")) throw WireError(where + " has both a file and data");
    try {
      from_file = read_file(text_of(message, *file, at(where, "file")), dtype);
    } catch (const NpyError& error) {
      throw WireError(at(where, "file") + " cannot be used: " + error.what());
    }
  } else {
    const json& data = require(value, "data", where);
    if (!data.is_string()) throw WireError("expected a string for " + at(where, "data"));
    base64 = message.characters(data.get_ref<const std::string&>());
    const auto bytes = base64_decoded_size(base64);
    if (!bytes) {
      throw WireError(at(where, "data") + " is not base64: its length is not a multiple of four");
    }
    if (*bytes % size_of(dtype) != 0) {
      throw WireError(at(where, "data") + " ends inside an element");
    }
    from_file.size = static_cast<std::int64_t>(*bytes / size_of(dtype));
  }
  const std::int64_t storage_size = from_file.size;
  try {
    // The layout is judged before there is any storage: a false one costs nothing.
    Shape strides(shape.size(), 0);
    Tensor::strided(dtype, shape, strides, 0, nullptr, 1);
    std::int64_t offset = 0;
    if (const json* const given = find(value, "strides")) {
      strides = shape_of(*given, at(where, "strides"));
      if (const json* const start = find(value, "offset")) {
        offset = integer_of(*start, at(where, "offset"));
        if (offset < 0 || offset > storage_size) {
          throw WireError(at(where, "offset") + " lies outside the storage of " +
                          std::to_string(storage_size) + " elements");
        }
      }
    } else {
      strides = contiguous_strides(shape);
      if (value.contains("offset")) throw WireError(where + " has an offset but no strides");
      if (element_count(shape) != storage_size) {
        throw WireError(at(where, from_file.storage ? "file" : "data") + " holds " +
                        std::to_string(storage_size) + " elements, not the " +
                        std::to_string(element_count(shape)) + " of " + at(where, "shape"));
      }
    }
    Tensor::strided(dtype, shape, strides, offset, nullptr, storage_size);
    auto storage = std::move(from_file.storage);
    if (!storage) {
      const auto bytes = static_cast<std::size_t>(storage_size) * size_of(dtype);
      storage = allocate(bytes);
      if (const auto wrong = decode_base64(base64, {storage.get(), bytes})) {
        throw WireError(at(where, "data") + " is not base64: character " +
                        std::to_string(*wrong + 1) + " is wrong");
      }
    }
    return Tensor::strided(dtype, std::move(shape), std::move(strides), offset, std::move(storage),
                           storage_size);
  } catch (const std::invalid_argument& error) {
    throw WireError(where + ": " + error.what());
  }
}

// A tensor of the host's, which may name any file.
Tensor sent_tensor(const Message& message, const json& value, const std::string& where,
                   const Allocate& allocate) {
  return tensor_of(message, value, where, allocate, [&](const std::string& path, Dtype dtype) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw NpyError(std::strerror(errno));
    return read_npy(file.get(), dtype, allocate, std::numeric_limits<std::size_t>::max());
  });
}

// Takes the field `key` of a question into `test_case`, if it is one that both kinds have.
bool take_field(const Message& message, const std::string& key, const json& value,
                const Allocate& allocate, Case& test_case) {
  Request& request = test_case.request;
  if (key == "mode") {
    request.mode = text_of(message, value, key);
  } else if (key == "padding_mode") {
    request.padding_mode = text_of(message, value, key);
  } else if (key == "align_corners") {
    if (!value.is_boolean()) throw WireError("expected true or false for align_corners");
    request.align_corners = value.get<bool>();
  } else if (key == "input") {
    test_case.input = sent_tensor(message, value, key, allocate);
  } else if (key == "grid") {
    test_case.grid = sent_tensor(message, value, key, allocate);
  } else {
    return key == "type" || key == "id";
  }
  return true;
}

Ask ask_of(const Message& message, std::int64_t id, const Allocate& allocate) {
  Ask ask{.id = id, .test_case = {}, .unknown_field = std::nullopt, .output_file = {}};
  for (const auto& [key, value] : message.root().items()) {
    if (take_field(message, key, value, allocate, ask.test_case)) continue;
    if (key == "output_file") {
      ask.output_file = text_of(message, value, key);
    } else {
      ask.unknown_field = message.text(key).substr(0, 40);
    }
  }
  for (const char* const key : {"input", "grid"}) require(message.root(), key, "");
  return ask;
}

OutputMask output_mask_of(const json& value) {
  const bool are_flags = value.is_array() && value.size() == 2 &&
                         std::ranges::all_of(value, [](const json& f) { return f.is_boolean(); });
  if (!are_flags) throw WireError("expected two of true and false for output_mask");
  return {.input = value[0].get<bool>(), .grid = value[1].get<bool>()};
}

AskBackward ask_backward_of(const Message& message, std::int64_t id, const Allocate& allocate) {
  AskBackward ask{.id = id,
                  .test_case = {},
                  .unknown_field = std::nullopt,
                  .grad_input_file = {},
                  .grad_grid_file = {}};
  for (const auto& [key, value] : message.root().items()) {
    if (take_field(message, key, value, allocate, ask.test_case.forward)) continue;
    if (key == "grad_output") {
      ask.test_case.grad_output = sent_tensor(message, value, key, allocate);
    } else if (key == "output_mask") {
      ask.test_case.output_mask = output_mask_of(value);
    } else if (key == "grad_input_file") {
      ask.grad_input_file = text_of(message, value, key);
    } else if (key == "grad_grid_file") {
      ask.grad_grid_file = text_of(message, value, key);
    } else {
      ask.unknown_field = message.text(key).substr(0, 40);
    }
  }
  for (const char* const key : {"input", "grid", "grad_output", "output_mask"})
    require(message.root(), key, "");
  return ask;
}

// Reads the list `key` of `supports` by `item`, if it is there.
template <class T, class Item>
void read_list(std::optional<std::vector<T>>& list, const json& supports, const char* key,
               Item&& item) {
  const json* const value = find(supports, key);
  if (value == nullptr) return;
  const std::string where = at("supports", key);
  if (!value->is_array()) throw WireError("expected a list for " + where);
  list.emplace();
  for (const json& entry : *value) list->push_back(item(entry, "an entry of " + where));
}

Started started_of(const Message& message) {
  const std::int64_t protocol = integer_of(require(message.root(), "protocol", ""), "protocol");
  if (protocol != protocol_version) {
    throw WireError("the subject speaks protocol " + std::to_string(protocol) + ", not " +
                    std::to_string(protocol_version));
  }
  Started started;
  SubjectInfo& info = started.info;
  info.name = text_of(message, require(message.root(), "name", ""), "name");
  info.version = text_of(message, require(message.root(), "version", ""), "version");
  info.language = text_or_nothing(message, "language");
  info.homepage = text_or_nothing(message, "homepage");
  info.issues = text_or_nothing(message, "issues");
  if (const json* const dialect = find(message.root(), "dialect")) {
    info.dialect = enum_of<Dialect>(message, *dialect, "dialect");
  }
  if (const json* const files = find(message.root(), "files")) {
    if (!files->is_boolean()) throw WireError("expected true or false for files");
    started.files = files->get<bool>();
  }
  const json* const supports = find(message.root(), "supports");
  if (supports == nullptr) return started;
  if (!supports->is_object()) throw WireError("expected an object for supports");
  const auto read_names = [&]<class Enum>(std::optional<std::vector<Enum>>& list, const char* key) {
    read_list(list, *supports, key, [&](const json& entry, const std::string& where) {
      return enum_of<Enum>(message, entry, where);
    });
  };
  read_names(started.supports.dtypes, "dtypes");
  read_names(started.supports.modes, "modes");
  read_names(started.supports.padding_modes, "padding_modes");
  read_names(started.supports.layouts, "layouts");
  read_names(started.supports.gradients, "gradients");
  read_list(started.supports.ranks, *supports, "ranks",
            [](const json& entry, const std::string& where) {
              const std::int64_t rank = integer_of(entry, where);
              if (rank != 4 && rank != 5) throw WireError("expected 4 or 5 for " + where);
              return static_cast<int>(rank);
            });
  read_list(started.supports.align_corners, *supports, "align_corners",
            [](const json& entry, const std::string& where) {
              if (!entry.is_boolean()) throw WireError("expected true or false for " + where);
              return entry.get<bool>();
            });
  return started;
}

// Where the tensors of an answer may lie: in memory, or in files that the question named.
struct Results {
  const Allocate& allocate;
  CaseFiles* files;
  std::size_t max_bytes;  // of each file
};

Tensor result_of(const Message& message, const char* key, const Results& results,
                 MemoryFile CaseFiles::* file) {
  const auto read = [&](const std::string& path, Dtype dtype) {
    if (results.files == nullptr || path != (results.files->*file).path()) {
      throw NpyError("it is not the file that the case named");
    }
    return read_npy((results.files->*file).descriptor(), dtype, results.allocate,
                    results.max_bytes);
  };
  return tensor_of(message, require(message.root(), key, ""), key, results.allocate, read);
}

Answer answer_of(const Message& message, const std::string& type, const Results& results) {
  const json& root = message.root();
  if (type == "answer") return result_of(message, "output", results, &CaseFiles::output);
  if (type == "refused") {
    return Refusal{.clause = text_or_nothing(message, "clause"),
                   .message = text_of(message, require(root, "message", ""), "message")};
  }
  if (type == "unsupported") {
    return Unsupported{text_of(message, require(root, "what", ""), "what")};
  }
  return Lost{text_of(message, require(root, "message", ""), "message")};
}

Gradients gradients_of(const Message& message, const Results& results) {
  Gradients gradients;
  if (message.root().contains("grad_input")) {
    gradients.input = result_of(message, "grad_input", results, &CaseFiles::grad_input);
  }
  if (message.root().contains("grad_grid")) {
    gradients.grid = result_of(message, "grad_grid", results, &CaseFiles::grad_grid);
  }
  return gradients;
}

std::string type_of(const Message& message) {
  return text_of(message, require(message.root(), "type", ""), "type");
}

[[noreturn]] void reject_type(const std::string& type, const char* known) {
  throw WireError("'" + type.substr(0, 40) + "' is not a message type here: expected " + known);
}

}  // namespace

bool is_large(const Tensor& tensor) { return bytes_of(tensor) >= std::size_t{1} << 17U; }

void append_start(std::string& out) {
  out += R"({"type":"start","protocol":)" + std::to_string(protocol_version) + "}\n";
}

void append_started(std::string& out, const Started& started) {
  const SubjectInfo& info = started.info;
  out += R"({"type":"started","protocol":)" + std::to_string(protocol_version);
  append_field(out, "name", info.name);
  append_field(out, "version", info.version);
  if (!info.language.empty()) append_field(out, "language", info.language);
  if (!info.homepage.empty()) append_field(out, "homepage", info.homepage);
  if (!info.issues.empty()) append_field(out, "issues", info.issues);
  if (info.dialect != Dialect::pytorch)
    append_field(out, "dialect", std::string(name(info.dialect)));
  if (started.files) out += ",\"files\":true";
  json supports = json::object();
  add_list(supports, "dtypes", started.supports.dtypes);
  add_list(supports, "ranks", started.supports.ranks);
  add_list(supports, "modes", started.supports.modes);
  add_list(supports, "padding_modes", started.supports.padding_modes);
  add_list(supports, "align_corners", started.supports.align_corners);
  add_list(supports, "layouts", started.supports.layouts);
  add_list(supports, "gradients", started.supports.gradients);
  if (!supports.empty()) out += ",\"supports\":" + supports.dump();
  out += "}\n";
}

void append_case(std::string& out, std::int64_t id, const Case& test_case, CaseFiles* files) {
  append_question(out, "case", id, test_case, files);
  if (files != nullptr) append_path(out, "output_file", files->output);
  out += "}\n";
}

void append_case(std::string& out, std::int64_t id, const BackwardCase& test_case,
                 CaseFiles* files) {
  append_question(out, "backward", id, test_case.forward, files);
  out += ",\"grad_output\":";
  append_large(out, test_case.grad_output, files == nullptr ? nullptr : &files->grad_output);
  const auto [input, grid] = test_case.output_mask;
  out += std::string(",\"output_mask\":[") + (input ? "true" : "false") + "," +
         (grid ? "true" : "false") + "]";
  if (files != nullptr && input) append_path(out, "grad_input_file", files->grad_input);
  if (files != nullptr && grid) append_path(out, "grad_grid_file", files->grad_grid);
  out += "}\n";
}

void append_reply(std::string& out, const Reply& reply, const std::string& output_file) {
  const auto open = [&](const char* type) {
    out += R"({"type":")" + std::string(type) + '"';
    if (reply.id) out += ",\"id\":" + std::to_string(*reply.id);
  };
  if (const auto* const output = std::get_if<Tensor>(&reply.answer)) {
    open("answer");
    append_result(out, "output", *output, output_file);
  } else if (const auto* const refusal = std::get_if<Refusal>(&reply.answer)) {
    open("refused");
    append_field(out, "message", refusal->message);
    if (!refusal->clause.empty()) append_field(out, "clause", refusal->clause);
  } else if (const auto* const unsupported = std::get_if<Unsupported>(&reply.answer)) {
    open("unsupported");
    append_field(out, "what", unsupported->what);
  } else {
    open("error");
    append_field(out, "message", std::get<Lost>(reply.answer).why);
  }
  out += "}\n";
}

void append_gradients(std::string& out, const GradientsReply& reply,
                      const std::string& grad_input_file, const std::string& grad_grid_file) {
  out += R"({"type":"gradients","id":)" + std::to_string(reply.id);
  const auto& [input, grid] = reply.gradients;
  if (input) append_result(out, "grad_input", *input, grad_input_file);
  if (grid) append_result(out, "grad_grid", *grid, grad_grid_file);
  out += "}\n";
}

void append_stop(std::string& out) { out += "{\"type\":\"stop\"}\n"; }

HostMessage decode_host_line(std::string_view line, const Allocate& allocate) {
  const Message message(line, Message::Author::host);
  const std::string type = type_of(message);
  if (type == "start") {
    const std::int64_t protocol = integer_of(require(message.root(), "protocol", ""), "protocol");
    if (protocol < 1 || protocol > 1000) throw WireError("the protocol is not a version number");
    return Start{static_cast<int>(protocol)};
  }
  if (type == "stop") return Stop{};
  if (type != "case" && type != "backward") reject_type(type, "start, case, backward or stop");
  const std::int64_t id = id_of(require(message.root(), "id", ""));
  try {
    if (type == "backward") return ask_backward_of(message, id, allocate);
    return ask_of(message, id, allocate);
  } catch (const WireError& error) {
    throw WireError(error.what(), id);
  }
}

SubjectMessage decode_subject_line(std::string_view line, const Allocate& allocate, bool validate,
                                   CaseFiles* results, std::size_t max_bytes) {
  const Message message(line, Message::Author::subject);
  if (validate) {
    if (const auto error = against_schema(message.root())) throw WireError(*error);
  }
  const std::string type = type_of(message);
  if (type == "started") return started_of(message);
  if (type != "answer" && type != "gradients" && type != "refused" && type != "unsupported" &&
      type != "error") {
    reject_type(type, "started, answer, gradients, refused, unsupported or error");
  }
  std::optional<std::int64_t> id;
  if (const json* const value = find(message.root(), "id")) {
    id = id_of(*value);
  } else if (type != "error") {
    throw WireError("the field id is missing");
  }
  try {
    const Results known{.allocate = allocate, .files = results, .max_bytes = max_bytes};
    if (type == "gradients") return GradientsReply{id.value_or(0), gradients_of(message, known)};
    return Reply{id, answer_of(message, type, known)};
  } catch (const WireError& error) {
    throw WireError(error.what(), id);
  }
}

}  // namespace gridproof
