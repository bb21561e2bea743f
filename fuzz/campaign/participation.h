// What a subject takes part in, found by asking it. Tested by participation_test.cc.
#pragma once

#include <string>
#include <vector>

#include "fuzz/domain/part.h"
#include "reference/contract/subject.h"

namespace gridproof {

// A harmless question of a kind, of some layout: small, with ordinary numbers.
Case harmless_question(std::size_t kind, Layout layout = Layout::dense);

// Asks one harmless question of each kind, and of each layout. What is answered, refused or lost
// belongs to the part; what is unsupported does not.
Part part_of(Subject& subject);

// Which gradients a subject has, and of which part of the operator, likewise. Empty, if it has
// none.
struct GradientPart {
  Part part;
  OutputMask mask;
};
GradientPart gradient_part_of(Subject& subject);

// The same question with ordinary numbers: what a subject declines although it answers this, it
// declines by looking at the values.
Case with_ordinary_values(const Case& test_case);

// The kinds of a part without their flags, "bilinear zeros 4-D f32", sorted.
std::vector<std::string> kinds_in_words(const Part& part);

}  // namespace gridproof
