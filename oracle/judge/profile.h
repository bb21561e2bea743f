// Profiles: how strict the judge is about arithmetic. The semantics are the same in all of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/contract/dtype.h"

namespace gridproof {

struct Profile {
  enum class Kind : std::uint8_t {
    same_bits,           // P0: the bits of the reference
    ieee,                // P1: IEEE arithmetic in the tensor's type, fused or wider at will
    flush,               // P2: P1, and subnormal numbers may be flushed to zero
    formula,             // P3: P1, with any listed formula
    narrow_coordinates,  // P4c(type): coordinates computed in `type`
    narrow_arithmetic,   // P4a(type): every operation rounded to `type`
    texture,             // P5(bits): P3, and the fraction of a linear mode has so many bits
  };
  Kind kind = Kind::ieee;
  Dtype type = Dtype::f32;  // of P4c and P4a only
  int bits = 0;             // of P5 only, from 1 to 23

  [[nodiscard]] bool has_any_formula() const {
    return kind == Kind::formula || kind == Kind::texture;
  }
  friend bool operator==(const Profile&, const Profile&) = default;
};

std::string to_string(const Profile& profile);  // "P1", "P4c(f16)", "P5(8)"
std::optional<Profile> parse_profile(std::string_view text);

}  // namespace gridproof
