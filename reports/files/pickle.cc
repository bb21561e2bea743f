#include "reports/files/pickle.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "reports/files/byte_reader.h"
#include "reports/files/pickle_opcode.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

using Kind = PickledObject::Kind;
using Place = std::uint32_t;

constexpr std::size_t max_objects = 1'000'000;
constexpr Place other = 0;  // one object stands for all that are of no interest
constexpr std::string_view ordered_dictionary = "collections OrderedDict";

// The machine that a pickle is a program of: a stack, marks on it, and a memo of objects.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, std::span<const std::string_view> globals)
      : reader_(bytes), globals_(globals), objects_(1) {}

  Pickle run() {
    while (!root_) {
      position_ = reader_.position();
      step(reader_.number<std::uint8_t>("an opcode"));
    }
    return {std::move(objects_), *root_};
  }

 private:
  void step(std::uint8_t opcode);
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(fmt::format("{} at byte {} of data.pkl", what, position_));
  }

  template <class Size>
  std::string_view counted_text() {
    const auto size = reader_.number<Size>("the length of a text");
    return reader_.take_text(size, "a text");
  }
  std::string_view line();

  void push(Place place);
  void push(PickledObject object);
  void push_number(std::int64_t number) { push({.kind = Kind::number, .number = number}); }
  void push_text(std::string_view text) { push({.kind = Kind::text, .text = text}); }
  void push_mark();
  void push_long();
  void push_global(std::string_view module, std::string_view name);
  void push_stack_global();
  void push_tuple(std::vector<Place> items) {
    push({.kind = Kind::tuple, .items = std::move(items)});
  }
  void push_call();

  Place top() const;  // above the last mark
  Place pop();
  std::vector<Place> pop(std::size_t count);  // in the order in which they were pushed
  std::vector<Place> pop_to_mark();

  void extend(Kind kind, const std::vector<Place>& items);
  void put(std::size_t number);
  void get(std::size_t number);
  void build();

  ByteReader reader_;
  std::span<const std::string_view> globals_;
  std::size_t position_ = 0;  // of the opcode
  std::vector<PickledObject> objects_;
  std::vector<Place> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::vector<Place> memo_;
  std::optional<Place> root_;
};

std::string_view Machine::line() {
  const std::string_view rest = text_of(reader_.rest());
  const std::size_t size = std::min(rest.find('\n'), rest.size());
  const std::string_view text = reader_.take_text(size, "a name");
  reader_.take(1, "the end of a line");
  return text;
}

void Machine::push(Place place) {
  if (stack_.size() >= max_objects) fail("more than a million objects are on the stack");
  stack_.push_back(place);
}

void Machine::push(PickledObject object) {
  if (objects_.size() >= max_objects) fail("there are more than a million objects");
  objects_.push_back(std::move(object));
  push(static_cast<Place>(objects_.size() - 1));
}

void Machine::push_mark() {
  if (marks_.size() >= max_objects) fail("more than a million marks are on the stack");
  marks_.push_back(stack_.size());
}

// Two's complement of any length, the lowest byte first.
void Machine::push_long() {
  const auto size = reader_.number<std::uint8_t>("the length of a number");
  const auto bytes = reader_.take(size, "a number");
  if (size > 8) return push(other);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) bits |= std::to_integer<std::uint64_t>(bytes[i]) << 8 * i;
  if (size > 0 && size < 8 && (bits >> (8 * size - 1U)) != 0) bits |= ~std::uint64_t{0} << 8 * size;
  push_number(static_cast<std::int64_t>(bits));
}

void Machine::push_global(std::string_view module, std::string_view name) {
  const std::string wanted = fmt::format("{} {}", module, name);
  const auto found = std::ranges::find(globals_, wanted);
  if (found == globals_.end()) {
    throw FileError(
        fmt::format("the global {} at byte {} of data.pkl is not allowed: expected tensors, and "
                    "lists, tuples and dictionaries of tensors",
                    in_quotes(wanted), position_));
  }
  push({.kind = Kind::global, .text = *found});
}

void Machine::push_stack_global() {
  const std::vector<Place> names = pop(2);
  const PickledObject& module = objects_[names[0]];
  const PickledObject& name = objects_[names[1]];
  if (module.kind != Kind::text || name.kind != Kind::text) fail("a global has no name");
  push_global(module.text, name.text);
}

void Machine::push_call() {
  const std::vector<Place> called = pop(2);
  const PickledObject& function = objects_[called[0]];
  const PickledObject& arguments = objects_[called[1]];
  if (function.kind != Kind::global) fail("the pickle calls an object that is not a global");
  if (arguments.kind != Kind::tuple)
    fail("the pickle calls a global with arguments that are not a tuple");
  if (function.text == ordered_dictionary) {
    if (!arguments.items.empty()) fail("the pickle passes arguments to OrderedDict");
    return push({.kind = Kind::dictionary});
  }
  push({.kind = Kind::call, .items = called});
}

