// What somebody reads who gave bad input.
#pragma once

#include <string>

#include "reports/text/input_error.h"

namespace gridproof::reports {

template <class Function>
std::string error_of(Function&& function) {
  try {
    function();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace gridproof::reports
