/* Four steps of 16 sums an instruction, of bytes: 24 sums, 2 of weights, 1 of inputs. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "integers.h"

#define TARGET __attribute__((target("arch=x86-64-v4,avx512vnni"), min_vector_width(512)))
#define UNROLLED _Pragma("clang loop unroll(full)")
enum { ROWS = 12, VECTORS = 2 };

TARGET static inline __attribute__((always_inline)) void tile(
    const ck_integer_task *task, int64_t m, int64_t n, const int R, const int V) {
  const int64_t groups = ck_integer_groups(task->K), row = task->row;
  const int8_t *w = task->packed + n * groups * CK_INTEGER_GROUP;
  const uint8_t *q = task->q + m * row;
  __m512i sums[ROWS][VECTORS];
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V; v++) sums[r][v] = _mm512_setzero_si512();
  }
  for (int64_t g = 0; g < groups; g++, q += 4, w += 64) {
    __m512i weights[VECTORS];
    UNROLLED for (int v = 0; v < V; v++) weights[v] = _mm512_loadu_si512(w + v * groups * 64);
    UNROLLED for (int r = 0; r < R; r++) {
      int32_t four;
      memcpy(&four, q + r * row, sizeof four);
      const __m512i inputs = _mm512_set1_epi32(four);
      UNROLLED for (int v = 0; v < V; v++) sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], inputs, weights[v]);
    }
  }
  UNROLLED for (int v = 0; v < V; v++) {
    const int64_t at = n + 16 * v, left = task->N - at;
    const __mmask16 own = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    const __m512i zero = _mm512_set1_epi32(task->zero);
    const __m512i shift = _mm512_mullo_epi32(zero, _mm512_maskz_loadu_epi32(own, task->sums + at));
    const __m512 factor = _mm512_maskz_loadu_ps(own, task->factors + at);
    const __m512 bias = task->bias ? _mm512_maskz_loadu_ps(own, task->bias + at) : _mm512_setzero_ps();
    UNROLLED for (int r = 0; r < R; r++) {
      const __m512 sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[r][v], shift));
      _mm512_mask_storeu_ps(task->y + (m + r) * task->N + at, own, _mm512_fmadd_ps(sum, factor, bias));
    }
  }
}

#define OF(R, V) \
  TARGET static void tile_##R##_##V(const ck_integer_task *task, int64_t m, int64_t n) { tile(task, m, n, R, V); }
#define BOTH(R) OF(R, 1) OF(R, 2)
BOTH(1) BOTH(2) BOTH(3) BOTH(4) BOTH(5) BOTH(6) BOTH(7) BOTH(8) BOTH(9) BOTH(10) BOTH(11) BOTH(12)

typedef void tile_function(const ck_integer_task *task, int64_t m, int64_t n);
#define PAIR(R) {tile_##R##_1, tile_##R##_2}
static tile_function *const tiles[ROWS][VECTORS] = {PAIR(1), PAIR(2), PAIR(3), PAIR(4),  PAIR(5),  PAIR(6),
                                                   PAIR(7), PAIR(8), PAIR(9), PAIR(10), PAIR(11), PAIR(12)};

void ck_integer_rows_vnni(const ck_integer_task *task, int64_t first, int64_t count) {
  const int64_t parts = (count + ROWS - 1) / ROWS;
  for (int64_t n = 0; n < task->N; n += 16 * VECTORS) {
    const int V = task->N - n > 16 ? 2 : 1;
    for (int64_t part = 0; part < parts; part++) {
      const int64_t from = count * part / parts, to = count * (part + 1) / parts;
      tiles[to - from - 1][V - 1](task, first + from, n);
    }
  }
}
#endif
