// Swift sees no macros that are expressions: what HDF5 has as such are functions here.
#include <hdf5.h>

/// `H5F_ACC_RDONLY`
static inline unsigned hdf5_read_only(void) { return H5F_ACC_RDONLY; }

/// `H5P_DEFAULT`
static inline hid_t hdf5_default(void) { return H5P_DEFAULT; }

/// `H5T_VARIABLE`
static inline size_t hdf5_variable(void) { return H5T_VARIABLE; }

/// Memory's own types; the library opens itself where that was not done yet.
static inline hid_t hdf5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t hdf5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t hdf5_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t hdf5_c_string(void) { return H5T_C_S1; }

/// Keeps the library from printing errors: they are asked for.
static inline void hdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline herr_t hdf5_note_deepest(unsigned n, const H5E_error2_t *error, void *text) {
  (void)n;
  *(const char **)text = error->desc;
  return 1;
}

/// What was at the bottom of the last failure of this thread; empty where there is nothing. Copied into `text`.
static inline void hdf5_last_error(char *text, size_t room) {
  const char *found = NULL;
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, (H5E_walk2_t)hdf5_note_deepest, &found);
  if (found) {
    size_t n = 0;
    while (n + 1 < room && found[n]) {
      text[n] = found[n];
      n++;
    }
    text[n] = 0;
  }
  H5Eclear2(H5E_DEFAULT);
}
