#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

/* A file of very many scans, each over all pixels, keeps a processor busy for hours. */
enum { MOST_SCANS = 500 };

struct CJPEG {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

static void fail(j_common_ptr info) {
  CJPEG *decoder = info->client_data;
  info->err->format_message(info, decoder->message);
  longjmp(decoder->escape, 1);
}

/* Warnings go with pixels that are a guess, but for a few: they are errors. */
static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    /* Bytes between parts of a file, or behind it; a marker that says otherwise than the pixels. */
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_TOO_MUCH_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL: return;
    default: fail(info);
  }
}

static void silent(j_common_ptr info) { (void)info; }

static void watch(j_common_ptr info) {
  CJPEG *decoder = info->client_data;
  if (decoder->info.input_scan_number <= MOST_SCANS) return;
  snprintf(decoder->message, sizeof decoder->message, "more than %d scans", MOST_SCANS);
  longjmp(decoder->escape, 1);
}

CJPEG *CJPEG_create(void) {
  CJPEG *decoder = calloc(1, sizeof *decoder);
  if (!decoder) return NULL;
  decoder->info.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = fail;
  decoder->errors.emit_message = warn;
  decoder->errors.output_message = silent;
  decoder->progress.progress_monitor = watch;
  decoder->info.client_data = decoder;
  if (setjmp(decoder->escape)) {
    free(decoder);
    return NULL;
  }
  jpeg_create_decompress(&decoder->info);
  /* The call above clears it. */
  decoder->info.client_data = decoder;
  decoder->info.progress = &decoder->progress;
  return decoder;
}

void CJPEG_destroy(CJPEG *decoder) {
  if (!decoder) return;
  if (!setjmp(decoder->escape)) jpeg_destroy_decompress(&decoder->info);
  free(decoder);
}

/* Leaves the decoder ready for another file. */
static bool failed(CJPEG *decoder) {
  if (!setjmp(decoder->escape)) jpeg_abort_decompress(&decoder->info);
  return false;
}

bool CJPEG_begin(CJPEG *decoder, const uint8_t *bytes, size_t count, CJPEG_header *header) {
  struct jpeg_decompress_struct *info = &decoder->info;
  if (setjmp(decoder->escape)) return failed(decoder);
  jpeg_abort_decompress(info);
  jpeg_mem_src(info, bytes, count);
  jpeg_read_header(info, TRUE);
  header->width = (int)info->image_width;
  header->height = (int)info->image_height;
  header->components = info->num_components;
  header->has_grey = info->jpeg_color_space == JCS_GRAYSCALE || info->jpeg_color_space == JCS_YCbCr;
  header->is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
  header->is_inverted = info->saw_Adobe_marker;
  return true;
}

bool CJPEG_read(CJPEG *decoder, int kind, int reduction, int rows, uint8_t *pixels) {
  struct jpeg_decompress_struct *info = &decoder->info;
  if (setjmp(decoder->escape)) return failed(decoder);
  info->out_color_space = kind == CJPEG_GREY ? JCS_GRAYSCALE : kind == CJPEG_RGB ? JCS_RGB : JCS_CMYK;
  info->dct_method = JDCT_ISLOW;
  info->scale_num = 1;
  info->scale_denom = (unsigned)reduction;
  info->do_fancy_upsampling = TRUE;
  info->do_block_smoothing = FALSE;
  jpeg_start_decompress(info);
  if (info->output_components != kind || (int)info->output_height < rows) {
    snprintf(decoder->message, sizeof decoder->message, "%d samples a pixel", info->output_components);
    return failed(decoder);
  }
  const size_t stride = (size_t)info->output_width * (size_t)kind;
  while ((int)info->output_scanline < rows) {
    JSAMPROW places[4];
    JDIMENSION count = 0;
    for (; count < 4 && (int)(info->output_scanline + count) < rows; count++)
      places[count] = pixels + stride * (info->output_scanline + count);
    jpeg_read_scanlines(info, places, count);
  }
  if (info->output_scanline == info->output_height)
    jpeg_finish_decompress(info);
  else
    jpeg_abort_decompress(info);
  return true;
}

const char *CJPEG_message(const CJPEG *decoder) { return decoder->message; }

#define TEXT(word) #word
#define VALUE(word) TEXT(word)

const char *CJPEG_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return "libjpeg-turbo " VALUE(LIBJPEG_TURBO_VERSION);
#else
  return "libjpeg " VALUE(JPEG_LIB_VERSION);
#endif
}
