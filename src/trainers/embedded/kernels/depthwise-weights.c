// The gradient of a depthwise convolution's weights; see depthwise.h.
#include "depthwise.h"

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

// The same for one vector of taps `dilation` pixels apart. `taps` is a constant wherever this is inlined.
INLINE void weight_row_apart(int taps, int stride, int dilation, const float *input, int input_step,
                             const float *outer, int outer_step, int rows, int outputs, float *gradient) {
  f32x4 sum[8];
  for (int tap = 0; tap < taps; tap++) sum[tap] = load(gradient + tap * CHUNK);
  for (int row = 0; row < rows; row++, input += input_step, outer += outer_step) {
    for (int j = 0; j < outputs; j++) {
      const f32x4 factor = load(outer + j * CHUNK);
      for (int tap = 0; tap < taps; tap++) sum[tap] += load(input + (j * stride + tap * dilation) * CHUNK) * factor;
    }
  }
  for (int tap = 0; tap < taps; tap++) store(gradient + tap * CHUNK, sum[tap]);
}

static void weight_row_any(int taps, int stride, int dilation, const float *input, int input_step,
                           const float *outer, int outer_step, int rows, int outputs, float *gradient) {
  if (taps == 3) {
    weight_row_apart(3, stride, dilation, input, input_step, outer, outer_step, rows, outputs, gradient);
    return;
  }
  for (int tap = 0; tap < taps; tap++, input += dilation * CHUNK, gradient += CHUNK)
    weight_row_apart(1, stride, 1, input, input_step, outer, outer_step, rows, outputs, gradient);
}

static void weight_row(int taps, int stride, int dilation, int vectors, const float *input, int input_step,
                       const float *outer, int outer_step, int rows, int outputs, float *gradient) {
  int v = 0;
#define CASE(TAPS, STRIDE, VECTORS)                                                                          \
  case 8 * STRIDE + TAPS:                                                                                    \
    for (; v + VECTORS <= vectors; v += VECTORS)                                                             \
      weight_row_with(TAPS, STRIDE, VECTORS, input + v * LANES, input_step, outer + v * LANES, outer_step,   \
                      rows, outputs, gradient + v * LANES);                                                  \
    break;
  switch (taps < 8 && dilation == 1 ? 8 * stride + taps : 0) {
    CASE(3, 1, 2) CASE(5, 1, 1) CASE(7, 1, 1) CASE(3, 2, 2) CASE(5, 2, 1) CASE(7, 2, 1)
  }
#undef CASE
  for (; v < vectors; v++)
    weight_row_any(taps, stride, dilation, input + v * LANES, input_step, outer + v * LANES, outer_step, rows,
                   outputs, gradient + v * LANES);
}

void backward_weights_chunk(const struct window *w, const float *input_strip, const float *gradient_strip,
                            float *chunk_gradient, int vectors) {
  const int width = input_strip_width(w), outer_width = gradient_strip_width(w);
  for (int a = 0; a < w->kernel_height; a++) {
    // Output rows y whose input row y * stride + a * dilation - pad_top lies in the image.
    const int lift = w->pad_top - a * w->dilation_height;
    const int from = lift > 0 ? (lift + w->stride_height - 1) / w->stride_height : 0;
    const int to = smaller(w->output_height, (w->input_height - 1 + lift) / w->stride_height + 1);
    if (w->input_height - 1 + lift < 0 || from >= to) continue;
    weight_row(w->kernel_width, w->stride_width, w->dilation_width, vectors,
               input_strip + (from * w->stride_height - lift) * width * CHUNK, w->stride_height * width * CHUNK,
               gradient_strip + (from * outer_width + gradient_strip_pad(w)) * CHUNK, outer_width * CHUNK,
               to - from, w->output_width, chunk_gradient + a * w->kernel_width * CHUNK);
  }
}
