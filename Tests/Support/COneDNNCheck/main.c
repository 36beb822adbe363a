/* Compares what COneDNN computes with plain sums in doubles: for versions of oneDNN that the package is not built with.
 * Built and run by scripts/check-onednn. Exits with 1 where anything differs.
 *
 * Letters as in COneDNNConvolution.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "COneDNN.h"

static int failures = 0, checks = 0;

static float *floats(int64_t count) {
  float *made = aligned_alloc(64, (size_t)((count * 4 + 63) / 64 * 64));
  if (!made) abort();
  return made;
}

/* Numbers from -1 to 1, the same in every run. */
static float *noise(int64_t count) {
  static uint32_t state = 1;
  float *made = floats(count);
  for (int64_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    made[i] = (float)(state >> 8) / (float)(1 << 23) - 1.0f;
  }
  return made;
}

static void expect_success(const char *what, int status) {
  if (!status) return;
  printf("%s: %s\n", what, COneDNN_status(status));
  exit(1);
}

/* Sums of K products of numbers up to 1 round to about K/2^24 at worst; Winograd is not asked for. */
static void compare(const char *what, const float *found, const double *expected, int64_t count, int64_t K) {
  const double tolerance = 1e-6 + (double)K * 6e-8;
  checks++;
  for (int64_t i = 0; i < count; i++) {
    const double error = fabs((double)found[i] - expected[i]);
    if (error <= tolerance) continue; /* not for NaN */
    failures++;
    printf("%s: element %ld is off by %g, expected at most %g\n", what, (long)i, error, tolerance);
    return;
  }
}

static void check_product(int transposeA, int transposeB, int64_t M, int64_t N, int64_t K, float beta) {
  const int64_t lda = (transposeA ? M : K) + 3, ldb = (transposeB ? K : N) + 1, ldc = N + 2;
  float *A = noise(lda * (transposeA ? K : M)), *B = noise(ldb * (transposeB ? N : K)), *C = noise(ldc * M);
  double *expected = calloc((size_t)(ldc * M), sizeof *expected);
  for (int64_t m = 0; m < M; m++)
    for (int64_t n = 0; n < ldc; n++) {
      double sum = 0;
      for (int64_t k = 0; n < N && k < K; k++)
        sum += (double)A[transposeA ? k * lda + m : m * lda + k] * (double)B[transposeB ? n * ldb + k : k * ldb + n];
      /* What lies between the rows stays. */
      expected[m * ldc + n] = n < N ? 0.5 * sum + beta * (double)C[m * ldc + n] : (double)C[m * ldc + n];
    }
  char what[96];
  snprintf(what, sizeof what, "product %s%s %ldx%ldx%ld beta %g", transposeA ? "T" : "N", transposeB ? "T" : "N",
      (long)M, (long)N, (long)K, (double)beta);
  expect_success(what, COneDNN_sgemm(transposeA, transposeB, M, N, K, 0.5f, A, lda, B, ldb, beta, C, ldc));
  compare(what, C, expected, ldc * M, K);
  free(A), free(B), free(C), free(expected);
}

typedef struct {
  int64_t N, input[2], I, O, kernel[2], stride[2], dilation[2], padding[2], G;
  int hasBias;
} convolution_case;

