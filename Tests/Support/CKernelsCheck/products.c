/* Products and convolutions. */
#include "check.h"

void check_products(void) {
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

void check_bfloat16_products(void) {
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

void check_convolutions(void) {
  convolutions("convolutions", 0, 0, 0), convolutions("bfloat16 convolutions", 1, 0, 0);
  convolutions("of bfloat16 tensors", 0, 1, 1), convolutions("into bfloat16 tensors", 0, 0, 1);
  convolutions("bfloat16, of tensors", 1, 1, 1), convolutions("bfloat16, from tensors", 1, 1, 0);
}
