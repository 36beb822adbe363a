/* Layers of sequences, and losses. */
#include "check.h"

static void norms_and_losses(void) {
  digest norm = begin(6), losses = begin(7);
  EACH_LENGTH(size) {
    const int64_t n = (int64_t)size;
    float *x = numbers(3 * n, 8), *dy = numbers(3 * n, 1), *y = numbers(3 * n, 0), *statistics = numbers(6, 0);
    float *gamma = numbers(n, 2), *beta = numbers(n, 2), *dgamma = numbers(n, 0), *dbeta = numbers(n, 0);
    ck_layer_norm_forward(y, statistics, x, gamma, beta, 3, n, 1e-5f);
    note_floats(&norm, y, 3 * n);
    ck_layer_norm_backward(y, dgamma, dbeta, dy, x, statistics, gamma, 3, n);
    note_floats(&norm, y, 3 * n), note_floats(&norm, dgamma, n), note_floats(&norm, dbeta, n);
    const int32_t classes[3] = {0, (int32_t)(n - 1), (int32_t)(n / 2)};
    double loss = ck_softmax_cross_entropy(y, x, classes, 3, n, 3);
    note(&losses, &loss, sizeof loss), note_floats(&losses, y, 3 * n);
    loss = ck_binary_cross_entropy(y, x, dy, 3, n, 2, 1.5f);
    note(&losses, &loss, sizeof loss), note_floats(&losses, y, 3 * n);
    loss = ck_huber(y, x, dy, 3, n, 3, 0.7f);
    note(&losses, &loss, sizeof loss), note_floats(&losses, y, 3 * n);
    free(x), free(dy), free(y), free(statistics), free(gamma), free(beta), free(dgamma), free(dbeta);
  }
  end("layer norm", norm), end("losses", losses);
}

static void attention(void) {
  digest all = begin(5);
  for (int64_t round = 0; round < 60; round++) {
    const int64_t T = round * 7 % 71 + 1 + (round % 20 == 0 ? 64 : 0), d = round * 5 % 37 + 1, H = 2, B = 1 + round % 2;
    const ck_attention shape = {B, T, H * d, H, round % 3 > 0, 1 / sqrtf((float)d)};
    const int64_t outputs = B * T * H * d, most = ck_attention_backward_scratch(&shape);
    float *qkv = numbers(3 * outputs, 2), *o = numbers(outputs, 0), *up = numbers(outputs, 1), *dqkv = numbers(3 * outputs, 0);
    float *statistics = numbers(B * H * T * 2, 0), *scratch = numbers(most, 0);
    ck_attention_forward(o, statistics, qkv, &shape, 0, B * H, 0, T, scratch);
    ck_attention_backward(dqkv, up, qkv, statistics, &shape, 0, B * H, scratch);
    note_floats(&all, o, outputs), note_floats(&all, dqkv, 3 * outputs);
    ck_attention_forward(o, statistics, qkv, &shape, 0, B * H, T - 1, 1, scratch);
    note_floats(&all, o, outputs), note_floats(&all, statistics, B * H * T * 2);
    free(qkv), free(o), free(up), free(dqkv), free(statistics), free(scratch);
  }
  end("attention", all);
}

