/* One driver for all kernels: blocks of A and B small enough for the caches, packed so that a tile reads them in order.
 *
 *   for a block of N      B's block stays in the third cache
 *     for a block of K    chains go on through C
 *       for a block of M  A's block stays in the second
 *         for a panel of B, which stays in the first
 *           for the tiles below each other
 *
 * A. Goto, R. van de Geijn: Anatomy of high-performance matrix multiplication (2008). No block changes a bit. */
#include "product.h"

#include "../memory.h"
#include "CKernels.h"

enum {
  /* Long chains: each block reads and writes C once more. A's block is 288 KiB, half of a small second cache. */
  BLOCK_K = 768,
  BLOCK_M = 96,
  BLOCK_N = 1536,
  /* Columns of C from which on each float of A is read often enough to be packed. */
  PACKED_FROM = 512,
  A_FLOATS = (BLOCK_M + CK_MOST_WIDTH) * BLOCK_K,
  B_FLOATS = BLOCK_N * BLOCK_K,
  EDGE_FLOATS = CK_MOST_ROWS * CK_MOST_VECTORS * CK_MOST_WIDTH,
  SCRATCH_FLOATS = A_FLOATS + B_FLOATS + EDGE_FLOATS
};

static ck_factor at(ck_factor factor, int64_t row, int64_t column) {
  factor.base += row * factor.row + column * factor.column;
  return factor;
}

/* A tile at the right edge, of which `columns` columns are there: computed beside C. */
static void edge_tile(ck_tile_kernel *kernel, ck_tile *tile, int64_t rows, int64_t columns, int64_t width, float *beside) {
  float *const c = tile->c;
  const float *const bias = tile->bias;
  const int64_t cRow = tile->cRow;
  if (tile->adds) {
    memset(beside, 0, (size_t)(rows * width) * sizeof *c);
    for (int64_t r = 0; r < rows; r++) memcpy(beside + r * width, c + r * cRow, (size_t)columns * sizeof *c);
  }
  tile->c = beside;
  tile->cRow = width;
  tile->bias = NULL;
  kernel(tile);
  write_sums(rows, columns, beside, width, bias, c, cRow);
}

/* Tile behind tile; some steps of all of them first where rows lie side by side, so that they are read in order. */
static void pack_block(
    const ck_product_kernels *kernels, const int64_t *firsts, int64_t tiles, int64_t K, ck_factor A, float *to) {
  const int64_t steps = A.row == 1 ? 16 : K;
  for (int64_t k = 0; k < K; k += steps) {
    for (int64_t t = 0; t < tiles; t++) {
      const int64_t first = firsts[t], R = firsts[t + 1] - first;
      kernels->pack_a(least(steps, K - k), R, at(A, first, k), to + first * K + k * R);
    }
  }
}

/* Rows of A and of C, some steps of them, and what they are computed with. */
typedef struct {
  const ck_product_kernels *kernels;
  const ck_product_task *task;
  int64_t firstM, firstK, countK;
  int64_t tiles, firsts[BLOCK_M + 1]; /* where tiles begin, of these rows */
  const float *packedA;               /* NULL: A is read where it lies */
  float *beside;
  int adds, isLast; /* whether its chains go on, whether they end here */
} row_block;

/* The tiles below each other of a panel of B, `columns` wide from `column` on. The first of them reads B itself where it
 * `readsB`, and packs it for others into `copy` where there is one; they read `packed`. */
static void panel_of_tiles(
    const row_block *block, int64_t column, int64_t columns, ck_factor B, int readsB, const float *packed, float *copy,
    ck_ahead ahead) {
  const ck_product_kernels *const kernels = block->kernels;
  const ck_product_task *const task = block->task;
  const int64_t vectors = blocks(columns, kernels->width), own = vectors * kernels->width;
  const int packsA = block->packedA != NULL;
  const ck_factor A = at(task->A, block->firstM, block->firstK);
  float *const C = task->C + block->firstM * task->stride + column;
  ck_tile tile = {
      .K = block->countK,
      .segments = 1,
      .aRow = A.row,
      .aColumn = A.column,
      .copy = copy,
      .adds = block->adds,
  };
  for (int64_t t = 0; t < block->tiles; t++) {
    const int64_t first = block->firsts[t], end = block->firsts[t + 1], R = end - first;
    const int isFirst = t == 0;
    tile.a = packsA ? block->packedA + first * block->countK : A.base + first * A.row;
    tile.b = isFirst && readsB ? B.base : packed;
    tile.bRow = isFirst && readsB ? B.row : own;
    tile.c = C + first * task->stride;
    tile.cRow = task->stride;
    tile.bias = task->bias && block->isLast ? task->bias + column : NULL;
    tile.ahead = lines_ahead(ahead, t);
    tile.aheadStep = tile.ahead ? ahead.step : 0;
    /* C's lines of the tile after this one are fetched beside this one's chains. */
    tile.next = t + 1 < block->tiles ? C + end * task->stride : C + columns;
    ck_tile_kernel *const kernel = kernels->tiles[R - 1][vectors - 1][packsA][isFirst && copy != NULL];
    if (columns == own) {
      kernel(&tile);
    } else {
      edge_tile(kernel, &tile, R, columns, own, block->beside);
    }
  }
}

