/* Normalisations besides those of batches and of layers, and rows that are multiplied by one.
 *
 * Letters: N samples or rows, R rows of a sample, C channels, G groups, D columns. Memory and bits as in CKernels.h; what begins with
 * ck_bfloat16 is the same from and to bfloat16 numbers: computed in floats, rounded once where a number is complete. */
#pragma once

#include <stdint.h>

/* ---- Root mean squares (Zhang, Sennrich: Root mean square layer normalization, NeurIPS 2019): N rows of D ---------- */

/* y = x / sqrt(mean(x^2) + epsilon) * gamma, row by row; overwrites y, floats or bfloat16 numbers, and `inverses` (N), which gets
 * 1 / sqrt(mean(x^2) + epsilon). y must not overlap x. */
void ck_rms_norm_forward(
    void *y, int yIsFloat, float *inverses, const float *x, const float *gamma, int64_t N, int64_t D, float epsilon);

/* Overwrites dx. No arguments overlap. */
void ck_rms_norm_rows(
    float *dx, const void *dy, int dyIsFloat, const float *x, const float *inverses, const float *gamma, int64_t N,
    int64_t D);

/* Overwrites dgamma, of `count` columns of N rows that lie D numbers apart: sums over rows, ascending. */
void ck_rms_norm_sums(
    float *dgamma, const void *dy, int dyIsFloat, const float *x, const float *inverses, int64_t N, int64_t D,
    int64_t count);

/* ---- Groups of channels (Wu, He: Group normalization, ECCV 2018): N samples of R x C -------------------------------- */

/* y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, mean and variance (divided by R C / G) of each sample's channels in a
 * group of C / G neighbours: sums of rows as in ck_channel_sums, channels ascending in double. Overwrites y, which may be x, and
 * `statistics` (N x G x 2): mean and 1 / sqrt(variance + epsilon). `room` holds 4 C floats, 8-byte aligned. */
void ck_group_norm_forward(
    float *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t R, int64_t C,
    int64_t G, float epsilon, float *room);

/* Overwrites dx, where it is not NULL, which may be dy; and `parts` (N x 2 x C), each sample's part of the gradients of beta and
 * gamma. `room` holds 4 C floats. */
void ck_group_norm_backward(
    float *dx, double *parts, const float *dy, const float *x, const float *statistics, const float *gamma, int64_t N,
    int64_t R, int64_t C, int64_t G, float *room);

/* Overwrites dgamma and dbeta (C), the sums of the parts over the samples, ascending, in double. */
void ck_group_norm_totals(float *dgamma, float *dbeta, const double *parts, int64_t N, int64_t C);

void ck_bfloat16_group_norm_forward(
    uint16_t *y, float *statistics, const uint16_t *x, const float *gamma, const float *beta, int64_t N, int64_t R,
    int64_t C, int64_t G, float epsilon, float *room);
void ck_bfloat16_group_norm_backward(
    uint16_t *dx, double *parts, const uint16_t *dy, const uint16_t *x, const float *statistics, const float *gamma,
    int64_t N, int64_t R, int64_t C, int64_t G, float *room);

/* ---- Rows that are multiplied by one: R rows of C channels ---------------------------------------------------------- */

/* y[r,c] = x[r,c] gate[c]; y may be x. */
void ck_scale_rows(float *y, const float *x, const float *gate, int64_t R, int64_t C);
void ck_bfloat16_scale_rows(uint16_t *y, const uint16_t *x, const uint16_t *gate, int64_t R, int64_t C);

/* dgate[c] = the sum over the rows of dy[r,c] x[r,c], as in ck_channel_sums. Overwrites; `sums` is room for C doubles. */
void ck_scale_gradient(float *dgate, double *sums, const float *dy, const float *x, int64_t R, int64_t C);
void ck_bfloat16_scale_gradient(uint16_t *dgate, double *sums, const uint16_t *dy, const uint16_t *x, int64_t R, int64_t C);
