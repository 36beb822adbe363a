#define PATH chosen
#include "sounds.inc"
#include "CKernelsPaths.h"

ptrdiff_t ck_sounded_baseline(int, float *, const float *, ptrdiff_t, const ck_spectrum *, float *);
ptrdiff_t ck_sounded_v3(int, float *, const float *, ptrdiff_t, const ck_spectrum *, float *);
ptrdiff_t ck_sounded_v4(int, float *, const float *, ptrdiff_t, const ck_spectrum *, float *);

ptrdiff_t ck_sounded_of(int path, int k, float *y, const float *x, ptrdiff_t n, const ck_spectrum *s, float *scratch) {
  switch (path) {
    case CK_PATH_BASELINE: return ck_sounded_baseline(k, y, x, n, s, scratch);
    case CK_PATH_V3: return ck_sounded_v3(k, y, x, n, s, scratch);
    case CK_PATH_V4: return ck_sounded_v4(k, y, x, n, s, scratch);
    default: return ck_sounded_chosen(k, y, x, n, s, scratch);
  }
}
