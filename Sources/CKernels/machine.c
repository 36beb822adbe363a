#include "CKernels.h"

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
