/* The driver of product.c for bfloat16 numbers: the same blocks, of words. B is always packed, here or beforehand, and A where its
 * words do not lie side by side as they are, are read often, or share few places of the first cache. */
#include "bfloat16_product.h"

#include "CKernels.h"
#include "../memory.h"

enum {
  BLOCK_STEPS = 768,
  BLOCK_M = 96,
  BLOCK_N = 1536,
  PACKED_FROM = 512,
  /* Rows at a time where sums have to wait between blocks of steps. */
  WAITING_M = 1152,
  A_WORDS = (BLOCK_M + CK_MOST_WIDTH) * BLOCK_STEPS,
  B_WORDS = BLOCK_N * BLOCK_STEPS,
  EDGE_FLOATS = CK_MOST_ROWS * CK_MOST_VECTORS * CK_MOST_WIDTH
};

static void add_block(float *to, int64_t toRow, const float *from, int64_t fromRow, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) memcpy(to + r * toRow, from + r * fromRow, (size_t)columns * sizeof *to);
}

/* What `count` numbers of some rows of A, from `firstK` on, come to. */
static void sum_rows(const ck_bfloat16_task *task, int64_t firstM, int64_t countM, int64_t firstK, int64_t count) {
  if (task->rowSums == NULL) return;
  float *const sums = task->rowSums + firstM;
  const ck_bfloat16_factor A = task->A;
  const int64_t first = firstM * A.row + firstK * A.column;
  const int goesOn = task->rowSumsGoOn || firstK > 0;
  if (A.isFloat) {
    ck_bias_backward(sums, (const float *)A.base + first, count, countM, A.column, goesOn);
  } else {
    ck_bfloat16_bias_backward(sums, (const uint16_t *)A.base + first, count, countM, A.column, goesOn);
  }
}

/* Steps of a packed factor of K steps: step `firstS` of the panel that begins with column `first`, `own` wide. */
static const float *packed_panel(const float *packed, int64_t steps, int64_t first, int64_t own, int64_t firstS) {
  return packed + first * steps + firstS * own;
}

static void pack_b(
    const ck_bfloat16_kernels *kernels, ck_bfloat16_factor B, int64_t K, int64_t column, int64_t columns, int64_t own,
    int64_t firstS, int64_t countS, float *to) {
  const char *const from = (const char *)B.base + column * B.column * (B.isFloat ? 4 : 2);
  kernels->pack(from, B.isFloat, B.column, B.row, K, firstS, countS, columns, own, to);
}

static void product(
    const ck_product_kernels *shape, const ck_bfloat16_kernels *kernels, const ck_bfloat16_task *task, int64_t firstRow,
    int64_t M) {
  const int64_t N = task->N, K = task->K, width = shape->width, panel = width * shape->vectors;
  /* Blocks are of whole pairs. */
  const int64_t pairs = blocks(K, 2), perPair = kernels->isPaired ? 1 : 2, steps = pairs * perPair;
  const int64_t sBlocks = blocks(steps, BLOCK_STEPS);
  const ck_bfloat16_factor A = task->A;
  const int64_t aSize = A.isFloat ? 4 : 2;
  const int liesPaired = kernels->isPaired && !A.isFloat && A.column == 1 && lies_in_words(A.base, A.row) && K % 2 == 0;
  const int packsA = !liesPaired || N > PACKED_FROM || (A.row % 512 == 0 && N > 4 * panel);
  /* Whether B was packed beforehand. */
  const int isPacked = task->packed.base != NULL && task->packed.path == ck_product_path();
  /* C takes the sums of tiles where nothing else is to be done with them. */
  const int isOwn = task->isFloat;
  const int64_t waits = !isOwn && sBlocks > 1 ? M * up_to(least(N, BLOCK_N), width) : 0;
  float *const packedA = ck_memory(CK_OF_PRODUCTS, A_WORDS + B_WORDS + EDGE_FLOATS + waits), *const packedB = packedA + A_WORDS;
  float *const beside = packedB + B_WORDS, *const waiting = beside + EDGE_FLOATS;
  for (int64_t firstN = 0; firstN < N; firstN += BLOCK_N) {
    const int64_t countN = least(BLOCK_N, N - firstN), waitingRow = up_to(countN, width);
    for (int64_t sBlock = 0; sBlock < sBlocks; sBlock++) {
      const int64_t firstS = begin(pairs, sBlocks, sBlock) * perPair;
      const int64_t countS = begin(pairs, sBlocks, sBlock + 1) * perPair - firstS, mBlocks = blocks(M, BLOCK_M);
      const int isLast = sBlock == sBlocks - 1;
      for (int64_t mBlock = 0; mBlock < mBlocks; mBlock++) {
        const int64_t firstM = begin(M, mBlocks, mBlock), countM = begin(M, mBlocks, mBlock + 1) - firstM;
        const int64_t tiles = blocks(countM, shape->rows);
        const int64_t firstK = firstS / perPair * 2, countK = least(countS / perPair * 2, K - firstK);
        if (firstN == 0) sum_rows(task, firstRow + firstM, countM, firstK, countK);
        int64_t firsts[BLOCK_M + 1]; /* where tiles begin, of these rows */
        for (int64_t t = 0; t <= tiles; t++) firsts[t] = begin(countM, tiles, t);
        for (int64_t t = 0; packsA && t < tiles; t++) {
          const int64_t first = firsts[t], R = firsts[t + 1] - first;
          kernels->pack(
              (const char *)A.base + (firstRow + firstM + first) * A.row * aSize, A.isFloat, A.row, A.column, K, firstS,
              countS, R, R, packedA + first * countS);
        }
        for (int64_t j = 0; j < countN; j += panel) {
          const int64_t columns = least(panel, countN - j), vectors = blocks(columns, width), own = vectors * width;
          const int packsB = mBlock == 0 && !isPacked, isLastPanel = j + panel >= countN;
          float *const here = packedB + (mBlocks > 1 ? j * countS : 0);
          const float *const packed = isPacked ? packed_panel(task->packed.base, steps, firstN + j, own, firstS) : here;
          if (packsB) pack_b(kernels, task->B, K, firstN + j, columns, own, firstS, countS, here);
          const int64_t nextOwn = isLastPanel ? 0 : up_to(least(panel, countN - j - panel), width);
          const float *const next = isPacked ? packed_panel(task->packed.base, steps, firstN + j + panel, nextOwn, firstS)
                                                 : packedB + (j + panel) * countS;
          const ck_ahead ahead = {packsB || isLastPanel ? NULL : next, 16, 16 * countS};
          for (int64_t t = 0; t < tiles; t++) {
            const int64_t first = firsts[t], end = firsts[t + 1], R = end - first;
            const int64_t row = firstM + first;
            float *const c = isOwn ? (float *)task->C + (firstRow + row) * task->stride + firstN + j : NULL;
            const int isBeside = isOwn ? columns < own : sBlocks == 1;
            const int adds = sBlock > 0 || (isOwn && task->adds);
            ck_tile tile = {
                .K = countS,
                .segments = 1,
                .a = packsA ? packedA + first * countS
                            : (const float *)A.base + (firstRow + row) * (A.row / 2) + firstS,
                .aRow = A.row / 2,
                .aColumn = 1,
                .b = packed,
                .bRow = own,
                .c = isBeside ? beside : isOwn ? c : waiting + row * waitingRow + j,
                .cRow = isBeside ? own : isOwn ? task->stride : waitingRow,
                .adds = adds,
                .ahead = lines_ahead(ahead, t),
                .aheadStep = ahead.step,
            };
            /* C's lines of the tile after this one. */
            const int64_t nextM = t + 1 < tiles ? end : 0, nextN = t + 1 < tiles ? j : j + panel;
            tile.next = isOwn ? (float *)task->C + (firstRow + firstM + nextM) * task->stride + firstN + nextN : tile.c;
            if (isBeside && adds) add_block(beside, own, c, task->stride, R, columns);
            kernels->tiles[R - 1][vectors - 1][packsA](&tile);
            const float *const bias = isLast && task->bias ? task->bias + firstN + j : NULL;
            if (isOwn) {
              if (isBeside || bias) kernels->finish(R, columns, tile.c, tile.cRow, bias, c, task->stride, 1);
            } else if (isLast) {
              uint16_t *const to = (uint16_t *)task->C + (firstRow + row) * task->stride + firstN + j;
              kernels->finish(R, columns, tile.c, tile.cRow, bias, to, task->stride, 0);
            }
          }
        }
        if (isLast) {
          const int64_t first = (firstRow + firstM) * task->stride + firstN;
          ck_finish(&task->epilogue, task->C, task->isFloat, task->stride, first, countM, countN);
        }
      }
    }
  }
}

