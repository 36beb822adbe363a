#pragma once

#include "CKernelsData.h"
#include "common.h"

/* log(1 + x) for finite x >= 0, to a few units of a double however small x is: the rounding of 1 + x is taken out again, as its
 * logarithm over itself less one hardly changes (Kahan; see Goldberg, ACM Computing Surveys 23, 1991, theorem 4). */
CK_INLINE double ck_log1p(double x) {
  double u = 1.0 + x, moved = u - 1.0;
  return moved == 0 ? x : ck_log(u) * (x / moved);
}
