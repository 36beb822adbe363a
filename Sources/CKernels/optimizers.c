#include "CKernels.h"
#include "common.h"


CK_CLONES void ck_sgd(
    float *restrict p, float *restrict v, const float *restrict g, int64_t n, float scale, float rate, float momentum,
    int nesterov, float decay, int first) {
  if (momentum == 0) {
    for (int64_t i = 0; i < n; i++) p[i] -= rate * (g[i] * scale + decay * p[i]);
    return;
  }
  float kept = first ? 0.0f : momentum;
  if (nesterov) {
    for (int64_t i = 0; i < n; i++) {
      float d = g[i] * scale + decay * p[i];
      v[i] = kept * v[i] + d;
      p[i] -= rate * (d + momentum * v[i]);
    }
  } else {
    for (int64_t i = 0; i < n; i++) {
      float d = g[i] * scale + decay * p[i];
      v[i] = kept * v[i] + d;
      p[i] -= rate * v[i];
    }
  }
}

CK_CLONES void ck_adam(
    float *restrict p, float *restrict m, float *restrict v, const float *restrict g, int64_t n, float scale,
    float rate1, float root2, float beta1, float beta2, float epsilon, float decay, float shrink) {
  float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale + decay * p[i];
    m[i] = beta1 * m[i] + rest1 * d;
    v[i] = beta2 * v[i] + rest2 * (d * d);
    /* The root is exact in IEEE arithmetic: the same bits everywhere. */
    p[i] = p[i] * shrink - rate1 * (m[i] / (__builtin_elementwise_sqrt(v[i]) / root2 + epsilon));
  }
}

double ck_cos_pi(double x) {
  /* cos(pi x) = -sin(pi (x - 1/2)): an odd Taylor series over |t| <= pi/2, with 13 terms below 1e-20 at the end. */
  double t = 3.141592653589793 * (x - 0.5), square = t * t, term = t, sum = 0;
  double terms[13];
  for (int k = 0; k < 13; k++) {
    terms[k] = term;
    term = -term * square / (double)((2 * k + 2) * (2 * k + 3));
  }
  for (int k = 12; k >= 0; k--) sum += terms[k];
  return -sum;
}
