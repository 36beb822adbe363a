#define _GNU_SOURCE
#include "CKernels.h"

#include <errno.h>
#include <sched.h>

#if defined(__x86_64__)
#include <immintrin.h>
void ck_flush_denormals(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
#elif defined(__aarch64__)
void ck_flush_denormals(void) {
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (1ull << 24)));
}
#else
void ck_flush_denormals(void) {}
#endif

int ck_affinity(int process, uint64_t *words, int64_t count) {
  for (int64_t i = 0; i < count; i++) words[i] = 0;
  return sched_getaffinity(process, (size_t)count * 8, (cpu_set_t *)words) < 0 ? errno : 0;
}

int ck_bind(const uint64_t *words, int64_t count) {
  return sched_setaffinity(0, (size_t)count * 8, (const cpu_set_t *)words) < 0 ? errno : 0;
}
