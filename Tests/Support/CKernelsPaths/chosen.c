#define PATH chosen
#include "table.inc"

extern const ck_path ck_path_baseline, ck_path_v3, ck_path_v4;

ck_path ck_path_of(int path) {
  switch (path) {
    case CK_PATH_BASELINE: return ck_path_baseline;
    case CK_PATH_V3: return ck_path_v3;
    case CK_PATH_V4: return ck_path_v4;
    default: return ck_path_chosen;
  }
}

int ck_path_runs(int path) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (path == CK_PATH_V4) return __builtin_cpu_supports("x86-64-v4") != 0;
  if (path == CK_PATH_V3) return __builtin_cpu_supports("x86-64-v3") != 0;
  return 1;
#else
  return path == CK_PATH_CHOSEN || path == CK_PATH_BASELINE;
#endif
}
