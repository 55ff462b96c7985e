// Depthwise convolution with one filter a channel, forward and backward.
//
// It works on one image and 16 channels (a cache line of floats) at a time, copied into a strip
// [rows][width + padding][16] whose padding columns are 0: the strip stays in the first-level cache, no tap
// needs a test, and four neighbouring outputs share the pixels they read. Rows of padding are skipped instead.
#pragma once
#include "simd.h"
#include "window.h"

#define CHUNK 16

// Neighbouring outputs that are worked on together.
#define TILE 4

// Pixels that a row of taps spans.
INLINE int span_width(const struct window *w) { return (w->kernel_width - 1) * w->dilation_width + 1; }

// Pixels of a strip's row that forward and weight gradient read of the input: the last tile may be partial.
INLINE int input_strip_width(const struct window *w) {
  const int read = (round_up(w->output_width, TILE) - 1) * w->stride_width + span_width(w);
  return larger(read, w->pad_left + w->input_width);
}

// Pixels of padding to the left, and pixels in all, of a row of the output's gradient: an input pixel is read
// by outputs up to a span apart.
INLINE int gradient_strip_pad(const struct window *w) { return span_width(w) - 1; }
INLINE int gradient_strip_width(const struct window *w) {
  const int read = w->pad_left + round_up(w->input_width, TILE);
  return gradient_strip_pad(w) + larger(round_up(w->output_width, TILE), read);
}

INLINE int chunk_count(int channels) { return round_up(channels, CHUNK) / CHUNK; }
INLINE int tap_count(const struct window *w) { return w->kernel_height * w->kernel_width; }
INLINE int chunked_weight_floats(const struct window *w, int channels) {
  return chunk_count(channels) * tap_count(w) * CHUNK;
}

INLINE void clear_strip(float *at, int floats) {
  for (int i = 0; i < floats; i += LANES) store(at + i, splat(0));
}

// Copies `vectors` vectors of each pixel of an image [height][width][channels] into a strip.
INLINE void fill_strip(const float *image, int height, int width, int channels, int vectors, float *strip,
                       int strip_width) {
  for (int y = 0; y < height; y++, strip += strip_width * CHUNK) {
    float *to = strip;
    for (int x = 0; x < width; x++, image += channels, to += CHUNK) {
      if (vectors == CHUNK / LANES) {
        for (int v = 0; v < CHUNK; v += LANES) store(to + v, load(image + v));
      } else {
        for (int v = 0; v < vectors * LANES; v += LANES) store(to + v, load(image + v));
      }
    }
  }
}

// Weights [taps][channels] to [chunks][taps][16].
INLINE void chunk_weights(const float *weights, int taps, int channels, float *chunked) {
  for (int c = 0; c < channels; c += CHUNK) {
    for (int tap = 0; tap < taps; tap++, chunked += CHUNK) {
      for (int i = 0; i < CHUNK; i += LANES) {
        store(chunked + i, c + i < channels ? load(weights + tap * channels + c + i) : splat(0));
      }
    }
  }
}

// The rows that one output row is a sum over: row i reads `source + i * source_step` with the taps
// `weights + i * weights_step`.
struct tap_rows {
  int count;
  const float *source;
  int source_step;
  const float *weights;
  int weights_step;
};

// output[j] (+)= sum over rows and taps of source[j * stride + tap * dilation] * weights[tap], for `outputs`
// pixels that lie `output_step` floats apart.
void filter_row(int taps, int stride, int dilation, const struct tap_rows *rows, int vectors,
                float *output, int output_step, int outputs, int accumulate);

// One image, one chunk: adds to the chunk's weight gradient [kh * kw][16].
void backward_weights_chunk(const struct window *w, const float *input_strip, const float *gradient_strip,
                            float *chunk_gradient, int vectors);
