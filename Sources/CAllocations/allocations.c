#define _GNU_SOURCE
#include "CAllocations.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_bool counting;
static atomic_int_fast64_t own, foreign;

/* Where the code of the program and of its helpers lies. */
static struct {
  uintptr_t first, end;
} segments[128];
static int segment_count;

static bool is_own(const char *path) {
  if (path[0] == '\0') return true; /* The program itself. */
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  static const char *const helpers[] = {
      "libswift", "libFoundation", "lib_Foundation", "libdispatch", "libBlocksRuntime", "libc.so"};
  for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
    if (strncmp(name, helpers[i], strlen(helpers[i])) == 0) return true;
  return false;
}

static int add_segments(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  if (!is_own(object->dlpi_name)) return 0;
  for (int i = 0; i < object->dlpi_phnum && segment_count < (int)(sizeof segments / sizeof *segments); i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
    segments[segment_count].first = object->dlpi_addr + header->p_vaddr;
    segments[segment_count].end = segments[segment_count].first + header->p_memsz;
    segment_count++;
  }
  return 0;
}

void CAllocations_count(bool on) {
  if (on && segment_count == 0) dl_iterate_phdr(add_segments, NULL);
  atomic_store_explicit(&counting, on, memory_order_release);
}

static _Atomic(void (*)(size_t)) exhausted;
static const char *last_words;
static int exhausted_code;
static atomic_int speakers;
static _Thread_local bool is_speaker;

void CAllocations_on_exhaustion(void (*handler)(size_t), const char *last, int code) {
  last_words = last;
  exhausted_code = code;
  atomic_store(&exhausted, handler);
}

void CAllocations_end_exhausted(void) {
  ssize_t written = last_words == NULL ? 0 : write(STDERR_FILENO, last_words, strlen(last_words));
  (void)written;
  _exit(exhausted_code);
}

/* What an allocation came to; does not return without memory, where somebody is to be told. */
static void *given(void *memory, size_t size) {
  if (memory != NULL || size == 0) return memory;
  void (*handler)(size_t) = atomic_load(&exhausted);
  if (handler == NULL) return NULL;
  if (is_speaker) CAllocations_end_exhausted();
  /* One line, however many threads find no memory. Whoever speaks may want a lock that another of them holds. */
  if (atomic_fetch_add(&speakers, 1) > 0) {
    sleep(2);
    CAllocations_end_exhausted();
  }
  is_speaker = true;
  handler(size);
  return NULL;
}

int64_t CAllocations_own(void) { return atomic_load_explicit(&own, memory_order_relaxed); }

int64_t CAllocations_foreign(void) { return atomic_load_explicit(&foreign, memory_order_relaxed); }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

bool CAllocations_available(void) { return true; }

static void note_caller(uintptr_t caller) {
  for (int i = 0; i < segment_count; i++) {
    if (caller < segments[i].first || caller >= segments[i].end) continue;
    atomic_fetch_add_explicit(&own, 1, memory_order_relaxed);
    return;
  }
  atomic_fetch_add_explicit(&foreign, 1, memory_order_relaxed);
}

/* The address behind the call tells who calls. */
#define note() \
  if (atomic_load_explicit(&counting, memory_order_acquire)) note_caller((uintptr_t)__builtin_return_address(0))

/* glibc's own, under the names it keeps for those who replace the others. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void *__libc_valloc(size_t size);
extern void *__libc_pvalloc(size_t size);
extern void __libc_free(void *memory);

void *malloc(size_t size) {
  note();
  return given(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size) {
  note();
  size_t all = size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
  return given(__libc_calloc(count, size), all);
}

void *realloc(void *memory, size_t size) {
  note();
  return given(__libc_realloc(memory, size), size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return given(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return given(__libc_memalign(alignment, size), size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  note();
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *block = given(__libc_memalign(alignment, size), size);
  if (block == NULL) return ENOMEM;
  *memory = block;
  return 0;
}

void *valloc(size_t size) {
  note();
  return given(__libc_valloc(size), size);
}

void *pvalloc(size_t size) {
  note();
  return given(__libc_pvalloc(size), size);
}

/* Counts nothing. It is here so that memory goes back to where it came from, should another allocator be preloaded. */
void free(void *memory) { __libc_free(memory); }

#else

bool CAllocations_available(void) { return false; }

#endif
