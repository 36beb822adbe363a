// Loops that turn samples into floats, sums over features, and normal deviates that do not depend on libm.
//
// Letters: S samples of the batch, N samples of the data, F features of a sample (all axes flattened, row-major).
// Every function gives the same bits on every instruction set: no contraction to fused multiply-add, no
// reassociation, no libm but `sqrt`, which IEEE 754 rounds correctly.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Overwrites `out` (S×F) with the rows of `data` (N×F) that `samples` (S, each in 0..<N) names, as floats.
/// No arguments may alias.
void ck_gather_bytes(
    const uint8_t *data, ptrdiff_t width, const ptrdiff_t *samples, ptrdiff_t count, float *out);

/// As `ck_gather_bytes`, for data that are floats already.
void ck_gather_floats(
    const float *data, ptrdiff_t width, const ptrdiff_t *samples, ptrdiff_t count, float *out);

/// Overwrites `out` (S×F) with `(x - mean) * inverse` for the rows of `data` (N×F) that `samples` (S) names.
///
/// Feature f uses entry f mod `period` of `mean` and `inverse`: `period` is F for one entry a feature, or a multiple
/// of the number of channels for one entry a channel. No arguments may alias.
void ck_gather_standardised_bytes(
    const uint8_t *data, ptrdiff_t width, const ptrdiff_t *samples, ptrdiff_t count, const float *mean,
    const float *inverse, ptrdiff_t period, float *out);

/// As `ck_gather_standardised_bytes`, for data that are floats already.
void ck_gather_standardised_floats(
    const float *data, ptrdiff_t width, const ptrdiff_t *samples, ptrdiff_t count, const float *mean,
    const float *inverse, ptrdiff_t period, float *out);

/// Overwrites `rows` (S×F, S = `count`) with `(x - mean) * inverse`; entries as in `ck_gather_standardised_bytes`.
void ck_standardise(
    float *rows, ptrdiff_t width, ptrdiff_t count, const float *mean, const float *inverse, ptrdiff_t period);

/// The most rows that one call of `ck_add_byte_sums` may add to sums that start at zero: 255² · 2¹⁶ < 2³².
#define CK_BYTE_SUM_ROWS 65536

/// Adds into `sums` and `squares` (F each) the values and their squares over the `rows` rows of `data` (rows×F).
/// Exact as long as no more than CK_BYTE_SUM_ROWS rows are added in all. No arguments may alias.
void ck_add_byte_sums(
    const uint8_t *data, ptrdiff_t rows, ptrdiff_t width, uint32_t *sums, uint32_t *squares);

/// Adds into `sums` (F) the differences `x - centre` over the rows of `data` (rows×F), in row order.
/// No arguments may alias.
void ck_add_differences(
    const float *data, ptrdiff_t rows, ptrdiff_t width, const double *centre, double *sums);

/// Adds into `sums` (F) the squares `(x - centre)²` over the rows of `data` (rows×F), in row order.
/// No arguments may alias.
void ck_add_squared_differences(
    const float *data, ptrdiff_t rows, ptrdiff_t width, const double *centre, double *sums);

/// Overwrites each of `values`, which are below `domain`, with the first of its images below `domain` when a balanced
/// Feistel network is applied again and again (cycle walking): of `rounds` rounds on halves of `half_bits` (1...32) bits,
/// with word 0 of Philox 4x32-10 for (right half, round, epoch, 0) under the key (k0, k1) as round function. Sixteen
/// values at a time; `domain` is at most 4 to the power of `half_bits`.
void ck_permute(
    uint64_t *values, ptrdiff_t count, uint64_t domain, int rounds, uint32_t half_bits, uint32_t epoch, uint32_t k0,
    uint32_t k1);

/// Overwrites `keys` with words 0 (high half) and 1 of Philox 4x32-10 for the indices `first`, `first` + 1, … of a stream, which
/// fills the high half of the counter, under the key (k0, k1).
void ck_row_keys(uint64_t *keys, ptrdiff_t count, uint64_t first, uint64_t stream, uint32_t k0, uint32_t k1);

/// Overwrites `draws` with Poisson numbers of mean 1, of a 32-bit word each: 12 at most. Number 128 g + 32 w + j comes of word w
/// of Philox 4x32-10 for index 32 g + j of a stream, under the key (k0, k1); w < 4, j < 32.
void ck_poisson_draws(uint8_t *draws, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1);

/// The natural logarithm of `x`, with a relative error below 1e-14 and the same bits on every host.
///
/// -infinity for zero, NaN for negative numbers and NaN, infinity for infinity.
double ck_log(double x);

/// The normal deviate below which a standard normal variable falls with probability `u`, 0 < u < 1.
///
/// A uniform `u` gives a standard normal result. Relative error below 1e-13, the same bits on every host; NaN where
/// `u` is outside of (0, 1). Wichura: Algorithm AS 241, *The percentage points of the normal distribution*, Applied
/// Statistics 37 (1988), routine PPND16.
double ck_normal_from_unit(double u);

/// Overwrites `x` with uniform numbers in (-width / 2, width / 2): (u - 1/2) width, where u is the middle of the step of (0, 1)
/// that a 32-bit word names. Element e comes of word e mod 4 of Philox 4x32-10 for index e / 4 of the stream, under the key (k0, k1).
void ck_draw_uniform(float *x, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1, double width);

/// As `ck_draw_uniform`, with normal numbers: mean + deviation × `ck_normal_from_unit`(u).
void ck_draw_normal(
    float *x, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1, double mean, double deviation);
