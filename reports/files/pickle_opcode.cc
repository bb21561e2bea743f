#include "reports/files/pickle_opcode.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace gridproof::reports::files {

std::string name_of_opcode(std::uint8_t byte) {
  static constexpr std::pair<std::uint8_t, std::string_view> names[] = {
      {'0', "POP"},          {'1', "POP_MARK"},
      {'2', "DUP"},          {'F', "FLOAT"},
      {'I', "INT"},          {'L', "LONG"},
      {'P', "PERSID"},       {'S', "STRING"},
      {'T', "BINSTRING"},    {'U', "SHORT_BINSTRING"},
      {'V', "UNICODE"},      {'d', "DICT"},
      {'g', "GET"},          {'i', "INST"},
      {'l', "LIST"},         {'o', "OBJ"},
      {'p', "PUT"},          {0x81, "NEWOBJ"},
      {0x82, "EXT1"},        {0x83, "EXT2"},
      {0x84, "EXT4"},        {0x8b, "LONG4"},
      {0x8e, "BINBYTES8"},   {0x8f, "EMPTY_SET"},
      {0x90, "ADDITEMS"},    {0x91, "FROZENSET"},
      {0x92, "NEWOBJ_EX"},   {0x96, "BYTEARRAY8"},
      {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"}};
  for (const auto& [code, name] : names) {
    if (code == byte) return fmt::format("the opcode {}", name);
  }
  return fmt::format("the byte 0x{:02x}", byte);
}

}  // namespace gridproof::reports::files
