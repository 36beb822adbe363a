/* Our own loops on floats.
 *
 * Bits: every function gives the same bits on every instruction set. Nothing but products is of fused multiply-adds,
 * every reduction has a fixed number of accumulators that are joined in a fixed order, and exp, tanh, erf and log are
 * polynomials of our own, since libm's bits differ between hosts.
 *
 * Memory: row-major; `n` counts floats; pointers may be equal where a function says "in place", else must not overlap.
 */
#pragma once

#include <stdint.h>

#include "CKernelsActivations.h"
#include "CKernelsAttention.h"
#include "CKernelsAugmentations.h"
#include "CKernelsBFloat16.h"
#include "CKernelsConvolutions.h"
#include "CKernelsCrew.h"
#include "CKernelsData.h"
#include "CKernelsImages.h"
#include "CKernelsIntegers.h"
#include "CKernelsNorms.h"
#include "CKernelsPixels.h"
#include "CKernelsProducts.h"
#include "CKernelsRecurrence.h"
#include "CKernelsSequences.h"
#include "CKernelsSounds.h"
#include "CKernelsTensors.h"

/* ---- Sums ------------------------------------------------------------------------------------------------------ */

/* into[i] = a[i] + b[i]; in place allowed. */
void ck_add(float *into, const float *a, const float *b, int64_t n);

/* into[i] = a[i] * b[i]; in place allowed. */
void ck_multiply(float *into, const float *a, const float *b, int64_t n);

/* Floats that make one block of a sum of squares. */
#define CK_BLOCK 1024

/* sums[k] = the sum of the squares of block k of x, in double; overwrites ceil(n / CK_BLOCK) doubles. */
void ck_square_sums(double *sums, const float *x, int64_t n);

/* The index of the first float that is infinite or not a number; n where there is none. */
int64_t ck_first_nonfinite(const float *x, int64_t n);

/* ---- Dense: B rows (samples), O columns (units) ------------------------------------------------------------------ */

/* y[b,o] += bias[o] */
void ck_bias_forward(float *y, const float *bias, int64_t B, int64_t O);

/* dbias[o] = the sum over b of dy[b,o], b ascending, of O columns of rows that lie `stride` floats apart; overwrites, or goes on from
 * what dbias holds. */
void ck_bias_backward(float *dbias, const float *dy, int64_t B, int64_t O, int64_t stride, int goesOn);

/* ---- Activations: forward overwrites y; backward overwrites dx from dy and the forward's OUTPUT y; in place ------- */

void ck_relu_forward(float *y, const float *x, int64_t n);
void ck_relu_backward(float *dx, const float *dy, const float *y, int64_t n);
void ck_sigmoid_forward(float *y, const float *x, int64_t n);
void ck_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n);
void ck_tanh_forward(float *y, const float *x, int64_t n);
void ck_tanh_backward(float *dx, const float *dy, const float *y, int64_t n);

/* slope x where x < 0; slope >= 0, so that the output's sign is the input's. */
void ck_leaky_relu_forward(float *y, const float *x, int64_t n, float slope);
void ck_leaky_relu_backward(float *dx, const float *dy, const float *y, int64_t n, float slope);

/* ---- Activations whose backward needs the forward's INPUT x; in place, dx may equal dy ---------------------------- */

/* x Phi(x), Phi the normal distribution function (Hendrycks, Gimpel 2016). */
void ck_gelu_forward(float *y, const float *x, int64_t n);
void ck_gelu_backward(float *dx, const float *dy, const float *x, int64_t n);

/* The same with tanh in place of erf: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
void ck_gelu_tanh_forward(float *y, const float *x, int64_t n);
void ck_gelu_tanh_backward(float *dx, const float *dy, const float *x, int64_t n);

/* x sigmoid(x) */
void ck_silu_forward(float *y, const float *x, int64_t n);
void ck_silu_backward(float *dx, const float *dy, const float *x, int64_t n);

/* erf by polynomials, about 1 ulp; for tests. */
void ck_erf(float *y, const float *x, int64_t n);

/* exp by a polynomial, about 1 ulp in [-87, 88]; 0 below, +inf above; for tests. */
void ck_exp(float *y, const float *x, int64_t n);

/* ---- Dropout ------------------------------------------------------------------------------------------------------
 * y[i] = x[i] * scale where Philox's word for element i is below `threshold`, else 0; in place. Forward and backward
 * are the same function. One sample of n elements; counter = (i / 4, layer, position, step). */
void ck_dropout(
    float *y, const float *x, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step);

/* The same of its elements first ..< first + n, `first` a multiple of 4, where y and x begin. */
void ck_dropout_part(
    float *y, const float *x, int64_t first, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step);

