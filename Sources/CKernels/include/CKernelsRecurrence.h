/* Steps of recurrent layers: what stands between the products of one position and those of the next.
 *
 * Letters: B samples (rows), H hidden units, W floats from one row of outputs to the next. `t` is the position; `lengths` (B) says how
 * many positions of each sample are real, the first ones; NULL: all. States behind the end are 0, whatever came there.
 */
#pragma once

#include <stdint.h>

/* Hochreiter, Schmidhuber (1997), with the forget gate of Gers et al. (2000), gates in PyTorch's order: `gates` (B x 4H), sums of
 * products, become i = sigmoid, f = sigmoid, g = tanh, o = sigmoid. Overwrites c = f before + i g, squashed = tanh c and
 * h = o squashed, whose rows lie W apart; the others are B x H. */
void ck_lstm_forward(
    float *gates, float *c, float *squashed, float *h, const float *before, const int32_t *lengths, int64_t t, int64_t B,
    int64_t H, int64_t W);

/* `gates`, as forward left them, become the gradients of the sums of products. The gradient of h is dy + dh, rows of dy lie W apart;
 * that of c is `dc`, which becomes that of `before`. */
void ck_lstm_backward(
    float *gates, float *dc, const float *dh, const float *dy, const float *before, const float *squashed,
    const int32_t *lengths, int64_t t, int64_t B, int64_t H, int64_t W);

/* Cho et al. (2014), in the form of PyTorch and cuDNN. `gates` (B x 3H), sums of products of the input, become r = sigmoid(. + hidden),
 * z = sigmoid(. + hidden) and n = tanh(. + r hidden), with the three parts of `hidden` (B x 3H), sums of products of the state. Overwrites
 * `kept` (B x H) with the third of these, and h = (1 - z) n + z before; rows of both states lie W apart. */
void ck_gru_forward(
    float *gates, float *kept, float *h, const float *hidden, const float *before, const int32_t *lengths, int64_t t,
    int64_t B, int64_t H, int64_t W);

/* `gates`, as forward left them, become the gradients of the sums of the input, and `dhidden` (B x 3H) those of the sums of the state. The
 * gradient of h is dy + dh; `dh` (B x H) becomes what of that of `before` passes no product. */
void ck_gru_backward(
    float *gates, float *dhidden, float *dh, const float *dy, const float *before, const float *kept,
    const int32_t *lengths, int64_t t, int64_t B, int64_t H, int64_t W);
