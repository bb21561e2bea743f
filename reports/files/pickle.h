// Pickles, Python's programs that build objects, read without running anything: of their opcodes
// only those that torch.save writes, and of Python's names only those that the caller allows. What
// such a name would do when it is called is left to the caller. Tested by pickle_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

struct PickledObject {
  enum class Kind : std::uint8_t {
    other,       // None, True and False, floats, bytes, numbers beyond 64 bits
    number,      // a whole number
    text,        //
    tuple,       // its items
    list,        // its items
    dictionary,  // keys and values in turn; OrderedDict too
    global,      // a name of Python's: "module name"
    call,        // a global and the tuple of its arguments
    persistent   // what stands for something outside of the pickle
  };
  Kind kind = Kind::other;
  std::int64_t number = 0;
  std::string_view text;
  std::vector<std::uint32_t>
      items;  // their places among the objects; an object may be its own item
};

struct Pickle {
  std::vector<PickledObject> objects;
  std::uint32_t root = 0;

  [[nodiscard]] const PickledObject& at(std::uint32_t place) const { return objects[place]; }
};

// `globals` are the names that are allowed. The result refers to both. Throws FileError for another
// opcode or global, which it names, for what is no pickle, and for more than a million objects.
Pickle read_pickle(std::span<const std::byte> bytes, std::span<const std::string_view> globals);

}  // namespace gridproof::reports::files
