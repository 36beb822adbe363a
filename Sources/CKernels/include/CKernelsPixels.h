/* Pixels: unsigned integers of 8 or 16 bits, H×W×C, channels last. Part of CKernels.h, which tells what holds for all of it.
 *
 * Resizing is two passes, along rows and then along columns, each a weighted sum in integers: exact, whatever the processor. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bits behind the point of a weight. Those of an output add up to about 1 << CK_WEIGHT_BITS. */
#define CK_WEIGHT_BITS 22

/* How O outputs along an axis are made: output o is the sum over t < counts[o] of input firsts[o] + t by weights[o * taps + t],
 * rounded to the nearest and brought into a pixel's range. */
typedef struct {
  const int32_t *firsts, *counts, *weights;
  ptrdiff_t taps, outputs;
} ck_resize_axis;

/* Overwrites `out` (rows×O×C) with `in` (rows of C-channel pixels, `stride` numbers from one to the next) along rows; C is 1 or 3. */
void ck_resize_rows_8(const uint8_t *in, ptrdiff_t stride, ptrdiff_t rows, int channels, const ck_resize_axis *axis, uint8_t *out);
void ck_resize_rows_16(
    const uint16_t *in, ptrdiff_t stride, ptrdiff_t rows, int channels, const ck_resize_axis *axis, uint16_t *out);

/* Overwrites `out` (O×width) with `in` (rows of `width` numbers, `stride` from one to the next) along columns. */
void ck_resize_columns_8(const uint8_t *in, ptrdiff_t stride, ptrdiff_t width, const ck_resize_axis *axis, uint8_t *out);
void ck_resize_columns_16(const uint16_t *in, ptrdiff_t stride, ptrdiff_t width, const ck_resize_axis *axis, uint16_t *out);

/* Overwrites `out` with n pixels divided by the largest there is, 255 or 65535. */
void ck_units_8(const uint8_t *in, ptrdiff_t n, float *out);
void ck_units_16(const uint16_t *in, ptrdiff_t n, float *out);
