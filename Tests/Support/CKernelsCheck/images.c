/* Layers of images. */
#include "check.h"

/* Norms of groups and of root mean squares, gates of channels, learned rectifiers, adaptive pools. */
void check_images(void) {
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
void check_bfloat16_images(void) {
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
