/* What the driver of integer products and its tiles say to each other. */
#pragma once

#include "CKernelsIntegers.h"

/* Rows at a time, whose bytes stay in the second cache while panels pass by. */
enum { CK_INTEGER_BLOCK = 96 };

/* Rows first ... first + count - 1, at most CK_INTEGER_BLOCK of them, and all outputs. */
typedef void ck_integer_rows(const ck_integer_task *task, int64_t first, int64_t count);

extern ck_integer_rows ck_integer_rows_plain;
#if defined(__x86_64__)
extern ck_integer_rows ck_integer_rows_avx2, ck_integer_rows_vnni;
#endif

static inline int64_t ck_integer_groups(int64_t K) { return (K + CK_INTEGER_GROUP - 1) / CK_INTEGER_GROUP; }

/* What sum s of output n is as a number. */
static inline float ck_integer_output(const ck_integer_task *task, int32_t s, int64_t n) {
  const float bias = task->bias ? task->bias[n] : 0;
  return __builtin_fmaf((float)(s - task->zero * task->sums[n]), task->factors[n], bias);
}
