// Depthwise convolution forward; see depthwise.h.
#include "depthwise.h"

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

// The same for taps that do not lie side by side and for extents that have no version of their own: outputs
// share weights, not pixels.
static void filter_row_any(int taps, int stride, int dilation, const struct tap_rows *rows, int vectors,
                           float *output, int output_step, int outputs, int accumulate) {
  for (int first = 0; first < outputs; first += TILE) {
    const int count = smaller(TILE, outputs - first);
    for (int v = 0; v < vectors * LANES; v += LANES) {
      float *to = output + first * output_step + v;
      f32x4 sum[TILE];
      for (int i = 0; i < TILE; i++) sum[i] = accumulate && i < count ? load(to + i * output_step) : splat(0);
      const float *source = rows->source + first * stride * CHUNK + v;
      const float *weights = rows->weights + v;
      for (int r = 0; r < rows->count; r++, source += rows->source_step, weights += rows->weights_step) {
        for (int tap = 0; tap < taps; tap++) {
          const float *at = source + tap * dilation * CHUNK;
          const f32x4 weight = load(weights + tap * CHUNK);
          for (int i = 0; i < TILE; i++) sum[i] += load(at + i * stride * CHUNK) * weight;
        }
      }
      for (int i = 0; i < TILE; i++) {
        if (i < count) store(to + i * output_step, sum[i]);
      }
    }
  }
}

void filter_row(int taps, int stride, int dilation, const struct tap_rows *rows, int vectors, float *output,
                int output_step, int outputs, int accumulate) {
#define CASE(TAPS, STRIDE)                                                                                   \
  case 8 * STRIDE + TAPS:                                                                                    \
    filter_row_with(TAPS, STRIDE, rows, vectors, output, output_step, outputs, accumulate);                  \
    return;
  switch (taps < 8 && dilation == 1 ? 8 * stride + taps : 0) {
    CASE(1, 1) CASE(3, 1) CASE(5, 1) CASE(7, 1) CASE(3, 2) CASE(5, 2) CASE(7, 2)
  }
#undef CASE
  filter_row_any(taps, stride, dilation, rows, vectors, output, output_step, outputs, accumulate);
}

// Floats of scratch that the functions exported here need.
EXPORT(depthwise_scratch_floats)
int depthwise_scratch_floats(const struct window *w, int channels) {
  return 2 * chunked_weight_floats(w, channels) +
         (2 * w->input_height * input_strip_width(w) + w->output_height * gradient_strip_width(w)) * CHUNK;
}

// output [batch][Ho][Wo][channels] from input [batch][H][W][channels] and weights [kh * kw][channels].
EXPORT(depthwise_forward)
void depthwise_forward(const struct window *w, const float *input, const float *weights, float *output,
                       int channels, float *scratch) {
  const int width = input_strip_width(w), taps = tap_count(w);
  float *chunked = scratch;
  float *strip = chunked + chunked_weight_floats(w, channels);
  chunk_weights(weights, taps, channels, chunked);
  clear_strip(strip, w->input_height * width * CHUNK);
  for (int image = 0; image < w->batch; image++) {
    for (int c = 0; c < channels; c += CHUNK) {
      const int vectors = smaller(CHUNK, channels - c) / LANES;
      fill_strip(input + c, w->input_height, w->input_width, channels, vectors, strip + w->pad_left * CHUNK,
                 width);
      for (int y = 0; y < w->output_height; y++) {
        const int top = y * w->stride_height - w->pad_top;
        const struct tap_range inside =
            taps_inside(top, w->dilation_height, w->kernel_height, w->input_height);
        const struct tap_rows rows = {
            .count = inside.end - inside.first,
            .source = strip + (top + inside.first * w->dilation_height) * width * CHUNK,
            .source_step = w->dilation_height * width * CHUNK,
            .weights = chunked + (c * taps) + inside.first * w->kernel_width * CHUNK,
            .weights_step = w->kernel_width * CHUNK,
        };
        filter_row(w->kernel_width, w->stride_width, w->dilation_width, &rows, vectors,
                   output + y * w->output_width * channels + c, channels, w->output_width, 0);
      }
    }
    input += w->input_height * w->input_width * channels;
    output += w->output_height * w->output_width * channels;
  }
}
