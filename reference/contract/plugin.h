/* How gridproof judges a grid_sample in a shared library: `gridproof check --subject ./libmine.so`.
 *
 * Plain C, no library needed. The shared library exports one function, gridproof_plugin_v1, which
 * identifies the implementation and says how to call it, and, if there are gradients, a second one,
 * gridproof_backward_v1. It is loaded into its own process, so it may crash. Tensors end where
 * memory ends, so reading or writing beyond them is caught. An example:
 * oracle/subjects/templates/plugin.c. Tested by oracle/subjects/serve/plugin_test.cc. */
/* NOLINTBEGIN(readability-identifier-naming): names as C has them */
#ifndef GRIDPROOF_PLUGIN_H
#define GRIDPROOF_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GRIDPROOF_PLUGIN_VERSION 1

enum gridproof_dtype {
  GRIDPROOF_F16 = 0, /* IEEE binary16 */
  GRIDPROOF_BF16 = 1,
  GRIDPROOF_F32 = 2,
  GRIDPROOF_F64 = 3,
  GRIDPROOF_I32 = 4 /* sent on purpose: grid_sample has no integer dtype */
};

/* The element with the indices i, j, … is number i * strides[0] + j * strides[1] + … after the one
 * that `data` points at. Strides count elements and may be 0 or negative. */
struct gridproof_tensor {
  void* data;
  int32_t dtype; /* of gridproof_dtype */
  int32_t rank;  /* 0 … 8 */
  const int64_t* shape;
  const int64_t* strides;
};

struct gridproof_case {
  uint32_t size;                        /* of this structure, which may grow at its end */
  const struct gridproof_tensor* input; /* (N, C, H, W) or (N, C, D, H, W); not to be written to */
  const struct gridproof_tensor* grid;  /* (N, H, W, 2) or (N, D, H, W, 3); not to be written to */
  /* To be filled: (N, C, H, W) or (N, C, D, H, W) with the grid's sizes, dense, of the input's
   * dtype. NULL if input and grid do not match: then refuse the case. */
  const struct gridproof_tensor* output;
  const char* mode;         /* "bilinear", …, or any other text; NULL: left out by the caller */
  const char* padding_mode; /* likewise */
  int32_t align_corners;    /* 0, 1, or -1: left out by the caller */
  /* Room for one sentence, ended by a 0, that goes with all results but GRIDPROOF_ANSWERED. */
  char* message;
  size_t message_size;
};

enum gridproof_result {
  GRIDPROOF_ANSWERED = 0,
  GRIDPROOF_REFUSED = 1,     /* the operator refuses this case (an unknown mode, wrong shapes) */
  GRIDPROOF_UNSUPPORTED = 2, /* this implementation does not support this case (a dtype, a rank) */
  GRIDPROOF_FAILED = 3       /* it should have answered but could not */
};

struct gridproof_plugin {
  int32_t version;      /* GRIDPROOF_PLUGIN_VERSION */
  const char* name;     /* who this is */
  const char* release;  /* which version of it */
  const char* language; /* this and the following may be NULL */
  const char* homepage;
  const char* issues;  /* where to report findings */
  const char* dialect; /* which text binds it: "pytorch" (also NULL) or "onnx" */
  /* Answers one case. Called by one thread at a time. Returns a gridproof_result. */
  int32_t (*answer)(const struct gridproof_case* test_case);
};

/* The exported symbol. Everything that it points at must stay valid. */
const struct gridproof_plugin* gridproof_plugin_v1(void);

/* A question for gradients: those of the sum of output * grad_output. */
struct gridproof_backward_case {
  uint32_t size; /* of this structure, which may grow at its end */
  /* Input, grid and options, and the room for a message. The output is NULL if input and grid do
   * not match; else it has the shape that grad_output should have, and no data. */
  const struct gridproof_case* forward;
  const struct gridproof_tensor* grad_output; /* in any layout; not to be written to */
  /* To be filled: of the shape and dtype of the input, and of the grid; dense; not cleared before.
   * NULL: not wanted. */
  const struct gridproof_tensor* grad_input;
  const struct gridproof_tensor* grad_grid;
};

/* A symbol to be exported beside it, by those that have gradients. Called by the same thread.
 * Returns a gridproof_result. */
int32_t gridproof_backward_v1(const struct gridproof_backward_case* test_case);

#ifdef __cplusplus
}
#endif

#endif
/* NOLINTEND(readability-identifier-naming) */
