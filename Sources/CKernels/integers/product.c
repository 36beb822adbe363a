#include <string.h>

#include "CKernels.h"
#include "../common.h"
#include "../products/product.h"
#include "integers.h"

/* Those of the path that this thread's products take. */
static ck_integer_rows *rows_here(void) {
  switch (ck_product_path()) {
#if defined(__x86_64__)
    case CK_PRODUCT_AVX2: return ck_integer_rows_avx2;
    case CK_PRODUCT_AVX512:
    case CK_PRODUCT_AVX512_BF16: return ck_product_has_vnni() ? ck_integer_rows_vnni : ck_integer_rows_avx2;
#endif
    default: return ck_integer_rows_plain;
  }
}

void ck_integer_product(const ck_integer_task *task) {
  ck_integer_rows *const rows = rows_here();
  for (int64_t m = 0; m < task->M; m += CK_INTEGER_BLOCK) {
    rows(task, m, task->M - m < CK_INTEGER_BLOCK ? task->M - m : CK_INTEGER_BLOCK);
  }
}

/* A panel's sums for one row, all lanes beside each other. */
void ck_integer_rows_plain(const ck_integer_task *task, int64_t first, int64_t count) {
  const int64_t groups = ck_integer_groups(task->K);
  for (int64_t n = 0; n < task->N; n += CK_INTEGER_PANEL) {
    const int64_t columns = task->N - n < CK_INTEGER_PANEL ? task->N - n : CK_INTEGER_PANEL;
    for (int64_t m = first; m < first + count; m++) {
      const int8_t *w = task->packed + n * groups * CK_INTEGER_GROUP;
      const uint8_t *q = task->q + m * task->row;
      int32_t sums[CK_INTEGER_PANEL] = {0};
      for (int64_t g = 0; g < groups; g++, q += CK_INTEGER_GROUP, w += CK_INTEGER_PANEL * CK_INTEGER_GROUP) {
        for (int c = 0; c < CK_INTEGER_PANEL; c++) {
          for (int k = 0; k < CK_INTEGER_GROUP; k++) sums[c] += (int32_t)q[k] * (int32_t)w[c * CK_INTEGER_GROUP + k];
        }
      }
      for (int64_t c = 0; c < columns; c++) task->y[m * task->N + n + c] = ck_integer_output(task, sums[c], n + c);
    }
  }
}

void ck_integer_reference(const ck_integer_task *task) {
  for (int64_t m = 0; m < task->M; m++) {
    for (int64_t n = 0; n < task->N; n++) {
      int64_t sum = 0;
      for (int64_t k = 0; k < task->K; k++) {
        sum += ((int64_t)task->q[m * task->row + k] - task->zero) * task->packed[ck_integer_place(n, k, task->K)];
      }
      task->y[m * task->N + n] = __builtin_fmaf((float)sum, task->factors[n], task->bias ? task->bias[n] : 0);
    }
  }
}
