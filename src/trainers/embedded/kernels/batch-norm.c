// Batch normalisation over [rows][channels], rows = batch * height * width, together with the activation that
// follows it: y = f(scale (x - mean) / sqrt(variance + epsilon) + shift)   (Ioffe & Szegedy 2015).
//
// All passes go through memory in blocks of rows, front to back, and through a block a few vectors of channels at a time.
#include "activation.h"

// As in the published code of MobileNet v2, v3 and MnasNet.
#define EPSILON 1e-3f
// Vectors of channels that are worked on together: as many as leave all constants in registers.
#define FORWARD_VECTORS 4
#define BACKWARD_VECTORS 2

// Written by the host; its field order is that of operations/batch-norm.ts.
struct batch_norm {
  int rows, channels;
  int function; // enum activation
  const float *scale, *shift;
  float *mean, *inverse_deviation; // of the batch, kept from forward to backward
  float *running_mean, *running_variance;
  float *scale_gradient, *shift_gradient;
};

// Rows of a block: 16 KiB, half of a first-level cache.
INLINE int block_rows(int channels) { return larger(8, 4096 / channels); }

// Calls `body` with `first` and `count` of each block of rows, `c` of each chunk of channels and `VECTORS`,
// the number of vectors in the chunk: the constant `most`, or 1 for what is left.
#define FOR_EACH_CHUNK(rows, channels, most, body)                                                                 \
  for (int first = 0; first < (rows); first += block_rows(channels)) {                                       \
    const int count = smaller(block_rows(channels), (rows)-first);                                           \
    int c = 0;                                                                                               \
    for (; c + (most) * LANES <= (channels); c += (most) * LANES) {                                          \
      enum { VECTORS = (most) };                                                                             \
      body;                                                                                                  \
    }                                                                                                        \
    for (; c < (channels); c += LANES) {                                                                     \
      enum { VECTORS = 1 };                                                                                  \
      body;                                                                                                  \
    }                                                                                                        \
  }

INLINE void clear(float *at, int floats) {
  for (int i = 0; i < floats; i += LANES) store(at + i, splat(0));
}

// ---- forward --------------------------------------------------------------------------------------------

// Adds to `sum` and `square` those of x - origin over some rows.
INLINE void add_moments(int vectors, int count, int channels, const float *x, const float *origin, float *sum,
                        float *square) {
  f32x4 s[FORWARD_VECTORS], q[FORWARD_VECTORS], o[FORWARD_VECTORS];
  for (int v = 0; v < vectors; v++) {
    s[v] = q[v] = splat(0);
    o[v] = load(origin + v * LANES);
  }
  for (int row = 0; row < count; row++, x += channels) {
    for (int v = 0; v < vectors; v++) {
      const f32x4 distance = load(x + v * LANES) - o[v];
      s[v] += distance;
      q[v] += distance * distance;
    }
  }
  for (int v = 0; v < vectors; v++) {
    store(sum + v * LANES, load(sum + v * LANES) + s[v]);
    store(square + v * LANES, load(square + v * LANES) + q[v]);
  }
}

// Mean and 1 / sqrt(variance + epsilon) of the batch. Moments are taken about the first row, which keeps the
// difference of squares from cancelling when the mean is far from 0.
static void batch_statistics(const struct batch_norm *n, const float *x, float momentum) {
  float *sum = n->mean, *square = n->inverse_deviation;
  clear(sum, n->channels);
  clear(square, n->channels);
  FOR_EACH_CHUNK(n->rows, n->channels, FORWARD_VECTORS, {
    add_moments(VECTORS, count, n->channels, x + first * n->channels + c, x + c, sum + c, square + c);
  })
  const f32x4 per_row = splat(1.0f / n->rows);
  const f32x4 unbiased = splat(n->rows > 1 ? (float)n->rows / (n->rows - 1) : 1);
  for (int c = 0; c < n->channels; c += LANES) {
    const f32x4 offset = load(sum + c) * per_row;
    const f32x4 variance = at_least(load(square + c) * per_row - offset * offset, splat(0));
    const f32x4 mean = load(x + c) + offset;
    store(n->mean + c, mean);
    store(n->inverse_deviation + c, splat(1) / square_root(variance + splat(EPSILON)));
    float *running = n->running_mean + c;
    store(running, load(running) + (mean - load(running)) * splat(momentum));
    running = n->running_variance + c;
    store(running, load(running) + (variance * unbiased - load(running)) * splat(momentum));
  }
}

static void running_statistics(const struct batch_norm *n) {
  for (int c = 0; c < n->channels; c += LANES) {
    store(n->mean + c, load(n->running_mean + c));
    store(n->inverse_deviation + c, splat(1) / square_root(load(n->running_variance + c) + splat(EPSILON)));
  }
}

INLINE void normalise_rows(int function, int vectors, const struct batch_norm *n, int count, int c,
                           const float *x, float *y) {
  f32x4 factor[FORWARD_VECTORS], offset[FORWARD_VECTORS];
  for (int v = 0; v < vectors; v++) {
    const int at = c + v * LANES;
    factor[v] = load(n->scale + at) * load(n->inverse_deviation + at);
    offset[v] = load(n->shift + at) - load(n->mean + at) * factor[v];
  }
  for (int row = 0; row < count; row++, x += n->channels, y += n->channels) {
    for (int v = 0; v < vectors; v++) {
      store(y + v * LANES, activate(function, load(x + v * LANES) * factor[v] + offset[v]));
    }
  }
}