/* ---- Losses: the first `valid` of B rows count; the gradient of the others is zero --------------------------------
 * Each returns the sum over the valid rows of the loss of a row, rows ascending, and overwrites the gradient of that
 * sum; `gradient` may be NULL (evaluation) or equal to the logits. */

/* Softmax cross-entropy: logits B x C, classes B. A row's gradient is that part of the whole which other classes have,
 * negative, in its own class, and theirs in the others: each off by a few units of its last place and by what rounding
 * moved the logit's distance from the row's maximum. */
double ck_softmax_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid);

/* Binary cross-entropy with logits, what a target of 1 loses counting `positive_weight` times; the mean over the C
 * outputs of a row: logits and targets B x C. The gradient is off by a few units of the last place of the larger of its
 * two terms, (1 - t) sigmoid(x) and w t sigmoid(-x); one below the smallest normal number is zero. */
double ck_binary_cross_entropy(
    float *gradient, const float *logits, const float *targets, int64_t B, int64_t C, int64_t valid,
    float positive_weight);

/* Squared error, the mean over the C outputs of a row: outputs and targets B x C. */
double ck_squared_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid);

/* Softmax cross-entropy of each row with (1 - smoothing) of its class and smoothing / C of every class, each class
 * counting weights[c] times (NULL: once); rows of class `ignored` (none, where that is no int32) give 0. As
 * torch.nn.functional.cross_entropy with reduction="sum". */
double ck_weighted_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid,
    const float *weights, float smoothing, int64_t ignored);

/* What a student loses by being unlike its teacher: T^2 KL(softmax(t / T) || softmax(x / T)) of rows of logits x and t, B x C; T is the
 * temperature. The gradient, of another loss until now, becomes (1 - share) times that plus `share` times `weight`
 * times this one's, T (p - q), each product rounded; the sum counts once. Not NULL, and not the logits. Hinton et al.: Distilling the knowledge in a neural network (2015). */
double ck_distillation(
    float *gradient, const float *logits, const float *teacher, int64_t B, int64_t C, int64_t valid, float temperature,
    float share, float weight);

/* The same of numbers: the squared error, the mean over the C outputs of a row. */
double ck_imitation(
    float *gradient, const float *outputs, const float *teacher, int64_t B, int64_t C, int64_t valid, float share,
    float weight);

/* Pruned weights are zeros; a denormal one counts as 0 as well. Magnitudes are compared by their bits. */

/* Makes 0 of each x whose weight is 0; x may be w. */
void ck_mask_zeros(float *x, const float *w, int64_t n);

/* How many weights are 0. */
int64_t ck_zeros(const float *w, int64_t n);

/* Adds to the counts (65,536) of the upper 16 bits of magnitudes where `upper` is negative, else of the lower 16 bits of those
 * whose upper ones it is. */
void ck_magnitude_counts(int64_t *counts, const float *w, int64_t n, int64_t upper);

/* Makes 0 of weights whose magnitude is below that of the bits `limit`, and of the first `ties` of those that have it. Returns how many
 * ties are left. */
int64_t ck_zero_smallest(float *w, int64_t n, uint32_t limit, int64_t ties);

/* |e|, e = output - target, the mean over the C outputs of a row. */
double ck_absolute_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid);

/* e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2); the mean over the C outputs of a row. */
double ck_huber(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid, float delta);

/* q max(t - x, 0) + (1 - q) max(x - t, 0) of each of Q quantiles q for each of W targets t of a row; the mean over the W Q
 * outputs x of a row, which are W x Q (Koenker, Bassett 1978). */
double ck_quantile(
    float *gradient, const float *outputs, const float *targets, const float *quantiles, int64_t B, int64_t W, int64_t Q,
    int64_t valid);

/* Softmax of each of B rows of C logits, the row maximum subtracted first; in place. */
void ck_softmax(float *y, const float *x, int64_t B, int64_t C);

/* ---- Optimizers: update n parameters in one pass; g is first multiplied by `scale` ------------------------------- */

/* v = momentum v + (1 - dampening(=0)) g';  g' = scale g + decay p;  p -= rate (nesterov ? g' + momentum v : v).
 * As torch.optim.SGD; v holds g' after the first step (`first` != 0). With momentum 0, v is not touched (may be NULL). */
void ck_sgd(
    float *p, float *v, const float *g, int64_t n, float scale, float rate, float momentum, int nesterov, float decay,
    int first);

