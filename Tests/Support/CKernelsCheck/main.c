/* Digests of what the kernels give on fixed numbers, a line each: for processors that the package is not tested on.
 *
 * Built and run by scripts/check-aarch64, which compares them with those of the machine it runs on, with each kind of vectors. Products are compared
 * with their definition as well; exits with 1 where one differs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

static int wrong;

/* ---- Numbers -------------------------------------------------------------------------------------------------------- */

static uint64_t state;

/* In -limit ... limit, the same on any processor. */
static float number(float limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((float)(state >> 40) * 0x1p-23f - 1) * limit;
}

static float *room(int64_t count) { return aligned_alloc(64, ((size_t)count * 4 + 191) / 64 * 64); }

static float *numbers(int64_t count, float limit) {
  float *all = room(count);
  for (int64_t i = 0; i < count; i++) all[i] = number(limit);
  return all;
}

/* FNV-1a of everything that was noted. */
typedef struct {
  uint64_t value;
} digest;

static void note(digest *to, const void *bytes, size_t count) {
  const unsigned char *each = bytes;
  for (size_t i = 0; i < count; i++) to->value = (to->value ^ each[i]) * 1099511628211u;
}
static void note_floats(digest *to, const float *all, int64_t count) { note(to, all, (size_t)count * sizeof *all); }

static digest begin(uint64_t seed) {
  state = seed;
  return (digest){14695981039346656037u};
}
static void end(const char *name, digest found) { printf("%-24s %016llx\n", name, (unsigned long long)found.value); }

static const int64_t lengths[] = {1, 2, 3, 5, 15, 16, 17, 31, 33, 64, 67, 1000, 2051};
#define EACH_LENGTH(n) for (size_t l = 0, n = 0; l < sizeof lengths / sizeof *lengths && (n = (size_t)lengths[l], 1); l++)

/* ---- Products and convolutions -------------------------------------------------------------------------------------- */

static void products(void) {
  digest all = begin(1);
  for (int round = 0; round < 400; round++) {
    const int64_t M = round % 29, N = round * 7 % 71, K = round % 13 == 0 ? 400 : round * 5 % 37;
    const int turnsA = round & 1, turnsB = round >> 1 & 1, adds = round >> 2 & 1;
    float *a = numbers(M * K, 2), *b = numbers(K * N, 2), *c = numbers(M * N, 1), *expected = numbers(M * N, 0);
    float *bias = numbers(N, 1);
    memcpy(expected, c, (size_t)(M * N) * sizeof *c);
    ck_product_task task = {
        M, N, K, {a, turnsA ? 1 : K, turnsA ? M : 1}, {b, turnsB ? 1 : N, turnsB ? K : 1}, c, N, adds,
        round >> 3 & 1 ? bias : NULL};
    float *again = room(M * N), *packed = room(ck_product_packed_count(K, N));
    memcpy(again, c, (size_t)(M * N) * sizeof *c);
    ck_product(&task);
    note_floats(&all, c, M * N);
    task.C = expected;
    ck_product_reference(&task);
    ck_product_pack(K, 0, N, task.B, packed);
    task.C = again;
    task.packed = (ck_packed){packed, ck_product_path()};
    ck_product(&task);
    const size_t size = (size_t)(M * N) * sizeof *c;
    if (memcmp(c, expected, size) != 0 || memcmp(again, expected, size) != 0) {
      wrong++;
      printf("product %lld x %lld x %lld: other bits than its definition\n", (long long)M, (long long)N, (long long)K);
    }
    free(a), free(b), free(c), free(expected), free(bias), free(again), free(packed);
  }
  end("products", all);
}

