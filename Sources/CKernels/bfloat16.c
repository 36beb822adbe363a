#include "bfloat16.h"

#include "common.h"
#include "CKernelsBFloat16.h"

CK_CLONES void ck_bfloat16_round(uint16_t *restrict to, const float *restrict from, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = ck_bfloat16_of(from[i]);
}

CK_CLONES void ck_bfloat16_widen(float *restrict to, const uint16_t *restrict from, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = ck_float_of(from[i]);
}
