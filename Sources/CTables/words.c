#include "ctables.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  uint64_t hash;
  uint64_t first;   // the first eight bytes, those behind the end 0
  uint32_t length;  // UINT32_MAX where it is as large, or larger
  int32_t code;     // -1: empty
} slot;

struct ct_words {
  slot *slots;
  size_t capacity;  // a power of two
  uint8_t *bytes;
  size_t used, room;
  size_t *ends;  // behind each word's bytes
  size_t count, ends_room;
};

static uint64_t mixed(uint64_t a, uint64_t b) {
  const unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t loaded(const uint8_t *p, size_t length) {
  uint64_t word = 0;
  memcpy(&word, p, length);
  return word;
}

// The first `length` bytes as a number, eight at most, in a few loads: no loop, whose end no processor foresees.
static uint64_t first_of(const uint8_t *p, size_t length) {
  if (length >= 8) return loaded(p, 8);
  if (length >= 4) return loaded(p, 4) | loaded(p + length - 4, 4) << (8 * (length - 4));
  if (length == 0) return 0;
  return p[0] | (uint64_t)p[length / 2] << (8 * (length / 2)) | (uint64_t)p[length - 1] << (8 * (length - 1));
}

// Eight bytes at a time, multiplied and folded.
static uint64_t hash_of(const uint8_t *p, size_t length) {
  uint64_t hash = 0x9e3779b97f4a7c15ull ^ length;
  for (; length >= 8; p += 8, length -= 8) hash = mixed(hash ^ loaded(p, 8), 0xa0761d6478bd642full);
  return mixed(hash ^ first_of(p, length), 0xe7037ed1a0b428dbull);
}

ct_words *ct_words_make(void) {
  ct_words *words = calloc(1, sizeof *words);
  if (!words) return NULL;
  words->capacity = 64;
  words->slots = malloc(words->capacity * sizeof(slot));
  if (!words->slots) {
    free(words);
    return NULL;
  }
  for (size_t i = 0; i < words->capacity; i++) words->slots[i].code = -1;
  return words;
}

void ct_words_free(ct_words *words) {
  if (!words) return;
  free(words->slots);
  free(words->bytes);
  free(words->ends);
  free(words);
}

size_t ct_words_count(const ct_words *words) { return words->count; }

size_t ct_words_size(const ct_words *words) {
  return words->capacity * sizeof(slot) + words->room + words->ends_room * sizeof *words->ends;
}

const uint8_t *ct_words_bytes(const ct_words *words, size_t code, size_t *length) {
  const size_t start = code ? words->ends[code - 1] : 0;
  *length = words->ends[code] - start;
  return words->bytes + start;
}

static bool is_word(const ct_words *words, const slot *slot, const uint8_t *bytes, size_t length) {
  if (slot->length != (length < UINT32_MAX ? (uint32_t)length : UINT32_MAX)) return false;
  if (length <= 8) return true;
  size_t own;
  const uint8_t *word = ct_words_bytes(words, (size_t)slot->code, &own);
  return own == length && memcmp(word + 8, bytes + 8, length - 8) == 0;
}

static bool grow(ct_words *words) {
  const size_t capacity = words->capacity * 2;
  slot *slots = malloc(capacity * sizeof(slot));
  if (!slots) return false;
  for (size_t i = 0; i < capacity; i++) slots[i].code = -1;
  for (size_t i = 0; i < words->capacity; i++) {
    if (words->slots[i].code < 0) continue;
    size_t place = words->slots[i].hash & (capacity - 1);
    while (slots[place].code >= 0) place = (place + 1) & (capacity - 1);
    slots[place] = words->slots[i];
  }
  free(words->slots);
  words->slots = slots;
  words->capacity = capacity;
  return true;
}

static bool keep(ct_words *words, const uint8_t *bytes, size_t length) {
  if (words->used + length > words->room) {
    const size_t room = (words->used + length) * 2 + 64;
    uint8_t *moved = realloc(words->bytes, room);
    if (!moved) return false;
    words->bytes = moved;
    words->room = room;
  }
  if (words->count == words->ends_room) {
    const size_t room = words->ends_room * 2 + 16;
    size_t *moved = realloc(words->ends, room * sizeof *moved);
    if (!moved) return false;
    words->ends = moved;
    words->ends_room = room;
  }
  if (length) memcpy(words->bytes + words->used, bytes, length);
  words->used += length;
  words->ends[words->count++] = words->used;
  return true;
}

int32_t ct_words_code(ct_words *words, const uint8_t *bytes, size_t length, bool adds) {
  const uint64_t hash = hash_of(bytes, length), first = first_of(bytes, length);
  size_t place = hash & (words->capacity - 1);
  for (; words->slots[place].code >= 0; place = (place + 1) & (words->capacity - 1)) {
    const slot *slot = &words->slots[place];
    if (slot->hash == hash && slot->first == first && is_word(words, slot, bytes, length)) return slot->code;
  }
  if (!adds) return -1;
  if (words->count == INT32_MAX || !keep(words, bytes, length)) return -2;
  const int32_t code = (int32_t)(words->count - 1);
  words->slots[place] = (slot){hash, first, length < UINT32_MAX ? (uint32_t)length : UINT32_MAX, code};
  if (words->count * 2 > words->capacity && !grow(words)) return -2;
  return code;
}

bool ct_words_codes(
    ct_words *words, const uint8_t *bytes, const uint32_t *bounds, size_t first, size_t stride, size_t rows,
    const bool *skips, bool adds, size_t most, int32_t *codes) {
  const uint32_t *bound = bounds + first;
  for (size_t r = 0; r < rows; r++, bound += stride) {
    if (skips && skips[r]) continue;
    codes[r] = ct_words_code(words, bytes + bound[0], bound[1] - bound[0], adds);
    if (codes[r] == -2 || words->count > most) return false;
  }
  return true;
}
