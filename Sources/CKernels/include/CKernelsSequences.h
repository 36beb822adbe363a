/* Loops of transformers: rows that are normalised or turned into shares, and rows that tokens name.
 *
 * Letters: N rows, D columns (width), V rows of a table (vocabulary). Memory and bits as in CKernels.h.
 */
#pragma once

#include <stdint.h>

/* ---- Layer normalisation (Ba, Kiros, Hinton 2016): N rows of D, biased variance as in PyTorch ---------------------- */

/* y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, row by row; overwrites y and `statistics` (N x 2), which
 * gets each row's mean and 1 / sqrt(variance + epsilon). y must not overlap x. */
void ck_layer_norm_forward(
    float *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t D,
    float epsilon);

/* Overwrites dgamma and dbeta (D), sums over rows, ascending, and dx where it is not NULL. No arguments overlap. */
void ck_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const float *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D);

/* The same in parts, with the same bits: dx of N rows, */
void ck_layer_norm_rows(
    float *dx, const float *dy, const float *x, const float *statistics, const float *gamma, int64_t N, int64_t D);

/* and the sums of `count` columns of N rows that lie D floats apart. */
void ck_layer_norm_sums(
    float *dgamma, float *dbeta, const float *dy, const float *x, const float *statistics, int64_t N, int64_t D,
    int64_t count);

/* ---- Softmax ------------------------------------------------------------------------------------------------------ */

/* dx = y (dy - the sum of dy y over the row), from the softmax y of B rows of C; dx may equal dy. */
void ck_softmax_backward(float *dx, const float *dy, const float *y, int64_t B, int64_t C);

/* ---- Embedding: N tokens, whole numbers in 0..<V, and a table V x D ------------------------------------------------ */

/* y[n] = table[tokens[n]]; overwrites y (N x D). */
void ck_embedding_forward(float *y, const float *table, const float *tokens, int64_t N, int64_t D);

/* Overwrites dtable (V x D): zero, then row tokens[n] += dy[n], n ascending. */
void ck_embedding_backward(float *dtable, const float *dy, const float *tokens, int64_t N, int64_t V, int64_t D);

/* The same, into what dtable has. */
void ck_embedding_backward_adding(float *dtable, const float *dy, const float *tokens, int64_t N, int64_t D);

/* The same from zero, for the rows that occur: the others are left as they are. `touched` (V) is 0 before; it becomes 1 for those
 * that occur, which are listed in `rows`, in the order of their first token. Returns how many they are. */
int64_t ck_embedding_backward_rows(
    float *dtable, const float *dy, const float *tokens, int64_t N, int64_t D, uint8_t *touched, int32_t *rows);

/* y += x (V x D) where either has touched rows, which both keep as above: the bits of the sum of all rows, where those of y
 * that it has not touched are 0. Untouched rows of x may be anything. Afterwards y has touched the rows of both; returns how
 * many these are. */
int64_t ck_add_rows(
    float *y, uint8_t *y_touched, int32_t *y_rows, int64_t y_count, const float *x, const uint8_t *x_touched,
    const int32_t *x_rows, int64_t x_count, int64_t D);

/* ---- From a sequence to one row: B samples of T positions of C features --------------------------------------------- */

/* `lengths` (B) says how many positions of each sample are real, the first ones; NULL: all T. The others are not read. */

/* Overwrites y (B x C) with the mean over the real positions: their sum, ascending from 0, divided by their number; 0 of none. */
void ck_mean_positions(float *y, const float *x, const int32_t *lengths, int64_t B, int64_t T, int64_t C);

/* Overwrites dx (B x T x C): dy divided by the number of real positions, and 0 behind them. */
void ck_mean_positions_backward(float *dx, const float *dy, const int32_t *lengths, int64_t B, int64_t T, int64_t C);

/* Overwrites y (B x C) with the largest of the real positions, the first of equals or the last that is no number, and `places` (B x C)
 * with where it was; 0 and -1 of none. */
void ck_max_positions(
    float *y, int32_t *places, const float *x, const int32_t *lengths, int64_t B, int64_t T, int64_t C);

/* Overwrites dx (B x T x C): dy where the largest was, else 0. */
void ck_max_positions_backward(float *dx, const float *dy, const int32_t *places, int64_t B, int64_t T, int64_t C);

/* ---- Bags of tokens: B samples of T tokens, and a table V x D ------------------------------------------------------- */

/* Overwrites y (B x D) with what the rows of a sample's tokens come to, but for those of `padding` (less than 0: all count): where
 * `places` is NULL their sum, ascending from 0, divided by their number where it `means`; else the largest, the first of equals or the
 * last that is no number, and `places` (B x D) gets the position that it was at. 0 and -1 of none. */
void ck_embedding_bag_forward(
    float *y, float *places, const float *table, const float *tokens, int64_t B, int64_t T, int64_t D, float padding, int means);

/* Overwrites the first n rows of `rows` (B T x D) with the gradients of the rows of the n tokens that are no padding, in their order, and
 * `kept` (B T) with these; returns n. */
int64_t ck_embedding_bag_backward(
    float *rows, float *kept, const float *dy, const float *places, const float *tokens, int64_t B, int64_t T, int64_t D,
    float padding, int means);
