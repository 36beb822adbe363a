/* Loops on floats, updates and draws. */
#include "check.h"

typedef void unary(float *, const float *, int64_t);
typedef void binary(float *, const float *, const float *, int64_t);

static void each_unary(const char *name, unary *kernel, float limit) {
  digest all = begin(3);
  EACH_LENGTH(n) {
    float *x = numbers((int64_t)n, limit), *y = numbers((int64_t)n, 0);
    kernel(y, x, (int64_t)n);
    note_floats(&all, y, (int64_t)n);
    free(x), free(y);
  }
  end(name, all);
}

static void each_binary(const char *name, binary *kernel) {
  digest all = begin(4);
  EACH_LENGTH(n) {
    float *a = numbers((int64_t)n, 2), *b = numbers((int64_t)n, 1), *y = numbers((int64_t)n, 0);
    kernel(y, a, b, (int64_t)n);
    note_floats(&all, y, (int64_t)n);
    free(a), free(b), free(y);
  }
  end(name, all);
}

static void one_elu(float *y, const float *x, int64_t n) { ck_elu_forward(y, x, n, 1.5f); }
static void one_softplus(float *y, const float *x, int64_t n) { ck_softplus_forward(y, x, n, 1.5f); }
static void one_softmax(float *y, const float *x, int64_t n) { ck_softmax(y, x, 1, n); }

static void updates(void) {
  digest all = begin(8);
  EACH_LENGTH(size) {
    const int64_t n = (int64_t)size;
    float *p = numbers(n, 1), *m = numbers(n, 0), *v = numbers(n, 0), *g = numbers(n, 8), *most = numbers(n, 0);
    memset(m, 0, size * sizeof *m), memset(v, 0, size * sizeof *v);
    ck_adam(p, m, v, g, n, 0.5f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.99f);
    ck_adam(p, m, v, g, n, 0.5f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.99f);
    ck_sgd(p, m, g, n, 0.5f, 0.1f, 0.9f, 1, 0.01f, 0);
    memset(m, 0, size * sizeof *m), memset(v, 0, size * sizeof *v);
    ck_amsgrad(p, m, v, most, g, n, 0.5f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.99f);
    ck_adagrad(p, v, g, n, 0.5f, 0.01f, 0.1f, 1e-10f, 0.01f);
    ck_lion(p, m, g, n, 0.5f, 0.01f, 0.9f, 0.1f, 0.99f, 0.01f, 0.99f);
    ck_mask_zeros(g, m, n);
    ck_dropout(g, g, n, 0xB0000000u, 1.4545455f, 1, 2, 3, 4, 5);
    note_floats(&all, p, n), note_floats(&all, m, n), note_floats(&all, v, n), note_floats(&all, g, n);
    free(p), free(m), free(v), free(g), free(most);
  }
  end("optimizers and dropout", all);
}

static void draws(void) {
  digest all = begin(9);
  EACH_LENGTH(n) {
    float *x = numbers((int64_t)n, 0);
    ck_draw_uniform(x, (ptrdiff_t)n, 3, 1, 2, 2.5);
    note_floats(&all, x, (int64_t)n);
    ck_draw_normal(x, (ptrdiff_t)n, 3, 1, 2, 0.5, 2);
    note_floats(&all, x, (int64_t)n);
    free(x);
  }
  end("draws", all);
}

void check_loops(void) {
  each_unary("exp", ck_exp, 87), each_unary("erf", ck_erf, 5), each_unary("sigmoid", ck_sigmoid_forward, 80);
  each_unary("tanh", ck_tanh_forward, 5), each_unary("gelu", ck_gelu_forward, 6), each_unary("silu", ck_silu_forward, 20);
  each_unary("softmax", one_softmax, 20);
  each_binary("add", ck_add), each_binary("multiply", ck_multiply);
  each_binary("gelu backward", ck_gelu_backward), each_binary("silu backward", ck_silu_backward);
  each_unary("relu6", ck_relu6_forward, 9), each_unary("hard sigmoid", ck_hard_sigmoid_forward, 5);
  each_unary("hard swish", ck_hard_swish_forward, 5), each_unary("mish", ck_mish_forward, 30);
  each_unary("elu", one_elu, 20), each_unary("softplus", one_softplus, 20);
  each_binary("hard swish backward", ck_hard_swish_backward), each_binary("mish backward", ck_mish_backward);
  updates();
  draws();
}
