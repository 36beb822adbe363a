#define _GNU_SOURCE
#include "CKernels.h"

#include <errno.h>
#include <link.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/uio.h>

#if defined(__x86_64__)
#include <immintrin.h>
uint64_t ck_flush_denormals(void) {
  uint32_t state = _mm_getcsr();
  _mm_setcsr(state | 0x8040);
  return state;
}
void ck_restore_denormals(uint64_t state) { _mm_setcsr((uint32_t)state); }
void ck_spin_hint(void) { _mm_pause(); }
#elif defined(__aarch64__)
uint64_t ck_flush_denormals(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | (1ull << 24)));
  return state;
}
void ck_restore_denormals(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }
void ck_spin_hint(void) { __asm__ volatile("yield"); }
#else
uint64_t ck_flush_denormals(void) { return 0; }
void ck_spin_hint(void) {}
void ck_restore_denormals(uint64_t state) { (void)state; }
#endif

int ck_affinity(int process, uint64_t *words, int64_t count) {
  for (int64_t i = 0; i < count; i++) words[i] = 0;
  return sched_getaffinity(process, (size_t)count * 8, (cpu_set_t *)words) < 0 ? errno : 0;
}

int ck_bind(const uint64_t *words, int64_t count) {
  return sched_setaffinity(0, (size_t)count * 8, (const cpu_set_t *)words) < 0 ? errno : 0;
}

int ck_read_word(int process, int64_t address, int64_t *word) {
  struct iovec own = {word, sizeof *word}, other = {(void *)address, sizeof *word};
  ssize_t count = process_vm_readv(process, &own, 1, &other, 1, 0);
  return count == (ssize_t)sizeof *word ? 0 : count < 0 ? errno : EIO;
}

const char *ck_program_name(void) { return (const char *)getauxval(AT_EXECFN); }

struct listing {
  void (*each)(const char *path, void *context);
  void *context;
};

static int list_library(struct dl_phdr_info *object, size_t size, void *listing) {
  (void)size;
  struct listing *to = listing;
  if (object->dlpi_name[0] != '\0') to->each(object->dlpi_name, to->context);
  return 0;
}

void ck_libraries(void (*each)(const char *path, void *context), void *context) {
  struct listing listing = {each, context};
  dl_iterate_phdr(list_library, &listing);
}
