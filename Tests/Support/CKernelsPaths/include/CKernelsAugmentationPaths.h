/* Loops of augmentations, compiled for each level of x86-64; see CKernelsPaths.h for the levels. */
#pragma once

#include <stddef.h>

/* Does operation k, from 0 on, to the picture x (H x W x C, C = 3), with y of the same size as what it needs beside; both may change.
 * Returns where the result is: x or y; NULL where there is no such operation. */
float *ck_augmented_of(int path, int k, float *y, float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C);
