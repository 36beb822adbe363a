#include "CKernelsProducts.h"

void ck_product_reference(const ck_product_task *task) {
  for (int64_t i = 0; i < task->M; i++) {
    for (int64_t j = 0; j < task->N; j++) {
      float *const at = task->C + i * task->stride + j;
      float c = task->adds ? *at : 0;
      for (int64_t k = 0; k < task->K; k++) {
        const float a = task->A.base[i * task->A.row + k * task->A.column];
        const float b = task->B.base[k * task->B.row + j * task->B.column];
        c = __builtin_fmaf(a, b, c);
      }
      *at = task->bias ? c + task->bias[j] : c;
    }
  }
}