/* What steps `firstK` ... `firstK` + `countK` - 1 of some rows of A come to, which are read here for the first time. */
static void sum_rows(const ck_product_task *task, int64_t firstM, int64_t countM, int64_t firstK, int64_t countK) {
  if (task->rowSums == NULL) return;
  ck_bias_backward(
      task->rowSums + firstM, at(task->A, firstM, firstK).base, countK, countM, task->A.column, task->rowSumsGoOn || firstK > 0);
}

/* Step `firstK` of the panel that begins with column `first`, `own` wide, of a factor that was packed whole: panel behind panel, all
 * steps of each. */
static const float *packed_panel(const ck_product_task *task, int64_t first, int64_t own, int64_t firstK) {
  return task->packed.base + first * task->K + firstK * own;
}

static void product(const ck_product_kernels *kernels, const ck_product_task *task, float *scratch) {
  const int64_t M = task->M, N = task->N, K = task->K, width = kernels->width;
  const int64_t panel = width * kernels->vectors;
  float *const packedA = scratch, *const packedB = scratch + A_FLOATS, *const beside = packedB + B_FLOATS;
  /* Rows that lie a multiple of a page apart share few places of the first cache. */
  const int isAliased = task->A.column == 1 && task->A.row % 256 == 0;
  /* Steps that lie rows apart have a page each. */
  const int isStrided = task->A.row == 1;
  const int packsA = N > PACKED_FROM || (isAliased && N > 4 * panel) || (isStrided && N > 12 * panel);
  const int64_t kBlocks = blocks(K, BLOCK_K), mBlocks = blocks(M, BLOCK_M);
  /* Whether B was packed beforehand. */
  const int isPacked = task->packed.base != NULL && task->packed.path == ck_product_path();
  row_block block = {.kernels = kernels, .task = task, .packedA = packsA ? packedA : NULL, .beside = beside};
  for (int64_t firstN = 0; firstN < N; firstN += BLOCK_N) {
    const int64_t countN = least(BLOCK_N, N - firstN);
    for (int64_t kBlock = 0; kBlock < kBlocks; kBlock++) {
      const int64_t firstK = begin(K, kBlocks, kBlock), countK = begin(K, kBlocks, kBlock + 1) - firstK;
      block.firstK = firstK;
      block.countK = countK;
      block.adds = task->adds || kBlock > 0;
      block.isLast = kBlock == kBlocks - 1;
      for (int64_t mBlock = 0; mBlock < mBlocks; mBlock++) {
        const int64_t firstM = begin(M, mBlocks, mBlock), countM = begin(M, mBlocks, mBlock + 1) - firstM;
        block.firstM = firstM;
        block.tiles = blocks(countM, kernels->rows);
        for (int64_t t = 0; t <= block.tiles; t++) block.firsts[t] = begin(countM, block.tiles, t);
        if (firstN == 0) sum_rows(task, firstM, countM, firstK, countK);
        if (packsA) pack_block(kernels, block.firsts, block.tiles, countK, at(task->A, firstM, firstK), packedA);
        for (int64_t j = 0; j < countN; j += panel) {
          const int64_t columns = least(panel, countN - j), own = up_to(columns, width);
          const ck_factor B = at(task->B, firstK, firstN + j);
          /* Rows of B are packed while the first tile reads them, or not at all where it is the only one. */
          const int isRead = mBlock == 0 && !isPacked;
          const int isWhole = columns == own && B.column == 1, readsB = isRead && isWhole;
          float *const here = packedB + (mBlocks > 1 ? j * countK : 0);
          const float *const packed = isPacked ? packed_panel(task, firstN + j, own, firstK) : here;
          if (isRead && !isWhole) kernels->pack_b(countK, columns, own, B, here);
          /* Of what comes after this panel: packed, or as it lies. */
          const int isLast = j + panel >= countN;
          const int64_t nextOwn = isLast ? 0 : up_to(least(panel, countN - j - panel), width);
          const float *const next =
              isPacked ? packed_panel(task, firstN + j + panel, nextOwn, firstK) : packedB + (j + panel) * countK;
          const ck_ahead packedAhead = {isLast || isRead ? NULL : next, 16, 16 * countK};
          const ck_ahead ahead = readsB && !isLast ? (ck_ahead){B.base + panel, B.row, 16} : packedAhead;
          float *const copy = readsB && (block.tiles > 1 || mBlocks > 1) ? here : NULL;
          panel_of_tiles(&block, firstN + j, columns, B, readsB, packed, copy, ahead);
        }
        if (block.isLast) {
          ck_finish(&task->epilogue, task->C, 1, task->stride, firstM * task->stride + firstN, countM, countN);
        }
      }
    }
  }
}

