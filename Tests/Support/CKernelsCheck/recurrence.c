/* Steps of recurrent layers, and bags of tokens. */
#include "check.h"

static void steps(void) {
  digest lstm = begin(21), gru = begin(22);
  EACH_LENGTH(size) {
    const int64_t H = (int64_t)size, B = 3, W = H + 2;
    const int32_t lengths[3] = {2, 0, 1};
    float *gates = numbers(B * 4 * H, 4), *c = numbers(B * H, 0), *squashed = numbers(B * H, 0), *h = numbers(B * W, 0);
    float *before = numbers(B * W, 1), *dy = numbers(B * W, 1), *dh = numbers(B * H, 1), *dc = numbers(B * H, 1);
    float *hidden = numbers(B * 3 * H, 4), *kept = numbers(B * H, 0), *dhidden = numbers(B * 3 * H, 0);
    for (int64_t t = 0; t < 2; t++) {
      ck_lstm_forward(gates, c, squashed, h, before, t ? lengths : NULL, t, B, H, W);
      note_floats(&lstm, gates, B * 4 * H), note_floats(&lstm, c, B * H), note_floats(&lstm, h, B * W);
      ck_lstm_backward(gates, dc, dh, dy, before, squashed, t ? lengths : NULL, t, B, H, W);
      note_floats(&lstm, gates, B * 4 * H), note_floats(&lstm, dc, B * H);
      ck_gru_forward(gates, kept, h, hidden, before, t ? lengths : NULL, t, B, H, W);
      note_floats(&gru, gates, B * 3 * H), note_floats(&gru, kept, B * H), note_floats(&gru, h, B * W);
      ck_gru_backward(gates, dhidden, dh, dy, before, kept, t ? lengths : NULL, t, B, H, W);
      note_floats(&gru, gates, B * 3 * H), note_floats(&gru, dhidden, B * 3 * H), note_floats(&gru, dh, B * H);
    }
    free(gates), free(c), free(squashed), free(h), free(before), free(dy), free(dh), free(dc);
    free(hidden), free(kept), free(dhidden);
  }
  end("lstm", lstm), end("gru", gru);
}

static void bags(void) {
  digest all = begin(23);
  EACH_LENGTH(size) {
    const int64_t D = (int64_t)size, B = 2, T = 5;
    const float tokens[10] = {3, 0, 1, 1, 0, 2, 4, 0, 3, 2};
    float *table = numbers(5 * D, 1), *y = numbers(B * D, 0), *places = numbers(B * D, 0), *dy = numbers(B * D, 1);
    float *rows = numbers(B * T * D, 0), *kept = numbers(B * T, 0);
    for (int means = 0; means < 3; means++) {
      float *at = means == 2 ? places : NULL;
      ck_embedding_bag_forward(y, at, table, tokens, B, T, D, 0, means == 1);
      const int64_t n = ck_embedding_bag_backward(rows, kept, dy, at, tokens, B, T, D, 0, means == 1);
      note_floats(&all, y, B * D), note_floats(&all, rows, n * D), note_floats(&all, kept, n);
    }
    free(table), free(y), free(places), free(dy), free(rows), free(kept);
  }
  end("bags of tokens", all);
}

void check_recurrence(void) {
  steps();
  bags();
}
