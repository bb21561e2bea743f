/* A grid_sample in C as a shared library, to be judged. Copy this file, call yours, and try it:
 *   cc -shared -fPIC -I include/gridproof plugin.c -o libmine.so && gridproof smoke --subject ./libmine.so
 * It answers 4-D f32 nearest, which is enough to show every part. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference/contract/plugin.h"

static int is(const char* given, const char* name, const char* if_left_out) {
  return strcmp(given == NULL ? if_left_out : given, name) == 0;
}

static int32_t give_up(const struct gridproof_case* c, int32_t result, const char* why) {
  snprintf(c->message, c->message_size, "%s", why);
  return result;
}

static int32_t answer(const struct gridproof_case* c) {
  const struct gridproof_tensor *in = c->input, *grid = c->grid, *out = c->output;
  if (out == NULL) return give_up(c, GRIDPROOF_REFUSED, "the shapes of input and grid do not fit");
  if (in->dtype != GRIDPROOF_F32 || grid->dtype != GRIDPROOF_F32 || in->rank != 4)
    return give_up(c, GRIDPROOF_UNSUPPORTED, "4-D f32 only");
  if (!is(c->mode, "nearest", "bilinear") || !is(c->padding_mode, "zeros", "zeros"))
    return give_up(c, GRIDPROOF_UNSUPPORTED, "nearest with zeros only");
  const int64_t H = in->shape[2], W = in->shape[3];
  if (H == 0 || W == 0) return give_up(c, GRIDPROOF_REFUSED, "the input has no pixels");
  const int corners = c->align_corners == 1; /* left out means False */
  for (int64_t n = 0; n < out->shape[0]; ++n)
    for (int64_t i = 0; i < out->shape[2]; ++i)
      for (int64_t j = 0; j < out->shape[3]; ++j) {
        const float* at = (const float*)grid->data + n * grid->strides[0] + i * grid->strides[1] +
                          j * grid->strides[2];
        const float x = isnan(at[0]) ? -1 : at[0], y = isnan(at[grid->strides[3]]) ? -1 : at[grid->strides[3]];
        const float u = nearbyintf(corners ? (x + 1) / 2 * (float)(W - 1) : ((x + 1) * (float)W - 1) / 2);
        const float v = nearbyintf(corners ? (y + 1) / 2 * (float)(H - 1) : ((y + 1) * (float)H - 1) / 2);
        /* Infinity is outside, on an axis of one pixel as well. */
        const int inside = !isinf(x) && !isinf(y) && u >= 0 && u < (float)W && v >= 0 && v < (float)H;
        for (int64_t k = 0; k < out->shape[1]; ++k) {
          float* const to = (float*)out->data + n * out->strides[0] + k * out->strides[1] +
                            i * out->strides[2] + j * out->strides[3];
          *to = inside ? ((const float*)in->data)[n * in->strides[0] + k * in->strides[1] +
                                                  (int64_t)v * in->strides[2] + (int64_t)u * in->strides[3]]
                       : 0;
        }
      }
  return GRIDPROOF_ANSWERED;
}

const struct gridproof_plugin* gridproof_plugin_v1(void) {
  static const struct gridproof_plugin me = {
      .version = GRIDPROOF_PLUGIN_VERSION, .name = "C example", .release = "1", .language = "C", .answer = answer};
  return &me;
}
