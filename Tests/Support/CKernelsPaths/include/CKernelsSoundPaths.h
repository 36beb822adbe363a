/* Loops on sounds, compiled for each level of x86-64; see CKernelsPaths.h for the levels. */
#pragma once

#include <stddef.h>

#include "CKernelsSounds.h"

/* Does operation k, from 0 on, to the sound x of n samples, and overwrites numbers of y with what comes of it; returns how many, 0 where
 * there is no such operation. */
ptrdiff_t ck_sounded_of(int path, int k, float *y, const float *x, ptrdiff_t n, const ck_spectrum *s, float *scratch);
