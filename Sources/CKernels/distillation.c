#include "CKernels.h"
#include "logarithm.h"
#include "softmax.h"

#include <stddef.h>

/* Of a row's numbers times `scale`: their maximum, and the sum of the exponentials of their distances from it. */
typedef struct {
  float maximum, whole;
} ck_scaled_row;

CK_INLINE float scaled_exponential(ck_scaled_row row, float x, float scale) {
  return ck_expf_below(x * scale - row.maximum);
}

CK_INLINE ck_scaled_row scaled_row(const float *x, float scale, int64_t C) {
  /* Multiplying by a positive number keeps the order: the largest is the largest scaled. */
  ck_scaled_row row = {row_maximum(x, C) * scale, 0};
  ck_sum16 sum = {{0}};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) sum.lane[j] += scaled_exponential(row, x[c + j], scale);
  for (int j = 0; c < C; c++, j++) sum.lane[j] += scaled_exponential(row, x[c], scale);
  row.whole = ck_total(sum);
  return row;
}

/* The sum over c of the teacher's probability of c times how much larger its scaled number is, in 16 accumulators. */
CK_INLINE double distances(const float *x, const float *t, ck_scaled_row teacher, float scale, int64_t C) {
  double lanes[16] = {0};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) {
      const float p = scaled_exponential(teacher, t[c + j], scale) / teacher.whole;
      lanes[j] += (double)p * ((double)(t[c + j] * scale) - (double)(x[c + j] * scale));
    }
  for (int j = 0; c < C; c++, j++) {
    const float p = scaled_exponential(teacher, t[c], scale) / teacher.whole;
    lanes[j] += (double)p * ((double)(t[c] * scale) - (double)(x[c] * scale));
  }
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

CK_CLONES double ck_distillation(
    float *gradient, const float *logits, const float *teacher, int64_t B, int64_t C, int64_t valid, float temperature,
    float share, float weight) {
  const float scale = 1 / temperature, rest = 1 - share, own = share * temperature * weight;
  double total = 0;
  for (int64_t b = 0; b < valid; b++) {
    const float *x = logits + b * C, *t = teacher + b * C;
    const ck_scaled_row student = scaled_row(x, scale, C), taught = scaled_row(t, scale, C);
    total += distances(x, t, taught, scale, C) + ((double)student.maximum - (double)taught.maximum)
             + (ck_log((double)student.whole) - ck_log((double)taught.whole));
    float *g = gradient + b * C;
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) {
      const float p = scaled_exponential(student, x[c], scale) / student.whole;
      const float q = scaled_exponential(taught, t[c], scale) / taught.whole;
      g[c] = rest * g[c] + own * (p - q);
    }
  }
  return total * (double)temperature * (double)temperature;
}

CK_CLONES double ck_imitation(
    float *gradient, const float *outputs, const float *teacher, int64_t B, int64_t C, int64_t valid, float share,
    float weight) {
  const float rest = 1 - share, own = 2 * share * weight / (float)C;
  double total = 0;
  for (int64_t b = 0; b < valid; b++) {
    const float *x = outputs + b * C, *t = teacher + b * C;
    float *g = gradient + b * C;
    double sum = 0;
    for (int64_t c = 0; c < C; c++) {
      const double e = (double)x[c] - (double)t[c];
      sum += e * e;
    }
    total += sum / (double)C;
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) g[c] = rest * g[c] + own * (x[c] - t[c]);
  }
  return total;
}
