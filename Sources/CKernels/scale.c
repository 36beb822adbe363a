/* Rows of channels that are multiplied by one row. */
#include "CKernels.h"
#include "bfloat16.h"
#include "channel_sums.h"

/* Of rows of floats, and of rows of bfloat16 numbers: names begin with PREFIX, FLOAT widens a number, OF rounds one. */
#define SCALE(PREFIX, NUMBER, FLOAT, OF)                                                                             \
  CK_CLONES void PREFIX##_scale_rows(NUMBER *y, const NUMBER *x, const NUMBER *restrict gate, int64_t R, int64_t C) { \
    for (int64_t r = 0; r < R; r++, x += C, y += C) {                                                                \
      CK_ELEMENTWISE                                                                                                 \
      for (int64_t c = 0; c < C; c++) y[c] = OF(FLOAT(x[c]) * FLOAT(gate[c]));                                       \
    }                                                                                                                \
  }                                                                                                                  \
  CK_CLONES static void PREFIX##_scale_sums(                                                                         \
      double *restrict sums, const NUMBER *restrict dy, const NUMBER *restrict x, int64_t R, int64_t C) {            \
    SUM_ROWS(sums, FLOAT(dy[r * C + c]) * FLOAT(x[r * C + c]))                                                       \
  }                                                                                                                  \
  void PREFIX##_scale_gradient(NUMBER *dgate, double *sums, const NUMBER *dy, const NUMBER *x, int64_t R, int64_t C) { \
    PREFIX##_scale_sums(sums, dy, x, R, C);                                                                          \
    for (int64_t c = 0; c < C; c++) dgate[c] = OF((float)sums[c]);                                                   \
  }
SCALE(ck, float, , )
SCALE(ck_bfloat16, uint16_t, ck_float_of, ck_bfloat16_of)
