/* More activations. Forward overwrites y; backward overwrites dx from dy, and from the forward's output y or its input x, as its
 * argument is named; in place where nothing else is said.
 *
 * Letters: R rows, C channels. Memory and bits as in CKernels.h. */
#pragma once

#include <stdint.h>

/* ---- Straight in pieces ------------------------------------------------------------------------------------------- */

/* min(max(x, 0), 6) */
void ck_relu6_forward(float *y, const float *x, int64_t n);
void ck_relu6_backward(float *dx, const float *dy, const float *y, int64_t n);

/* min(max(x + 3, 0), 6) / 6 */
void ck_hard_sigmoid_forward(float *y, const float *x, int64_t n);
void ck_hard_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n);

/* x times that; Howard et al.: Searching for MobileNetV3 (ICCV 2019). */
void ck_hard_swish_forward(float *y, const float *x, int64_t n);
void ck_hard_swish_backward(float *dx, const float *dy, const float *x, int64_t n);

/* x where it is above 0, else slopes[c] x; He et al.: Delving deep into rectifiers (ICCV 2015). */
void ck_prelu_forward(float *y, const float *x, const float *slopes, int64_t R, int64_t C);
void ck_prelu_backward(float *dx, const float *dy, const float *x, const float *slopes, int64_t R, int64_t C);

/* sums[c] = the sum over the rows of dy x where x is not above 0; rows as in ck_channel_sums. Overwrites. */
void ck_prelu_sums(double *sums, const float *dy, const float *x, int64_t R, int64_t C);

void ck_bfloat16_prelu_forward(uint16_t *y, const uint16_t *x, const float *slopes, int64_t R, int64_t C);
void ck_bfloat16_prelu_backward(
    uint16_t *dx, const uint16_t *dy, const uint16_t *x, const float *slopes, int64_t R, int64_t C);
void ck_bfloat16_prelu_sums(double *sums, const uint16_t *dy, const uint16_t *x, int64_t R, int64_t C);

/* ---- Of exponentials ---------------------------------------------------------------------------------------------- */

/* x where it is above 0, else alpha (exp(x) - 1); alpha >= 0, so that the output's sign is the input's. Clevert, Unterthiner,
 * Hochreiter: Fast and accurate deep network learning by exponential linear units (ICLR 2016). */
void ck_elu_forward(float *y, const float *x, int64_t n, float alpha);
void ck_elu_backward(float *dx, const float *dy, const float *y, int64_t n, float alpha);

/* log(1 + exp(beta x)) / beta, beta > 0 */
void ck_softplus_forward(float *y, const float *x, int64_t n, float beta);
void ck_softplus_backward(float *dx, const float *dy, const float *x, int64_t n, float beta);

/* x tanh(log(1 + exp(x))); Misra: Mish (BMVC 2020). */
void ck_mish_forward(float *y, const float *x, int64_t n);
void ck_mish_backward(float *dx, const float *dy, const float *x, int64_t n);
