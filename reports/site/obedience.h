// Who obeys which clause: the matrix of a campaign (`gridproof matrix`), read from matrix.json.
// Tested by site_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "oracle/judge/verdict.h"

namespace gridproof::reports::site {

// What a subject does under a clause.
struct Conduct {
  enum class Kind : std::uint8_t { not_asked, not_tested, judged };
  Kind kind = Kind::not_asked;
  Verdict worst = Verdict::same_bits;  // of `judged`, with the samples that have it
  std::int64_t samples = 0;
  std::int64_t asked = 0;
};

// A finding about a subject, one case of it.
struct Violation {
  std::string clause;
  Verdict verdict = Verdict::deviates;
  std::string sentence;  // "It gives 0 where only 5 is right."
  std::string cause;
  std::string line;  // the case
};

struct JudgedSubject {
  std::string name;    // "peer:onnxruntime"
  std::string called;  // "ONNX Runtime, GridSample 22 1.31.1"
  std::string dialect;
  std::string obstacle;  // why it does not start
  std::int64_t samples = 0;
  std::map<std::string, Conduct, std::less<>> clauses;
  std::vector<Violation> violations;

  [[nodiscard]] Conduct under(std::string_view clause) const;
};

// What somebody answered to a case of a clause.
struct KeptAnswer {
  std::string called;  // who
  Verdict verdict = Verdict::same_bits;
  std::string answer;  // a tensor in the case notation, or what there was instead
};

struct Obedience {
  std::string version;  // of gridproof, which measured it
  std::string command;
  std::string day;
  std::vector<JudgedSubject> subjects;
  std::map<std::string, std::vector<KeptAnswer>, std::less<>> answers;  // by the line of the case
};

// Reads matrix.json and answers.json, which may be empty. Throws InputError for what is no such
// file.
Obedience read_obedience(std::string_view matrix, std::string_view answers);

// A sign, and words for it: "✗", "deviates in 3 % of 1,200 samples".
std::string_view sign_of(const Conduct& conduct);
std::string words_of(const Conduct& conduct);
// One of "right", "remark", "wrong", "unknown", "none": how a page colors it.
std::string_view kind_of(const Conduct& conduct);

}  // namespace gridproof::reports::site