INLINE void normalise(int function, const struct batch_norm *n, const float *x, float *y) {
  FOR_EACH_CHUNK(n->rows, n->channels, FORWARD_VECTORS, {
    const int at = first * n->channels + c;
    normalise_rows(function, VECTORS, n, count, c, x + at, y + at);
  })
}

// `momentum` is the weight of this batch in the running statistics.
EXPORT(batch_norm_forward)
void batch_norm_forward(const struct batch_norm *n, const float *x, float *y, int training, float momentum) {
  if (training) {
    batch_statistics(n, x, momentum);
  } else {
    running_statistics(n);
  }
  WITH_CONSTANT_ACTIVATION(n->function, normalise(FUNCTION, n, x, y))
}

// ---- backward -------------------------------------------------------------------------------------------
//
// With t = x - mean, dz the gradient behind the activation and sums over the rows:
//   d shift = sum dz,   d scale = inverse_deviation * sum dz t,
//   dx = scale * inverse_deviation * (dz - sum dz / rows - t * inverse_deviation^2 * sum dz t / rows)

struct channel_vectors {
  f32x4 mean[BACKWARD_VECTORS], factor[BACKWARD_VECTORS], shift[BACKWARD_VECTORS];
};

INLINE struct channel_vectors channels_at(int vectors, const struct batch_norm *n, int c) {
  struct channel_vectors at;
  for (int v = 0; v < vectors; v++, c += LANES) {
    at.mean[v] = load(n->mean + c);
    at.factor[v] = load(n->scale + c) * load(n->inverse_deviation + c);
    at.shift[v] = load(n->shift + c);
  }
  return at;
}

// Adds sum dz to the gradient of the shift and sum dz t to that of the scale. Where the activation is dear,
// leaves dz in `dx` for the second pass.
INLINE void add_gradient_sums(int function, int vectors, const struct batch_norm *n, int count, int c,
                              const float *x, const float *dy, float *dx) {
  const struct channel_vectors at = channels_at(vectors, n, c);
  f32x4 sum[BACKWARD_VECTORS], product[BACKWARD_VECTORS];
  for (int v = 0; v < vectors; v++) {
    sum[v] = product[v] = splat(0);
  }
  for (int row = 0; row < count; row++, x += n->channels, dy += n->channels, dx += n->channels) {
    for (int v = 0; v < vectors; v++) {
      const f32x4 t = load(x + v * LANES) - at.mean[v];
      const f32x4 dz = activate_backward(function, t * at.factor[v] + at.shift[v], load(dy + v * LANES));
      sum[v] += dz;
      product[v] += dz * t;
      if (is_dear(function)) store(dx + v * LANES, dz);
    }
  }
  for (int v = 0; v < vectors; v++) {
    float *shift = n->shift_gradient + c + v * LANES, *scale = n->scale_gradient + c + v * LANES;
    store(shift, load(shift) + sum[v]);
    store(scale, load(scale) + product[v]);
  }
}

INLINE void write_input_gradient(int function, int vectors, const struct batch_norm *n, int count, int c,
                                 const float *x, const float *dy, float *dx) {
  const struct channel_vectors at = channels_at(vectors, n, c);
  const f32x4 per_row = splat(1.0f / n->rows);
  f32x4 mean_dz[BACKWARD_VECTORS], slope[BACKWARD_VECTORS];
  for (int v = 0; v < vectors; v++) {
    const f32x4 inverse = load(n->inverse_deviation + c + v * LANES);
    mean_dz[v] = load(n->shift_gradient + c + v * LANES) * per_row;
    slope[v] = load(n->scale_gradient + c + v * LANES) * inverse * inverse * per_row;
  }
  for (int row = 0; row < count; row++, x += n->channels, dy += n->channels, dx += n->channels) {
    for (int v = 0; v < vectors; v++) {
      const f32x4 t = load(x + v * LANES) - at.mean[v];
      const f32x4 dz = is_dear(function)
                           ? load(dx + v * LANES)
                           : activate_backward(function, t * at.factor[v] + at.shift[v], load(dy + v * LANES));
      store(dx + v * LANES, (dz - mean_dz[v] - t * slope[v]) * at.factor[v]);
    }
  }
}

INLINE void backward(int function, const struct batch_norm *n, const float *x, const float *dy, float *dx) {
  FOR_EACH_CHUNK(n->rows, n->channels, BACKWARD_VECTORS, {
    const int at = first * n->channels + c;
    add_gradient_sums(function, VECTORS, n, count, c, x + at, dy + at, dx + at);
  })
  FOR_EACH_CHUNK(n->rows, n->channels, BACKWARD_VECTORS, {
    const int at = first * n->channels + c;
    write_input_gradient(function, VECTORS, n, count, c, x + at, dy + at, dx + at);
  })
}

// Through the batch's own statistics. `dx` may be `dy`.
EXPORT(batch_norm_backward)
void batch_norm_backward(const struct batch_norm *n, const float *x, const float *dy, float *dx) {
  clear(n->shift_gradient, n->channels);
  clear(n->scale_gradient, n->channels);
  WITH_CONSTANT_ACTIVATION(n->function, backward(FUNCTION, n, x, dy, dx))
  for (int c = 0; c < n->channels; c += LANES) {
    store(n->scale_gradient + c, load(n->scale_gradient + c) * load(n->inverse_deviation + c));
  }
}