static void bfloat16_products(void) {
  digest all = begin(9);
  for (int round = 0; round < 400; round++) {
    const int64_t M = round % 29, N = round * 7 % 71, K = round % 13 == 0 ? 801 : round * 5 % 37;
    const int turnsA = round & 1, turnsB = round >> 1 & 1, areFloats = round >> 2 & 1;
    float *a = numbers(M * K, 2), *b = numbers(K * N, 2), *bias = numbers(N, 1), *c = numbers(M * N, 1);
    float *expected = numbers(M * N, 0);
    uint16_t *half = (uint16_t *)numbers(M * K, 0);
    ck_bfloat16_round(half, a, M * K);
    ck_bfloat16_task task = {
        M, N, K, {areFloats ? (void *)a : (void *)half, turnsA ? 1 : K, turnsA ? M : 1, areFloats},
        {b, turnsB ? 1 : N, turnsB ? K : 1, 1}, c, N, !areFloats, 0, round & 8 ? bias : NULL};
    const size_t size = (size_t)(M * N) * (areFloats ? sizeof *half : sizeof *c);
    ck_bfloat16_product(&task);
    note(&all, c, size);
    task.C = expected;
    ck_bfloat16_reference(&task);
    float *again = room(M * N), *packed = room(ck_bfloat16_packed_count(K, N));
    ck_bfloat16_pack(K, 0, N, task.B, packed);
    task.C = again;
    task.packed = (ck_packed){packed, ck_product_path()};
    ck_bfloat16_product(&task);
    if (memcmp(c, expected, size) != 0 || memcmp(again, expected, size) != 0) {
      wrong++;
      printf("bfloat16 product %lld x %lld x %lld: other bits than its definition\n", (long long)M, (long long)N, (long long)K);
    }
    free(a), free(b), free(bias), free(c), free(expected), free(half), free(again), free(packed);
  }
  end("bfloat16 products", all);
}

/* A tensor of floats, or of bfloat16 numbers made of them. */
static void *tensor(const float *from, int64_t count, int isBFloat16) {
  void *made = numbers(count, 0);
  if (isBFloat16) {
    ck_bfloat16_round(made, from, count);
  } else {
    memcpy(made, from, (size_t)count * sizeof *from);
  }
  return made;
}
static void note_tensor(digest *to, const void *all, int64_t count, int isBFloat16) {
  note(to, all, (size_t)count * (isBFloat16 ? sizeof(uint16_t) : sizeof(float)));
}

/* Chains of factors as they are, or rounded, from and into tensors of either. */
static void convolutions(const char *name, int isBFloat16, int inputIsBFloat16, int outputIsBFloat16) {
  digest all = begin(2);
  static const ck_convolution shapes[] = {
      {2, {9, 8}, 5, {9, 8}, 7, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 1},
      {2, {11, 9}, 16, {6, 5}, 24, {3, 3}, {2, 2}, {1, 1}, {1, 1}, 1},
      {1, {11, 9}, 6, {9, 7}, 12, {3, 3}, {1, 1}, {2, 2}, {1, 1}, 3},
      {2, {8, 8}, 20, {4, 4}, 20, {3, 3}, {2, 2}, {1, 1}, {1, 1}, 20},
      {3, {7, 7}, 1, {5, 5}, 33, {3, 3}, {1, 1}, {1, 1}, {0, 0}, 1},
      {29, {2, 2}, 16, {2, 2}, 33, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 1},
      {3, {37, 1}, 5, {37, 1}, 20, {5, 1}, {1, 1}, {1, 1}, {2, 0}, 1},
      {5, {3, 3}, 6, {3, 3}, 9, {1, 1}, {1, 1}, {1, 1}, {0, 0}, 3},
      {2, {9, 9}, 31, {5, 5}, 31, {3, 3}, {2, 2}, {1, 1}, {1, 1}, 31},
  };
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    ck_convolution shape = shapes[i];
    shape.isBFloat16 = isBFloat16, shape.inputIsBFloat16 = inputIsBFloat16, shape.outputIsBFloat16 = outputIsBFloat16;
    const ck_convolution *const s = &shape;
    const int64_t x = s->samples * s->input[0] * s->input[1] * s->inputChannels;
    const int64_t y = s->samples * s->output[0] * s->output[1] * s->outputChannels;
    const int64_t w = s->outputChannels * s->inputChannels / s->groups * s->kernel[0] * s->kernel[1];
    float *first = numbers(x, 1), *second = numbers(y, 1), *weight = numbers(w, 1), *bias = numbers(s->outputChannels, 1);
    float *dw = numbers(w, 1), *scratch = numbers(ck_convolution_scratch(s), 1);
    void *in = tensor(first, x, inputIsBFloat16), *out = tensor(second, y, outputIsBFloat16), *dx = numbers(x, 1);
    ck_convolution_forward(out, in, weight, bias, s, scratch);
    ck_convolution_backward_data(dx, out, weight, s, scratch);
    ck_convolution_backward_weights(dw, bias, in, out, s, scratch);
    note_tensor(&all, out, y, outputIsBFloat16), note_tensor(&all, dx, x, inputIsBFloat16), note_floats(&all, dw, w);
    note_floats(&all, bias, s->outputChannels);
    free(first), free(second), free(in), free(out), free(weight), free(bias), free(dx), free(dw), free(scratch);
  }
  end(name, all);
}

