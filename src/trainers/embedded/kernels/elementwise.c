// Sums and products of whole tensors, biases and gates. Counts of floats are multiples of 4.
#include "simd.h"

EXPORT(add)
void add(int floats, const float *a, const float *b, float *sum) {
  for (int i = 0; i < floats; i += LANES) store(sum + i, load(a + i) + load(b + i));
}

EXPORT(multiply)
void multiply(int floats, const float *a, const float *b, float *product) {
  for (int i = 0; i < floats; i += LANES) store(product + i, load(a + i) * load(b + i));
}

// x [rows][channels] += bias [channels]
EXPORT(add_bias)
void add_bias(int rows, int channels, float *x, const float *bias) {
  for (int row = 0; row < rows; row++, x += channels) {
    for (int c = 0; c < channels; c += LANES) store(x + c, load(x + c) + load(bias + c));
  }
}

// sums [channels] = sum of x [rows][channels] over the rows
#define SUMMED_ROWS 64
EXPORT(sum_rows)
void sum_rows(int rows, int channels, const float *x, float *sums) {
  for (int c = 0; c < channels; c += LANES) store(sums + c, splat(0));
  for (int first = 0; first < rows; first += SUMMED_ROWS, x += SUMMED_ROWS * channels) {
    const int count = smaller(SUMMED_ROWS, rows - first);
    for (int c = 0; c < channels; c += LANES) {
      f32x4 sum = splat(0);
      for (int row = 0; row < count; row++) sum += load(x + row * channels + c);
      store(sums + c, load(sums + c) + sum);
    }
  }
}

// y [batch][pixels][channels] = x * gate [batch][channels]
EXPORT(gate_forward)
void gate_forward(int batch, int pixels, int channels, const float *x, const float *gate, float *y) {
  for (int image = 0; image < batch; image++, gate += channels) {
    for (int pixel = 0; pixel < pixels; pixel++, x += channels, y += channels) {
      for (int c = 0; c < channels; c += LANES) store(y + c, load(x + c) * load(gate + c));
    }
  }
}

// dx = dy * gate; dgate = sum of dy * x over an image's pixels. `dx` may be `dy`.
EXPORT(gate_backward)
void gate_backward(int batch, int pixels, int channels, const float *x, const float *gate, const float *dy,
                   float *dx, float *dgate) {
  for (int image = 0; image < batch; image++, gate += channels, dgate += channels) {
    for (int c = 0; c < channels; c += LANES) store(dgate + c, splat(0));
    for (int pixel = 0; pixel < pixels; pixel++, x += channels, dy += channels, dx += channels) {
      for (int c = 0; c < channels; c += LANES) {
        const f32x4 gradient = load(dy + c);
        store(dgate + c, load(dgate + c) + gradient * load(x + c));
        store(dx + c, gradient * load(gate + c));
      }
    }
  }
}
