#include "../bfloat16.h"
#include "CKernels.h"
#include "CKernelsBFloat16.h"

/* Element (r, c), as it is. */
static float number(ck_bfloat16_factor factor, int64_t r, int64_t c) {
  const int64_t at = r * factor.row + c * factor.column;
  return factor.isFloat ? ((const float *)factor.base)[at] : ck_float_of(((const uint16_t *)factor.base)[at]);
}

/* Element (r, c), rounded; zero behind the end of a chain. */
static float element(ck_bfloat16_factor factor, int64_t r, int64_t c, int isThere) {
  return isThere ? ck_float_of(ck_bfloat16_of(number(factor, r, c))) : 0;
}

static __attribute__((noinline)) void compute(const ck_bfloat16_task *task) {
  for (int64_t i = 0; i < task->M; i++) {
    float sum = task->rowSums && task->rowSumsGoOn ? task->rowSums[i] : 0;
    for (int64_t k = 0; k < task->K; k++) sum += number(task->A, i, k);
    if (task->rowSums) task->rowSums[i] = sum;
    for (int64_t j = 0; j < task->N; j++) {
      const int64_t at = i * task->stride + j;
      float c = task->adds ? ((float *)task->C)[at] : 0;
      for (int64_t step = 0; step < (task->K + 1) / 2 * 2; step++) {
        const int64_t k = step ^ 1;
        c = __builtin_fmaf(element(task->A, i, k, k < task->K), element(task->B, k, j, k < task->K), c);
      }
      if (task->bias) c += task->bias[j];
      if (task->isFloat) {
        ((float *)task->C)[at] = c;
      } else {
        ((uint16_t *)task->C)[at] = ck_bfloat16_of(c);
      }
      ck_finish(&task->epilogue, task->C, task->isFloat, task->stride, at, 1, 1);
    }
  }
}

void ck_bfloat16_reference(const ck_bfloat16_task *task) {
  const uint64_t state = ck_flush_denormals();
  compute(task);
  ck_restore_denormals(state);
}