static void all_convolutions(void) {
  convolutions("convolutions", 0, 0, 0), convolutions("bfloat16 convolutions", 1, 0, 0);
  convolutions("of bfloat16 tensors", 0, 1, 1), convolutions("into bfloat16 tensors", 0, 0, 1);
  convolutions("bfloat16, of tensors", 1, 1, 1), convolutions("bfloat16, from tensors", 1, 1, 0);
}

static void one_elu(float *y, const float *x, int64_t n) { ck_elu_forward(y, x, n, 1.5f); }
static void one_softplus(float *y, const float *x, int64_t n) { ck_softplus_forward(y, x, n, 1.5f); }

/* Norms of groups and of root mean squares, gates of channels, learned rectifiers, adaptive pools. */
static void pictures(void) {
  digest norms = begin(14), others = begin(15), pools = begin(16);
  EACH_LENGTH(size) {
    const int64_t G = (int64_t)size, C = 2 * G, R = 35, n = 2 * R * C;
    float *x = numbers(n, 2), *dy = numbers(n, 1), *gamma = numbers(C, 1), *beta = numbers(C, 1), *y = numbers(n, 0);
    float *statistics = numbers(4 * G, 0), *room = numbers(4 * C, 0), *inverses = numbers(2 * R, 0);
    double *parts = malloc((size_t)(4 * C) * sizeof *parts);
    uint16_t *halves = tensor(x, n, 1), *rounded = tensor(y, n, 1);
    ck_group_norm_forward(y, statistics, x, gamma, beta, 2, R, C, G, 1e-5f, room), note_floats(&norms, y, n);
    ck_group_norm_backward(y, parts, dy, x, statistics, gamma, 2, R, C, G, room), note_floats(&norms, y, n);
    ck_group_norm_totals(gamma, beta, parts, 2, C), note_floats(&norms, gamma, C), note_floats(&norms, beta, C);
    ck_bfloat16_group_norm_forward(rounded, statistics, halves, gamma, beta, 2, R, C, G, 1e-5f, room);
    note_tensor(&norms, rounded, n, 1);
    ck_rms_norm_forward(y, 1, inverses, x, gamma, 2 * R, C, 1e-5f), note_floats(&norms, y, n);
    ck_rms_norm_rows(y, dy, 1, x, inverses, gamma, 2 * R, C), note_floats(&norms, y, n);
    ck_rms_norm_sums(gamma, dy, 1, x, inverses, 2 * R, C, C), note_floats(&norms, gamma, C);
    ck_prelu_forward(y, x, gamma, 2 * R, C), note_floats(&others, y, n);
    ck_prelu_backward(y, dy, x, gamma, 2 * R, C), note_floats(&others, y, n);
    ck_prelu_sums(parts, dy, x, 2 * R, C), note(&others, parts, (size_t)C * sizeof *parts);
    ck_scale_rows(y, x, gamma, 2 * R, C), note_floats(&others, y, n);
    ck_scale_gradient(gamma, parts, dy, x, 2 * R, C), note_floats(&others, gamma, C);
    const ck_pooling shape = {2, C, {7, 5}, {3, 4}, {3, 2}, {3, 2}, {0, 0}, 1, 1};
    uint8_t *places = malloc((size_t)(24 * C));
    ck_max_pool_forward(y, places, x, &shape), note_floats(&pools, y, 24 * C);
    ck_average_pool_forward(y, x, &shape), note_floats(&pools, y, 24 * C);
    ck_average_pool_backward(y, dy, &shape), note_floats(&pools, y, n);
    free(x), free(dy), free(gamma), free(beta), free(y), free(statistics), free(room), free(inverses), free(parts);
    free(halves), free(rounded), free(places);
  }
  end("more norms", norms), end("gates and slopes", others), end("adaptive pools", pools);
}

