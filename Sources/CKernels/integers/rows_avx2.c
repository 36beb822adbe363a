/* Products of words of 16 bits, added in pairs: sums of pairs of bytes may be larger than 16 bits hold. Two steps of 8 sums an
 * instruction: 12 sums, 2 of weights, 1 of inputs. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "integers.h"
#include "../memory.h"

#define TARGET __attribute__((target("arch=x86-64-v3")))
#define UNROLLED _Pragma("clang loop unroll(full)")
enum { ROWS = 6, COLUMNS = 8 };

/* `words` are the inputs of R rows, K of them and zeros, side by side. */
TARGET static inline __attribute__((always_inline)) void tile(
    const ck_integer_task *task, const int16_t *words, int64_t m, int64_t n, const int R) {
  const int64_t groups = ck_integer_groups(task->K), inside = n % CK_INTEGER_PANEL;
  const int8_t *w = task->packed + (n - inside) * groups * CK_INTEGER_GROUP + inside * CK_INTEGER_GROUP;
  /* Of four outputs in each, a pair of steps and the other one. */
  __m256i sums[ROWS][2];
  UNROLLED for (int r = 0; r < R; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
  for (int64_t g = 0; g < groups; g++, w += CK_INTEGER_PANEL * CK_INTEGER_GROUP) {
    __m256i weights[2];
    UNROLLED for (int v = 0; v < 2; v++) {
      weights[v] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 16 * v)));
    }
    UNROLLED for (int r = 0; r < R; r++) {
      const double *four = (const double *)(words + (r * groups + g) * CK_INTEGER_GROUP);
      const __m256i inputs = _mm256_castpd_si256(_mm256_broadcast_sd(four));
      UNROLLED for (int v = 0; v < 2; v++) {
        sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(inputs, weights[v]));
      }
    }
  }
  const int64_t left = task->N - n, columns = left < COLUMNS ? left : COLUMNS;
  UNROLLED for (int r = 0; r < R; r++) {
    /* Halves of vectors are added apart: outputs 0, 1, 4, 5 and 2, 3, 6, 7. */
    const __m256i order = _mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7);
    int32_t all[COLUMNS];
    _mm256_storeu_si256(
        (__m256i *)all, _mm256_permutevar8x32_epi32(_mm256_hadd_epi32(sums[r][0], sums[r][1]), order));
    for (int64_t c = 0; c < columns; c++) {
      task->y[(m + r) * task->N + n + c] = ck_integer_output(task, all[c], n + c);
    }
  }
}

#define OF(R)                                                                                                     \
  TARGET static void tile_##R(const ck_integer_task *task, const int16_t *words, int64_t m, int64_t n) { \
    tile(task, words, m, n, R);                                                                                  \
  }
OF(1) OF(2) OF(3) OF(4) OF(5) OF(6)

typedef void tile_function(const ck_integer_task *task, const int16_t *words, int64_t m, int64_t n);
static tile_function *const tiles[ROWS] = {tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};

TARGET void ck_integer_rows_avx2(const ck_integer_task *task, int64_t first, int64_t count) {
  const int64_t row = ck_integer_row(task->K), parts = (count + ROWS - 1) / ROWS;
  int16_t *const words = (int16_t *)ck_memory(CK_OF_PRODUCTS, (CK_INTEGER_BLOCK * row + 1) / 2);
  for (int64_t m = 0; m < count; m++) {
    const uint8_t *const q = task->q + (first + m) * task->row;
    for (int64_t k = 0; k < row; k++) words[m * row + k] = q[k];
  }
  for (int64_t n = 0; n < task->N; n += COLUMNS) {
    for (int64_t part = 0; part < parts; part++) {
      const int64_t from = count * part / parts, to = count * (part + 1) / parts;
      tiles[to - from - 1](task, words + from * row, first + from, n);
    }
  }
}
#endif
