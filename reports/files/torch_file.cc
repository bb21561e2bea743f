#include "reports/files/torch_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "reference/contract/limits.h"
#include "reference/encoding/number_kind.h"
#include "reports/files/byte_reader.h"
#include "reports/files/pickle.h"
#include "reports/files/shape.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

using Object = PickledObject;
using Kind = PickledObject::Kind;

constexpr std::size_t max_pickle = std::size_t{64} << 20U;
constexpr int deepest = 100;                   // containers in containers
constexpr std::size_t max_visits = 1'000'000;  // objects may be shared again and again
constexpr std::size_t longest_name = 500;      // bytes
constexpr std::size_t max_tensors = 100'000;

constexpr std::string_view rebuild_tensor = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view rebuild_tensor_of_dtype = "torch._utils _rebuild_tensor_v3";
constexpr std::string_view rebuild_parameter = "torch._utils _rebuild_parameter";
constexpr std::string_view size_tuple = "torch Size";
constexpr std::string_view encode_bytes = "_codecs encode";  // bytes in protocol 2
constexpr std::string_view untyped_storage = "torch.storage UntypedStorage";

constexpr std::pair<std::string_view, NumberKind> typed_storages[] = {
    {"torch HalfStorage", NumberKind::f16},  {"torch BFloat16Storage", NumberKind::bf16},
    {"torch FloatStorage", NumberKind::f32}, {"torch DoubleStorage", NumberKind::f64},
    {"torch BoolStorage", NumberKind::u8},   {"torch ByteStorage", NumberKind::u8},
    {"torch CharStorage", NumberKind::i8},   {"torch ShortStorage", NumberKind::i16},
    {"torch IntStorage", NumberKind::i32},   {"torch LongStorage", NumberKind::i64}};
// Those without a storage of their own.
constexpr std::pair<std::string_view, NumberKind> dtypes[] = {{"torch uint16", NumberKind::u16},
                                                              {"torch uint32", NumberKind::u32},
                                                              {"torch uint64", NumberKind::u64}};

std::vector<std::string_view> allowed_globals() {
  std::vector<std::string_view> names = {
      rebuild_tensor, rebuild_tensor_of_dtype, rebuild_parameter,        size_tuple,
      encode_bytes,   untyped_storage,         "collections OrderedDict"};
  for (const auto& entry : typed_storages) names.push_back(entry.first);
  for (const auto& entry : dtypes) names.push_back(entry.first);
  return names;
}

std::optional<NumberKind> kind_in(std::span<const std::pair<std::string_view, NumberKind>> table,
                                  std::string_view global) {
  for (const auto& [name, kind] : table) {
    if (name == global) return kind;
  }
  return std::nullopt;
}

// The elements of a storage, which tensors share.
struct Storage {
  NumberKind kind;
  std::shared_ptr<std::byte[]> elements;
  std::int64_t size = 0;
};

std::string inner_name(const std::string& outer, std::string_view part) {
  return outer.empty() ? std::string(part) : fmt::format("{}.{}", outer, part);
}

// What a key of a dictionary adds to a name.
std::optional<std::string> part_of_name(const Object& key) {
  if (key.kind == Kind::text) return std::string(key.text);
  if (key.kind == Kind::number) return std::to_string(key.number);
  return std::nullopt;
}

// An item of a tuple that torch.save writes, which has to be of that kind.
const Object& item(const Pickle& pickle, const Object& tuple, std::size_t place, Kind kind,
                   std::string_view what) {
  if (tuple.kind == Kind::tuple && place < tuple.items.size()) {
    const Object& found = pickle.at(tuple.items[place]);
    if (found.kind == kind) return found;
  }
  throw FileError(fmt::format("its {} is not where torch.save writes it", what));
}

Shape sizes_of(const Pickle& pickle, const Object& tuple, std::string_view what) {
  if (tuple.items.size() > max_rank) throw FileError("it has more than 8 axes");
  Shape sizes;
  for (std::size_t i = 0; i < tuple.items.size(); ++i) {
    sizes.push_back(item(pickle, tuple, i, Kind::number, what).number);
    if (sizes.back() < 0) throw FileError(fmt::format("its {} is negative", what));
  }
  return sizes;
}

// Finds the tensors that a pickle builds.
class Finder {
 public:
  Finder(const Pickle& pickle, const ReadStorage& read_storage)
      : pickle_(pickle), read_storage_(read_storage) {}

  std::vector<FileTensor> find() {
    visit(pickle_.root, "", 0);
    return std::move(tensors_);
  }

 private:
  void visit(std::uint32_t place, const std::string& name, int depth);
  void visit_items(const Object& sequence, const std::string& name, int depth);
  void visit_values(const Object& dictionary, const std::string& name, int depth);
  void visit_call(const Object& call, const std::string& name, int depth);
  void add(const Object& arguments, bool has_dtype, const std::string& name);
  Tensor tensor_of(const Object& arguments, bool has_dtype);
  const Storage& storage_of(const Object& persistent, std::optional<NumberKind> dtype);

