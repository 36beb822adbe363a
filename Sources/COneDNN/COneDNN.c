#define _GNU_SOURCE
#include "COneDNN.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdatomic.h>
#include <stdio.h>

int COneDNN_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  /* The flags that oneDNN itself asks for: avx512_core is F, BW, VL and DQ; its AVX2 kernels use FMA. */
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    return COneDNN_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return COneDNN_AVX2;
  return COneDNN_SSE41;
#else
  return COneDNN_OTHER;
#endif
}

int COneDNN_set_max_cpu_isa(int path) {
#if defined(__x86_64__)
  switch (path) {
    case COneDNN_SSE41: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41);
    case COneDNN_AVX2: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
    case COneDNN_AVX512: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core);
    default: return dnnl_invalid_arguments;
  }
#else
  return path == COneDNN_OTHER ? dnnl_success : dnnl_invalid_arguments;
#endif
}

const char *COneDNN_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}

const char *COneDNN_status(int status) {
  switch (status) {
    case dnnl_success: return "success";
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "invalid arguments";
    case dnnl_unimplemented: return "not implemented";
    case dnnl_runtime_error: return "runtime error";
    default: return "unknown status";
  }
}

void COneDNN_single_thread(void) {
  /* The number of OpenMP threads is a property of the calling thread. Looked up by name, since oneDNN may be built
   * on another OpenMP runtime, or on none. */
  static _Atomic(void *) found;
  void *symbol = atomic_load_explicit(&found, memory_order_relaxed);
  if (!symbol) atomic_store_explicit(&found, symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads"), memory_order_relaxed);
  void (*set_threads)(int);
  *(void **)&set_threads = symbol;
  if (set_threads) set_threads(1);
}

int COneDNN_sgemm(
    int transposeA, int transposeB, int64_t M, int64_t N, int64_t K, float alpha, const float *A, int64_t lda,
    const float *B, int64_t ldb, float beta, float *C, int64_t ldc) {
  return dnnl_sgemm(
      transposeA ? 'T' : 'N', transposeB ? 'T' : 'N', M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
}
