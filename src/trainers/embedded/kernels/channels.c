// Moving channels: rows are pixels, `stride` floats apart.
#include "simd.h"

// to [rows][count] (+)= from [rows][count]
EXPORT(copy_channels)
void copy_channels(int rows, int count, const float *from, int from_stride, float *to, int to_stride,
                   int accumulate) {
  for (int row = 0; row < rows; row++, from += from_stride, to += to_stride) {
    int c = 0;
    for (; c + LANES <= count; c += LANES) {
      store(to + c, accumulate ? load(to + c) + load(from + c) : load(from + c));
    }
    for (; c < count; c++) to[c] = accumulate ? to[c] + from[c] : from[c];
  }
}

// to[channel] = from[sources[channel]] in every row
EXPORT(permute_channels)
void permute_channels(int rows, int channels, int stride, const float *from, const int *sources, float *to) {
  for (int row = 0; row < rows; row++, from += stride, to += stride) {
    for (int c = 0; c < channels; c++) to[c] = from[sources[c]];
    for (int c = channels; c < stride; c++) to[c] = 0;
  }
}

// Zeroes the channels from `first` to the end of each row: the lanes that pad channels to a multiple of 4.
EXPORT(clear_channels)
void clear_channels(int rows, int first, int stride, float *to) {
  for (int row = 0; row < rows; row++, to += stride) {
    for (int c = first; c < stride; c++) to[c] = 0;
  }
}
