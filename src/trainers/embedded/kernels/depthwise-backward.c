// Depthwise convolution backward; see depthwise.h.
#include "depthwise.h"

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
    // Kernel row a reads gradient row y + pad_top - a * dilation: one that ascends if counted from the last.
    const int start = w->output_height - 1 - (y + w->pad_top);
    const struct tap_range inside =
        taps_inside(start, w->dilation_height, w->kernel_height, w->output_height);
    const int row = y + w->pad_top - inside.first * w->dilation_height;
    const struct tap_rows rows = {
        .count = inside.end - inside.first,
        .source = strip + (row * width + w->pad_left) * CHUNK,
        .source_step = -w->dilation_height * width * CHUNK,
        .weights = reversed + inside.first * w->kernel_width * CHUNK,
        .weights_step = w->kernel_width * CHUNK,
    };
    filter_row(w->kernel_width, 1, w->dilation_width, &rows, vectors,
               input_gradient + y * w->input_width * channels, channels, w->input_width, accumulate);
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

static void scatter_row(int taps, int stride, int dilation, int vectors, const float *outer,
                        const float *weights, float *to, int outputs) {
  switch (dilation == 1 ? taps : 0) {
    case 3: scatter_row_with(3, stride, vectors, outer, weights, to, outputs); return;
    case 5: scatter_row_with(5, stride, vectors, outer, weights, to, outputs); return;
    case 7: scatter_row_with(7, stride, vectors, outer, weights, to, outputs); return;
  }
  for (int tap = 0; tap < taps; tap++, weights += CHUNK, to += dilation * CHUNK) {
    scatter_row_with(1, stride, vectors, outer, weights, to, outputs);
  }
}

// One image, one chunk; `sums` is a strip for the input's gradient.
static void backward_input_by_scatter(const struct window *w, const float *outer, const float *weights,
                                      float *sums, float *input_gradient, int channels, int vectors,
                                      int accumulate) {
  const int width = input_strip_width(w);
  clear_strip(sums, w->input_height * width * CHUNK);
  for (int row = 0; row < w->output_height; row++) {
    const float *from = outer + (row * gradient_strip_width(w) + gradient_strip_pad(w)) * CHUNK;
    for (int a = 0; a < w->kernel_height; a++) {
      const int y = row * w->stride_height + a * w->dilation_height - w->pad_top;
      if (y < 0 || y >= w->input_height) continue;
      scatter_row(w->kernel_width, w->stride_width, w->dilation_width, vectors, from,
                  weights + a * w->kernel_width * CHUNK, sums + y * width * CHUNK, w->output_width);
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

// ---- both gradients ------------------------------------------------------------------------------------

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
  clear_strip(sums, chunked_floats);
  clear_strip(strip, strip_floats);
  clear_strip(outer, w->output_height * gradient_strip_width(w) * CHUNK);
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
