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
    float rate, float beta1, float beta2, float epsilon, float decay, float shrink) {
  float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale + decay * p[i];
    m[i] = beta1 * m[i] + rest1 * d;
    v[i] = beta2 * v[i] + rest2 * (d * d);
    /* The root is exact in IEEE arithmetic: the same bits everywhere. */
    p[i] = p[i] * shrink - rate * (m[i] / (__builtin_elementwise_sqrt(v[i]) + epsilon));
  }
}

CK_CLONES void ck_amsgrad(
    float *restrict p, float *restrict m, float *restrict v, float *restrict most, const float *restrict g, int64_t n,
    float scale, float rate, float beta1, float beta2, float epsilon, float decay, float shrink) {
  float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale + decay * p[i];
    m[i] = beta1 * m[i] + rest1 * d;
    v[i] = beta2 * v[i] + rest2 * (d * d);
    /* Whatever is no number stays one. */
    float largest = most[i] > v[i] ? most[i] : v[i];
    most[i] = largest;
    p[i] = p[i] * shrink - rate * (m[i] / (__builtin_elementwise_sqrt(largest) + epsilon));
  }
}

CK_CLONES void ck_adagrad(
    float *restrict p, float *restrict v, const float *restrict g, int64_t n, float scale, float rate, float initial,
    float epsilon, float decay) {
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale + decay * p[i];
    v[i] = v[i] + d * d;
    p[i] -= rate * (d / (__builtin_elementwise_sqrt(initial + v[i]) + epsilon));
  }
}

CK_CLONES void ck_lion(
    float *restrict p, float *restrict m, const float *restrict g, int64_t n, float scale, float rate, float beta1, float rest1,
    float beta2, float rest2, float shrink) {
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale;
    float direction = beta1 * m[i] + rest1 * d;
    /* Of zero, zero; of what is infinite, or no number, no number, as a step of the other optimizers is: a sign would hide it. */
    float none = direction - direction;
    float step = none != 0 ? none : direction > 0 ? rate : direction < 0 ? -rate : direction;
    m[i] = beta2 * m[i] + rest2 * d;
    p[i] = p[i] * shrink - step;
  }
}

CK_CLONES void ck_rmsprop(
    float *restrict p, float *restrict v, float *restrict m, float *restrict velocity, const float *restrict g,
    int64_t n, float scale, float rate, float alpha, float rest, float epsilon, float momentum, float decay) {
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale + decay * p[i];
    v[i] = alpha * v[i] + rest * (d * d);
    float variance = v[i];
    if (m) {
      m[i] = alpha * m[i] + rest * d;
      variance = variance - m[i] * m[i];
      variance = variance > 0 ? variance : 0.0f; /* rounding may take it below zero */
    }
    d = d / (__builtin_elementwise_sqrt(variance) + epsilon);
    if (velocity) {
      velocity[i] = momentum * velocity[i] + d;
      d = velocity[i];
    }
    p[i] -= rate * d;
  }
}

/* m and v as Adam's; the update of LAMB before it is scaled by the trust ratio. */
static inline float lamb_update(float p, float m, float v, float fix1, float root2, float epsilon, float decay) {
  return (m * fix1) / (__builtin_elementwise_sqrt(v) / root2 + epsilon) + decay * p;
}

CK_CLONES void ck_lamb_moments(
    float *restrict m, float *restrict v, const float *restrict g, int64_t n, float scale, float beta1, float beta2) {
  float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  for (int64_t i = 0; i < n; i++) {
    float d = g[i] * scale;
    m[i] = beta1 * m[i] + rest1 * d;
    v[i] = beta2 * v[i] + rest2 * (d * d);
  }
}

CK_CLONES void ck_lamb_square_sums(
    double sums[2], const float *restrict p, const float *restrict m, const float *restrict v, int64_t n, float fix1,
    float root2, float epsilon, float decay) {
  double squares[16] = {0}, updates[16] = {0};
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (int j = 0; j < 16; j++) {
      float u = lamb_update(p[i + j], m[i + j], v[i + j], fix1, root2, epsilon, decay);
      squares[j] += (double)p[i + j] * (double)p[i + j];
      updates[j] += (double)u * (double)u;
    }
  for (int j = 0; i < n; i++, j++) {
    float u = lamb_update(p[i], m[i], v[i], fix1, root2, epsilon, decay);
    squares[j] += (double)p[i] * (double)p[i];
    updates[j] += (double)u * (double)u;
  }
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) {
      squares[j] += squares[j + width];
      updates[j] += updates[j + width];
    }
  sums[0] = squares[0];
  sums[1] = updates[0];
}

CK_CLONES void ck_lamb_apply(
    float *restrict p, const float *restrict m, const float *restrict v, int64_t n, float rate, float fix1,
    float root2, float epsilon, float decay) {
  for (int64_t i = 0; i < n; i++) p[i] -= rate * lamb_update(p[i], m[i], v[i], fix1, root2, epsilon, decay);
}

/* From the nearer end, as torch.lerp: what does not change stays bit for bit, as (1 - m) p + m p would not, and a momentum
 * of 1 gives the mean itself. */
CK_CLONES void ck_running_mean(float *restrict p, const float *restrict sum, int64_t n, float scale, float momentum) {
  float rest = 1.0f - momentum;
  if (momentum < 0.5f) {
    for (int64_t i = 0; i < n; i++) p[i] = p[i] + momentum * (sum[i] * scale - p[i]);
  } else {
    for (int64_t i = 0; i < n; i++) {
      float mean = sum[i] * scale;
      p[i] = mean - rest * (mean - p[i]);
    }
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
