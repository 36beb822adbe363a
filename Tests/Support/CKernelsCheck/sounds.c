/* Loops on sounds. */
#include "check.h"

/* A transform of 64 samples, whose tables are numbers like others: what is to agree is the order of sums. */
static void bands(digest *all) {
  enum { N = 64, F = 5, T = 21, HOP = 16 };
  int32_t places[N / 2], firsts[F] = {0, 3, 8, 20, 30}, counts[F] = {4, 7, 13, 11, 3};
  for (int32_t k = 0; k < N / 2; k++) {
    int32_t turned = 0;
    for (int bit = 0; bit < 5; bit++) turned |= (k >> bit & 1) << (4 - bit);
    places[k] = turned;
  }
  float *window = numbers(N, 1), *twiddles = numbers(8 * N, 1), *weights = numbers(64, 1), *x = numbers(T * HOP + N, 1);
  for (int32_t power = 1; power <= 2; power++) {
    const ck_spectrum s = {N, HOP, window, places, twiddles, power, F, firsts, counts, weights};
    float *y = numbers(T * F, 0), *scratch = numbers(ck_band_scratch(&s), 0);
    ck_band_frames(y, x, T, &s, scratch);
    note_floats(all, y, T * F);
    free(y), free(scratch);
  }
  free(window), free(twiddles), free(weights), free(x);
}

void check_sounds(void) {
  digest mixes = begin(31), rates = begin(32), spectra = begin(33);
  EACH_LENGTH(size) {
    const ptrdiff_t n = (ptrdiff_t)size;
    float *x = numbers(3 * n + 64, 1), *y = numbers(3 * n, 0), *filter = numbers(3 * 32, 1), *matrix = numbers(n * 4, 1);
    int32_t *whole = malloc(3 * size * sizeof *whole);
    double *real = malloc(3 * size * sizeof *real);
    for (ptrdiff_t i = 0; i < 3 * n; i++) whole[i] = (int32_t)(x[i] * 0x1p31f * 0.99f), real[i] = x[i];
    ck_mix_whole(y, whole, n, 3), note_floats(&mixes, y, n);
    ck_mix_real(y, real, n, 3), note_floats(&mixes, y, n);
    ck_resample_sound(y, x, n, 0, filter, 32, 3, 2), note_floats(&rates, y, n);
    for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * x[i];
    ck_logarithms(y, n, 1e-10f, 4.3429448190325175), note_floats(&spectra, y, n);
    const float most = ck_largest(y, n);
    ck_at_least(y, n, most - 20), note_floats(&spectra, y, n);
    ck_cepstra(y, x, matrix, 1, n, 4 < n ? 4 : n), note_floats(&spectra, y, 4 < n ? 4 : n);
    free(x), free(y), free(filter), free(matrix), free(whole), free(real);
  }
  bands(&spectra);
  end("channels of sounds", mixes), end("rates of sounds", rates), end("spectra of sounds", spectra);
}
