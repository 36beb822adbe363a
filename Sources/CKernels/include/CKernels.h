/* The few loops that oneDNN has not.
 *
 * Bits: every function gives the same bits on every instruction set. Nothing is contracted to fused multiply-adds,
 * every reduction has a fixed number of accumulators that are joined in a fixed order, and exp, tanh and log are
 * polynomials of our own, since libm's bits differ between hosts.
 *
 * Memory: row-major; `n` counts floats; pointers may be equal where a function says "in place", else must not overlap.
 */
#pragma once

#include <stdint.h>

#include "CKernelsData.h"

/* ---- Sums ------------------------------------------------------------------------------------------------------ */

/* into[i] = a[i] + b[i]; in place allowed. */
void ck_add(float *into, const float *a, const float *b, int64_t n);

/* Floats that make one block of a sum of squares. */
#define CK_BLOCK 1024

/* sums[k] = the sum of the squares of block k of x, in double; overwrites ceil(n / CK_BLOCK) doubles. */
void ck_square_sums(double *sums, const float *x, int64_t n);

/* The index of the first float that is infinite or not a number; n where there is none. */
int64_t ck_first_nonfinite(const float *x, int64_t n);

/* ---- Dense: B rows (samples), O columns (units) ------------------------------------------------------------------ */

/* y[b,o] += bias[o] */
void ck_bias_forward(float *y, const float *bias, int64_t B, int64_t O);

/* dbias[o] = the sum over b of dy[b,o], b ascending; overwrites. */
void ck_bias_backward(float *dbias, const float *dy, int64_t B, int64_t O);

/* ---- Activations: forward overwrites y; backward overwrites dx from dy and the forward's OUTPUT y; in place ------- */

void ck_relu_forward(float *y, const float *x, int64_t n);
void ck_relu_backward(float *dx, const float *dy, const float *y, int64_t n);
void ck_sigmoid_forward(float *y, const float *x, int64_t n);
void ck_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n);
void ck_tanh_forward(float *y, const float *x, int64_t n);
void ck_tanh_backward(float *dx, const float *dy, const float *y, int64_t n);

/* exp by a polynomial, about 1 ulp in [-87, 88]; 0 below, +inf above; for tests. */
void ck_exp(float *y, const float *x, int64_t n);

/* ---- Dropout ------------------------------------------------------------------------------------------------------
 * y[i] = x[i] * scale where Philox's word for element i is below `threshold`, else 0; in place. Forward and backward
 * are the same function. One sample of n elements; counter = (i / 4, layer, position, step). */
void ck_dropout(
    float *y, const float *x, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step);

/* ---- Losses: the first `valid` of B rows count; the gradient of the others is zero --------------------------------
 * Each returns the sum over the valid rows of the loss of a row, rows ascending, and overwrites the gradient of that
 * sum; `gradient` may be NULL (evaluation) or equal to the logits. */

/* Softmax cross-entropy: logits B x C, classes B. */
double ck_softmax_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid);

/* Binary cross-entropy with logits, the mean over the C outputs of a row: logits and targets B x C. */
double ck_binary_cross_entropy(
    float *gradient, const float *logits, const float *targets, int64_t B, int64_t C, int64_t valid);

/* Squared error, the mean over the C outputs of a row: outputs and targets B x C. */
double ck_squared_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid);

/* Softmax of each of B rows of C logits, the row maximum subtracted first; in place. */
void ck_softmax(float *y, const float *x, int64_t B, int64_t C);

/* ---- Optimizers: update n parameters in one pass; g is first multiplied by `scale` ------------------------------- */

/* v = momentum v + (1 - dampening(=0)) g';  g' = scale g + decay p;  p -= rate (nesterov ? g' + momentum v : v).
 * As torch.optim.SGD; v holds g' after the first step (`first` != 0). With momentum 0, v is not touched (may be NULL). */
void ck_sgd(
    float *p, float *v, const float *g, int64_t n, float scale, float rate, float momentum, int nesterov, float decay,
    int first);

/* Adam (Kingma, Ba 2015) as torch.optim.Adam, and AdamW (Loshchilov, Hutter 2019) as torch.optim.AdamW.
 * rate1 = rate / (1 - beta1^t); root2 = sqrt(1 - beta2^t); p is first multiplied by `shrink` (1, or 1 - rate decay);
 * g' = scale g + decay p. */
void ck_adam(
    float *p, float *m, float *v, const float *g, int64_t n, float scale, float rate1, float root2, float beta1,
    float beta2, float epsilon, float decay, float shrink);

/* ---- Scalars in double: schedules must have the same bits on every host -------------------------------------------- */

/* cos(pi x) for x in [0, 1], absolute error below 1e-15. */
double ck_cos_pi(double x);

/* ---- Machine ----------------------------------------------------------------------------------------------------- */

/* Bit-exactness needs denormals treated alike everywhere: sets flush-to-zero and denormals-are-zero in this thread. */
uint64_t ck_flush_denormals(void); /* returns the state before, for ck_restore_denormals */
void ck_restore_denormals(uint64_t state);

/* The cores that a process (0: this thread) may run on: bit c of word c / 64 is core c. 0, or an errno. */
int ck_affinity(int process, uint64_t *words, int64_t count);

/* Binds this thread, and those that it starts later, to cores. 0, or an errno. */
int ck_bind(const uint64_t *words, int64_t count);
