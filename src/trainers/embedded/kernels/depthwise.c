// Depthwise convolution with one filter a channel, forward and backward.
//
// It works on one image and 16 channels (a cache line of floats) at a time, copied into a strip
// [rows][width + padding][16] whose padding columns are 0: the strip stays in the first-level cache, no tap
// needs a test, and four neighbouring outputs share the pixels they read. Rows of padding are skipped instead.
#include "simd.h"
#include "window.h"

#define CHUNK 16
#define TILE 4

// ---- strips ---------------------------------------------------------------------------------------------

// Pixels of a strip's row that forward and weight gradient read of the input: the last tile may be partial.
INLINE int input_strip_width(const struct window *w) {
  const int read = (round_up(w->output_width, TILE) - 1) * w->stride_width + w->kernel_width;
  return larger(read, w->pad_left + w->input_width);
}

// Pixels of padding to the left, and pixels in all, of a row of the output's gradient: an input pixel is read
// by up to kernel_width outputs.
INLINE int gradient_strip_pad(const struct window *w) { return w->kernel_width - 1; }
INLINE int gradient_strip_width(const struct window *w) {
  const int read = w->pad_left + round_up(w->input_width, TILE);
  return gradient_strip_pad(w) + larger(round_up(w->output_width, TILE), read);
}

INLINE int chunk_count(int channels) { return round_up(channels, CHUNK) / CHUNK; }
INLINE int tap_count(const struct window *w) { return w->kernel_height * w->kernel_width; }
INLINE int chunked_weight_floats(const struct window *w, int channels) {
  return chunk_count(channels) * tap_count(w) * CHUNK;
}

// Floats of scratch that the functions exported here need.
EXPORT(depthwise_scratch_floats)
int depthwise_scratch_floats(const struct window *w, int channels) {
  return 2 * chunked_weight_floats(w, channels) +
         (2 * w->input_height * input_strip_width(w) + w->output_height * gradient_strip_width(w)) * CHUNK;
}

static void clear(float *at, int floats) {
  for (int i = 0; i < floats; i += LANES) store(at + i, splat(0));
}

