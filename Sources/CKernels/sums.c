#include "CKernels.h"
#include "bfloat16.h"
#include "common.h"

#include <string.h>

CK_CLONES void ck_add(float *into, const float *a, const float *b, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) into[i] = a[i] + b[i];
}

CK_CLONES void ck_bfloat16_add(uint16_t *into, const uint16_t *a, const uint16_t *b, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) into[i] = ck_bfloat16_of(ck_float_of(a[i]) + ck_float_of(b[i]));
}

CK_CLONES void ck_multiply(float *into, const float *a, const float *b, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) into[i] = a[i] * b[i];
}

CK_CLONES void ck_square_sums(double *sums, const float *restrict x, int64_t n) {
  for (int64_t start = 0, k = 0; start < n; start += CK_BLOCK, k++) {
    int64_t end = start + CK_BLOCK < n ? start + CK_BLOCK : n;
    double lanes[16] = {0};
    int64_t i = start;
    for (; i + 16 <= end; i += 16)
      for (int j = 0; j < 16; j++) lanes[j] += (double)x[i + j] * (double)x[i + j];
    for (int j = 0; i < end; i++, j++) lanes[j] += (double)x[i] * (double)x[i];
    for (int width = 8; width > 0; width /= 2)
      for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
    sums[k] = lanes[0];
  }
}

/* An exponent of all ones: looked for in blocks, so that the common case, none, is a fast scan. */
CK_CLONES static int has_nonfinite(const float *x, int64_t n) {
  uint32_t found = 0;
  for (int64_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, 4);
    found |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return found != 0;
}

int64_t ck_first_nonfinite(const float *x, int64_t n) {
  for (int64_t start = 0; start < n; start += CK_BLOCK) {
    int64_t end = start + CK_BLOCK < n ? start + CK_BLOCK : n;
    if (!has_nonfinite(x + start, end - start)) continue;
    for (int64_t i = start; i < end; i++)
      if (has_nonfinite(x + i, 1)) return i;
  }
  return n;
}
