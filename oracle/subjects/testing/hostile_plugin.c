/* Plug-ins of every kind of bad behavior, one for each macro (CMakeLists.txt); plugin_test.cc says
 * what is made of them. */
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined __SSE2__
#include <xmmintrin.h>
#endif

#include "reference/contract/plugin.h"

#if defined PRINTS_WHILE_LOADING
__attribute__((constructor)) static void load(void) {
  printf("Welcome to the library\n");
  fflush(stdout);
  (void)!write(1, "{}\n", 3);
}
#elif defined FLUSHES_WHILE_LOADING && defined __SSE2__
__attribute__((constructor)) static void load(void) { _mm_setcsr(_mm_getcsr() | 0x8040U); }
#elif defined ROUNDS_WHILE_LOADING
__attribute__((constructor)) static void load(void) { fesetround(FE_TOWARDZERO); }
#endif

#ifndef NO_SYMBOL
static int64_t elements(const struct gridproof_tensor* t) {
  int64_t count = 1;
  for (int32_t i = 0; i < t->rank; ++i) count *= t->shape[i];
  return count;
}

static int32_t answer(const struct gridproof_case* c) {
  float* const out = c->output->data;
  float* const in = c->input->data;
  const int64_t count = elements(c->output);
  (void)in, (void)out, (void)count;
#ifndef WRITES_NOTHING
  for (int64_t i = 0; i < count; ++i) out[i] = 1;
#endif
#if defined CRASHES
  abort();
#elif defined READS_BEYOND
  out[0] = ((volatile float*)in)[elements(c->input)];
#elif defined WRITES_BEYOND
  ((volatile float*)out)[count] = 1;
#elif defined WRITES_BEFORE
  ((volatile float*)out)[-3] = 1;
#elif defined WRITES_BEFORE_INPUT
  ((volatile float*)in)[-1] = 1;
#elif defined CHANGES_ROUNDING
  fesetround(FE_UPWARD);
#elif defined CHANGES_ROUNDING_OF_VECTORS && defined __SSE2__
  _MM_SET_ROUNDING_MODE(_MM_ROUND_TOWARD_ZERO);
#elif defined FLUSHES && defined __SSE2__
  _mm_setcsr(_mm_getcsr() | 0x8040U);
#elif defined ROUNDS_AND_RESTORES
  const int before = fegetround();
  fesetround(FE_DOWNWARD);
  fesetround(before);
#elif defined WRITES_TO_INPUT
  in[0] = 7;
#elif defined WRITES_HALF
  memset(out + count / 2, 0xff, (size_t)(count - count / 2) * sizeof *out);
#elif defined RETURNS_NONSENSE
  return 4711;
#elif defined SAYS_MUCH
  memset(c->message, 'x', c->message_size); /* no 0 at the end */
  return GRIDPROOF_REFUSED;
#elif defined PRINTS
  printf("{\"type\":\"answer\"}\n");
  fflush(stdout);
#elif defined EXITS
  _exit(0);
#elif defined HANGS
  sleep(1000);
#elif defined FAILS
  snprintf(c->message, c->message_size, "no device");
  return GRIDPROOF_FAILED;
#endif
  return GRIDPROOF_ANSWERED;
}

#ifdef HAS_GRADIENTS
int32_t gridproof_backward_v1(const struct gridproof_backward_case* c) {
  float* const to = c->grad_input->data;
  const int64_t count = elements(c->grad_input);
#ifndef GRADIENTS_NOT_WRITTEN
  for (int64_t i = 0; i < 2 * elements(c->grad_output); ++i) ((float*)c->grad_grid->data)[i] = 0;
#if defined GRADIENTS_NOT_CLEARED
  for (int64_t i = 0; i < count; ++i) to[i] += 1;
#else
  for (int64_t i = 0; i < count; ++i) to[i] = 1;
#endif
#endif
#if defined GRADIENTS_CRASH
  abort();
#elif defined GRADIENTS_READ_BEYOND
  to[0] = ((volatile float*)c->grad_output->data)[elements(c->grad_output)];
#elif defined GRADIENTS_WRITE_BEYOND
  ((volatile float*)to)[count] = 1;
#elif defined GRADIENTS_WRITE_BEFORE
  ((volatile float*)c->grad_grid->data)[-2] = 1;
#elif defined GRADIENTS_WRITE_TO_GIVEN
  ((float*)c->grad_output->data)[0] = 7;
#elif defined GRADIENTS_ROUND
  fesetround(FE_UPWARD);
#elif defined GRADIENTS_FAIL
  snprintf(c->forward->message, c->forward->message_size, "no device");
  return GRIDPROOF_FAILED;
#endif
  (void)to, (void)count;
  return GRIDPROOF_ANSWERED;
}
#endif

const struct gridproof_plugin* gridproof_plugin_v1(void) {
  static const struct gridproof_plugin me = {
#ifdef WRONG_VERSION
      .version = 99,
#else
      .version = GRIDPROOF_PLUGIN_VERSION,
#endif
      .name = "hostile",
      .release = "1",
#ifdef WRONG_DIALECT
      .dialect = "klingon",
#endif
#ifndef NO_ANSWER
      .answer = answer,
#endif
  };
#ifdef NO_PLUGIN
  return (void)&me, NULL;
#else
  return &me;
#endif
}
#endif
