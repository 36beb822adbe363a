// The inner loops of reading tables: where cells lie, which numbers they spell, which of a set of words they are.
//
// Texts are `bytes[bounds[first + r·stride] ..< bounds[first + r·stride + 1]]` for row r. What ct_scan is given has
// at least CT_PADDING readable bytes behind it, whose content does not matter.
#ifndef CTABLES_H
#define CTABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT_PADDING 32

// Why a record cannot be used.
enum {
  CT_FINE = 0,
  CT_CELLS = 1,       // another number of cells, which `detail` tells
  CT_QUOTE = 2,       // a quote within an unquoted cell, in column `detail`
  CT_BEHIND_QUOTE = 3,// something behind a closing quote, in column `detail`
  CT_ENCODING = 4,    // bytes that are no UTF-8
  CT_OPEN_QUOTE = 5,  // a quote that is never closed, in column `detail`; the last record
};

typedef struct {
  uint8_t separator;
  uint8_t quote;
  uint32_t columns;   // cells of a record
  size_t position;    // where the next record begins; moves on
  uint64_t line;      // its line, from 1; moves on
} ct_scanner;

// Finds the cells of whole records (RFC 4180) from the scanner's position on, `most` of them at most, and returns how many.
//
// Overwrites, for each record: 2·columns bounds, its line, its fault and the fault's detail. Quotes and spaces around a cell
// are left out of its bounds; doubled quotes in it are made single in place. Empty lines are passed over. A record that
// `count` cuts off is left for the next call unless `is_last`.
size_t ct_scan(
    ct_scanner *scanner, uint8_t *bytes, size_t count, bool is_last, size_t most, uint32_t *bounds, uint64_t *lines,
    uint8_t *faults, uint32_t *details);

// What a cell is to `ct_numbers`.
enum { CT_NUMBER = 0, CT_EMPTY = 1, CT_OTHER = 2 };

// The numbers that texts spell, rounded once to the nearest double, ties to even. Overwrites `numbers` and `states`; returns
// how many states are not CT_NUMBER. CT_OTHER are words, and rare numbers (more than 19 digits, huge exponents).
size_t ct_numbers(
    const uint8_t *bytes, const uint32_t *bounds, size_t first, size_t stride, size_t rows, double *numbers,
    uint8_t *states);

// Distinct words, numbered from 0 in the order in which they came.
typedef struct ct_words ct_words;

// NULL where there is no memory.
ct_words *ct_words_make(void);
void ct_words_free(ct_words *words);
size_t ct_words_count(const ct_words *words);
// The bytes that they take.
size_t ct_words_size(const ct_words *words);
// Lends the bytes of a word; sets its length.
const uint8_t *ct_words_bytes(const ct_words *words, size_t code, size_t *length);
// The code of a word; adds it where `adds`, else -1 where it is unknown. -2: no memory, or more than 2³¹ - 1 words.
int32_t ct_words_code(ct_words *words, const uint8_t *bytes, size_t length, bool adds);
// The codes of texts, but for rows where `skips` (may be NULL) is true, whose code is left as it is. Returns false where there
// is no memory or there would be more than `most` words.
bool ct_words_codes(
    ct_words *words, const uint8_t *bytes, const uint32_t *bounds, size_t first, size_t stride, size_t rows,
    const bool *skips, bool adds, size_t most, int32_t *codes);

#endif
