/* A plug-in that was compiled before there were gradients: everything is 1. */
#include "oracle/subjects/testing/plugin_without_gradients.h"

static int32_t answer(const struct gridproof_case* c) {
  float* const out = c->output->data;
  int64_t count = 1;
  for (int32_t i = 0; i < c->output->rank; ++i) count *= c->output->shape[i];
  for (int64_t i = 0; i < count; ++i) out[i] = 1;
  return c->size == sizeof *c ? GRIDPROOF_ANSWERED : GRIDPROOF_FAILED;
}

const struct gridproof_plugin* gridproof_plugin_v1(void) {
  static const struct gridproof_plugin me = {
      .version = GRIDPROOF_PLUGIN_VERSION, .name = "of old", .release = "1", .answer = answer};
  return &me;
}