Place Machine::top() const {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("the stack is empty");
  return stack_.back();
}

Place Machine::pop() {
  const Place place = top();
  stack_.pop_back();
  return place;
}

std::vector<Place> Machine::pop(std::size_t count) {
  std::vector<Place> items(count);
  for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
  return items;
}

std::vector<Place> Machine::pop_to_mark() {
  if (marks_.empty()) fail("there is no mark on the stack");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  const std::vector<Place> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Machine::extend(Kind kind, const std::vector<Place>& items) {
  PickledObject& target = objects_[top()];
  if (target.kind != kind) {
    fail(kind == Kind::list ? "the pickle appends to an object that is not a list"
                            : "the pickle sets an item in an object that is not a dictionary");
  }
  if (kind == Kind::dictionary && items.size() % 2 != 0) fail("a dictionary key has no value");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

void Machine::put(std::size_t number) {
  if (number >= max_objects) fail("the memo has more than a million objects");
  const Place place = top();
  if (number >= memo_.size()) memo_.resize(number + 1, other);
  memo_[number] = place;
}

void Machine::get(std::size_t number) {
  if (number >= memo_.size()) fail("the pickle reads a memo entry that was never written");
  push(memo_[number]);
}

// Attributes of an object. Those of an OrderedDict hold the versions of modules, which are left
// out.
void Machine::build() {
  pop();
  if (objects_[top()].kind != Kind::dictionary)
    fail("the pickle sets the state of an object that is not a dictionary");
}

void Machine::step(std::uint8_t opcode) {
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::proto:
      if (reader_.number<std::uint8_t>("the protocol") > 5)
        fail("the pickle protocol is unsupported (expected 2 to 5)");
      return;
    case Opcode::frame:
      reader_.take(8, "the length of a frame");
      return;
    case Opcode::mark:
      return push_mark();
    case Opcode::stop:
      root_ = pop();
      return;
    case Opcode::none:
    case Opcode::new_true:
    case Opcode::new_false:
      return push(other);
    case Opcode::binfloat:
      reader_.take(8, "a number");
      return push(other);
    case Opcode::binint:
      return push_number(reader_.number<std::int32_t>("a number"));
    case Opcode::binint1:
      return push_number(reader_.number<std::uint8_t>("a number"));
    case Opcode::binint2:
      return push_number(reader_.number<std::uint16_t>("a number"));
    case Opcode::long1:
      return push_long();
    case Opcode::binunicode:
      return push_text(counted_text<std::uint32_t>());
    case Opcode::short_binunicode:
      return push_text(counted_text<std::uint8_t>());
    case Opcode::binunicode8:
      return push_text(counted_text<std::uint64_t>());
    case Opcode::binbytes:
      counted_text<std::uint32_t>();
      return push(other);
    case Opcode::short_binbytes:
      counted_text<std::uint8_t>();
      return push(other);
    case Opcode::empty_tuple:
      return push_tuple({});
    case Opcode::tuple:
      return push_tuple(pop_to_mark());
    case Opcode::tuple1:
      return push_tuple(pop(1));
    case Opcode::tuple2:
      return push_tuple(pop(2));
    case Opcode::tuple3:
      return push_tuple(pop(3));
    case Opcode::empty_list:
      return push({.kind = Kind::list});
    case Opcode::append:
      return extend(Kind::list, pop(1));
    case Opcode::appends:
      return extend(Kind::list, pop_to_mark());
    case Opcode::empty_dict:
      return push({.kind = Kind::dictionary});
    case Opcode::setitem:
      return extend(Kind::dictionary, pop(2));
    case Opcode::setitems:
      return extend(Kind::dictionary, pop_to_mark());
    case Opcode::binput:
      return put(reader_.number<std::uint8_t>("a memo index"));
    case Opcode::long_binput:
      return put(reader_.number<std::uint32_t>("a memo index"));
    case Opcode::memoize:
      return put(memo_.size());
    case Opcode::binget:
      return get(reader_.number<std::uint8_t>("a memo index"));
    case Opcode::long_binget:
      return get(reader_.number<std::uint32_t>("a memo index"));
    case Opcode::global: {
      const std::string_view module = line();
      return push_global(module, line());
    }
    case Opcode::stack_global:
      return push_stack_global();
    case Opcode::reduce:
      return push_call();
    case Opcode::build:
      return build();
    case Opcode::binpersid:
      return push({.kind = Kind::persistent, .items = pop(1)});
  }
  throw FileError(
      fmt::format("{} at byte {} of data.pkl is not allowed: expected what torch.save writes for "
                  "tensors, and for lists, tuples and dictionaries of tensors",
                  name_of_opcode(opcode), position_));
}

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, std::span<const std::string_view> globals) {
  return Machine(bytes, globals).run();
}

}  // namespace gridproof::reports::files
