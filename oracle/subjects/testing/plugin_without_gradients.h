/* reference/contract/plugin.h as it was before there were gradients, for the plug-ins that were
 * compiled then. */
/* NOLINTBEGIN(readability-identifier-naming): names as C has them */
#ifndef GRIDPROOF_PLUGIN_WITHOUT_GRADIENTS_H
#define GRIDPROOF_PLUGIN_WITHOUT_GRADIENTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GRIDPROOF_PLUGIN_VERSION 1

enum gridproof_dtype {
  GRIDPROOF_F16 = 0,
  GRIDPROOF_BF16 = 1,
  GRIDPROOF_F32 = 2,
  GRIDPROOF_F64 = 3,
  GRIDPROOF_I32 = 4
};

struct gridproof_tensor {
  void* data;
  int32_t dtype;
  int32_t rank;
  const int64_t* shape;
  const int64_t* strides;
};

struct gridproof_case {
  uint32_t size;
  const struct gridproof_tensor* input;
  const struct gridproof_tensor* grid;

  const struct gridproof_tensor* output;
  const char* mode;
  const char* padding_mode;
  int32_t align_corners;

  char* message;
  size_t message_size;
};

enum gridproof_result {
  GRIDPROOF_ANSWERED = 0,
  GRIDPROOF_REFUSED = 1,
  GRIDPROOF_UNSUPPORTED = 2,
  GRIDPROOF_FAILED = 3
};

struct gridproof_plugin {
  int32_t version;
  const char* name;
  const char* release;
  const char* language;
  const char* homepage;
  const char* issues;
  const char* dialect;

  int32_t (*answer)(const struct gridproof_case* test_case);
};

const struct gridproof_plugin* gridproof_plugin_v1(void);

#ifdef __cplusplus
}
#endif

#endif
/* NOLINTEND(readability-identifier-naming) */
