// The whole module, of pages that answer questions: reference, exact oracle, judge and mutants.
#include "reports/engine/door.h"
#include "reports/engine/engine.h"

namespace engine = gridproof::reports::engine;

GRIDPROOF_EXPORT(ask) const char* ask(const char* line) { return engine::kept(engine::ask(line)); }
GRIDPROOF_EXPORT(draw)
const char* draw(const char* line, int sample, int channel) {
  return engine::kept(engine::draw(line, {.sample = sample, .channel = channel}));
}
GRIDPROOF_EXPORT(look)
const char* look(const char* line, int sample, int channel, const char* profile,
                 const char* answer) {
  return engine::kept(engine::look(line, {.sample = sample, .channel = channel}, profile, answer));
}
GRIDPROOF_EXPORT(script)
const char* script(const char* line, const char* answer) {
  return engine::kept(engine::script(line, answer));
}
GRIDPROOF_EXPORT(judge)
const char* judge(const char* line, const char* answer, const char* profile) {
  return engine::kept(engine::judge(line, answer, profile));
}
GRIDPROOF_EXPORT(answer_of)
const char* answer_of(const char* mutant, const char* line, const char* profile) {
  return engine::kept(engine::answer_of(mutant, line, profile));
}
