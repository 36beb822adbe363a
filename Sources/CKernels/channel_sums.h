/* Sums over rows, channel by channel. */
#pragma once

#include "common.h"

/* Rows are added 32 at a time in float and these sums in double, so that the error does not grow with their number.
 * Each channel's additions are in the order of the rows, however many channels are taken at a time. */
enum { ROWS = 32 };

/* sums[c] = the sum over the rows r of TERM, for the next WIDTH channels: few enough to stay in registers. */
#define SUM_CHANNELS(sums, TERM, WIDTH)                                              \
  for (; C - first >= (WIDTH); first += (WIDTH)) {                                   \
    double total[WIDTH] = {0};                                                       \
    for (int64_t start = 0; start < R; start += ROWS) {                              \
      const int64_t end = R - start < ROWS ? R : start + ROWS;                       \
      float partial[WIDTH] = {0};                                                    \
      for (int64_t r = start; r < end; r++)                                          \
        for (int64_t j = 0, c = first; j < (WIDTH); j++, c++) partial[j] += TERM;    \
      for (int64_t j = 0; j < (WIDTH); j++) total[j] += (double)partial[j];          \
    }                                                                                \
    for (int64_t j = 0; j < (WIDTH); j++) (sums)[first + j] = total[j];              \
  }

#define SUM_ROWS(sums, TERM)                                                         \
  {                                                                                  \
    int64_t first = 0;                                                               \
    SUM_CHANNELS(sums, TERM, 64)                                                     \
    SUM_CHANNELS(sums, TERM, 16)                                                     \
    SUM_CHANNELS(sums, TERM, 1)                                                      \
  }
