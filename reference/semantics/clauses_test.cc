// The clauses as a whole: every case of every clause, and the notation of the texts.
#include "reference/semantics/clauses.h"

#include <gtest/gtest.h>

#include <set>

namespace gridproof {
namespace {

TEST(Clauses, EveryCaseGivesItsAnswer) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& question : clause.cases) {
      SCOPED_TRACE("[" + clause.name + "] " + question.line);
      try {
        const Outcome outcome = run(question);
        EXPECT_TRUE(outcome.passed) << "expected " << outcome.expected << "\ngot      "
                                    << outcome.got;
      } catch (const ParseError& error) {
        ADD_FAILURE() << "column " << error.column() << ": " << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