  const Pickle& pickle_;
  const ReadStorage& read_storage_;
  std::size_t visits_ = 0;
  std::int64_t stored_ = 0;  // elements of all storages
  std::map<std::string, Storage, std::less<>> storages_;
  std::vector<FileTensor> tensors_;
};

void Finder::visit(std::uint32_t place, const std::string& name, int depth) {
  if (++visits_ > max_visits) throw FileError("it has more than a million objects");
  if (depth > deepest) throw FileError(fmt::format("it is nested more than {} deep", deepest));
  if (name.size() > longest_name) {
    throw FileError(
        fmt::format("the name {} has more than {} bytes", in_quotes(name), longest_name));
  }
  const Object& object = pickle_.at(place);
  if (object.kind == Kind::list || object.kind == Kind::tuple) visit_items(object, name, depth);
  if (object.kind == Kind::dictionary) visit_values(object, name, depth);
  if (object.kind == Kind::call) visit_call(object, name, depth);
}

void Finder::visit_items(const Object& sequence, const std::string& name, int depth) {
  for (std::size_t i = 0; i < sequence.items.size(); ++i) {
    visit(sequence.items[i], inner_name(name, std::to_string(i)), depth + 1);
  }
}

void Finder::visit_values(const Object& dictionary, const std::string& name, int depth) {
  for (std::size_t i = 0; i < dictionary.items.size(); i += 2) {
    const std::optional<std::string> part = part_of_name(pickle_.at(dictionary.items[i]));
    const std::size_t found = tensors_.size();
    visit(dictionary.items[i + 1], inner_name(name, part.value_or("?")), depth + 1);
    if (!part && tensors_.size() > found) {
      throw FileError("the key of a tensor is neither a string nor an integer");
    }
  }
}

void Finder::visit_call(const Object& call, const std::string& name, int depth) {
  const std::string_view function = pickle_.at(call.items[0]).text;
  const Object& arguments = pickle_.at(call.items[1]);
  if (function == size_tuple || function == encode_bytes) return;
  if (function == rebuild_tensor) return add(arguments, false, name);
  if (function == rebuild_tensor_of_dtype) return add(arguments, true, name);
  if (function == rebuild_parameter && !arguments.items.empty()) {
    return visit(arguments.items[0], name, depth + 1);
  }
  throw FileError(fmt::format("torch.save does not call {} this way", in_quotes(function)));
}

void Finder::add(const Object& arguments, bool has_dtype, const std::string& name) {
  if (tensors_.size() >= max_tensors) {
    throw FileError(fmt::format("it has more than {} tensors", max_tensors));
  }
  try {
    tensors_.push_back({.name = name, .tensor = tensor_of(arguments, has_dtype)});
  } catch (const FileError& error) {
    throw FileError(fmt::format("the tensor {}: {}", in_quotes(name), error.what()));
  } catch (const std::invalid_argument& error) {  // a layout that no tensor has
    throw FileError(fmt::format("the tensor {}: {}", in_quotes(name), error.what()));
  }
}

// The arguments: storage, offset, size, stride, requires_grad, hooks, perhaps dtype, perhaps what
// is left to be done with the numbers.
Tensor Finder::tensor_of(const Object& arguments, bool has_dtype) {
  if (arguments.items.size() != (has_dtype ? 7 : 6)) {
    throw FileError(
        fmt::format("it is made of {} parts: expected a plain tensor (not one that is lazily "
                    "negated or conjugated)",
                    arguments.items.size()));
  }
  std::optional<NumberKind> dtype;
  if (has_dtype) {
    dtype = kind_in(dtypes, item(pickle_, arguments, 6, Kind::global, "dtype").text);
    if (!dtype) throw FileError("torch.save does not write its dtype");
  }
  const Storage& storage =
      storage_of(item(pickle_, arguments, 0, Kind::persistent, "storage"), dtype);
  const std::int64_t offset = item(pickle_, arguments, 1, Kind::number, "offset").number;
  const Shape shape = sizes_of(pickle_, item(pickle_, arguments, 2, Kind::tuple, "size"), "size");
  const Shape strides =
      sizes_of(pickle_, item(pickle_, arguments, 3, Kind::tuple, "stride"), "stride");
  const auto count = count_of(shape);
  if (!count) throw FileError(fmt::format("its shape {} is invalid", printable(to_string(shape))));
  // Whoever asked for the file makes it dense sooner or later.
  if (*count > max_elements()) {
    throw FileError(
        fmt::format("its shape {} has {}", to_string(shape), more_than_most_elements()));
  }
  const Dtype elements = dtype_for(storage.kind);
  if (*count == 0) return {elements, shape};  // wherever it is said to lie
  return Tensor::strided(elements, shape, strides, offset, storage.elements, storage.size);
}

