/* Digests of what the kernels give on fixed numbers, a line each: for processors that the package is not tested on.
 *
 * Built and run by scripts/check-aarch64, which compares them with those of the machine it runs on, with each kind of vectors. Products are compared
 * with their definition as well; exits with 1 where one differs. */
#include "check.h"

int wrong;
uint64_t state;

/* `check NAME` takes the vectors of that name for products and convolutions, `check --paths` lists those that run here. */
int main(int count, char **words) {
  int isKnown = count < 2;
  for (int path = 0; path < CK_PRODUCT_PATHS; path++) {
    if (!ck_product_runs(path)) continue;
    const char *name = ck_product_name(path);
    if (count > 1 && strcmp(words[1], "--paths") == 0) puts(name);
    if (count > 1 && strcmp(words[1], name) == 0) ck_product_use(path), isKnown = 1;
  }
  if (!isKnown) return strcmp(words[1], "--paths") == 0 ? 0 : 64;
  (void)ck_flush_denormals();
  fprintf(stderr, "products by %s\n", ck_product_name(ck_product_path()));
  check_products();
  check_bfloat16_products();
  check_convolutions();
  /* What the compiler makes of plain C: lines more, equal to those above. */
  ck_product_use_here(CK_PRODUCT_PLAIN);
  check_products();
  check_convolutions();
  ck_product_use_here(-1);
  check_bfloat16_images();
  check_images();
  check_sequences();
  check_recurrence();
  check_sounds();
  check_loops();
  return wrong > 0;
}
