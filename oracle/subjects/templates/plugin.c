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

static float* element(const struct gridproof_tensor* t, int64_t n, int64_t k, int64_t i, int64_t j) {
  return (float*)t->data + n * t->strides[0] + k * t->strides[1] + i * t->strides[2] + j * t->strides[3];
}

/* Fills `out` from the pixels of `in`; or, backward, clears those, if any, and adds `out` to them. */
static int32_t run(const struct gridproof_case* c, const struct gridproof_tensor* in,
                   const struct gridproof_tensor* out, int backward) {
  if (c->output == NULL) return give_up(c, GRIDPROOF_REFUSED, "the shapes of input and grid do not fit");
  if (c->input->dtype != GRIDPROOF_F32 || c->grid->dtype != GRIDPROOF_F32 || c->input->rank != 4 ||
      !is(c->mode, "nearest", "bilinear") || !is(c->padding_mode, "zeros", "zeros"))
    return give_up(c, GRIDPROOF_UNSUPPORTED, "4-D f32 nearest with zeros only");
  const int64_t N = c->input->shape[0], C = c->input->shape[1], H = c->input->shape[2], W = c->input->shape[3];
  if (H == 0 || W == 0) return give_up(c, GRIDPROOF_REFUSED, "the input has no pixels");
  const int corners = c->align_corners == 1; /* left out means False */
  if (in == NULL) return GRIDPROOF_ANSWERED;
  if (backward) memset(in->data, 0, (size_t)(N * C * H * W) * sizeof(float));
  for (int64_t n = 0; n < N; ++n)
    for (int64_t i = 0; i < out->shape[2]; ++i)
      for (int64_t j = 0; j < out->shape[3]; ++j) {
        const float *at_x = element(c->grid, n, i, j, 0), *at_y = element(c->grid, n, i, j, 1);
        const float x = isnan(*at_x) ? -1 : *at_x, y = isnan(*at_y) ? -1 : *at_y;
        const float u = nearbyintf(corners ? (x + 1) / 2 * (float)(W - 1) : ((x + 1) * (float)W - 1) / 2);
        const float v = nearbyintf(corners ? (y + 1) / 2 * (float)(H - 1) : ((y + 1) * (float)H - 1) / 2);
        /* Infinity is outside, on an axis of one pixel as well. */
        const int inside = !isinf(x) && !isinf(y) && u >= 0 && u < (float)W && v >= 0 && v < (float)H;
        for (int64_t k = 0; k < C; ++k) {
          float* const value = element(out, n, k, i, j);
          float* const pixel = inside ? element(in, n, k, (int64_t)v, (int64_t)u) : NULL;
          if (!backward) *value = pixel == NULL ? 0 : *pixel;
          else if (pixel != NULL) *pixel += *value;
        }
      }
  return GRIDPROOF_ANSWERED;
}

static int32_t answer(const struct gridproof_case* c) { return run(c, c->input, c->output, 0); }

/* Gradients: leave this function out if there are none. */
int32_t gridproof_backward_v1(const struct gridproof_backward_case* c) {
  const struct gridproof_tensor *g = c->grad_output, *out = c->forward->output;
  if (out != NULL && (g->dtype != out->dtype || g->rank != out->rank ||
                      memcmp(g->shape, out->shape, (size_t)g->rank * sizeof *g->shape) != 0))
    return give_up(c->forward, GRIDPROOF_REFUSED, "grad_output does not fit the output");
  const int32_t result = run(c->forward, c->grad_input, g, 1);
  if (result == GRIDPROOF_ANSWERED && c->grad_grid != NULL) /* 0: the nearest pixel stays the same */
    memset(c->grad_grid->data, 0, (size_t)(g->shape[0] * g->shape[2] * g->shape[3]) * 2 * sizeof(float));
  return result;
}

const struct gridproof_plugin* gridproof_plugin_v1(void) {
  static const struct gridproof_plugin me = {
      .version = GRIDPROOF_PLUGIN_VERSION, .name = "C example", .release = "1", .language = "C", .answer = answer};
  return &me;
}