// What stands for a storage: "storage", its type, its key, its device, its size (of an untyped one
// in bytes).
const Storage& Finder::storage_of(const Object& persistent, std::optional<NumberKind> dtype) {
  const Object& id = pickle_.at(persistent.items[0]);
  const std::string_view type = item(pickle_, id, 1, Kind::global, "storage's type").text;
  const std::string key(item(pickle_, id, 2, Kind::text, "storage's key").text);
  const std::int64_t size = item(pickle_, id, 4, Kind::number, "storage's size").number;
  const std::optional<NumberKind> kind = dtype ? dtype : kind_in(typed_storages, type);
  if (!kind || (dtype && type != untyped_storage)) {
    throw FileError(fmt::format("{} is not a storage that it can use", in_quotes(type)));
  }
  const auto known = storages_.find(key);
  if (known != storages_.end() && known->second.kind == *kind) return known->second;
  if (known != storages_.end()) {
    throw FileError(fmt::format("its storage {} holds both {} and {}", in_quotes(key),
                                name(known->second.kind), name(*kind)));
  }
  // Of bytes, where it is not typed, so at least as much as it holds.
  if (size > max_elements() - stored_) {
    throw FileError(fmt::format("its storages hold {}", more_than_most_elements()));
  }
  stored_ += std::max<std::int64_t>(size, 0);
  const std::vector<std::byte> bytes = read_storage_(key);
  const auto element = static_cast<std::int64_t>(size_of(*kind));
  const auto available = static_cast<std::int64_t>(bytes.size());
  const std::int64_t counted = dtype ? size / element : size;
  if (size < 0 || counted > available / element || available != size * (dtype ? 1 : element)) {
    throw FileError(fmt::format("its storage {} has {} bytes, but {} {} are expected",
                                in_quotes(key), available, size, dtype ? "bytes" : name(*kind)));
  }
  const auto used = std::span(bytes).first(static_cast<std::size_t>(counted * element));
  return storages_.emplace(key, Storage{*kind, elements_of(*kind, used), counted}).first->second;
}

void check_names(const std::vector<FileTensor>& tensors) {
  std::set<std::string_view> names;
  for (const FileTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second) {
      throw FileError(fmt::format("two tensors are called {}", in_quotes(tensor.name)));
    }
  }
}

// The folder in which everything is, "" or one that ends with a slash.
std::optional<std::string> folder_of(const Archive& archive) {
  constexpr std::string_view pickle = "data.pkl";
  for (const std::string& name : archive.names()) {
    if (!name.ends_with(pickle)) continue;
    const std::string folder = name.substr(0, name.size() - pickle.size());
    if (folder.empty() || folder.find('/') == folder.size() - 1) return folder;
  }
  return std::nullopt;
}

void check_byte_order(const Archive& archive, const std::string& folder) {
  const auto member = archive.find(folder + "byteorder");  // not there before version 2.1
  if (!member) return;
  const std::vector<std::byte> bytes = archive.read(*member);
  if (text_of(bytes) != "little") {
    throw FileError(
        fmt::format("its byte order is {}: expected 'little'", in_quotes(text_of(bytes))));
  }
}

}  // namespace

bool is_torch_file(const Archive& archive) { return folder_of(archive).has_value(); }

std::vector<FileTensor> read_torch_file(const Archive& archive) {
  const std::string folder = folder_of(archive).value_or("");
  if (archive.find(folder + "constants.pkl")) {
    throw FileError("it is a TorchScript program: expected tensors that torch.save wrote");
  }
  check_byte_order(archive, folder);
  const auto member = archive.find(folder + "data.pkl");
  if (!member) throw FileError("its zip archive has no data.pkl");
  if (archive.size(*member) > max_pickle) {
    throw FileError(fmt::format("its data.pkl has {} bytes: expected at most {}",
                                archive.size(*member), max_pickle));
  }
  const std::vector<std::byte> pickle = archive.read(*member);
  return read_torch_pickle(pickle, [&](const std::string& key) {
    const auto storage = archive.find(folder + "data/" + key);
    if (!storage) throw FileError(fmt::format("its storage {} is not in the file", in_quotes(key)));
    return archive.read(*storage);
  });
}

std::vector<FileTensor> read_torch_pickle(std::span<const std::byte> bytes,
                                          const ReadStorage& read_storage) {
  const std::vector<std::string_view> globals = allowed_globals();
  const Pickle pickle = read_pickle(bytes, globals);
  std::vector<FileTensor> tensors = Finder(pickle, read_storage).find();
  check_names(tensors);
  return tensors;
}

bool is_bare_pickle(std::span<const std::byte> file) {
  const std::string_view text = text_of(file);
  return text.size() >= 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5;
}

void refuse_bare_pickle(std::span<const std::byte> file) {
  if (text_of(file).substr(2).starts_with("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) {
    throw FileError(
        "it is in the format that torch.save wrote before version 1.6: save it again with "
        "torch.save(torch.load(FILE), NEW_FILE)");
  }
  throw FileError("it is a pickle that torch.save did not write: expected torch.save(…)");
}

}  // namespace gridproof::reports::files