/* Winograd's transforms, pools and batch normalisation, of bfloat16 numbers. */
static void bfloat16_images(void) {
  digest tiles = begin(11), pools = begin(12), norms = begin(13);
  for (int64_t C = 16; C <= 48; C += 16) {
    const ck_winograd shape = {{7, 6}, {7, 6}, {1, 1}};
    const int64_t floats = 36 * ck_winograd_plane(8, C), count = 2 * 42 * C;
    float *from = numbers(count, 2), *bias = numbers(C, 1), *V = numbers(floats, 0), *D = numbers(floats, 0);
    uint16_t *x = tensor(from, count, 1), *y = tensor(from, count, 1);
    memset(V, 0, (size_t)floats * sizeof *V), memset(D, 0, (size_t)floats * sizeof *D);
    ck_bfloat16_winograd_input(V, x, &shape, 0, 8, C);
    ck_bfloat16_winograd_output(y, V, bias, &shape, 0, 8, C);
    ck_bfloat16_winograd_output_gradient(D, y, &shape, 0, 8, C);
    note_floats(&tiles, V, floats), note_tensor(&tiles, y, count, 1), note_floats(&tiles, D, floats);
    free(from), free(bias), free(V), free(D), free(x), free(y);
  }
  EACH_LENGTH(size) {
    const int64_t C = (int64_t)size, R = 48;
    for (int64_t padding = 0; padding < 2; padding++) {
      const ck_pooling shape = {2, C, {6, 4}, {3, 2}, {2 + padding, 2 + padding}, {2, 2}, {padding, padding}};
      float *from = numbers(R * C, 2);
      uint16_t *x = tensor(from, R * C, 1), *dx = tensor(from, R * C, 1), *y = tensor(from, 12 * C, 1);
      uint8_t *places = malloc(12 * size);
      ck_bfloat16_max_pool_forward(y, places, x, &shape);
      ck_bfloat16_max_pool_backward(dx, y, places, &shape);
      note_tensor(&pools, y, 12 * C, 1), note_tensor(&pools, dx, R * C, 1), note(&pools, places, 12 * size);
      ck_bfloat16_average_pool_forward(y, x, &shape);
      ck_bfloat16_average_pool_backward(dx, y, &shape);
      note_tensor(&pools, y, 12 * C, 1), note_tensor(&pools, dx, R * C, 1);
      free(from), free(x), free(dx), free(y), free(places);
    }
    float *from = numbers(R * C, 2), *up = numbers(R * C, 1), *mean = numbers(C, 0), *variance = numbers(C, 0);
    float *scale = numbers(C, 1), *shift = numbers(C, 1);
    double *sums = malloc(size * sizeof *sums), *products = malloc(size * sizeof *products);
    uint16_t *x = tensor(from, R * C, 1), *dy = tensor(up, R * C, 1), *y = tensor(up, R * C, 1);
    ck_bfloat16_batch_moments(mean, variance, sums, x, R, C);
    ck_bfloat16_channel_affine(y, x, mean, scale, shift, R, C);
    ck_bfloat16_add(y, x, y, R * C), ck_bfloat16_relu_forward(y, y, R * C), ck_bfloat16_relu_backward(dy, dy, y, R * C);
    ck_bfloat16_batch_norm_sums(sums, products, dy, x, mean, R, C);
    ck_bfloat16_batch_norm_backward(dy, dy, x, mean, scale, shift, variance, R, C);
    note_floats(&norms, mean, C), note_floats(&norms, variance, C), note_tensor(&norms, y, R * C, 1);
    note(&norms, sums, size * sizeof *sums), note(&norms, products, size * sizeof *products), note_tensor(&norms, dy, R * C, 1);
    free(from), free(up), free(mean), free(variance), free(scale), free(shift), free(sums), free(products);
    free(x), free(dy), free(y);
  }
  end("bfloat16 winograd", tiles), end("bfloat16 pools", pools), end("bfloat16 batch norm", norms);
}

/* ---- Loops ---------------------------------------------------------------------------------------------------------- */

typedef void unary(float *, const float *, int64_t);
typedef void binary(float *, const float *, const float *, int64_t);

static void each_unary(const char *name, unary *kernel, float limit) {
  digest all = begin(3);
  EACH_LENGTH(n) {
    float *x = numbers((int64_t)n, limit), *y = numbers((int64_t)n, 0);
    kernel(y, x, (int64_t)n);
    note_floats(&all, y, (int64_t)n);
    free(x), free(y);
  }
  end(name, all);
}