static const ck_bfloat16_kernels *kernels_of(int path) {
  switch (path) {
#if defined(__x86_64__)
    case CK_PRODUCT_AVX2: return &ck_bfloat16_avx2;
    case CK_PRODUCT_AVX512: return &ck_bfloat16_avx512;
    case CK_PRODUCT_AVX512_BF16: return &ck_bfloat16_avx512_paired;
#endif
#if defined(__aarch64__)
    case CK_PRODUCT_NEON: return &ck_bfloat16_neon;
#endif
    default: return &ck_bfloat16_plain;
  }
}

const ck_bfloat16_kernels *ck_bfloat16_kernels_here(void) { return kernels_of(ck_product_path()); }

/* Apart, so that nothing of it is computed before denormals count as zero. */
static __attribute__((noinline)) void compute(const ck_bfloat16_task *task) {
  const int64_t rows = task->isFloat ? task->M : WAITING_M;
  for (int64_t first = 0; first < task->M; first += rows) {
    product(ck_kernels(), ck_bfloat16_kernels_here(), task, first, least(rows, task->M - first));
  }
}

/* Apart for the same reason. */
static __attribute__((noinline)) void pack(int64_t K, int64_t first, int64_t count, ck_bfloat16_factor B, float *to) {
  const ck_product_kernels *const shape = ck_kernels();
  const ck_bfloat16_kernels *const kernels = ck_bfloat16_kernels_here();
  const int64_t panel = shape->width * shape->vectors, steps = ck_steps(kernels, K);
  for (int64_t j = 0; j < count; j += panel) {
    const int64_t columns = least(panel, count - j);
    pack_b(kernels, B, K, first + j, columns, up_to(columns, shape->width), 0, steps, to + j * steps);
  }
}

int64_t ck_bfloat16_packed_count(int64_t K, int64_t N) {
  return up_to(N, ck_kernels()->width) * ck_steps(ck_bfloat16_kernels_here(), K);
}

void ck_bfloat16_pack(int64_t K, int64_t first, int64_t count, ck_bfloat16_factor B, float *to) {
  const uint64_t state = ck_flush_denormals();
  pack(K, first, count, B, to);
  ck_restore_denormals(state);
}

void ck_bfloat16_product(const ck_bfloat16_task *task) {
  const uint64_t state = ck_flush_denormals();
  if (task->K == 0 || task->N == 0 || task->M == 0) {
    ck_bfloat16_reference(task);
  } else {
    compute(task);
  }
  ck_restore_denormals(state);
}
