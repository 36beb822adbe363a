#include "ctables.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The next byte from `at` on that ends an unquoted cell or is a quote; `high` is set where a byte before it is no ASCII.
static inline size_t stop(const uint8_t *bytes, size_t at, size_t count, uint8_t separator, uint8_t quote, bool *high) {
#if defined(__SSE2__)
  const __m128i s = _mm_set1_epi8((char)separator), q = _mm_set1_epi8((char)quote);
  const __m128i n = _mm_set1_epi8('\n'), r = _mm_set1_epi8('\r');
  while (at < count) {
    const __m128i v = _mm_loadu_si128((const __m128i *)(bytes + at));
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, s), _mm_cmpeq_epi8(v, q)),
                     _mm_or_si128(_mm_cmpeq_epi8(v, n), _mm_cmpeq_epi8(v, r)));
    const unsigned mask = (unsigned)_mm_movemask_epi8(hit), signs = (unsigned)_mm_movemask_epi8(v);
    if (mask) {
      const unsigned place = (unsigned)__builtin_ctz(mask);
      if (signs & ((1u << place) - 1)) *high = true;
      at += place;
      return at < count ? at : count;
    }
    if (signs) *high = true;  // perhaps of the padding: the check that follows looks at the record alone
    at += 16;
  }
  return count;
#else
  for (; at < count; at++) {
    const uint8_t byte = bytes[at];
    if (byte == separator || byte == quote || byte == '\n' || byte == '\r') return at;
    if (byte >= 0x80) *high = true;
  }
  return count;
#endif
}

// Whether bytes are UTF-8 (Unicode 15, table 3-7).
static bool is_utf8(const uint8_t *p, const uint8_t *end) {
  while (p < end) {
    const uint8_t a = *p++;
    if (a < 0x80) continue;
    int more;
    uint8_t low = 0x80, high = 0xBF;
    if (a >= 0xC2 && a <= 0xDF) more = 1;
    else if (a >= 0xE0 && a <= 0xEF) {
      more = 2;
      if (a == 0xE0) low = 0xA0;
      if (a == 0xED) high = 0x9F;
    } else if (a >= 0xF0 && a <= 0xF4) {
      more = 3;
      if (a == 0xF0) low = 0x90;
      if (a == 0xF4) high = 0x8F;
    } else return false;
    if (end - p < more) return false;
    if (p[0] < low || p[0] > high) return false;
    for (int i = 1; i < more; i++)
      if (p[i] < 0x80 || p[i] > 0xBF) return false;
    p += more;
  }
  return true;
}

// Makes doubled quotes single in place; returns where the text ends then.
static uint32_t single(uint8_t *bytes, uint32_t start, uint32_t end, uint8_t quote) {
  uint32_t to = start;
  for (uint32_t at = start; at < end; at++) {
    bytes[to++] = bytes[at];
    if (bytes[at] == quote && at + 1 < end && bytes[at + 1] == quote) at++;
  }
  return to;
}

size_t ct_scan(
    ct_scanner *scanner, uint8_t *bytes, size_t count, bool is_last, size_t most, uint32_t *bounds, uint64_t *lines,
    uint8_t *faults, uint32_t *details) {
  const uint8_t separator = scanner->separator, quote = scanner->quote;
  const uint32_t columns = scanner->columns;
  size_t rows = 0;
  while (rows < most) {
    const size_t begin = scanner->position;
    size_t at = begin;
    uint64_t line = scanner->line;
    uint32_t cells = 0, detail = 0;
    uint8_t fault = CT_FINE;
    bool high = false, has_quote = false, has_doubled = false, is_cut = false;
    uint32_t *bound = bounds + rows * 2 * columns;
    if (at >= count) break;
    for (;;) {  // a cell
      while (at < count && (bytes[at] == ' ' || (bytes[at] == '\t' && separator != '\t'))) at++;
      size_t start = at, end;
      if (at < count && bytes[at] == quote) {
        has_quote = true;
        start = ++at;
        bool is_closed = false;
        while (at < count) {
          const uint8_t *next = memchr(bytes + at, quote, count - at);
          at = next ? (size_t)(next - bytes) : count;
          if (!next) break;
          if (at + 1 < count && bytes[at + 1] == quote) {
            has_doubled = true;
            at += 2;
            continue;
          }
          is_closed = true;
          break;
        }
        end = at;
        if (is_closed) at++;
        else if (!is_last) {
          is_cut = true;
          break;
        } else if (!fault) fault = CT_OPEN_QUOTE, detail = cells;
        for (size_t i = start; i < end; i++) {
          if (bytes[i] == '\n' || (bytes[i] == '\r' && !(i + 1 < end && bytes[i + 1] == '\n'))) line++;
          if (bytes[i] >= 0x80) high = true;
        }
        while (at < count && (bytes[at] == ' ' || (bytes[at] == '\t' && separator != '\t'))) at++;
        if (at < count && bytes[at] != separator && bytes[at] != '\n' && bytes[at] != '\r') {
          if (!fault) fault = CT_BEHIND_QUOTE, detail = cells;
          while (at < count && bytes[at] != separator && bytes[at] != '\n' && bytes[at] != '\r') at++;
        }
      } else {
        for (;;) {
          at = stop(bytes, at, count, separator, quote, &high);
          if (at < count && bytes[at] == quote) {
            if (!fault) fault = CT_QUOTE, detail = cells;
            at++;
            continue;
          }
          break;
        }
        end = at;
        while (end > start && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) end--;
      }
      if (cells < columns) {
        bound[2 * cells] = (uint32_t)start;
        bound[2 * cells + 1] = (uint32_t)end;
      }
      cells++;
      if (at >= count) {
        if (!is_last) is_cut = true;
        break;
      }
      const uint8_t byte = bytes[at++];
      if (byte == separator) continue;
      line++;
      if (byte == '\r') {
        if (at < count) {
          if (bytes[at] == '\n') at++;
        } else if (!is_last) is_cut = true;  // a line feed may follow
      }
      break;
    }
    if (is_cut) break;
    const bool is_blank = cells == 1 && bound[0] == bound[1] && !has_quote;
    scanner->position = at;
    const uint64_t began = scanner->line;
    scanner->line = line;
    if (is_blank) continue;
    if (!fault && cells != columns) fault = CT_CELLS, detail = cells;
    if (!fault && high)
      for (uint32_t c = 0; c < columns && !fault; c++)
        if (!is_utf8(bytes + bound[2 * c], bytes + bound[2 * c + 1])) fault = CT_ENCODING, detail = c;
    // Only now, as a record that is cut off is read again from its start.
    if (!fault && has_doubled)
      for (uint32_t c = 0; c < columns; c++) bound[2 * c + 1] = single(bytes, bound[2 * c], bound[2 * c + 1], quote);
    if (fault)
      for (uint32_t c = 0; c < 2 * columns; c++) bound[c] = (uint32_t)begin;
    lines[rows] = began;
    faults[rows] = fault;
    details[rows] = detail;
    rows++;
  }
  return rows;
}