/* ---- Which kernels -------------------------------------------------------------------------------------------------- */

static const ck_product_kernels *kernels_of(int path) {
  switch (path) {
#if defined(__x86_64__)
    case CK_PRODUCT_AVX2: return &ck_product_avx2;
    case CK_PRODUCT_AVX512:
    case CK_PRODUCT_AVX512_BF16: return &ck_product_avx512;
#endif
#if defined(__aarch64__)
    case CK_PRODUCT_NEON: return &ck_product_neon;
#endif
    case CK_PRODUCT_PLAIN: return &ck_product_plain;
    default: return NULL;
  }
}

const char *ck_product_name(int path) {
  static const char *const names[CK_PRODUCT_PATHS] = {"plain", "avx2", "avx512", "avx512-bf16", "neon"};
  return path >= 0 && path < CK_PRODUCT_PATHS ? names[path] : "none";
}

int ck_product_runs(int path) {
  if (kernels_of(path) == NULL) return 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (path == CK_PRODUCT_AVX2) return __builtin_cpu_supports("x86-64-v3") != 0;
  if (path == CK_PRODUCT_AVX512) return __builtin_cpu_supports("x86-64-v4") != 0;
  if (path == CK_PRODUCT_AVX512_BF16) return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512bf16");
#endif
  return 1;
}

static _Atomic int chosen = -1;
static _Thread_local int chosen_here = -1;

/* Whether this processor adds up products of bytes; -1: not asked yet. */
static _Atomic int vnni = -1;

int ck_product_has_vnni(void) {
  if (vnni < 0) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    vnni = __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
#else
    vnni = 0;
#endif
  }
  return vnni;
}

void ck_product_use(int path) { chosen = path; }
void ck_product_use_here(int path) { chosen_here = path; }

int ck_product_path(void) {
  if (chosen_here >= 0) return chosen_here;
  if (chosen < 0) {
    int path = CK_PRODUCT_PATHS - 1;
    while (!ck_product_runs(path)) path--;
    chosen = path;
  }
  return chosen;
}

const ck_product_kernels *ck_kernels(void) { return kernels_of(ck_product_path()); }

/* What there is to be done behind chains, or where there are none. */
static void finish(const ck_product_task *task) {
  for (int64_t i = 0; i < task->M; i++) {
    float *const c = task->C + i * task->stride;
    if (task->K == 0 && !task->adds) memset(c, 0, (size_t)task->N * sizeof *c);
    for (int64_t j = 0; task->bias && j < task->N; j++) c[j] += task->bias[j];
  }
  ck_finish(&task->epilogue, task->C, 1, task->stride, 0, task->M, task->N);
}

/* The row that a column is the other way round: the factors of a fused multiply-add may change places. */
static void column(const ck_product_task *task) {
  const ck_product_task turned = {
      .M = 1,
      .N = task->M,
      .K = task->K,
      .A = {task->B.base, task->B.column, task->B.row},
      .B = {task->A.base, task->A.column, task->A.row},
      .C = task->C,
      .stride = task->M,
      .adds = task->adds,
  };
  product(ck_kernels(), &turned, ck_memory(CK_OF_PRODUCTS, SCRATCH_FLOATS));
  sum_rows(task, 0, task->M, 0, task->K);
  finish(task);
}

int64_t ck_product_packed_count(int64_t K, int64_t N) { return up_to(N, ck_kernels()->width) * K; }

void ck_product_pack(int64_t K, int64_t first, int64_t count, ck_factor B, float *to) {
  const ck_product_kernels *const kernels = ck_kernels();
  const int64_t panel = kernels->width * kernels->vectors;
  for (int64_t j = 0; j < count; j += panel) {
    const int64_t columns = least(panel, count - j);
    kernels->pack_b(K, columns, up_to(columns, kernels->width), at(B, 0, first + j), to + j * K);
  }
}

void ck_product(const ck_product_task *task) {
  if (task->K == 0 || task->N == 0) {
    sum_rows(task, 0, task->M, 0, task->K);
    return finish(task);
  }
  if (task->N == 1 && task->stride == 1 && task->M > 1) return column(task);
  product(ck_kernels(), task, ck_memory(CK_OF_PRODUCTS, SCRATCH_FLOATS));
}

double ck_product_burst(int64_t rounds) {
  const ck_product_kernels *kernels = ck_kernels();
  volatile float kept = kernels->burst(rounds);
  (void)kept;
  return 2.0 * (double)rounds * kernels->rows * kernels->vectors * kernels->width;
}
