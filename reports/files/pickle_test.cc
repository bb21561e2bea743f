#include "reports/files/pickle.h"

#include <gtest/gtest.h>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

constexpr std::string_view globals[] = {"torch Size", "collections OrderedDict"};
using Kind = PickledObject::Kind;

// A pickle and the bytes that it refers to.
struct Example {
  explicit Example(const std::string& text)
      : bytes(bytes_of(text)), pickle(read_pickle(bytes, globals)) {}
  [[nodiscard]] const PickledObject& root() const { return pickle.at(pickle.root); }
  [[nodiscard]] const PickledObject& item(std::size_t place) const {
    return pickle.at(root().items[place]);
  }

  Bytes bytes;
  Pickle pickle;
};
std::string error_of_pickle(const std::string& text) {
  return error_of([&] { const Example example(text); });
}

TEST(Pickle, Numbers) {
  const auto number = [](const std::string& text) { return Example(text).root().number; };
  EXPECT_EQ(number("K\xff."), 255);
  EXPECT_EQ(number("M\xff\xff."), 65535);
  EXPECT_EQ(number("J\xfe\xff\xff\xff."), -2);
  EXPECT_EQ(number(std::string("\x8a\x00.", 3)), 0);
  EXPECT_EQ(number("\x8a\x01\xfe."), -2);
  EXPECT_EQ(number(std::string("\x8a\x05\x00\x00\x00\x00\x01.", 8)), std::int64_t{1} << 32);
  EXPECT_EQ(number("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\xff."), -1);
  EXPECT_EQ(Example("\x8a\tninebytes.").root().kind, Kind::other);
  EXPECT_EQ(Example("G12345678.").root().kind, Kind::other);
}

TEST(Pickle, Texts) {
  const auto text = [](const std::string& pickle) {
    return std::string(Example(pickle).root().text);
  };
  EXPECT_EQ(text(std::string("X\x02\x00\x00\x00hi.", 8)), "hi");
  EXPECT_EQ(text("\x8c\x02hi."), "hi");
  EXPECT_EQ(text(std::string("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi.", 12)), "hi");
  EXPECT_EQ(Example("C\x02hi.").root().kind, Kind::other);
}

TEST(Pickle, Containers) {
  EXPECT_TRUE(Example(").").root().items.empty());
  EXPECT_EQ(Example("(K\1K\2t.").item(1).number, 2);
  EXPECT_EQ(Example("K\1K\2\x86.").item(0).number, 1);
  EXPECT_EQ(Example("](K\1K\2e.").item(1).number, 2);
  EXPECT_EQ(Example("]K\7a.").item(0).number, 7);
  EXPECT_EQ(Example("}\x8c\1aK\7s.").item(1).number, 7);
  EXPECT_EQ(Example("}(\x8c\1aK\7u.").item(0).text, "a");
  EXPECT_EQ(Example("ccollections\nOrderedDict\n)R}b.").root().kind, Kind::dictionary);
}

TEST(Pickle, TheMemoSharesObjects) {
  const Example example(std::string("]q\0](h\0h\0e\x86.", 12));
  EXPECT_EQ(example.root().items[0], example.item(1).items[1]);
  EXPECT_EQ(Example(std::string("]q\0h\0a.", 7)).item(0).kind, Kind::list);  // in itself
  EXPECT_EQ(Example(std::string("K\7\x94h\0\x86.", 7)).item(1).number, 7);
}

TEST(Pickle, CallsAreLeftToTheCaller) {
  const Example example("\x80\x04\x8c\5torch\x8c\4Size\x93K\1\x85\x85R.");
  EXPECT_EQ(example.root().kind, Kind::call);
  EXPECT_EQ(example.item(0).text, "torch Size");
  EXPECT_EQ(Example("K\1Q.").root().kind, Kind::persistent);
}

TEST(Pickle, OtherGlobalsAreRefusedByName) {
  EXPECT_EQ(error_of_pickle("\x80\x02"
                            "cposix\nsystem\n\x8c\x04"
                            "evil\x85R."),
            "the global 'posix system' at byte 2 of data.pkl is not allowed: expected tensors, and "
            "lists, tuples and dictionaries of tensors");
  EXPECT_EQ(error_of_pickle("\x80\x04\x8c\x08"
                            "builtins\x8c\x04"
                            "eval\x93."),
            "the global 'builtins eval' at byte 18 of data.pkl is not allowed: expected tensors, "
            "and lists, tuples and dictionaries of tensors");
}

TEST(Pickle, OtherOpcodesAreRefusedByName) {
  EXPECT_EQ(error_of_pickle("(iposix\nsystem\n."),
            "the opcode INST at byte 1 of data.pkl is not allowed: expected what torch.save writes "
            "for tensors, and for lists, tuples and dictionaries of tensors");
  EXPECT_TRUE(error_of_pickle("\x8f.").starts_with("the opcode EMPTY_SET at byte 0 "));
  EXPECT_TRUE(error_of_pickle("\xff.").starts_with("the byte 0xff at byte 0 "));
}

TEST(Pickle, ABrokenProgramIsRefused) {
  const std::pair<std::string, std::string> programs[] = {
      {"", "it ends too early: an opcode at byte 0 needs 1 bytes, but 0 are left"},
      {".", "the stack is empty at byte 0 of data.pkl"},
      {"N(.", "the stack is empty at byte 2 of data.pkl"},  // what is below a mark is out of reach
      {"Nt.", "there is no mark on the stack at byte 1 of data.pkl"},
      {"NK\1a.", "the pickle appends to an object that is not a list at byte 3 of data.pkl"},
      {"]NNs.",
       "the pickle sets an item in an object that is not a dictionary at byte 3 of data.pkl"},
      {"}(Nu.", "a dictionary key has no value at byte 3 of data.pkl"},
      {"h\1.", "the pickle reads a memo entry that was never written at byte 0 of data.pkl"},
      {"Nr\xff\xff\xff\xff.", "the memo has more than a million objects at byte 1 of data.pkl"},
      {"NNR.", "the pickle calls an object that is not a global at byte 2 of data.pkl"},
      {"NN\x93.", "a global has no name at byte 2 of data.pkl"},
      {"]Nb.",
       "the pickle sets the state of an object that is not a dictionary at byte 2 of data.pkl"},
      {"\x80\x06.", "the pickle protocol is unsupported (expected 2 to 5) at byte 0 of data.pkl"},
      {"ctorch\nSize",
       "it ends too early: the end of a line at byte 11 needs 1 bytes, but 0 are left"},
      {"X\xff\xff\xff\xff.",
       "it ends too early: a text at byte 5 needs 4294967295 bytes, but 1 are left"}};
  for (const auto& [program, why] : programs) EXPECT_EQ(error_of_pickle(program), why);
}

TEST(Pickle, ObjectsAreCounted) {
  EXPECT_TRUE(
      error_of_pickle(std::string(1'100'000, ']')).starts_with("there are more than a million"));
  EXPECT_TRUE(
      error_of_pickle(std::string(1'100'000, 'N')).starts_with("more than a million objects"));
  EXPECT_TRUE(
      error_of_pickle(std::string(1'100'000, '(')).starts_with("more than a million marks"));
  EXPECT_EQ(error_of_pickle(")" + std::string(900'000, '\x85') + "."),
            "none");  // deep, and no stack
}

}  // namespace
}  // namespace gridproof::reports::files