// Copies `vectors` vectors of each pixel of an image [height][width][channels] into a strip.
static void fill_strip(const float *image, int height, int width, int channels, int vectors, float *strip,
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
static void chunk_weights(const float *weights, int taps, int channels, float *chunked) {
  for (int c = 0; c < channels; c += CHUNK) {
    for (int tap = 0; tap < taps; tap++, chunked += CHUNK) {
      for (int i = 0; i < CHUNK; i += LANES) {
        store(chunked + i, c + i < channels ? load(weights + tap * channels + c + i) : splat(0));
      }
    }
  }
}

// ---- filtering a row ------------------------------------------------------------------------------------

// The rows that one output row is a sum over: row i reads `source + i * source_step` with the taps
// `weights + i * weights_step`.
struct tap_rows {
  int count;
  const float *source;
  int source_step;
  const float *weights;
  int weights_step;
};

// output[j] (+)= sum over rows and taps of source[j * stride + tap] * weights[tap], for `outputs` pixels that
// lie `output_step` floats apart. `taps` and `stride` are constants wherever this is inlined.
INLINE void filter_row_with(int taps, int stride, const struct tap_rows *rows, int vectors, float *output,
                            int output_step, int outputs, int accumulate) {
  for (int first = 0; first < outputs; first += TILE) {
    const int count = smaller(TILE, outputs - first);
    for (int v = 0; v < vectors * LANES; v += LANES) {
      f32x4 sum[TILE];
      for (int i = 0; i < TILE; i++) sum[i] = splat(0);
      const float *source = rows->source + first * stride * CHUNK + v;
      const float *weights = rows->weights + v;
      for (int r = 0; r < rows->count; r++, source += rows->source_step, weights += rows->weights_step) {
#pragma clang loop unroll(full)
        for (int pixel = 0; pixel < (TILE - 1) * stride + taps; pixel++) {
          const f32x4 value = load(source + pixel * CHUNK);
#pragma clang loop unroll(full)
          for (int i = 0; i < TILE; i++) {
            const int tap = pixel - i * stride;
            if (tap >= 0 && tap < taps) sum[i] += value * load(weights + tap * CHUNK);
          }
        }
      }
      float *to = output + first * output_step + v;
      for (int i = 0; i < TILE; i++, to += output_step) {
        if (i < count) store(to, accumulate ? load(to) + sum[i] : sum[i]);
      }
    }
  }
}

// The same for extents that have no version of their own.
static void filter_row_any(int taps, int stride, const struct tap_rows *rows, int vectors, float *output,
                           int output_step, int outputs, int accumulate) {
  for (int j = 0; j < outputs; j++) {
    for (int v = 0; v < vectors * LANES; v += LANES) {
      float *to = output + j * output_step + v;
      f32x4 sum = accumulate ? load(to) : splat(0);
      for (int r = 0; r < rows->count; r++) {
        const float *source = rows->source + r * rows->source_step + j * stride * CHUNK + v;
        const float *weights = rows->weights + r * rows->weights_step + v;
        for (int tap = 0; tap < taps; tap++) sum += load(source + tap * CHUNK) * load(weights + tap * CHUNK);
      }
      store(to, sum);
    }
  }
}

static void filter_row(int taps, int stride, const struct tap_rows *rows, int vectors, float *output,
                       int output_step, int outputs, int accumulate) {
#define CASE(TAPS, STRIDE)                                                                                   \
  case 8 * STRIDE + TAPS:                                                                                    \
    filter_row_with(TAPS, STRIDE, rows, vectors, output, output_step, outputs, accumulate);                  \
    return;
  switch (taps < 8 ? 8 * stride + taps : 0) {
    CASE(1, 1) CASE(3, 1) CASE(5, 1) CASE(7, 1) CASE(3, 2) CASE(5, 2) CASE(7, 2)
  }
#undef CASE
  filter_row_any(taps, stride, rows, vectors, output, output_step, outputs, accumulate);
}

// ---- forward --------------------------------------------------------------------------------------------

// output [batch][Ho][Wo][channels] from input [batch][H][W][channels] and weights [kh * kw][channels].
EXPORT(depthwise_forward)
void depthwise_forward(const struct window *w, const float *input, const float *weights, float *output,
                       int channels, float *scratch) {
  const int width = input_strip_width(w), taps = tap_count(w);
  float *chunked = scratch;
  float *strip = chunked + chunked_weight_floats(w, channels);
  chunk_weights(weights, taps, channels, chunked);
  clear(strip, w->input_height * width * CHUNK);
  for (int image = 0; image < w->batch; image++) {
    for (int c = 0; c < channels; c += CHUNK) {
      const int vectors = smaller(CHUNK, channels - c) / LANES;
      fill_strip(input + c, w->input_height, w->input_width, channels, vectors, strip + w->pad_left * CHUNK,
                 width);
      for (int y = 0; y < w->output_height; y++) {
        const int top = y * w->stride_height - w->pad_top;
        const int first = larger(0, -top);
        const struct tap_rows rows = {
            .count = larger(0, smaller(w->kernel_height, w->input_height - top) - first),
            .source = strip + (top + first) * width * CHUNK,
            .source_step = width * CHUNK,
            .weights = chunked + (c * taps) + first * w->kernel_width * CHUNK,
            .weights_step = w->kernel_width * CHUNK,
        };
        filter_row(w->kernel_width, w->stride_width, &rows, vectors,
                   output + y * w->output_width * channels + c, channels, w->output_width, 0);
      }
    }
    input += w->input_height * w->input_width * channels;
    output += w->output_height * w->output_width * channels;
  }
}

// ---- gradient of the input, stride 1 --------------------------------------------------------------------
//
// A convolution of the output's gradient with the filter turned by half a turn.

// Weights [chunks][kh][kw][16] with the taps of each row reversed. (Rows are turned by how they are visited.)
static void reverse_rows(const struct window *w, const float *chunked, int channels, float *reversed) {
  const int rows = chunk_count(channels) * w->kernel_height;
  for (int row = 0; row < rows; row++, chunked += w->kernel_width * CHUNK) {
    for (int b = w->kernel_width - 1; b >= 0; b--, reversed += CHUNK) {
      for (int i = 0; i < CHUNK; i += LANES) store(reversed + i, load(chunked + b * CHUNK + i));
    }
  }
}

// One image, one chunk.
static void backward_input_by_filter(const struct window *w, const float *strip, const float *reversed,
                                     float *input_gradient, int channels, int vectors, int accumulate) {
  const int width = gradient_strip_width(w);
  for (int y = 0; y < w->input_height; y++) {
    // Kernel row a reads gradient row y + pad_top - a: as a goes up by one, the row goes down by one.
    const int row = smaller(y + w->pad_top, w->output_height - 1);
    const int a = y + w->pad_top - row;
    const struct tap_rows rows = {
        .count = smaller(w->kernel_height - a, row + 1),
        .source = strip + (row * width + w->pad_left) * CHUNK,
        .source_step = -width * CHUNK,
        .weights = reversed + a * w->kernel_width * CHUNK,
        .weights_step = w->kernel_width * CHUNK,
    };
    filter_row(w->kernel_width, 1, &rows, vectors, input_gradient + y * w->input_width * channels, channels,
               w->input_width, accumulate);
  }
}

// ---- gradient of the input, larger strides --------------------------------------------------------------
//
// Few taps of the filter reach any one input pixel, so each output gradient is added to the pixels it reaches,
// in a strip like that of the input.

// Adds outer[j] * weights[tap] to to[j * stride + tap]. `taps` and `stride` are constants where inlined.
INLINE void scatter_row_with(int taps, int stride, int vectors, const float *outer, const float *weights,
                             float *to, int outputs) {
  for (int v = 0; v < vectors * LANES; v += LANES) {
    f32x4 weight[8];
    for (int tap = 0; tap < taps; tap++) weight[tap] = load(weights + tap * CHUNK + v);
    for (int j = 0; j < outputs; j++) {
      const f32x4 gradient = load(outer + j * CHUNK + v);
      float *at = to + j * stride * CHUNK + v;
      for (int tap = 0; tap < taps; tap++) {
        store(at + tap * CHUNK, load(at + tap * CHUNK) + gradient * weight[tap]);
      }
    }
  }
}

static void scatter_row(int taps, int stride, int vectors, const float *outer, const float *weights, float *to,
                        int outputs) {
  switch (taps) {
    case 3: scatter_row_with(3, stride, vectors, outer, weights, to, outputs); return;
    case 5: scatter_row_with(5, stride, vectors, outer, weights, to, outputs); return;
    case 7: scatter_row_with(7, stride, vectors, outer, weights, to, outputs); return;
  }
  for (int tap = 0; tap < taps; tap++, weights += CHUNK, to += CHUNK) {
    scatter_row_with(1, stride, vectors, outer, weights, to, outputs);
  }
}

// One image, one chunk; `sums` is a strip for the input's gradient.
static void backward_input_by_scatter(const struct window *w, const float *outer, const float *weights,
                                      float *sums, float *input_gradient, int channels, int vectors,
                                      int accumulate) {
  const int width = input_strip_width(w);
  clear(sums, w->input_height * width * CHUNK);
  for (int row = 0; row < w->output_height; row++) {
    const float *from = outer + (row * gradient_strip_width(w) + gradient_strip_pad(w)) * CHUNK;
    for (int a = 0; a < w->kernel_height; a++) {
      const int y = row * w->stride_height + a - w->pad_top;
      if (y < 0 || y >= w->input_height) continue;
      scatter_row(w->kernel_width, w->stride_width, vectors, from, weights + a * w->kernel_width * CHUNK,
                  sums + y * width * CHUNK, w->output_width);
    }
  }
  for (int y = 0; y < w->input_height; y++) {
    const float *from = sums + (y * width + w->pad_left) * CHUNK;
    for (int x = 0; x < w->input_width; x++, from += CHUNK, input_gradient += channels) {
      for (int v = 0; v < vectors * LANES; v += LANES) {
        store(input_gradient + v, accumulate ? load(input_gradient + v) + load(from + v) : load(from + v));
      }
    }
  }
}

// ---- gradient of the weights ----------------------------------------------------------------------------

// Adds to gradient[tap] the sum over the output rows `from` to `to` of input[j * stride + tap] * outer[j], for
// the taps of kernel row `a`. `taps`, `stride` and `vectors` are constants wherever this is inlined.
INLINE void weight_row_with(int taps, int stride, int vectors, const float *input, int input_step,
                            const float *outer, int outer_step, int rows, int outputs, float *gradient) {
  f32x4 sum[2][8];
  for (int v = 0; v < vectors; v++)
    for (int tap = 0; tap < taps; tap++) sum[v][tap] = load(gradient + tap * CHUNK + v * LANES);
  for (int row = 0; row < rows; row++, input += input_step, outer += outer_step) {
    // The columns of a partial last tile are padding, 0, in `outer`.
    for (int first = 0; first < outputs; first += TILE) {
      const float *at = input + first * stride * CHUNK;
      f32x4 factor[2][TILE];
#pragma clang loop unroll(full)
      for (int i = 0; i < TILE; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) factor[v][i] = load(outer + (first + i) * CHUNK + v * LANES);
#pragma clang loop unroll(full)
      for (int pixel = 0; pixel < (TILE - 1) * stride + taps; pixel++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
          const f32x4 value = load(at + pixel * CHUNK + v * LANES);
#pragma clang loop unroll(full)
          for (int i = 0; i < TILE; i++) {
            const int tap = pixel - i * stride;
            if (tap >= 0 && tap < taps) sum[v][tap] += value * factor[v][i];
          }
        }
      }
    }
  }
  for (int v = 0; v < vectors; v++)
    for (int tap = 0; tap < taps; tap++) store(gradient + tap * CHUNK + v * LANES, sum[v][tap]);
}

