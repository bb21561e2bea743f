// The other side of the process protocol: a program in C++ that answers cases on its standard
// streams. Tested by process_subject_test.cc through subject_main.cc.
#pragma once

#include <functional>

#include "oracle/subjects/protocol/wire.h"

namespace gridproof {

// Takes the standard output for messages: a new number for it. From then on whatever writes to the
// standard output (printf, std::cout, a library while it is loaded) is sent to the standard error,
// where it does no harm. -1 if that cannot be done.
int take_standard_output();

inline BackwardAnswer no_gradients(const BackwardCase& /*test_case*/) {
  return Unsupported{"gradients"};
}

// Reads messages from the standard input and writes answers to `out` until it is told to stop or
// the input ends; returns what main() should return. The tensors of a case lie in guarded storage
// (guarded.h), so that `answer` crashes if it reads beyond them, and stay valid for as long as the
// case or a copy of its tensors does. An exception that `answer` throws is reported as an error.
// `backward` likewise, of which started.supports has to say which gradients it has.
int serve(const Started& started, const std::function<Answer(const Case&)>& answer,
          const std::function<BackwardAnswer(const BackwardCase&)>& backward = no_gradients,
          int out = take_standard_output());

}  // namespace gridproof
