// What a page computes: a question in the notation of the case line
// (reference/semantics/clauses.md) goes in, what the reference, the exact oracle and the judge say
// of it comes out, as JSON. The program writes pages with these functions, and the WebAssembly
// modules have the same ones (picture_main.cc, question_main.cc), so that a page says what the
// program says. Tested by engine_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/page/picture.h"

namespace gridproof::reports::engine {

// What a question is and what it has for an answer:
//
//   {"line": canonical, "question": in short, "output": "f32[1,1,2,2]",
//    "answer": a tensor in the case notation, "samples": 4, "channels": 1}
//
// or, of one that the documentation does not answer, {"line", "question", "refused": {"clause",
// "message"}}; of a conversion such as `position`, whose line it repeats, {"line", "answer"}. An
// answer of more than 4096 elements is left out. Throws ParseError.
std::string ask(std::string_view line);

// The picture of an element. Throws ParseError, and std::invalid_argument where there is no such
// element.
std::string draw(std::string_view line, const Element& element);

// An element of an answer:
//
//   {"location": "n=0, h=0, w=1", "coordinate": "(0.5, nan)", "value", "exact", "admissible",
//    "undecided", "clause", "explanation": lines of text, "line": SVG, see number_line.h}
//
// `profile`: "P1". `answer`: what somebody else got, a tensor in the case notation, or nothing; it
// is drawn with the set. Throws as `draw`.
std::string look(std::string_view line, const Element& element, std::string_view profile,
                 std::string_view answer = "");

// A Python script that puts the question to PyTorch, and prints its answer beside what is right
// and, if it is given, what somebody got. Empty for a question that is refused or not small. Throws
// ParseError.
std::string script(std::string_view line, std::string_view answer = "");

// What the judge says of an answer, a tensor in the case notation:
//
//   {"verdict": the worst, "clause", "samples": {"same-bits": 3, "deviates": 1},
//    "notable": [{"sample", "channel", "verdict", "clause", "within", "reason"}]}
//
// Throws ParseError.
std::string judge(std::string_view line, std::string_view answer, std::string_view profile);

// What a named wrong semantics answers: {"answer", and what `judge` gives}. Throws ParseError, and
// std::invalid_argument for a name that no mutant has.
std::string answer_of(std::string_view mutant, std::string_view line, std::string_view profile);

}  // namespace gridproof::reports::engine
