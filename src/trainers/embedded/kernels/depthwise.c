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

// Pixels to the left, and in all, of a row of the output's gradient; see `backward_phase`.
INLINE int gradient_strip_pad(const struct window *w) { return w->kernel_width; }
INLINE int gradient_strip_width(const struct window *w) {
  const int inputs = round_up(w->input_width, TILE) + w->pad_left + TILE;
  return gradient_strip_pad(w) + larger(w->output_width, inputs) + TILE;
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
         (w->input_height * input_strip_width(w) + w->output_height * gradient_strip_width(w)) * CHUNK;
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
    CASE(1, 1) CASE(2, 1) CASE(3, 1) CASE(4, 1) CASE(5, 1) CASE(7, 1) CASE(3, 2) CASE(5, 2) CASE(7, 2)
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

// ---- gradient of the input ------------------------------------------------------------------------------

// Input columns x with the same (x + pad_left) mod stride read every stride-th tap, from `first_tap` on: their
// gradients are a convolution of stride 1 of the output's gradient with those taps in reverse.
struct phase {
  int first_column;
  int columns;
  int first_tap;
  int taps;
  int strip_offset;
};

INLINE struct phase backward_phase(const struct window *w, int first_column) {
  const int stride = w->stride_width;
  const int first_tap = (first_column + w->pad_left) % stride;
  const int taps = first_tap < w->kernel_width ? (w->kernel_width - first_tap + stride - 1) / stride : 0;
  const int last_output = (first_column + w->pad_left - first_tap) / stride;
  return (struct phase){
      .first_column = first_column,
      .columns = (w->input_width - first_column + stride - 1) / stride,
      .first_tap = first_tap,
      .taps = taps,
      .strip_offset = gradient_strip_pad(w) + last_output - (taps - 1),
  };
}

// Weights [chunks][kh][kw][16] with each row's taps sorted by phase and, within a phase, reversed.
static void reverse_by_phase(const struct window *w, const float *chunked, int channels, float *reversed) {
  const int rows = chunk_count(channels) * w->kernel_height;
  for (int row = 0; row < rows; row++, chunked += w->kernel_width * CHUNK) {
    for (int first = 0; first < smaller(w->stride_width, w->kernel_width); first++) {
      const int count = (w->kernel_width - first + w->stride_width - 1) / w->stride_width;
      for (int t = count - 1; t >= 0; t--, reversed += CHUNK) {
        const float *from = chunked + (first + t * w->stride_width) * CHUNK;
        for (int i = 0; i < CHUNK; i += LANES) store(reversed + i, load(from + i));
      }
    }
  }
}

// Where in a reversed row the taps of the phase that begins with `first_tap` are.
INLINE int reversed_offset(const struct window *w, int first_tap) {
  int offset = 0;
  for (int first = 0; first < first_tap; first++) {
    offset += (w->kernel_width - first + w->stride_width - 1) / w->stride_width;
  }
  return offset * CHUNK;
}

// One image, one chunk: gradient of the input from the strip of the output's gradient.
static void backward_input_chunk(const struct window *w, const float *strip, const float *reversed,
                                 float *input_gradient, int channels, int vectors, int accumulate) {
  const int width = gradient_strip_width(w);
  for (int first = 0; first < smaller(w->stride_width, w->input_width); first++) {
    const struct phase phase = backward_phase(w, first);
    const float *taps = reversed + (phase.taps > 0 ? reversed_offset(w, phase.first_tap) : 0);
    for (int y = 0; y < w->input_height; y++) {
      // Tap row a reads gradient row (y + pad_top - a) / stride; a goes up in strides, the row down by one.
      int a = (y + w->pad_top) % w->stride_height;
      int row = (y + w->pad_top) / w->stride_height;
      if (row >= w->output_height) {
        a += (row - w->output_height + 1) * w->stride_height;
        row = w->output_height - 1;
      }
      const int below = a < w->kernel_height ? (w->kernel_height - a + w->stride_height - 1) / w->stride_height : 0;
      const struct tap_rows rows = {
          .count = smaller(below, row + 1),
          .source = strip + (row * width + phase.strip_offset) * CHUNK,
          .source_step = -width * CHUNK,
          .weights = taps + a * w->kernel_width * CHUNK,
          .weights_step = w->stride_height * w->kernel_width * CHUNK,
      };
      filter_row(phase.taps, 1, &rows, vectors,
                 input_gradient + (y * w->input_width + phase.first_column) * channels,
                 w->stride_width * channels, phase.columns, accumulate);
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
  const int width = input_strip_width(w), outer_width = gradient_strip_width(w);
  float *reversed = scratch;
  float *chunked = reversed + chunked_floats;
  float *strip = chunked + chunked_floats;
  float *outer = strip + w->input_height * width * CHUNK;
  chunk_weights(weights, taps, channels, chunked);
  reverse_by_phase(w, chunked, channels, reversed);
  clear(chunked, chunked_floats); // From here on it holds the gradient of the weights.
  clear(strip, (w->input_height * width + w->output_height * outer_width) * CHUNK);
  for (int image = 0; image < w->batch; image++) {
    for (int c = 0; c < channels; c += CHUNK) {
      const int vectors = smaller(CHUNK, channels - c) / LANES;
      fill_strip(output_gradient + c, w->output_height, w->output_width, channels, vectors,
                 outer + gradient_strip_pad(w) * CHUNK, outer_width);
      if (input_gradient) {
        backward_input_chunk(w, outer, reversed + c * taps, input_gradient + c, channels, vectors, accumulate);
      }
      fill_strip(input + c, w->input_height, w->input_width, channels, vectors, strip + w->pad_left * CHUNK,
                 width);
      backward_weights_chunk(w, strip, outer, chunked + c * taps, vectors);
    }
    input += w->input_height * w->input_width * channels;
    output_gradient += w->output_height * w->output_width * channels;
    if (input_gradient) input_gradient += w->input_height * w->input_width * channels;
  }
  unchunk_weights(chunked, taps, channels, weight_gradient);
}