static void weight_row_any(int taps, int stride, const float *input, int input_step, const float *outer,
                           int outer_step, int rows, int outputs, float *gradient) {
  for (int tap = 0; tap < taps; tap++) {
    f32x4 sum = load(gradient + tap * CHUNK);
    for (int row = 0; row < rows; row++)
      for (int j = 0; j < outputs; j++)
        sum += load(input + row * input_step + (j * stride + tap) * CHUNK) * load(outer + row * outer_step + j * CHUNK);
    store(gradient + tap * CHUNK, sum);
  }
}

static void weight_row(int taps, int stride, int vectors, const float *input, int input_step,
                       const float *outer, int outer_step, int rows, int outputs, float *gradient) {
  int v = 0;
#define CASE(TAPS, STRIDE, VECTORS)                                                                          \
  case 8 * STRIDE + TAPS:                                                                                    \
    for (; v + VECTORS <= vectors; v += VECTORS)                                                             \
      weight_row_with(TAPS, STRIDE, VECTORS, input + v * LANES, input_step, outer + v * LANES, outer_step,   \
                      rows, outputs, gradient + v * LANES);                                                  \
    break;
  switch (taps < 8 ? 8 * stride + taps : 0) {
    CASE(3, 1, 2) CASE(5, 1, 1) CASE(7, 1, 1) CASE(3, 2, 2) CASE(5, 2, 1) CASE(7, 2, 1)
  }
#undef CASE
  for (; v < vectors; v++)
    weight_row_any(taps, stride, input + v * LANES, input_step, outer + v * LANES, outer_step, rows, outputs,
                   gradient + v * LANES);
}

