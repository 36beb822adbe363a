/* A thin shim over oneDNN that hides versions 2 (Debian 12) and 3. Status codes are returned: 0 is success. */
#pragma once

#include <stdint.h>

#include "COneDNNConvolution.h"

/* Instruction set paths, lowest first: what oneDNN's bits depend on. */
enum {
  COneDNN_SSE41 = 0,
  COneDNN_AVX2 = 1,
  COneDNN_AVX512 = 2,
  COneDNN_OTHER = 3 /* not x86-64: oneDNN chooses by itself */
};

/* The highest path that this processor has, found without touching oneDNN. */
int COneDNN_instruction_set(void);

/* Caps oneDNN with a path; only before its first other call in the process, else an error is returned. */
int COneDNN_set_max_cpu_isa(int path);

/* `2.6.3` */
const char *COneDNN_version(void);

/* The text of a status code. */
const char *COneDNN_status(int status);

/* oneDNN works single-threaded when called from this thread. A lane calls it once, at its start. */
void COneDNN_single_thread(void);

/* C (M x N) = alpha op(A) (M x K) * op(B) (K x N) + beta C, row-major, leading dimensions in floats; with beta 0 C is
 * overwritten, whatever it holds. */
int COneDNN_sgemm(
    int transposeA, int transposeB, int64_t M, int64_t N, int64_t K, float alpha, const float *A, int64_t lda,
    const float *B, int64_t ldb, float beta, float *C, int64_t ldc);
