// How the program says that what it was given is wrong.
#pragma once

#include <stdexcept>

namespace gridproof::reports {

// One sentence: what, where, and what was expected.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace gridproof::reports