// One image, one chunk: adds to the chunk's weight gradient [kh * kw][16].
static void backward_weights_chunk(const struct window *w, const float *input_strip,
                                   const float *gradient_strip, float *chunk_gradient, int vectors) {
  const int width = input_strip_width(w), outer_width = gradient_strip_width(w);
  for (int a = 0; a < w->kernel_height; a++) {
    // Output rows y whose input row y * stride + a - pad_top lies in the image.
    const int lift = w->pad_top - a;
    const int from = lift > 0 ? (lift + w->stride_height - 1) / w->stride_height : 0;
    const int to = smaller(w->output_height, (w->input_height - 1 + lift) / w->stride_height + 1);
    if (w->input_height - 1 + lift < 0 || from >= to) continue;
    weight_row(w->kernel_width, w->stride_width, vectors,
               input_strip + (from * w->stride_height - lift) * width * CHUNK, w->stride_height * width * CHUNK,
               gradient_strip + (from * outer_width + gradient_strip_pad(w)) * CHUNK, outer_width * CHUNK,
               to - from, w->output_width, chunk_gradient + a * w->kernel_width * CHUNK);
  }
}

// Chunks [chunks][taps][16] back to [taps][channels].
static void unchunk_weights(const float *chunked, int taps, int channels, float *weights) {
  for (int c = 0; c < channels; c += CHUNK) {
    for (int tap = 0; tap < taps; tap++, chunked += CHUNK) {
      for (int i = 0; i < CHUNK && c + i < channels; i += LANES) {
        store(weights + tap * channels + c + i, load(chunked + i));
      }
    }
  }
}

