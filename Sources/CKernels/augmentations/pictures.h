#pragma once

#include "../common.h"
#include "CKernels.h"

/* To 0 ... white; what is no number becomes 0. */
CK_INLINE float limited(float x, float white) {
  x = x > 0 ? x : 0;
  return x < white ? x : white;
}