static void each_binary(const char *name, binary *kernel) {
  digest all = begin(4);
  EACH_LENGTH(n) {
    float *a = numbers((int64_t)n, 2), *b = numbers((int64_t)n, 1), *y = numbers((int64_t)n, 0);
    kernel(y, a, b, (int64_t)n);
    note_floats(&all, y, (int64_t)n);
    free(a), free(b), free(y);
  }
  end(name, all);
}

static void sequences(void) {
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

static void updates(void) {
  digest all = begin(8);
  EACH_LENGTH(size) {
    const int64_t n = (int64_t)size;
    float *p = numbers(n, 1), *m = numbers(n, 0), *v = numbers(n, 0), *g = numbers(n, 8);
    memset(m, 0, size * sizeof *m), memset(v, 0, size * sizeof *v);
    ck_adam(p, m, v, g, n, 0.5f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.99f);
    ck_adam(p, m, v, g, n, 0.5f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.99f);
    ck_sgd(p, m, g, n, 0.5f, 0.1f, 0.9f, 1, 0.01f, 0);
    ck_dropout(g, g, n, 0xB0000000u, 1.4545455f, 1, 2, 3, 4, 5);
    note_floats(&all, p, n), note_floats(&all, m, n), note_floats(&all, v, n), note_floats(&all, g, n);
    free(p), free(m), free(v), free(g);
  }
  end("optimizers and dropout", all);
}

static void draws(void) {
  digest all = begin(9);
  EACH_LENGTH(n) {
    float *x = numbers((int64_t)n, 0);
    ck_draw_uniform(x, (ptrdiff_t)n, 3, 1, 2, 2.5);
    note_floats(&all, x, (int64_t)n);
    ck_draw_normal(x, (ptrdiff_t)n, 3, 1, 2, 0.5, 2);
    note_floats(&all, x, (int64_t)n);
    free(x);
  }
  end("draws", all);
}

static void one_softmax(float *y, const float *x, int64_t n) { ck_softmax(y, x, 1, n); }

/* `check NAME` takes the vectors of that name for products and convolutions, `check --paths` lists those that run here. */
int main(int count, char **words) {
  int isKnown = count < 2;
  for (int path = 0; path < CK_PRODUCT_PATHS; path++) {
    if (!ck_product_runs(path)) continue;
    const char *name = ck_product_name(path);
    if (count > 1 && strcmp(words[1], "--paths") == 0) puts(name);
    if (count > 1 && strcmp(words[1], name) == 0) ck_product_use(path), isKnown = 1;
  }
  if (!isKnown) return strcmp(words[1], "--paths") == 0 ? 0 : 64;
  (void)ck_flush_denormals();
  fprintf(stderr, "products by %s\n", ck_product_name(ck_product_path()));
  products();
  bfloat16_products();
  all_convolutions();
  /* What the compiler makes of plain C: lines more, equal to those above. */
  ck_product_use_here(CK_PRODUCT_PLAIN);
  products();
  all_convolutions();
  ck_product_use_here(-1);
  each_unary("exp", ck_exp, 87), each_unary("erf", ck_erf, 5), each_unary("sigmoid", ck_sigmoid_forward, 80);
  each_unary("tanh", ck_tanh_forward, 5), each_unary("gelu", ck_gelu_forward, 6), each_unary("silu", ck_silu_forward, 20);
  each_unary("softmax", one_softmax, 20);
  each_binary("add", ck_add), each_binary("multiply", ck_multiply);
  each_binary("gelu backward", ck_gelu_backward), each_binary("silu backward", ck_silu_backward);
  each_unary("relu6", ck_relu6_forward, 9), each_unary("hard sigmoid", ck_hard_sigmoid_forward, 5);
  each_unary("hard swish", ck_hard_swish_forward, 5), each_unary("mish", ck_mish_forward, 30);
  each_unary("elu", one_elu, 20), each_unary("softplus", one_softplus, 20);
  each_binary("hard swish backward", ck_hard_swish_backward), each_binary("mish backward", ck_mish_backward);
  bfloat16_images();
  pictures();
  sequences();
  attention();
  attention_forms();
  bfloat16_attention();
  updates();
  draws();
  return wrong > 0;
}
