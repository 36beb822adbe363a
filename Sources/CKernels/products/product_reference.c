#include "CKernelsProducts.h"

void ck_product_reference(const ck_product_task *task) {
  for (int64_t i = 0; i < task->M; i++) {
    float sum = task->rowSums && task->rowSumsGoOn ? task->rowSums[i] : 0;
    for (int64_t k = 0; k < task->K; k++) sum += task->A.base[i * task->A.row + k * task->A.column];
    if (task->rowSums) task->rowSums[i] = sum;
    for (int64_t j = 0; j < task->N; j++) {
      float *const at = task->C + i * task->stride + j;
      float c = task->adds ? *at : 0;
      for (int64_t k = 0; k < task->K; k++) {
        const float a = task->A.base[i * task->A.row + k * task->A.column];
        const float b = task->B.base[k * task->B.row + j * task->B.column];
        c = __builtin_fmaf(a, b, c);
      }
      *at = task->bias ? c + task->bias[j] : c;
      ck_finish(&task->epilogue, task->C, 1, task->stride, i * task->stride + j, 1, 1);
    }
  }
}
