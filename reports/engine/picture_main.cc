// The small module, of pages that only draw: the reference and its picture.
#include "reports/engine/door.h"
#include "reports/engine/engine.h"

namespace engine = gridproof::reports::engine;

GRIDPROOF_EXPORT(ask) const char* ask(const char* line) { return engine::kept(engine::ask(line)); }
GRIDPROOF_EXPORT(draw)
const char* draw(const char* line, int sample, int channel) {
  return engine::kept(engine::draw(line, {.sample = sample, .channel = channel}));
}
