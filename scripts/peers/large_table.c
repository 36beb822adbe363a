// Writes a CSV of ROWS rows to standard output: large_table ROWS. A function of the number of rows alone.
//
// Columns: level (5 decimals), amount (skewed, 3 decimals), age (whole), town (8 words), since (a date) and class. Each but amount
// and class is missing in 3 % of the rows; level, age and town tell something of the class.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const towns[] = {
    "Amsterdam", "Berlin", "Copenhagen", "Dublin", "Edinburgh", "Florence", "Geneva", "Hamburg"};

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), of row and column, as a number in 0..<1.
static double draw(uint64_t row, uint64_t column) {
  uint64_t z = (row * 8 + column + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

// A number that is not negative, with so many digits behind the point.
static char *put(char *at, uint64_t number, int decimals) {
  char digits[24];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10), number /= 10;
  while (number || count <= decimals);
  while (count--) {
    *at++ = digits[count];
    if (decimals && count == decimals) *at++ = '.';
  }
  return at;
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  const uint64_t rows = strtoull(argv[1], NULL, 10);
  static char buffer[1 << 20];
  char *at = buffer + sprintf(buffer, "level,amount,age,town,since,class\n");
  for (uint64_t row = 0; row < rows; row++) {
    const double a = draw(row, 0), b = draw(row, 1), c = draw(row, 2), d = draw(row, 3), e = draw(row, 4);
    if (c >= 0.03) {
      const double level = 8 * a - 4;
      if (level < 0) *at++ = '-';
      at = put(at, (uint64_t)((level < 0 ? -level : level) * 1e5), 5);
    }
    *at++ = ',';
    at = put(at, (uint64_t)(1000 / (0.001 + b * e)), 3);
    *at++ = ',';
    if (c < 0.03 || c >= 0.06) at = put(at, (uint64_t)(18 + 70 * b * d), 0);
    *at++ = ',';
    if (c < 0.06 || c >= 0.09) at = stpcpy(at, towns[(int)(8 * d)]);
    *at++ = ',';
    if (c < 0.09 || c >= 0.12)
      at += sprintf(at, "20%02d-%02d-%02d", (int)(10 + 16 * e), (int)(1 + 12 * c), (int)(1 + 28 * a));
    at = stpcpy(at, a + b * d + 0.3 * (d < 0.4) + 0.5 * e > 1.1 ? ",yes\n" : ",no\n");
    if (at - buffer > (1 << 20) - 256) {
      if (fwrite(buffer, 1, (size_t)(at - buffer), stdout) != (size_t)(at - buffer)) return 74;
      at = buffer;
    }
  }
  return fwrite(buffer, 1, (size_t)(at - buffer), stdout) == (size_t)(at - buffer) && fflush(stdout) == 0 ? 0 : 74;
}