static void check_convolution(const convolution_case *c) {
  COneDNN_convolution_shape shape = {.samples = c->N, .inputChannels = c->I, .outputChannels = c->O, .groups = c->G,
                                     .hasBias = c->hasBias};
  for (int a = 0; a < 2; a++) {
    const int64_t reach = c->dilation[a] * (c->kernel[a] - 1) + 1;
    shape.input[a] = c->input[a], shape.kernel[a] = c->kernel[a], shape.stride[a] = c->stride[a];
    shape.dilation[a] = c->dilation[a];
    shape.output[a] = (c->input[a] + 2 * c->padding[a] - reach) / c->stride[a] + 1;
    shape.paddingBefore[a] = c->padding[a];
    /* What the last window does not reach is no padding; oneDNN wants it told. */
    shape.paddingAfter[a] = (shape.output[a] - 1) * c->stride[a] + reach - c->input[a] - c->padding[a];
  }
  const int64_t IG = c->I / c->G, OG = c->O / c->G, *in = shape.input, *out = shape.output, *k = c->kernel;
  const int64_t xs = c->N * in[0] * in[1] * c->I, ys = c->N * out[0] * out[1] * c->O, ws = c->O * IG * k[0] * k[1];
  float *x = noise(xs), *w = noise(ws), *b = noise(c->O), *dy = noise(ys);
  float *y = floats(ys), *dx = floats(xs), *dw = floats(ws), *db = floats(c->O);
  double *ey = calloc((size_t)ys, 8), *ex = calloc((size_t)xs, 8), *ew = calloc((size_t)ws, 8);
  double *eb = calloc((size_t)c->O, 8);

  for (int64_t n = 0, at = 0; n < c->N; n++)
    for (int64_t h = 0; h < out[0]; h++)
      for (int64_t v = 0; v < out[1]; v++)
        for (int64_t o = 0; o < c->O; o++, at++) {
          double sum = c->hasBias ? (double)b[o] : 0;
          eb[o] += (double)dy[at];
          for (int64_t i = 0; i < IG; i++)
            for (int64_t p = 0; p < k[0]; p++)
              for (int64_t q = 0; q < k[1]; q++) {
                const int64_t r = h * c->stride[0] + p * c->dilation[0] - c->padding[0];
                const int64_t s = v * c->stride[1] + q * c->dilation[1] - c->padding[1];
                if (r < 0 || s < 0 || r >= in[0] || s >= in[1]) continue;
                const int64_t from = ((n * in[0] + r) * in[1] + s) * c->I + o / OG * IG + i;
                const int64_t with = ((o * IG + i) * k[0] + p) * k[1] + q;
                sum += (double)x[from] * (double)w[with];
                ex[from] += (double)dy[at] * (double)w[with];
                ew[with] += (double)dy[at] * (double)x[from];
              }
          ey[at] = sum;
        }

  COneDNN_convolution *convolution;
  COneDNN_convolution_worker *worker;
  char what[160], pass[192];
  snprintf(what, sizeof what, "convolution %ldx%ldx%ld to %ld by %ldx%ld, %ld groups", (long)in[0], (long)in[1],
      (long)c->I, (long)c->O, (long)k[0], (long)k[1], (long)c->G);
  expect_success(what, COneDNN_convolution_create(&convolution, &shape));
  expect_success(what, COneDNN_convolution_worker_create(&worker, convolution));
  void *scratch = floats(COneDNN_convolution_scratch(convolution) / 4 + 1);
  expect_success(what, COneDNN_convolution_forward(worker, x, w, c->hasBias ? b : NULL, y, scratch));
  expect_success(what, COneDNN_convolution_backward_data(worker, dy, w, dx, scratch));
  expect_success(what, COneDNN_convolution_backward_weights(worker, x, dy, dw, c->hasBias ? db : NULL, scratch));
#define NAMED(PASS, NUMBER) \
  (snprintf(pass, sizeof pass, "%s, " PASS " (%s)", what, COneDNN_convolution_implementation(convolution, NUMBER)), pass)
  compare(NAMED("forward", COneDNN_FORWARD), y, ey, ys, IG * k[0] * k[1]);
  compare(NAMED("backward to the input", COneDNN_BACKWARD_DATA), dx, ex, xs, OG * k[0] * k[1]);
  const int64_t sums = c->N * out[0] * out[1];
  compare(NAMED("backward to the weights", COneDNN_BACKWARD_WEIGHTS), dw, ew, ws, sums);
  if (c->hasBias) compare(NAMED("backward to the bias", COneDNN_BACKWARD_WEIGHTS), db, eb, c->O, sums);
  COneDNN_convolution_worker_destroy(worker);
  COneDNN_convolution_destroy(convolution);
  free(x), free(w), free(b), free(dy), free(y), free(dx), free(dw), free(db), free(scratch);
  free(ey), free(ex), free(ew), free(eb);
}

int main(void) {
  expect_success("instruction set", COneDNN_set_max_cpu_isa(COneDNN_instruction_set()));
  COneDNN_single_thread();
  for (int transposes = 0; transposes < 4; transposes++)
    for (int size = 0; size < 3; size++) {
      const int64_t M = (int64_t[]){1, 37, 128}[size], N = (int64_t[]){3, 10, 96}[size], K = (int64_t[]){5, 64, 300}[size];
      check_product(transposes & 1, transposes >> 1, M, N, K, (float)(size % 2));
    }
  const convolution_case cases[] = {
      {2, {9, 8}, 3, 4, {3, 3}, {1, 1}, {1, 1}, {0, 0}, 1, 1},
      {3, {12, 12}, 16, 32, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, 0},
      {2, {14, 13}, 32, 64, {3, 3}, {2, 2}, {1, 1}, {1, 1}, 1, 1},
      {2, {11, 15}, 8, 8, {3, 2}, {1, 2}, {2, 1}, {2, 0}, 1, 1},
      {2, {10, 10}, 16, 16, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 16, 1},
      {2, {8, 8}, 8, 12, {3, 3}, {1, 1}, {1, 1}, {0, 1}, 4, 0},
      {4, {7, 7}, 64, 32, {1, 1}, {2, 2}, {1, 1}, {0, 0}, 1, 1},
      {1, {5, 5}, 1, 1, {5, 5}, {1, 1}, {1, 1}, {0, 0}, 1, 1},
  };
  for (size_t number = 0; number < sizeof cases / sizeof *cases; number++) check_convolution(&cases[number]);
  printf("oneDNN %s: %d of %d comparisons hold\n", COneDNN_version(), checks - failures, checks);
  return failures > 0;
}
