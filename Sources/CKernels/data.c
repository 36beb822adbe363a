#include "CKernelsData.h"
#include "common.h"
#include "logarithm.h"

#include <math.h>
#include <string.h>

// MARK: Gathering

CK_CLONES
void ck_gather_bytes(
    const uint8_t *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++) {
    const uint8_t *restrict x = data + samples[s] * width;
    float *restrict y = out + s * width;
    for (ptrdiff_t f = 0; f < width; f++) y[f] = (float)x[f];
  }
}

void ck_gather_floats(
    const float *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    memcpy(out + s * width, data + samples[s] * width, (size_t)width * sizeof(float));
}

CK_CLONES
void ck_gather_standardised_bytes(
    const uint8_t *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    const float *restrict mean, const float *restrict inverse, ptrdiff_t period, float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    for (ptrdiff_t start = 0; start < width; start += period) {
      const uint8_t *restrict x = data + samples[s] * width + start;
      float *restrict y = out + s * width + start;
      const ptrdiff_t length = width - start < period ? width - start : period;
      for (ptrdiff_t i = 0; i < length; i++) y[i] = ((float)x[i] - mean[i]) * inverse[i];
    }
}

CK_CLONES
void ck_gather_standardised_floats(
    const float *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    const float *restrict mean, const float *restrict inverse, ptrdiff_t period, float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    for (ptrdiff_t start = 0; start < width; start += period) {
      const float *restrict x = data + samples[s] * width + start;
      float *restrict y = out + s * width + start;
      const ptrdiff_t length = width - start < period ? width - start : period;
      for (ptrdiff_t i = 0; i < length; i++) y[i] = (x[i] - mean[i]) * inverse[i];
    }
}

CK_CLONES
void ck_standardise(
    float *restrict rows, ptrdiff_t width, ptrdiff_t count, const float *restrict mean, const float *restrict inverse,
    ptrdiff_t period) {
  for (ptrdiff_t s = 0; s < count; s++)
    for (ptrdiff_t start = 0; start < width; start += period) {
      float *restrict x = rows + s * width + start;
      const ptrdiff_t length = width - start < period ? width - start : period;
      for (ptrdiff_t i = 0; i < length; i++) x[i] = (x[i] - mean[i]) * inverse[i];
    }
}

// MARK: Sums over samples. Each feature has a sum of its own, so vector lanes never change an order of addition.

CK_CLONES
void ck_add_byte_sums(
    const uint8_t *restrict data, ptrdiff_t rows, ptrdiff_t width, uint32_t *restrict sums,
    uint32_t *restrict squares) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const uint8_t *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) {
      const uint32_t value = x[f];
      sums[f] += value;
      squares[f] += value * value;
    }
  }
}

CK_CLONES
void ck_add_differences(
    const float *restrict data, ptrdiff_t rows, ptrdiff_t width, const double *restrict centre,
    double *restrict sums) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) sums[f] += (double)x[f] - centre[f];
  }
}

CK_CLONES
void ck_add_squared_differences(
    const float *restrict data, ptrdiff_t rows, ptrdiff_t width, const double *restrict centre,
    double *restrict sums) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) {
      const double difference = (double)x[f] - centre[f];
      sums[f] += difference * difference;
    }
  }
}

// MARK: Logarithms

double ck_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x == INFINITY) return x;
  // A subnormal number is made normal first.
  return x < 0x1p-1022 ? ck_log_normal(x * 0x1p54, -54) : ck_log_normal(x, 0);
}
