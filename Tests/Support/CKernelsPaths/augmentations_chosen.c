#define PATH chosen
#include "augmentations.inc"
#include "CKernelsPaths.h"

float *ck_augmented_baseline(int, float *, float *, ptrdiff_t, ptrdiff_t, ptrdiff_t);
float *ck_augmented_v3(int, float *, float *, ptrdiff_t, ptrdiff_t, ptrdiff_t);
float *ck_augmented_v4(int, float *, float *, ptrdiff_t, ptrdiff_t, ptrdiff_t);

float *ck_augmented_of(int path, int k, float *y, float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C) {
  switch (path) {
    case CK_PATH_BASELINE: return ck_augmented_baseline(k, y, x, H, W, C);
    case CK_PATH_V3: return ck_augmented_v3(k, y, x, H, W, C);
    case CK_PATH_V4: return ck_augmented_v4(k, y, x, H, W, C);
    default: return ck_augmented_chosen(k, y, x, H, W, C);
  }
}