// Both gradients in one pass over the output's. `input_gradient` may be null: a first layer needs none.
EXPORT(depthwise_backward)
void depthwise_backward(const struct window *w, const float *input, const float *weights,
                        const float *output_gradient, float *input_gradient, float *weight_gradient,
                        int channels, float *scratch, int accumulate) {
  const int taps = tap_count(w), chunked_floats = chunked_weight_floats(w, channels);
  const int strip_floats = w->input_height * input_strip_width(w) * CHUNK;
  const int filters = w->stride_height == 1 && w->stride_width == 1;
  float *factors = scratch;
  float *sums = factors + chunked_floats; // Of the weights' gradients.
  float *strip = sums + chunked_floats;
  float *input_sums = strip + strip_floats;
  float *outer = input_sums + strip_floats;
  chunk_weights(weights, taps, channels, factors);
  if (filters) {
    chunk_weights(weights, taps, channels, sums);
    reverse_rows(w, sums, channels, factors);
  }
  clear(sums, chunked_floats);
  clear(strip, strip_floats);
  clear(outer, w->output_height * gradient_strip_width(w) * CHUNK);
  for (int image = 0; image < w->batch; image++) {
    for (int c = 0; c < channels; c += CHUNK) {
      const int vectors = smaller(CHUNK, channels - c) / LANES;
      fill_strip(output_gradient + c, w->output_height, w->output_width, channels, vectors,
                 outer + gradient_strip_pad(w) * CHUNK, gradient_strip_width(w));
      if (input_gradient && filters) {
        backward_input_by_filter(w, outer, factors + c * taps, input_gradient + c, channels, vectors,
                                 accumulate);
      } else if (input_gradient) {
        backward_input_by_scatter(w, outer, factors + c * taps, input_sums, input_gradient + c, channels,
                                  vectors, accumulate);
      }
      fill_strip(input + c, w->input_height, w->input_width, channels, vectors, strip + w->pad_left * CHUNK,
                 input_strip_width(w));
      backward_weights_chunk(w, strip, outer, sums + c * taps, vectors);
    }
    input += w->input_height * w->input_width * channels;
    output_gradient += w->output_height * w->output_width * channels;
    if (input_gradient) input_gradient += w->input_height * w->input_width * channels;
  }
  unchunk_weights(sums, taps, channels, weight_gradient);
}