/* Heads that share keys, a memory, windows, slopes, ends of sequences and dropout, in floats and bfloat16 numbers. */
static void attention_forms(void) {
  digest all = begin(11);
  for (int64_t round = 0; round < 60; round++) {
    const int64_t T = round * 7 % 71 + 1 + (round % 20 == 0 ? 64 : 0), d = 2 * (round * 5 % 19 + 1), B = 2;
    const int64_t G = 1 + round % 2, H = G * (1 + round % 3), S = round % 4 == 0 ? round % 67 + 1 : 0;
    const float slopes[6] = {0.5f, 0.25f, 0.125f, 0.3f, 0.2f, 0.1f};
    const int32_t lengths[2] = {(int32_t)(T - round % 3 > 0 ? T - round % 3 : 0), (int32_t)T}, memory[2] = {0, (int32_t)S};
    ck_attention shape = {.samples = B, .positions = T, .width = H * d, .heads = H, .scale = 1 / sqrtf((float)d)};
    shape.causal = S == 0 && round % 3 > 0;
    shape.key_heads = G, shape.memory = S, shape.window = shape.causal ? round % 11 : 0;
    shape.slopes = round % 2 ? slopes : NULL, shape.lengths = round % 5 ? lengths : NULL;
    shape.memory_lengths = S > 0 && round % 3 ? memory : NULL;
    if (round % 4 > 1) shape.dropout = (ck_attention_dropout){3u << 30, 4.0f / 3, 1, 2, 3, 4, 5};
    const int64_t outputs = B * T * H * d, count = outputs + 2 * B * (S > 0 ? S : T) * G * d;
    float *qkv = numbers(count, 2), *o = numbers(outputs, 0), *up = numbers(outputs, 1), *dqkv = numbers(count, 0);
    float *cosines = numbers(T * d, 1), *statistics = numbers(B * H * T * 2, 0);
    if (S == 0) ck_rotate(qkv, T, H * d + 2 * G * d, H + G, d, cosines, cosines + T * d / 2, 0);
    float *forward = numbers(ck_attention_forward_scratch(&shape), 0);
    float *backward = numbers(ck_attention_backward_scratch(&shape), 0);
    ck_attention_forward(o, statistics, qkv, &shape, 0, B * H, 0, T, forward);
    ck_attention_backward(dqkv, up, qkv, statistics, &shape, 0, B * H, backward);
    note_floats(&all, o, outputs), note_floats(&all, dqkv, count), note_floats(&all, statistics, B * H * T * 2);
    free(forward), free(backward);
    forward = numbers(ck_attention_bfloat16_forward_scratch(&shape), 0);
    backward = numbers(ck_attention_bfloat16_backward_scratch(&shape), 0);
    uint16_t *words = calloc((size_t)count, sizeof *words), *to = calloc((size_t)outputs, sizeof *to);
    ck_bfloat16_round(words, qkv, count);
    if (S == 0) ck_bfloat16_rotate(words, T, H * d + 2 * G * d, H + G, d, cosines, cosines + T * d / 2, 1);
    ck_attention_bfloat16_forward(to, statistics, words, &shape, 0, B * H, 0, T, forward);
    ck_attention_bfloat16_backward(dqkv, up, words, statistics, &shape, 0, B * H, backward);
    note(&all, to, (size_t)outputs * sizeof *to), note_floats(&all, dqkv, count);
    free(qkv), free(o), free(up), free(dqkv), free(cosines), free(statistics), free(forward), free(backward);
    free(words), free(to);
  }
  end("attention's forms", all);
}

static void bfloat16_attention(void) {
  digest all = begin(9);
  for (int64_t round = 0; round < 40; round++) {
    const int64_t T = round * 7 % 71 + 1 + (round % 20 == 0 ? 64 : 0), d = round * 5 % 37 + 1, H = 2, B = 1 + round % 2;
    const ck_attention shape = {B, T, H * d, H, round % 3 > 0, 1 / sqrtf((float)d)};
    const int64_t count = B * T * H * d;
    float *from = numbers(3 * count, 2), *up = numbers(count, 1), *dqkv = numbers(3 * count, 0);
    float *statistics = numbers(B * H * T * 2, 0);
    float *forward = numbers(ck_attention_bfloat16_forward_scratch(&shape), 0);
    float *backward = numbers(ck_attention_bfloat16_backward_scratch(&shape), 0);
    uint16_t *qkv = calloc((size_t)(3 * count), sizeof *qkv), *o = calloc((size_t)count, sizeof *o);
    ck_bfloat16_round(qkv, from, 3 * count);
    ck_attention_bfloat16_forward(o, statistics, qkv, &shape, 0, B * H, 0, T, forward);
    ck_attention_bfloat16_backward(dqkv, up, qkv, statistics, &shape, 0, B * H, backward);
    note(&all, o, (size_t)count * sizeof *o), note_floats(&all, dqkv, 3 * count);
    free(from), free(up), free(dqkv), free(statistics), free(forward), free(backward), free(qkv), free(o);
  }
  end("bfloat16 attention", all);
}

void check_sequences(void) {
  norms_and_losses();
  attention();
  attention_forms();
  bfloat16_attention();
}
