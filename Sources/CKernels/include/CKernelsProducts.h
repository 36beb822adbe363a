/* Products of matrices, defined by a formula: whatever the blocks, the vectors, the threads and the processor, the same bits.
 *
 *   c[i,j] = fma(a[i,K-1], b[K-1,j], ... fma(a[i,1], b[1,j], fma(a[i,0], b[0,j], c)) ...),  c = 0, or C[i,j] where it adds
 *
 * One chain of fused multiply-adds an element, k ascending, each rounded once to the nearest float, ties to even. Which NaN
 * comes of several is the processor's choice; denormals are as the thread has set them: where they count as zero, x86-64 looks
 * whether a result is one after rounding and AArch64 before it, so that one of 2^-126 (1 - 2^-25) or more is 2^-126 or zero.
 */
#pragma once

#include <stdint.h>

#include "CKernelsTensors.h"

/* A factor: its element (r, c) lies at base[r * row + c * column]. */
typedef struct {
  const float *base;
  int64_t row, column;
} ck_factor;

/* A factor that was packed whole, for one path: see ck_product_pack. */
typedef struct {
  const float *base; /* NULL: it was not */
  int path;
} ck_packed;

/* C (M x N) = A (M x K) * B (K x N), or C + A * B where `adds`; rows of C lie `stride` floats apart. C shares no memory with A
 * and B. With K = 0 C is zero, or left as it is. Then `bias` (N), where there is one, is added to each row: rounded once more.
 * What the epilogue does with C comes last, block by block; what it writes shares no memory with A and B.
 *
 * `rowSums` (M), where there are any, become the sums of A's rows, k ascending, or go on with them: what one more column of B, of
 * ones, would give. Wanted where rows of A lie side by side (A.row is 1), as those of a gradient do that is turned. */
typedef struct {
  int64_t M, N, K;
  ck_factor A, B;
  float *C;
  int64_t stride;
  int adds;
  const float *bias;
  float *rowSums;
  int rowSumsGoOn;
  ck_epilogue epilogue;
  ck_packed packed; /* B; where it was packed for another path it is not looked at */
} ck_product_task;

/* Computes it in this thread, by the kernels of ck_product_path. Allocates once in the life of a thread. */
void ck_product(const ck_product_task *task);

/* Floats that B (K x N) takes packed whole, on the path of this thread; where N is a multiple of CK_PACKED_COLUMNS, also where
 * column N of a wider one begins. */
int64_t ck_product_packed_count(int64_t K, int64_t N);

/* Packs columns `first` ... `first` + `count` - 1 of B, K steps, for any product with B on the path of this thread: into `to`, where
 * the first of them begins, a multiple of CK_PACKED_COLUMNS. */
void ck_product_pack(int64_t K, int64_t first, int64_t count, ck_factor B, float *to);

/* Columns that are whole panels on every path. */
enum { CK_PACKED_COLUMNS = 32 };

/* The definition in code, element by element. */
void ck_product_reference(const ck_product_task *task);

/* Keeps this thread busy with fused multiply-adds, as many at a time as its processor can; returns how many floating-point
 * operations that were, two each. */
double ck_product_burst(int64_t rounds);

/* What a product can be computed by. */
enum { CK_PRODUCT_PLAIN, CK_PRODUCT_AVX2, CK_PRODUCT_AVX512, CK_PRODUCT_AVX512_BF16, CK_PRODUCT_NEON, CK_PRODUCT_PATHS };

/* `avx512` */
const char *ck_product_name(int path);

/* Whether this processor can, and this program has it. */
int ck_product_runs(int path);

/* The one that products and convolutions take in this thread. */
int ck_product_path(void);

/* Has the process take another one than the widest, which must run here; or this thread alone, -1: as the process does. */
void ck_product_use(int path);
void ck_product_use_here(int path);