/* Adam (Kingma, Ba 2015) as torch.optim.Adam, and AdamW (Loshchilov, Hutter 2019) as torch.optim.AdamW.
 * With root2 = sqrt(1 - beta2^t), `rate` is the learning rate times root2 / (1 - beta1^t), and `epsilon` is that of
 * PyTorch times root2, more than 0; p is first multiplied by `shrink` (1, or 1 - learning rate decay);
 * g' = scale g + decay p. */
void ck_adam(
    float *p, float *m, float *v, const float *g, int64_t n, float scale, float rate, float beta1, float beta2,
    float epsilon, float decay, float shrink);

/* The same with the largest v so far, `most`, in the place of v (Reddi et al. 2018), as torch.optim.Adam with amsgrad. */
void ck_amsgrad(
    float *p, float *m, float *v, float *most, const float *g, int64_t n, float scale, float rate, float beta1, float beta2,
    float epsilon, float decay, float shrink);

/* As torch.optim.Adagrad (Duchi et al. 2011): v = v + g'^2, p -= rate g' / (sqrt(initial + v) + epsilon);  g' = scale g + decay p. */
void ck_adagrad(
    float *p, float *v, const float *g, int64_t n, float scale, float rate, float initial, float epsilon, float decay);

/* Lion (Chen et al. 2023): p = shrink p - rate sign(beta1 m + rest1 g'), then m = beta2 m + rest2 g';  g' = scale g. */
void ck_lion(
    float *p, float *m, const float *g, int64_t n, float scale, float rate, float beta1, float rest1, float beta2, float rest2,
    float shrink);

/* As torch.optim.RMSprop (Hinton, Coursera 2012): v = alpha v + rest g'^2, rest = 1 - alpha; where m is not NULL
 * (centered), m = alpha m + rest g' and m^2 is taken off v; d = g' / (sqrt(v) + epsilon); where velocity is not NULL,
 * velocity = momentum velocity + d and d = velocity; p -= rate d;  g' = scale g + decay p. */
void ck_rmsprop(
    float *p, float *v, float *m, float *velocity, const float *g, int64_t n, float scale, float rate, float alpha,
    float rest, float epsilon, float momentum, float decay);

/* LAMB (You et al., ICLR 2020), in three parts: m and v as Adam's, of g' = scale g; the sums of the squares of p and of
 * its update u = fix1 m / (sqrt(v) / root2 + epsilon) + decay p; and p -= rate u.
 * fix1 = 1 / (1 - beta1^t), root2 = sqrt(1 - beta2^t). */
void ck_lamb_moments(float *m, float *v, const float *g, int64_t n, float scale, float beta1, float beta2);
void ck_lamb_square_sums(
    double sums[2], const float *p, const float *m, const float *v, int64_t n, float fix1, float root2, float epsilon,
    float decay);
void ck_lamb_apply(
    float *p, const float *m, const float *v, int64_t n, float rate, float fix1, float root2, float epsilon,
    float decay);

/* p = p + momentum (scale sum - p): a running statistic, which is no parameter that is learned. Where scale sum is p, p
 * keeps its bits. */
void ck_running_mean(float *p, const float *sum, int64_t n, float scale, float momentum);

/* ---- Scalars in double: schedules must have the same bits on every host -------------------------------------------- */

/* cos(pi x) for x in [0, 1], absolute error below 1e-15. */
double ck_cos_pi(double x);

/* ---- Machine ----------------------------------------------------------------------------------------------------- */

/* Tells the processor that this thread only looks, so that another thread of its core gets on. */
void ck_spin_hint(void);

/* Bit-exactness needs denormals treated alike everywhere: sets flush-to-zero and denormals-are-zero in this thread. */
uint64_t ck_flush_denormals(void); /* returns the state before, for ck_restore_denormals */
void ck_restore_denormals(uint64_t state);

/* Memory for vectors, 64-byte aligned, to be freed; of 2 MiB on in large pages, where the system lets a program ask for them.
 * NULL where there is none. */
void *ck_aligned_memory(int64_t bytes);

/* The cores that a process (0: this thread) may run on: bit c of word c / 64 is core c. 0, or an errno. */
int ck_affinity(int process, uint64_t *words, int64_t count);

/* Binds this thread, and those that it starts later, to cores. 0, or an errno. */
int ck_bind(const uint64_t *words, int64_t count);

/* Copies a word at an address of another process, if the system allows. 0, or an errno. */
int ck_read_word(int process, int64_t address, int64_t *word);

/* The name that the kernel started this program by, a path that may be relative; NULL where it does not tell. */
const char *ck_program_name(void);

/* Calls `each` with the path of every library that is loaded, in the order of loading. */
void ck_libraries(void (*each)(const char *path, void *context), void *context);
