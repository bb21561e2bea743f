#include "oracle/exact/ratio.h"

namespace gridproof::exact {

// Enough bits of the quotient for every number of the format and every tie between two of them to
// be among its prefixes; one bit more says that the rest is not zero, so that what lies between
// them stays there.
double round_to(const Format& format, const Ratio& value) {
  if (value.numerator.is_zero()) return 0;
  const Dyadic magnitude = abs(value.numerator);
  const int leading = magnitude.leading_exponent() - value.denominator.leading_exponent();
  const int places = format.precision + 2 - leading;
  const Dyadic shifted = magnitude.scaled(places);
  const Dyadic whole = shifted.floor_quotient(value.denominator);
  const int rest = whole * value.denominator == shifted ? 0 : 1;
  const Dyadic kept = (whole.scaled(1) + rest).scaled(-places - 1);
  return round_to(format, value.numerator.sign() < 0 ? -kept : kept);
}

}  // namespace gridproof::exact
