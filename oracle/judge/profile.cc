#include "oracle/judge/profile.h"

#include <array>

namespace gridproof {
namespace {

constexpr std::array<std::string_view, 7> kinds = {"P0", "P1", "P2", "P3", "P4c", "P4a", "P5"};
constexpr int max_bits = 23;

bool has_type(Profile::Kind kind) {
  return kind == Profile::Kind::narrow_coordinates || kind == Profile::Kind::narrow_arithmetic;
}

}  // namespace

std::string to_string(const Profile& profile) {
  std::string text(kinds[static_cast<std::size_t>(profile.kind)]);
  if (has_type(profile.kind)) text += '(' + std::string(name(profile.type)) + ')';
  if (profile.kind == Profile::Kind::texture) text += '(' + std::to_string(profile.bits) + ')';
  return text;
}

std::optional<Profile> parse_profile(std::string_view text) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    Profile profile{.kind = static_cast<Profile::Kind>(i)};
    if (profile.kind == Profile::Kind::texture) {
      for (profile.bits = 1; profile.bits <= max_bits; ++profile.bits) {
        if (text == to_string(profile)) return profile;
      }
      continue;
    }
    if (!has_type(profile.kind)) {
      if (text == kinds[i]) return profile;
      continue;
    }
    for (const Dtype type : {Dtype::f16, Dtype::bf16}) {
      profile.type = type;
      if (text == to_string(profile)) return profile;
    }
  }
  return std::nullopt;
}

}  // namespace gridproof
